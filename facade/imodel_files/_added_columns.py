"""Columns that DDL adds to tables, and their values in existing rows."""

from contextlib import closing
from typing import TYPE_CHECKING

import attrs

from imodel_files._ddl import Statement, alteration, altered_table, unquoted
from imodel_files._encoding import decode_text
from imodel_files._fields import Value

if TYPE_CHECKING:
    import sqlite3

_LONGEST_VALUE = 1 << 20


@attrs.frozen
class AddedColumn:
    """A column that a statement adds.

    Attributes:
        table: The name of the table.
        name: The name of the column.
        value: The value of the column in existing rows.
    """

    table: str
    name: str
    value: Value


def added_column(statement: Statement) -> AddedColumn | None:
    """Return the column that a statement adds; None for other statements, generated columns and failing statements.

    SQLite computes the value: the statement adds the column to a table with a single row, in memory.
    """
    name = altered_table(statement)
    if name is None or alteration(statement)[:1] != ("ADD",) or "\0" in statement.text:
        return None
    import sqlite3  # noqa: PLC0415 - only DDL that adds columns needs it

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        memory.text_factory = decode_text
        memory.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        try:
            memory.execute(f'CREATE TABLE {name} ("\a")')
            memory.execute(f"INSERT INTO {name} VALUES (NULL)")  # noqa: S608 - the quoted name from the DDL, in memory
            return _added(memory, statement, name)
        except sqlite3.Error:
            return None


def _added(memory: "sqlite3.Connection", statement: Statement, name: str) -> AddedColumn | None:
    memory.execute(statement.text)
    recorded = [column for (column,) in memory.execute("SELECT name FROM pragma_table_info(?)", (unquoted(name),))]
    if len(recorded) == 1:
        return None  # a generated column
    (values,) = memory.execute(f"SELECT * FROM {name}")  # noqa: S608 - the quoted name from the DDL, in memory
    return AddedColumn(unquoted(name), recorded[-1], values[-1])
