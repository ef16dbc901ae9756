"""Readers of changesets in responses."""

from collections.abc import Callable, Mapping
from operator import contains, itemgetter
from typing import Any, Final, TypeVar

from itwin_imodels._operations.common import application, id_in_link
from itwin_imodels._operations.fields import Fields, flags_of, known, time_of
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import (
    Changeset,
    ChangesetState,
    ContainingChanges,
    CreatedChangeset,
    MinimalChangeset,
    SynchronizationInfo,
)

T = TypeVar("T", bound=Changeset)

_MINIMAL: Final = frozenset(
    {
        "id",
        "displayName",
        "description",
        "index",
        "parentId",
        "state",
        "containingChanges",
        "fileSize",
        "briefcaseId",
        "groupId",
        "creatorId",
        "pushDateTime",
        "_links",
    }
)
_FULL: Final = _MINIMAL | {"application", "synchronizationInfo"}
_ID_LENGTH: Final = 40
_GREATEST: Final = 2**63 - 1

_TEXT: Final[frozenset[type]] = frozenset({str})
_OPTIONAL_TEXT: Final[frozenset[type]] = frozenset({str, type(None)})
_NUMBER: Final[frozenset[type]] = frozenset({int})
_members: Final = itemgetter(
    "id",
    "displayName",
    "parentId",
    "description",
    "state",
    "containingChanges",
    "index",
    "fileSize",
    "briefcaseId",
    "groupId",
    "creatorId",
    "pushDateTime",
)
_KINDS: Final[tuple[frozenset[type], ...]] = (
    _TEXT,
    _OPTIONAL_TEXT,
    _OPTIONAL_TEXT,
    _OPTIONAL_TEXT,
    _TEXT,
    frozenset({int, type(None)}),
    _NUMBER,
    _NUMBER,
    _NUMBER,
    _OPTIONAL_TEXT,
    _OPTIONAL_TEXT,
    _OPTIONAL_TEXT,
)
"""Valid types of these members."""
_valid_kinds: Final[set[tuple[type, ...]]] = set()
"""The combinations seen so far, of which a timeline has few; at most 128."""


def changeset_in(href: str | None) -> str | int | None:
    """Return the changeset in a URL such as `…/changesets/<id or index>/checkpoint`; None if there is none."""
    found = id_in_link(href, "changesets")
    return int(found) if found and found.isdecimal() and len(found) < _ID_LENGTH else found


def minimal_changeset(fields: Fields, imodel_id: str) -> MinimalChangeset:
    """Read the short form of a changeset."""
    return MinimalChangeset(**_facts(fields, imodel_id), extra=fields.new_to(_MINIMAL))


def full_changeset(fields: Fields, imodel_id: str) -> Changeset:
    """Read a changeset."""
    return _changeset(Changeset, fields, imodel_id, download=fields.storage_link("download"))


def confirmed_changeset(fields: Fields, imodel_id: str) -> Changeset:
    """Read a changeset whose upload has just been confirmed.

    Raises:
        UnexpectedResponse: The changeset is still waiting for its file.
    """
    changeset = full_changeset(fields, imodel_id)
    if changeset.state == ChangesetState.WAITING_FOR_FILE:
        raise UnexpectedResponse(f"the changeset is still in state {changeset.state}, although it was confirmed")
    return changeset


def created_changeset(fields: Fields, imodel_id: str) -> CreatedChangeset:
    """Read a changeset that has just been created."""
    return _changeset(CreatedChangeset, fields, imodel_id, download=None, upload=fields.storage_link("upload"))


def _facts(fields: Fields, imodel_id: str) -> dict[str, Any]:
    return _quick_facts(fields.data, imodel_id) or _checked_facts(fields, imodel_id)


def _quick_facts(data: Mapping[str, Any], imodel_id: str) -> dict[str, Any] | None:
    """Return what `_checked_facts` returns, in a third of the time; None if anything is missing or invalid."""
    try:
        values = _members(data)
    except KeyError:
        return None
    kinds = tuple(map(type, values))
    if kinds not in _valid_kinds:
        if not all(map(contains, _KINDS, kinds)):
            return None
        _valid_kinds.add(kinds)
    changeset_id, name, parent_id, about, state, changes, index, size, briefcase, group, creator, pushed = values
    changes = changes or 0
    if not 0 <= index | size | briefcase | changes <= _GREATEST:
        return None
    try:
        push_date_time = None if pushed is None else time_of(pushed)
    except (ValueError, OverflowError):
        return None
    return {
        "imodel_id": imodel_id,
        "id": changeset_id,
        "index": index,
        "display_name": name or changeset_id,
        "parent_id": parent_id or "",
        "description": about,
        "state": known(ChangesetState, state),
        "containing_changes": flags_of(ContainingChanges, changes),
        "file_size": size,
        "briefcase_id": briefcase,
        "group_id": group or None,
        "creator_id": creator or None,
        "push_date_time": push_date_time,
    }


def _checked_facts(fields: Fields, imodel_id: str) -> dict[str, Any]:
    changeset_id = fields.text("id")
    return {
        "imodel_id": imodel_id,
        "id": changeset_id,
        "index": fields.number("index"),
        "display_name": fields.optional_text("displayName") or changeset_id,
        "parent_id": fields.optional_text("parentId") or "",
        "description": fields.optional_text("description"),
        "state": fields.known("state", ChangesetState),
        "containing_changes": fields.flags("containingChanges", ContainingChanges),
        "file_size": fields.number("fileSize"),
        "briefcase_id": fields.number("briefcaseId"),
        "group_id": fields.id_text("groupId"),
        "creator_id": fields.id_text("creatorId"),
        "push_date_time": fields.optional_time("pushDateTime"),
    }


def _changeset(kind: Callable[..., T], fields: Fields, imodel_id: str, **more: object) -> T:
    return kind(
        **_facts(fields, imodel_id),
        **more,
        application=fields.optional("application", application),
        synchronization_info=fields.optional("synchronizationInfo", _synchronization_info),
        named_version_id=id_in_link(fields.link("namedVersion"), "namedversions"),
        checkpoint_changeset=changeset_in(fields.link("currentOrPrecedingCheckpoint")),
        extra=fields.new_to(_FULL),
    )


def _synchronization_info(fields: Fields) -> SynchronizationInfo | None:
    task_id = fields.optional_text("taskId") or ""
    if not task_id.strip():
        return None
    return SynchronizationInfo(task_id=task_id, changed_files=fields.optional_values("changedFiles", str) or None)
