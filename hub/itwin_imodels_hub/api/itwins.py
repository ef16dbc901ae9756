"""A minimal iTwins API: list, create and read. Bodies contain only what clients of iModels use.

`GET /itwins?displayName=` returns `{"iTwins": [iTwin…]}` with the iTwins in which the caller has any permission; the
optional `displayName` must match exactly. `POST /itwins` accepts `displayName` and optionally `number`, `class`,
`subClass`, `type` and `dataCenterLocation`, ignores other members, and returns 201 with `{"iTwin": iTwin}`. The creator
of an iTwin is its first owner; the iTwin belongs to the creator's organization.
"""

from typing import Final

from itwin_imodels_hub.api.access import open_itwin
from itwin_imodels_hub.api.context import Answer, Context
from itwin_imodels_hub.api.operations import Handler, Operation, segments_of
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.texts import storable
from itwin_imodels_hub.rules.times import write_time
from itwin_imodels_hub.store.itwins import add_owned_itwin, all_itwins, permissions_in
from itwin_imodels_hub.store.records import ITwinRecord


def get_list(context: Context) -> Answer:
    """List iTwins."""
    with context.query(strict=False) as query:
        name = query.text("displayName")
    found = all_itwins(context.connection, name) if name is None or storable(name) else []
    seen = [_body(itwin) for itwin in found if permissions_in(context.connection, itwin.id, context.user)]
    return Answer(json={"iTwins": seen})


def get_details(context: Context) -> Answer:
    """Get an iTwin."""
    itwin_id = parse_uuid(context.call.path["id"]) or ""
    return Answer(json={"iTwin": _body(open_itwin(context, itwin_id).itwin)})


def create(context: Context) -> Answer:
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
            created_at=context.now,
            creator_id=context.user.id,
            organization=context.user.organization,
        )
    add_owned_itwin(context.connection, itwin)
    return Answer(status=201, json={"iTwin": _body(itwin)})


def _body(itwin: ITwinRecord) -> dict[str, object]:
    return {
        "id": itwin.id,
        "class": itwin.class_name,
        "subClass": itwin.sub_class,
        "type": itwin.type_name,
        "number": itwin.number,
        "displayName": itwin.display_name,
        "dataCenterLocation": itwin.data_center_location,
        "status": "Active",
        "createdDateTime": write_time(itwin.created_at),
        "createdBy": itwin.creator_id,
    }


def _operation(slug: str, call: str, handler: Handler, problem: str = "") -> Operation:
    method, path = call.split()
    return Operation(
        id=slug,
        method=method,
        path=segments_of(path),
        handler=handler,
        problem=problem,
        invalid="InvalidiTwinsRequest",
        writes=method != "GET",
    )


OPERATIONS: Final = (
    _operation("get-itwins", "GET /", get_list, "Cannot get iTwins."),
    _operation("create-itwin", "POST /", create, "Cannot create iTwin."),
    _operation("get-itwin", "GET /{id}", get_details),
)
