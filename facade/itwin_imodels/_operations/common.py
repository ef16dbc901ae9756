"""Parts shared by several resources: readers, names of entities in errors, filters for lists."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

import attrs

from itwin_imodels._core import checks
from itwin_imodels._operations.call import ServiceResponse, without_none
from itwin_imodels._operations.fields import Fields
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import Application

T = TypeVar("T")
Detail = Literal["minimal", "full"]

_PREFER: Mapping[str, str] = {"minimal": "return=minimal", "full": "return=representation"}


@attrs.frozen(kw_only=True)
class Listed:
    """One page of a list as the service returned it.

    Attributes:
        items: Its entities.
        next_link: URL of the next page; None on the last page. Omitted from `repr`, since it may contain a signature.
        content: Hash of its entities; equal for pages with the same entities.
        positions: Indexes of its first and last entity, negated in a descending list so that they always increase; None
            if unknown.
    """

    items: tuple[object, ...]
    next_link: str | None = attrs.field(repr=False)
    content: int = 0
    positions: tuple[int, int] | None = None


def page_reader(
    key: str,
    read: Callable[[Fields], T],
    *,
    read_all: Callable[[list[Any]], Sequence[T] | None] | None = None,
    has_links: bool = True,
    **requested: object,
) -> Callable[[ServiceResponse], Listed]:
    """Return a reader of pages.

    Args:
        key: The member that contains the entities.
        read: Reads one entity.
        read_all: Reads many entities faster, given their JSON; returns None if `read` must read them. It must not
            accept floats, which can be inexact; see `Fields.of_large`.
        has_links: Whether each page must contain links; the link to the next page is null on the last page.
        requested: Attributes by which the list is filtered, such as `name`; None means no filter.
    """
    filters = without_none(**requested)

    def page_at_once(fields: Fields) -> Listed | None:
        data: Any = fields.data.get(key)
        items = read_all(data) if read_all is not None and type(data) is list else None
        return None if items is None else page(fields, items, [hash(each["id"]) for each in data])

    def page_one_by_one(fields: Fields) -> Listed:
        entities = list(fields.items(key))
        return page(fields, [read(each) for each in entities], [each.identity() for each in entities])

    def page(fields: Fields, items: Sequence[T], content: list[int]) -> Listed:
        if has_links:
            fields.inside("_links")
        if filters:
            for number, item in enumerate(items):
                check_requested(f"{key}[{number}]", item, filters)
        return Listed(items=tuple(items), next_link=fields.link("next"), content=hash(tuple(content)))

    def read_page(answer: ServiceResponse) -> Listed:
        large = None if read_all is None else Fields.of_large(answer)
        if large is not None:
            with suppress(UnexpectedResponse):  # the error must describe the exact values, which `of` reads
                if (result := page_at_once(large)) is not None:
                    return result
        fields = Fields.of(answer)
        return page_at_once(fields) or page_one_by_one(fields)

    return read_page


def entity_reader(key: str, read: Callable[[Fields], T], **requested: object) -> Callable[[ServiceResponse], T]:
    """Return a reader of responses that contain one entity under a key.

    Args:
        key: The member that contains the entity.
        read: Reads the entity.
        requested: Attributes that the entity must have to be the requested one, such as `id`.
    """

    def read_one(answer: ServiceResponse) -> T:
        entity = read(Fields.of(answer).inside(key))
        check_requested(key, entity, requested)
        return entity

    return read_one


def check_requested(place: str, entity: object, requested: Mapping[str, object]) -> None:
    """Check that an entity of a response is the requested one.

    Raises:
        UnexpectedResponse: It is a different entity, perhaps sent by a cache or a proxy.
    """
    for name, value in requested.items():
        actual = getattr(entity, name)
        if _comparable(actual) != _comparable(value):
            raise UnexpectedResponse(f"{place} is not the requested entity: {name} is {actual}, not {value}")


def _comparable(value: object) -> str:
    """Return a string without the differences that databases ignore when they compare strings."""
    return unicodedata.normalize("NFKC", str(value)).strip().casefold()


def of_changeset(changeset: str | int, prefix: str = "") -> dict[str, object]:
    """Return the attribute that identifies a changeset requested by its id or its index."""
    return {f"{prefix}{'index' if isinstance(changeset, int) else 'id'}": changeset}


def prefer_header(detail: Detail) -> str:
    """Return the `Prefer` header for the requested detail of entities."""
    if detail not in _PREFER:
        raise ValueError(f"detail must be 'minimal' or 'full', not {detail!r}")
    return _PREFER[detail]


def search_parameters(name: str | None, search: str | None) -> dict[str, object]:
    """Return the filter of a list by exact name, by search string, or by neither."""
    if name is not None and search is not None:
        raise ValueError(
            "name and search are mutually exclusive: "
            "name is the whole name, search matches part of the name or description"
        )
    return without_none(
        name=None if name is None else checks.text("name", name),
        search=None if search is None else checks.text("search", search),
    )


def entity_description(imodel_id: str | None = None, **parts: object) -> str:
    """Return a description of the entity that a call concerns, for error messages."""
    named = {"iModel": imodel_id, **{name.replace("_", " "): value for name, value in parts.items()}}
    return ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)


def application(fields: Fields) -> Application:
    """Read an application."""
    return Application(id=fields.text("id"), name=fields.optional_text("name"))


def id_in_link(href: str | None, collection: str) -> str | None:
    """Return the id after a collection in a URL, such as `…/users/<id>/…`; None if there is none."""
    path = (href or "").partition("?")[0].partition("#")[0]
    mark = f"/{collection}/"
    position = path.lower().find(mark)
    return None if position < 0 else unquote(path[position + len(mark) :].partition("/")[0]) or None
