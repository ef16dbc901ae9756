"""Changes are read as elements: classes, properties, values, net effect."""

import hashlib
import json
import random
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from imodel_files._change_files import MirrorTimeline
from imodel_files._place import RecordedPlace, record_place
from imodel_files.changes import (
    NO_VALUE,
    AspectChange,
    Blob,
    ChangeReader,
    ChangesetOrderError,
    Code,
    ElementChange,
    ElementChangeType,
    InstanceChange,
    InvalidIModelError,
    ModelChange,
    Operation,
    PropertyChange,
    RelationshipChange,
    ReshapedTableError,
    RowChange,
    change_record,
    order_changesets,
)
from imodel_files.changesets import ChainLink, Limits, TruncatedFileError, iter_changes, write_changeset
from tests.unit.imodel_files.making import UPDATE, fields, table
from tests.unit.imodel_files.plant import (
    DAY,
    GUID,
    INSPECTION,
    MODEL,
    OTHER_LINK,
    PUMP,
    VALVE,
    Plant,
    Statement,
    element,
    geometry,
    insert,
    label,
    update,
)
from tests.unit.imodel_files.samples import samples_folder

HEX = "0x20000000001"
ID = 0x20000000001
OVERFLOW = "bis_GeometricElement3d_Overflow"


def elements(plant: Plant, database: Path | None = None, **options: Any) -> list[ElementChange]:
    """Read all elements."""
    with ChangeReader(plant.folder, database or plant.baseline) as reader:
        return list(reader.elements(**options))


def told(changes: Iterable[InstanceChange]) -> list[tuple[str, str, str | None]]:
    """Return operation, id and class of a change."""
    return [(each.operation.value, each.id, each.class_name) for each in changes]


def overflow_row(number: int, **values: Any) -> Statement:
    """Insert a row of the overflow table."""
    return insert(OVERFLOW, ElementId=number, ECClassId=PUMP, **values)


def filled_rows(database: Path, step: int) -> Iterable[Statement]:
    """Insert and update rows of all plain tables; the values begin with the names of their columns."""
    with closing(apsw.Connection(str(database))) as opened:
        columns = (
            "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.name LIKE 'plain%'"
        )
        tables: dict[str, dict[str, str]] = {}
        for name, column in opened.execute(columns):
            tables.setdefault(f'"{name}"', {})[column] = f"{column}{step}"
    for name, values in tables.items():
        del values["Id"]
        yield from (insert(name, Id=step, **values), update(name, 1, **values))


def is_named(name: str, value: object) -> bool:
    """Return whether a value of `filled_rows` has the name of its column, which may have been renamed, or no name."""
    column = value[0] if isinstance(value, str) else "Id"
    return name.startswith("#") or name == column or {name, column} == {"b", "x"}


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """An empty plant."""
    return Plant(tmp_path)


def test_an_element_is_one_change_with_decoded_values(plant: Plant) -> None:
    """Rows of three tables form one element, and each value is decoded by its property."""
    stream = bytes(200)
    plant.push(
        element(ID, code="P-1", UserLabel="Pump", ParentId=7, FederationGuid=GUID.bytes, JsonProperties='{"a": 1}'),
        geometry(ID, InSpatialIndex=1, Origin_X=2, Origin_Y=0.5, GeometryStream=stream, js1=3, js2='["a"]', js3=0),
        overflow_row(ID, os1=DAY + 0.25),
    )
    (change,) = elements(plant)
    assert told([change]) == [("insert", HEX, "Plant:Pump")]
    assert change.tables[0] == "bis_Element"
    assert sorted(change.tables[1:]) == ["bis_GeometricElement3d", "bis_GeometricElement3d_Overflow"]
    assert (change.class_id, change.is_class_fallback, change.is_indirect) == (hex(PUMP), False, False)
    assert change.new_values == {
        "Model": {"Id": "0x1", "RelECClassId": "BisCore:ModelContainsElements"},
        "LastMod": "2024-05-04T00:00:00.000Z",
        "CodeSpec": {"Id": "0x1"},
        "CodeScope": {"Id": "0x1"},
        "CodeValue": "P-1",
        "UserLabel": "Pump",
        "Parent": {"Id": "0x7"},
        "FederationGuid": str(GUID),
        "JsonProperties": '{"a": 1}',
        "InSpatialIndex": True,
        "Origin": {"X": 2.0, "Y": 0.5},
        "GeometryStream": Blob(200, hashlib.sha256(stream).hexdigest()),
        "Power": 3.0,
        "Tags": ["a"],
        "Size": {"IsRound": False},
        "Tested": "2024-05-04T06:00:00.000",
    }
    assert isinstance(change.new_values["Power"], float)
    assert change.old_values == {}
    assert change.properties["Origin.X"] == PropertyChange(NO_VALUE, 2.0)
    assert change.code == Code(spec_id="0x1", scope_id="0x1", value="P-1")
    assert (change.model_id, change.parent_id, change.label) == ("0x1", "0x7", "Pump")
    assert change.changeset is not None
    assert (change.changeset.id, change.changeset.index) == (plant.ids[0], 1)


def test_a_struct_that_overrides_a_member(tmp_path: Path) -> None:
    """Its own declaration counts, here without a boolean."""
    plant = Plant(
        tmp_path,
        "INSERT INTO ec_Class VALUES (47, 2, 'ExactSize', 2)",
        "INSERT INTO ec_ClassHasBaseClasses VALUES (NULL, 47, 22, 0)",
        "UPDATE ec_Property SET StructClassId = 47 WHERE Name = 'Size'",
        "INSERT INTO ec_Property (Id, ClassId, Name, Kind, PrimitiveType) VALUES (90, 47, 'IsRound', 0, 0x901)",
    )
    plant.push(element(ID), geometry(ID, js3=1))
    (change,) = elements(plant)
    assert change.properties["Size.IsRound"].new == 1
    assert change.properties["Size.IsRound"].new is not True


def test_a_struct_that_derives_from_another(tmp_path: Path) -> None:
    """The members that its base declares are decoded, too."""
    plant = Plant(
        tmp_path,
        "INSERT INTO ec_Class VALUES (40, 2, 'ExactSize', 2)",
        "INSERT INTO ec_ClassHasBaseClasses VALUES (NULL, 40, 22, 0)",
        "UPDATE ec_Property SET StructClassId = 40 WHERE Name = 'Size'",
    )
    plant.push(element(ID), geometry(ID, js3=1))
    (change,) = elements(plant)
    assert change.properties["Size.IsRound"].new is True


def test_a_reader_may_pass_from_thread_to_thread(plant: Plant) -> None:
    """It is created in one thread, used in another, and closed by the first."""
    plant.push(element(ID), geometry(ID))
    with ChangeReader(plant.folder, plant.baseline) as reader, ThreadPoolExecutor(1) as other:
        found = other.submit(lambda: list(reader.elements())).result()
    assert told(found) == told(elements(plant))


