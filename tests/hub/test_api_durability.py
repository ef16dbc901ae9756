"""Confirmed changes are kept: restarts, sudden ends, folders in use, and many parallel clients."""

import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from itwin_imodels_hub.basis.data_folder import FolderInUseError
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity import DEMO_USERS
from itwin_imodels_hub.serving.app import Site
from tests.hub.helpers import authoring
from tests.hub.helpers.checking import check
from tests.hub.helpers.databases import ON_POSTGRESQL, database_of
from tests.hub.helpers.desk import Desk, id_of, new_content
from tests.hub.helpers.serving import Switch

ROOT = Path(__file__).parents[2]
SECONDS = 4


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """Serve a hub in a process, to be ended in any way."""
    command = [sys.executable, "-m", "tests.hub.helpers.serve_hub", str(folder), *filter(None, [database_of(folder)])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            headers = {"Authorization": "Bearer ada-token"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=240) as client:
                yield process, client
        finally:
            process.kill()


@pytest.mark.thorough
def test_sudden_end_loses_nothing(tmp_path: Path) -> None:
    """Whenever the process is killed, all confirmed changes exist afterwards, and nothing is damaged."""
    chooser = random.Random(7)  # noqa: S311 - chooses moments
    confirmed: list[str] = []
    locked: set[str] = set()
    imodel = ""
    briefcase = 0
    for turn in range(4):
        with running(tmp_path / "hub") as (process, client):
            desk = Desk(None, client)  # type: ignore[arg-type]  # the hub is elsewhere
            if not imodel:
                imodel = desk.imodel(desk.itwin())
                briefcase = desk.briefcase(imodel)
            assert_whole(desk, imodel, confirmed, locked)
            killer = threading.Timer(chooser.uniform(0.15, 0.5), process.kill)
            if turn % 2:  # at the latest then there is something to lose
                newest = desk.get(imodel, "changesets", _orderBy="index desc", _top=1).json()["changesets"]
                confirmed.append(desk.push(imodel, briefcase, newest[0]["id"] if newest else ""))
            killer.start()
            try:
                for number in range(10_000):
                    known = desk.get(imodel, "changesets", _orderBy="index desc", _top=1).json()["changesets"]
                    confirmed.append(desk.push(imodel, briefcase, known[0]["id"] if known else ""))
                    key = hex(turn * 100_000 + number + 1)
                    assert desk.lock(imodel, briefcase, exclusive=[key]).status_code == 200
                    locked.add(key)
            except httpx.TransportError:
                pass
            killer.join()
    with running(tmp_path / "hub") as (_, client):
        assert_whole(Desk(None, client), imodel, confirmed, locked)  # type: ignore[arg-type]  # as above
    assert confirmed


@pytest.mark.thorough
def test_sudden_end_while_a_checkpoint_is_made(tmp_path: Path) -> None:
    """Nothing incomplete is visible, temporary files are deleted, and the checkpoint is generated after the restart."""
    folder = tmp_path / "hub"
    with running(folder) as (process, client):
        desk = Desk(None, client)  # type: ignore[arg-type]  # the hub is elsewhere
        imodel = desk.imodel(desk.itwin())
        author = authoring.Author(desk, tmp_path / "author").at(imodel, desk.briefcase(imodel))
        author.new_tables(3)
        (last,) = (folder / "blobs").rglob(f"{author.ids[3]}.cs~/*.data")
        with authoring.held(last) as wait_for_reader:
            author.name(3)
            wait_for_reader()
            assert list((folder / "work").glob("*/*"))
            assert author.checkpoint(3)["state"] == "scheduled"
            process.kill()
            process.wait()
    assert not [path for path in (folder / "blobs").rglob("*.bim~") if "checkpoints" in str(path)]
    with running(folder) as (_, client):
        author.desk = desk = Desk(None, client)  # type: ignore[arg-type]  # as above
        end = time.monotonic() + 30
        while author.checkpoint(3)["state"] == "scheduled":
            assert time.monotonic() < end
            time.sleep(0.05)
        file = authoring.downloaded(author.checkpoint(3), tmp_path / "3.bim")
        with closing(sqlite3.connect(file)) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        assert [name for (name,) in tables] == ["be_Prop", "t1", "t2", "t3"]
        (own,) = [path for path in (folder / "work").iterdir() if path.is_dir()]
        assert list(own.iterdir()) == []


def assert_whole(desk: Desk, imodel: str, confirmed: list[str], locked: set[str]) -> None:
    """Fail unless the chain of changesets and files is complete."""
    listed = desk.follow(desk.get_full(imodel, "changesets", _top=1000), "changesets")
    ids = [item["id"] for item in listed]
    assert set(confirmed) <= set(ids)
    assert [item["parentId"] for item in listed] == ["", *ids[:-1]][: len(ids)]
    for item in listed:
        content = httpx.get(item["_links"]["download"]["href"]).content
        assert id_of(content) == item["id"]
    held = {
        key
        for lock in desk.follow(desk.get(imodel, "locks", _top=1000), "locks")
        for group in lock["lockedObjects"]
        for key in group["objectIds"]
    }
    assert locked <= held


def open_and_ask(switch: Switch, address: str, folder: Path) -> tuple[Hub, Desk]:
    """Open a hub and call it."""
    hub = Hub(HubSettings(), folder, users=DEMO_USERS)
    switch.app = Site(hub).application()
    headers = {"Authorization": "Bearer ada-token"}
    return hub, Desk(hub, httpx.Client(base_url=address, headers=headers, event_hooks={"response": [check]}))


def test_restart_goes_on(switch: Switch, address: str, tmp_path: Path) -> None:
    """Pending work is done after a restart, and earlier links and tokens are still valid."""
    hub, desk = open_and_ask(switch, address, tmp_path)
    with desk.client:
        itwin = desk.itwin()
        imodel = desk.imodel(itwin)
        briefcases = [desk.briefcase(imodel) for _ in range(3)]
        waiting = desk.announce(imodel, briefcases[0], "")
        made = desk.post(imodel, "clone", iTwinId=itwin, name="Clone").headers["location"].rpartition("/")[2]
        following = desk.client.get(f"/imodels/{imodel}/briefcases?$continuationToken=&$top=1").json()["_links"]["next"]
    hub.close()
    hub, desk = open_and_ask(switch, address, tmp_path)
    with desk.client:
        desk.wait(1)
        assert desk.get(made, "operations/create").json()["createOperation"]["state"] == "successful"
        desk.upload(waiting)
        assert desk.confirm(imodel, waiting).status_code == 200
        assert len(desk.follow(desk.client.get(following["href"]), "briefcases")) == 2
    hub.close()
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(ON_POSTGRESQL, reason="there several hubs share a folder")
def test_folder_in_use(tmp_path: Path) -> None:
    """A second hub on the same folder is rejected until the first has ended."""
    hub = Hub(data_dir=tmp_path)
    with pytest.raises(FolderInUseError, match="is in use by another hub"):
        Hub(data_dir=tmp_path)
    hub.close()
    Hub(data_dir=tmp_path).close()


def test_temporary_hub_leaves_nothing() -> None:
    """Without a folder everything goes with the hub."""
    hub = Hub()
    folder = hub.empty_imodel().parent
    assert folder.is_dir()
    hub.close()
    assert not folder.exists()


# Many at once.


class Author(threading.Thread):
    """An author who pushes, locks and releases for a while, and records the locks with times."""

    def __init__(self, desk: Desk, imodel: str, briefcase: int, end: float) -> None:
        """Work on an iModel until a time."""
        super().__init__()
        self.desk, self.imodel, self.briefcase, self.end = desk, imodel, briefcase, end
        self.chooser = random.Random(briefcase)  # noqa: S311 - chooses objects
        self.pushed: list[str] = []
        self.spans: list[tuple[str, float, float]] = []
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Work."""
        try:
            while time.monotonic() < self.end:
                self.push()
                self.lock()
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.failure = error

    def push(self) -> None:
        """Try to push on top of the newest changeset."""
        newest = self.desk.get(self.imodel, "changesets", _orderBy="index desc", _top=1).json()["changesets"]
        content = new_content() + str(self.briefcase).encode()
        body: dict[str, Any] = {
            "id": id_of(content),
            "parentId": newest[0]["id"] if newest else "",
            "briefcaseId": self.briefcase,
            "fileSize": len(content),
        }
        response = self.desk.post(self.imodel, "changesets", **body)
        if response.status_code == 409:
            return
        changeset = {**response.json()["changeset"], "content": content}
        self.desk.upload(changeset)
        assert self.desk.confirm(self.imodel, changeset).status_code == 200
        self.pushed.append(changeset["id"])

    def lock(self) -> None:
        """Try to lock an object exclusively for a moment."""
        key = hex(self.chooser.randrange(1, 4))
        newest = self.desk.get(self.imodel, "changesets", _orderBy="index desc", _top=1).json()["changesets"]
        index = newest[0]["id"] if newest else None
        before = time.monotonic()
        if self.desk.lock(self.imodel, self.briefcase, index, exclusive=[key]).status_code != 200:
            return
        start, end = time.monotonic(), time.monotonic()
        released = self.desk.lock(self.imodel, self.briefcase, index, none=[key])
        assert released.status_code == 200, released.text
        assert before <= start
        self.spans.append((key, start, end))


@pytest.mark.thorough
def test_many_at_once(ada: Desk, open_desk: Any, imodel: str) -> None:
    """With eight parallel clients, the chain is unbroken, no exclusive lock is shared, and the hub has no error."""
    end = time.monotonic() + SECONDS
    desks = [open_desk(f"Bearer {'ada' if number % 2 else 'grace'}-token") for number in range(8)]
    authors = [Author(desk, imodel, desk.briefcase(imodel), end) for desk in desks]
    for author in authors:
        author.start()
    watched = 0
    while time.monotonic() < end:
        holders: dict[str, int] = {}
        for lock in ada.get(imodel, "locks").json()["locks"]:
            for group in lock["lockedObjects"]:
                for key in group["objectIds"]:
                    assert holders.setdefault(key, lock["briefcaseId"]) == lock["briefcaseId"]
        watched += 1
    for author in authors:
        author.join()
        assert author.failure is None, repr(author.failure)
    listed = ada.follow(ada.get(imodel, "changesets", _top=1000), "changesets")
    ids = [item["id"] for item in listed]
    assert sorted(ids) == sorted(key for author in authors for key in author.pushed)
    assert [item["parentId"] for item in listed] == ["", *ids[:-1]]
    indexes = [item["index"] for item in listed]
    assert indexes == sorted(set(indexes))
    spans = sorted((key, start, end) for author in authors for key, start, end in author.spans)
    for first, second in pairwise(spans):
        assert first[0] != second[0] or first[2] <= second[1], "held twice at once"
    assert watched
    assert ids
    assert spans
