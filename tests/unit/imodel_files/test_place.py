"""The recorded changeset of a database after applying, and its derived data."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import apsw
import pytest

from imodel_files._spatial import placed_range
from imodel_files.changesets import ChainLink, ChangesetApplyError, Limits, apply_changesets
from tests.unit.imodel_files.making import DELETE, INSERT, UPDATE, Table, fields, table
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.samples import samples_folder
from tests.unit.imodel_files.timeline import Timeline, rows

LOCAL = "CREATE TABLE be_Local(Name CHAR NOT NULL COLLATE NOCASE UNIQUE, Val BLOB);"
PROPERTIES = "CREATE TABLE be_Prop(Namespace, Name, Id, SubId, Data BLOB, PRIMARY KEY(Namespace, Name, Id, SubId));"
GUIDS = (
    "INSERT INTO be_Prop VALUES('be_Db', 'DbGuid', 0, 0, x'00112233445566778899aabbccddeeff'),"
    "('be_Db', 'ProjectGuid', 0, 0, x'ff112233445566778899aabbccddeeff');"
)
T = Table("t", 2)


def noted(database: Path) -> dict[str, Any]:
    """Return the content of `be_Local`."""
    return dict(rows(database, "be_Local"))


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """Three changesets."""
    made = Timeline(tmp_path, T, setup=LOCAL + PROPERTIES + GUIDS)
    for number in range(3):
        made.push(table("t", 2) + INSERT + fields(number, 1))
    return made


def links(timeline: Timeline, first: int | None = None) -> list[ChainLink]:
    """Return the files with their parents, and the index of the first if it is given."""
    ids = [file.stem for file in timeline.files]
    return [
        ChainLink(file, file.stem, parent, None if first is None else first + number)
        for number, (file, parent) in enumerate(zip(timeline.files, ["", *ids], strict=False))
    ]


@pytest.mark.parametrize("conflicts", ["native", "strict"])
def test_the_place_is_noted_as_itwin_js_does(conflicts: str, timeline: Timeline) -> None:
    """Id and index, and the number of no briefcase; what older programs left goes."""
    apsw.Connection(str(timeline.baseline)).execute("INSERT INTO be_Local VALUES('ReversedChangeSetId', 'x')")
    report = timeline.report(conflicts=conflicts)
    assert noted(timeline.target) == {
        "ParentChangeSetId": timeline.last,
        "parentChangeset": f'{{"id":"{timeline.last}","index":3}}',
        "be_repositoryid": bytes(8),
    }
    assert report.notes == ()


def test_the_index_is_what_is_known(timeline: Timeline, tmp_path: Path) -> None:
    """It comes from the links, the database, or the begin of the timeline; otherwise it is unknown."""
    first, second, third = links(timeline)
    other = tmp_path / "other.bim"
    apply_changesets(timeline.baseline, [first], timeline.target)
    apply_changesets(timeline.target, [second, third], other)
    assert json.loads(noted(other)["parentChangeset"]) == {"id": third.id, "index": 3}
    apply_changesets(timeline.baseline, links(timeline, 5)[1:], other)
    assert json.loads(noted(other)["parentChangeset"])["index"] == 7
    apply_changesets(timeline.baseline, [second, third], other)
    assert noted(other)["ParentChangeSetId"] == third.id
    assert "parentChangeset" not in noted(other)
    apsw.Connection(str(other)).execute(
        "INSERT INTO be_Local VALUES('parentChangeSet', ?)", (json.dumps({"id": "0" * 40, "index": 9}),)
    )
    apply_changesets(other, [third], tmp_path / "back.bim", reverse=True)
    assert noted(tmp_path / "back.bim")["ParentChangeSetId"] == second.id
    assert "parentChangeSet" not in noted(tmp_path / "back.bim")


def test_backwards_the_place_is_that_of_the_parent(timeline: Timeline, tmp_path: Path) -> None:
    """Before the first changeset there is no note."""
    timeline.report()
    back = tmp_path / "back.bim"
    apply_changesets(timeline.target, links(timeline)[1:], back, reverse=True)
    assert json.loads(noted(back)["parentChangeset"]) == {"id": timeline.files[0].stem, "index": 1}
    apply_changesets(back, links(timeline, 1)[:1], back, reverse=True)
    assert set(noted(back)) == {"be_repositoryid"}


def test_what_itwin_js_will_miss_is_reported(tmp_path: Path) -> None:
    """The ids of iModel and iTwin cannot be made up."""
    timeline = Timeline(tmp_path, T, setup=LOCAL + PROPERTIES)
    timeline.push(b"")
    assert [note.split(",")[0] for note in timeline.report().notes] == [
        "be_Prop lacks DbGuid",
        "be_Prop lacks ProjectGuid",
    ]
    bare = Timeline(tmp_path / "bare", T) if (tmp_path / "bare").mkdir() is None else timeline
    bare.push(b"")
    assert bare.report().notes == ("the database has no table be_Local, so its changeset was not recorded",)


def test_foreign_keys_of_what_stands_in_for_the_baseline_are_not_enforced(tmp_path: Path) -> None:
    """An iModel without an iTwin is a snapshot or a standalone file, which may lack what changesets refer to."""
    no_itwin = "DELETE FROM be_Prop WHERE Name = 'ProjectGuid'"
    keys = "CREATE TABLE part(c0 INTEGER PRIMARY KEY, c1 REFERENCES t(c0));"
    timeline = Timeline(tmp_path, T, setup=LOCAL + PROPERTIES + GUIDS + keys + no_itwin)
    timeline.push(table("part", 2) + INSERT + fields(1, 9))
    report = timeline.report()
    assert report.is_clean
    assert "foreign keys were not enforced" in report.notes[0]


SCHEMA = """
CREATE TABLE ec_Class(Id INTEGER PRIMARY KEY, Name TEXT UNIQUE);
CREATE TABLE ec_ClassHasBaseClasses(Id INTEGER PRIMARY KEY, ClassId, BaseClassId, Ordinal);
CREATE TABLE ec_ClassMap(ClassId INTEGER PRIMARY KEY, MapStrategy);
CREATE TABLE ec_PropertyMap(Id INTEGER PRIMARY KEY, ClassId, ColumnId);
CREATE TABLE ec_Table(Id INTEGER PRIMARY KEY, Name, Type);
CREATE TABLE ec_Column(Id INTEGER PRIMARY KEY, TableId, Name, ColumnKind, IsVirtual);
CREATE TABLE ec_cache_ClassHierarchy(Id INTEGER PRIMARY KEY, ClassId, BaseClassId);
CREATE TABLE ec_cache_ClassHasTables(Id INTEGER PRIMARY KEY, ClassId, TableId);
INSERT INTO ec_Class VALUES(1, 'a'), (2, 'b');
"""


def test_a_name_can_move_between_rows_of_the_schema(tmp_path: Path) -> None:
    """Rows of the schema are applied before all others: deletes, then updates, then inserts."""
    timeline = Timeline(tmp_path, T, setup=SCHEMA)
    body = (
        table("t", 2) + INSERT + fields(1, 1)
        + table("ec_Class", 2) + INSERT + fields(3, "a") + UPDATE + fields(1, "a") + fields(SAME, "b") + DELETE
        + fields(2, "b")
    )  # fmt: skip
    timeline.push(body, has_schema_changes=True)
    order: list[tuple[str, str]] = []
    report = timeline.report(on_conflict=lambda each: order.append((each.table, each.operation)))
    assert (report.is_clean, order) == (True, [])
    assert rows(timeline.target, "ec_Class") == [(1, "b"), (3, "a")]
    assert rows(timeline.target) == [(1, 1)]
    apply_changesets(timeline.target, timeline.files, tmp_path / "back.bim", reverse=True)
    assert rows(tmp_path / "back.bim", "ec_Class") == [(1, "a"), (2, "b")]


def test_rows_of_the_schema_come_first_and_as_sorted(tmp_path: Path) -> None:
    """Seen in the order in which they conflict; version rows of `be_Prop` are among them."""
    timeline = Timeline(tmp_path, T, setup=SCHEMA + PROPERTIES + GUIDS)
    body = (
        table("t", 2) + DELETE + fields(9, 9)
        + table("be_Prop", 5, b"\1\2\3\4\0")
        + UPDATE + fields("be_Db", "SchemaVersion", 0, 0, b"x") + fields(SAME, SAME, SAME, SAME, b"y")
        + UPDATE + fields("be_Db", "Other", 0, 0, b"x") + fields(SAME, SAME, SAME, SAME, b"y")
        + table("ec_Class", 2) + INSERT + fields(1, "z")
        + UPDATE + fields(2, "x") + fields(SAME, "y") + DELETE + fields(1, "x")
    )  # fmt: skip
    timeline.push(body, has_schema_changes=True)
    order: list[tuple[Any, ...]] = []
    timeline.report(on_conflict=lambda each: order.append((each.table, each.operation, each.key[0], each.cause.value)))
    assert order == [
        ("ec_Class", "delete", 1, "data"),
        ("be_Prop", "update", "be_Db", "not_found"),
        ("ec_Class", "update", 2, "data"),
        ("t", "delete", 9, "not_found"),
        ("be_Prop", "update", "be_Db", "not_found"),
    ]
    plain = Timeline(tmp_path / "plain", T, setup=SCHEMA) if (tmp_path / "plain").mkdir() is None else timeline
    plain.push(table("ec_Class", 2) + INSERT + fields(1, "z") + DELETE + fields(2, "x"))
    order.clear()
    plain.report(on_conflict=lambda each: order.append((each.operation,)))
    assert order == [("insert",), ("delete",)]


def test_the_service_says_that_the_schema_changes(tmp_path: Path) -> None:
    """A file without a prefix is then applied like one with a marked schema change."""
    timeline = Timeline(tmp_path, T, setup=SCHEMA)
    body = (
        table("t", 2) + INSERT + fields(1, 1)
        + table("ec_Class", 2) + INSERT + fields(3, "a") + UPDATE + fields(1, "a") + fields(SAME, "z") + DELETE
        + fields(9, "c")
    )  # fmt: skip
    file = timeline.push(body)
    orders: list[list[str]] = []
    for of_schema in (False, True):
        orders.append([])
        link = ChainLink(file, file.stem, "", has_schema_changes=of_schema)
        apply_changesets(
            timeline.baseline,
            [link],
            timeline.target,
            on_conflict=lambda each: orders[-1].append(each.operation),
        )
    assert orders == [["delete"], []]
    assert {row[1:] for row in rows(timeline.target, "ec_cache_ClassHierarchy")} == {(1, 1), (2, 2), (3, 3)}


OVERFLOW = """
CREATE TABLE ec_Table(Id INTEGER PRIMARY KEY, ParentTableId, Name, Type, ExclusiveRootClassId);
CREATE TABLE ec_Column(Id INTEGER PRIMARY KEY, TableId, Name, ColumnKind, IsVirtual);
CREATE TABLE ec_PropertyMap(Id INTEGER PRIMARY KEY, ClassId, ColumnId);
CREATE TABLE main(Id INTEGER PRIMARY KEY, ECClassId INTEGER NOT NULL);
CREATE TABLE main_Overflow(ElementId INTEGER PRIMARY KEY, ECClassId INTEGER NOT NULL, os1);
CREATE TABLE single(Id INTEGER PRIMARY KEY);
CREATE TABLE single_Overflow(ElementId INTEGER PRIMARY KEY, os1);
INSERT INTO ec_Table VALUES
  (1, NULL, 'main', 0, NULL), (2, 1, 'main_Overflow', 3, NULL),
  (3, NULL, 'single', 0, 7), (4, 3, 'single_Overflow', 3, NULL), (5, 1, 'gone_Overflow', 3, NULL);
