"""The virtual environments of the project."""

from pathlib import Path

import pytest

from scripts import environment


def test_what_a_link_leads_to_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is shared by a link is not replaced by one of another lock file."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "made-from.txt").write_text("another lock file", encoding="utf-8")
    (tmp_path / ".venv").symlink_to(shared)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").touch()
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    with pytest.raises(OSError, match=r"\.venv is a link"):
        environment.ensure("dev")
    assert [each.name for each in shared.iterdir()] == ["made-from.txt"]
