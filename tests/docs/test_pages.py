"""Every page is correct as far as a test can check: its examples run, and its links have targets."""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels_hub import LocalHub
from scripts.pages import commands
from scripts.specs.inventory import rows
from scripts.toolkit import ROOT
from tests.docs.pages import PAGES, Page, fits

ELSEWHERE = {
    "authentication.md": "test_authentication_page.py",
    "changesets.md": "test_changesets_page.py",
    "facade.md": "test_facade_page.py",
    "fleet.md": "../fleet/test_page.py",
    "hub.md": "test_hub_page.py",
    "testing.md": "test_testing_page.py",
}
"""Pages whose examples need something of their own to run, and the test that gives it."""

OUTSIDE = ["../README.md", "../CHANGELOG.md", "../CONTRIBUTING.md", "../SECURITY.md", "../spec/README.md"]
WITH_EXAMPLES = [name for name in PAGES if Page(name).blocks("python") and name not in ELSEWHERE]


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What examples find: an empty folder, the variables of a served hub, no names, and the folder of the programs."""
    for name in os.environ:
        if name.startswith("IMODELS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "examples")])
    with LocalHub() as hub:
        monkeypatch.setenv("IMODELS_BASE_URL", hub.base_url)
        monkeypatch.setenv("IMODELS_TOKEN", hub.token())
        yield {"__name__": "example"}


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_run(name: str, surroundings: dict[str, Any]) -> None:
    """Each block runs after those before it, and prints what the page shows below it."""
    Page(name).run(surroundings)


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_other_examples_run_elsewhere(name: str) -> None:
    """Each of these pages is read by an existing test."""
    assert f'"{name}"' in (Path(__file__).parent / ELSEWHERE[name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*PAGES, *OUTSIDE])
def test_the_blocks_are_closed_and_are_python(name: str) -> None:
    """This includes blocks that are not run."""
    page = Page(name)
    assert page.text.count("\n```") % 2 == 0
    for block in page.blocks("python"):
        ast.parse(block.code)


@pytest.mark.parametrize("name", [*PAGES, *OUTSIDE])
def test_the_links_lead_somewhere(name: str) -> None:
    """Every link within the project leads to an existing file, and to an existing heading."""
    assert not Page(name).broken_links()


@pytest.mark.parametrize("name", [*PAGES, *OUTSIDE])
def test_the_commands_are_targets(name: str) -> None:
    """Each make command that a page names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    page = Page(name)
    shell = "\n".join(block.code for block in page.blocks("sh"))
    assert {*re.findall(r"`make ([a-z-]+)", page.text), *re.findall(r"^make ([a-z-]+)", shell, re.MULTILINE)} <= targets


def test_every_operation_has_a_command() -> None:
    """The table of operations has a command for each operation of the facade."""
    found = commands.by_operation()
    assert {row.operation_id for row in rows() if row.facade_method} <= set(found)


def test_what_is_shown_may_leave_something_out() -> None:
    """Within a line, not beyond it."""
    assert fits("id 7 a\n", "id … a\n")
    assert not fits("id 7\n8 a\n", "id … a\n")
    assert not fits("id 7\n", "id 8\n")
