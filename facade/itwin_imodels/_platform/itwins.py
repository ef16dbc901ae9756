"""Calls to the iTwins API."""

from itwin_imodels._core import checks
from itwin_imodels._operations.call import without_none
from itwin_imodels._operations.common import Listed, entity_description, entity_reader, page_reader
from itwin_imodels._operations.fields import Fields
from itwin_imodels._platform.call import PlatformCall
from itwin_imodels.models import ITwin

_API = "/itwins"
_HEADERS = {
    "Accept": "application/vnd.bentley.itwin-platform.v1+json",
    "Prefer": "return=representation",
    "X-Max-Return": "10000",  # the maximum; by default, paging ends after 1000
}
_KNOWN = frozenset(
    {
        "id",
        "class",
        "subClass",
        "type",
        "number",
        "displayName",
        "status",
        "parentId",
        "iTwinAccountId",
        "dataCenterLocation",
        "geographicLocation",
        "ianaTimeZone",
        "createdDateTime",
        "createdBy",
    }
)


def list_itwins(
    *, name: str | None, search: str | None, sub_class: str | None, include_inactive: bool, top: int
) -> PlatformCall[Listed]:
    """List the iTwins of the caller."""
    if name is not None and search is not None:
        raise ValueError(
            "name and search are mutually exclusive: name is the whole name, search matches part of the name or number"
        )
    query = without_none(
        displayName=None if name is None else checks.text("name", name),
        subClass=None if sub_class is None else checks.text("sub_class", sub_class),
        includeInactive="true" if include_inactive else None,
    )
    if search is not None:
        query["$search"] = checks.text("search", search)
    return PlatformCall(
        name="itwins.list",
        api=_API,
        entity=entity_description(iTwin=name),
        query={**{key: str(value) for key, value in query.items()}, "$top": str(top)},
        headers=_HEADERS,
        read=page_reader("iTwins", _itwin, display_name=name),
    )


def get_itwin(itwin_id: str) -> PlatformCall[ITwin]:
    """Get an iTwin."""
    return PlatformCall(
        name="itwins.get",
        api=_API,
        entity=entity_description(iTwin=checks.identifier("itwin_id", itwin_id)),
        path=(itwin_id,),
        headers=_HEADERS,
        read=entity_reader("iTwin", _itwin, id=itwin_id),
    )


def _itwin(fields: Fields) -> ITwin:
    return ITwin(
        id=fields.text("id"),
        display_name=fields.text("displayName"),
        number=fields.optional_text("number"),
        class_name=fields.text("class"),
        sub_class=fields.text("subClass"),
        type=fields.optional_text("type"),
        status=fields.optional_text("status"),
        parent_id=fields.id_text("parentId"),
        itwin_account_id=fields.id_text("iTwinAccountId"),
        data_center_location=fields.optional_text("dataCenterLocation"),
        geographic_location=fields.optional_text("geographicLocation"),
        iana_time_zone=fields.optional_text("ianaTimeZone"),
        created_date_time=fields.optional_time("createdDateTime"),
        created_by=fields.id_text("createdBy"),
        extra=fields.new_to(_KNOWN),
    )
