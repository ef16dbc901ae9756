"""The page about clients is correct: its examples run, and the names in it exist."""

import re
from functools import cached_property
from typing import Any

import pytest

import itwin_imodels
from itwin_imodels import errors, testing
from tests.docs.pages import Page

FACADE = Page("facade.md")
PAGE = FACADE.text
VARIABLES = re.findall(r"`(IMODELS_[A-Z_]+)`", PAGE.partition("## Environment variables")[2])


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block prints the output below it, after the blocks before it; the test in it passes."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    names: dict[str, Any] = {}
    FACADE.run(names)
    with itwin_imodels.IModelsClient.local() as client:
        names["test_a_bridge_is_registered"](client, client.hub)


def test_the_resources_are_those_there_are() -> None:
    """The list has every part of the client and no other."""
    text = PAGE.partition("The resources are")[2].partition("The verbs")[0]
    named = set(re.findall(r"`(?:client\.)?(\w+)`", text))
    parts = vars(itwin_imodels.IModelsClient).items()
    assert named == {name for name, member in parts if isinstance(member, cached_property)}


def test_the_errors_are_those_there_are() -> None:
    """The table has every error but the bases of others."""
    rows = re.findall(r"^\| (`[A-Z]\w+`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row) if name in errors.__all__}
    kinds = {name for name in errors.__all__ if issubclass(getattr(errors, name), BaseException)}
    assert kinds - named <= {
        *("IModelsError", "ApiError", "Conflict", "FileError", "NewerChangesExist", "WebhookError")
    }


def test_the_fixtures_are_those_there_are() -> None:
    """Those that the page names, and the switch."""
    named = set(re.findall(r"`(\w*imodels_\w+)`", PAGE.partition("## In your own tests")[2]))
    assert named == {name for name in testing.__all__ if "imodels" in name}