def test_an_update_tells_old_and_new_values(tmp_path: Path) -> None:
    """NULL is a value; values that the change does not contain come from the database."""
    plant = Plant(
        tmp_path,
        "INSERT INTO bis_Element VALUES (5, 12, 1, 2460434.5, 1, 1, 'P-5', 'Old', 9, NULL, NULL)",
        "INSERT INTO bis_GeometricElement3d VALUES (5, 12, 1, 1.0, 2.0, NULL, 4.0, NULL, NULL)",
    )
    plant.push(
        "UPDATE bis_Element SET UserLabel = NULL, LastMod = 2460435.5",
        "UPDATE bis_GeometricElement3d SET js1 = 5, Origin_Y = 3",
    )
    (change,) = elements(plant)
    assert told([change]) == [("update", "0x5", "Plant:Pump")]
    assert dict(change.properties) == {
        "LastMod": PropertyChange("2024-05-04T00:00:00.000Z", "2024-05-05T00:00:00.000Z"),
        "UserLabel": PropertyChange("Old", None),
        "Power": PropertyChange(4.0, 5.0),
        "Origin.Y": PropertyChange(2.0, 3.0),
    }
    assert change.new_values["Origin"] == {"Y": 3.0}
    assert (change.code.value, change.parent_id, change.label) == ("P-5", "0x9", None)
    assert change.change_type == ElementChangeType.PROPERTY | ElementChangeType.PLACEMENT
    assert not change.is_touched_only


def test_values_of_enumerations_have_labels(tmp_path: Path) -> None:
    """The iModel defines them, also in structs; a value without a label has none."""
    plant = Plant(tmp_path)
    plant.push(
        element(ID, VALVE), geometry(ID, VALVE, js2=1),
        element(ID + 1), geometry(ID + 1), overflow_row(ID + 1, os2="D"),
    )  # fmt: skip
    for value in (2, 3, "odd", None):
        plant.push(update("bis_GeometricElement3d", ID, js2=value))
    with ChangeReader(plant.folder, plant.baseline) as reader:
        inserted, other, *updated = reader.elements()
        rows = [each for each in reader.rows() if "js2" in each.values]
    assert inserted.properties["State"] == PropertyChange(NO_VALUE, 1, None, "Open")
    assert other.properties["Size.Norm"] == PropertyChange(NO_VALUE, "D", None, "DIN")
    assert [dict(each.properties)["State"] for each in updated] == [
        PropertyChange(1, 2, "Open", "Shut"),
        PropertyChange(2, 3, "Shut", None),
        PropertyChange(3, "odd"),
        PropertyChange("odd", None),
    ]
    assert rows[1].values["js2"] == PropertyChange(1, 2, "Open", "Shut")
    assert change_record(inserted)["properties"]["State"] == {"new": 1, "new_label": "Open"}


@pytest.mark.parametrize("values", ["", "{}", "[1]", '[{"IntValue":1}]', '[{"DisplayLabel":"x"}]', "[" * 100_000, None])
def test_labels_that_cannot_be_read_are_left_out(values: str | None, tmp_path: Path) -> None:
    """Values stay what they are."""
    plant = Plant(tmp_path, ("UPDATE ec_Enumeration SET EnumValues = ?", (values,)))
    plant.push(element(ID, VALVE), geometry(ID, VALVE, js2=1))
    assert elements(plant)[0].properties["State"] == PropertyChange(NO_VALUE, 1)


def test_a_touched_element_is_marked(tmp_path: Path) -> None:
    """Only the time stamp changed; hidden properties and parents have their bits."""
    plant = Plant(tmp_path, element(5))
    plant.push("UPDATE bis_Element SET LastMod = 2.5")
    plant.push("UPDATE bis_Element SET JsonProperties = '{}', ParentId = 6")
    touched, hidden = elements(plant)
    assert (touched.is_touched_only, touched.change_type) == (True, ElementChangeType(0))
    assert (hidden.is_touched_only, hidden.change_type) == (False, ElementChangeType.HIDDEN | ElementChangeType.PARENT)
    with ChangeReader(plant.folder, plant.baseline) as reader:
        each = [(found.updated, found.touched) for found in reader.summarize(net=False)]
        (net,) = reader.summarize()
    assert each == [(1, 1), (1, 0)]
    assert (net.class_name, net.updated, net.touched, net.total) == ("Plant:Pump", 1, 0, 1)


def test_everything_else_is_what_it_is(plant: Plant) -> None:
    """Aspects, models, relationships, other instances and other rows."""
    plant.push(
        insert("bis_ElementMultiAspect", Id=3, ECClassId=INSPECTION, ElementId=ID, ps1="good"),
        insert("bis_Model", Id=ID, ECClassId=MODEL),
        insert("bis_ElementRefersToElements", Id=4, ECClassId=OTHER_LINK, SourceId=ID, TargetId=6, ps1=2),
        insert("bis_CodeSpec", Id=1, Name="Tags"),
        insert("be_Prop", Namespace="be_Db", Name="DbGuid", Data=GUID.bytes),
    )
    plant.push("UPDATE bis_ElementMultiAspect SET ps1 = 'bad'", "UPDATE bis_ElementRefersToElements SET ps1 = 3")
    with ChangeReader(plant.folder, plant.tip) as reader:
        changes = {type(each): each for each in reader.changes(until=1)}
        later = {type(each): each for each in reader.changes(after=1)}
    aspect, link = changes[AspectChange], changes[RelationshipChange]
    assert isinstance(aspect, AspectChange)
    assert isinstance(link, RelationshipChange)
    assert (aspect.class_name, aspect.element_id, aspect.properties["Result"].new) == ("Plant:Inspection", HEX, "good")
    assert (link.class_name, link.source_id, link.target_id) == ("Plant:PumpFeedsValve", HEX, "0x6")
    assert changes[ModelChange].class_name == "BisCore:Model"
    assert changes[InstanceChange].class_name == "BisCore:CodeSpec"
    row = changes[RowChange]
    assert isinstance(row, RowChange)
    assert (row.table, row.key, row.class_name) == ("be_Prop", ("be_Db", "DbGuid"), None)
    assert row.values["Data"].new == Blob(16, hashlib.sha256(GUID.bytes).hexdigest())
    updated, moved = later[AspectChange], later[RelationshipChange]
    assert isinstance(updated, AspectChange)
    assert isinstance(moved, RelationshipChange)
    assert (updated.element_id, updated.properties["Result"]) == (HEX, PropertyChange("good", "bad"))
    assert (moved.source_id, moved.properties["Priority"]) == (HEX, PropertyChange(2, 3))


def test_rows_have_names(plant: Plant) -> None:
    """Columns by name, ids in hexadecimal, classes by name, values decoded, in the order of the file."""
    plant.push(element(ID), geometry(ID, js1=1, js2="not an array"))
    with ChangeReader(plant.folder, plant.baseline) as reader:
        rows = {each.table: each for each in reader.rows()}
    assert {each.class_name for each in rows.values()} == {"Plant:Pump"}
    assert {each.key for each in rows.values()} == {(HEX,)}
    values = {name: each.new for name, each in rows["bis_GeometricElement3d"].values.items()}
    assert values == {"ElementId": HEX, "ECClassId": "Plant:Pump", "js1": 1.0, "js2": "not an array"}


