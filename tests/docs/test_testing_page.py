"""The page about testing applications is correct: its tests pass, and its fixtures exist."""

import re

import pytest

from itwin_imodels import testing
from tests.docs.pages import Page
from tests.facade.test_testing_plugin import PATH, PLUGIN

pytest_plugins = ["pytester"]

PAGE = Page("testing.md")


def test_the_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks together form one file of tests."""
    code = "\n\n".join(block.code for block in PAGE.blocks("python"))
    pytester.makepyfile(code)
    monkeypatch.setenv("PYTHONPATH", PATH)
    done = pytester.runpytest_subprocess(*PLUGIN, "-W", "error")
    done.assert_outcomes(passed=len(re.findall(r"^def test_", code, re.MULTILINE)))


def test_the_fixtures_are_those_there_are() -> None:
    """The table has each of them."""
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.text, re.MULTILINE))
    assert named == {name for name in testing.__all__ if "imodels" in name}
