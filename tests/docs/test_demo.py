"""The main job of the README runs."""

from pathlib import Path

import pytest

from scripts import demo


def test_the_demo_makes_the_round_trip(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The demo ends with status 0, and what was rebuilt from the timeline is what the author has."""
    assert demo.main([str(tmp_path / "demo")]) == 0
    output = capsys.readouterr().out
    assert "Grace could not lock one of them: briefcase 2 on Ada's desk holds it" in output
    assert "Grace could not push: 10 changesets must be pulled first" in output
    assert "rebuilt the database from the baseline and the changesets: it equals Ada's, row by row" in output
    assert "imodels hub serve --data-dir" in output.splitlines()[-1]
