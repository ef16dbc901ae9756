"""A small iModel with the tables that describe classes, and changesets that are recorded on it."""

import shutil
import uuid
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw

from imodel_files.changesets import write_changeset

PUMP, VALVE, INSPECTION, MODEL, LINK, CODE_SPEC, GEOMETRIC, OTHER_LINK, UNIQUE = 12, 20, 15, 16, 17, 18, 11, 21, 23
GUID = uuid.UUID("857a8131-4c18-4580-8bfa-985581963ea6")
DAY = 2460434.5
"""2024-05-04, as a Julian day."""

_SCHEMAS = [(1, "BisCore", "bis", 1, 0, 0), (2, "Plant", "plant", 1, 0, 0), (3, "CoreCustomAttributes", "cca", 1, 0, 0)]
_CLASSES = {  # id: schema, name, type, bases
    10: (1, "Element", 0, []),
    11: (1, "GeometricElement3d", 0, [10]),
    12: (2, "Pump", 0, [11]),
    13: (1, "ElementMultiAspect", 0, [14]),
    14: (1, "ElementAspect", 0, []),
    15: (2, "Inspection", 0, [13]),
    16: (1, "Model", 0, []),
    17: (1, "ElementRefersToElements", 1, []),
    18: (1, "CodeSpec", 0, []),
    19: (1, "ModelContainsElements", 1, []),
    20: (2, "Valve", 0, [11]),
    21: (2, "PumpFeedsValve", 1, [17]),
    22: (2, "Size", 2, []),
    23: (1, "ElementUniqueAspect", 0, [14]),
    30: (3, "HiddenProperty", 3, []),
    31: (3, "DateTimeInfo", 3, []),
}
_CODE = "LastMod CodeSpecId CodeScopeId CodeValue"
_TABLES = {  # id: name, parent, type, exclusive root class, columns
    1: (
        "bis_Element",
        None,
        0,
        10,
        f"ECClassId ModelId {_CODE} UserLabel ParentId FederationGuid JsonProperties",
    ),
    2: ("bis_GeometricElement3d", 1, 1, 11, "ECClassId InSpatialIndex Origin_X Origin_Y GeometryStream js1 js2 js3"),
    3: ("bis_GeometricElement3d_Overflow", 2, 3, None, "ECClassId os1 os2"),
    4: ("bis_ElementMultiAspect", None, 0, 13, "ECClassId ElementId ps1"),
    5: ("bis_Model", None, 0, 16, "ECClassId LastMod"),
    6: ("bis_ElementRefersToElements", None, 0, 17, "ECClassId SourceId TargetId ps1"),
    7: ("bis_CodeSpec", None, 0, 18, "Name"),
    8: ("bis_ElementUniqueAspect", None, 0, 23, "ECClassId ElementId"),
}
_PROPERTIES = {  # id: class, name, kind, primitive type, extended type, struct, relationship
    1: (10, "Model", 4, None, None, None, 19),
    2: (10, "LastMod", 0, 0x301, None, None, None),
    3: (10, "CodeSpec", 4, None, None, None, None),
    4: (10, "CodeScope", 4, None, None, None, None),
    5: (10, "CodeValue", 0, 0x901, None, None, None),
    6: (10, "UserLabel", 0, 0x901, None, None, None),
    7: (10, "Parent", 4, None, None, None, None),
    8: (10, "FederationGuid", 0, 0x101, "BeGuid", None, None),
    9: (10, "JsonProperties", 0, 0x901, "Json", None, None),
    10: (11, "InSpatialIndex", 0, 0x201, None, None, None),
    11: (11, "Origin", 0, 0x701, None, None, None),
    12: (11, "GeometryStream", 0, 0x101, "GeometryStream", None, None),
    13: (12, "Power", 0, 0x401, None, None, None),
    14: (12, "Tags", 2, 0x901, None, None, None),
    15: (12, "Size", 1, None, None, 22, None),
    16: (22, "IsRound", 0, 0x201, None, None, None),
    17: (12, "Tested", 0, 0x301, None, None, None),
    18: (20, "IsOpen", 0, 0x201, None, None, None),
    19: (13, "Element", 4, None, None, None, None),
    20: (15, "Result", 0, 0x901, None, None, None),
    21: (17, "SourceECInstanceId", 0, 0x601, "Id", None, None),
    22: (17, "TargetECInstanceId", 0, 0x601, "Id", None, None),
    23: (21, "Priority", 0, 0x501, None, None, None),
    24: (18, "Name", 0, 0x901, None, None, None),
    25: (16, "LastMod", 0, 0x301, None, None, None),
    26: (20, "State", 0, None, None, None, None),
    27: (22, "Norm", 0, None, None, None, None),
    28: (23, "Element", 4, None, None, None, None),
}
_ENUMERATIONS = {  # id: values, properties
    1: ('[{"IntValue":1,"DisplayLabel":"Open"},{"Name":"Shut","IntValue":2},{"IntValue":3}]', [26]),
    2: ('[{"Name":"Din","StringValue":"D","DisplayLabel":"DIN"}]', [27]),
}
_MAP = {  # class: access string, property, table, column
    10: [
        ("Model.Id", 1, 1, "ModelId"),
        ("Model.RelECClassId", 1, 1, "ModelRelECClassId"),
        ("LastMod", 2, 1, "LastMod"),
        ("CodeSpec.Id", 3, 1, "CodeSpecId"),
        ("CodeScope.Id", 4, 1, "CodeScopeId"),
        ("CodeValue", 5, 1, "CodeValue"),
        ("UserLabel", 6, 1, "UserLabel"),
        ("Parent.Id", 7, 1, "ParentId"),
        ("FederationGuid", 8, 1, "FederationGuid"),
        ("JsonProperties", 9, 1, "JsonProperties"),
    ],
    11: [
        ("InSpatialIndex", 10, 2, "InSpatialIndex"),
        ("Origin.X", 11, 2, "Origin_X"),
        ("Origin.Y", 11, 2, "Origin_Y"),
        ("GeometryStream", 12, 2, "GeometryStream"),
    ],
    12: [
        ("Power", 13, 2, "js1"),
        ("Tags", 14, 2, "js2"),
        ("Size.IsRound", 15, 2, "js3"),
        ("Tested", 17, 3, "os1"),
        ("Size.Norm", 15, 3, "os2"),
    ],
    20: [("IsOpen", 18, 2, "js1"), ("State", 26, 2, "js2")],
    13: [("Element.Id", 19, 4, "ElementId")],
    15: [("Result", 20, 4, "ps1")],
    17: [("SourceECInstanceId", 21, 6, "SourceId"), ("TargetECInstanceId", 22, 6, "TargetId")],
    21: [("Priority", 23, 6, "ps1")],
    18: [("Name", 24, 7, "Name")],
    23: [("Element.Id", 28, 8, "ElementId")],
    16: [("LastMod", 25, 5, "LastMod")],
}
_CLASS_MODEL = """
CREATE TABLE ec_Schema (Id INTEGER PRIMARY KEY, Name, Alias, VersionDigit1, VersionDigit2, VersionDigit3);
CREATE TABLE ec_Class (Id INTEGER PRIMARY KEY, SchemaId, Name, Type);
CREATE TABLE ec_ClassHasBaseClasses (Id INTEGER PRIMARY KEY, ClassId, BaseClassId, Ordinal);
CREATE TABLE ec_Property (Id INTEGER PRIMARY KEY, ClassId, Name, Kind, PrimitiveType, ExtendedTypeName, StructClassId,
    NavigationRelationshipClassId, EnumerationId);
CREATE TABLE ec_Enumeration (Id INTEGER PRIMARY KEY, EnumValues);
CREATE TABLE ec_PropertyPath (Id INTEGER PRIMARY KEY, RootPropertyId, AccessString);
CREATE TABLE ec_PropertyMap (Id INTEGER PRIMARY KEY, ClassId, PropertyPathId, ColumnId);
CREATE TABLE ec_Column (Id INTEGER PRIMARY KEY, TableId, Name, IsVirtual, ColumnKind);
CREATE TABLE ec_Table (Id INTEGER PRIMARY KEY, Name, ParentTableId, Type, ExclusiveRootClassId);
CREATE TABLE ec_CustomAttribute (Id INTEGER PRIMARY KEY, ClassId, ContainerId, ContainerType, Instance);
CREATE TABLE be_Prop (Namespace TEXT, Name TEXT, Data BLOB, PRIMARY KEY (Namespace, Name));
"""
_BLOBS = {"FederationGuid", "GeometryStream", "js1", "js2", "js3", "os1", "os2", "ps1"}


