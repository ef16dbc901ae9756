"""The page about changeset files tells the truth: its errors and limits are those there are."""

import re
from pathlib import Path

import attrs
import pytest

from imodel_files import changesets
from imodel_files.changesets import DEFAULT_LIMITS, ChangesetFileError, Limits
from tests.docs.pages import Page
from tests.unit.imodel_files.plant import VALVE, Plant, element, geometry, label, update

PAGE = Page("changesets.md").text
PUMP_ID, VALVE_ID = 0x20000000001, 0x20000000002
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def test_the_errors_are_those_there_are() -> None:
    """The table has every error and no other."""
    existing = {
        name
        for name in changesets.__all__
        if isinstance(each := getattr(changesets, name), type)
        and issubclass(each, ChangesetFileError)
        and each is not ChangesetFileError
    }
    rows = re.findall(r"^\| (`\w+Error`.*?) \|(.*)\|$", PAGE, re.MULTILINE)
    named = {name for row in rows for cell in row for name in re.findall(r"`(\w+Error)`", cell)}
    assert named == existing


def test_the_limits_are_those_there_are() -> None:
    """The table has every limit with its default."""
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| ([\w ]+) \|$", PAGE, re.MULTILINE))
    defaults = {field.name: getattr(DEFAULT_LIMITS, field.name) for field in attrs.fields(Limits)}
    assert {name: size(text) for name, text in told.items()} == defaults


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block runs after those before it, in a folder with the changesets of an iModel and its database."""
    plant = Plant(tmp_path)
    plant.push(element(PUMP_ID, code="P-1"), geometry(PUMP_ID, js1=4), element(VALVE_ID, VALVE, code="V-1"))
    plant.push(label(PUMP_ID, "Main pump"), update("bis_GeometricElement3d", PUMP_ID, js1=5.5))
    plant.push(("DELETE FROM bis_Element WHERE Id = ?", (VALVE_ID,)))
    plant.folder.rename(tmp_path / "bridge")
    plant.tip.rename(tmp_path / "bridge.bim")
    monkeypatch.chdir(tmp_path)
    Page("changesets.md").run({"__name__": "example"})


def size(text: str) -> int:
    """A number with or without a unit."""
    number, _, unit = text.partition(" ")
    return int(number) * UNITS.get(unit, 1)