INSERT INTO ec_Column VALUES
  (10, 1, 'Id', 1, 0), (11, 1, 'ECClassId', 2, 0),
  (20, 2, 'ElementId', 1, 0), (21, 2, 'ECClassId', 2, 0), (22, 2, 'os1', 4, 0),
  (30, 3, 'Id', 1, 0), (31, 3, 'ECClassId', 2, 1),
  (40, 4, 'ElementId', 1, 0), (41, 4, 'ECClassId', 2, 1), (42, 4, 'os1', 4, 0),
  (50, 5, 'ElementId', 1, 0);
INSERT INTO ec_PropertyMap VALUES (1, 6, 20), (2, 6, 21);
INSERT INTO main VALUES (1, 5), (2, 6), (3, 5);
INSERT INTO main_Overflow VALUES (3, 5, 'kept');
INSERT INTO single VALUES (8), (9);
"""


def test_rows_without_room_get_one_in_the_overflow_table(tmp_path: Path) -> None:
    """If a class gains properties there, an empty row is created for each row without one."""
    timeline = Timeline(tmp_path, T, setup=OVERFLOW)
    mapping = table("ec_PropertyMap", 3)
    timeline.push(mapping + INSERT + fields(3, 5, 22) + INSERT + fields(4, 7, 42), has_schema_changes=True)
    timeline.report()
    assert rows(timeline.target, "main_Overflow") == [(1, 5, None), (3, 5, "kept")]
    assert rows(timeline.target, "single_Overflow") == [(8, None), (9, None)]


def test_the_caches_of_the_schema_follow_it(tmp_path: Path) -> None:
    """Every class with all its bases, and with the tables of its properties."""
    timeline = Timeline(tmp_path, T, setup=SCHEMA)
    base = table("ec_ClassHasBaseClasses", 4)
    timeline.push(
        table("ec_Class", 2) + INSERT + fields(3, "c")
        + base + INSERT + fields(1, 3, 2, 0) + INSERT + fields(2, 2, 1, 0)
        + table("ec_ClassMap", 2) + INSERT + fields(3, 1) + INSERT + fields(2, 10)
        + table("ec_Column", 5) + INSERT + fields(7, 70, "p", 0, 0) + INSERT + fields(8, 80, "ECClassId", 2, 0)
        + table("ec_PropertyMap", 3) + INSERT + fields(1, 3, 7) + INSERT + fields(2, 3, 8) + INSERT + fields(3, 2, 7),
        has_schema_changes=True,
    )  # fmt: skip
    timeline.report()
    pairs = {(each[1], each[2]) for each in rows(timeline.target, "ec_cache_ClassHierarchy")}
    assert pairs == {(1, 1), (2, 2), (3, 3), (2, 1), (3, 2), (3, 1)}
    assert rows(timeline.target, "ec_cache_ClassHasTables") == [(1, 3, 70)]


MANY_WAYS = """
DELETE FROM ec_Class;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 80) INSERT INTO ec_Class SELECT i, i FROM n;
INSERT INTO ec_ClassHasBaseClasses SELECT NULL, one.Id, other.Id, other.Id % 2
    FROM ec_Class one JOIN ec_Class other ON (other.Id + 1) / 2 = (one.Id + 1) / 2 + 1;
