"""Databases to create iModels from, and authors who change them."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw

from imodel_files.changesets import write_changeset


def database(path: Path, *, size: int = 0) -> Path:
    """Create a SQLite database.

    Args:
        path: Its path.
        size: Number of incompressible bytes in it.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE plant (id INTEGER PRIMARY KEY, name, megawatts, picture)")
        connection.execute("INSERT INTO plant VALUES (1, 'Sun City', 4.5, ?)", (os.urandom(size),))
    return path


def briefcase_database(path: Path) -> Path:
    """Create a database that is marked as the working copy of briefcase 7."""
    database(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE be_Local (Name CHAR PRIMARY KEY, Val BLOB)")
        connection.execute("INSERT INTO be_Local VALUES ('be_repositoryId', 7)")
    return path


def content(path: Path) -> dict[str, Any]:
    """Return the content of a database: its schema, and the rows of each table."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        tables = [name for kind, name, _ in schema if kind == "table"]
        rows = {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in tables}  # noqa: S608
    return {"schema": schema, **rows}


class Desk:
    """A working copy, whose changes are written to changeset files."""

    def __init__(self, baseline: Path, folder: Path) -> None:
        """Copy the baseline."""
        self.path = folder / "desk.bim"
        self.folder = folder
        self.parent_id = ""
        shutil.copy(baseline, self.path)

    def change(self, *statements: str, ddl: str | None = None) -> Path:
        """Change the working copy, and return the changeset file."""
        with closing(apsw.Connection(str(self.path))) as connection:
            if ddl is not None:
                connection.execute(ddl)
            session = apsw.Session(connection, "main")
            session.attach()
            for statement in statements:
                connection.execute(statement)
            recorded = session.changeset()
            session.close()
        self.parent_id = write_changeset(self.folder, recorded, parent_id=self.parent_id, ddl=ddl)
        return self.folder / f"{self.parent_id}.cs"

    def kept_as(self, name: str) -> Path:
        """Copy the working copy in its current state."""
        return Path(shutil.copy(self.path, self.folder / name))
