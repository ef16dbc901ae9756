"""Read the classes of an iModel, and the tables of its instances, from its database."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from imodel_files._change_errors import InvalidIModelError
from imodel_files._class_model import (
    InstanceKind,
    Leaf,
    Property,
    TableMap,
    ValueKind,
    closure,
    enumeration_labels,
    instance_kind,
    leaf_property,
    value_kind,
)
from imodel_files._ddl import folded, quoted
from imodel_files._limits import Limits
from imodel_files._place import read_place

if TYPE_CHECKING:
    import sqlite3

_PRIMARY, _JOINED, _OVERFLOW = 0, 1, 3
_DATA_TABLES: Final = {_PRIMARY, _JOINED, _OVERFLOW}
_ECDB_PREFIX: Final = "ecdbf_"
"""Prefix of ECDb's own tables, which contain no instances of the iModel."""
_RELATIONSHIP: Final = 1
_ID_COLUMN, _CLASS_COLUMN = 1, 2
_AT_ONCE: Final = 500
_STEPS: Final = 10_000
_MAX_STEPS: Final = 100_000
"""Limit on a query, in units of `_STEPS` SQLite instructions; no query exceeds it on a database within `Limits`."""
_DATE_KIND: Final = re.compile(r"<DateTimeKind>\s*Utc\s*<", re.IGNORECASE)

_TABLES: Final = "SELECT Id, Name, ParentTableId, Type, ExclusiveRootClassId FROM ec_Table"
_CLASSES: Final = (
    "SELECT c.Id, s.Name || ':' || c.Name, c.Type FROM ec_Class AS c JOIN ec_Schema AS s ON s.Id = c.SchemaId"
)
_BASES: Final = "SELECT ClassId, BaseClassId FROM ec_ClassHasBaseClasses ORDER BY ClassId, Ordinal"
_COLUMNS: Final = "SELECT TableId, Name, IsVirtual, ColumnKind FROM ec_Column WHERE ColumnKind IN (1, 2)"
_PROPERTIES: Final = """
    SELECT Id, ClassId, Name, Kind, PrimitiveType, lower(coalesce(ExtendedTypeName, '')), StructClassId,
        NavigationRelationshipClassId
    FROM ec_Property
"""
_ENUMERATIONS: Final = """
    SELECT p.Id, e.EnumValues FROM ec_Property AS p JOIN ec_Enumeration AS e ON e.Id = p.EnumerationId
"""
_ATTRIBUTES: Final = """
    SELECT a.ContainerId, c.Name, a.Instance FROM ec_CustomAttribute AS a JOIN ec_Class AS c ON c.Id = a.ClassId
    WHERE a.ContainerType = 992 AND c.Name IN ('HiddenProperty', 'DateTimeInfo')
"""
_LEAVES: Final = """
    SELECT t.Name, c.Name, p.AccessString, p.RootPropertyId, c.IsVirtual
    FROM ec_PropertyMap AS m
    JOIN ec_PropertyPath AS p ON p.Id = m.PropertyPathId
    JOIN ec_Column AS c ON c.Id = m.ColumnId
    JOIN ec_Table AS t ON t.Id = c.TableId
    WHERE m.ClassId = ? AND c.ColumnKind NOT IN (1, 2)
"""
_OWNER: Final = "elementid"
CONTEXT: Final = {
    InstanceKind.ELEMENT: (
        "modelid",
        "parentid",
        "codespecid",
        "codescopeid",
        "codevalue",
        "userlabel",
    ),
    InstanceKind.ASPECT: (_OWNER,),
    InstanceKind.RELATIONSHIP: ("sourceid", "targetid"),
}
"""Columns that are read from the database for updates, which contain them only if they change."""
_NEEDED: Final = frozenset(
    {
        "ec_Schema",
        "ec_Class",
        "ec_ClassHasBaseClasses",
        "ec_Property",
        "ec_PropertyPath",
        "ec_PropertyMap",
        "ec_Column",
        "ec_Table",
        "ec_CustomAttribute",
    }
)


