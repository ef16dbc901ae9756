"""Random conflicting changes, applied by this package and by SQLite's own function with an equivalent handler.

`IMODEL_APPLY_CASES` sets the number of random databases; thousands take minutes.
"""

import os
import random
import shutil
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

from imodel_files.changesets import ChangesetConflictError, ConflictCause, apply_changesets, write_changeset
from tests.depth import samples

_CASES: Final = int(os.environ.get("IMODEL_APPLY_CASES", samples(200)))
_TABLES: Final = 3
_ANSWERS: Final = {
    apsw.SQLITE_CHANGESET_DATA: apsw.SQLITE_CHANGESET_REPLACE,
    apsw.SQLITE_CHANGESET_NOTFOUND: apsw.SQLITE_CHANGESET_OMIT,
    apsw.SQLITE_CHANGESET_CONFLICT: apsw.SQLITE_CHANGESET_REPLACE,
    apsw.SQLITE_CHANGESET_CONSTRAINT: apsw.SQLITE_CHANGESET_OMIT,
    apsw.SQLITE_CHANGESET_FOREIGN_KEY: apsw.SQLITE_CHANGESET_ABORT,
}
_CAUSES: Final = {
    apsw.SQLITE_CHANGESET_DATA: ConflictCause.DATA,
    apsw.SQLITE_CHANGESET_NOTFOUND: ConflictCause.NOT_FOUND,
    apsw.SQLITE_CHANGESET_CONFLICT: ConflictCause.EXISTS,
    apsw.SQLITE_CHANGESET_CONSTRAINT: ConflictCause.CONSTRAINT,
    apsw.SQLITE_CHANGESET_FOREIGN_KEY: ConflictCause.FOREIGN_KEY,
}


class Case:
    """A random schema, a baseline, and changes made to another database of that schema."""

    def __init__(self, seed: int, folder: Path) -> None:
        """Create it."""
        self._draw = random.Random(seed)  # noqa: S311 - repeatable
        self.folder = folder
        self.baseline = folder / "baseline.bim"
        self.columns = [self._draw.randrange(2, 5) for _ in range(_TABLES)]
        database = quick(self.baseline)
        database.execute(self._schema())
        database.close()
        self._work(self.baseline, 12)
        shutil.copy(self.baseline, folder / "author.bim")
        self._work(folder / "author.bim", 6)
        self.body = self._record(folder / "author.bim")
        self._work(self.baseline, self._draw.randrange(5))

    def _schema(self) -> str:
        made = []
        for number, columns in enumerate(self.columns):
            key = self._draw.choice(["c0", "c0, c1"])
            extra = ""
            if number and self._draw.random() < 0.3:
                action = self._draw.choice(["CASCADE", "SET NULL", "RESTRICT", "NO ACTION"])
                extra = f", FOREIGN KEY(c1) REFERENCES p(id) ON DELETE {action}"
            if self._draw.random() < 0.4:
                extra = f", UNIQUE(c{columns - 1})" + extra
            if self._draw.random() < 0.2:
                extra = f", CHECK(c{columns - 1} IS NOT 3)" + extra
            rowid = self._draw.choice(["", "", " WITHOUT ROWID"])
            names = ", ".join(f"c{each}" for each in range(columns))
            made.append(f"CREATE TABLE t{number}({names}, PRIMARY KEY({key}){extra}){rowid}")
        return ";".join(["CREATE TABLE p(id INTEGER PRIMARY KEY, v)", *made])

    def _work(self, path: Path, actions: int) -> None:
        database = quick(path)
        self._act(database, actions)
        database.close()

    def _record(self, path: Path) -> bytes:
        database = quick(path)
        session = apsw.Session(database, "main")
        session.attach()
        self._act(database, 14)
        body = session.changeset()
        session.close()
        database.close()
        return body

    def _act(self, database: apsw.Connection, actions: int) -> None:
        draw = self._draw
        for _ in range(actions):
            number = draw.randrange(-1, _TABLES)
            name, names = (
                ("p", ["id", "v"]) if number < 0 else (f"t{number}", [f"c{i}" for i in range(self.columns[number])])
            )
            values = [
                draw.randrange(5) if number < 0 or draw.random() < 0.9 else draw.choice(["a", 1.5, b"x"]) for _ in names
            ]
            kind = draw.randrange(4)
            try:
                if kind < 2:
                    database.execute(f"INSERT INTO {name} VALUES({', '.join('?' * len(names))})", values)
                elif kind == 2:
                    database.execute(
                        f"UPDATE {name} SET {draw.choice(names)} = ? WHERE {names[0]} = ?",  # noqa: S608
                        (values[0], draw.randrange(5)),
                    )
                else:
                    database.execute(f"DELETE FROM {name} WHERE {names[0]} = ?", (draw.randrange(5),))  # noqa: S608
            except apsw.ConstraintError:
                continue

    def content(self, path: Path) -> list[Any]:
        """Return all rows."""
        database = quick(path)
        found = [
            sorted(
                ([(type(value), value) for value in row] for row in database.execute(f"SELECT * FROM {name}")),  # noqa: S608
                key=repr,
            )
            for name in ("p", *(f"t{number}" for number in range(_TABLES)))
        ]
        database.close()
        return found


