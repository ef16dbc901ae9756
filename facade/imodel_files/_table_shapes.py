"""The tables of a database: their definitions, and which of their data a changeset can contain."""

from typing import TYPE_CHECKING, Final

import attrs

from imodel_files._ddl import folded

if TYPE_CHECKING:
    import sqlite3

    import apsw

STATISTICS: Final = "sqlite_stat1"
_INTERNAL_PREFIX: Final = "sqlite_"
_LOCAL_PREFIXES: Final = ("be_local", "dgn_txns", "dgn_rebase", "dgn_spatialindex", "dgn_fts_idx")
"""Prefixes of tables that are specific to one file; the native library does not record them either."""


@attrs.frozen
class Column:
    """A column of a table.

    Attributes:
        name: The name of the column.
        facts: Name and type in lower case, whether it is NOT NULL, default value, position in the primary key.
        is_generated: Whether it is a generated column, which changesets do not contain.
    """

    name: str = attrs.field(eq=False)
    facts: tuple[object, ...]
    is_generated: bool


@attrs.frozen
class TableShape:
    """A table of a database.

    Attributes:
        name: The name of the table.
        kind: The kind of the table, as in ``pragma_table_list``.
        options: Whether the table is ``WITHOUT ROWID``, and whether it is ``STRICT``.
        columns: The columns.
        key_columns: Indexes of the primary key columns among those that a changeset contains.
        sql: The SQL statement that creates the table.
    """

    name: str
    kind: str
    options: tuple[int, int]
    columns: tuple[Column, ...]
    key_columns: tuple[int, ...]
    sql: str

    @property
    def is_virtual(self) -> bool:
        """Whether a SQLite module stores its content elsewhere."""
        return self.kind == "virtual"

    @property
    def has_whole_keys(self) -> bool:
        """Whether the table has a primary key that cannot contain NULL."""
        facts = [column.facts for column in self.columns if not column.is_generated]
        keys = [facts[index] for index in self.key_columns]
        without_rowid, _ = self.options
        is_rowid = [kind for _, kind, *_ in keys] == ["integer"]
        return bool(keys) and (
            bool(without_rowid) or is_rowid or all(is_never_null for _, _, is_never_null, *_ in keys)
        )

    @property
    def recorded_columns(self) -> list[str]:
        """The columns that a changeset contains."""
        return [column.name for column in self.columns if not column.is_generated]


@attrs.frozen
class Definition:
    """An index, a view or a trigger.

    Attributes:
        kind: ``"index"``, ``"view"`` or ``"trigger"``.
        name: The name of the object.
        table: The name of its table.
        sql: The SQL statement that creates it.
    """

    kind: str
    name: str
    table: str
    sql: str


@attrs.frozen
class Schema:
    """The tables and definitions of a database, by names in lower case.

    Attributes:
        tables: The tables that are not local to the file.
        definitions: The indexes, views and triggers, by kind and name.
    """

    tables: dict[str, TableShape]
    definitions: dict[tuple[str, str], Definition]


def read_schema(database: "apsw.Connection | sqlite3.Connection", schema: str) -> Schema:
    """Read the schema of a database.

    Args:
        database: The connection.
        schema: The name of the database in the connection.
    """
    query = f"SELECT type, name, tbl_name, sql FROM {schema}.sqlite_master ORDER BY rowid"  # noqa: S608 - our own name
    objects = [row for row in database.execute(query) if not is_local(row[2])]
    sqls = {name: sql for kind, name, _, sql in objects if kind == "table"}
    listed = database.execute("SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = ?", (schema,))
    kinds = {name: (kind, (without_rowid, strict)) for name, kind, without_rowid, strict in listed}
    tables = {
        folded(name): _shape(database, schema, name, *kinds[name], sql or "")
        for name, sql in sqls.items()
        if kinds.get(name, ("", ()))[0] in {"table", "virtual"}
    }
    definitions = {
        (kind, folded(name)): Definition(kind, name, table, sql)
        for kind, name, table, sql in objects
        if kind != "table" and sql
    }
    return Schema(tables, definitions)


def is_local(table: str) -> bool:
    """Return whether a table belongs to SQLite, or is specific to one file of an iModel."""
    name = table.lower()
    return (name.startswith(_INTERNAL_PREFIX) and name != STATISTICS) or name.startswith(_LOCAL_PREFIXES)


def _shape(  # noqa: PLR0913, PLR0917 - the facts about a table
    database: "apsw.Connection | sqlite3.Connection",
    schema: str,
    name: str,
    kind: str,
    options: tuple[int, int],
    sql: str,
) -> TableShape:
    rows = database.execute(
        'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, ?)', (name, schema)
    ).fetchall()
    columns = tuple(
        Column(str(column), (folded(str(column)), str(type_).lower(), *facts), bool(hidden))
        for column, type_, *facts, hidden in rows
    )
    places = [pk for *_, pk, hidden in rows if not hidden]
    keys = tuple(index for _, index in sorted((place, index) for index, place in enumerate(places) if place))
    if name.lower() == STATISTICS:
        keys = (0, 1)  # the session extension treats the table as if it had this key
    return TableShape(name, kind, options, columns, keys, sql)
