"""Baseline files: create the one for empty iModels, and inspect uploaded ones."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from itwin_imodels_hub.basis.private_files import private_file
from itwin_imodels_hub.store.imodels import INITIALIZED

_CONTENT = """
CREATE TABLE be_Prop (Namespace CHAR NOT NULL, Name CHAR NOT NULL, StrData CHAR, PRIMARY KEY (Namespace, Name));
INSERT INTO be_Prop VALUES ('hub', 'Note', 'Stand-in for an empty iModel; not one that iTwin.js opens');
"""

_SQLITE_HEADER = b"SQLite format 3\x00"
_BRIEFCASE_IDS = range(2, 0xFFFFF6)


def make_empty(path: Path) -> Path:
    """Create a small SQLite database if the file does not exist.

    It is a placeholder, not an iModel, which only the native library can create. If applications must open the
    downloaded file, set `empty_imodel_file` to a real baseline.
    """
    if not path.exists():
        unfinished = path.with_suffix(f".{uuid4().hex}")  # other processes may be creating the file too
        private_file(unfinished)
        with closing(sqlite3.connect(unfinished)) as database:
            database.executescript(_CONTENT)
        unfinished.replace(path)
    return path


def inspect_baseline(path: Path) -> str:
    """Return the initialization state of an iModel that was created from an uploaded baseline file.

    Initialization fails for files that are not SQLite databases. Briefcases have a separate state; they are recognized
    by a repository id in the table `be_Local` within the range of acquired briefcases (inferred from iTwin.js, not from
    the service). All other files are accepted.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER:
            return "initializationFailed"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            row = database.execute("SELECT Val FROM be_Local WHERE Name = 'be_repositoryId'").fetchone()
    except sqlite3.OperationalError:  # no such table
        return INITIALIZED
    except sqlite3.DatabaseError:
        return "initializationFailed"
    return "fileIsBriefcase" if row is not None and _number(row[0]) in _BRIEFCASE_IDS else INITIALIZED


def lacks_federation_guids(path: Path) -> bool:
    """Check whether a database has elements without FederationGuid; False if it lacks the table or column."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            row = database.execute("SELECT 1 FROM bis_Element WHERE FederationGuid IS NULL LIMIT 1").fetchone()
    except sqlite3.OperationalError:  # no such table or column
        return False
    return row is not None


def _number(value: object) -> int:
    if isinstance(value, bytes):
        return int.from_bytes(value, "little")
    return value if isinstance(value, int) else 0
