"""Rules of files that shall be SQLite databases."""

from pathlib import Path

_HEADER = b"SQLite format 3\x00"
_UNFINISHED = ("-wal", "-journal")


def is_database(path: Path) -> bool:
    """Tell whether a file begins as a SQLite database does."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def check_at_rest(name: str, path: Path) -> None:
    """Insist that a database is whole in its own file, and that none is left beside it which belongs to an older one.

    Raises:
        ValueError: There is a journal beside it.
    """
    for suffix in _UNFINISHED:
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise ValueError(f"{name} {path} is in use or was left unfinished: there is {beside.name}")


def baseline_size(path: Path) -> int:
    """Check that a file can be a baseline, and give its size in bytes.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no SQLite database, or not at rest.
    """
    if not is_database(path):
        raise ValueError(f"file {path} is no SQLite database, as the baseline of an iModel has to be")
    check_at_rest("file", path)
    return path.stat().st_size
