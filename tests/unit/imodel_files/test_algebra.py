"""Changesets inverted and merged: as SQLite does it, and so that databases come out right.

`IMODEL_ALGEBRA_CASES` sets how many random databases are tried; thousands take minutes.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

from imodel_files.changesets import (
    BrokenChainError,
    ChainLink,
    ChangesetIdMismatchError,
    ChangesetInvertError,
    ChangesetMergeError,
    Limits,
    MalformedSessionError,
    OutputLimitError,
    SessionLimitError,
    TruncatedFileError,
    apply_changesets,
    compute_changeset_id,
    inspect_changeset,
    invert_changesets,
    iter_changes,
    merge_changesets,
    read_session,
    write_changeset,
)
from tests.unit.imodel_files.making import (
    DELETE,
    ID,
    INSERT,
    UPDATE,
    Table,
    changeset_file,
    fields,
    payload,
    read_by_apsw,
    table,
    with_body,
)
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.samples import real_files, samples_folder
from tests.unit.imodel_files.timeline import Timeline, dump, rows

_CASES: Final = int(os.environ.get("IMODEL_ALGEBRA_CASES", "150"))
_VALUES: Final = (None, 0, 1, 1.0, "a", "é", b"", b"a", -(2**63), 0.5)
_TABLES: Final = (Table("t", 3), Table("two keys", 4, (2, 0)), Table("keys only", 2, (0, 1)))


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """An iModel with an empty table t of two columns, c0 being the key."""
    return Timeline(tmp_path, Table("t", 2))


def random_bodies(draw: random.Random, count: int) -> list[bytes]:
    """Changesets that follow one another, recorded by SQLite."""
    database = apsw.Connection(":memory:")
    for each in _TABLES:
        rowid = draw.choice(["", " WITHOUT ROWID"])
        database.execute(each.ddl + rowid)
    bodies = []
    for _ in range(count):
        session = apsw.Session(database, "main")
        session.attach()
        for _ in range(draw.randrange(12)):
            session.indirect = draw.random() < 0.3
            act(draw, database)
        bodies.append(session.changeset())
        session.close()
    return bodies


def act(draw: random.Random, database: apsw.Connection) -> None:
    """Insert, replace, update or delete a row."""
    made = draw.choice(_TABLES)
    key = [draw.randrange(3) for _ in made.key]
    where = " AND ".join(f"c{column} = ?" for column in made.key)
    others = [column for column in range(made.columns) if column not in made.key]
    match draw.randrange(4):
        case 0:
            database.execute(f'DELETE FROM "{made.name}" WHERE {where}', key)  # noqa: S608 - our own names
        case 1 if others:
            change = f'UPDATE "{made.name}" SET c{draw.choice(others)} = ? WHERE {where}'  # noqa: S608 - our own names
            database.execute(change, (draw.choice(_VALUES), *key))
        case _:
            row = [draw.choice(_VALUES) for _ in range(made.columns)]
            for column, value in zip(made.key, key, strict=True):
                row[column] = value
            verb = draw.choice(["INSERT OR IGNORE", "INSERT OR REPLACE"])
            database.execute(f'{verb} INTO "{made.name}" VALUES ({", ".join("?" * made.columns)})', row)


def written(folder: Path, bodies: list[bytes], parent_id: str = "") -> list[Path]:
    """Write changesets that follow one another; the names of the files are numbers."""
    files = []
    for number, body in enumerate(bodies):
        files.append(folder / f"{number}.cs")
        parent_id = write_changeset(files[-1], body, parent_id=parent_id)
    return files


def grouped(bodies: list[bytes]) -> bytes:
    """Merge changesets by SQLite's own change group."""
    group = apsw.ChangesetBuilder()
    for body in bodies:
        group.add(body)
    found = group.output()
    group.close()
    return found


def in_any_order(body: bytes) -> list[str]:
    """Return the changes of a body, each in words."""
    return sorted(map(repr, read_by_apsw(body)))


def cases() -> Iterator[random.Random]:
    """Yield a source of randomness for each case."""
    for seed in range(_CASES):
        yield random.Random(seed)  # noqa: S311 - repeatable


def test_a_single_changeset_is_inverted_as_sqlite_inverts_it(tmp_path: Path) -> None:
    """To the byte, for random changes of random tables."""
    for draw in cases():
        (body,) = random_bodies(draw, 1)
        (file,) = written(tmp_path, [body], ID)
        made = invert_changesets([file], tmp_path / "inverse.cs", parent_id=ID)
        assert read_session(made.path) == apsw.Changeset.invert(body)
        assert made.parent_id == compute_changeset_id(file, ID)
        assert made.id == compute_changeset_id(made.path, made.parent_id)


@pytest.mark.parametrize("is_shuffled", [False, True])
def test_changesets_are_merged_as_sqlite_merges_them(is_shuffled: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The same changes with the same values; shuffled, many of them are impossible after the ones before."""
    sizes = 0
    for draw in cases():
        bodies = random_bodies(draw, draw.randrange(1, 5))
        if is_shuffled:
            draw.shuffle(bodies)
        files = written(tmp_path, bodies, ID)
        made = merge_changesets(files, tmp_path / "merged.cs", parent_id=ID)
        expected = grouped(bodies)
        assert in_any_order(read_session(made.path)) == in_any_order(expected)
        assert (made.parent_id, made.id) == (ID, compute_changeset_id(made.path, ID))
        inverse = invert_changesets(files, tmp_path / "inverse.cs", parent_id=ID)
        assert in_any_order(read_session(inverse.path)) == in_any_order(apsw.Changeset.invert(expected))
        sizes += len(expected)
    assert sizes


def test_real_changesets_are_inverted_and_merged_as_sqlite_does_it(tmp_path: Path) -> None:
    """Each of them inverted, those of one folder merged; there and back gives the same bytes."""
    samples_folder()
    for file in real_files():
        body = read_session(file)
        made = invert_changesets([ChainLink(file, write_changeset(tmp_path / "a.cs", body, parent_id=ID), ID)], tmp_path / "inverse.cs") if inspect_changeset(file).ddl is None and not inspect_changeset(file).has_schema_changes else None
        if made is None:
            continue
        assert read_session(made.path) == apsw.Changeset.invert(body)
        again = invert_changesets([made.path], tmp_path / "again.cs", parent_id=made.parent_id)
        assert read_session(again.path) == body
