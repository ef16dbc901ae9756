"""An iModel in the making: a database, and its changesets in a folder."""

from pathlib import Path
from typing import Any

import apsw

from imodel_files.changesets import ApplyReport, apply_changesets, write_changeset
from tests.unit.imodel_files.making import Table, new_database


class Timeline:
    """A baseline and changesets after it."""

    def __init__(self, folder: Path, *tables: Table, setup: str = "") -> None:
        """Create the baseline with these tables."""
        self.folder = folder
        self.baseline = folder / "baseline.bim"
        self.target = folder / "target.bim"
        database = new_database(tables, str(self.baseline))
        database.execute(setup).fetchall()
        database.close()
        self.files: list[Path] = []

    @property
    def last(self) -> str:
        """The id of the last changeset."""
        return self.files[-1].stem if self.files else ""

    def push(self, body: bytes, **options: Any) -> Path:
        """Add a changeset."""
        changeset_id = write_changeset(self.folder, body, parent_id=self.last, **options)
        self.files.append(self.folder / f"{changeset_id}.cs")
        return self.files[-1]

    def report(self, **options: Any) -> ApplyReport:
        """Apply all changesets, and return the report."""
        return apply_changesets(self.baseline, self.files, self.target, **options)

    def apply(self, **options: Any) -> list[tuple[Any, ...]]:
        """Apply all changesets, and return the rows of the table t."""
        self.report(**options)
        return rows(self.target)


def rows(database: Path, name: str = "t") -> list[tuple[Any, ...]]:
    """Return the rows of a table."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    found = list(connection.execute(f"SELECT * FROM {name} ORDER BY 1"))  # noqa: S608 - our own names
    connection.close()
    return found


def dump(database: Path) -> dict[str, list[Any]]:
    """Return all rows of all ordinary tables; the database must be undamaged."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    names = [name for (name,) in connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table'")]
    found = {name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr) for name in names}  # noqa: S608
    found["integrity_check"] = list(connection.execute("PRAGMA integrity_check"))
    connection.close()
    assert found["integrity_check"] == [("ok",)]
    return found


def names(folder: Path) -> set[str]:
    """Return the names of the files in a folder, without changesets."""
    return {each.name for each in folder.iterdir() if each.suffix != ".cs"}
