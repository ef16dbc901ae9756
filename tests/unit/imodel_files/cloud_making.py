"""Block containers and their parts, made independently of the package: with `struct` and `sqlite3`."""

import sqlite3
import struct
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from imodel_files.cloud_sqlite import block_name

JULIAN_1970_MS = 210_866_760_000_000
FLAG = 1 << 31


@dataclass(frozen=True)
class Row:
    """One database of a manifest."""

    id: int
    name: bytes
    ids: Sequence[bytes] = ()
    parent_id: int = 0
    version: int = 1
    changes: Sequence[tuple[int, bytes]] = ()
    count: int | None = None
    entries: int | None = None
    offset: int | None = None

    @property
    def packed(self) -> bytes:
        """The packed block list of the database."""
        return b"".join(self.ids) + b"".join(struct.pack(">I", number) + each for number, each in self.changes)


def manifest_file(  # noqa: PLR0913 - each is a field of the format
    *rows: Row,
    deleted: Sequence[tuple[bytes, int]] = (),
    version: int = 4,
    block_size: int = 4096,
    id_size: int = 16,
    largest: int | None = None,
    databases: int | None = None,
    deleted_count: int | None = None,
) -> bytes:
    """Return a manifest of these databases; contradictory values are possible."""
    largest = max((row.id for row in rows), default=0) if largest is None else largest
    header = struct.pack(
        ">6I",
        version,
        block_size,
        len(rows) if databases is None else databases,
        len(deleted) if deleted_count is None else deleted_count,
        id_size,
        largest,
    )
    gone = b"".join(block_id + struct.pack(">Q", time) for block_id, time in deleted)
    offset = len(header) + 152 * len(rows) + len(gone)
    heads = []
    for row in rows:
        numbers = (
            row.id,
            row.parent_id,
            row.version,
            offset if row.offset is None else row.offset,
            len(row.ids) if row.count is None else row.count,
            len(row.changes) if row.entries is None else row.entries,
        )
        heads.append(struct.pack(">6I128s", *numbers, row.name))
        offset += len(row.packed)
    return b"".join((header, *heads, gone, *(row.packed for row in rows)))


def block_id(number: int, size: int = 16) -> bytes:
    """Return an id made from a number."""
    return number.to_bytes(4, "big") * (size // 4) + bytes(size % 4)


def database_file(path: Path, *, rows: int = 200, page_size: int = 4096, seed: int = 0) -> Path:
    """Create a SQLite database with rows of a kilobyte each."""
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size = {page_size}")
        database.execute("CREATE TABLE element (id INTEGER PRIMARY KEY, data BLOB)")
        contents = [(number, (f"{seed}-{number}-" * 200).encode()[:1000]) for number in range(rows)]
        database.executemany("INSERT INTO element VALUES (?, ?)", contents)
        database.commit()
    return path


def changed(path: Path, *statements: str) -> Path:
    """Execute statements on a database, each in a separate transaction, and return its path."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)
    return path


def is_sound(path: Path) -> bool:
    """Return whether SQLite finds no error in a database."""
    with closing(sqlite3.connect(path)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))


class Folder:
    """A container in a folder that counts reads and writes."""

    def __init__(self, path: Path) -> None:
        """Create the folder if it does not exist."""
        path.mkdir(exist_ok=True)
        self.path = path
        self.written: list[bytes] = []
        self.fetched: list[bytes] = []

    def write(self, block_id: bytes, content: bytes) -> None:
        """Store a block; no block is written twice."""
        with (self.path / block_name(block_id)).open("xb") as file:
            file.write(content)
        self.written.append(block_id)

    def read(self, block_id: bytes) -> bytes:
        """Return a block."""
        self.fetched.append(block_id)
        return (self.path / block_name(block_id)).read_bytes()

    @property
    def names(self) -> set[str]:
        """Names of the files."""
        return {each.name for each in self.path.iterdir()}


Read = Callable[[bytes], bytes]
