"""The model of the seed `demo`: a small bridge, in tables like those of an iModel, and the steps of its history.

The tables describe their classes, so that tools for elements and their classes work on the model. iTwin.js cannot open
it: only the native library creates real iModels.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import apsw
from attrs import frozen

_MODEL, _PIER, _GIRDER, _BEARING, _INSPECTION, _CODE_SPEC = 20, 12, 13, 14, 16, 21
_CLASSES: Final = {  # id: schema, name, type, base
    10: (1, "Element", 0, None),
    11: (1, "GeometricElement3d", 0, 10),
    _PIER: (2, "Pier", 0, 11),
    _GIRDER: (2, "Girder", 0, 11),
    _BEARING: (2, "Bearing", 0, 11),
    15: (1, "ElementMultiAspect", 0, None),
    _INSPECTION: (2, "Inspection", 0, 15),
    _MODEL: (1, "PhysicalModel", 0, None),
    _CODE_SPEC: (1, "CodeSpec", 0, None),
    22: (1, "ModelContainsElements", 1, None),
}
_TABLES: Final = {  # id: name, parent, type, root class, columns
    1: (
        "bis_Element",
        None,
        0,
        10,
        "ECClassId ModelId LastMod CodeSpecId CodeScopeId CodeValue UserLabel FederationGuid",
    ),
    2: ("bis_GeometricElement3d", 1, 1, 11, "ECClassId Origin_X Origin_Y Origin_Z js1 js2"),
    3: ("bis_ElementMultiAspect", None, 0, 15, "ECClassId ElementId ps1 ps2"),
    4: ("bis_Model", None, 0, _MODEL, "ECClassId LastMod"),
    5: ("bis_CodeSpec", None, 0, _CODE_SPEC, "ECClassId Name"),
}
_ID, _TEXT, _REAL, _DATE, _BLOB, _POINT = 0x601, 0x901, 0x401, 0x301, 0x101, 0x701
_PROPERTIES: Final = {  # id: class, name, kind, type, extended type, relationship, columns by access string
    1: (10, "Model", 4, None, None, 22, {"Model.Id": (1, "ModelId")}),
    2: (10, "LastMod", 0, _DATE, None, None, {"LastMod": (1, "LastMod")}),
    3: (10, "CodeSpec", 4, None, None, None, {"CodeSpec.Id": (1, "CodeSpecId")}),
    4: (10, "CodeScope", 4, None, None, None, {"CodeScope.Id": (1, "CodeScopeId")}),
    5: (10, "CodeValue", 0, _TEXT, None, None, {"CodeValue": (1, "CodeValue")}),
    6: (10, "UserLabel", 0, _TEXT, None, None, {"UserLabel": (1, "UserLabel")}),
    7: (10, "FederationGuid", 0, _BLOB, "BeGuid", None, {"FederationGuid": (1, "FederationGuid")}),
    8: (11, "Origin", 0, _POINT, None, None, {f"Origin.{axis}": (2, f"Origin_{axis}") for axis in "XYZ"}),
    9: (_PIER, "Height", 0, _REAL, None, None, {"Height": (2, "js1")}),
    10: (_PIER, "Material", 0, _TEXT, None, None, {"Material": (2, "js2")}),
    11: (_GIRDER, "Span", 0, _REAL, None, None, {"Span": (2, "js1")}),
    12: (_GIRDER, "Material", 0, _TEXT, None, None, {"Material": (2, "js2")}),
    13: (_BEARING, "Load", 0, _REAL, None, None, {"Load": (2, "js1")}),
    14: (15, "Element", 4, None, None, None, {"Element.Id": (3, "ElementId")}),
    15: (_INSPECTION, "Result", 0, _TEXT, None, None, {"Result": (3, "ps1")}),
    16: (_MODEL, "LastMod", 0, _DATE, None, None, {"LastMod": (4, "LastMod")}),
    17: (_CODE_SPEC, "Name", 0, _TEXT, None, None, {"Name": (5, "Name")}),
}
_CLASS_MODEL: Final = """
CREATE TABLE ec_Schema (Id INTEGER PRIMARY KEY, Name, Alias, VersionDigit1, VersionDigit2, VersionDigit3);
CREATE TABLE ec_Class (Id INTEGER PRIMARY KEY, SchemaId, Name, Type);
CREATE TABLE ec_ClassHasBaseClasses (Id INTEGER PRIMARY KEY, ClassId, BaseClassId, Ordinal);
CREATE TABLE ec_Property (Id INTEGER PRIMARY KEY, ClassId, Name, Kind, PrimitiveType, ExtendedTypeName, StructClassId,
    NavigationRelationshipClassId);
