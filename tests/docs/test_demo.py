"""The main job of the README runs."""

import pytest

from scripts import demo


def test_the_demo_makes_a_round_trip(capsys: pytest.CaptureFixture[str]) -> None:
    """The demo ends with status 0 and has pulled what it pushed."""
    assert demo.main([]) == 0
    told = capsys.readouterr().out
    assert "pulled changeset 1: 1040 bytes, the same as were pushed" in told
    assert told.endswith("nothing is left\n")
