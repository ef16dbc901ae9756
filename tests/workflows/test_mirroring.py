"""A mirror contains the whole history, after any interruption or damage."""

import asyncio
import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions, errors
from itwin_imodels._mirror.database import opened_to_write
from itwin_imodels._mirror.lock import LOCK_NAME, MirrorLock
from itwin_imodels._mirror.schema import VerifiedState
from itwin_imodels.mirror import DATABASE_NAME, Mirror, open_mirror
from itwin_imodels.models import ContainingChanges, MirrorResult, SynchronizationInfo
from itwin_imodels_hub import Fault, LocalHub, NewUser
from tests.workflows.conftest import OpenClient
from tests.workflows.helpers.bench import Bench, Shown, until
from tests.workflows.helpers.files import chain_of
from tests.workflows.helpers.histories import History, planted
from tests.workflows.helpers.puller import pulling

GET_FILE = {"path": "^/storage/", "method": "GET"}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return ten consecutive changeset files."""
    return chain_of(tmp_path_factory.mktemp("chain"), 10, size=2000)


@pytest.fixture
def history(hub: LocalHub, chain: list[Path]) -> History:
    """An iModel with these."""
    return planted(hub, chain)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "some" / "mirror"


def counts(result: MirrorResult) -> tuple[int, int, int, int]:
    """Return the counts of a run."""
    return result.changesets, result.new_changesets, result.downloaded_files, result.repaired_files


def assert_mirrored(history: History, folder: Path) -> None:
    """Check that the mirror is complete and contains nothing else."""
    history.assert_in(folder)
    with open_mirror(folder) as mirror:
        history.assert_given(mirror.changesets(), folder)
        assert len(mirror) == len(history.files)
        parents = [each.changeset.parent_id for each in mirror.changesets()]
        assert parents == ["", *history.ids[:-1]]
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_mirror_is_made_and_kept_up_to_date(bench: Bench, folder: Path) -> None:
    """Only new changesets are requested."""
    client, imodel_id = bench.client, bench.imodel_id
    assert counts(client.mirror_timeline(imodel_id, folder)) == (0, 0, 0, 0)
    files = [bench.file(size=3000)]
    bench.push(files[0])
    assert counts(client.mirror_timeline(imodel_id, str(folder))) == (1, 1, 1, 0)
    for _ in range(3):
        files.append(bench.file(files[-1].stem, size=3000))
        bench.push(files[-1], files[-2].stem)
    history = History(bench.hub, imodel_id, files)
    bench.hub.control.log.clear()
    shown = Shown()
    result = client.mirror_timeline(imodel_id, folder, progress=shown)
    assert counts(result) == (4, 3, 3, 0)
    assert (result.imodel_id, result.directory, result.database) == (imodel_id, folder, folder / DATABASE_NAME)
    assert result.downloaded_bytes == sum(file.stat().st_size for file in files[1:])
    shown.assert_whole(history.total)
    assert len(history.requests("/storage")) == 3
    assert_mirrored(history, folder)
    bench.hub.control.log.clear()
    again = Shown()
    assert counts(client.mirror_timeline(imodel_id, folder, progress=again)) == (4, 0, 0, 0)
    assert history.requests("/storage") == []
    assert set(history.requests()) == {"changesets"}
    again.assert_whole(history.total)


def test_what_the_service_tells_is_kept(bench: Bench, folder: Path) -> None:
    """Data that can change later is omitted."""
    group = bench.client.changeset_groups.create(bench.imodel_id)
    info = SynchronizationInfo(task_id="run 7", changed_files=["survey.dgn"])
    first, changes = bench.file(), ContainingChanges.DEFINITION | ContainingChanges.VIEWS_AND_MODELS
    bench.push(first, description="Größe", containing_changes=changes, synchronization_info=info, group_id=group.id)
    bench.push(bench.file(first.stem), first.stem)
    bench.client.mirror_timeline(bench.imodel_id, folder, files=False)
    one, two = bench.timeline
    with open_mirror(folder) as mirror:
        found, other = mirror.changesets()
        assert (found.application, found.synchronization_info) == (one.application, info)
        assert (other.application, other.synchronization_info) == (two.application, None)
        for given, kept in ((one, found.changeset), (two, other.changeset)):
            names = [field.name for field in type(kept).__attrs_attrs__ if field.name != "extra"]
            assert {name: getattr(kept, name) for name in names} == {name: getattr(given, name) for name in names}
            assert kept.extra == given.extra
        assert isinstance(found.changeset.containing_changes, ContainingChanges)


def test_without_files_first(client: IModelsClient, history: History, folder: Path) -> None:
    """Files can be added later, with one list for their links."""
    result = client.mirror_timeline(history.imodel_id, folder, files=False)
    assert counts(result) == (10, 10, 0, 0)
    assert history.requests("/storage") == []
    with open_mirror(folder) as mirror:
        assert [each.path for each in mirror.changesets()] == [None] * 10
    history.hub.control.log.clear()
    assert counts(client.mirror_timeline(history.imodel_id, folder)) == (10, 0, 10, 0)
    assert set(history.requests()) == {"changesets"}
    assert_mirrored(history, folder)


def test_reading(client: IModelsClient, history: History, folder: Path) -> None:
    """Ranges by index and id, single changesets, the newest."""
    client.mirror_timeline(history.imodel_id, folder)
    with open_mirror(str(folder)) as mirror:
        assert (mirror.imodel_id, mirror.directory, bool(mirror)) == (history.imodel_id, folder, True)
        history.assert_given(mirror.changesets(after=3, until=7), folder, after=3)
        assert len(list(mirror.changesets(after=history.ids[2], until=history.ids[6]))) == 4
        assert list(mirror.changesets(after=10)) == list(mirror.changesets(until=0)) == []
        assert mirror.get(history.ids[4]).changeset.index == mirror.get(5).changeset.index == 5
        latest = mirror.latest()
        assert latest is not None
        assert latest.changeset.id == history.ids[-1]
        for unknown in (11, "f" * 40):
            with pytest.raises(KeyError):
                mirror.get(unknown)
        with pytest.raises(ValueError, match="40 hexadecimal"):
            mirror.get("7")
        assert "mirror" in repr(mirror)
    with pytest.raises(errors.MirrorError):
        len(mirror)


def test_an_empty_mirror_and_none(client: IModelsClient, imodel_id: str, folder: Path, tmp_path: Path) -> None:
    """A timeline without changesets has a mirror; a folder without a database is no mirror."""
    client.mirror_timeline(imodel_id, folder)
    with open_mirror(folder) as mirror:
        assert (len(mirror), bool(mirror), mirror.latest(), list(mirror.changesets())) == (0, True, None, [])
    with pytest.raises(errors.MirrorError, match=r"is not a mirror.*mirror_timeline"):
        open_mirror(tmp_path)


def test_files_pulled_before_are_taken_over(client: IModelsClient, history: History, folder: Path) -> None:
    """They are verified and not downloaded again."""
    client.pull_changesets(history.imodel_id, folder, until=6)
    history.hub.control.log.clear()
    (folder / history.files[1].name).write_bytes(history.files[2].read_bytes())
    assert counts(client.mirror_timeline(history.imodel_id, folder)) == (10, 10, 5, 0)
    assert_mirrored(history, folder)


def _lose(path: Path) -> None:
    path.unlink()


def _shorten(path: Path) -> None:
    os.truncate(path, 5)


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _damage_unseen(path: Path) -> None:
    state = path.stat()
    _damage(path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize(
    ("harm", "check", "found", "amount"),
    [
        (_lose, "size", True, 1),
        (_lose, "size", True, 6),
        (_shorten, "size", True, 6),
        (_damage, "size", True, 1),
        (_damage_unseen, "size", False, 1),
        (_damage_unseen, "id", True, 6),
        (_lose, "id", True, 6),
        (_lose, "none", False, 1),
    ],
)
def test_broken_and_missing_files_are_fetched_again(  # noqa: PLR0913, PLR0917 - the first four are a case
    harm: Callable[[Path], None],
    check: Any,
    found: bool,  # noqa: FBT001 - as above
    amount: int,
    client: IModelsClient,
    history: History,
    folder: Path,
) -> None:
    """This depends on `check`. A few links are requested one by one, many in a list."""
    client.mirror_timeline(history.imodel_id, folder)
    for file in history.files[2 : 2 + amount]:
        harm(folder / file.name)
    history.hub.control.log.clear()
    shown = Shown()
    result = client.mirror_timeline(history.imodel_id, folder, check=check, progress=shown)
    assert counts(result) == (10, 0, amount * found, amount * found)
    assert len(history.requests("/storage")) == amount * found
    shown.assert_whole(history.total)
    if harm is _lose and found:
        assert len(history.requests()) <= 4
    if found:
        assert_mirrored(history, folder)
    assert counts(client.mirror_timeline(history.imodel_id, folder, check=check)) == (10, 0, 0, 0)


def test_ids_are_computed_again_where_only_sizes_were_compared(
    client: IModelsClient, history: History, folder: Path
) -> None:
    """The argument `check` applies to the files that were verified before, whatever `verify` is."""
    client.mirror_timeline(history.imodel_id, folder, verify="size")
    _damage_unseen(folder / history.files[2].name)
    assert counts(client.mirror_timeline(history.imodel_id, folder, verify="size", check="id")) == (10, 0, 1, 1)
    assert_mirrored(history, folder)


def test_a_file_that_was_only_touched_stays(client: IModelsClient, history: History, folder: Path) -> None:
    """It is verified once more, which is recorded."""
    client.mirror_timeline(history.imodel_id, folder)
    touched = folder / history.files[0].name
    os.utime(touched)
    history.hub.control.log.clear()
    assert counts(client.mirror_timeline(history.imodel_id, folder)) == (10, 0, 0, 0)
    assert set(history.requests("/")) == {"changesets"}
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as database:
        found = database.execute("SELECT mtime_ns FROM files WHERE changeset_index = 1").fetchone()
    assert found == (touched.stat().st_mtime_ns,)


def test_sizes_first_and_ids_later(client: IModelsClient, hub: LocalHub, chain: list[Path], tmp_path: Path) -> None:
    """Files that were verified by size are verified again if the id is required."""
    bad = tmp_path / "bad"
    bad.write_bytes(b"x" * chain[4].stat().st_size)
    history, folder = planted(hub, chain, contents=[*chain[:4], bad, *chain[5:]]), tmp_path / "mirror"
    client.mirror_timeline(history.imodel_id, folder, verify="size")
    assert (folder / chain[4].name).read_bytes() == bad.read_bytes()
    for check in ("none", "size", "id"):
        with pytest.raises(errors.IntegrityError, match=chain[4].name):
            client.mirror_timeline(history.imodel_id, folder, check=check)  # type: ignore[arg-type] # one of them


def test_another_imodel(client: IModelsClient, history: History, folder: Path, imodel_id: str) -> None:
    """A mirror belongs to one iModel."""
    client.mirror_timeline(history.imodel_id, folder)
    with pytest.raises(errors.MirrorError, match=rf"{history.imodel_id}, not of {imodel_id}"):
        client.mirror_timeline(imodel_id, folder)
    client.mirror_timeline(history.imodel_id.upper(), folder)
    assert_mirrored(history, folder)


def test_a_wrong_id_spoils_nothing(client: IModelsClient, history: History, folder: Path) -> None:
    """The directory can still become the mirror of the iModel that was meant."""
    with pytest.raises(errors.NotFound):
        client.mirror_timeline("00000000-0000-4000-8000-000000000000", folder)
    client.mirror_timeline(history.imodel_id, folder)
    assert_mirrored(history, folder)


@pytest.mark.parametrize("amount", [0, 4, 10, 14])
def test_an_imodel_made_anew(  # noqa: PLR0913, PLR0917 - fixtures
    client: IModelsClient, history: History, folder: Path, tmp_path: Path, hub: LocalHub, amount: int
) -> None:
    """Its timeline differs, and is shorter or longer; the mirror is unchanged."""
    client.mirror_timeline(history.imodel_id, folder)
    client.imodels.delete(history.imodel_id)
    (tmp_path / "other").mkdir()
    planted(hub, chain_of(tmp_path / "other", amount), imodel_id=history.imodel_id)
    with pytest.raises(errors.MirrorError, match=f"lacks changeset {history.ids[-1]} with index 10"):
        client.mirror_timeline(history.imodel_id, folder)
    assert_mirrored(history, folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("PRAGMA user_version = 2", "version 2"),
        ("PRAGMA application_id = 1", "not the database of a mirror"),
        ("DROP TABLE changesets", "no such table"),
    ],
)
def test_a_database_that_is_none_of_ours(
    client: IModelsClient, history: History, folder: Path, change: str, told: str
) -> None:
    """It is not modified."""
    client.mirror_timeline(history.imodel_id, folder)
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as database:
        database.execute(change)
        database.commit()
    with pytest.raises(errors.MirrorError, match=told):
        client.mirror_timeline(history.imodel_id, folder)
    (folder / DATABASE_NAME).write_bytes(b"no database" * 1000)
    with pytest.raises(errors.MirrorError, match="not a database"):
        client.mirror_timeline(history.imodel_id, folder)
    with pytest.raises(errors.MirrorError, match="not a database"):
        open_mirror(folder)
    assert (folder / DATABASE_NAME).read_bytes() == b"no database" * 1000


def test_arguments_are_checked_before_anything_is_sent(client: IModelsClient, history: History, folder: Path) -> None:
    """Nothing is created."""
    wrong: list[dict[str, Any]] = [{"verify": "md5"}, {"check": "often"}, {"timeout": -1}, {"lock_timeout": -1}]
    for options in wrong:
        with pytest.raises(ValueError, match="must"):
            client.mirror_timeline(history.imodel_id, folder, **options)
    assert history.requests("/") == []
    assert not folder.exists()


def test_one_at_a_time(client: IModelsClient, history: History, folder: Path) -> None:
    """The second process waits, and then reports the first one. Readers need not wait."""
    client.mirror_timeline(history.imodel_id, folder, files=False)
    with MirrorLock(folder) as lock:
        assert lock.acquire()
        began = time.monotonic()
        with pytest.raises(errors.WaitTimeout, match=rf"process {os.getpid()} on .*0\.3 s.*lock_timeout"):
            client.mirror_timeline(history.imodel_id, folder, lock_timeout=0.3)
        assert 0.3 <= time.monotonic() - began < 30
        (folder / LOCK_NAME).write_bytes(b"{")
        with pytest.raises(errors.WaitTimeout, match="by another process"):
            client.mirror_timeline(history.imodel_id, folder, lock_timeout=0)
        with open_mirror(folder) as mirror:
            assert len(mirror) == 10
        threading.Timer(0.5, lock.close).start()
        client.mirror_timeline(history.imodel_id, folder, lock_timeout=30)
    assert_mirrored(history, folder)


@pytest.mark.thorough
def test_two_processes_at_once(history: History, folder: Path, colour: str) -> None:
    """Both succeed, and each file is downloaded once."""
    history.hub.control.faults.add(Fault(**GET_FILE, delay=0.3, times=5))
    with (
        pulling(history, colour, "mirror_timeline", folder) as one,
        pulling(history, "sync", "mirror_timeline", folder) as other,
    ):
        assert (one.outcome(), other.outcome()) == ("done", "done")
    assert len(history.requests("/storage")) == 10
    assert_mirrored(history, folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_process(history: History, folder: Path, client: IModelsClient, colour: str, number: int) -> None:
    """The next run completes a run that Ctrl-C or kill -9 ended, and downloads only missing files."""
    history.hub.control.faults.add(Fault(**GET_FILE, skip=4, delay=2, times=100))
    with pulling(history, colour, "mirror_timeline", folder) as puller:
        history.until_some_are_in(folder, 4)
        puller.process.send_signal(number)
        assert puller.outcome() == ("KeyboardInterrupt" if number == signal.SIGINT else "")
    there = len(list(folder.glob("*.cs")))
    history.hub.control.faults.clear()
    history.hub.control.log.clear()
    with open_mirror(folder) as mirror:
        assert len(mirror) == 10
    result = client.mirror_timeline(history.imodel_id, folder)
    assert counts(result) == (10, 0, 10 - there, 0)
    assert_mirrored(history, folder)


@pytest.mark.thorough
def test_a_process_killed_at_any_time(history: History, folder: Path, client: IModelsClient, colour: str) -> None:
    """The next runs complete the mirror."""
    lock = folder / LOCK_NAME
    for pause in (0.0, 0.03, 0.1):
        with pulling(history, colour, "mirror_timeline", folder) as puller:
            until(lambda pid=puller.process.pid: f'"pid": {pid},' in lock.read_text() if lock.exists() else False)
            time.sleep(pause)
            puller.kill()
        (folder / history.files[3].name).unlink(missing_ok=True)
    client.mirror_timeline(history.imodel_id, folder)
    assert_mirrored(history, folder)


async def _cancelled(base_url: str, token: str, history: History, folder: Path) -> None:
    async with AsyncIModelsClient(token, base_url=base_url) as client:
        task = asyncio.create_task(client.mirror_timeline(history.imodel_id, folder))
        await asyncio.to_thread(history.until_some_are_in, folder, 3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        history.hub.control.faults.clear()
        result = await client.mirror_timeline(history.imodel_id, folder, lock_timeout=0)
        assert counts(result) == (10, 0, 7, 0)


def test_a_cancelled_task(history: History, folder: Path) -> None:
    """It releases the lock, and existing files are kept."""
    history.hub.control.faults.add(Fault(**GET_FILE, skip=3, delay=2, times=100))
    asyncio.run(_cancelled(history.hub.base_url, history.hub.token("ada"), history, folder))
    assert_mirrored(history, folder)


PASSING = {
    "busy storage": Fault.storage_busy(times=6),
    "cut bodies": Fault(**GET_FILE, action="cut", cut_at=100, times=6),
    "slow api": Fault.rate_limited(path="/changesets$", retry_after=0, times=2),
    "failing api": Fault(path="/changesets$", action="answer", status=502, skip=1),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_overcome(open_client: OpenClient, history: History, folder: Path, fault: Fault) -> None:
    """One call is sufficient."""
    client = open_client(transfer=TransferOptions(retries=20))
    history.hub.control.faults.add(fault)
    assert counts(client.mirror_timeline(history.imodel_id, folder)) == (10, 10, 10, 0)
    assert not history.hub.control.faults.waiting
    assert_mirrored(history, folder)


def test_what_lasts_is_reported_and_the_next_run_goes_on(client: IModelsClient, history: History, folder: Path) -> None:
    """Files that were downloaded before the error are not downloaded again."""
    fault = Fault.link_expired(path=f"^/storage/.*{history.ids[-1]}", times=100)
    history.hub.control.faults.add(fault)
    with pytest.raises(errors.LinkExpired, match=history.ids[-1]) as caught:
        client.mirror_timeline(history.imodel_id, folder)
    assert "sig=" not in str(caught.value)
    there = len(list(folder.glob("*.cs")))
    history.hub.control.faults.clear()
    assert counts(client.mirror_timeline(history.imodel_id, folder)) == (10, 0, 10 - there, 0)
    assert_mirrored(history, folder)


def test_without_permission_to_read(open_client: OpenClient, history: History, folder: Path, colour: str) -> None:
    """The metadata is mirrored, the files are not."""
    name = f"mirrorview{colour}"
    user = NewUser(name=name, given_name="M", surname=colour, permissions=("imodels_webview",))
    history.hub.control.create_user(user)
    client = open_client(name)
    with pytest.raises(errors.LinkMissing, match="imodels_read"):
        client.mirror_timeline(history.imodel_id, folder)
    assert counts(client.mirror_timeline(history.imodel_id, folder, files=False)) == (10, 0, 0, 0)


def test_a_time_limit(client: IModelsClient, history: History, folder: Path) -> None:
    """What has arrived until then stays, and the lock is free again."""
    history.hub.control.faults.add(Fault(**GET_FILE, skip=3, delay=3, times=100))
    with pytest.raises(errors.WaitTimeout, match=r"0\.5 s.*repeat the call to resume"):
        client.mirror_timeline(history.imodel_id, folder, timeout=0.5)
    there = len(list(folder.glob("*.cs")))
    history.hub.control.faults.clear()
    assert counts(client.mirror_timeline(history.imodel_id, folder, lock_timeout=5)) == (10, 0, 10 - there, 0)
    assert_mirrored(history, folder)


def test_a_full_disk_of_the_database(client: IModelsClient, history: History, folder: Path) -> None:
    """The error is reported, and the next run resumes when there is space."""
    client.mirror_timeline(history.imodel_id, folder, files=False)
    database = folder / DATABASE_NAME
    journal = database.with_name(f"{DATABASE_NAME}-journal")
    journal.mkdir()  # so that nothing can be written
    with pytest.raises(errors.MirrorError, match=r"unable to open database file|disk I/O"):
        client.mirror_timeline(history.imodel_id, folder)
    journal.rmdir()
    client.mirror_timeline(history.imodel_id, folder)
    assert_mirrored(history, folder)


def test_reading_while_it_grows(bench: Bench, folder: Path) -> None:
    """A reader does not block the mirror, and continues with new changesets."""
    files = [bench.file()]
    bench.push(files[0])
    bench.client.mirror_timeline(bench.imodel_id, folder)
    with open_mirror(folder) as mirror:
        reader = mirror.changesets()
        assert next(reader).changeset.id == files[0].stem
        files.append(bench.file(files[0].stem))
        bench.push(files[1], files[0].stem)
        bench.client.mirror_timeline(bench.imodel_id, folder)
        assert next(reader).changeset.id == files[1].stem
        assert isinstance(mirror, Mirror)


@pytest.mark.parametrize("wrong", [1, 6])
def test_a_wrong_size_is_corrected(client: IModelsClient, history: History, folder: Path, wrong: int) -> None:
    """If the service reports another size than the mirror recorded, the mirror records it.

    If links are listed, the download uses the new size; if the link to a single file is requested during the download,
    the error says to mirror again.
    """
    client.mirror_timeline(history.imodel_id, folder, files=False)
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as database, database:
        database.execute("UPDATE changesets SET file_size = file_size + 1 WHERE changeset_index <= ?", (wrong,))
    if wrong == 1:
        for path in history.files[1:]:
            shutil.copy(path, folder / path.name)
        with pytest.raises(errors.IntegrityError, match="has been corrected; mirror the timeline again"):
            client.mirror_timeline(history.imodel_id, folder)
    client.mirror_timeline(history.imodel_id, folder)
    assert_mirrored(history, folder)


def test_a_folder_that_is_removed_meanwhile_is_told(tmp_path: Path) -> None:
    """SQLite would call the database read-only."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    with opened_to_write(folder, "5e19bee0-3aea-4355-a9f0-c6df9989ee7d") as database:
        shutil.rmtree(folder)
        with pytest.raises(errors.MirrorError, match="moved or deleted while it was in use"):
            database.record([(1, VerifiedState(1, 1, "id"))])