def quick(path: Path) -> apsw.Connection:
    """Open a database without waiting for the disk."""
    database = apsw.Connection(str(path))
    database.execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
    return database


def reference(
    case: Case, path: Path, *, strict: bool, invert: bool = False
) -> list[tuple[ConflictCause, str, str]] | None:
    """Apply with SQLite alone; return the conflicts, or None after an error."""
    database = quick(path)
    database.execute(f"PRAGMA foreign_keys = {'OFF' if strict else 'ON'}")
    seen: list[tuple[ConflictCause, str, str]] = []

    def answer(reason: int, change: apsw.TableChange) -> int:
        seen.append((_CAUSES[reason], change.name or "", str(change.op or "").lower()))
        return apsw.SQLITE_CHANGESET_ABORT if strict else _ANSWERS[reason]

    flags = 0 if strict else apsw.SQLITE_CHANGESETAPPLY_FKNOACTION | apsw.SQLITE_CHANGESETAPPLY_IGNORENOOP
    try:
        apsw.Changeset.apply(
            case.body, database, conflict=answer, flags=flags | (apsw.SQLITE_CHANGESETAPPLY_INVERT if invert else 0)
        )
    except apsw.AbortError:
        return None
    except apsw.ConstraintError:
        return None
    finally:
        database.close()
    return seen


@pytest.mark.parametrize("policy", ["native", "strict"])
@pytest.mark.parametrize("reverse", [False, True])
def test_random_changes_go_in_as_sqlite_puts_them_in(policy: str, reverse: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The rows are equal, the conflicts differ only in those without effect, and errors occur in the same cases."""
    ended = conflicts = 0
    for seed in range(_CASES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        case = Case(seed, folder)
        changeset_id = write_changeset(folder, case.body, parent_id=None)
        file, target, expected = folder / f"{changeset_id}.cs", folder / "target.bim", folder / "expected.bim"
        shutil.copy(case.baseline, expected)
        seen = reference(case, expected, strict=policy == "strict", invert=reverse)
        if seen is None:
            ended += 1
            with pytest.raises(ChangesetConflictError):
                apply_changesets(case.baseline, [file], target, conflicts=policy, reverse=reverse)  # type: ignore[arg-type]
            continue
        report = apply_changesets(case.baseline, [file], target, conflicts=policy, reverse=reverse)  # type: ignore[arg-type]
        assert case.content(target) == case.content(expected), seed
        ours = [
            (each.cause, each.table, each.operation)
            for each in report.conflicts
            if each.cause is not ConflictCause.NOT_FOUND or each.operation != "delete"
        ]
        assert ours == seen, seed
        conflicts += len(seen)
        shutil.rmtree(folder)
    assert ended
    assert policy == "strict" or conflicts > _CASES / 10
