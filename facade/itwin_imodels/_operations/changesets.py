"""Changesets, their extended data and their groups."""

import base64
import json
from collections.abc import Mapping, Sequence
from operator import attrgetter

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Call, without_none
from itwin_imodels._operations.changeset_readers import (
    confirmed_changeset,
    created_changeset,
    full_changeset,
    full_changesets,
    minimal_changeset,
    minimal_changesets,
)
from itwin_imodels._operations.common import (
    Detail,
    Listed,
    entity_description,
    entity_reader,
    of_changeset,
    page_reader,
    prefer_header,
)
from itwin_imodels._operations.fields import Fields
from itwin_imodels._operations.json_body import parse_json
from itwin_imodels._operations.pages import in_order
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import (
    Changeset,
    ChangesetExtendedData,
    ChangesetGroup,
    ChangesetGroupState,
    ChangesetState,
    ContainingChanges,
    CreatedChangeset,
    SynchronizationInfo,
)

_GROUP = frozenset({"id", "state", "description", "creatorId", "createdDateTime", "_links"})
_EXTENDED_DATA = frozenset({"changesetId", "changesetIndex", "data", "_links"})
_MAX_DATA_SIZE = 204_800


def list_changesets(
    imodel_id: str,
    *,
    after_index: int | None,
    last_index: int | None,
    order_by: str | Sequence[str] | None,
    detail: Detail,
    top: int | None,
) -> Call[Listed]:
    """Get iModel Changesets."""
    full = detail == "full"
    read, read_all = (full_changeset, full_changesets) if full else (minimal_changeset, minimal_changesets)
    order = _order(order_by)
    return Call(
        name="changesets.list",
        endpoint="changesets.get_imodel_changesets",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(
            after_index=_optional_index("after_index", after_index),
            last_index=_optional_index("last_index", last_index),
            order_by=order,
            prefer=prefer_header(detail),
            top=top,
        ),
        read=in_order(
            page_reader(
                "changesets",
                lambda fields: read(fields, imodel_id),
                read_all=lambda data: read_all(data, imodel_id),
            ),
            attrgetter("index"),
            after=after_index,
            last=last_index,
            descending=is_descending(order_by),
        ),
    )


def is_descending(order_by: str | Sequence[str] | None) -> bool:
    """Return whether a list of changesets in this order starts with the highest index."""
    return (_order(order_by) or "").partition(",")[0].endswith("desc")


def _order(order_by: str | Sequence[str] | None) -> str | None:
    return checks.order_by(order_by or "index", ("index",))


def get(imodel_id: str, changeset: str | int) -> Call[Changeset]:
    """Get iModel Changeset Details."""
    return Call(
        name="changesets.get",
        endpoint="changesets.get_imodel_changeset_details",
        entity=entity_description(checks.identifier("imodel_id", imodel_id), changeset=checks.changeset(changeset)),
        path=(imodel_id, _segment(changeset)),
        read=entity_reader("changeset", lambda fields: full_changeset(fields, imodel_id), **of_changeset(changeset)),
    )


def create(
    imodel_id: str,
    *,
    changeset_id: str,
    parent_id: str | None,
    briefcase_id: int,
    file_size: int,
    description: str | None,
    containing_changes: ContainingChanges | int | None,
    synchronization_info: SynchronizationInfo | None,
    group_id: str | None,
) -> Call[CreatedChangeset]:
    """Create iModel Changeset."""
    body = without_none(
        id=checks.changeset_id("changeset_id", changeset_id),
        parentId=checks.optional_changeset_id("parent_id", parent_id),
        briefcaseId=checks.briefcase_id(briefcase_id),
        fileSize=checks.whole_number("file_size", file_size, minimum=1),
        description=checks.description(description),
        containingChanges=None if containing_changes is None else _changes(containing_changes),
        synchronizationInfo=None if synchronization_info is None else _synchronization_body(synchronization_info),
        groupId=None if group_id is None else checks.identifier("group_id", group_id),
    )
    return Call(
        name="changesets.create",
        endpoint="changesets.create_imodel_changeset",
        entity=entity_description(
            checks.identifier("imodel_id", imodel_id), briefcase=briefcase_id, changeset=changeset_id
        ),
        path=(imodel_id,),
        body=body,
        read=entity_reader(
            "changeset", lambda fields: created_changeset(fields, imodel_id), id=changeset_id, briefcase_id=briefcase_id
        ),
    )


def confirm(imodel_id: str, changeset: str, *, briefcase_id: int) -> Call[Changeset]:
    """Update iModel Changeset."""
    changeset_id = checks.changeset_id("changeset", changeset)
    body = {"state": ChangesetState.FILE_UPLOADED.value, "briefcaseId": checks.briefcase_id(briefcase_id)}
    return Call(
        name="changesets.confirm",
        endpoint="changesets.update_imodel_changeset",
        entity=entity_description(
            checks.identifier("imodel_id", imodel_id), briefcase=briefcase_id, changeset=changeset_id
        ),
        path=(imodel_id, changeset_id),
        body=body,
        read=entity_reader(
            "changeset",
            lambda fields: confirmed_changeset(fields, imodel_id),
            id=changeset_id,
            briefcase_id=briefcase_id,
        ),
    )


def list_extended_data(imodel_id: str, *, top: int | None) -> Call[Listed]:
    """Get iModel Changesets Extended Data."""
    return Call(
        name="changeset_extended_data.list",
        endpoint="changesets.get_imodel_changesets_extended_data",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(top=top),
        read=page_reader("extendedData", lambda fields: _extended_data(fields, imodel_id)),
    )


