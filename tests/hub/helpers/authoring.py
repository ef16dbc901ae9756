"""Real databases and changesets on the hub: an author with a working copy, and checks of checkpoints."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw
import httpx

from imodel_files.changesets import write_changeset
from imodel_files.cloud_sqlite import MANIFEST_NAME, assemble, block_name, parse_manifest
from tests.hub.helpers.desk import Desk

PLACE = ("ParentChangeSetId", "parentChangeset")


class Author:
    """An author with a working copy, who pushes each change.

    Attributes:
        desk: Calls of the author.
        folder: Folder of the files.
        baseline: The first database of the timeline.
        imodel: Id of the iModel.
        briefcase: Id of the briefcase.
        ids: Ids of the changesets, after the empty id of the baseline.
        states: Content of the database at each changeset.
    """

    def __init__(self, desk: Desk, folder: Path, *, rows: int = 10) -> None:
        """Create a database like an iModel's, with the table for local values."""
        self.desk = desk
        self.folder = folder
        self.imodel = ""
        self.briefcase = 0
        self.ids = [""]
        folder.mkdir(parents=True, exist_ok=True)
        self.baseline = folder / "baseline.bim"
        self._copy = folder / "author.bim"
        with closing(sqlite3.connect(self.baseline)) as database, database:
            database.execute("CREATE TABLE be_Local (Name CHAR NOT NULL COLLATE NOCASE UNIQUE, Val BLOB)")
            database.execute("INSERT INTO be_Local VALUES ('be_repositoryid', x'0000000000000000')")
            database.execute("CREATE TABLE panel (id INTEGER PRIMARY KEY, name TEXT, photo BLOB)")
            database.executemany(
                "INSERT INTO panel VALUES (?, ?, ?)", ((n, f"{n}", os.urandom(900)) for n in range(rows))
            )
        shutil.copy(self.baseline, self._copy)
        self.states = [content_of(self.baseline)]

    def begin(self, itwin: str, name: str = "Plant") -> "Author":
        """Create the iModel from the baseline, and acquire a briefcase."""
        content = self.baseline.read_bytes()
        body = {"iTwinId": itwin, "name": name, "baselineFile": {"size": len(content)}}
        made = self.desk.call("POST", json=body).json()["iModel"]
        headers = {"x-ms-blob-type": "BlockBlob"}
        assert httpx.put(made["_links"]["upload"]["href"], content=content, headers=headers).status_code == 201
        self.imodel = made["id"]
        assert self.desk.post(self.imodel, "baselinefile").status_code == 200
        self.desk.wait(1)
        self.briefcase = self.desk.briefcase(self.imodel)
        return self

    def at(self, imodel: str, briefcase: int) -> "Author":
        """Switch to an existing iModel; only new tables can be pushed to it."""
        self.imodel, self.briefcase = imodel, briefcase
        return self

    def new_tables(self, amount: int) -> list[str]:
        """Push changesets that create one table each, t1, t2 and so on, and return their ids."""
        for _ in range(amount):
            self.push(ddl=f"CREATE TABLE t{len(self.ids)} (id INTEGER PRIMARY KEY)", statement="SELECT 1")
        return self.ids[-amount:]

    def change(self, statement: str = "", *, ddl: str = "") -> Path:
        """Change the working copy, and write the change to a changeset file."""
        number = len(self.ids)
        values = (number * 7, f"panel {number}", number.to_bytes(4))
        with closing(apsw.Connection(str(self._copy))) as database:
            if ddl:
                database.execute(ddl)
            session = apsw.Session(database, "main")
            session.attach()
            if statement:
                database.execute(statement)
            else:
                database.execute("INSERT OR REPLACE INTO panel VALUES (?, ?, ?)", values)
            recorded = session.changeset()
        self.ids.append(write_changeset(self.folder, recorded, parent_id=self.ids[-1], ddl=ddl or None))
        self.states.append(content_of(self._copy))
        return self.folder / f"{self.ids[-1]}.cs"

    def push(self, amount: int = 1, **changes: str) -> None:
        """Change the working copy and push."""
        for _ in range(amount):
            content = self.change(**changes).read_bytes()
            body = {"id": self.ids[-1], "parentId": self.ids[-2], "fileSize": len(content)}
            announced = self.desk.announce(self.imodel, self.briefcase, self.ids[-2], content, id=body["id"])
            self.desk.upload(announced)
            assert self.desk.confirm(self.imodel, announced).status_code == 200

    def name(self, index: int) -> str:
        """Create a Named Version on a changeset, and return its id."""
        answer = self.desk.post(self.imodel, "namedversions", name=f"v{index}", changesetId=self.ids[index])
        assert answer.status_code == 201, answer.text
        return str(answer.json()["namedVersion"]["id"])

    def checkpoint(self, index: int) -> dict[str, Any]:
        """Read a checkpoint."""
        return dict(self.desk.get(self.imodel, "changesets", index, "checkpoint").json()["checkpoint"])

    def assert_is(self, file: Path, index: int) -> None:
        """Check that a file is the author's database at a changeset, and is marked as such."""
        assert content_of(file) == self.states[index]
        assert place_of(file) == ([self.ids[index], f'{{"id":"{self.ids[index]}","index":{index}}}'] if index else [])
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def content_of(file: Path) -> list[str]:
    """Return the content of a database, except its place in the timeline."""
    with closing(sqlite3.connect(file)) as database:
        return [line for line in database.iterdump() if not any(name in line for name in PLACE)]


