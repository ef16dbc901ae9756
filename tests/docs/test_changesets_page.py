"""The page about changeset files tells the truth: its examples run, its errors and limits exist."""

import contextlib
import dataclasses
import io
import re
from pathlib import Path

import pytest

from imodel_files import changesets
from imodel_files.changesets import DEFAULT_LIMITS, ChangesetFileError, Limits
from scripts.toolkit import ROOT

PAGE = (ROOT / "docs" / "changesets.md").read_text(encoding="utf-8")
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block, run after those before it, prints what stands below it."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", PAGE, re.DOTALL)
    assert len(blocks) == PAGE.count("```python")
    for block, told in blocks:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(block, "changesets.md", "exec"), names)  # noqa: S102 - our own text
        assert output.getvalue() == told


def test_the_errors_are_those_there_are() -> None:
    """The table has every error and no other."""
    existing = {
        name
        for name, each in vars(changesets).items()
        if isinstance(each, type) and issubclass(each, ChangesetFileError) and each is not ChangesetFileError
    }
    rows = re.findall(r"^\| (`\w+Error`.*?) \|(.*)\|$", PAGE, re.MULTILINE)
    named = {name for row in rows for cell in row for name in re.findall(r"`(\w+Error)`", cell)}
    assert named == existing
    assert existing < set(changesets.__all__)


def test_the_limits_are_those_there_are() -> None:
    """The table has every limit with its default."""
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| ([\w ]+) \|$", PAGE, re.MULTILINE))
    defaults = {field.name: getattr(DEFAULT_LIMITS, field.name) for field in dataclasses.fields(Limits)}
    assert {name: size(text) for name, text in told.items()} == defaults


def size(text: str) -> int:
    """A number with or without a unit."""
    number, _, unit = text.partition(" ")
    return int(number) * UNITS.get(unit, 1)
