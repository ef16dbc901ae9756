"""Briefcases and their locks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Call, ServiceResponse, read_no_content, without_none
from itwin_imodels._operations.common import (
    Detail,
    Listed,
    application,
    entity_description,
    entity_reader,
    page_reader,
    prefer_header,
)
from itwin_imodels._operations.fields import Fields
from itwin_imodels.models import Briefcase, Lock, LockLevel, MinimalBriefcase, ReleasedLocks

_MINIMAL = frozenset({"id", "displayName", "_links"})
_FULL = _MINIMAL | {"briefcaseId", "ownerId", "acquiredDateTime", "fileSize", "deviceName", "application"}


def list_briefcases(
    imodel_id: str, *, owner_id: str | None, order_by: str | Sequence[str] | None, detail: Detail, top: int | None
) -> Call[Listed]:
    """Get iModel Briefcases."""
    read = _full if detail == "full" else _minimal
    return Call(
        name="briefcases.list",
        endpoint="briefcases.get_imodel_briefcases",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(
            owner_id=None if owner_id is None else checks.identifier("owner_id", owner_id),
            order_by=checks.order_by(order_by, ("acquired_date_time",)),
            prefer=prefer_header(detail),
            top=top,
        ),
        read=page_reader("briefcases", lambda fields: read(fields, imodel_id)),
    )


def get(imodel_id: str, briefcase_id: int) -> Call[Briefcase]:
    """Get iModel Briefcase Details."""
    return Call(
        name="briefcases.get",
        endpoint="briefcases.get_imodel_briefcase_details",
        entity=_about(imodel_id, briefcase_id),
        path=(imodel_id, str(briefcase_id)),
        read=entity_reader("briefcase", lambda fields: _full(fields, imodel_id), briefcase_id=briefcase_id),
    )


def acquire(imodel_id: str, *, device_name: str | None) -> Call[Briefcase]:
    """Acquire iModel Briefcase."""
    name = None if device_name is None else checks.text("device_name", device_name, blank=True)
    return Call(
        name="briefcases.acquire",
        endpoint="briefcases.acquire_imodel_briefcase",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=without_none(deviceName=name),
        advice="find it with client.briefcases.list(imodel_id, owner_id='me'), and use or release it",
        read=entity_reader("briefcase", lambda fields: _full(fields, imodel_id)),
    )


def release(imodel_id: str, briefcase_id: int) -> Call[None]:
    """Release iModel Briefcase."""
    return Call(
        name="briefcases.release",
        endpoint="briefcases.release_imodel_briefcase",
        entity=_about(imodel_id, briefcase_id),
        path=(imodel_id, str(briefcase_id)),
        read=read_no_content,
    )


def list_locks(
    imodel_id: str, *, briefcase_id: int | None, level: LockLevel | str | None, top: int | None
) -> Call[Listed]:
    """Get iModel Locks."""
    return Call(
        name="locks.list",
        endpoint="locks.get_imodel_locks",
        entity=entity_description(checks.identifier("imodel_id", imodel_id), briefcase=briefcase_id),
        path=(imodel_id,),
        arguments=without_none(
            briefcase_id=None if briefcase_id is None else checks.briefcase_id(briefcase_id),
            lock_level=None
            if level is None
            else checks.choice("level", level, (LockLevel.SHARED.value, LockLevel.EXCLUSIVE.value)),
            top=top,
        ),
        read=page_reader("locks", lambda fields: _lock(fields, imodel_id), briefcase_id=briefcase_id),
    )


def update_locks(
    imodel_id: str, briefcase_id: int, levels: Mapping[LockLevel, Iterable[str]], *, changeset_id: str | None
) -> Call[Lock]:
    """Update iModel Locks."""
    objects: list[dict[str, object]] = [
        {"lockLevel": level.value, "objectIds": list(ids)} for level, ids in levels.items() if ids
    ]
    body = without_none(
        briefcaseId=checks.briefcase_id(briefcase_id),
        changesetId=checks.optional_changeset_id("changeset_id", changeset_id),
        lockedObjects=objects,
    )
    return Call(
        name="locks.update",
        endpoint="locks.update_imodel_locks",
        entity=_about(imodel_id, briefcase_id),
        path=(imodel_id,),
        body=body,
        is_idempotent=LockLevel.NONE not in levels,
        read=entity_reader("lock", lambda fields: _lock(fields, imodel_id), briefcase_id=briefcase_id),
    )


def release_locks_chunk(imodel_id: str, briefcase_id: int, *, changeset_id: str | None) -> Call[bool]:
    """Release iModel Locks Chunk."""
    body = without_none(
        briefcaseId=checks.briefcase_id(briefcase_id),
        changesetId=checks.optional_changeset_id("changeset_id", changeset_id),
    )
    return Call(
        name="locks.release_chunk",
        endpoint="locks.release_imodel_locks_chunk",
        entity=_about(imodel_id, briefcase_id),
        path=(imodel_id,),
        body=body,
        read=_is_last_chunk,
    )


def list_released_locks(imodel_id: str, *, after_changeset_index: int, top: int | None) -> Call[Listed]:
    """Get iModel Released Locks."""
    index = checks.whole_number("after_changeset_index", after_changeset_index, minimum=0)
    return Call(
        name="locks.list_released",
        endpoint="locks.get_imodel_released_locks",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments=without_none(after_changeset_index=index, top=top),
        read=page_reader("releasedLocks", lambda fields: _released(fields, imodel_id)),
    )


def _about(imodel_id: str, briefcase_id: int) -> str:
    return entity_description(checks.identifier("imodel_id", imodel_id), briefcase=checks.briefcase_id(briefcase_id))


def _minimal(fields: Fields, imodel_id: str) -> MinimalBriefcase:
    return MinimalBriefcase(**_facts(fields, imodel_id), extra=fields.new_to(_MINIMAL))


def _full(fields: Fields, imodel_id: str) -> Briefcase:
    return Briefcase(
        **_facts(fields, imodel_id),
        owner_id=fields.text("ownerId"),
        acquired_date_time=fields.time("acquiredDateTime"),
        device_name=fields.optional_text("deviceName"),
        application=fields.optional("application", application),
        file_size=fields.optional_number("fileSize"),
        extra=fields.new_to(_FULL),
    )


def _facts(fields: Fields, imodel_id: str) -> dict[str, Any]:
    number = fields.optional_number("briefcaseId")
    if number is None:
        number = fields.number_text("id")
    return {
        "imodel_id": imodel_id,
        "briefcase_id": number,
        "display_name": fields.optional_text("displayName") or f"#{number}",
    }


def _lock(fields: Fields, imodel_id: str) -> Lock:
    objects: dict[LockLevel | str, tuple[str, ...]] = {}
    for each in fields.items("lockedObjects"):
        level = each.known("lockLevel", LockLevel)
        objects[level] = objects.get(level, ()) + each.values("objectIds", str)
    return Lock(imodel_id=imodel_id, briefcase_id=fields.number("briefcaseId"), objects=objects)


def _released(fields: Fields, imodel_id: str) -> ReleasedLocks:
    return ReleasedLocks(
        imodel_id=imodel_id,
        level=fields.known("lockLevel", LockLevel),
        object_ids=fields.values("objectIds", str),
    )


def _is_last_chunk(answer: ServiceResponse) -> bool:
    return Fields.of(answer).flag("isLastChunk")