def make_imodel(path: Path) -> Path:
    """Create the database, without instances."""
    with closing(apsw.Connection(str(path))) as database:
        database.execute(_CLASS_MODEL)
        with database:
            _describe(database)
    return path


def _describe(database: apsw.Connection) -> None:
    database.executemany("INSERT INTO ec_Schema VALUES (?, ?, ?, ?, ?, ?)", _SCHEMAS)
    for class_id, (schema, name, kind, bases) in _CLASSES.items():
        database.execute("INSERT INTO ec_Class VALUES (?, ?, ?, ?)", (class_id, schema, name, kind))
        for ordinal, base in enumerate(bases):
            insert = "INSERT INTO ec_ClassHasBaseClasses VALUES (NULL, ?, ?, ?)"
            database.execute(insert, (class_id, base, ordinal))
    columns = {(1, "ModelRelECClassId"): 900}
    database.execute("INSERT INTO ec_Column VALUES (900, 1, 'ModelRelECClassId', 1, 0)")
    for table_id, (name, parent, kind, exclusive, listed) in _TABLES.items():
        key = "ElementId" if kind else "Id"
        database.execute("INSERT INTO ec_Table VALUES (?, ?, ?, ?, ?)", (table_id, name, parent, kind, exclusive))
        for place, column in enumerate((key, *listed.split())):
            column_id = columns[table_id, column] = table_id * 100 + place
            made = (column_id, table_id, column, 0, {key: 1, "ECClassId": 2}.get(column, 0))
            database.execute("INSERT INTO ec_Column VALUES (?, ?, ?, ?, ?)", made)
        types = "".join(f", {each} {'BLOB' if each in _BLOBS else ''}" for each in listed.split())
        database.execute(f"CREATE TABLE {name} ({key} INTEGER PRIMARY KEY{types})")
    database.execute("INSERT INTO ec_Column VALUES (901, 7, 'ECClassId', 1, 2)")
    for property_id, row in _PROPERTIES.items():
        database.execute("INSERT INTO ec_Property VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)", (property_id, *row))
    for enumeration, (values, properties) in _ENUMERATIONS.items():
        database.execute("INSERT INTO ec_Enumeration VALUES (?, ?)", (enumeration, values))
        of_enumeration = "UPDATE ec_Property SET EnumerationId = ? WHERE Id = ?"
        database.executemany(of_enumeration, [(enumeration, each) for each in properties])
    for class_id in _MAP:
        for access, property_id, table_id, column in _leaves(class_id):
            path = "INSERT INTO ec_PropertyPath VALUES (NULL, ?, ?)"
            database.execute(path, (property_id, access))
            link = "INSERT INTO ec_PropertyMap VALUES (NULL, ?, last_insert_rowid(), ?)"
            database.execute(link, (class_id, columns[table_id, column]))
    utc = "<DateTimeInfo>\n  <DateTimeKind>Utc</DateTimeKind>\n</DateTimeInfo>"
    for attribute, property_id, text in ((31, 2, utc), (30, 2, "<HiddenProperty/>"), (30, 9, "<HiddenProperty/>")):
        row = (attribute, property_id, text)
        database.execute("INSERT INTO ec_CustomAttribute VALUES (NULL, ?, ?, 992, ?)", row)


