"""A minimal iTwins API: list, create and read. Bodies contain only what clients of iModels use.

`GET /itwins` returns `{"iTwins": [iTwin…], "_links": {…}}` with the iTwins in which the caller has any permission, in
pages, minimal or full depending on `Prefer`. `displayName` and `number` must match exactly; `$search` matches a part of
either, ignoring case; `subClass` contains one or several subclasses; `type` and `status` must match, too. All iTwins of
a hub are active and have no parent or account, so `includeInactive` has no effect, and no iTwin matches a `parentId` or
`iTwinAccountId`. `$orderby` sorts, by default by the time of creation. `$select` replaces the representation by the
named properties; those that iTwins of a hub lack are omitted. Other parameters, such as `$filter`, are rejected. `POST
/itwins` accepts `displayName` and optionally `number`, `class`, `subClass`, `type` and `dataCenterLocation`, ignores
other members, and returns 201 with `{"iTwin": iTwin}`. The creator of an iTwin is its first owner; the iTwin belongs to
the creator's organization.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Final

from itwin_imodels_hub.api.access import open_itwin
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.operations import operation_of
from itwin_imodels_hub.api.page_links import page_links, read_window
from itwin_imodels_hub.api.queries import Query
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.paging import ends_of
from itwin_imodels_hub.rules.times import write_time
from itwin_imodels_hub.store.itwins import add_owned_itwin, all_itwins, creation_time, permissions_in
from itwin_imodels_hub.store.pages import Page
from itwin_imodels_hub.store.records import ITwinRecord

_STATUS: Final = "Active"
_SORTABLE: Final = ("displayName", "number", "class", "subClass", "type", "status", "createdDateTime", "id")


def get_list(context: Context) -> ApiResponse:
    """List iTwins."""
    with context.query() as query:
        matches = _filter(query)
        order = query.order(_SORTABLE, several=True, parameter="$orderby")
        selected = query.text("$select")
        window = read_window(context, query, token=False)
    itwins = filter(matches, all_itwins(context.connection))
    visible = [itwin for itwin in itwins if permissions_in(context.connection, itwin.id, context.user)]
    for by in reversed(order):
        visible.sort(key=lambda itwin: str(_body(itwin)[by.name] or "").casefold(), reverse=by.descending)
    items = visible[window.skip or 0 :][: window.top + 1]
    page = Page(items[: window.top], ends_of(window, len(items)), (), ())
    write = _body if context.prefers_full else _summary
    if selected is not None:
        write = partial(_selection, [name.strip() for name in selected.split(",")])
    links = page_links(context, query, window, page)
    return ApiResponse(json={"iTwins": [write(itwin) for itwin in page.items], "_links": links})


def get_details(context: Context) -> ApiResponse:
    """Get an iTwin."""
    itwin_id = parse_uuid(context.request.path["id"]) or ""
    return ApiResponse(json={"iTwin": _body(open_itwin(context, itwin_id).itwin)})


def create(context: Context) -> ApiResponse:
    """Create an iTwin."""
    with context.fields(strict=False) as fields:
        itwin_id = context.services.ids.new()
        itwin = ITwinRecord(
            id=itwin_id,
            display_name=fields.required_text("displayName"),
            number=fields.text("number") or itwin_id,
            class_name=fields.text("class") or "Endeavor",
            sub_class=fields.text("subClass") or "Project",
            type_name=fields.text("type"),
            data_center_location=fields.text("dataCenterLocation") or context.settings.data_center_location,
            created_at=creation_time(context.connection, context.now),
            creator_id=context.user.id,
            organization=context.user.organization,
        )
    add_owned_itwin(context.connection, itwin)
    return ApiResponse(status=201, json={"iTwin": _body(itwin)})


def _filter(query: Query) -> Callable[[ITwinRecord], bool]:
    """Read the filters of the list."""
    name, number, search = query.text("displayName"), query.text("number"), query.words("$search")
    for exact in ("displayName", "number"):
        query.exclude("$search", exact)
    kinds, type_name, status = query.text("subClass"), query.text("type"), query.text("status")
    query.text("includeInactive")
    query.exclude("status", "includeInactive")
    below_another = query.text("parentId") is not None or query.text("iTwinAccountId") is not None
    part = (search or "").casefold()

    def matches(itwin: ITwinRecord) -> bool:
        return (
            name in {None, itwin.display_name}
            and number in {None, itwin.number}
            and (part in itwin.display_name.casefold() or part in itwin.number.casefold())
            and (kinds is None or itwin.sub_class in kinds.split(","))
            and type_name in {None, itwin.type_name}
            and status in {None, _STATUS}
            and not below_another
        )

    return matches


def _summary(itwin: ITwinRecord) -> dict[str, object]:
    return {
        "id": itwin.id,
        "class": itwin.class_name,
        "subClass": itwin.sub_class,
        "type": itwin.type_name,
        "number": itwin.number,
        "displayName": itwin.display_name,
    }


def _body(itwin: ITwinRecord) -> dict[str, object]:
    return {
        **_summary(itwin),
        "dataCenterLocation": itwin.data_center_location,
        "status": _STATUS,
        "createdDateTime": write_time(itwin.created_at),
        "createdBy": itwin.creator_id,
    }


def _selection(names: Collection[str], itwin: ITwinRecord) -> dict[str, object]:
    return {name: value for name, value in _body(itwin).items() if name in names}


_operation = partial(operation_of, error_code="InvalidiTwinsRequest")

OPERATIONS: Final = (
    _operation("get-itwins", "GET /", get_list, "Cannot get iTwins."),
    _operation("create-itwin", "POST /", create, "Cannot create iTwin."),
    _operation("get-itwin", "GET /{id}", get_details),
)
