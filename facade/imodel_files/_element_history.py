"""The history of an element and its aspects. With a mirror, an index is used."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from itertools import groupby
from typing import Final, Self, TypeAlias

import attrs

from imodel_files._change import Change, Operation
from imodel_files._change_files import MirrorTimeline, path_of
from imodel_files._change_instances import AspectChange, ElementChange, InstanceChange, TimelineChangeset
from imodel_files._class_model import InstanceKind
from imodel_files._class_reading import IModelClasses
from imodel_files._element_index import ElementIndex, IndexedChange, IndexedPlace, owners_of, read_batches
from imodel_files._limits import Limits
from imodel_files._reshaped_tables import ReshapedTables
from imodel_files._summary import read_groups

INDEX_NAME: Final = "elements.db"
"""Name of the index in the folder of a mirror."""

_CHANGESETS: Final = 200
_ROWS: Final = 50_000
_FEW: Final = 50
"""At most this many changesets are looked up one by one."""

ReadChanges: TypeAlias = Callable[[TimelineChangeset], "ElementChanges"]


@attrs.frozen
class ElementChanges:
    """The changes to an element in a changeset.

    Attributes:
        own: The change to the element itself; None if it does not change.
        aspects: The changes to its aspects.
    """

    own: ElementChange | None
    aspects: tuple[AspectChange, ...]

    @classmethod
    def of(cls, changes: Iterable[InstanceChange]) -> Self:
        """Separate the change to the element itself from the changes to its aspects."""
        all_changes = list(changes)
        return cls(
            next((each for each in all_changes if isinstance(each, ElementChange)), None),
            tuple(each for each in all_changes if isinstance(each, AspectChange)),
        )


@attrs.frozen(kw_only=True, slots=False)  # the changes are cached in the entry
class HistoryEntry:
    """A changeset that changes an element or its aspects.

    Attributes:
        changeset: The changeset; from a mirror, with the id of its creator and its push time.
        operation: The operation on the element; an update if only its aspects change.
    """

    changeset: TimelineChangeset
    operation: Operation
    _read: ReadChanges = attrs.field(repr=False, eq=False)

    @property
    def change(self) -> ElementChange | None:
        """The change with its values, read from the changeset file; None if the element itself does not change.

        The reader must be open on the first access to `change` or `aspects`.
        """
        return self._changes.own

    @property
    def aspects(self) -> tuple[AspectChange, ...]:
        """The changes to aspects that belong or belonged to the element."""
        return self._changes.aspects

    @cached_property
    def _changes(self) -> ElementChanges:
        return self._read(self.changeset)


@attrs.frozen
class ElementRows:
    """Identifies the rows of an element and its aspects.

    Attributes:
        element_id: The id of the element.
        aspects: The aspects that belong or belonged to it, each as its primary table, in lower case, and its id.
    """

    element_id: int
    aspects: frozenset[tuple[str, int]]
    _classes: IModelClasses
    _ids: frozenset[int] = attrs.field(init=False)

    @_ids.default
    def _all_ids(self) -> frozenset[int]:
        return frozenset({self.element_id, *(aspect_id for _, aspect_id in self.aspects)})

    def has(self, change: Change) -> bool:
        """Return whether a change is to one of these rows."""
        key = change.key
        return len(key) == 1 and key[0] in self._ids and self.has_row(change.table, key[0])

    def has_row(self, table_name: str, row_id: object) -> bool:
        """Return whether the row with an id in a table is one of these rows."""
        table = self._classes.table(table_name)
        if table.kind is InstanceKind.ELEMENT:
            return row_id == self.element_id
        return (table.root, row_id) in self.aspects


def indexed_rows(index: ElementIndex, element_id: int, classes: IModelClasses) -> ElementRows:
    """Return the rows of an element according to the index and the database."""
    noted = ((classes.table(name).root or "", row_id) for name, row_id in index.owned_by(element_id))
    return ElementRows(element_id, frozenset({*noted, *classes.aspects_of(element_id)}), classes)


def stated_rows(changes: Iterable[Change], element_id: int, classes: IModelClasses) -> ElementRows:
    """Return the rows of an element according to the changes and the database."""
    rows = set(classes.aspects_of(element_id))
    for change in changes:
        owner = classes.owner_column(change.table)
        if owner is not None and element_id in owners_of(change, owner):
            key = change.key[0]
            if isinstance(key, int):
                rows.add((classes.table(change.table).root or "", key))
    return ElementRows(element_id, frozenset(rows), classes)


def indexed_changes(index: ElementIndex, rows: ElementRows) -> list[IndexedChange]:
    """Return the changes to rows, in the order of the timeline."""
    ids = {rows.element_id, *(aspect_id for _, aspect_id in rows.aspects)}
    changes = [each for row_id in ids for each in index.changes_of(row_id) if rows.has_row(each.table, row_id)]
    return sorted(changes, key=lambda each: each.changeset_index)


def update_index(
    index: ElementIndex, timeline: MirrorTimeline, classes: IModelClasses, reshaped: ReshapedTables, limits: Limits
) -> None:
    """Update the index of a mirror.

    Raises:
        ElementIndexError: The index cannot be used.
        MissingChangesetError: The mirror lacks a file.
        ReshapedTableError: The columns of aspects are unknown.
        FileError: A file is invalid.
        OSError: A file cannot be read.
    """
    if not _belongs(index.place(), timeline) or not index.knows_owners(classes.owner_column):
        index.clear()
    is_behind = True
    while is_behind:
        is_behind = False
        before = index.place()
        changesets = timeline.changesets(before.changeset_index, None)
        readers = (
            (IndexedPlace(each.index, each.id), partial(checked_changes, each, classes, reshaped, limits))
            for each in changesets
        )
        for after, rows in read_batches(readers, classes.owner_column, _CHANGESETS, _ROWS):
            if not index.add(before, after, rows):
                is_behind = True  # another process was faster; continue from its position
                break
            before = after


def checked_changes(
    changeset: TimelineChangeset, classes: IModelClasses, reshaped: ReshapedTables, limits: Limits
) -> Iterator[Change]:
    """Yield all changes of a changeset.

    Raises:
        ReshapedTableError: The column that names the owner of a row is unknown.
    """
    for table, changes in read_groups(path_of(changeset), limits=limits):
        if classes.owner_column(table.name) is not None:
            reshaped.check(table.name, changeset)
        yield from changes


def _belongs(place: IndexedPlace, timeline: MirrorTimeline) -> bool:
    """Return whether an index belongs to the timeline of a mirror."""
    if not place.changeset_index:
        return True
    try:
        return timeline.get(place.changeset_index).id == place.changeset_id
    except KeyError:
        return False


def entries(
    timeline: MirrorTimeline, indexed: list[IndexedChange], classes: IModelClasses, read: ReadChanges
) -> Iterator[HistoryEntry]:
    """Yield the history of an element.

    Args:
        timeline: The timeline of the mirror.
        indexed: All changes to the rows of the element and its aspects, in the order of the timeline.
        classes: The classes of the database, which identify the tables of elements.
        read: Returns the changes to the element in a changeset.
    """
    grouped = [(index, list(rows)) for index, rows in groupby(indexed, lambda each: each.changeset_index)]
    changesets = _changesets(timeline, [index for index, _ in grouped])
    for changeset, (_, rows) in zip(changesets, grouped, strict=True):
        tables = [(classes.table(each.table), each.operation) for each in rows]
        own = [operation for table, operation in tables if table.is_primary and table.kind is InstanceKind.ELEMENT]
        entry = HistoryEntry(changeset=changeset, operation=own[0] if own else Operation.UPDATE, read=read)
        # an inserted or deleted overflow row alone may be empty
        is_certain = any(table.is_primary or operation is Operation.UPDATE for table, operation in tables)
        if is_certain or entry.change is not None or entry.aspects:
            yield entry


def _changesets(timeline: MirrorTimeline, indexes: list[int]) -> Iterator[TimelineChangeset]:
    if len(indexes) <= _FEW:
        yield from map(timeline.get, indexes)
        return
    wanted = set(indexes)
    for each in timeline.changesets(indexes[0] - 1, indexes[-1]):
        if each.index in wanted:
            yield each