class IModelClasses:
    """The classes of an iModel, read on demand. The database stays open until `close`."""

    def __init__(self, path: str | os.PathLike[str], limits: Limits) -> None:
        """Open the database and read its tables and the names of its classes.

        Raises:
            InvalidIModelError: The database is not an iModel, or exceeds the limits.
            OSError: The database cannot be read.
        """
        self._path = os.fspath(path)
        self._limits = limits
        self._layouts: dict[tuple[int, str], tuple[Leaf | None, ...]] = {}
        self._read_classes: set[int] = set()
        self._maps: dict[str, TableMap] = {}
        with self._failures():
            self._connection = self._opened()
            try:
                self._check_tables()
                self._read()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def place(self) -> str | None:
        """Return the id of the changeset that the database is at; None if it records none."""
        with self._failures():
            place = read_place(self._connection) if "be_local" in self._real else None
        return None if place is None else place.id

    def name(self, class_id: int) -> str | None:
        """Return the name of a class as ``Schema:Class``; None if no class has this id."""
        return self._names.get(class_id)

    def is_a(self, class_id: int, name: str) -> bool:
        """Return whether a class has the given name or derives from a class that has it; case-insensitive."""
        bases = closure(self._bases, class_id)
        return any((self._names.get(each) or "").lower() == name.lower() for each in bases)

    def table(self, name: str) -> TableMap:
        """Return the map of a table; the map of a table that the database lacks has no columns."""
        table_map = self._maps.get(folded(name))
        if table_map is None:
            with self._failures():
                table_map = self._maps[folded(name)] = self._table(name)
        return table_map

    def layout(self, class_id: int, table: TableMap) -> tuple[Leaf | None, ...]:
        """Return the leaves in the columns of a table for a class; None for columns of other classes and of the key.

        All tables of the class are read at once, so that later calls do not need the database.
        """
        key = class_id, folded(table.name)
        leaves = self._layouts.get(key)
        if leaves is None:
            if class_id not in self._read_classes:
                with self._failures():
                    self._read_layouts(class_id)
                self._read_classes.add(class_id)
            empty: tuple[Leaf | None, ...] = (None,) * len(table.columns)
            leaves = self._layouts.setdefault(key, empty)
        return leaves

    def classes_of(self, table: TableMap, ids: Iterable[int]) -> dict[int, int]:
        """Return the class ids of instances, by instance id; instances that the database lacks are omitted."""
        if table.class_column is None:
            return {}
        classes: dict[int, Any] = dict(self._rows(table, (table.column(table.class_column),), ids))
        is_valid = set(map(type, classes.values())) <= {int}
        return classes if is_valid else {key: each for key, each in classes.items() if isinstance(each, int)}

    def owner_column(self, name: str) -> int | None:
        """Return the index of the column with the element of an aspect; None for tables of other kinds."""
        table = self.table(name)
        return table.positions.get(_OWNER) if table.kind is InstanceKind.ASPECT else None

    def aspects_of(self, element_id: int) -> Iterator[tuple[str, int]]:
        """Yield the aspects of an element in the database, as the primary table in lower case and the id."""
        for name in self._by_name:
            owner = self.owner_column(name)
            table = self.table(name)
            if owner is None or not table.is_primary:
                continue
            key = quoted(table.column(table.id_column))
            with self._failures():
                statement = f"SELECT {key} FROM {quoted(table.name)} WHERE {quoted(table.column(owner))} = ?"  # noqa: S608 - quoted
                for (aspect_id,) in self._connection.execute(statement, (element_id,)):
                    yield name, aspect_id

    def context_values(self, table: TableMap, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Return the values of the `CONTEXT` columns of instances, by instance id and column name in lower case."""
        columns = tuple(column for column in CONTEXT.get(table.kind, ()) if column in table.positions)
        return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in self._rows(table, columns, ids)}

    def _rows(self, table: TableMap, columns: tuple[str, ...], ids: Iterable[int]) -> list[tuple[Any, ...]]:
        """Return the ids and the values of columns of instances."""
        rows: list[tuple[Any, ...]] = []
        if not table.columns:
            return rows
        wanted = list(ids)
        key = quoted(table.column(table.id_column))
        names = ", ".join((key, *map(quoted, columns)))
        with self._failures():
            for begin in range(0, len(wanted), _AT_ONCE):
                some = wanted[begin : begin + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                statement = f"SELECT {names} FROM {quoted(table.name)} WHERE {key} IN ({marks})"  # noqa: S608 - quoted
                rows += self._connection.execute(statement, some).fetchall()
        return rows

    def _opened(self) -> "sqlite3.Connection":
        import sqlite3  # noqa: PLC0415 - saves memory unless elements are read

        path = Path(self._path)
        with path.open("rb"):
            pass  # raise an OSError with the file's name if the file is missing
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, self._limits.values)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        return connection

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Convert SQLite errors, and interrupt statements that take too long."""
        import sqlite3  # noqa: PLC0415 - as above

        self._steps = iter(range(_MAX_STEPS))
        try:
            yield
        except sqlite3.Error as error:
            raise InvalidIModelError(self._path, f"its classes cannot be read: {error}") from error

    def _check_tables(self) -> None:
        """Reject views and virtual tables in place of tables: reading them could run arbitrary code."""
        self._connection.set_progress_handler(lambda: next(self._steps, None) is None, _STEPS)
        real = {
            name
            for (name,) in self._connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
            )
        }
        self._real = {folded(name): name for name in real}
        missing = sorted(_NEEDED - real)
        if missing:
            raise InvalidIModelError(self._path, f"not an iModel: table {missing[0]} is missing")

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        most = self._limits.class_rows
        rows = self._connection.execute(f"{statement} LIMIT {most + 1}", values).fetchall()
        if len(rows) > most:
            raise InvalidIModelError(self._path, f"more than {most} rows describe its classes")
        return rows

    def _read(self) -> None:
        classes = self._all(_CLASSES)
        self._names = {class_id: name for class_id, name, _ in classes}
        self._relationships = {class_id for class_id, _, kind in classes if kind == _RELATIONSHIP}
        self._bases: defaultdict[int, list[int]] = defaultdict(list)
        for class_id, base_id in self._all(_BASES):
            self._bases[class_id].append(base_id)
        self._tables = {row[0]: row for row in self._all(_TABLES)}
        self._by_name = {folded(str(row[1])): row for row in self._tables.values()}
        columns = self._all(_COLUMNS)
        self._class_columns = {row[0]: (row[1], bool(row[2])) for row in columns if row[3] == _CLASS_COLUMN}
        self._id_columns = {row[0]: row[1] for row in columns if row[3] == _ID_COLUMN}
        self._properties = {row[0]: Property(*row) for row in self._all(_PROPERTIES)}
        self._members = {(each.class_id, each.name.lower()): each for each in self._properties.values()}
        needed = (("ec_Property", "EnumerationId"), ("ec_Enumeration", "Id"), ("ec_Enumeration", "EnumValues"))
        has_enumerations = all(_place(self._columns_of(table), column) is not None for table, column in needed)
        self._enumerations = dict(self._all(_ENUMERATIONS)) if has_enumerations else {}
        self._hidden: set[tuple[int, str]] = set()
        self._utc: set[tuple[int, str]] = set()
        for property_id, attribute, text in self._all(_ATTRIBUTES):
            owner = self._properties.get(property_id)
            if owner is not None and attribute.lower() == "hiddenproperty":
                self._hidden.add((owner.class_id, owner.name.lower()))
            elif owner is not None and _DATE_KIND.search(text):
                self._utc.add((owner.class_id, owner.name.lower()))

    def _table(self, name: str) -> TableMap:
        name = self._real.get(folded(name), name)
        names = self._columns_of(name)
        row = self._by_name.get(folded(name))
        is_data = row is not None and row[3] in _DATA_TABLES and not name.lower().startswith(_ECDB_PREFIX)
        if row is None or not is_data or not names:
            return TableMap(name, names, None, InstanceKind.OTHER, 0, None, None, None)
        chain = list(self._chain(row))
        primary = chain[-1]
        root_class = next((each[4] for each in chain if each[4] is not None), None)
        class_column, is_virtual = self._class_columns.get(row[0], ("", True))
        stored = None if is_virtual else _place(names, class_column)
        exclusive = root_class if stored is None else None
        kind = self._kind(primary[4] if primary[4] is not None else root_class)
        id_column = _place(names, self._id_columns.get(row[0], "")) or 0
        root = folded(str(primary[1]))
        return TableMap(name, names, root, kind, id_column, stored, exclusive, root_class)

    def _columns_of(self, name: str) -> tuple[str, ...]:
        """Return the columns of a table; empty if the database lacks the table."""
        if folded(name) not in self._real:
            return ()
        return tuple(each for (each,) in self._connection.execute("SELECT name FROM pragma_table_info(?)", (name,)))

    def _chain(self, row: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """Yield a table and its parents, up to the primary table."""
        seen = set()
        while row[0] not in seen:
            seen.add(row[0])
            yield row
            if row[3] == _PRIMARY or row[2] not in self._tables:
                return
            row = self._tables[row[2]]

    def _kind(self, class_id: int | None) -> InstanceKind:
        if class_id is None:
            return InstanceKind.OTHER
        names = (self._names.get(each, "") for each in closure(self._bases, class_id))
        return instance_kind(names, is_relationship=class_id in self._relationships)

    def _read_layouts(self, class_id: int) -> None:
        """Read the leaves in the columns of all tables of a class."""
        rows = self._all(_LEAVES, class_id)
        bases = closure(self._bases, class_id)
        fixed = {access.rpartition(".")[0].lower() for _, _, access, _, virtual in rows if virtual}
        leaves: defaultdict[str, dict[str, Leaf]] = defaultdict(dict)
        for table, column, access, root, virtual in rows:
            if not virtual and root in self._properties:
                leaves[folded(table)][folded(column)] = self._leaf(access, self._properties[root], bases, fixed)
        for name, by_column in leaves.items():
            if name in self._by_name:
                table_map = self.table(self._by_name[name][1])
                self._layouts[class_id, name] = tuple(by_column.get(folded(column)) for column in table_map.columns)

    def _leaf(self, access: str, owner: Property, bases: frozenset[int], fixed: set[str]) -> Leaf:
        name = owner.name.lower()
        is_utc = any((each, name) in self._utc for each in bases)
        is_hidden = any((each, name) in self._hidden for each in bases)
        owner = leaf_property(owner, access, self._member)
        kind = value_kind(owner, access, is_utc=is_utc)
        is_fixed = kind is ValueKind.ID and access.rpartition(".")[0].lower() in fixed
        relationship = self._names.get(owner.relationship or 0) if is_fixed else None
        text = self._enumerations.get(owner.id)
        labels = enumeration_labels(text) if isinstance(text, str) else None
        return Leaf(access, kind, is_hidden, relationship, labels or None)

    def _member(self, struct: int, name: str) -> Property | None:
        """Return the member of a struct; if it declares none, that of a base."""
        classes = (struct, *closure(self._bases, struct))
        return next((self._members[each, name] for each in classes if (each, name) in self._members), None)


def _place(names: tuple[str, ...], wanted: str) -> int | None:
    return next((index for index, name in enumerate(names) if folded(name) == folded(wanted)), None)
