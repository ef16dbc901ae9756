"""Block-based checkpoints: selection, equality with one file, failures, and updates of older databases."""

import asyncio
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions, errors
from itwin_imodels.models import DownloadedCheckpoint
from itwin_imodels_hub import Fault, HubSettings, LocalHub
from tests.transfer.helpers.containers import BLOCK, blocks_of, put_into
from tests.workflows.conftest import OpenClient
from tests.workflows.helpers.bench import QUICK, Shown, until
from tests.workflows.helpers.databases import content
from tests.workflows.helpers.processes import Author
from tests.workflows.helpers.timelines import JSON, History, Work, worked

SIZE = 300_000
"""Bytes of the database, about: some twenty blocks."""
GET_BLOCK = {"method": "GET", "path": "^/storage/.*[0-9A-F]{24}.bcv$"}

pytestmark = pytest.mark.usefixtures("instantly")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Changesets on a database of some blocks."""
    return worked(tmp_path_factory.mktemp("work"), size=SIZE)


def name_at(work: Work, index: int) -> str:
    """Name the database at a point, as the service does."""
    return f"{work.files[index - 1].stem}.bim" if index else "BASELINE.bim"


def in_blocks(folder: Path, work: Work, *indexes: int, id_size: int = 24) -> Path:
    """Put the databases at some points into one container."""
    return put_into(folder, {name_at(work, index): work.databases[index] for index in indexes}, id_size=id_size)


def planted(hub: LocalHub, client: IModelsClient, folder: Path, work: Work) -> History:
    """Create a history with checkpoints: one file at 2, both forms at 3, blocks at 4."""
    box = in_blocks(folder / "box", work, 3, 4)
    files = {index: work.databases[index] for index in (2, 3)}
    return evolve(work.planted(hub, client, folder, files, {3: box, 4: box}), kind="auto")


@pytest.fixture
def history(hub: LocalHub, client: IModelsClient, tmp_path: Path, work: Work) -> History:
    """The history."""
    return planted(hub, client, tmp_path, work)


@pytest.fixture
def random_names(hub: LocalHub, client: IModelsClient, tmp_path: Path, work: Work) -> History:
    """Create a history with a checkpoint at 4, in blocks with random ids."""
    box = in_blocks(tmp_path / "random", work, 4, id_size=16)
    return evolve(work.planted(hub, client, tmp_path / "random", {}, {4: box}), kind="v2")


def assert_in_blocks(history: History, downloaded: DownloadedCheckpoint, index: int) -> None:
    """Check that the file is the database at a point, with all blocks downloaded."""
    history.assert_is(downloaded, index)
    assert downloaded.kind == "v2"
    assert downloaded.blocks == downloaded.downloaded_blocks + downloaded.reused_blocks
    assert downloaded.blocks == -(-downloaded.size // BLOCK)


# Which checkpoint.


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize(
    ("kind", "wanted", "found", "form"),
    [
        ("auto", 5, 4, "v2"),
        ("auto", 4, 4, "v2"),
        ("auto", 3, 3, "v1"),
        ("auto", 2, 2, "v1"),
        ("auto", 1, 0, "v1"),
        ("v1", 5, 3, "v1"),
        ("v1", 4, 3, "v1"),
        ("v2", 5, 4, "v2"),
        ("v2", 3, 3, "v2"),
    ],
)
def test_the_nearest_one_in_a_form(history: History, kind: str, wanted: int, found: int, form: str) -> None:
    """By default, any form is used, and one file if both exist."""
    downloaded = history.download(changeset=wanted, kind=kind)
    history.assert_is(downloaded, found)
    assert downloaded.kind == form


def test_a_form_that_is_not_there(history: History) -> None:
    """The errors state which form exists."""
    with pytest.raises(errors.OperationFailed, match="not available as one file, only as blocks"):
        history.download(changeset=4, kind="v1", preceding=False)
    with pytest.raises(errors.OperationFailed, match="not available as blocks, only as one file"):
        history.download(changeset=2, kind="v2", preceding=False)
    for wanted in (0, 1, 2):
        with pytest.raises(errors.OperationFailed, match="no block-based checkpoint at or before the requested point"):
            history.download(changeset=wanted, kind="v2")
    history.assert_nothing_there()
    assert_in_blocks(history, history.download(changeset=4, preceding=False), 4)
    assert_in_blocks(history, history.download(changeset=4, checkpoint_timeout=5), 4)


@pytest.mark.parametrize("apply", [False, True])
def test_a_storage_that_nobody_knows(history: History, *, apply: bool) -> None:
    """The error names the storage; another checkpoint is used only on request."""
    access = {"baseUrl": "https://storage.example", "baseDirectory": "x", "storageType": "tape"}
    facts = {
        "changesetIndex": 4,
        "changesetId": history.ids[4],
        "state": "successful",
        "dbName": "x.bim",
        "directoryAccessInfo": access,
    }
    body = json.dumps({"checkpoint": {**facts, "_links": {}}})
    history.fault(method="GET", path="/checkpoint$", action="answer", status=200, headers=JSON, body=body, times=9)
    with pytest.raises(errors.TransferError, match=r"unsupported storage type 'tape': .* supports azure and google"):
        history.download(changeset=4, apply=apply)


# What arrives.


def test_it_is_the_same_file(history: History, random_names: History) -> None:
    """This applies to both kinds of block ids; progress ends at the actual size."""
    for each in (history, random_names):
        shown = Shown()
        downloaded = each.download(kind="v2", check=True, progress=shown)
        assert_in_blocks(each, downloaded, 4)
        assert downloaded.downloaded_bytes == downloaded.blocks * BLOCK
        assert downloaded.block_list is None
        assert (shown.reports, shown.reports[-1]) == (sorted(shown.reports), (downloaded.size,) * 2)
        each.target.unlink()


@pytest.mark.parametrize("kind", ["auto", "v2"])
def test_changesets_are_applied_to_it(history: History, kind: str) -> None:
    """The database is at exactly the requested point."""
    shown = Shown()
    downloaded = history.download(apply=True, kind=kind, check=True, progress=shown)
    history.assert_is(downloaded, 5, applied=1)
    assert (downloaded.kind, downloaded.is_exact) == ("v2", True)
    shown.assert_whole(history.databases[4].stat().st_size + history.files[4].stat().st_size)


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("storage_type", ["azure", "google"])
@pytest.mark.parametrize("id_size", [16, 24])
def test_what_the_hub_makes(tmp_path: Path, work: Work, storage_type: Any, id_size: Any) -> None:
    """The checkpoints of Named Versions, each of which has the same content in both forms, and updates between them."""
    settings = HubSettings(
        storage_type=storage_type,
        job_delay=timedelta(0),
        durable=False,
        checkpoint_id_size=id_size,
        checkpoint_block_size=BLOCK,
    )
    with LocalHub(settings=settings) as hub, IModelsClient(hub.token("ada"), base_url=hub.base_url) as client:
        imodel_id = client.create_imodel_from_baseline(hub.itwin_id, "Made", work.databases[0]).id
        briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
        client.push_changesets(imodel_id, work.files, briefcase_id=briefcase_id, parent_id=None)
        blocks, whole = tmp_path / "blocks.bim", tmp_path / "whole.bim"
        for index in (2, 5):
            version = client.named_versions.create(imodel_id, f"At {index}", changeset_id=work.files[index - 1].stem)
            client.wait_for_checkpoint(imodel_id, named_version=version)
        client.download_checkpoint(imodel_id, blocks, changeset=2, kind="v2", keep_block_list=True, check=True)
        client.download_checkpoint(imodel_id, whole, changeset=2, kind="v1", preceding=False)
        assert blocks.read_bytes() == whole.read_bytes()
        updated = client.update_checkpoint(imodel_id, blocks, check=True)
        client.download_checkpoint(imodel_id, whole, changeset=5, kind="v1", preceding=False)
        assert blocks.read_bytes() == whole.read_bytes()
        assert content(blocks) == content(work.databases[5])
        assert updated.reused_blocks > updated.downloaded_blocks > 0


def test_a_google_storage(tmp_path: Path, work: Work) -> None:
    """Its access is a header, which goes with each request."""
    settings = HubSettings(storage_type="google", job_delay=timedelta(0), durable=False)
    with LocalHub(settings=settings) as hub, IModelsClient(hub.token("ada"), base_url=hub.base_url) as client:
        history = planted(hub, client, tmp_path, work)
        assert_in_blocks(history, history.download(), 4)
        asked = [each for each in hub.control.log.requests if each.path.startswith("/storage")]
        assert asked
        assert all("authorization" in each.headers for each in asked)


def test_neither_token_nor_secret_is_logged(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """The API's token does not go to the storage, the storage's into no log."""
    with caplog.at_level("DEBUG"):
        history.download()
    asked = [each for each in history.hub.control.log.requests if each.path.startswith("/storage")]
    assert len(asked) > 10
    assert not any("authorization" in each.headers for each in asked)
    assert not any("sig=" in each.getMessage() for each in caplog.records if not each.name.startswith("uvicorn"))


# What goes wrong.


def test_busy_storage_and_broken_connections(history: History) -> None:
    """They pass."""
    history.fault(**GET_BLOCK, action="answer", status=503, headers={"retry-after": "0"}, times=3)
    history.fault(**GET_BLOCK, skip=2, action="cut", cut_at=5000, times=2)
    history.fault(**GET_BLOCK, skip=8, action="drop", times=2)
    assert_in_blocks(history, history.download(), 4)


def test_access_that_ends_half_way(history: History) -> None:
    """The checkpoint is requested once more, and downloaded blocks are kept."""
    advanced: list[int] = []

    def progress(done: int, _: int | None) -> None:
        if done > SIZE // 2 and not advanced:
            advanced.append(done)
            history.hub.control.advance(timedelta(days=1))

    assert_in_blocks(history, history.download(changeset=4, progress=progress), 4)
    assert history.count("/checkpoint$") == 2
    statuses = [each.status for each in history.hub.control.log.requests if each.path.startswith("/storage")]
    assert 1 <= statuses.count(403) <= 2
    assert statuses.count(200) <= len(blocks_of(history.target.parent.parent / "box", f"{history.ids[4]}.bim")) + 1 + 2


def test_access_that_is_refused_for_good(history: History) -> None:
    """The error does not contain the credential."""
    history.hub.control.faults.add(Fault.link_expired(path=GET_BLOCK["path"], times=99))
    with pytest.raises(errors.LinkExpired) as caught:
        history.download()
    assert "sig=" not in str(caught.value)
    history.assert_nothing_there()


@pytest.mark.parametrize("spoil", ["missing", "cut", "swapped", "flipped"])
def test_a_container_that_is_damaged(
    hub: LocalHub, client: IModelsClient, tmp_path: Path, work: Work, spoil: str
) -> None:
    """The file does not appear under its name, and the error names the block."""
    box = in_blocks(tmp_path / "box", work, 4)
    one, other = (box / name for name in blocks_of(box, name_at(work, 4))[3:5])
    text = "MD5"
    if spoil == "missing":
        text = "missing from the storage"
        one.unlink()
    elif spoil == "cut":
        text = "has 100 bytes instead of 16384"
        one.write_bytes(one.read_bytes()[:100])
    elif spoil == "swapped":
        first, second = one.read_bytes(), other.read_bytes()
        one.write_bytes(second)
        other.write_bytes(first)
    else:
        one.write_bytes(one.read_bytes()[:-1] + b"\xff")
    history = evolve(work.planted(hub, client, tmp_path, {}, {4: box}), kind="auto")
    for apply in (False, True):
        with pytest.raises(errors.IntegrityError, match=rf"block [45] of \d+ .*{text}"):
            history.download(apply=apply)
        history.assert_nothing_there()
    assert history.download(kind="v1").changeset_index == 0
    assert history.target.read_bytes() == work.databases[0].read_bytes()


def test_sqlite_finds_what_nothing_else_does(hub: LocalHub, client: IModelsClient, tmp_path: Path, work: Work) -> None:
    """Blocks have random ids, and their content was already wrong in storage: in blocks, as one file, applied."""
    wrong = tmp_path / "wrong.bim"
    spoilt = bytearray(work.databases[4].read_bytes())
    spoilt[4096:4100] = b"\xff\xff\xff\xff"
    wrong.write_bytes(spoilt)
    box = put_into(tmp_path / "box", {name_at(work, 4): wrong}, id_size=16)
    history = work.planted(hub, client, tmp_path, {4: wrong}, {4: box})
    for kind in ("v1", "v2"):
        with pytest.raises(errors.IntegrityError, match=r"tip\.bim: SQLite reports a damaged database"):
            history.download(kind=kind, check=True)
        history.assert_nothing_there()
        assert history.download(kind=kind).path.read_bytes() == spoilt
        history.target.unlink()
    assert not list(history.target.parent.iterdir())


# Interruptions.


@pytest.fixture
def slow(history: History) -> History:
    """Delay all responses of the storage after the first eight blocks."""
    history.fault(**GET_BLOCK, skip=8, delay=3, times=99)
    return history


def until_noted(history: History, amount: int) -> None:
    """Wait until a number of blocks have been downloaded."""

    def noted() -> bool:
        found = list(history.target.parent.rglob("*.part.blocks"))
        return any(len(path.read_text().splitlines()) > amount + 1 for path in found)

    until(noted)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("apply", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_ended_process(slow: History, colour: str, number: int, *, apply: bool) -> None:
    """The same call resumes, and the file is correct at any moment."""
    author = Author.calling(slow.hub, colour, "download_checkpoint", slow.imodel_id, str(slow.target), apply=apply)
    until_noted(slow, 6)
    outcome = author.end(number)
    assert outcome is None or outcome["error"] == "KeyboardInterrupt"
    slow.assert_nothing_there()
    slow.hub.control.faults.clear()
    downloaded = slow.download(apply=apply)
    assert downloaded.reused_blocks >= 6
    assert downloaded.downloaded_bytes == downloaded.downloaded_blocks * BLOCK
    if apply:
        slow.assert_is(downloaded, 5, applied=1)
    else:
        assert_in_blocks(slow, downloaded, 4)


async def _cancelled(history: History) -> DownloadedCheckpoint:
    transfer = TransferOptions(block_parallelism=2)
    async with AsyncIModelsClient(
        history.hub.token("ada"), base_url=history.hub.base_url, transfer=transfer, retry=QUICK
    ) as client:
        task = asyncio.create_task(client.download_checkpoint(history.imodel_id, history.target))
        await asyncio.to_thread(until_noted, history, 6)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        history.assert_nothing_there()
        history.hub.control.faults.clear()
        return await client.download_checkpoint(history.imodel_id, history.target)


def test_a_cancelled_task(slow: History) -> None:
    """Downloaded blocks are kept, and the same client resumes."""
    downloaded = asyncio.run(_cancelled(slow))
    assert downloaded.reused_blocks >= 6
    assert_in_blocks(slow, downloaded, 4)


def test_it_ends_after_its_time(slow: History) -> None:
    """The next call resumes."""
    with pytest.raises(errors.WaitTimeout, match=slow.imodel_id):
        slow.download(timeout=1.5)
    slow.assert_nothing_there()
    slow.hub.control.faults.clear()
    assert_in_blocks(slow, slow.download(timeout=60), 4)


def test_two_at_once(history: History, open_client: OpenClient) -> None:
    """The second call waits; the file is correct whenever it exists."""
    clients = [open_client() for _ in range(2)]
    done: list[DownloadedCheckpoint] = []
    threads = [
        threading.Thread(
            target=lambda each=each: done.append(each.download_checkpoint(history.imodel_id, history.target))
        )
        for each in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 2
    for downloaded in done:
        assert_in_blocks(history, downloaded, 4)


@pytest.mark.skipif(sys.platform != "linux", reason="another process is limited by prlimit")
def test_a_full_disk(history: History, colour: str) -> None:
    """The error says so, and no file remains."""
    history.fault(method="GET", path="/checkpoint$", delay=1)
    author = Author.calling(history.hub, colour, "download_checkpoint", history.imodel_id, str(history.target))
    resource.prlimit(author.process.pid or 0, resource.RLIMIT_FSIZE, (3 * BLOCK, 3 * BLOCK))
    assert author.outcome()["error"] == "TransferError"
    assert not list(history.target.parent.iterdir())


# Updates.


@pytest.fixture
def old(history: History, tmp_path: Path) -> Iterator[Path]:
    """Return the database at 3, with the list of its blocks, and an empty log."""
    path = tmp_path / "old.bim"
    done = history.client.download_checkpoint(history.imodel_id, path, changeset=3, kind="v2", keep_block_list=True)
    assert done.block_list == tmp_path / "old.bim.blocks"
    history.hub.control.log.clear()
    yield path
    assert path.exists()


Update = Callable[..., DownloadedCheckpoint]


@pytest.fixture
def update(history: History, old: Path) -> Update:
    """Return a function that updates the database."""

    def update(**options: Any) -> DownloadedCheckpoint:
        return history.client.update_checkpoint(history.imodel_id, old, **options)

    return update


def test_an_update_fetches_what_differs(history: History, old: Path, update: Update) -> None:
    """It replaces the older file; a second update downloads nothing."""
    shown = Shown()
    updated = update(check=True, progress=shown)
    assert old.read_bytes() == history.databases[4].read_bytes()
    assert (updated.path, updated.changeset_index, updated.kind) == (old, 4, "v2")
    assert 0 < updated.downloaded_blocks < 5 < updated.reused_blocks
    assert updated.downloaded_blocks + updated.reused_blocks == updated.blocks
    assert updated.reused_bytes <= updated.reused_blocks * BLOCK
    assert history.count(GET_BLOCK["path"]) == updated.downloaded_blocks
    assert shown.reports == sorted(shown.reports)
    assert shown.reports[-1] == (updated.size,) * 2
    again = update()
    assert (again.downloaded_blocks, again.downloaded_bytes, again.size) == (0, 0, updated.size)
    assert sorted(path.name for path in old.parent.glob("old*")) == ["old.bim", "old.bim.blocks"]


def test_an_update_goes_to_another_file(history: History, old: Path, update: Update) -> None:
    """The older file is unchanged; the list is written next to the new file."""
    before = old.read_bytes()
    updated = update(target=history.target, changeset=4, preceding=False)
    assert history.target.read_bytes() == history.databases[4].read_bytes()
    assert old.read_bytes() == before
    assert updated.block_list == history.target.with_name("tip.bim.blocks")
    assert updated.block_list.exists()


@pytest.mark.parametrize("spoil", ["no list", "changed", "from one file"])
def test_an_older_one_of_another_origin(history: History, old: Path, update: Update, spoil: str) -> None:
    """Only blocks with proven content are reused."""
    old.with_name("old.bim.blocks").unlink()
    if spoil == "changed":
        content = bytearray(old.read_bytes())
        content[BLOCK * 6 : BLOCK * 6 + 8] = os.urandom(8)
        old.write_bytes(content)
    elif spoil == "from one file":
        history.client.download_checkpoint(history.imodel_id, old, changeset=3, kind="v1")
    updated = update(target=history.target)
    assert history.target.read_bytes() == history.databases[4].read_bytes()
    assert updated.reused_blocks > 5


def test_an_update_that_is_interrupted(history: History, old: Path, colour: str) -> None:
    """The older database exists until the newer one is complete."""
    before = old.read_bytes()
    history.fault(**GET_BLOCK, skip=1, delay=3, times=99)
    author = Author.calling(history.hub, colour, "update_checkpoint", history.imodel_id, str(old))
    until(lambda: any(len(path.read_text().splitlines()) > 4 for path in old.parent.glob("old.bim.part.blocks")))
    author.kill()
    assert old.read_bytes() == before
    history.hub.control.faults.clear()
    history.client.update_checkpoint(history.imodel_id, old)
    assert old.read_bytes() == history.databases[4].read_bytes()
    assert sorted(path.name for path in old.parent.glob("old*")) == ["old.bim", "old.bim.blocks"]


def test_an_older_one_that_is_used_meanwhile(history: History, old: Path, update: Update) -> None:
    """It is not replaced while a program uses it; afterwards, the update resumes."""
    before, journal = old.read_bytes(), old.with_name("old.bim-wal")
    with pytest.raises(errors.InvalidFile, match=r"old\.bim-wal"):
        update(progress=lambda *_: journal.write_bytes(b"what is not in the file yet"))
    assert old.read_bytes() == before
    journal.unlink()
    assert update().downloaded_blocks == 0
    assert old.read_bytes() == history.databases[4].read_bytes()


def test_updates_are_checked_before_anything_is_sent(history: History, old: Path, tmp_path: Path) -> None:
    """The older file must be a database that is not in use, and a block-based checkpoint must exist."""
    client, imodel_id = history.client, history.imodel_id
    with pytest.raises(FileNotFoundError):
        client.update_checkpoint(imodel_id, tmp_path / "nothing.bim")
    (tmp_path / "text.bim").write_text("no database")
    with pytest.raises(errors.InvalidFile, match="not a SQLite database"):
        client.update_checkpoint(imodel_id, tmp_path / "text.bim")
    with pytest.raises(ValueError, match="exclusive"):
        client.update_checkpoint(imodel_id, old, changeset=3, named_version="Second")
    journal = old.with_name("old.bim-wal")
    journal.write_bytes(b"what is not in the file yet")
    with pytest.raises(ValueError, match=r"old\.bim-wal"):
        client.update_checkpoint(imodel_id, old)
    journal.unlink()
    assert not history.hub.control.log.requests
    with pytest.raises(errors.OperationFailed, match="no block-based checkpoint"):
        client.update_checkpoint(imodel_id, old, changeset=2)
    assert content(old) == content(history.databases[3])
