"""Derived data of an iModel that changesets lack, at least in part: schema caches, indexes, and id sequences.

The native library updates the indexes with triggers, which require functions that only it has.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from imodel_files._ddl import quoted
from imodel_files._place import has_columns
from imodel_files._spatial import Range, placed_range

if TYPE_CHECKING:
    import apsw

SPATIAL_SOURCE: Final = "bis_GeometricElement3d"
"""The table from which the spatial index is derived."""
TEXT_SOURCE: Final = "dgn_fts_content"
"""The table from which the text index is derived."""

_PLACEMENT: Final = (
    *("Origin_X", "Origin_Y", "Origin_Z", "Yaw", "Pitch", "Roll"),
    *("BBoxLow_X", "BBoxLow_Y", "BBoxLow_Z", "BBoxHigh_X", "BBoxHigh_Y", "BBoxHigh_Z"),
)
_SPATIAL_COLUMNS: Final = ("ElementId", "MinX", "MaxX", "MinY", "MaxY", "MinZ", "MaxZ")
_IDS_OF_A_BRIEFCASE: Final = 1 << 40

_HIERARCHY: Final = """
    WITH RECURSIVE line(class_id, base_id, ordinal, depth) AS (
        SELECT Id, Id, 0, 0 FROM ec_Class
        UNION
        SELECT line.class_id, link.BaseClassId, iif(depth = 0, link.Ordinal, line.ordinal), depth + 1
        FROM line JOIN ec_ClassHasBaseClasses link ON link.ClassId = line.base_id
        WHERE depth < (SELECT count(*) FROM ec_Class)
    )
    SELECT class_id, base_id FROM line GROUP BY class_id, base_id
    ORDER BY max(ordinal) DESC, max(depth) DESC, class_id, base_id
"""
_CLASS_TABLES: Final = """
    SELECT DISTINCT map.ClassId, col.TableId
    FROM ec_PropertyMap map
    JOIN ec_Column col ON col.Id = map.ColumnId
    JOIN ec_ClassMap class ON class.ClassId = map.ClassId
    WHERE NOT col.ColumnKind & 2 AND class.MapStrategy NOT IN (10, 11)
    ORDER BY 1, 2
"""
_CACHES: Final = (
    (
        "ec_cache_ClassHierarchy",
        "BaseClassId",
        _HIERARCHY,
        {"ec_Class": ["Id"], "ec_ClassHasBaseClasses": ["ClassId", "BaseClassId", "Ordinal"]},
    ),
    (
        "ec_cache_ClassHasTables",
        "TableId",
        _CLASS_TABLES,
        {
            "ec_PropertyMap": ["ClassId", "ColumnId"],
            "ec_Column": ["Id", "TableId", "ColumnKind"],
            "ec_ClassMap": ["ClassId", "MapStrategy"],
        },
    ),
)
_INSTANCE_ID: Final = 1
"""In ``ec_Column.ColumnKind``: the column contains instance ids."""
_CLASS_ID: Final = 2
"""In ``ec_Column.ColumnKind``: the column contains class ids."""
_DATA_TABLES: Final = (0, 1)
"""In ``ec_Table.Type``: primary and joined tables."""
_OVERFLOW_TABLE: Final = 3
"""In ``ec_Table.Type``: a table with the columns that do not fit in its parent."""

_OVERFLOWS: Final = """
    SELECT extra.Id, extra.Name, parent.Id, parent.Name, parent.ExclusiveRootClassId
    FROM ec_Table extra JOIN ec_Table parent ON parent.Id = extra.ParentTableId
    WHERE extra.Type = ?
"""
_CLASSES_OF_TABLE: Final = """
    SELECT map.ClassId FROM ec_PropertyMap map JOIN ec_Column col ON col.Id = map.ColumnId
    WHERE col.TableId = ? AND NOT col.ColumnKind & ?
