"""The tables of a database: what a changeset can hold of them, and what defines them."""

from typing import TYPE_CHECKING, Final

import attrs

from imodel_files._ddl import folded

if TYPE_CHECKING:
    import sqlite3

    import apsw

STATISTICS: Final = "sqlite_stat1"
_INTERNAL_PREFIX: Final = "sqlite_"
_LOCAL_PREFIXES: Final = ("be_local", "dgn_txns", "dgn_rebase", "dgn_spatialindex", "dgn_fts_idx")
"""What belongs to one file alone: the native library records none of these tables either."""


@attrs.frozen
class Column:
    """A column.

    Attributes:
        name: Its name.
        facts: Its name and type in lower case, whether it is never NULL, its default value, its place in the key.
        is_generated: Whether its values follow from others, so that no changeset holds them.
    """

    name: str = attrs.field(eq=False)
    facts: tuple[object, ...]
    is_generated: bool


@attrs.frozen
class TableShape:
    """A table.

    Attributes:
        name: Its name.
        kind: ``"table"``, or ``"virtual"``.
        options: Whether it is without rowid, and strict.
        columns: Its columns.
        key_columns: Indexes, among the columns that are not generated, of those that make the primary key, in order.
        sql: The statement that creates it.
    """

    name: str
    kind: str
    options: tuple[int, int]
    columns: tuple[Column, ...]
    key_columns: tuple[int, ...]
    sql: str

    @property
    def is_virtual(self) -> bool:
        """Whether a module of SQLite keeps its content elsewhere."""
        return self.kind == "virtual"

    @property
    def has_whole_keys(self) -> bool:
        """Whether no part of a primary key can be NULL."""
        facts = [column.facts for column in self.columns if not column.is_generated]
        keys = [facts[index] for index in self.key_columns]
        without_rowid, _ = self.options
        is_rowid = [kind for _, kind, *_ in keys] == ["integer"]
        return bool(keys) and (
            bool(without_rowid) or is_rowid or all(is_never_null for _, _, is_never_null, *_ in keys)
        )

    @property
    def recorded_columns(self) -> list[str]:
        """The columns that a changeset holds."""
        return [column.name for column in self.columns if not column.is_generated]


@attrs.frozen
class Definition:
    """An index, a view or a trigger.

    Attributes:
        kind: ``"index"``, ``"view"`` or ``"trigger"``.
        name: Its name.
        table: The table it is for.
        sql: The statement that creates it.
    """

    kind: str
    name: str
    table: str
    sql: str


@attrs.frozen
class Schema:
    """What a database consists of, by names in lower case.

    Attributes:
        tables: The tables that are not local to the file.
        definitions: The indexes, views and triggers, by kind and name.
    """

    tables: dict[str, TableShape]
    definitions: dict[tuple[str, str], Definition]


def read_schema(database: "apsw.Connection | sqlite3.Connection", schema: str) -> Schema:
    """Read what a database consists of.

    Args:
        database: The connection.
        schema: The name that the database has in it.
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
    """Return whether a table is SQLite's own, or belongs to one file of an iModel alone."""
    name = table.lower()
    return (name.startswith(_INTERNAL_PREFIX) and name != STATISTICS) or name.startswith(_LOCAL_PREFIXES)


def _shape(  # noqa: PLR0913, PLR0917 - each is a fact about the table
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
        keys = (0, 1)  # the session extension acts as if the table had this key
    return TableShape(name, kind, options, columns, keys, sql)
