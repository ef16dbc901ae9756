"""The page about the client tells the truth: its examples run, and what it names exists."""

import contextlib
import io
import re
from typing import Any

import pytest

import itwin_imodels
from itwin_imodels import errors, testing
from scripts.toolkit import ROOT

PAGE = (ROOT / "docs" / "facade.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", PAGE, re.DOTALL)
VARIABLES = re.findall(r"`(IMODELS_[A-Z_]+)`", PAGE.partition("## Environment variables")[2])


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block, run after those before it, prints what stands below it; the test in it passes."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert len(BLOCKS) == PAGE.count("```python")
    names: dict[str, Any] = {}
    try:
        for block, told in BLOCKS:
            assert re.sub(r"id='[^']+'", "id='…'", run(block, names)) == told
    finally:
        names["client"].close()
    with itwin_imodels.IModelsClient.local() as client:
        names["test_a_bridge_is_registered"](client, client.hub)


def run(block: str, names: dict[str, Any]) -> str:
    """Run a block and give what it prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(block, "facade.md", "exec"), names)  # noqa: S102 - our own text
    return output.getvalue()


def test_the_resources_are_those_there_are() -> None:
    """The list has every part of the client and no other."""
    text = PAGE.partition("Resources hold")[2].partition("The verbs")[0]
    named = set(re.findall(r"`(?:client\.)?(\w+)`", text))
    assert named == {name for name in vars(itwin_imodels.IModelsClient.__mro__[-2]) if not name.startswith("_")}


def test_the_errors_are_those_there_are() -> None:
    """The table has every error but the bases of others."""
    rows = re.findall(r"^\| (`[A-Z]\w+`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row) if name in errors.__all__}
    kinds = {name for name in errors.__all__ if issubclass(getattr(errors, name), BaseException)}
    assert kinds - named <= {"IModelsError", "ApiError", "Conflict", "MirrorError"}


def test_the_fixtures_are_those_there_are() -> None:
    """Those that the page names, and the switch."""
    named = set(re.findall(r"`(\w*imodels_\w+)`", PAGE.partition("## In your own tests")[2]))
    assert named == {name for name in testing.__all__ if "imodels" in name}


def test_the_links_lead_somewhere() -> None:
    """Every relative link of the page is a file of the project."""
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