"""


def test_many_ways_to_a_base_are_one(tmp_path: Path) -> None:
    """Two bases in each of 40 levels are 2 to the power of 40 paths; work that takes too long is ended."""
    setup = SCHEMA + MANY_WAYS
    timeline = Timeline(tmp_path, T, setup=setup)
    timeline.push(b"", has_schema_changes=True)
    timeline.report(limits=Limits(ddl_seconds=60))
    found = rows(timeline.target, "ec_cache_ClassHierarchy")
    assert len(found) == 80 + 2 * sum(range(0, 80, 2))
    with pytest.raises(ChangesetApplyError, match=r"longer than 0 s \(Limits\.ddl_seconds\)"):
        timeline.report(limits=Limits(ddl_seconds=0))


def test_real_caches_are_what_follows_from_the_schema(tmp_path: Path) -> None:
    """After emptying, they get the same rows as from the native library."""
    for baseline in (*samples_folder().glob("*.bim"), samples_folder() / "long-chain" / "base.bim"):
        timeline = Timeline(Path(shutil.copytree(tmp_path, tmp_path / baseline.stem)))
        shutil.copy(baseline, timeline.baseline)
        apsw.Connection(str(timeline.baseline)).execute(
            "DELETE FROM ec_cache_ClassHierarchy; DELETE FROM ec_cache_ClassHasTables"
        )
        timeline.push(b"", has_schema_changes=True)
        timeline.report()
        for cache in ("ec_cache_ClassHierarchy", "ec_cache_ClassHasTables"):
            expected = [each[1:] for each in rows(baseline, cache)]
            assert sorted(each[1:] for each in rows(timeline.target, cache)) == sorted(expected)


ELEMENTS = (
    "CREATE TABLE bis_GeometricElement3d(ElementId INTEGER PRIMARY KEY, InSpatialIndex, Origin_X, Origin_Y, Origin_Z,"
    " Yaw, Pitch, Roll, BBoxLow_X, BBoxLow_Y, BBoxLow_Z, BBoxHigh_X, BBoxHigh_Y, BBoxHigh_Z);"
    "CREATE VIRTUAL TABLE dgn_SpatialIndex USING rtree(ElementId, MinX, MaxX, MinY, MaxY, MinZ, MaxZ);"
    "CREATE TABLE dgn_fts_content(Type NOT NULL, Id INTEGER NOT NULL, Text NOT NULL, PRIMARY KEY(Type, Id));"
    "CREATE VIRTUAL TABLE dgn_fts_idx USING fts5"
    "(Type UNINDEXED, Id UNINDEXED, Text, content=dgn_fts_content, content_rowid=rowid);"
)


@pytest.mark.parametrize("most", [0, 100])
def test_the_indexes_follow_their_tables(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of changed elements only, or of all if too many changed; and the words."""
    monkeypatch.setattr("imodel_files._applying._MAX_ELEMENTS", most)
    stays = (
        "INSERT INTO bis_GeometricElement3d VALUES(9, 1, 50, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1);"
        "INSERT INTO dgn_SpatialIndex VALUES(9, 50, 51, 0, 1, 0, 1), (3, 1, 2, 1, 2, 1, 2);"
        "INSERT INTO bis_GeometricElement3d VALUES(3, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1)"
    )
    timeline = Timeline(tmp_path, T, setup=ELEMENTS + stays)
    timeline.push(
        table("bis_GeometricElement3d", 14)
        + INSERT + fields(1, 1, 10.0, 20.0, 30.0, 90.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 1.0, 4.0)
        + INSERT + fields(2, 0, 10.0, 20.0, 30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
        + INSERT + fields(4, 1, None, None, None, None, None, None, None, None, None, None, None, None)
        + INSERT + fields(5, 1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 1.0, 1.0, 1.0)
        + DELETE + fields(3, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1)
        + table("dgn_fts_content", 3, b"\1\2\0") + INSERT + fields("label", 1, "a pump in the cellar")
    )  # fmt: skip
    assert timeline.report().conflict_count == 0
    found = {each[0]: each[1:] for each in rows(timeline.target, "dgn_SpatialIndex")}
    assert found.keys() == {1, 9}
    assert found[1] == pytest.approx((9, 10, 20, 22, 30, 34), abs=1e-5)
    database = apsw.Connection(str(timeline.target))
    assert database.execute("SELECT Id FROM dgn_fts_idx WHERE dgn_fts_idx MATCH 'pump'").fetchall() == [(1,)]
    timeline.report(conflicts="strict")
    assert [each[0] for each in rows(timeline.target, "dgn_SpatialIndex")] == [3, 9]


@pytest.mark.parametrize("angles", [(0, 0, 0), (90, 0, 0), (0, 90, 0), (0, 0, 90), (30, -70, 200), (359, 45, 45)])
def test_a_placed_box_is_turned_by_roll_pitch_and_yaw(angles: tuple[float, float, float]) -> None:
    """Successive rotations about x, y and z have the same result; positive pitch lifts the nose."""
    low, high, origin = (-1.0, 0.0, 2.0), (3.0, 5.0, 2.5), (100.0, -50.0, 7.0)
    yaw, pitch, roll = map(math.radians, angles)
    points = []
    for x in (low[0], high[0]):
        for y in (low[1], high[1]):
            for z in (low[2], high[2]):
                y1, z1 = y * math.cos(roll) - z * math.sin(roll), y * math.sin(roll) + z * math.cos(roll)
                x2, z2 = x * math.cos(pitch) - z1 * math.sin(pitch), x * math.sin(pitch) + z1 * math.cos(pitch)
                x3, y3 = x2 * math.cos(yaw) - y1 * math.sin(yaw), x2 * math.sin(yaw) + y1 * math.cos(yaw)
                points.append((x3 + origin[0], y3 + origin[1], z2 + origin[2]))
    expected = [bound for axis in zip(*points, strict=True) for bound in (min(axis), max(axis))]
    assert placed_range(origin, angles, low, high) == pytest.approx(expected)


def test_a_side_of_no_length_gets_one() -> None:
    """Half a millimeter both ways."""
    found = placed_range((0, 0, 0), (0, 0, 0), (1, 2, 3), (1, 2, 4))
    assert found == pytest.approx((0.9995, 1.0005, 1.9995, 2.0005, 3, 4))


@pytest.mark.parametrize(("present", "expected"), [(None, 5), (3, 5), (7, 7), (1 << 42, 5)])
def test_ids_go_on_after_those_of_the_changesets(present: int | None, expected: int, tmp_path: Path) -> None:
    """This applies to the range of the briefcase; other files are unchanged."""
    first = 2 << 40
    tables = (
        "CREATE TABLE bis_Element(Id INTEGER PRIMARY KEY, c1);"
        "INSERT INTO be_Local VALUES('be_repositoryid', x'0200000000000000');"
        "INSERT INTO ec_Table VALUES(1, 'bis_Element', 0); INSERT INTO ec_Column VALUES(1, 1, 'Id', 1, 0);"
    )
    timeline = Timeline(tmp_path, T, setup=LOCAL + SCHEMA + tables)
    if present is not None:
        apsw.Connection(str(timeline.baseline)).execute(
            "INSERT INTO be_Local VALUES('bis_elementidsequence', ?), ('ec_instanceidsequence', ?)",
            [first + present] * 2,
        )
    timeline.push(table("bis_Element", 2) + INSERT + fields(first + 5, 1) + INSERT + fields(first * 2, 1))
    timeline.report()
    found = noted(timeline.target)
    assert (found["bis_elementidsequence"], found["ec_instanceidsequence"]) == (first + expected, first + expected)
    apsw.Connection(str(timeline.baseline)).execute(
        "UPDATE be_Local SET Val = zeroblob(8) WHERE Name = 'be_repositoryid'"
    )
    timeline.report()
    assert noted(timeline.target).get("bis_elementidsequence") == (None if present is None else first + present)
