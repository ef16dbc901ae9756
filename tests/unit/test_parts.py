"""A missing part skips a test, unless the parts were promised."""

import importlib.util
import shutil

import pytest

from tests.parts import require_part


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no command is found."""
    monkeypatch.setattr(shutil, "which", lambda _: None)


@pytest.mark.usefixtures("bare_machine")
def test_a_missing_part_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names the missing part."""
    monkeypatch.delenv("REQUIRE_PARTS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs node: no command node, command npm on this machine"):
        require_part("node")


@pytest.mark.usefixtures("bare_machine")
def test_a_promised_part_fails_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With REQUIRE_PARTS=1 no test is skipped."""
    monkeypatch.setenv("REQUIRE_PARTS", "1")
    with pytest.raises(pytest.fail.Exception, match="needs node"):
        require_part("node")


def test_a_missing_module_is_a_missing_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Optional packages of Python are parts like commands."""
    monkeypatch.delenv("REQUIRE_PARTS", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(pytest.skip.Exception, match="needs matplotlib: no module matplotlib on this machine"):
        require_part("matplotlib")


def test_a_part_that_is_there_lets_the_test_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the commands are found, nothing happens."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    require_part("node")
