"""Paging over HTTP: parsing the requested page, and links to other pages."""

from typing import TypeVar
from urllib.parse import quote

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Context
from itwin_imodels_hub.api.queries import Query
from itwin_imodels_hub.rules.paging import Position, Window, previous_skip, read_token, scope_of, write_token
from itwin_imodels_hub.store.pages import Page

T = TypeVar("T")

PageLinks = dict[str, object]


def read_window(context: Context, query: Query, *, skip: bool = True, token: bool = True) -> Window:
    """Return the requested part of a list.

    Args:
        context: The request.
        query: Query of the request, whose other parameters must already have been read.
        skip: Whether the operation supports `$skip`.
        token: Whether the operation supports `$continuationToken`.
    """
    maximum = context.settings.page_maximum
    top = query.integer("$top", 1, f"an integer between 1 and {maximum}", maximum)
    top = top or min(context.settings.page_default, maximum)
    skipped = query.natural("$skip") if skip else None
    sent = query.text("$continuationToken") if token else None
    if skip and token:
        query.exclude("$skip", "$continuationToken")
    if skip and sent is None:
        return Window(top=top, skip=skipped or 0)
    return Window(top=top, skip=None, position=_position(context, query, sent) if sent else None)


def page_links(context: Context, query: Query, window: Window, page: Page[T]) -> PageLinks:
    """Return links to this page and its neighbors, at the origin of the request and with all filters."""
    if window.skip is not None:
        before = previous_skip(window)
        return {
            "self": _link(context, query, [("$skip", window.skip), ("$top", window.top)]),
            "prev": None if before is None else _link(context, query, [("$skip", before), ("$top", window.top)]),
            "next": _link(context, query, [("$skip", window.skip + window.top), ("$top", window.top)])
            if page.ends.after
            else None,
        }
    # The neighbors of an empty page begin with the item at its position, which is on no other page.
    empty = not page.items
    earlier, later = Position(page.first, backwards=True, inclusive=empty), Position(page.last, inclusive=empty)
    return {
        "self": _link(
            context, query, [("$continuationToken", query.text("$continuationToken") or ""), ("$top", window.top)]
        ),
        "prev": _at(context, query, window, earlier) if page.ends.before else None,
        "next": _at(context, query, window, later) if page.ends.after else None,
    }


def single_page_links(context: Context, query: Query, top: int) -> PageLinks:
    """Return links for a list that consists of a single page."""
    return {"self": _link(context, query, [("$top", top)]), "prev": None, "next": None}


def _position(context: Context, query: Query, sent: str) -> Position | None:
    position = read_token(sent, scope=_scope(context, query), key=context.services.key)
    if position is None:
        query.problems.append(errors.bad_parameter("$continuationToken", sent))
    return position


def _at(context: Context, query: Query, window: Window, position: Position) -> PageLinks:
    token = write_token(position, scope=_scope(context, query), key=context.services.key)
    return _link(context, query, [("$continuationToken", token), ("$top", window.top)])


def _scope(context: Context, query: Query) -> str:
    return scope_of([context.request.operation_id, sorted(context.request.path.items()), sorted(query.filters)])


def _link(context: Context, query: Query, paging: list[tuple[str, object]]) -> PageLinks:
    pairs = [*query.filters, *paging]
    text = "&".join(f"{quote(name, safe='$')}={quote(str(value), safe='')}" for name, value in pairs)
    return {"href": f"{context.list_address}?{text}"}
