"""Checking that a changeset file gives its id."""

from pathlib import Path

from imodel_files.changesets import compute_changeset_id


def gives_id(path: Path, changeset_id: str, parent_id: str) -> bool:
    """Tell whether a file gives the id it was announced with."""
    try:
        return compute_changeset_id(path, parent_id) == changeset_id
    except (ValueError, OSError):
        return False
