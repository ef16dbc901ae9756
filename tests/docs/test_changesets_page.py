"""The page about changeset files tells the truth: its errors and limits are those there are."""

import re

import attrs

from imodel_files import changesets
from imodel_files.changesets import DEFAULT_LIMITS, ChangesetFileError, Limits
from tests.docs.pages import Page

PAGE = Page("changesets.md").text
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


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
    defaults = {field.name: getattr(DEFAULT_LIMITS, field.name) for field in attrs.fields(Limits)}
    assert {name: size(text) for name, text in told.items()} == defaults


def size(text: str) -> int:
    """A number with or without a unit."""
    number, _, unit = text.partition(" ")
    return int(number) * UNITS.get(unit, 1)
