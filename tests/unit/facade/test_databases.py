"""Checks for files that must be SQLite databases."""

from pathlib import Path

import pytest

from itwin_imodels._workflows.databases import check_at_rest
from itwin_imodels.errors import InvalidFile, UnreadableFile


def test_a_database_with_a_journal_is_in_use(tmp_path: Path) -> None:
    """An empty journal is left by a program that closed the database."""
    database = tmp_path / "bridge.bim"
    journal = tmp_path / "bridge.bim-wal"
    journal.touch()
    check_at_rest("target", database)
    journal.write_bytes(b"x")
    with pytest.raises(InvalidFile, match="-wal exists"):
        check_at_rest("target", database)


def test_a_name_without_room_for_a_journal(tmp_path: Path) -> None:
    """SQLite could not use the database either."""
    with pytest.raises(UnreadableFile, match="too long"):
        check_at_rest("target", tmp_path / ("n" * 254))