def get_extended_data(imodel_id: str, changeset: str | int) -> Call[ChangesetExtendedData]:
    """Get iModel Changeset Extended Data Details."""
    return Call(
        name="changeset_extended_data.get",
        endpoint="changesets.get_imodel_changeset_extended_data_details",
        entity=entity_description(checks.identifier("imodel_id", imodel_id), changeset=checks.changeset(changeset)),
        path=(imodel_id, _segment(changeset)),
        read=entity_reader(
            "extendedData", lambda fields: _extended_data(fields, imodel_id), **of_changeset(changeset, "changeset_")
        ),
    )


def create_extended_data(
    imodel_id: str, changeset: str | int, data: Mapping[str, object]
) -> Call[ChangesetExtendedData]:
    """Create iModel Changeset Extended Data."""
    return Call(
        name="changeset_extended_data.create",
        endpoint="changesets.create_imodel_changeset_extended_data",
        entity=entity_description(checks.identifier("imodel_id", imodel_id), changeset=checks.changeset(changeset)),
        path=(imodel_id, _segment(changeset)),
        body={"data": encoded(data)},
        advice="check with client.changeset_extended_data.get()",
        read=entity_reader(
            "extendedData", lambda fields: _extended_data(fields, imodel_id), **of_changeset(changeset, "changeset_")
        ),
    )


def list_groups(imodel_id: str, *, top: int | None) -> Call[Listed]:
    """Get iModel Changeset Groups."""
    return Call(
        name="changeset_groups.list",
        endpoint="changeset_groups.get_imodel_changeset_groups",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(top=top),
        read=page_reader("changesetGroups", lambda fields: _group(fields, imodel_id)),
    )


def get_group(imodel_id: str, group_id: str) -> Call[ChangesetGroup]:
    """Get iModel Changeset Group Details."""
    return Call(
        name="changeset_groups.get",
        endpoint="changeset_groups.get_imodel_changeset_group_details",
        entity=_about_group(imodel_id, group_id),
        path=(imodel_id, group_id),
        read=entity_reader("changesetGroup", lambda fields: _group(fields, imodel_id), id=group_id),
    )


def create_group(imodel_id: str, *, description: str | None) -> Call[ChangesetGroup]:
    """Create iModel Changeset Group."""
    return Call(
        name="changeset_groups.create",
        endpoint="changeset_groups.create_imodel_changeset_group",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=without_none(description=checks.description(description)),
        advice="find it with client.changeset_groups.list(), and use or close it",
        read=entity_reader("changesetGroup", lambda fields: _group(fields, imodel_id)),
    )


def close_group(imodel_id: str, group_id: str) -> Call[ChangesetGroup]:
    """Update iModel Changeset Group."""
    return Call(
        name="changeset_groups.close",
        endpoint="changeset_groups.update_imodel_changeset_group",
        entity=_about_group(imodel_id, group_id),
        path=(imodel_id, group_id),
        body={"state": ChangesetGroupState.COMPLETED.value},
        advice="check its state with client.changeset_groups.get()",
        read=entity_reader("changesetGroup", lambda fields: _group(fields, imodel_id), id=group_id),
    )


def encoded(data: Mapping[str, object]) -> str:
    """Encode extended data in the service's form: a JSON object as base64.

    Raises:
        TypeError: The data is not a mapping, or not JSON-serializable.
        ValueError: The data is larger than 204,800 bytes as JSON.
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"data must be a mapping, not {type(data).__name__}")
    try:
        content = json.dumps(dict(data), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise TypeError(f"data is not JSON-serializable: {error}") from error
    if len(content) > _MAX_DATA_SIZE:
        raise ValueError(f"data has {len(content)} bytes as JSON; at most {_MAX_DATA_SIZE} are allowed")
    return base64.b64encode(content).decode("ascii")


def _about_group(imodel_id: str, group_id: str) -> str:
    return entity_description(
        checks.identifier("imodel_id", imodel_id), changeset_group=checks.identifier("group_id", group_id)
    )


def _segment(changeset: str | int) -> str:
    return str(checks.changeset(changeset))


def _optional_index(name: str, value: int | None) -> int | None:
    return None if value is None else checks.whole_number(name, value, minimum=0)


def _changes(value: int) -> int:
    return checks.whole_number("containing_changes", int(value), minimum=0, maximum=sum(ContainingChanges))


def _synchronization_body(info: SynchronizationInfo) -> dict[str, object]:
    files = None if info.changed_files is None else list(info.changed_files)
    return without_none(taskId=info.task_id, changedFiles=files)


def _group(fields: Fields, imodel_id: str) -> ChangesetGroup:
    return ChangesetGroup(
        imodel_id=imodel_id,
        id=fields.text("id"),
        state=fields.known("state", ChangesetGroupState),
        description=fields.optional_text("description"),
        creator_id=fields.id_text("creatorId"),
        created_date_time=fields.time("createdDateTime"),
        extra=fields.new_to(_GROUP),
    )


def _extended_data(fields: Fields, imodel_id: str) -> ChangesetExtendedData:
    return ChangesetExtendedData(
        imodel_id=imodel_id,
        changeset_id=fields.text("changesetId"),
        changeset_index=fields.number("changesetIndex"),
        data=_decoded(fields.text("data")),
        extra=fields.new_to(_EXTENDED_DATA),
    )


def _decoded(text: str) -> Mapping[str, object]:
    """Decode extended data, whose base64 may contain line breaks: many tools write them."""
    try:
        data = parse_json(base64.b64decode("".join(text.split()), validate=True))
    except ValueError as error:
        raise UnexpectedResponse("data is not base64-encoded JSON") from error
    if not isinstance(data, dict):
        raise UnexpectedResponse("data is not a JSON object")
    return data
