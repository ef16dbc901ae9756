"""The data folder: who may read it, damaged databases, and a full disk."""

import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from itwin_imodels.cli.app import app
from itwin_imodels_hub import DatabaseError, LocalHub, SnapshotError
from tests.hub.helpers.databases import ON_POSTGRESQL
from tests.hub.helpers.desk import Desk
from tests.parts import on_small_disk, require_part

BY_FILE = pytest.mark.skipif(ON_POSTGRESQL, reason="about a database in a file")
IN_A_FOLDER = "-c 'from itwin_imodels.cli import main; main()' hub serve --json --port 0 --control"
SECONDS = 240


@pytest.fixture
def usual_mask() -> Iterator[None]:
    """Make new files readable for everybody, as most systems do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[Path]:
    """Find what others than the owner could read if they got there."""
    found = [path for path in (folder, *folder.rglob("*")) if path.is_file() or path == folder]
    return [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077]


def desk_of(url: str, token: str) -> Desk:
    """Call a hub at any address."""
    headers = {"Authorization": f"Bearer {token}"}
    return Desk(None, httpx.Client(base_url=url, headers=headers, timeout=SECONDS))  # type: ignore[arg-type] # elsewhere


def authored(hub: LocalHub) -> str:
    """Work with a hub, so that it has files of each kind."""
    desk = desk_of(hub.url, hub.token())
    with desk.client:
        imodel = desk.imodel(hub.itwin_id)
        desk.history(imodel, desk.briefcase(imodel), 2)
        desk.call("PUT", imodel, "thumbnail", content=b"no picture", headers={"Content-Type": "image/png"})
    return imodel


@pytest.mark.usefixtures("usual_mask")
@pytest.mark.parametrize("existing", [False, True])
def test_nobody_else_may_read_it(tmp_path: Path, existing: bool) -> None:  # noqa: FBT001 - a case
    """Folder, database, files, keys and dumps are the owner's alone; so is a folder that was there, open to all."""
    folder = tmp_path / "hub"
    if existing:
        folder.mkdir(mode=0o755)
        if not ON_POSTGRESQL:
            (folder / "hub.sqlite").touch(0o644)
    with LocalHub(folder) as hub:
        authored(hub)
        assert open_to_others(folder) == []
        hub.control.dump(tmp_path / "state.zip")
    assert open_to_others(folder) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state.zip").stat().st_mode) == 0o600


@pytest.mark.usefixtures("usual_mask")
def test_a_dump_takes_the_place_of_another(tmp_path: Path) -> None:
    """It does so only when it is complete, and readers of the other one cannot read it."""
    target = tmp_path / "dumps" / "state.zip"
    target.parent.mkdir()
    target.write_bytes(b"an older dump")
    with LocalHub() as hub:
        hub.control.dump(target)
        assert zipfile.is_zipfile(target)
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        with pytest.raises(FileNotFoundError):
            hub.control.dump(tmp_path / "none" / "state.zip")
    assert list(target.parent.iterdir()) == [target]


# Files that are not databases, or damaged ones.


def refusal(folder: Path, *options: str) -> str:
    """Start a hub that must fail, and return its message of one line."""
    done = CliRunner().invoke(app, ["hub", "serve", "--port", "0", "--data-dir", str(folder), *options])
    assert done.exit_code == 1, done.output
    (line,) = done.output.splitlines()
    return line