def place_of(file: Path) -> list[str]:
    """Return the place in the timeline that a database records."""
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT Name, Val FROM be_Local ORDER BY Name").fetchall()
    noted = {name: value for name, value in rows if name in PLACE}
    return [noted[name] for name in PLACE if name in noted]


def downloaded(checkpoint: dict[str, Any], target: Path) -> Path:
    """Download a checkpoint as one file."""
    answer = httpx.get(checkpoint["_links"]["download"]["href"])
    assert answer.status_code == 200
    target.write_bytes(answer.content)
    return target


def part_of(checkpoint: dict[str, Any], name: str, client: httpx.Client | None = None) -> httpx.Response:
    """Get a file of the directory of a block-based checkpoint."""
    get = httpx.get if client is None else client.get
    access = checkpoint["directoryAccessInfo"]
    address = f"{access['baseUrl']}/{access['baseDirectory']}/{name}"
    if access["google"] is not None:
        return get(address, headers={"Authorization": f"Bearer {access['google']['authorization']}"})
    return get(f"{address}?{access['azure']['sasToken']}")


def assembled(checkpoint: dict[str, Any], target: Path) -> Path:
    """Download a block-based checkpoint with a plain HTTP client."""
    with httpx.Client() as client:
        manifest = parse_manifest(part_of(checkpoint, MANIFEST_NAME, client).content)

        def read(block_id: bytes) -> bytes:
            answer = part_of(checkpoint, block_name(block_id), client)
            assert answer.status_code == 200, answer.text
            return answer.content

        assemble(manifest, manifest.database(checkpoint["dbName"]), read, target)
    return target


@contextmanager
def held(file: Path) -> Iterator[Callable[[], None]]:
    """Block a reader of a file once it opens the file; yield a function that waits until then."""
    content = file.read_bytes()
    file.unlink()
    os.mkfifo(file)
    opened: list[int] = []

    def wait_for_reader() -> None:
        opened.append(os.open(file, os.O_WRONLY))

    try:
        yield wait_for_reader
    finally:
        with suppress(FileNotFoundError):  # its folder may be gone
            kept = file.with_suffix(".kept")
            kept.write_bytes(content)
            kept.replace(file)
        for descriptor in opened:
            with suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as pipe:  # the reader may be gone
                pipe.write(content)