def _leaves(class_id: int) -> list[tuple[str, int, int, str]]:
    bases = [each for base in _CLASSES[class_id][3] for each in (_leaves(base) if base in _MAP else [])]
    return [*bases, *_MAP[class_id]]


Statement = str | tuple[str, tuple[Any, ...]]
"""SQL, with its values if it has any."""


class Plant:
    """An iModel, its baseline, and a folder with the changesets recorded on it.

    Attributes:
        baseline: The database before the first changeset.
        tip: The database after the last.
        folder: The changesets.
        ids: Their ids, in order.
    """

    def __init__(self, folder: Path, *before: Statement) -> None:
        """Create the iModel; `before` contains statements that fill it before the first changeset."""
        self.baseline = make_imodel(folder / "baseline.bim")
        _run(self.baseline, before)
        self.tip = folder / "tip.bim"
        shutil.copy(self.baseline, self.tip)
        self.folder = folder / "changesets"
        self.folder.mkdir()
        self.ids: list[str] = []

    def push(self, *statements: Statement, ddl: str | None = None) -> Path:
        """Record statements as a changeset, with DDL that is run before them."""
        _run(self.tip, [] if ddl is None else [ddl])
        body = _run(self.tip, statements)
        parent = self.ids[-1] if self.ids else None
        self.ids.append(write_changeset(self.folder, body, parent_id=parent, ddl=ddl))
        return self.folder / f"{self.ids[-1]}.cs"


def _run(path: Path, statements: Iterable[Statement]) -> bytes:
    """Run statements and return what they changed."""
    with closing(apsw.Connection(str(path))) as database, closing(apsw.Session(database, "main")) as session:
        session.attach()
        database.execute("PRAGMA synchronous = OFF")
        with database:
            for each in statements:
                database.execute(*((each,) if isinstance(each, str) else each))
        return session.changeset()


def element(number: int, class_id: int = PUMP, code: str = "P", **values: Any) -> Statement:
    """Insert a row of `bis_Element`."""
    columns = {"Id": number, "ECClassId": class_id, "ModelId": 1, "LastMod": DAY, "CodeSpecId": 1, "CodeScopeId": 1}
    return insert("bis_Element", **{**columns, "CodeValue": code, **values})


def geometry(number: int, class_id: int = PUMP, **values: Any) -> Statement:
    """Insert a row of `bis_GeometricElement3d`."""
    return insert("bis_GeometricElement3d", ElementId=number, ECClassId=class_id, **values)


def insert(table: str, **values: Any) -> Statement:
    """Insert a row."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    return f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())  # noqa: S608 - our own names


def update(table: str, key: int, **values: Any) -> Statement:
    """Update the row with an id."""
    named = ", ".join(f"{name} = ?" for name in values)
    id_column = "ElementId" if table.startswith("bis_Geometric") else "Id"
    return f"UPDATE {table} SET {named} WHERE {id_column} = ?", (*values.values(), key)  # noqa: S608 - our own names


def label(key: int, text: str | None, **values: Any) -> Statement:
    """Update the label of an element."""
    return update("bis_Element", key, UserLabel=text, **values)