@BY_FILE
@pytest.mark.parametrize(
    "content", [b"not a database at all, but more than a header's worth of text\n" * 100, b"SQLite"]
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    """The hub reports it in one line, does not modify the file, and releases the folder."""
    (tmp_path / "hub.sqlite").write_bytes(content)
    with pytest.raises(DatabaseError, match=r"cannot open database .*hub\.sqlite: file is not a database"):
        LocalHub(tmp_path)
    assert refusal(tmp_path).startswith("imodels hub serve: cannot open database")
    assert (tmp_path / "hub.sqlite").read_bytes() == content
    (tmp_path / "hub.sqlite").unlink()
    LocalHub(tmp_path).stop()


@BY_FILE
def test_a_damaged_page_is_found_at_the_start(tmp_path: Path) -> None:
    """If the check is enabled, the hub does not start, and says what to do."""
    with LocalHub(tmp_path) as hub:
        authored(hub)
    with LocalHub(tmp_path, check_database=True):
        pass
    with closing(sqlite3.connect(tmp_path / "hub.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'changesets'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with (tmp_path / "hub.sqlite").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(DatabaseError, match=r"database .*hub\.sqlite (is damaged|.*malformed)"):
        LocalHub(tmp_path, check_database=True)
    assert "restore a backup" in refusal(tmp_path, "--check-database")


# Dumps.


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the dump of a hub."""
    path = tmp_path_factory.mktemp("dump") / "state.zip"
    with LocalHub() as hub:
        authored(hub)
        hub.control.dump(path)
    return path


def changed(dump: Path, target: Path, change: Callable[[str, bytes], dict[str, bytes]], *, listed: bool = True) -> Path:
    """Repack a dump; `change` returns the replacements of each file. Without the list, it has an older format."""
    with zipfile.ZipFile(dump) as source, zipfile.ZipFile(target, "w") as packed:
        for name in source.namelist():
            for other, content in change(name, source.read(name)).items():
                if listed or name != "files.json":
                    packed.writestr(other, content)
    return target


CHANGES: dict[str, tuple[Callable[[str, bytes], dict[str, bytes]], str]] = {
    "a changeset is missing": (
        lambda name, content: {} if name.endswith(".cs") else {name: content},
        r"the file of changeset [12] of iModel \S+ is missing",
    ),
    "a changeset is too short": (
        lambda name, content: {name: content[:-1] if name.endswith(".cs") else content},
        r"the file of changeset [12] of iModel \S+ has \d+ bytes instead of \d+",
    ),
    "the baseline is missing": (
        lambda name, content: {} if "/baseline/" in name else {name: content},
        r"the file of the baseline of iModel \S+ is missing",
    ),
}
IN_THE_LIST: dict[str, tuple[Callable[[str, bytes], dict[str, bytes]], str]] = {
    "a changeset is another one": (
        lambda name, content: {name: content[::-1] if name.endswith(".cs") else content},
        r"the file imodel-\S+\.cs differs from the one that was dumped",
    ),
    "a block is missing": (
        lambda name, content: {} if "/checkpoint-blocks/" in name else {name: content},
        r"the file imodel-\S+ is missing",
    ),
    "there is one more": (
        lambda name, content: {name: content, "files/imodel-x/y": b"z"},
        r"unexpected file imodel-x/y",
    ),
}


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize(
    ("case", "listed"),
    [*((case, listed) for case in CHANGES for listed in (True, False)), *((case, True) for case in IN_THE_LIST)],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_incomplete_dump_changes_nothing(dumped: Path, tmp_path: Path, case: str, listed: bool) -> None:  # noqa: FBT001 - a case
    """It is rejected with the reason, and nothing is changed or created."""
    change, complaint = {**CHANGES, **IN_THE_LIST}[case]
    path = changed(dumped, tmp_path / "changed.zip", change, listed=listed)
    with LocalHub(tmp_path / "hub") as hub:
        imodel, before = authored(hub), hub.hub.blobs.names()
        with pytest.raises(SnapshotError, match=rf"changed\.zip: {complaint}"):
            hub.control.load(path)
        assert hub.hub.blobs.names() == before
        desk = desk_of(hub.url, hub.token())
        with desk.client:
            assert len(desk.get(imodel, "changesets").json()["changesets"]) == 2
    load = ["hub", "load", str(path), "--data-dir", str(tmp_path / "new"), "--yes"]
    done = CliRunner().invoke(app, load)
    assert (done.exit_code, len(done.output.splitlines())) == (1, 1)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("listed", [True, False])
@BY_FILE
def test_a_dump_makes_a_new_hub(dumped: Path, tmp_path: Path, listed: bool) -> None:  # noqa: FBT001 - a case
    """The folder is created without a question; its files can be downloaded, and its users can call it."""
    path = changed(dumped, tmp_path / "copy.zip", lambda name, content: {name: content}, listed=listed)
    done = CliRunner().invoke(app, ["hub", "load", str(path), "--data-dir", str(tmp_path / "new")])
    assert (done.exit_code, done.output) == (0, "")
    assert open_to_others(tmp_path / "new") == []
    with LocalHub(tmp_path / "new") as hub:
        desk = desk_of(hub.url, hub.token())
        with desk.client:
            (imodel,) = desk.get(iTwinId=hub.itwin_id).json()["iModels"]
            for each in desk.get_full(imodel["id"], "changesets").json()["changesets"]:
                content = httpx.get(each["_links"]["download"]["href"], timeout=SECONDS)
                assert (content.status_code, len(content.content)) == (200, each["fileSize"])
    asked = CliRunner().invoke(app, ["hub", "load", str(path), "--data-dir", str(tmp_path / "new")])
    assert (asked.exit_code, "requires a terminal" in asked.output) == (2, True)


# A full disk.


class SmallDisk:
    """A hub in a process with a separate disk of 24 MiB, which this process can fill."""

    def __init__(self, folder: Path) -> None:
        """Mount the disk where only the process sees it, and serve a hub on it."""
        folder.mkdir()
        serve = f"exec {sys.executable} {IN_A_FOLDER} --seed demo --data-dir {folder}/hub"
        command = on_small_disk(folder, "24m", ["sh", "-c", serve])
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.announcement: dict[str, Any] = json.loads(line)
        self._filler = Path(f"/proc/{self.process.pid}/root{folder}/filler")

    def fill(self, left: int = 0) -> None:
        """Fill the disk but for some bytes."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 65536):
                    pass
            except OSError:
                pass
            file.truncate(max(0, file.tell() - left))

    def free(self) -> None:
        """Return the space back."""
        self._filler.unlink()

    def end(self) -> str:
        """End the hub, and return its log."""
        self.process.terminate()
        return self.process.communicate(timeout=SECONDS)[1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Yield a hub on a small disk."""
    require_part("namespaces")
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.end()
    shutil.rmtree(tmp_path / "disk")


@pytest.mark.thorough(keep=1)
@BY_FILE
@pytest.mark.parametrize("left", [0, 65536])
def test_a_full_disk_loses_nothing(small_disk: SmallDisk, left: int) -> None:
    """A push fails with a code of the service and resumes when there is space; reading works in the meantime."""
    announcement = small_disk.announcement
    desk = desk_of(announcement["base_url"].removesuffix("/imodels"), "ada-token")
    with desk.client:
        imodel = desk.imodel(announcement["itwin_id"], "Full")
        briefcase = desk.briefcase(imodel)
        first = desk.push(imodel, briefcase)
        small_disk.fill(left)
        failures, groups = [], 0
        while not failures:
            answer = desk.post(imodel, "changesetgroups", description="x" * 200)
            groups += answer.status_code == 201
            failures += [] if answer.status_code == 201 else [answer]
        upload = {"id": "b" * 40, "parentId": first, "briefcaseId": briefcase, "fileSize": 3 << 20}
        announced = desk.post(imodel, "changesets", **upload)
        failures += [announced] if announced.status_code != 201 else []
        for answer in failures:
            error = answer.json()["error"]
            assert (answer.status_code, error["code"]) == (503, "StorageUnavailable"), answer.text
            assert "disk of the hub is full" in error["message"]
            assert answer.headers["Retry-After"] == "5"
        other = desk_of(announcement["base_url"].removesuffix("/imodels"), "grace-token")
        with other.client:  # who has not used the iModel before
            read = [each.get(imodel, "changesets") for each in (desk, other)]
        assert [each.json()["changesets"][0]["id"] for each in read] == [first, first]
        link = desk.get(imodel, "changesets", first).json()["changeset"]["_links"]["download"]["href"]
        assert httpx.get(link, timeout=SECONDS).status_code == 200
        small_disk.free()
        if announced.status_code != 201:
            announced = desk.post(imodel, "changesets", **upload)
        href = announced.json()["changeset"]["_links"]["upload"]["href"]
        small_disk.fill()
        headers = {"x-ms-blob-type": "BlockBlob"}
        refused = httpx.put(href, content=b"y" * (3 << 20), headers=headers, timeout=SECONDS)
        assert (refused.status_code, refused.headers["x-ms-error-code"]) == (503, "ServerBusy")
        small_disk.free()
        assert httpx.put(href, content=b"y" * (3 << 20), headers=headers, timeout=SECONDS).status_code == 201
        confirmed = desk.patch(imodel, "changesets", "b" * 40, state="fileUploaded", briefcaseId=briefcase)
        assert confirmed.status_code == 200, confirmed.text
        assert [each["index"] for each in desk.get(imodel, "changesets").json()["changesets"]] == [1, 2]
        assert len(desk.get(imodel, "changesetgroups", _top=1000).json()["changesetGroups"]) == groups
    messages = small_disk.end()
    assert "the disk is full" in messages
    assert "Traceback" not in messages


@pytest.mark.thorough
@BY_FILE
@pytest.mark.parametrize("left", [65536, 3 << 20])
def test_a_full_disk_leaves_a_hub_as_it_was_when_a_dump_is_loaded(
    small_disk: SmallDisk, tmp_path: Path, left: int
) -> None:
    """Loading is all or nothing: no file is replaced or added; later it succeeds."""
    announcement = small_disk.announcement
    url = announcement["base_url"].removesuffix("/imodels")
    snapshot = f"{url}/_hub/snapshot"
    desk = desk_of(url, "ada-token")
    with desk.client, httpx.Client(headers={"Authorization": f"Bearer {announcement['control_secret']}"}) as control:
        ids = []
        for name in ("One", "Two"):
            body = {"iTwinId": announcement["itwin_id"], "name": name, "baselineFile": {"size": 2 << 20}}
            made = desk.call("POST", json=body).json()["iModel"]
            ids.append(made["id"])
            headers = {"x-ms-blob-type": "BlockBlob"}
            link = made["_links"]["upload"]["href"]
            assert httpx.put(link, content=database_of(2 << 20), headers=headers, timeout=SECONDS).is_success
            assert desk.post(made["id"], "baselinefile").status_code == 200
            assert control.post(f"{url}/_hub/time/advance", json={"seconds": 60}, timeout=SECONDS).is_success
        dumped, other = tmp_path / "dumped.zip", tmp_path / "other.zip"
        dumped.write_bytes(control.get(snapshot, timeout=SECONDS).content)

        def flip(name: str, content: bytes) -> dict[str, bytes]:
            if not any(f"/{each}.bim" in name for each in ids):
                return {name: content}
            return {name: content[:-1] + bytes([content[-1] ^ 1]), f"{name}.more": content}

        changed(dumped, other, flip, listed=False)
        before = contents(desk, announcement["itwin_id"])
        small_disk.fill(left)
        zipped = {"Content-Type": "application/zip"}
        refused = control.put(snapshot, content=other.read_bytes(), headers=zipped, timeout=SECONDS)
        assert (refused.status_code, refused.json()) == (503, {"error": "the disk of the hub is full"})
        assert contents(desk, announcement["itwin_id"]) == before
        small_disk.free()
        assert files_in(control.get(snapshot, timeout=SECONDS).content) == files_in(dumped.read_bytes())
        assert control.put(snapshot, content=other.read_bytes(), headers=zipped, timeout=SECONDS).status_code == 204
        assert contents(desk, announcement["itwin_id"]) != before


def contents(desk: Desk, itwin: str) -> dict[str, bytes]:
    """Return the baselines of an iTwin by the names of their iModels."""
    found = {}
    for imodel in desk.get_full(iTwinId=itwin).json()["iModels"]:
        answer = desk.get(imodel["id"], "baselinefile").json()["baselineFile"]
        content = httpx.get(answer["_links"]["download"]["href"], timeout=SECONDS)
        assert content.status_code == 200
        found[imodel["name"]] = content.content
    return found


def files_in(dump: bytes) -> list[str]:
    """Return the names of the files of a dump."""
    with zipfile.ZipFile(io.BytesIO(dump)) as archive:
        return sorted(archive.namelist())


@pytest.mark.thorough(keep=1)
@BY_FILE
@pytest.mark.parametrize("left", [0, 16384])
def test_a_hub_that_cannot_begin_on_a_full_disk_says_so(tmp_path: Path, left: int) -> None:
    """It reports that in one line, and frees the space that it used."""
    require_part("namespaces")
    disk = tmp_path / "disk"
    disk.mkdir()
    fill = f"head -c {(2 << 20) - left} /dev/zero > {disk}/filler"
    serve = f"{sys.executable} {IN_A_FOLDER} --data-dir {disk}/hub"
    command = on_small_disk(disk, "2m", ["sh", "-c", f"{fill}; {serve}"])
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    lines = [line for line in done.stderr.splitlines() if "/dev/zero" not in line and "head" not in line]
    assert (done.returncode, done.stdout, len(lines)) == (1, "", 1), done.stderr
    assert lines[0].startswith("imodels hub serve: ")
    assert "disk is full" in lines[0] or "No space left on device" in lines[0]


@pytest.mark.thorough
@BY_FILE
def test_background_work_waits_for_space(small_disk: SmallDisk) -> None:
    """A full disk does not make background work fail: it is done when there is space."""
    announcement = small_disk.announcement
    url = announcement["base_url"].removesuffix("/imodels")
    desk = desk_of(url, "ada-token")
    with desk.client, httpx.Client(headers={"Authorization": f"Bearer {announcement['control_secret']}"}) as control:
        body = {"iTwinId": announcement["itwin_id"], "name": "Large", "baselineFile": {"size": 6 << 20}}
        made = desk.call("POST", json=body).json()["iModel"]
        headers = {"x-ms-blob-type": "BlockBlob"}
        put = httpx.put(
            made["_links"]["upload"]["href"], content=database_of(6 << 20), headers=headers, timeout=SECONDS
        )
        assert put.status_code == 201, put.text
        assert desk.post(made["id"], "baselinefile").status_code == 200
        small_disk.fill(1 << 20)
        assert control.post(f"{url}/_hub/time/advance", json={"seconds": 60}, timeout=SECONDS).status_code == 200
        state = desk.get(made["id"], "operations/create").json()["createOperation"]["state"]
        assert state == "scheduled"
        small_disk.free()
        while state == "scheduled":
            control.post(f"{url}/_hub/time/advance", json={"seconds": 1}, timeout=SECONDS)
            state = desk.get(made["id"], "operations/create").json()["createOperation"]["state"]
        assert state == "successful"


def database_of(size: int) -> bytes:
    """Return a database of a size."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("PRAGMA page_size = 65536")
        database.execute("CREATE TABLE t (b BLOB)")
        while len(content := database.serialize()) < size:
            database.execute(
                "INSERT INTO t VALUES (randomblob(?))", (max(1, min(60_000, size - len(content) - 70_000)),)
            )
        return content