class TestSchemaChanges:
    """A range in which tables, columns or classes change."""

    @pytest.mark.parametrize("net", [False, True])
    def test_a_renamed_column(self, net: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
        """Values are found by their places, names are those of the database."""
        plant = Plant(tmp_path, element(5), geometry(5, js1=1, Origin_X=1))
        plant.push(update("bis_GeometricElement3d", 5, js1=2, Origin_X=2))
        plant.push(
            "UPDATE ec_Column SET Name = 'jsA' WHERE Name = 'js1'",
            ddl="ALTER TABLE bis_GeometricElement3d RENAME COLUMN js1 TO jsA",
        )
        plant.push(update("bis_GeometricElement3d", 5, jsA=3, Origin_X=3))
        for database in (plant.baseline, plant.tip):
            found = elements(plant, database, net=net)
            expected = [(1.0, 3.0)] if net else [(1.0, 2.0), (2.0, 3.0)]
            for name in ("Power", "Origin.X"):
                values = [each.properties[name] for each in found]
                assert [(each.old, each.new) for each in values] == expected
            with ChangeReader(plant.folder, database) as reader:
                names = {name for each in reader.rows() for name in each.values if each.table.startswith("bis_")}
            assert names == {"Origin_X", "js1" if database == plant.baseline else "jsA"}

    def test_an_added_column(self, tmp_path: Path) -> None:
        """Rows before it have fewer values; over the range the new one is changed from nothing."""
        plant = Plant(tmp_path, element(5), element(6))
        plant.push(label(5, "a"), label(6, "a"), element(ID))
        plant.push(ddl="ALTER TABLE bis_Element ADD COLUMN More")
        plant.push(label(5, "b", More="m"), "DELETE FROM bis_Element WHERE Id = 6", label(ID, "b"))
        with ChangeReader(plant.folder, plant.tip) as reader:
            found = {each.id: each for each in reader.elements(net=True)}
        updated, deleted, inserted = (found[each] for each in ("0x5", "0x6", HEX))
        assert dict(updated.properties) == {
            "UserLabel": PropertyChange(None, "b"),
            "More": PropertyChange(None, "m"),
        }
        assert told([deleted]) == [("delete", "0x6", "Plant:Pump")]
        assert "UserLabel" not in deleted.properties
        assert inserted.label == "b"
        assert "More" not in inserted.properties

    @pytest.mark.parametrize("is_noted", [False, True])
    def test_a_dropped_column(self, tmp_path: Path, *, is_noted: bool) -> None:
        """The columns behind it move: rows on the other side of it than the database are not read with wrong names."""
        table = "bis_GeometricElement3d"
        local = ["CREATE TABLE be_Local (Name TEXT, Val)"] if is_noted else []
        plant = Plant(tmp_path, *local, element(5), geometry(5, js1=1, Origin_X=1))
        before, after = {"Power": (1.0, 2.0)}, {"Power": (2.0, 3.0)}
        plant.push(update(table, 5, js1=2))
        plant.push(label(5, "b"), ddl=f"ALTER TABLE {table} DROP COLUMN Origin_Y; CREATE INDEX i ON {table}(js1)")
        plant.push(update(table, 5, js1=3), label(5, "c"))
        if is_noted:
            with closing(apsw.Connection(str(plant.tip))) as database:
                record_place(database, RecordedPlace(plant.ids[-1], 3))
        for database, good, bad, values in ((plant.tip, 2, 0, after), (plant.baseline, 0, 2, before)):
            with ChangeReader(plant.folder, database) as reader:
                (found,) = reader.elements(after=good, until=good + 1)
                got = {name: (each.old, each.new) for name, each in found.properties.items() if name == "Power"}
                assert got == values
                assert [each.label for each in reader.elements(after=1, until=2)] == ["b"]
                for read in (
                    partial(reader.elements, after=bad, until=bad + 1),
                    partial(reader.elements, net=True),
                    partial(reader.changes, after=bad, until=bad + 1),
                    partial(reader.rows, after=bad, until=bad + 1),
                    reader.summarize,
                ):
                    with pytest.raises(ReshapedTableError, match=f"changeset {plant.ids[bad]}: .*{table}"):
                        list(read())
                with pytest.raises(ReshapedTableError):
                    [entry.change for entry in reader.history("0x5")]

    @pytest.mark.parametrize("net", [False, True])
    @pytest.mark.parametrize(
        "ddl",
        [
            ["ALTER TABLE plain DROP b"],
            ["ALTER TABLE plain DROP COLUMN b; ALTER TABLE plain ADD COLUMN b"],
            ["DROP TABLE plain; CREATE TABLE plain (Id INTEGER PRIMARY KEY, c, b, a)"],
            ["ALTER TABLE plain RENAME TO former; CREATE TABLE plain (Id INTEGER PRIMARY KEY, c, b)"],
            ["ALTER TABLE plain RENAME COLUMN b TO x", "ALTER TABLE plain DROP COLUMN x"],
            ["ALTER TABLE plain RENAME COLUMN b TO x", "ALTER TABLE PLAIN RENAME TO [plain two]"],
            ["ALTER TABLE plain ADD COLUMN d", "ALTER TABLE plain DROP COLUMN d"],
            ["DROP TABLE plain"],
        ],
    )
    def test_rows_of_tables_that_change(self, ddl: list[str], net: bool, tmp_path: Path) -> None:  # noqa: FBT001 - parameters of the test
        """Whatever happens to a table: a value has the name of its column, or none, or there is an error."""
        local = "CREATE TABLE be_Local (Name TEXT, Val)"
        plant = Plant(tmp_path, local, "CREATE TABLE plain (Id INTEGER PRIMARY KEY, a, b, c)")
        databases = [plant.baseline]

        steps: list[str | None] = [None, *(each for statement in ddl for each in (statement, None))]
        for step, each in enumerate(steps, 1):
            plant.push(*(() if each else filled_rows(plant.tip, step)), ddl=each)
            for noted in ("", plant.ids[-1]):
                databases.append(shutil.copy(plant.tip, tmp_path / f"{len(databases)}.bim"))
                with closing(apsw.Connection(str(databases[-1]))) as database:
                    record_place(database, RecordedPlace(noted, None))
        for index, path in enumerate(databases[2::2]):
            with ChangeReader(plant.folder, path) as reader:
                list(reader.changes(after=index, until=index + 1))  # it is always known what its own changeset contains
        for path, first in product(databases, range(len(plant.ids))):
            with ChangeReader(plant.folder, path) as reader, suppress(ReshapedTableError):
                for change in reader.changes(after=first, net=net):
                    assert isinstance(change, RowChange)
                    assert all(is_named(name, value.new) for name, value in change.values.items())

    def test_a_renamed_class_and_property(self, tmp_path: Path) -> None:
        """Their ids stay; names are those of the database."""
        plant = Plant(tmp_path, element(5), geometry(5, js1=1))
        plant.push(update("bis_GeometricElement3d", 5, js1=2))
        plant.push(
            "UPDATE ec_Class SET Name = 'Compressor' WHERE Id = 12",
            "UPDATE ec_PropertyPath SET AccessString = 'Watts' WHERE AccessString = 'Power'",
            "UPDATE ec_Property SET Name = 'Watts' WHERE Name = 'Power'",
        )
        plant.push(update("bis_GeometricElement3d", 5, js1=3))
        for database, class_name, name in (
            (plant.baseline, "Plant:Pump", "Power"),
            (plant.tip, "Plant:Compressor", "Watts"),
        ):
            (found,) = elements(plant, database, net=True)
            assert found.class_name == class_name
            assert dict(found.properties) == {name: PropertyChange(1.0, 3.0)}

    def test_an_element_of_another_class(self, tmp_path: Path) -> None:
        """What a column held before is read as the old class describes it, what it holds now as the new one does."""
        plant = Plant(tmp_path, element(ID), geometry(ID, js1=4, js2='["x"]', js3=1, Origin_X=1))
        plant.push(update("bis_GeometricElement3d", ID, js1=5))
        plant.push(
            update("bis_Element", ID, ECClassId=VALVE),
            update("bis_GeometricElement3d", ID, ECClassId=VALVE, js1=1, js2=2, js3=None, Origin_X=2),
        )
        with ChangeReader(plant.folder, plant.tip) as reader:
            (net,) = reader.elements(net=True)
            _, single = reader.elements()
            (row,) = [each for each in reader.rows(after=1) if each.table == "bis_GeometricElement3d"]
        for change, power in ((net, 4.0), (single, 5.0)):  # after the reader is closed
            assert told([change]) == [("update", HEX, "Plant:Valve")]
            assert dict(change.properties) == {
                "ECClassId": PropertyChange("Plant:Pump", "Plant:Valve"),
                "Power": PropertyChange(power, NO_VALUE),
                "IsOpen": PropertyChange(NO_VALUE, new=True),
                "Tags": PropertyChange(["x"], NO_VALUE),
                "State": PropertyChange(NO_VALUE, 2, None, "Shut"),
                "Size.IsRound": PropertyChange(old=True, new=NO_VALUE),
                "Origin.X": PropertyChange(1.0, 2.0),
            }
        assert row.values["js1"] == PropertyChange(5.0, new=True)
        assert row.values["js2"] == PropertyChange(["x"], 2, None, "Shut")

    def test_deleted_and_inserted_in_one_changeset(self, tmp_path: Path) -> None:
        """SQLite records an update of the row: an update that changes the class."""
        plant = Plant(tmp_path, element(ID, UserLabel="a"), geometry(ID, js1=4))
        plant.push(
            "DELETE FROM bis_Element", "DELETE FROM bis_GeometricElement3d",
            element(ID, VALVE, UserLabel="b"), geometry(ID, VALVE, js1=1),
        )  # fmt: skip
        (change,) = elements(plant)
        assert told([change]) == [("update", HEX, "Plant:Valve")]
        assert dict(change.properties) == {
            "ECClassId": PropertyChange("Plant:Pump", "Plant:Valve"),
            "UserLabel": PropertyChange("a", "b"),
            "Power": PropertyChange(4.0, NO_VALUE),
            "IsOpen": PropertyChange(NO_VALUE, new=True),
        }

    @pytest.mark.parametrize("net", [False, True])
    def test_another_class_without_an_overflow_row(self, net: bool, tmp_path: Path) -> None:  # noqa: FBT001 - as above
        """The deleted row states the old class, whatever the order of the tables; it is read as that class."""
        plant = Plant(tmp_path, element(ID), geometry(ID, js1=4), overflow_row(ID, os1=DAY))
        plant.push(
            update("bis_Element", ID, ECClassId=VALVE),
            update("bis_GeometricElement3d", ID, ECClassId=VALVE, js1=1),
            f"DELETE FROM {OVERFLOW}",  # noqa: S608 - our own name
        )
        (change,) = elements(plant, net=net)
        assert told([change]) == [("update", HEX, "Plant:Valve")]
        assert dict(change.properties) == {
            "ECClassId": PropertyChange("Plant:Pump", "Plant:Valve"),
            "Power": PropertyChange(4.0, NO_VALUE),
            "IsOpen": PropertyChange(NO_VALUE, new=True),
            "Tested": PropertyChange("2024-05-04T00:00:00.000", NO_VALUE),
        }

    def test_a_property_in_another_column(self, tmp_path: Path) -> None:
        """If both classes have a property, its old and its new value are one change."""
        plant = Plant(
            tmp_path,
            "INSERT INTO ec_PropertyPath VALUES (500, 13, 'Power')",
            insert("ec_PropertyMap", ClassId=VALVE, PropertyPathId=500, ColumnId=208),
            element(ID),
            geometry(ID, js1=4),
        )
        plant.push(
            update("bis_Element", ID, ECClassId=VALVE),
            update("bis_GeometricElement3d", ID, ECClassId=VALVE, js1=1, js3=9),
        )
        (change,) = elements(plant)
        assert change.properties["Power"] == PropertyChange(4.0, 9.0)
        assert (change.old_values["Power"], change.new_values["Power"]) == (4.0, 9.0)


class TestClasses:
    """The rules by which classes are found, in their order."""

    def test_the_change_counts_before_the_database(self, tmp_path: Path) -> None:
        """An update that changes the class."""
        plant = Plant(tmp_path, element(5))
        plant.push(update("bis_Element", 5, ECClassId=VALVE))
        (change,) = elements(plant)
        assert change.class_name == "Plant:Valve"
        assert change.properties["ECClassId"] == PropertyChange("Plant:Pump", "Plant:Valve")

    def test_another_row_of_the_changeset(self, tmp_path: Path) -> None:
        """The joined row of the element is inserted, although the database disagrees."""
        plant = Plant(tmp_path, element(5, VALVE))
        plant.push("UPDATE bis_Element SET UserLabel = 'a'", geometry(5, PUMP, js1=3))
        (change,) = elements(plant)
        assert told([change]) == [("update", "0x5", "Plant:Pump")]
        assert change.properties["Power"] == PropertyChange(None, 3.0)
        with ChangeReader(plant.folder, plant.baseline) as reader:
            assert {row.class_name for row in reader.rows()} == {"Plant:Pump"}

    def test_a_later_delete_and_an_earlier_insert(self, plant: Plant) -> None:
        """The database has the element neither before nor after."""
        plant.push(element(ID), geometry(ID))
        plant.push(update("bis_GeometricElement3d", ID, js1=3))
        plant.push("DELETE FROM bis_Element", "DELETE FROM bis_GeometricElement3d")
        for files in (plant.folder, [plant.folder / f"{each}.cs" for each in plant.ids[:2]]):
            with ChangeReader(files, plant.tip) as reader:
                (change,) = reader.elements(after=1, until=2)
                assert (change.class_name, change.is_class_fallback) == ("Plant:Pump", False)
                assert change.properties["Power"] == PropertyChange(None, 3.0)
                assert [row.class_name for row in reader.rows(after=1, until=2)] == ["Plant:Pump"]

    def test_the_class_of_the_table_is_a_fallback(self, plant: Plant) -> None:
        """The class is unknown; columns that the table's class does not have keep their names."""
        plant.push(element(ID), geometry(ID))
        path = plant.push(update("bis_GeometricElement3d", ID, js1=3, Origin_X=1))
        with ChangeReader(path, plant.baseline) as reader:
            (change,) = reader.elements()
            (row,) = reader.rows()
        assert (change.class_name, change.is_class_fallback) == ("BisCore:GeometricElement3d", True)
        assert dict(change.properties) == {"js1": PropertyChange(None, 3), "Origin.X": PropertyChange(None, 1.0)}
        assert (row.class_name, row.is_class_fallback) == ("BisCore:GeometricElement3d", True)

    def test_a_class_that_the_database_does_not_know(self, plant: Plant) -> None:
        """Its id is known; properties of the table's class have their names."""
        plant.push(element(ID, class_id=77, code="X"))
        (change,) = elements(plant)
        assert (change.class_name, change.class_id, change.is_class_fallback) == (None, hex(77), False)
        assert change.code.value == "X"
        assert change.properties["CodeValue"].new == "X"


class TestNet:
    """The net effect of several changesets."""

    def test_inserted_and_deleted_is_nothing(self, plant: Plant) -> None:
        """This applies to all of its tables."""
        plant.push(element(ID), geometry(ID), insert("be_Prop", Namespace="a", Name="b"))
        plant.push("DELETE FROM bis_Element", "DELETE FROM bis_GeometricElement3d", "DELETE FROM be_Prop")
        assert elements(plant, net=True) == []
        with ChangeReader(plant.folder, plant.baseline) as reader:
            assert list(reader.changes(net=True)) == []
        assert [each.operation.value for each in elements(plant)] == ["insert", "delete"]

    def test_updates_are_one(self, tmp_path: Path) -> None:
        """The result has the first old and the last new value, without unchanged ones."""
        plant = Plant(tmp_path, *(element(each, UserLabel="a", ParentId=9) for each in (5, 6)))
        plant.push("UPDATE bis_Element SET UserLabel = 'b', ParentId = 8")
        plant.push("UPDATE bis_Element SET UserLabel = 'c', ParentId = 9")
        plant.push("UPDATE bis_Element SET UserLabel = 'a' WHERE Id = 6")
        (change,) = elements(plant, net=True)
        assert (change.id, change.changeset) == ("0x5", None)
        assert dict(change.properties) == {"UserLabel": PropertyChange("a", "c")}

    def test_inserted_and_updated_is_inserted(self, plant: Plant) -> None:
        """The result has the last values."""
        plant.push(element(ID, UserLabel="a"))
        plant.push("UPDATE bis_Element SET UserLabel = 'b'")
        (change,) = elements(plant, net=True)
        assert (change.operation, change.label) == (Operation.INSERT, "b")

    def test_updated_and_deleted_is_deleted(self, tmp_path: Path) -> None:
        """The result has the first values."""
        plant = Plant(tmp_path, element(5, UserLabel="a", ParentId=9))
        plant.push("UPDATE bis_Element SET UserLabel = 'b'")
        plant.push("DELETE FROM bis_Element")
        (change,) = elements(plant, plant.tip, net=True)
        assert told([change]) == [("delete", "0x5", "Plant:Pump")]
        assert change.properties["UserLabel"] == PropertyChange("a", NO_VALUE)

    def test_deleted_and_inserted_is_updated(self, tmp_path: Path) -> None:
        """The result has only differing values."""
        plant = Plant(tmp_path, element(ID, UserLabel="a"))
        plant.push("DELETE FROM bis_Element")
        plant.push(element(ID, UserLabel="b"))
        (change,) = elements(plant, net=True)
        assert told([change]) == [("update", HEX, "Plant:Pump")]
        assert dict(change.properties) == {"UserLabel": PropertyChange("a", "b")}

    @pytest.mark.parametrize("limits", [Limits(), Limits(rows_in_memory=1)])
    def test_deleted_and_inserted_as_another_class_is_both(self, limits: Limits, tmp_path: Path) -> None:
        """They are two elements with one id: each has all of its values, as its own class describes them."""
        plant = Plant(tmp_path, element(ID, UserLabel="a"), geometry(ID, js1=4, js2='["x"]'), overflow_row(ID))
        tables = ("bis_Element", "bis_GeometricElement3d", OVERFLOW)
        plant.push(*(f"DELETE FROM {name}" for name in tables))  # noqa: S608 - our own names
        plant.push(element(ID, VALVE, UserLabel="a"), geometry(ID, VALVE, js1=0))
        plant.push(update("bis_GeometricElement3d", ID, js2=1))
        with ChangeReader(plant.folder, plant.tip, limits=limits) as reader:
            before, after = reader.elements(net=True)
            counted = [(each.class_name, each.inserted, each.updated, each.deleted) for each in reader.summarize()]
        assert told([before, after]) == [("delete", HEX, "Plant:Pump"), ("insert", HEX, "Plant:Valve")]
        assert before.old_values["Power"] == 4.0
        assert before.old_values["Tags"] == ["x"]
        assert before.old_values["UserLabel"] == after.new_values["UserLabel"] == "a"
        assert before.tables == tables
        assert after.tables == ("bis_Element", "bis_GeometricElement3d")
        assert after.new_values["IsOpen"] is False
        assert after.properties["State"] == PropertyChange(NO_VALUE, 1, None, "Open")
        assert counted == [("Plant:Pump", 0, 0, 1), ("Plant:Valve", 1, 0, 0)]

    def test_the_last_class_of_several_counts(self, tmp_path: Path) -> None:
        """What comes in between leaves no trace: the first class again is an update, none at all a delete."""
        plant = Plant(tmp_path, element(ID, UserLabel="a"))
        for class_id in (VALVE, PUMP):
            plant.push("DELETE FROM bis_Element")
            plant.push(element(ID, class_id, UserLabel="b"))
        plant.push("DELETE FROM bis_Element")
        assert told(elements(plant, net=True, until=2)) == [
            ("delete", HEX, "Plant:Pump"),
            ("insert", HEX, "Plant:Valve"),
        ]
        assert told(elements(plant, net=True, until=3)) == [("delete", HEX, "Plant:Pump")]
        (again,) = elements(plant, net=True, until=4)
        assert dict(again.properties) == {"UserLabel": PropertyChange("a", "b")}
        assert told(elements(plant, net=True)) == [("delete", HEX, "Plant:Pump")]
        assert told(elements(plant, net=True, after=1)) == []
        assert told(elements(plant, net=True, after=2)) == [("delete", HEX, "Plant:Valve")]

    def test_an_empty_overflow_row_is_nothing(self, tmp_path: Path) -> None:
        """Schema changes insert them for existing elements; one with a value is an update."""
        plant = Plant(tmp_path, element(5), element(6))
        plant.push(overflow_row(5), overflow_row(6, os1=DAY))
        (change,) = elements(plant)
        assert told([change]) == [("update", "0x6", "Plant:Pump")]
        assert dict(change.properties) == {"Tested": PropertyChange(None, "2024-05-04T00:00:00.000")}

    def test_it_is_what_two_databases_differ_in(self, tmp_path: Path) -> None:
        """Random changes: the net effect has the rows of the first and the last state, compared by SQL."""
        source = random.Random(17)  # noqa: S311 - alike on every run
        plant = Plant(tmp_path, *(element(each, UserLabel="a", ParentId=9) for each in range(1, 9)))
        for _ in range(40):
            number, text, parent = source.randint(1, 12), source.choice("abc"), source.randint(1, 3)
            if source.random() < 0.3:
                plant.push(("DELETE FROM bis_Element WHERE Id = ?", (number,)))
            else:
                sql, values = element(number, UserLabel=text, ParentId=parent)
                upsert = "ON CONFLICT DO UPDATE SET UserLabel = excluded.UserLabel, ParentId = excluded.ParentId"
                plant.push((f"{sql} {upsert}", values))
        before, after = rows_of(plant.baseline), rows_of(plant.tip)
        expected = {
            key: (before.get(key), after.get(key)) for key in before | after if before.get(key) != after.get(key)
        }
        found = {int(each.id, 16): each for each in elements(plant, net=True)}
        assert found.keys() == expected.keys()
        names = {"UserLabel": 0, "Parent.Id": 1}
        for key, change in found.items():
            old, new = expected[key]
            assert change.operation.value == ("insert" if old is None else "delete" if new is None else "update")
            for name, each in change.properties.items():
                if name in names:
                    assert each.old == (NO_VALUE if old is None else old[names[name]])
                    assert each.new == (NO_VALUE if new is None else new[names[name]])

    def test_an_update_after_inserted_and_deleted_is_nothing(self, plant: Plant) -> None:
        """A contradictory change to a missing row is skipped when it is applied, and has no net effect either."""
        plant.push(element(ID))
        plant.push("DELETE FROM bis_Element")
        body = table("bis_Element", 11) + UPDATE + fields(ID, *[NO_VALUE] * 6, "a", *[NO_VALUE] * 3)
        body += fields(*[NO_VALUE] * 7, "b", *[NO_VALUE] * 3)
        write_changeset(plant.folder, body, parent_id=plant.ids[-1])
        assert elements(plant, net=True) == []

    def test_many_rows_go_through_files(self, plant: Plant) -> None:
        """The same changes with little memory, also texts that are not UTF-8 and geometry."""
        plant.push(*(element(ID + each, code=f"P-{each}") for each in range(50)))
        plant.push(
            "UPDATE bis_Element SET UserLabel = CAST(x'61ff' AS TEXT) WHERE Id % 2 = 0",
            *(geometry(ID + each, GeometryStream=bytes(100 + each)) for each in range(0, 50, 3)),
            "DELETE FROM bis_Element WHERE Id % 5 = 0",
        )
        plant.push(*(insert("be_Prop", Namespace="n", Name=str(each)) for each in range(5)))

        def read(limits: Limits) -> list[Any]:
            with ChangeReader(plant.folder, plant.baseline, limits=limits) as reader:
                changes = list(reader.changes(net=True))
            return sorted(
                (
                    repr(each),
                    sorted((each.values if isinstance(each, RowChange) else each.properties).items()).__repr__(),
                )
                for each in changes
            )

        assert read(Limits(rows_in_memory=10)) == read(Limits())


def rows_of(database: Path) -> dict[int, tuple[str, str]]:
    """Label and parent of each element."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT Id, UserLabel, ParentId FROM bis_Element")
        return {key: (label, hex(parent)) for key, label, parent in found}


class TestFiles:
    """Files in any order."""

    def test_the_order_follows_the_parents(self, plant: Plant) -> None:
        """Patterns, folders and files can be in any order, also without the beginning."""
        paths = [plant.push(element(ID + each)) for each in range(6)]
        for source in ([*reversed(paths)], [plant.folder], [f"{plant.folder}/*.cs"], [paths[3], plant.folder]):
            found = order_changesets(source)
            assert [each.id for each in found] == plant.ids
            assert [each.parent_id for each in found] == ["", *plant.ids[:-1]]
        part = order_changesets([paths[4], paths[2], paths[3]])
        assert [(each.index, each.id, each.parent_id) for each in part] == [
            (1, plant.ids[2], None),
            (2, plant.ids[3], plant.ids[2]),
            (3, plant.ids[4], plant.ids[3]),
        ]

    def test_a_gap(self, plant: Plant) -> None:
        """The error names the files that follow none of the others."""
        paths = [plant.push(element(ID + each)) for each in range(4)]
        with pytest.raises(ChangesetOrderError, match=f"2 of 3 .*{plant.ids[2]}"):
            order_changesets([paths[0], paths[2], paths[3]])

    def test_numbered_files_of_a_folder_are_in_the_order_of_their_numbers(self, plant: Plant, tmp_path: Path) -> None:
        """Otherwise the tenth would follow the first, and net changes would be wrong."""
        folder = tmp_path / "numbered"
        folder.mkdir()
        for number in range(1, 12):
            shutil.copy(plant.push(element(ID + number)), folder / f"{number}.cs")
        for source in (folder, f"{folder}/*.cs"):
            names = [each.path.name for each in order_changesets([source]) if isinstance(each.path, Path)]
            assert names == [f"{number}.cs" for number in range(1, 12)]

    def test_ids_next_to_another_name_do_not_state_the_order(self, plant: Plant, tmp_path: Path) -> None:
        """The ids are random; only files that are listed keep their order."""
        paths = [plant.push(element(ID + each)) for each in range(4)]
        merged = shutil.copy(paths[0], tmp_path / "merged.cs")
        with pytest.raises(ChangesetOrderError, match=r"unknown: .* but .*merged\.cs is not"):
            order_changesets([plant.folder, merged])
        assert [each.path for each in order_changesets([*paths, merged])] == [*paths, Path(merged)]
        shutil.move(merged, plant.folder)
        with (
            ChangeReader([f"{plant.folder}/*.cs"], plant.baseline) as reader,
            pytest.raises(ChangesetOrderError, match="in the order of the timeline, or without that one"),
        ):
            list(reader.elements())

    def test_other_names_keep_their_order(self, plant: Plant, tmp_path: Path) -> None:
        """The same applies to links, which have the index."""
        paths = [plant.push(element(ID + each)) for each in range(2)]
        renamed = [shutil.copy(path, tmp_path / name) for path, name in zip(paths, ("b.cs", "a.cs"), strict=True)]
        assert [each.index for each in order_changesets(renamed)] == [1, 2]
        with ChangeReader(renamed, plant.baseline) as reader:
            assert [each.id for each in reader.elements()] == [HEX, hex(ID + 1)]
        link = ChainLink(paths[1], plant.ids[1], plant.ids[0], 7)
        with ChangeReader([link], plant.baseline) as reader:
            assert [each.index for each in reader.changesets(after=6, until=7)] == [7]
            assert [each.id for each in reader.diff(6)] == [hex(ID + 1)]

    def test_ranges(self, plant: Plant) -> None:
        """Bounds are indexes and ids; an unknown id is an error."""
        for each in range(4):
            plant.push(element(ID + each))
        with ChangeReader(plant.folder, plant.baseline) as reader:
            assert [each.index for each in reader.changesets(after=1, until=plant.ids[2])] == [2, 3]
            assert [each.id for each in reader.diff(plant.ids[1], 3)] == [hex(ID + 2)]
            for place in ("ab", 5, -1):
                with pytest.raises(KeyError, match=str(place)):
                    list(reader.elements(after=place))
                with pytest.raises(KeyError, match=str(place)):
                    list(reader.elements(until=place))
            assert not list(reader.elements(after=4))
            with pytest.raises(ValueError, match="the range starts after changeset 3, but ends with 1"):
                list(reader.diff(3, plant.ids[0]))

    @pytest.mark.parametrize("baseline", [0, "", SimpleNamespace(changeset_index=0)], ids=["index", "id", "version"])
    def test_a_range_that_ends_at_the_baseline(self, plant: Plant, baseline: Any) -> None:
        """It is empty, or an error if it starts later; only None is the newest changeset."""
        plant.push(element(ID))
        with ChangeReader(plant.folder, plant.baseline) as reader:
            assert list(reader.diff(baseline, baseline)) == []
            assert list(reader.changesets(until=baseline)) == []
            assert [each.id for each in reader.diff(baseline)] == [HEX]
            with pytest.raises(ValueError, match="the range starts after changeset 1, but ends with 0"):
                list(reader.diff(1, baseline))

    def test_an_index_in_a_gap(self, plant: Plant) -> None:
        """It is a place like those of the changesets, and the one before the first."""
        paths = [plant.push(element(ID + each)) for each in range(2)]
        links = [ChainLink(paths[0], plant.ids[0], "", 3), ChainLink(paths[1], plant.ids[1], plant.ids[0], 7)]
        with ChangeReader(links, plant.baseline) as reader:
            assert [each.index for each in reader.changesets(after=2)] == [3, 7]
            assert [each.index for each in reader.changesets(after=5)] == [7]
            assert [each.index for each in reader.changesets(until=5)] == [3]
            for place in (1, 8):
                with pytest.raises(KeyError, match=str(place)):
                    list(reader.changesets(after=place))

    def test_an_index_in_a_gap_of_a_mirror(self, plant: Plant) -> None:
        """The same applies to mirrors."""
        path = plant.push(element(ID))
        facts = SimpleNamespace(creator_id=None, push_date_time=None, parent_id="", id=plant.ids[0])
        known = {
            each: SimpleNamespace(path=path, changeset=SimpleNamespace(**vars(facts), index=each)) for each in (3, 7)
        }

        def changesets(after: int | None = None, until: int | None = None) -> Iterator[SimpleNamespace]:
            last = 7 if until is None else until
            return (each for index, each in known.items() if (after or 0) < index <= last)

        mirror: Any = SimpleNamespace(directory=plant.folder, changesets=changesets, get=known.__getitem__)
        timeline = MirrorTimeline(mirror)
        assert [each.index for each in timeline.changesets(2, 7)] == [3, 7]
        assert [each.index for each in timeline.changesets(5, None)] == [7]
        assert [each.index for each in timeline.changesets(None, 5)] == [3]
        assert not list(timeline.changesets(7, None))
        assert not list(timeline.changesets(None, 0))
        assert [each.index for each in timeline.changesets("", None)] == [3, 7]
        with pytest.raises(ValueError, match="but ends with 0"):
            list(timeline.changesets(7, ""))
        for bounds in ((8, None), (None, 8), (8, 9)):
            with pytest.raises(KeyError):
                list(timeline.changesets(*bounds))

    def test_a_sign_of_zero_is_a_change(self, tmp_path: Path) -> None:
        """SQLite keeps it, and so does the net effect."""
        plant = Plant(tmp_path, element(5, UserLabel=0.0), element(6, UserLabel=0.0))
        plant.push(label(5, "x"), label(6, "x"))
        plant.push(update("bis_Element", 5, UserLabel=-0.0), update("bis_Element", 6, UserLabel=0.0))
        (found,) = elements(plant, net=True)
        change = found.properties["UserLabel"]
        assert (found.id, str(change.old), str(change.new)) == ("0x5", "0.0", "-0.0")

    @pytest.mark.parametrize(
        "value", ["[NaN]", "[1, -Infinity]", '[{"a": 1e999}]', r'["\ud800"]', '["\udcff"]', '["\udcff"'], ids=range(6)
    )
    def test_arrays_that_are_no_json(self, value: str, tmp_path: Path) -> None:
        """They are strings, so that what is exported is JSON in UTF-8."""
        raw = value.encode(errors="surrogateescape")
        plant = Plant(tmp_path, element(5), geometry(5))
        plant.push(("UPDATE bis_GeometricElement3d SET js2 = CAST(? AS TEXT)", (raw,)))
        (found,) = elements(plant)
        new = found.properties["Tags"].new
        assert new == (["\ufffd"] if raw == b'["\xff"]' else raw.decode(errors="replace"))
        json.dumps(change_record(found), ensure_ascii=False, allow_nan=False).encode()

    @pytest.mark.parametrize("most", [1, 1000])
    def test_a_table_that_is_named_in_another_case(self, most: int, tmp_path: Path) -> None:
        """It is the same table for SQLite."""
        plant = Plant(tmp_path, "CREATE TABLE plain (a PRIMARY KEY, b)")
        plant.push(insert("plain", a="k", b=1))
        body = table("Plain", 2) + UPDATE + fields("k", 1) + fields(NO_VALUE, 2)
        write_changeset(plant.folder, body, parent_id=plant.ids[-1])
        with ChangeReader(plant.folder, plant.tip, limits=Limits(rows_in_memory=most)) as reader:
            (found,) = reader.changes(net=True)
        assert isinstance(found, RowChange)
        assert (found.operation, found.values["b"].new) == ("insert", 2)

    def test_links_follow_each_other(self, plant: Plant) -> None:
        """In another order, with a gap or twice, their changes mean something else."""
        paths = [plant.push(element(ID + each)) for each in range(3)]
        parents = ["", *plant.ids]
        links = [ChainLink(*each) for each in zip(paths, plant.ids, parents, range(1, 4), strict=False)]
        for wrong in (links[::-1], [links[0], links[2]], [links[0], links[0]]):
            with (
                ChangeReader(wrong, plant.baseline) as reader,
                pytest.raises(ChangesetOrderError, match=f"{wrong[1].id} does not follow {wrong[0].id}"),
            ):
                list(reader.elements())

    def test_tables_have_their_names_after_a_history(self, plant: Plant) -> None:
        """The names of tables do not depend on what the reader was asked before."""
        plant.push(element(ID), geometry(ID))
        with ChangeReader(plant.folder, plant.baseline) as reader:
            (entry,) = reader.history(HEX)
            assert entry.change is not None
            found = [entry.change, *reader.elements()]
        assert [each.tables for each in found] == [("bis_Element", "bis_GeometricElement3d")] * 2

    def test_history_of_files(self, plant: Plant) -> None:
        """Each change to an element, with what changed."""
        plant.push(element(ID), element(ID + 1))
        plant.push(label(ID + 1, "x"))
        plant.push(label(ID, "y"))
        with ChangeReader(plant.folder, plant.baseline) as reader:
            entries = list(reader.history(HEX))
            with pytest.raises(ValueError, match="not an element id"):
                list(reader.history("abc"))
        assert [(each.changeset.index, each.operation) for each in entries] == [(1, "insert"), (3, "update")]
        assert entries[1].change is not None
        assert entries[1].change.properties["UserLabel"].new == "y"


class TestInvalid:
    """Files and databases from elsewhere."""

    def test_older_than_the_changeset(self, plant: Plant) -> None:
        """Unknown columns are named by position, and rows of unknown tables are returned as rows."""
        path = plant.folder / "x.cs"
        body = (
            table("bis_Element", 12) + b"\x12\x00" + fields(ID, PUMP, 1, DAY, 1, 1, "P", None, None, None, None, "new")
        )
        body += table("plant_New", 2) + b"\x12\x00" + fields(1, "x")
        write_changeset(path, body, parent_id=None)
        with ChangeReader(path, plant.baseline) as reader:
            change, row = reader.changes()
        assert isinstance(change, ElementChange)
        assert isinstance(row, RowChange)
        assert change.properties["#12"] == PropertyChange(NO_VALUE, "new")
        assert {name: each.new for name, each in row.values.items()} == {"#1": 1, "#2": "x"}

    def test_a_column_added_since(self, plant: Plant) -> None:
        """The database has more columns than the change."""
        plant.push(element(ID))
        with closing(sqlite3.connect(plant.tip)) as connection:
            connection.execute("ALTER TABLE bis_Element ADD COLUMN more")
        assert told(elements(plant, plant.tip)) == [("insert", HEX, "Plant:Pump")]

    def test_codes_and_labels_that_are_not_utf_8(self, plant: Plant) -> None:
        """Invalid bytes are replaced as in the properties, so that what is exported can be written."""
        plant.push(
            element(ID),
            "UPDATE bis_Element SET (CodeValue, UserLabel) = (CAST(x'62ff' AS TEXT), CAST(x'61ff' AS TEXT))",
        )
        (change,) = elements(plant)
        assert (change.code.value, change.label) == ("b\ufffd", "a\ufffd")
        json.dumps(change_record(change), ensure_ascii=False).encode()

    def test_values_of_other_types(self, plant: Plant) -> None:
        """They are returned as stored."""
        plant.push(
            element(ID, LastMod="soon", FederationGuid=b"short", ParentId="x", UserLabel=4),
            geometry(ID, InSpatialIndex=7, js1="much", js2="[" * 100_000, Origin_X=float("inf")),
        )
        (change,) = elements(plant)
        values = {name: each.new for name, each in change.properties.items()}
        assert (values["LastMod"], values["Parent.Id"], values["UserLabel"]) == ("soon", "x", 4)
        assert (values["InSpatialIndex"], values["Power"], values["Origin.X"]) == (7, "much", float("inf"))
        assert values["Tags"] == "[" * 100_000
        assert values["FederationGuid"] == Blob(5, hashlib.sha256(b"short").hexdigest())

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            ("DROP TABLE ec_Property", "ec_Property is missing"),
            ("DROP TABLE ec_Property; CREATE VIEW ec_Property AS SELECT 1", "ec_Property is missing"),
            ("ALTER TABLE ec_Property RENAME COLUMN Kind TO Sort", "Kind"),
            (
                "INSERT INTO ec_Class SELECT Id + 100, 1, 'x', 0 FROM ec_Column",
                "more than 30 rows",
            ),
        ],
    )
    def test_no_imodel(self, plant: Plant, statement: str, reason: str) -> None:
        """The error names the database and the problem."""
        with closing(apsw.Connection(str(plant.baseline))) as database:
            database.execute(statement)
        with pytest.raises(InvalidIModelError, match=reason) as caught:
            ChangeReader(plant.folder, plant.baseline, limits=Limits(class_rows=30))
        assert str(plant.baseline) in str(caught.value)

    def test_circles_end(self, plant: Plant) -> None:
        """Classes and tables that are bases of themselves."""
        plant.push(element(ID), geometry(ID))
        with closing(apsw.Connection(str(plant.baseline))) as database:
            database.execute("INSERT INTO ec_ClassHasBaseClasses VALUES (NULL, 10, 12, 0)")
            database.execute("UPDATE ec_Table SET ParentTableId = 2, Type = 1 WHERE Id = 1")
        assert elements(plant)

    def test_endless_statements_end(self, plant: Plant) -> None:
        """A generated column computes without an end."""
        with closing(apsw.Connection(str(plant.baseline))) as database:
            database.execute("DROP TABLE ec_Schema")
            database.execute("CREATE TABLE ec_Schema (Id INTEGER PRIMARY KEY, Name AS (hex(zeroblob(40000000))), y)")
            database.execute("INSERT INTO ec_Schema (Id) VALUES (1)")
        with pytest.raises(InvalidIModelError, match="too big"):
            ChangeReader(plant.folder, plant.baseline)

    def test_a_damaged_file(self, plant: Plant) -> None:
        """Its own error."""
        path = plant.push(element(ID))
        broken = path.with_name("broken.cs")
        broken.write_bytes(path.read_bytes()[:-20])
        with ChangeReader(broken, plant.baseline) as reader, pytest.raises(TruncatedFileError):
            list(reader.elements())
        with pytest.raises(FileNotFoundError, match=r"missing\.bim"):
            ChangeReader(path, plant.folder / "missing.bim")


def test_real_files() -> None:
    """Each row of the public changesets is in one instance or row, and every class is found."""
    folder = samples_folder()
    sources = [(folder, "*.bim", 10), (folder / "long-chain", "base.bim", 41)]
    for files, database, count in sources:
        (path,) = files.glob(database)
        with ChangeReader(files, path) as reader:
            changesets = list(reader.changesets())
            assert len(changesets) == count
            for each in changesets:
                changes = list(reader.changes(after=each.index - 1, until=each.index))
                rows = sum(len(one.tables) if isinstance(one, InstanceChange) else 1 for one in changes)
                assert rows == sum(1 for _ in iter_changes(each.path or ""))
                assert not [one for one in changes if one.class_name is None or one.is_class_fallback]
