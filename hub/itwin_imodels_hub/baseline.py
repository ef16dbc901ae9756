"""The file that empty iModels begin with."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

_CONTENT = """
CREATE TABLE be_Prop (Namespace CHAR NOT NULL, Name CHAR NOT NULL, StrData CHAR, PRIMARY KEY (Namespace, Name));
INSERT INTO be_Prop VALUES ('hub', 'Note', 'Stand-in for an empty iModel; not one that iTwin.js opens');
"""


def make_empty(path: Path) -> Path:
    """Make a small SQLite database, if the file is not there yet.

    It is a real database that stands in for an iModel, not an iModel: that takes the vendor's native library. Give the
    hub a real one with the setting `empty_imodel_file` where applications open what they download.
    """
    if not path.exists():
        unfinished = path.with_suffix(f".{uuid4().hex}")  # others may be making theirs
        with closing(sqlite3.connect(unfinished)) as database:
            database.executescript(_CONTENT)
        unfinished.replace(path)
    return path
