"""Read changes from changeset files or a mirror, with the names from an iModel's database."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

from imodel_files._chain import ChainLink
from imodel_files._change import Change, Operation
from imodel_files._change_building import ChangeBuilder
from imodel_files._change_classes import ChainClasses
from imodel_files._change_files import (
    FileTimeline,
    MirrorTimeline,
    Place,
    TimelineMirror,
    path_of,
)
from imodel_files._change_gathering import Groups, digested, gathered, without_blobs
from imodel_files._change_instances import ElementChange, InstanceChange, RowChange, TimelineChangeset
from imodel_files._change_summaries import ClassSummary, summarized
from imodel_files._change_values import read_id
from imodel_files._class_model import InstanceKind
from imodel_files._class_reading import IModelClasses
from imodel_files._element_history import (
    INDEX_NAME,
    ElementChanges,
    ElementRows,
    HistoryEntry,
    checked_changes,
    entries,
    indexed_changes,
    indexed_rows,
    stated_rows,
    update_index,
)
from imodel_files._element_index import ElementIndex
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._ordering import FilePath
from imodel_files._reshaped_tables import ReshapedTables
from imodel_files._summary import read_groups

_ALL: Final = frozenset(InstanceKind)
_ELEMENTS: Final = frozenset({InstanceKind.ELEMENT})
_WITH_ASPECTS: Final = frozenset({InstanceKind.ELEMENT, InstanceKind.ASPECT})


class ChangeReader:
    """Reads what changesets do to elements, aspects, models, relationships and rows.

    The names of classes and properties come from the iModel's database. It should be at or after the changesets, so
    that it contains their classes. Otherwise its state does not matter, because changesets contain the values before
    and after. What a change does not contain, such as the code of an updated element (an update contains only changed
    values), is read from the database in its current state.

    Use it as a context manager, or close it when done. Use it from one thread at a time.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            for element in reader.elements():
                print(element.operation, element.class_name, element.code.value)
        ```
    """

    def __init__(
        self,
        source: FilePath | Iterable[FilePath | ChainLink] | TimelineMirror,
        database: FilePath,
        *,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Open the database of the iModel.

        Args:
            source: A changeset file, a folder, a pattern such as ``"changesets/*.cs"``, several of these in any order
                (see `order_changesets`), consecutive links in order, or an open `itwin_imodels.mirror.Mirror`.
            database: The iModel's database. It is only read.
            limits: Limits on the size, memory and time that reading a file may take, and on the number of row changes
                that are combined in memory; see `Limits` for the defaults.

        Raises:
            InvalidIModelError: The database is not an iModel, or exceeds the limits.
            OSError: The database cannot be read.
        """
        self._limits = limits
        is_files = isinstance(source, str | os.PathLike) or not hasattr(source, "changesets")
        self._timeline = FileTimeline(source, limits) if is_files else MirrorTimeline(source)  # type: ignore[arg-type] # distinguished above
        self._classes = IModelClasses(database, limits)
        self._reshaped = ReshapedTables(self._timeline, self._classes, limits)
        stated = ChainClasses(lambda: self._known_values(self.changesets()), self._classes, limits.rows_in_memory)
        self._builder = ChangeBuilder(self._classes, stated)

    def changesets(self, *, after: Place = None, until: Place = None) -> Iterator[TimelineChangeset]:
        """Yield the changesets in order.

        Args:
            after: The changeset after which to start: its id or index, or a Named Version; None for the baseline. A
                file without a `ChainLink` has its position among the files as its index, starting at 1.
            until: The last changeset; None for the newest.

        Raises:
            KeyError: The timeline does not contain `after` or `until`.
            ValueError: `until` is before `after`.
            ChangesetOrderError: The files do not form a single timeline.
            ChangesetFileError: A file that must be read to determine the order is invalid.
            OSError: A file cannot be read.
        """
        yield from self._timeline.changesets(after, until)

    def rows(self, *, after: Place = None, until: Place = None) -> Iterator[RowChange]:
        """Yield each changed row of a range, changeset by changeset, in the order in which the files contain them.

        Args:
            after: See `changesets`.
            until: See `changesets`.

        Raises:
            KeyError: The timeline does not contain `after` or `until`.
            ValueError: `until` is before `after`.
            MissingChangesetError: The mirror lacks a file.
            ReshapedTableError: The column names of a table are unknown, because DDL of the timeline drops a column or
                replaces the table.
            FileError: A changeset file or the database is invalid, or exceeds the limits.
            OSError: A file cannot be read.

        Example:
            ```python
            with ChangeReader("changesets", "tip.bim") as reader:
                for row in reader.rows():
                    print(row.table, row.operation, row.key, row.class_name, row.values)
            ```
        """
        for changeset in self.changesets(after=after, until=until):
            local = ChainClasses(partial(self._known_values, [changeset]), self._classes, self._limits.rows_in_memory)
            changes = chain.from_iterable(self._groups([changeset]))
            yield from self._builder.rows(changes, local, changeset)

    def changes(
        self, *, after: Place = None, until: Place = None, net: bool = False
    ) -> Iterator[InstanceChange | RowChange]:
        """Yield the changes to elements, aspects, models, relationships and other instances, and to other rows.

        Args:
            after: See `changesets`.
            until: See `changesets`.
            net: Whether to combine all changesets of the range: an instance that was inserted and deleted is omitted,
                and two updates become one. Otherwise each changeset is read separately.

        Raises:
            KeyError: The timeline does not contain `after` or `until`.
            ValueError: `until` is before `after`.
            MissingChangesetError: The mirror lacks a file.
            ReshapedTableError: The column names of a table are unknown, because DDL of the timeline drops a column or
                replaces the table.
            FileError: A changeset file or the database is invalid, or exceeds the limits.
            OSError: A file cannot be read.

        Example:
            ```python
            with ChangeReader("changesets", "tip.bim") as reader:
                for change in reader.changes(net=True):
                    print(type(change).__name__, change.operation, change.class_name)
            ```
        """
        for changeset, read in self._units(after, until, net=net):
            for part in gathered(read, self._classes.table, self._limits):
                yield from self._builder.instances(part, changeset, _ALL)
                yield from self._builder.other_rows(part, changeset)

    def elements(self, *, after: Place = None, until: Place = None, net: bool = False) -> Iterator[ElementChange]:
        """Yield the changes to elements.

        Args:
            after: See `changesets`.
            until: See `changesets`.
            net: See `changes`.

        Raises:
            KeyError: The timeline does not contain `after` or `until`.
            ValueError: `until` is before `after`.
            MissingChangesetError: The mirror lacks a file.
            ReshapedTableError: The column names of a table are unknown, because DDL of the timeline drops a column or
                replaces the table.
            FileError: A changeset file or the database is invalid, or exceeds the limits.
            OSError: A file cannot be read.

        Example:
            ```python
            with ChangeReader("changesets", "tip.bim") as reader:
                for element in reader.elements(after=2, until=5):
                    print(element.changeset.index, element.id, dict(element.properties))
            ```
        """
        units = self._units(after, until, net=net)
        return chain.from_iterable(self._elements(changeset, read) for changeset, read in units)

    def diff(self, start: Place, end: Place = None) -> Iterator[ElementChange]:
        """Yield the elements that differ between two points of the timeline.

        Args:
            start: The earlier point: id or index of a changeset, or a Named Version; None for the baseline.
            end: The later point; None for the newest changeset.

        Raises:
            KeyError: The timeline does not contain `start` or `end`.
            ValueError: `end` is before `start`.
            MissingChangesetError: The mirror lacks a file.
            ReshapedTableError: The column names of a table are unknown, because DDL of the timeline drops a column or
                replaces the table.
            FileError: A changeset file or the database is invalid, or exceeds the limits.
            OSError: A file cannot be read.

        Example:
            ```python
            with ChangeReader("changesets", "tip.bim") as reader:
                changed = [element.id for element in reader.diff(3, 7)]
            ```
        """
        return self.elements(after=start, until=end, net=True)

    def summarize(self, *, after: Place = None, until: Place = None, net: bool = True) -> Iterator[ClassSummary]:
        """Count the changed elements by class.

        Args:
            after: See `changesets`.
            until: See `changesets`.
            net: Whether to count the net effect of the range. Otherwise each changeset is counted separately, and each
                summary names its changeset.

        Yields:
            One summary for each class with changed elements, ordered by name; for each changeset separately unless
            `net`.

        Raises:
            KeyError: The timeline does not contain `after` or `until`.
            ValueError: `until` is before `after`.
            MissingChangesetError: The mirror lacks a file.
            ReshapedTableError: The column names of a table are unknown, because DDL of the timeline drops a column or
                replaces the table.
            FileError: A changeset file or the database is invalid, or exceeds the limits.
            OSError: A file cannot be read.

        Example:
            ```python
            with ChangeReader("changesets", "tip.bim") as reader:
                for each in reader.summarize():
                    print(each.class_name, each.inserted, each.updated, each.deleted)
            ```
        """
        for changeset, read in self._units(after, until, net=net):
            yield from summarized(self._elements(changeset, read), changeset)

    def history(self, element_id: str, *, index: FilePath | None = None) -> Iterator[HistoryEntry]:
        """Yield the history of an element and its aspects, oldest first.

        There is one entry for each changeset that changes them.

        With a mirror, an index determines which changesets to read. The index is a database in the mirror's folder,
        ``elements.db``. It is created on first use, updated on each use, and may be deleted. Several processes may use
        it at the same time. Without a mirror, all files are read each time.

        Args:
            element_id: The id of the element, such as ``"0x20000000001"``.
            index: Path of the index; None for ``elements.db`` in the mirror's folder.

        Raises:
            ElementIndexError: The index cannot be used.
            MissingChangesetError: The mirror lacks a file.
            ReshapedTableError: The column names of a table are unknown, because DDL of the timeline drops a column or
                replaces the table.
            FileError: A changeset file or the database is invalid, or exceeds the limits.
            ValueError: `element_id` is not a valid id.
            OSError: A file cannot be read.

        Example:
            ```python
            with ChangeReader("changesets", "tip.bim") as reader:
                for entry in reader.history("0x20000000001"):
                    print(entry.changeset.index, entry.operation, entry.change, entry.aspects)
            ```
        """
        number = read_id(element_id)

        if isinstance(self._timeline, MirrorTimeline):
            place = self._timeline.mirror.directory / INDEX_NAME if index is None else Path(index)
            with ElementIndex(place) as opened:
                update_index(opened, self._timeline, self._classes, self._reshaped, self._limits)
                rows = indexed_rows(opened, number, self._classes)
                indexed = indexed_changes(opened, rows)
            yield from entries(self._timeline, indexed, self._classes, partial(self._changes_of, rows))
            return
        rows = stated_rows(self._owned_values(), number, self._classes)
        for changeset in self.changesets():
            changes = self._changes_of(rows, changeset)
            if changes.own is not None or changes.aspects:
                operation = Operation.UPDATE if changes.own is None else changes.own.operation
                yield HistoryEntry(changeset=changeset, operation=operation, read=partial(_known, changes))

    def close(self) -> None:
        """Close the database. Changes that were already yielded stay usable."""
        self._builder.complete()
        self._classes.close()

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        self.close()

    def _units(
        self, after: Place, until: Place, *, net: bool
    ) -> Iterator[tuple[TimelineChangeset | None, Callable[[], Groups]]]:
        """Yield the units whose changes are combined: the whole range, or each changeset."""
        if net:
            yield None, lambda: self._groups(self.changesets(after=after, until=until))
        else:
            for changeset in self.changesets(after=after, until=until):
                yield changeset, partial(self._groups, [changeset])

    def _groups(self, changesets: Iterable[TimelineChangeset]) -> Iterator[Iterator[Change]]:
        """Yield the changes of each group in the form in which they are combined: with digests of large values."""
        steps: dict[str, int] = {}
        for changeset in changesets:
            for table, changes in read_groups(path_of(changeset), limits=self._limits, reduce=without_blobs):
                self._reshaped.check(table.name, changeset, steps)
                yield changes

    def _known_values(self, changesets: Iterable[TimelineChangeset]) -> Iterator[Change]:
        """Read the changes to tables whose columns are known."""
        for changeset in changesets:
            for table, changes in read_groups(path_of(changeset), limits=self._limits):
                is_known = self._reshaped.is_known(table.name, changeset)
                yield from (change for change in changes if is_known)

    def _owned_values(self) -> Iterator[Change]:
        """Read all changes; the columns that name the owners of aspects must be known."""
        for changeset in self.changesets():
            yield from checked_changes(changeset, self._classes, self._reshaped, self._limits)

    def _elements(self, changeset: TimelineChangeset | None, read: Callable[[], Groups]) -> Iterator[ElementChange]:
        parts = gathered(read, self._classes.table, self._limits)
        changes = chain.from_iterable(self._builder.instances(part, changeset, _ELEMENTS) for part in parts)
        return cast("Iterator[ElementChange]", changes)

    def _changes_of(self, rows: ElementRows, changeset: TimelineChangeset) -> ElementChanges:
        """Return the changes to an element in a changeset."""

        def read() -> Iterator[list[Change]]:
            for table, changes in read_groups(path_of(changeset), limits=self._limits):
                if digests := [digested(each) for each in changes if rows.has(each)]:
                    self._reshaped.check(table.name, changeset)
                    yield digests

        parts = gathered(read, self._classes.table, self._limits)
        return ElementChanges.of(
            change for part in parts for change in self._builder.instances(part, changeset, _WITH_ASPECTS)
        )


def _known(changes: ElementChanges, _: TimelineChangeset) -> ElementChanges:
    """Return changes that have already been read."""
    return changes
