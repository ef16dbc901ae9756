"""Tables whose columns were moved by DDL, so that the database no longer describes the rows of earlier changesets."""

from collections import defaultdict
from collections.abc import Iterator

import attrs

from imodel_files._change_errors import ReshapedTableError
from imodel_files._change_files import FileTimeline, MirrorTimeline
from imodel_files._change_instances import TimelineChangeset
from imodel_files._class_reading import IModelClasses
from imodel_files._ddl import (
    Statement,
    alteration,
    altered_table,
    created_table,
    dropped_table,
    folded,
    split_statements,
    unquoted,
)
from imodel_files._errors import ChangesetFileError
from imodel_files._limits import Limits
from imodel_files._payload import open_payload, read_prefix


@attrs.frozen
class _Reshape:
    """DDL that moves columns of a table.

    Attributes:
        index: The index of the changeset.
        lost: The name, in lower case, that the DDL removes: the table, or the table and its column.
    """

    index: int
    lost: tuple[str, ...]


class ReshapedTables:
    """Checks that the columns of a table in the database are those that a changeset contains.

    Added columns go to the end of a table, and renamed ones keep their positions, so neither matters. But dropping a
    column moves those after it, and a table may be dropped, or renamed, and created again.
    """

    def __init__(self, timeline: FileTimeline | MirrorTimeline, classes: IModelClasses, limits: Limits) -> None:
        """Create the check. The DDL of the timeline is read on first use."""
        self._timeline = timeline
        self._classes = classes
        self._limits = limits
        self._reshapes: defaultdict[str, list[_Reshape]] = defaultdict(list)
        self._made: set[tuple[str, ...]] = set()
        self._position: int | None = None
        self._last: int | None = None

    def is_known(self, table: str, changeset: TimelineChangeset) -> bool:
        """Return whether a changeset has the table's columns of the database; True if the database lacks the table."""
        self._follow(changeset)
        reshapes = self._reshapes.get(folded(table))
        if not reshapes or not (columns := self._classes.table(table).columns):
            return True
        names = {(folded(table),), *((folded(table), folded(each)) for each in columns)}
        return all(self._is_past(each, names) is (each.index <= changeset.index) for each in reshapes)

    def check(self, table: str, changeset: TimelineChangeset, steps: dict[str, int] | None = None) -> None:
        """Check that the columns of a table are known; see `is_known`.

        Args:
            table: The table.
            changeset: The changeset.
            steps: By table, the number of preceding reshapes, which must be the same for all changesets that are
                combined.

        Raises:
            ReshapedTableError: The columns are unknown, or differ from those in the other changesets.
        """
        is_known = self.is_known(table, changeset)
        step = sum(each.index <= changeset.index for each in self._reshapes.get(folded(table), ()))
        if not is_known or (steps is not None and steps.setdefault(folded(table), step) != step):
            raise ReshapedTableError(
                changeset.id,
                f"the columns of table {table} are unknown, because DDL in another changeset drops a column or replaces"
                " the table. Use a database from the time of the changeset, and a range of changesets entirely before"
                " or after the DDL.",
            )

    def _is_past(self, reshape: _Reshape, names: set[tuple[str, ...]]) -> bool | None:
        """Return whether the database is after a reshape; None if unknown."""
        if self._position is not None:
            return reshape.index <= self._position
        return None if reshape.lost in self._made else reshape.lost not in names

    def _follow(self, changeset: TimelineChangeset) -> None:
        """Read the DDL of the changesets that have not been read yet."""
        if self._last is not None and changeset.index <= self._last:
            return
        place = self._classes.place()
        for each in self._timeline.changesets(self._last, None):
            if place is not None and place == each.id:
                self._position = each.index
            elif place is not None and place == each.parent_id and self._position is None:
                self._position = each.index - 1
            for statement in self._ddl(each):
                self._note(statement, each.index)
            self._last = each.index

    def _ddl(self, changeset: TimelineChangeset) -> Iterator[Statement]:
        if changeset.path is None:
            return
        try:
            with open_payload(changeset.path, self._limits) as payload:
                prefix = read_prefix(payload.stream.path, payload.prefix)
        except (ChangesetFileError, OSError):
            return  # reading its changes raises the error
        yield from split_statements(prefix.ddl or "")

    def _note(self, statement: Statement, index: int) -> None:
        created, dropped, altered = created_table(statement), dropped_table(statement), altered_table(statement)
        if created is not None:
            self._made.add((folded(created),))
        elif dropped is not None:
            self._reshapes[folded(dropped)].append(_Reshape(index, (folded(dropped),)))
        elif altered is not None:
            self._note_alteration(folded(unquoted(altered)), alteration(statement), index)

    def _note_alteration(self, table: str, words: tuple[str, ...], index: int) -> None:
        action, *names = words[:1] + tuple(folded(unquoted(each)) for each in words[1:])
        if words[:2] == ("RENAME", "TO"):
            self._reshapes[table].append(_Reshape(index, (table,)))
            self._made.add((names[1],))
        elif action == "RENAME":
            self._made.add((table, names[2]))
        elif action == "ADD":
            self._made.add((table, names[0]))
        elif action == "DROP":
            self._reshapes[table].append(_Reshape(index, (table, names[0])))
