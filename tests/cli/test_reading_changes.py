"""Commands that read what changesets change: for people, and for scripts."""

import csv
import io
import json
from pathlib import Path

import pytest

from imodel_files.changesets import write_changeset
from tests.cli.helpers.command import QuickCli
from tests.unit.imodel_files.making import fields, table
from tests.unit.imodel_files.plant import INSPECTION, VALVE, Plant, element, geometry, insert, label, update
from tests.workflows.helpers.mirrors import AUTHOR, add_to_mirror

ID = 0x20000000001
HEX = "0x20000000001"


@pytest.fixture
def offline(tmp_path: Path) -> QuickCli:
    """The command without a service."""
    home = tmp_path / "home"
    home.mkdir()
    return QuickCli(home)


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Three changesets."""
    made = Plant(tmp_path)
    made.push(element(ID, code="P-1"), geometry(ID))
    made.push(label(ID, "Main pump"), update("bis_GeometricElement3d", ID, js1=5))
    made.push(element(6, 20, code="V-1"))
    return made


def test_what_apply_skips_is_always_noted(offline: QuickCli, plant: Plant) -> None:
    """Also beside the list of the conflicts: a table and DDL that the database cannot take."""
    ddl = "CREATE TABLE bis_Model (Id INTEGER PRIMARY KEY)"
    body = table("plant_New", 1) + b"\x12\x00" + fields(1)
    plant.ids.append(write_changeset(plant.folder, body, parent_id=plant.ids[-1], ddl=ddl))
    for option in ((), ("--conflicts",)):
        applied = offline.ok("changeset", "apply", plant.baseline, plant.folder / "tip.bim", plant.folder, *option)
        assert "1 change to plant_New skipped: no table named plant_New in the database" in applied.err
        assert "DDL without effect: table bis_Model already exists" in applied.err


def test_files_in_the_order_of_the_timeline(offline: QuickCli, plant: Plant) -> None:
    """Files are accepted in any order; the error names a missing one, and explains how to name a changeset."""
    files = [plant.folder / f"{each}.cs" for each in reversed(plant.ids)]
    shown = offline.json("changeset", "show", *files)
    assert [(each["index"], each["id"], each["inserts"], each["updates"]) for each in shown] == [
        (1, plant.ids[0], 2, 0),
        (2, plant.ids[1], 0, 2),
        (3, plant.ids[2], 1, 0),
    ]
    assert "IMODEL and CHANGESET" in offline.refused(2, "changeset", "show", "a", "b", "c")
    assert "have no parent among the others" in offline.refused(1, "changeset", "show", files[0], files[2])


def test_tables_for_people(offline: QuickCli, plant: Plant) -> None:
    """Elements, rows, and the summary."""
    source = (plant.folder, "--database", plant.baseline, "--after", "1", "--until", "2")
    assert offline.ok("changeset", "elements", *source).out == (
        "CHANGESET  OPERATION  ID             CLASS       CODE  LABEL      CHANGED\n"
        f"        2  update     {HEX}  Plant:Pump        Main pump"
        "  UserLabel: null → Main pump, Power: null → 5.0\n"
    )
    assert offline.ok("changeset", "changes", *source).out == (
        "CHANGESET  OPERATION  TABLE                   KEY            CLASS       CHANGED\n"
        f"        2  update     bis_Element             {HEX}  Plant:Pump  UserLabel: null → Main pump\n"
        f"        2  update     bis_GeometricElement3d  {HEX}  Plant:Pump  js1: null → 5.0\n"
    )
    assert offline.ok("changeset", "summary", plant.folder, "-d", plant.baseline).out == (
        "CLASS        INSERTED  UPDATED  DELETED  TOUCHED\n"
        "Plant:Pump          1        0        0        0\n"
        "Plant:Valve         1        0        0        0\n"
    )


def test_data_for_scripts(offline: QuickCli, plant: Plant) -> None:
    """Properties with both sides; the net effect; a summary of each changeset."""
    source = (plant.folder, "--database", plant.baseline)
    pump, changed, _ = offline.json("changeset", "elements", *source)
    assert (pump["changeset"], pump["code"], pump["is_touched_only"]) == (1, "P-1", False)
    assert changed["properties"]["UserLabel"] == {"old": None, "new": "Main pump"}
    net = offline.json("changeset", "elements", *source, "--net")
    assert [(each["changeset"], each["id"], each["label"]) for each in net] == [
        (None, HEX, "Main pump"),
        (None, "0x6", None),
    ]
    rows = list(csv.DictReader(io.StringIO(offline.ok("changeset", "summary", *source, "--each", "-o", "csv").out)))
    assert [(json.loads(row["changeset"])["index"], row["class_name"], row["updated"]) for row in rows] == [
        (1, "Plant:Pump", "0"),
        (2, "Plant:Pump", "1"),
        (3, "Plant:Valve", "0"),
    ]


def test_the_history_over_a_mirror(offline: QuickCli, plant: Plant) -> None:
    """Entries have author and time; the index is in the folder of the mirror."""
    add_to_mirror(plant.folder, plant.ids)
    entries = offline.json("changeset", "history", HEX, plant.folder, "--database", plant.baseline)
    assert [(each["changeset"], each["operation"], each["creator_id"]) for each in entries] == [
        (1, "insert", AUTHOR),
        (2, "update", AUTHOR),
    ]
    assert entries[1]["push_date_time"] == "2026-01-01T02:00:00Z"
    assert entries[1]["properties"]["Power"] == {"old": None, "new": 5.0}
    assert (plant.folder / "elements.db").is_file()


def test_aspects_and_labels(offline: QuickCli, tmp_path: Path) -> None:
    """Aspects are part of the history of an element, and values of enumerations are shown with labels."""
    plant = Plant(tmp_path)
    plant.push(element(ID, VALVE), geometry(ID, VALVE, js2=1))
    plant.push(insert("bis_ElementMultiAspect", Id=7, ECClassId=INSPECTION, ElementId=ID, ps1="good"))
    plant.push(update("bis_GeometricElement3d", ID, js2=2))
    out = offline.ok("changeset", "history", HEX, plant.folder, "--database", plant.baseline).out
    assert "insert Plant:Inspection (Element.Id: 0x20000000001, Result: good)" in out
    assert "State: Open (1) → Shut (2)" in out
    entries = offline.json("changeset", "history", HEX, plant.folder, "--database", plant.baseline)
    assert entries[1]["operation"] == "update"
    assert [(each["id"], each["properties"]["Result"]) for each in entries[1]["aspects"]] == [("0x7", {"new": "good"})]
    assert entries[2]["properties"]["State"]["new_label"] == "Shut"


def test_folders_and_patterns_wherever_files_are_taken(offline: QuickCli, plant: Plant, tmp_path: Path) -> None:
    """Their files are put into the order of the timeline."""
    pattern = plant.folder / "*.cs"
    for source in (plant.folder, pattern):
        applied = offline.json("changeset", "apply", plant.baseline, tmp_path / "made.bim", source)
        assert (applied["changesets"], applied["conflict_counts"]) == (3, [])
        merged = offline.json("changeset", "merge", source, "--target", tmp_path / "merged.cs")
        inverse = offline.json("changeset", "invert", source, "--target", tmp_path / "inverse.cs")
        assert (merged["parent_id"], inverse["parent_id"]) == ("", plant.ids[-1])
    assert (
        "no changeset files" in offline.run("changeset", "merge", tmp_path / "home", "--target", tmp_path / "m.cs").err
    )


def test_exports(offline: QuickCli, plant: Plant, tmp_path: Path) -> None:
    """The file name extension selects the format; pipes get standard output."""
    source = (plant.folder, "--database", plant.baseline)
    done = offline.ok("changeset", "export", plant.folder, "-", *source[1:])
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert [each["id"] for each in lines] == [HEX, HEX, "0x6"]
    for name in ("all.jsonl", "all.csv"):
        offline.ok("changeset", "export", plant.folder, tmp_path / name, *source[1:])
    assert (tmp_path / "all.jsonl").read_text(encoding="utf-8") == done.out
    assert "must end with" in offline.refused(2, "changeset", "export", plant.folder, "a.xlsx", *source[1:])
    refused = offline.refused(2, "changeset", "export", plant.folder, "a.csv", *source[1:], "--rows", "--net")
    assert "mutually exclusive" in refused


def test_what_cannot_be_read(offline: QuickCli, plant: Plant) -> None:
    """An unknown changeset, and a file that is not a database."""
    source = (plant.folder, "--database")
    assert "no changeset abc" in offline.refused(3, "changeset", "elements", *source, plant.baseline, "--after", "abc")
    file = plant.folder / f"{plant.ids[0]}.cs"
    assert "not a database" in offline.refused(1, "changeset", "elements", *source, file)


def test_a_picture(offline: QuickCli, plant: Plant, tmp_path: Path) -> None:
    """Changed elements per class and changeset."""
    pytest.importorskip("matplotlib")
    target = tmp_path / "classes.svg"
    offline.ok("changeset", "summary", plant.folder, "--database", plant.baseline, "--plot", target)
    assert "<!-- Plant:Valve -->" in target.read_text(encoding="utf-8")
