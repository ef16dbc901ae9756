"""What several resources have in common: paging, what entities are called in errors, shared readers."""

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar
from urllib.parse import unquote

import attrs

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Answer, given
from itwin_imodels._operations.fields import Fields
from itwin_imodels.models import Application

T = TypeVar("T")
Detail = Literal["minimal", "full"]

_PREFER: Mapping[str, str] = {"minimal": "return=minimal", "full": "return=representation"}


@attrs.frozen(kw_only=True)
class Listed:
    """One page as it is on the wire.

    Attributes:
        items: Its entities.
        next_link: The address of the next page; None on the last one.
        content: A number that is the same for pages of the same entities.
        positions: Where in the list its first and its last entity are, as numbers that increase; None if unknown.
    """

    items: tuple[object, ...]
    next_link: str | None
    content: int = 0
    positions: tuple[int, int] | None = None


def listed(key: str, read: Callable[[Fields], T], *, has_links: bool = True) -> Callable[[Answer], Listed]:
    """Make the reader of a page.

    Args:
        key: The member that lists the entities.
        read: Reads an entity.
        has_links: Whether each page has links, of which that to the next page is null on the last one.
    """

    def read_page(answer: Answer) -> Listed:
        fields = Fields.of(answer)
        entities = list(fields.items(key))
        if has_links:
            fields.inside("_links")
        return Listed(
            items=tuple(read(each) for each in entities),
            next_link=fields.link("next"),
            content=hash(tuple(each.identity() for each in entities)),
        )

    return read_page


def single(key: str, read: Callable[[Fields], T]) -> Callable[[Answer], T]:
    """Make the reader of an answer with one entity under a key."""

    def read_one(answer: Answer) -> T:
        return read(Fields.of(answer).inside(key))

    return read_one


def prefer(detail: Detail) -> str:
    """Say in the service's words how much of each entity a list shall hold."""
    if detail not in _PREFER:
        raise ValueError(f"detail must be 'minimal' or 'full', not {detail!r}")
    return _PREFER[detail]


def sought(name: str | None, search: str | None) -> dict[str, object]:
    """Check by what a list is filtered: the whole name, a part of it, or neither."""
    if name is not None and search is not None:
        raise ValueError("name and search exclude each other: one is the whole name, the other a part of it")
    return given(
        name=None if name is None else checks.text("name", name),
        search=None if search is None else checks.text("search", search),
    )


def about(imodel_id: str | None = None, **parts: object) -> str:
    """Name what a call is about, for error texts."""
    named = {"iModel": imodel_id, **{name.replace("_", " "): value for name, value in parts.items()}}
    return ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)


def application(fields: Fields) -> Application:
    """Read an application."""
    return Application(id=fields.text("id"), name=fields.optional_text("name"))


def after(href: str | None, collection: str) -> str | None:
    """Take the id out of an address such as `…/users/<id>`, whatever stands before and after."""
    path = (href or "").partition("?")[0].partition("#")[0]
    mark = f"/{collection}/"
    position = path.lower().find(mark)
    return None if position < 0 else unquote(path[position + len(mark) :].partition("/")[0]) or None