"""


def rebuild_schema_caches(database: "apsw.Connection") -> None:
    """Rebuild the schema caches if they do not contain the rows that result from the schema.

    The native library always rebuilds them and renumbers the rows; here, a correct cache keeps its recorded numbers.
    """
    for cache, column, query, sources in _CACHES:
        is_there = has_columns(database, cache, "Id", "ClassId", column)
        if not is_there or not all(has_columns(database, table, *needed) for table, needed in sources.items()):
            continue
        wanted = database.execute(query).fetchall()
        if sorted(database.execute(f"SELECT ClassId, {column} FROM {cache}")) != sorted(wanted):  # noqa: S608 - our own names
            database.execute(f"DELETE FROM {cache}")  # noqa: S608 - our own names
            database.executemany(
                f"INSERT INTO {cache}(Id, ClassId, {column}) VALUES (?, ?, ?)",  # noqa: S608 - our own names
                [(number, *row) for number, row in enumerate(wanted, 1)],
            )


def add_overflow_rows(database: "apsw.Connection") -> None:
    """Insert the missing rows of overflow tables: an empty one for each row whose class has properties there."""
    if not has_columns(database, "ec_Table", "Id", "ParentTableId", "Name", "Type", "ExclusiveRootClassId"):
        return
    for row in database.execute(_OVERFLOWS, (_OVERFLOW_TABLE,)).fetchall():
        extra_id, extra, parent_id, parent, only_class = row[0], str(row[1]), row[2], str(row[3]), row[4]
        key, class_id = (_column_of(database, extra_id, extra, kind) for kind in (_INSTANCE_ID, _CLASS_ID))
        parent_key, parent_class = (_column_of(database, parent_id, parent, kind) for kind in (_INSTANCE_ID, _CLASS_ID))
        if key is None or parent_key is None or not (parent_class or isinstance(only_class, int)):
            continue
        source_class = f"source.{quoted(parent_class)}" if parent_class else str(only_class)
        database.execute(
            f"INSERT INTO {quoted(extra)}({quoted(key)}{f', {quoted(class_id)}' if class_id else ''})"  # noqa: S608 - quoted
            f" SELECT source.{quoted(parent_key)}{f', {source_class}' if class_id else ''} FROM {quoted(parent)} source"
            f" WHERE {source_class} IN ({_CLASSES_OF_TABLE})"
            f" AND source.{quoted(parent_key)} NOT IN (SELECT {quoted(key)} FROM {quoted(extra)})",
            (extra_id, _INSTANCE_ID | _CLASS_ID),
        )


def _column_of(database: "apsw.Connection", table_id: object, table: str, kind: int) -> str | None:
    """Return the column of a kind if the table really has it."""
    name = database.execute(
        "SELECT Name FROM ec_Column WHERE TableId = ? AND ColumnKind & ? AND NOT IsVirtual", (table_id, kind)
    ).get
    return name if isinstance(name, str) and has_columns(database, table, name) else None


def rebuild_text_index(database: "apsw.Connection") -> None:
    """Rebuild the text index, if the database has one."""
    if has_columns(database, "dgn_fts_idx", "Text"):
        database.execute("INSERT INTO dgn_fts_idx(dgn_fts_idx) VALUES ('rebuild')")


def update_spatial_index(database: "apsw.Connection", elements: Iterable[int] | None) -> None:
    """Update the rows of the spatial index, if the database has one.

    Args:
        database: The database.
        elements: The ids of the elements that may have changed; None for all.
    """
    has_source = has_columns(database, SPATIAL_SOURCE, "ElementId", "InSpatialIndex", *_PLACEMENT)
    if not has_source or not has_columns(database, "dgn_SpatialIndex", *_SPATIAL_COLUMNS):
        return
    if elements is None:
        database.execute("DELETE FROM dgn_SpatialIndex")
    else:
        ids = [(element,) for element in elements]
        database.executemany("DELETE FROM dgn_SpatialIndex WHERE ElementId = ?", ids)
    query = (
        f"SELECT ElementId, {', '.join(_PLACEMENT)} FROM {SPATIAL_SOURCE}"  # noqa: S608 - our own names
        " WHERE Origin_X IS NOT NULL AND InSpatialIndex = 1"
    )
    rows: Iterable[Any] = (
        database.execute(query) if elements is None else database.executemany(f"{query} AND ElementId = ?", ids)
    )
    database.executemany(
        f"INSERT INTO dgn_SpatialIndex({', '.join(_SPATIAL_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        _ranges(rows),
    )


def _ranges(rows: Iterable[Any]) -> Iterator[tuple[int, *Range]]:
    """Yield the range of each element whose placement is valid."""
    for element, *values in rows:
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        if len(numbers) == len(_PLACEMENT):
            x, y, z, yaw, pitch, roll, *box = numbers
            low, high = (box[0], box[1], box[2]), (box[3], box[4], box[5])
            if all(least <= most for least, most in zip(low, high, strict=True)):
                yield (element, *placed_range((x, y, z), (yaw, pitch, roll), low, high))


def reset_id_sequences(database: "apsw.Connection") -> None:
    """Set id sequences that are too low, or beyond the briefcase's range, to the highest id in this range.

    A file that is not a briefcase, such as a checkpoint, gets no sequences until it becomes a briefcase.
    """
    raw = _local(database, "be_repositoryid")
    briefcase = int.from_bytes(raw, "little") if isinstance(raw, bytes) else 0
    if not briefcase or not has_columns(database, "bis_Element", "Id"):
        return
    first = briefcase * _IDS_OF_A_BRIEFCASE
    for name, columns in (
        ("bis_elementidsequence", [("bis_Element", "Id")]),
        ("ec_instanceidsequence", _instance_id_columns(database)),
    ):
        present = _local(database, name)
        highest = max((_highest(database, table, column, first) for table, column in columns), default=first)
        if not (isinstance(present, int) and highest <= present < first + _IDS_OF_A_BRIEFCASE):
            database.execute("INSERT OR REPLACE INTO be_Local(Name, Val) VALUES (?, ?)", (name, highest))


def _local(database: "apsw.Connection", name: str) -> object:
    return database.execute("SELECT Val FROM be_Local WHERE Name = ?", (name,)).get


def _instance_id_columns(database: "apsw.Connection") -> list[tuple[str, str]]:
    """Return the columns with instance ids of all data tables, without those of the schema."""
    if not has_columns(database, "ec_Table", "Id", "Name", "Type") or not has_columns(
        database, "ec_Column", "TableId", "Name", "ColumnKind", "IsVirtual"
    ):
        return []
    named = database.execute(
        "SELECT each.Name, col.Name FROM ec_Table each JOIN ec_Column col ON col.TableId = each.Id"
        " WHERE col.ColumnKind & ? AND NOT col.IsVirtual AND each.Type IN (?, ?)",
        (_INSTANCE_ID, *_DATA_TABLES),
    ).fetchall()
    columns = [(str(table), str(column)) for table, column in named]
    return [each for each in columns if has_columns(database, *each)]


def _highest(database: "apsw.Connection", table: str, column: str, first: int) -> int:
    """Return the highest id of a column within the range that starts at `first`."""
    value = database.execute(
        f"SELECT max({quoted(column)}) FROM {quoted(table)}"  # noqa: S608 - quoted
        f" WHERE {quoted(column)} >= ? AND {quoted(column)} < ?",
        (first, first + _IDS_OF_A_BRIEFCASE),
    ).get
    return value if isinstance(value, int) else first
