"""Readers of changesets in responses."""

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat
from operator import itemgetter
from typing import Any, Final, TypeVar

from itwin_imodels._core.entity import create_entities
from itwin_imodels._operations.common import application, id_in_link
from itwin_imodels._operations.fields import NO_EXTRA, Fields, flags_of, known, time_of
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
_MAX_NUMBER: Final = 2**63 - 1

_TEXT: Final[frozenset[type]] = frozenset({str})
_OPTIONAL_TEXT: Final[frozenset[type]] = frozenset({str, type(None)})
_NUMBER: Final[frozenset[type]] = frozenset({int})
_KINDS: Final[Mapping[str, frozenset[type]]] = {
    "id": _TEXT,
    "index": _NUMBER,
    "displayName": _OPTIONAL_TEXT,
    "parentId": _OPTIONAL_TEXT,
    "description": _OPTIONAL_TEXT,
    "state": _TEXT,
    "containingChanges": frozenset({int, type(None)}),
    "fileSize": _NUMBER,
    "briefcaseId": _NUMBER,
    "groupId": _OPTIONAL_TEXT,
    "creatorId": _OPTIONAL_TEXT,
    "pushDateTime": _OPTIONAL_TEXT,
}
"""Valid types of these members."""


def changeset_in(href: str | None) -> str | int | None:
    """Return the changeset in a URL such as `…/changesets/<id or index>/checkpoint`; None if there is none."""
    place = id_in_link(href, "changesets")
    return int(place) if place and place.isdecimal() and len(place) < _ID_LENGTH else place


def minimal_changesets(data: list[Any], imodel_id: str) -> list[MinimalChangeset] | None:
    """Read the short form of many changesets, as `minimal_changeset` reads one, in a fifth of the time.

    Returns:
        The changesets; None if they must be read one by one, because a member is missing, unknown or invalid.
    """
    columns = _quick_facts(data, _MINIMAL, imodel_id)
    return None if columns is None else create_entities(MinimalChangeset, columns)


def full_changesets(data: list[Any], imodel_id: str) -> list[Changeset] | None:
    """Read many changesets, as `full_changeset` reads one, in less time.

    Returns:
        The changesets; None if they must be read one by one, because a member is missing, unknown or invalid.
    """
    columns = _quick_facts(data, _FULL, imodel_id)
    if columns is None:
        return None
    try:
        more = [(*_details(fields).values(), fields.storage_link("download")) for fields in map(Fields, data)]
    except UnexpectedResponse:  # reading them one by one reports the path of the invalid member
        return None
    return create_entities(Changeset, [*columns, *zip(*more, strict=True)])


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


def _quick_facts(data: list[Any], members: frozenset[str], imodel_id: str) -> list[Iterable[Any]] | None:
    """Return a column for `extra` and for each value of `_facts`; None if a member is missing, unknown or invalid."""
    if {*map(type, data)} != {dict} or {*map(len, data)} != {len(members)}:
        return None
    try:
        columns = {name: [*map(itemgetter(name), data)] for name in members}
    except KeyError:
        return None
    if not all(kinds.issuperset(map(type, columns[name])) for name, kinds in _KINDS.items()):
        return None
    changes = [each or 0 for each in columns["containingChanges"]]
    numbers = (columns["index"], columns["fileSize"], columns["briefcaseId"], changes)
    if min(map(min, numbers)) < 0 or max(map(max, numbers)) > _MAX_NUMBER:
        return None
    try:
        times = [None if each is None else time_of(each) for each in columns["pushDateTime"]]
    except (ValueError, OverflowError):
        return None
    ids, states = columns["id"], columns["state"]
    return [
        repeat(NO_EXTRA),
        repeat(imodel_id),
        ids,
        columns["index"],
        [name or changeset_id for name, changeset_id in zip(columns["displayName"], ids, strict=True)],
        [each or "" for each in columns["parentId"]],
        columns["description"],
        map({each: known(ChangesetState, each) for each in {*states}}.get, states),
        map({each: flags_of(ContainingChanges, each) for each in {*changes}}.get, changes),
        columns["fileSize"],
        columns["briefcaseId"],
        [each or None for each in columns["groupId"]],
        [each or None for each in columns["creatorId"]],
        times,
    ]


def _facts(fields: Fields, imodel_id: str) -> dict[str, Any]:
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
        **_details(fields),
        **more,
        extra=fields.new_to(_FULL),
    )


def _details(fields: Fields) -> dict[str, Any]:
    return {
        "application": fields.optional("application", application),
        "synchronization_info": fields.optional("synchronizationInfo", _synchronization_info),
        "named_version_id": id_in_link(fields.link("namedVersion"), "namedversions"),
        "checkpoint_changeset": changeset_in(fields.link("currentOrPrecedingCheckpoint")),
    }


def _synchronization_info(fields: Fields) -> SynchronizationInfo | None:
    task_id = fields.optional_text("taskId") or ""
    if not task_id.strip():
        return None
    return SynchronizationInfo(task_id=task_id, changed_files=fields.optional_values("changedFiles", str) or None)