CREATE TABLE ec_PropertyPath (Id INTEGER PRIMARY KEY, RootPropertyId, AccessString);
CREATE TABLE ec_PropertyMap (Id INTEGER PRIMARY KEY, ClassId, PropertyPathId, ColumnId);
CREATE TABLE ec_Column (Id INTEGER PRIMARY KEY, TableId, Name, IsVirtual, ColumnKind);
CREATE TABLE ec_Table (Id INTEGER PRIMARY KEY, Name, ParentTableId, Type, ExclusiveRootClassId);
CREATE TABLE ec_CustomAttribute (Id INTEGER PRIMARY KEY, ClassId, ContainerId, ContainerType, Instance);
CREATE TABLE be_Prop (Namespace TEXT, Name TEXT, StrData TEXT, Data BLOB, PRIMARY KEY (Namespace, Name));
CREATE TABLE be_Local (Name CHAR NOT NULL COLLATE NOCASE UNIQUE, Val BLOB);
INSERT INTO ec_Schema VALUES (1, 'BisCore', 'bis', 1, 0, 0), (2, 'Bridge', 'bridge', 1, 0, 0);
INSERT INTO be_Prop VALUES ('hub', 'Note', 'The demo of a local hub; iTwin.js does not open it', NULL);
INSERT INTO be_Local VALUES ('be_repositoryId', x'0000000000000000');
"""
_FIRST_DAY: Final = 2_461_000.5
"""Julian day of the first change, as elements record it; constant, so that changeset ids are reproducible."""
_SPAN: Final = 28.0
_SPANS: Final = 7


@frozen(kw_only=True)
class Step:
    """A push in the history.

    Attributes:
        days: Days before now.
        hour: Hour of that day.
        author: 0 or 1.
        description: Description of the changeset.
        group: Description of its group, or None.
        kinds: Sum of the flags in `containing_changes`.
        version: Name of the Named Version of this changeset, or None.
        verb: The change: a method of `Bridge`.
        arguments: Arguments of the verb.
    """

    days: int
    hour: int
    author: int
    description: str
    verb: str
    arguments: tuple[object, ...] = ()
    group: str | None = None
    kinds: int = 4
    version: str | None = None


PIERS: Final = "Piers"
DECK: Final = "Superstructure"
BEARINGS: Final = "Bearings"
PARAPETS: Final = "Parapets"
"""The group that still accepts changesets."""


def _steps() -> Iterator[Step]:
    yield Step(days=54, hour=9, author=0, description="Physical model and codes", verb="begin", kinds=18)
    yield Step(days=54, hour=15, author=0, description="Abutments", verb="add_piers", arguments=((0, _SPANS), 6.0))
    for place, pier in enumerate(range(1, _SPANS)):
        yield Step(
            days=52 - place,
            hour=10 + place % 3,
            author=place % 2,
            description=f"Pier {pier}",
            verb="add_piers",
            arguments=((pier,), 11.0 + pier),
            group=PIERS,
            version="Piers set out" if pier == _SPANS - 1 else None,
        )
    yield Step(days=45, hour=11, author=1, description="Concrete C40/50", verb="recast", arguments=("C40/50",))
    yield Step(days=44, hour=16, author=0, description="Labels of the piers", verb="label", arguments=("Pier", "Axis"))
    yield Step(
        days=41, hour=9, author=0, description="Soil report: pier 3 deeper", verb="raise_pier", arguments=(3, 16.5)
    )
    yield Step(
        days=38,
        hour=14,
        author=1,
        description="Foundations checked",
        verb="inspect",
        arguments=("passed",),
        version="Foundations checked",
    )
    for span in range(_SPANS):
        yield Step(
            days=34 - 2 * span,
            hour=9 + span,
            author=span % 2,
            description=f"Girder of span {span + 1}",
            verb="add_girder",
            arguments=(span,),
            group=DECK,
        )
    yield Step(days=19, hour=10, author=0, description="Camber of all girders", verb="lift_girders", arguments=(0.12,))
    yield Step(
        days=18, hour=17, author=1, description="Span 4 with steel S460", verb="change_girder", arguments=(3, "S460")
    )
    for pair, spans in enumerate(("spans 1 and 2", "spans 3 and 4", "spans 5 and 6", "span 7")):
        yield Step(
            days=16 - pair,
            hour=13,
            author=1 - pair % 2,
            description=f"Bearings of {spans}",
            verb="add_bearings",
            arguments=(pair,),
            group=BEARINGS,
            version="Superstructure complete" if spans == "span 7" else None,
        )
    yield Step(days=10, hour=11, author=0, description="Pier 2 removed", verb="drop", arguments=(2,))
    yield Step(days=9, hour=12, author=0, description="Longer girder over axis 2", verb="lengthen", arguments=(1, 2))
    yield Step(days=6, hour=10, author=1, description="Index of labels", verb="index", kinds=1)
    yield Step(days=4, hour=15, author=1, description="Second inspection", verb="inspect", arguments=("cracks",))
    yield Step(
        days=2,
        hour=9,
        author=0,
        description="Labels for the tender",
        verb="label",
        arguments=("Girder", "Span"),
        version="Tender",
    )
    yield Step(
        days=0,
        hour=0,
        author=1,
        description="Parapet on the north side",
        verb="parapet",
        arguments=(8.0,),
        group=PARAPETS,
    )


STEPS: Final[Sequence[Step]] = tuple(_steps())


class Bridge:
    """The database of the model; each method makes the changes that a step pushes."""

    def __init__(self) -> None:
        """Create the empty model."""
        self.database = apsw.Connection(":memory:")
        self.database.execute(_CLASS_MODEL)
        with self.database:
            self._describe()
        self._next = {0: 1, 1: 1}
        self._author = 0
        self._day = _FIRST_DAY

    def change(self, step: Step) -> tuple[bytes, str | None]:
        """Make the change of a step; return the recorded SQLite changeset and the DDL."""
        self._author, self._day = step.author, _FIRST_DAY + STEPS[0].days - step.days + step.hour / 24
        session = apsw.Session(self.database, "main")
        session.attach()
        with self.database:
            ddl = getattr(self, step.verb)(*step.arguments)
        recorded = session.changeset()
        session.close()
        return recorded, ddl

    def content(self) -> bytes:
        """Return the database as a file."""
        return bytes(self.database.serialize("main"))

    def element(self, code: str) -> str:
        """Return the id of an element by its code."""
        (row,) = self.database.execute("SELECT Id FROM bis_Element WHERE CodeValue = ?", (code,)).fetchall()
        return hex(int(str(row[0])))

    # The verbs.

    def begin(self) -> None:
        """Add the model and the specification of codes."""
        self._run("INSERT INTO bis_Model VALUES (1, ?, ?)", _MODEL, self._day)
        self._run("INSERT INTO bis_CodeSpec VALUES (1, ?, 'bridge:Component')", _CODE_SPEC)

    def add_piers(self, axes: Sequence[int], height: float) -> None:
        """Add piers, or abutments at both ends."""
        for axis in axes:
            kind = "Abutment" if axis in {0, _SPANS} else "Pier"
            self._add(_PIER, f"{kind} {axis}", (axis * _SPAN, 0.0, 0.0), height, "C35/45")

    def recast(self, material: str) -> None:
        """Change the material of all piers."""
        self._run("UPDATE bis_GeometricElement3d SET js2 = ? WHERE ECClassId = ?", material, _PIER)

    def label(self, kind: str, label: str) -> None:
        """Label elements of a kind after their codes."""
        self._run(
            "UPDATE bis_Element SET UserLabel = replace(CodeValue, ?, ?), LastMod = ? WHERE CodeValue LIKE ?",
            kind,
            label,
            self._day,
            f"{kind} %",
        )

    def raise_pier(self, axis: int, height: float) -> None:
        """Change the height of a pier."""
        self._set(f"Pier {axis}", "js1", height)

    def inspect(self, result: str) -> None:
        """Add the result of an inspection to each pier."""
        self._run(
            "INSERT INTO bis_ElementMultiAspect SELECT coalesce((SELECT max(Id) FROM bis_ElementMultiAspect), 0) + "
            "row_number() OVER (ORDER BY Id), ?, Id, ?, NULL FROM bis_Element WHERE ECClassId = ?",
            _INSPECTION,
            result,
            _PIER,
        )

    def add_girder(self, span: int) -> None:
        """Add the girder of a span."""
        self._add(_GIRDER, f"Girder {span + 1}", (span * _SPAN, 0.0, 12.0), _SPAN, "S355")

    def lift_girders(self, camber: float) -> None:
        """Lift all girders."""
        self._run("UPDATE bis_GeometricElement3d SET Origin_Z = Origin_Z + ? WHERE ECClassId = ?", camber, _GIRDER)

    def change_girder(self, span: int, material: str) -> None:
        """Change the material of a girder."""
        self._set(f"Girder {span + 1}", "js2", material)

    def add_bearings(self, pair: int) -> None:
        """Add the bearings of a pair of spans, or of the last span."""
        for span in (2 * pair, 2 * pair + 1):
            for end in (0, 1) if span < _SPANS else ():
                origin = ((span + end) * _SPAN, 0.0, 11.6)
                self._add(_BEARING, f"Bearing {span + 1}{'AB'[end]}", origin, 2_400.0, None)

    def drop(self, axis: int) -> None:
        """Remove a pier with its inspections."""
        number = int(self.element(f"Pier {axis}"), 16)
        self._run("DELETE FROM bis_ElementMultiAspect WHERE ElementId = ?", number)
        self._run("DELETE FROM bis_GeometricElement3d WHERE ElementId = ?", number)
        self._run("DELETE FROM bis_Element WHERE Id = ?", number)

    def lengthen(self, span: int, times: int) -> None:
        """Lengthen a girder."""
        self._set(f"Girder {span + 1}", "js1", times * _SPAN)

    def index(self) -> str:
        """Create an index; the session does not record this schema change."""
        ddl = "CREATE INDEX ix_bis_Element_UserLabel ON bis_Element (UserLabel)"
        self._run(ddl)
        return ddl

    def parapet(self, offset: float) -> None:
        """Add a parapet along the whole bridge."""
        self._add(_GIRDER, "Parapet north", (0.0, offset, 13.4), _SPANS * _SPAN, "S235")

    def _add(self, class_id: int, code: str, origin: tuple[float, float, float], *values: object) -> None:
        number = (self._author + 2 << 40) + self._next[self._author]
        self._next[self._author] += 1
        guid = uuid5(NAMESPACE_URL, code).bytes
        self._run(
            "INSERT INTO bis_Element VALUES (?, ?, 1, ?, 1, 1, ?, NULL, ?)", number, class_id, self._day, code, guid
        )
        statement = "INSERT INTO bis_GeometricElement3d VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._run(statement, number, class_id, *origin, *values)

    def _set(self, code: str, column: str, value: object) -> None:
        number = int(self.element(code), 16)
        self._run(f"UPDATE bis_GeometricElement3d SET {column} = ? WHERE ElementId = ?", value, number)  # noqa: S608 - our own names
        self._run("UPDATE bis_Element SET LastMod = ? WHERE Id = ?", self._day, number)

    def _run(self, statement: str, *values: object) -> None:
        self.database.execute(statement, values)

    # The description of the classes.

    def _describe(self) -> None:
        for class_id, (schema, name, kind, base) in _CLASSES.items():
            self._run("INSERT INTO ec_Class VALUES (?, ?, ?, ?)", class_id, schema, name, kind)
            if base is not None:
                self._run("INSERT INTO ec_ClassHasBaseClasses VALUES (NULL, ?, ?, 0)", class_id, base)
        columns = {}
        for table_id, (name, parent, kind, root, listed) in _TABLES.items():
            key = "ElementId" if kind else "Id"
            self._run("INSERT INTO ec_Table VALUES (?, ?, ?, ?, ?)", table_id, name, parent, kind, root)
            for place, column in enumerate((key, *listed.split())):
                columns[table_id, column] = table_id * 100 + place
                kind_of = {key: 1, "ECClassId": 2}.get(column, 0)
                self._run(
                    "INSERT INTO ec_Column VALUES (?, ?, ?, 0, ?)", table_id * 100 + place, table_id, column, kind_of
                )
            self._run(f"CREATE TABLE {name} ({key} INTEGER PRIMARY KEY, {listed.replace(' ', ', ')})")
        for property_id, (class_id, name, kind, type_, extended, relationship, _) in _PROPERTIES.items():
            row = (property_id, class_id, name, kind, type_, extended, None, relationship)
            self._run("INSERT INTO ec_Property VALUES (?, ?, ?, ?, ?, ?, ?, ?)", *row)
        for class_id in _CLASSES:
            for property_id, access, column_id in _mapped(class_id, columns):
                self._run("INSERT INTO ec_PropertyPath VALUES (NULL, ?, ?)", property_id, access)
                self._run("INSERT INTO ec_PropertyMap VALUES (NULL, ?, last_insert_rowid(), ?)", class_id, column_id)


def _mapped(class_id: int, columns: dict[tuple[int, str], int]) -> Iterator[tuple[int, str, int]]:
    """Yield the properties of a class and its bases with their columns."""
    base = _CLASSES[class_id][3]
    if base is not None:
        yield from _mapped(base, columns)
    for property_id, (owner, *_, mapped) in _PROPERTIES.items():
        if owner == class_id:
            yield from ((property_id, access, columns[place]) for access, place in mapped.items())
