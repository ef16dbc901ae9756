"""Rules for conflicts between an author's changes and those that others have pushed in the meantime."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from imodel_files.changes import (
    AspectChange,
    ChangeReader,
    ElementChange,
    InstanceChange,
    InstanceKind,
    InvalidIModelError,
    ModelChange,
    Operation,
    RelationshipChange,
    ReshapedTableError,
    RowChange,
)
from imodel_files.changesets import inspect_changeset
from itwin_imodels._core.local_files import local_files
from itwin_imodels.errors import InvalidFile
from itwin_imodels.models import ChangeConflict, ConflictCause, PullCheck, PulledChangeset

_IGNORED = frozenset({"LastMod"})
"""Properties that differ after every change."""

Key = tuple[object, ...]


@attrs.frozen(kw_only=True)
class _Side:
    """The net change to one instance or row on one side."""

    kind: str
    id: str
    class_name: str | None
    element_id: str | None
    operation: Operation
    names: frozenset[str]
    containers: dict[Key, str]
    code: Key | None


def checked_pull(own: Path, pulled: Sequence[PulledChangeset], database: Path) -> PullCheck:
    """Return the conflicts between the changes of an author and pulled changesets.

    Args:
        own: The changeset file of the author.
        pulled: The changesets of others, in order.
        database: A database of the iModel, from which to read the names of classes and properties.

    Raises:
        InvalidChangesetFile: A file is not a valid changeset file.
        InvalidFile: The database is not an iModel, or DDL moves columns whose values would have to be compared.
        UnreadableFile: A file cannot be read.
    """
    files = [each.path for each in pulled]
    with local_files():
        try:
            return PullCheck(
                pulled=tuple(pulled),
                conflicts=conflicts_between(own, files, database) if files else (),
                has_schema_changes=changes_schema([own, *files]),
            )
        except (InvalidIModelError, ReshapedTableError) as error:
            raise InvalidFile(str(error)) from error


def conflicts_between(own: Path, pulled: Sequence[Path], database: Path) -> tuple[ChangeConflict, ...]:
    """Return the conflicts between two sides that begin at the same point in the timeline.

    Args:
        own: The changeset file of the author.
        pulled: The changeset files of others, in order.
        database: A database of the iModel, from which to read the names of classes and properties.
    """
    mine, theirs = _changes_of([own], database), _changes_of(pulled, database)
    return (*_same_instances(mine, theirs), *_deleted_containers(mine, theirs), *_same_codes(mine, theirs))


def changes_schema(files: Iterable[Path]) -> bool:
    """Return whether any of the changesets changes the schema."""
    return any(inspect_changeset(file).has_schema_changes for file in files)


def _changes_of(files: Sequence[Path], database: Path) -> dict[Key, _Side]:
    if not files:
        return {}
    with ChangeReader([os.fspath(file) for file in files], database) as reader:
        return {_key(change): _side(change) for change in reader.changes(net=True)}


def _key(change: InstanceChange | RowChange) -> Key:
    if isinstance(change, RowChange):
        return "row", change.table, *change.key
    if isinstance(change, ElementChange | ModelChange):
        return change.kind, change.id
    return change.kind, change.id, change.primary_table


def _side(change: InstanceChange | RowChange) -> _Side:
    return _Side(
        kind="row" if isinstance(change, RowChange) else change.kind.value,
        id=" ".join([change.table, *map(str, change.key)]) if isinstance(change, RowChange) else change.id,
        class_name=change.class_name,
        element_id=None if isinstance(change, RowChange) else _element_of(change),
        operation=change.operation,
        names=frozenset(change.values if isinstance(change, RowChange) else change.properties) - _IGNORED,
        containers={} if isinstance(change, RowChange) else _containers(change),
        code=_code(change) if isinstance(change, ElementChange) else None,
    )


def _element_of(change: InstanceChange) -> str | None:
    if isinstance(change, ElementChange | ModelChange):
        return change.id
    if isinstance(change, AspectChange):
        return change.element_id
    return change.source_id if isinstance(change, RelationshipChange) else None


def _containers(change: InstanceChange) -> dict[Key, str]:
    """Return what an inserted or updated instance depends on, with the properties that name it.

    This is the parent, the model and the modeled element of an element, the element of an aspect or a model, or the
    source and the target of a relationship.
    """
    element, model = InstanceKind.ELEMENT, InstanceKind.MODEL
    match change:
        case _ if change.operation is Operation.DELETE:
            return {}
        case ElementChange():
            return {
                (model, change.model_id): "Model.Id",
                (element, change.model_id): "Model.Id",
                (element, change.parent_id): "Parent.Id",
            }
        case RelationshipChange():
            return {
                (element, change.source_id): "SourceECInstanceId",
                (element, change.target_id): "TargetECInstanceId",
            }
        case _:
            return {(element, _element_of(change)): "Element.Id"}


def _code(change: ElementChange) -> Key | None:
    code = change.code
    is_new = change.operation is Operation.INSERT or any(name.startswith("Code") for name in change.properties)
    if change.operation is Operation.DELETE or not is_new or code.value is None:
        return None
    return code.spec_id, code.scope_id, code.value.encode(errors="surrogatepass").lower()  # as NOCASE: only A to Z


def _same_instances(mine: dict[Key, _Side], theirs: dict[Key, _Side]) -> Iterator[ChangeConflict]:
    for key, own in mine.items():
        other = theirs.get(key)
        if other is None:
            continue
        names = own.names & other.names
        if own.operation is other.operation is Operation.UPDATE and not names:
            continue
        yield _conflict(ConflictCause.SAME_INSTANCE, own, other, names=names)


def _deleted_containers(mine: dict[Key, _Side], theirs: dict[Key, _Side]) -> Iterator[ChangeConflict]:
    for changed, deleted, is_own in ((mine, theirs, True), (theirs, mine, False)):
        gone = {key: side for key, side in deleted.items() if side.operation is Operation.DELETE}
        for key, side in changed.items():
            if key in gone:
                continue  # deleted with its container
            # if the other side updated it, too, it moved it out of containers that this side does not name
            names = side.names if key in deleted else frozenset(side.containers.values())
            containers = {
                gone[each].id: gone[each] for each, name in side.containers.items() if each in gone and name in names
            }
            for container in sorted(containers):
                sides = (side, containers[container]) if is_own else (containers[container], side)
                yield _conflict(ConflictCause.DELETED_CONTAINER, *sides, about=side)


def _same_codes(mine: dict[Key, _Side], theirs: dict[Key, _Side]) -> Iterator[ChangeConflict]:
    taken = {side.code: side for side in theirs.values() if side.code is not None}
    for side in mine.values():
        other = taken.get(side.code) if side.code is not None else None
        if other is not None and other.id != side.id:
            yield _conflict(ConflictCause.SAME_CODE, side, other)


def _conflict(
    cause: ConflictCause,
    own: _Side,
    other: _Side,
    *,
    names: frozenset[str] = frozenset(),
    about: _Side | None = None,
) -> ChangeConflict:
    shown = about or own
    return ChangeConflict(
        cause=cause,
        kind=shown.kind,
        id=shown.id,
        class_name=shown.class_name,
        element_id=shown.element_id,
        own=own.operation.value,
        other=other.operation.value,
        other_id=other.id if shown is own else own.id,
        properties=tuple(sorted(names)),
    )
