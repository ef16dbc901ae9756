"""Verify changeset files."""

from pathlib import Path

from imodel_files.changesets import compute_changeset_id


def matches_id(path: Path, changeset_id: str, parent_id: str) -> bool:
    """Check whether a changeset file matches its announced id."""
    try:
        return compute_changeset_id(path, parent_id) == changeset_id
    except (ValueError, OSError):
        return False
