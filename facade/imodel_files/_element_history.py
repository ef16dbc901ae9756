"""The history of an element over a mirror, found through its index."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from itertools import groupby
from typing import Final

import attrs

from imodel_files._change_files import MirrorTimeline, path_of
from imodel_files._change_instances import ElementChange, TimelineChangeset
from imodel_files._class_model import InstanceKind
from imodel_files._class_reading import IModelClasses
from imodel_files._element_index import ElementIndex, IndexedChange, IndexedPlace, read_batches
from imodel_files._limits import Limits
from imodel_files._session import Change, Operation
from imodel_files._summary import iter_changes

INDEX_NAME: Final = "elements.db"
"""Name of the index in the folder of a mirror."""

_CHANGESETS: Final = 200
_ROWS: Final = 50_000
_FEW: Final = 50
"""Up to so many changesets are asked for one by one."""

ReadChange = Callable[[TimelineChangeset], ElementChange | None]


@attrs.frozen(kw_only=True, slots=False)  # the change, once read, is kept in the entry
class HistoryEntry:
    """A changeset that changes an element.

    Attributes:
        changeset: The changeset; from a mirror, with its author and time.
        operation: What is done to the element.
    """

    changeset: TimelineChangeset
    operation: Operation
    _read: ReadChange = attrs.field(repr=False, eq=False)

    @cached_property
    def change(self) -> ElementChange | None:
        """The change with its values, read from the changeset's file; None if it changes no value after all.

        The reader must be open when it is first asked for.
        """
        return self._read(self.changeset)


def follow(index: ElementIndex, timeline: MirrorTimeline, limits: Limits) -> None:
    """Bring the index of a mirror up to date.

    Raises:
        ElementIndexError: The index cannot be used.
        MissingChangesetError: The mirror lacks a file.
        FileError: A file is invalid.
        OSError: A file cannot be read.
    """
    if not _belongs(index.place(), timeline):
        index.clear()
    is_behind = True
    while is_behind:
        is_behind = False
        before = index.place()
        found = timeline.changesets(before.changeset_index, None)
        readers = ((IndexedPlace(each.index, each.id), partial(_changes, each, limits)) for each in found)
        for after, rows in read_batches(readers, _CHANGESETS, _ROWS):
            if not index.add(before, after, rows):
                is_behind = True  # another process was faster; go on from where it is
                break
            before = after


def _changes(changeset: TimelineChangeset, limits: Limits) -> Iterator[Change]:
    return iter_changes(path_of(changeset), limits=limits)


def _belongs(place: IndexedPlace, timeline: MirrorTimeline) -> bool:
    """Return whether an index is about the timeline of a mirror."""
    if not place.changeset_index:
        return True
    try:
        return timeline.get(place.changeset_index).id == place.changeset_id
    except KeyError:
        return False


def entries(
    timeline: MirrorTimeline, found: list[IndexedChange], classes: IModelClasses, read: ReadChange
) -> Iterator[HistoryEntry]:
    """Yield the history of an element.

    Args:
        timeline: The mirror's.
        found: All changes of rows with the element's id.
        classes: Which tables hold elements.
        read: Reads the change of the element.
    """
    elements = [each for each in found if classes.table(each.table).kind is InstanceKind.ELEMENT]
    grouped = [(index, list(rows)) for index, rows in groupby(elements, lambda each: each.changeset_index)]
    changesets = _changesets(timeline, [index for index, _ in grouped])
    for changeset, (_, rows) in zip(changesets, grouped, strict=True):
        primary = [each.operation for each in rows if classes.table(each.table).is_primary]
        entry = HistoryEntry(changeset=changeset, operation=primary[0] if primary else Operation.UPDATE, read=read)
        is_certain = primary or any(each.operation is not Operation.INSERT for each in rows)
        if is_certain or entry.change is not None:  # an inserted overflow row alone may hold nothing
            yield entry


def _changesets(timeline: MirrorTimeline, indexes: list[int]) -> Iterator[TimelineChangeset]:
    if len(indexes) <= _FEW:
        yield from map(timeline.get, indexes)
        return
    wanted = set(indexes)
    for each in timeline.changesets(indexes[0] - 1, indexes[-1]):
        if each.index in wanted:
            yield each
