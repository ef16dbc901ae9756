"""The changes that turn the rows of a table into those of the same table in another database."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from imodel_files._change import DELETE_CODE, INSERT_CODE, TableHeader
from imodel_files._ddl import quoted
from imodel_files._encoding import encode_header, encode_value
from imodel_files._errors import DatabaseDiffError
from imodel_files._fields import Value
from imodel_files._limits import Limits
from imodel_files._row_changes import update_of
from imodel_files._schema_diff import TablePlan
from imodel_files._schema_rows import is_schema_table
from imodel_files._table_shapes import STATISTICS

if TYPE_CHECKING:
    import sqlite3

BEFORE: Final = "main"
AFTER: Final = "other"
"""The names of the databases in a connection."""


@attrs.frozen
class Side:
    """A table in one of the databases.

    Attributes:
        source: The table, with the alias that `values` uses.
        values: The columns of the changeset, as SQL expressions.
    """

    source: str
    values: list[str]


class RowDiff:
    """Compares the rows of one table."""

    def __init__(self, database: "sqlite3.Connection", plan: TablePlan, path: str, limits: Limits) -> None:
        """Prepare the comparison.

        Args:
            database: The connection with both databases.
            plan: How to compare the table.
            path: The path of the second database, for errors.
            limits: Limits for the size of a row.
        """
        table = plan.table
        names = table.recorded_columns
        self._database = database
        self._plan = plan
        self._path = path
        self._limits = limits
        self._header = TableHeader(table.name, len(names), table.key_columns)
        self._keys = frozenset(table.key_columns)
        self._after = Side(f"{AFTER}.{quoted(table.name)} AS b", _values("b", names, table.name))
        before = _values("a", plan.before or [], table.name)
        before += [f"?{number}" for number in range(1, len(plan.added) + 1)]
        self._before = Side(f"{BEFORE}.{quoted(table.name)} AS a", before)

    def session(self) -> Iterator[bytes]:
        """Yield the changes in SQLite's session format: deletes, then updates, then inserts; nothing if there are none.

        Raises:
            DatabaseDiffError: A row exceeds the limits.
        """
        header = encode_header(self._header)
        for change in self._changes() if self._keys else ():
            yield header + change
            header = b""

    @property
    def describes_schema(self) -> bool:
        """Whether all rows of the table describe the schema."""
        return is_schema_table(self._header.name)

    def has_changes(self) -> bool:
        """Return whether the changeset contains changes to the table."""
        return next(self.session(), None) is not None

    def note(self) -> str | None:
        """Return a note on differences that a changeset cannot contain; None if there are none."""
        if self._plan.table.has_whole_keys or not self._differ():
            return None
        name = self._header.name
        if self._keys:
            return f"differing rows of {name} with NULL in their primary key are omitted"
        return f"differing rows of {name} are omitted, because it has no primary key"

    def _differ(self) -> bool:
        """Return whether rows without a key differ, regardless of their order and number."""
        after = self._keyless(self._after)
        if self._plan.before is None:
            return self._has_rows(after)
        before = self._keyless(self._before)
        pairs = ((before, after), (after, before))
        return any(self._has_rows(f"{one} EXCEPT {other}", self._plan.added) for one, other in pairs)

    def _keyless(self, side: Side) -> str:
        return f"{self._select(side)} WHERE NOT ({self._keyed(side) or 'FALSE'})"

    def _has_rows(self, query: str, parameters: Sequence[Value] = ()) -> bool:
        return self._database.execute(f"SELECT 1 FROM ({query}) LIMIT 1", parameters).fetchone() is not None  # noqa: S608

    def _changes(self) -> Iterator[bytes]:
        if self._plan.before is None:
            yield from self._single(INSERT_CODE, f"{self._select(self._after)} WHERE {self._keyed(self._after)}")
            return
        yield from self._single(DELETE_CODE, self._missing(self._before, self._after), self._plan.added)
        count = self._header.column_count
        for row in self._rows(self._pairs(), self._plan.added):
            change = update_of(row[:count], row[count:], self._keys, 0)
            if change is not None:
                yield change
        yield from self._single(INSERT_CODE, self._missing(self._after, self._before))

    def _single(self, code: int, query: str, parameters: Sequence[Value] = ()) -> Iterator[bytes]:
        head = bytes((code, 0))
        for row in self._rows(query, parameters):
            yield head + b"".join(row)

    def _rows(self, query: str, parameters: Sequence[Value]) -> Iterator[list[bytes]]:
        """Yield the rows of a query as encoded values."""
        for row in self._database.execute(query, parameters):
            fields = [encode_value(value) for value in row]
            if sum(map(len, fields)) > self._limits.values:
                raise DatabaseDiffError(
                    self._path,
                    f"a row of {self._header.name} exceeds {self._limits.values} bytes (Limits.values)",
                )
            yield fields

    def _select(self, side: Side) -> str:
        return f"SELECT {', '.join(side.values)} FROM {side.source}"  # noqa: S608 - quoted names

    def _missing(self, side: Side, other: Side) -> str:
        """Return the query for the rows whose key the other database lacks."""
        same_row = f"SELECT 1 FROM {other.source} WHERE {self._equal_keys()}"  # noqa: S608 - quoted names
        return f"{self._select(side)} WHERE {self._keyed(side)} AND NOT EXISTS ({same_row})"

    def _pairs(self) -> str:
        """Return the query for the rows that have the same key and different values in the databases."""
        differs = [
            f"({before} IS NOT {after} COLLATE BINARY OR typeof({before}) IS NOT typeof({after}))"
            for index, (before, after) in enumerate(zip(self._before.values, self._after.values, strict=True))
            if index not in self._keys
        ]
        values = ", ".join(self._before.values + self._after.values)
        return (
            f"SELECT {values} FROM {self._before.source} CROSS JOIN {self._after.source}"  # noqa: S608 - quoted names
            f" ON {self._equal_keys()} WHERE {' OR '.join(differs) or 'FALSE'}"
        )

    def _keyed(self, side: Side) -> str:
        """Return the condition that no part of the key is NULL; changesets do not contain other rows."""
        return " AND ".join(f"{side.values[index]} IS NOT NULL" for index in self._header.key_columns)

    def _equal_keys(self) -> str:
        """Return the condition that keys are equal byte by byte; the first comparison of a column can use the index."""
        return " AND ".join(
            f"{before} = {after} AND {before} = {after} COLLATE BINARY AND typeof({before}) = typeof({after})"
            for before, after in (
                (self._before.values[index], self._after.values[index]) for index in self._header.key_columns
            )
        )


def _values(alias: str, columns: list[str], table: str) -> list[str]:
    """Return columns as SQL. The session extension stores a missing index of the statistics as an empty blob."""
    values = [f"{alias}.{quoted(column)}" for column in columns]
    if table.lower() == STATISTICS and len(values) > 1:
        values[1] = f"coalesce({values[1]}, x'')"
    return values
