"""Checkpoints are the databases of their changesets, with any failures during their generation."""

import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from itwin_imodels_hub.basis.data_folder import FolderInUseError
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.control.control import Control
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.work.background import Background, Interrupted
from itwin_imodels_hub.work.workspace import Workspace
from tests.hub.helpers.authoring import Author, content_of, downloaded, held, place_of
from tests.hub.helpers.databases import ON_POSTGRESQL
from tests.hub.helpers.desk import Desk
from tests.unit.imodel_files.samples import samples_folder

SOON = 20.0


@pytest.fixture
def settings() -> HubSettings:
    """Disable durable commits."""
    return HubSettings(durable=False)


@pytest.fixture
def author(ada: Desk, itwin: str, tmp_path: Path) -> Author:
    """Return an author with an iModel, on a hub with a clock that tests advance."""
    return Author(ada, tmp_path / "author").begin(itwin)


def failure(author: Author, index: int) -> str | None:
    """Read from the hub why a checkpoint failed."""
    (found,) = [each for each in Control(author.desk.hub).checkpoints(author.imodel) if each.changeset_index == index]
    return found.failure


def made(author: Author, index: int, folder: Path) -> Path:
    """Name a version, wait, and download its checkpoint."""
    author.name(index)
    author.desk.wait(1)
    checkpoint = author.checkpoint(index)
    assert checkpoint["state"] == "successful", failure(author, index)
    file = downloaded(checkpoint, folder / f"{index}.bim")
    assert checkpoint["size"] == file.stat().st_size
    return file


def forget(author: Author, *parts: str) -> None:
    """Remove a file of the iModel."""
    name = "/".join([f"imodel-{author.imodel}", *parts])
    assert author.desk.hub.blobs.info(name) is not None
    author.desk.hub.blobs.delete(name)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)


# What they are.


def test_a_checkpoint_is_the_authors_database(author: Author, tmp_path: Path) -> None:
    """It has baseline and changesets, and records its changeset."""
    author.push(3)
    file = made(author, 2, tmp_path)
    author.assert_is(file, 2)
    assert author.checkpoint(2)["changesetId"] == author.ids[2]
    assert author.desk.get(author.imodel, "briefcases/checkpoint").json()["checkpoint"]["changesetIndex"] == 2


def test_changes_of_tables(author: Author, tmp_path: Path) -> None:
    """DDL is part of changesets and applied with them."""
    author.push()
    author.push(ddl="ALTER TABLE panel ADD COLUMN tilt REAL", statement="UPDATE panel SET tilt = 30.5 WHERE id < 5")
    author.push(statement="DELETE FROM panel WHERE id = 3")
    author.assert_is(made(author, 3, tmp_path), 3)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("seed", range(3))
def test_in_any_order(author: Author, tmp_path: Path, seed: int) -> None:
    """Each is correct in any order of creation, also if all are requested at once."""
    author.push(7)
    order = random.Random(seed).sample(range(1, 8), 5)  # noqa: S311 - an order, no secret
    for index in order[:3]:
        author.assert_is(made(author, index, tmp_path), index)
    for index in order[3:]:
        author.name(index)
    author.desk.wait(1)
    for index in order:
        author.assert_is(downloaded(author.checkpoint(index), tmp_path / "again.bim"), index)


def test_the_next_begins_with_the_one_before(author: Author, tmp_path: Path) -> None:
    """Neither the baseline nor earlier changesets are required any more."""
    author.push(4)
    made(author, 2, tmp_path)
    forget(author, "changesets", f"{author.ids[1]}.cs")
    forget(author, "baseline", f"{author.imodel}.bim")
    author.assert_is(made(author, 4, tmp_path), 4)
    author.name(1)
    author.desk.wait(1)
    assert failure(author, 1) == "cannot read the baseline: the file is missing"


@pytest.mark.thorough
def test_long_timelines_are_applied_in_parts(author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result is the same."""
    monkeypatch.setattr("itwin_imodels_hub.work.checkpoints._BATCH", 3)
    author.push(8)
    author.assert_is(made(author, 8, tmp_path), 8)


def test_real_changesets(ada: Desk, itwin: str, tmp_path: Path) -> None:
    """The vendor's sample iModel with its ten changesets; each adds a model."""
    folder = samples_folder()
    (baseline,) = folder.glob("*.bim")
    author = Author(ada, tmp_path / "author")
    shutil.copy(baseline, author.baseline)
    author.begin(itwin)
    files = {file.stem: file for file in folder.glob("*.cs")}
    parents = {child: parent for parent, child in pairwise(REAL)}
    for changeset_id in REAL:
        content = files[changeset_id].read_bytes()
        announced = ada.announce(
            author.imodel, author.briefcase, parents.get(changeset_id, ""), content, id=changeset_id
        )
        ada.upload(announced)
        assert ada.confirm(author.imodel, announced).status_code == 200
        author.ids.append(changeset_id)
    for index, models in ((6, 9), (10, 13)):
        file = made(author, index, tmp_path)
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("SELECT count(*) FROM bis_Model").fetchone() == (models,)
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert place_of(file) == [author.ids[index], f'{{"id":"{author.ids[index]}","index":{index}}}']


REAL = [
    "ec06481a0775ea0120275b1daeed97871fe429e5",
    "8b34e083ffb17ece2d5c59ac1c79ccc92ccfcfbb",
    "fc0e32166ad08f7bbb0b1514809e354acfeca3cc",
    "c518f7d85f524aa3e432b66991bc9ae65fe044cd",
    "a24fa563fb7b50c7e1407733b63a1958ca07eea3",
    "d76d97951b232ef218c4913ff0af2a5b3f8a1d9e",
    "2efbc0cf959c359325b0c6d3e0abe271ed09bae5",
    "52fcab434ca9571071537355634aab7c357fe660",
    "2e7d802ca874fd3c53671f96ca9186c878f66490",
    "515e28101227c1293586544fea4e4ff1f596a7dd",
]


# What fails.


def test_a_file_that_is_no_changeset(author: Author) -> None:
    """The client sees the state, and the control API the reason, without paths of this machine."""
    author.push(1)
    fake = author.desk.push(author.imodel, author.briefcase, author.ids[1])
    author.ids.append(fake)
    author.name(2)
    author.desk.wait(1)
    checkpoint = author.checkpoint(2)
    assert (checkpoint["state"], checkpoint["_links"]["download"], checkpoint["size"]) == ("failed", None, 0)
    reason = failure(author, 2)
    assert reason is not None
    assert reason.startswith(f"changeset {fake}: not a changeset file")
    assert "/" not in reason


def test_a_change_that_does_not_fit(author: Author, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is applied as the native library does, here skipped; the log reports it."""
    author.push(2)
    with closing(sqlite3.connect(author._copy)) as database, database:
        database.execute("INSERT INTO panel VALUES (1000, 'never pushed', NULL)")
    author.push(statement="UPDATE panel SET name = 'x' WHERE id = 1000")
    author.name(3)
    author.desk.wait(1)
    assert failure(author, 3) is None
    with closing(sqlite3.connect(downloaded(author.checkpoint(3), tmp_path / "3.bim"))) as database:
        assert database.execute("SELECT count(*) FROM panel WHERE id = 1000").fetchone() == (0,)
    assert f"up to changeset {author.ids[3]}: 0 changes replaced conflicting values, 1 were skipped" in caplog.text


def test_rows_that_refer_to_missing_rows(author: Author, tmp_path: Path) -> None:
    """The reason names changeset, table and row; checkpoints before it can be made."""
    author.push(1)
    author.push(ddl="CREATE TABLE part (id INTEGER PRIMARY KEY, panel REFERENCES panel (id))", statement="SELECT 1")
    author.push(statement="INSERT INTO part VALUES (7, 1000)")
    author.name(3)
    author.desk.wait(1)
    reason = failure(author, 3)
    assert reason is not None
    assert reason.startswith(f"changeset {author.ids[3]}: foreign key of part (7): rows would refer to missing rows")
    author.assert_is(made(author, 2, tmp_path), 2)


def test_a_failed_one_is_asked_for_again(author: Author, tmp_path: Path) -> None:
    """It is generated once the missing file exists; the reason is deleted."""
    author.push(2)
    blob = f"imodel-{author.imodel}/changesets/{author.ids[1]}.cs"
    forget(author, "changesets", f"{author.ids[1]}.cs")
    version = author.name(2)
    author.desk.wait(1)
    assert failure(author, 2) == f"changeset {author.ids[1]}: the file is missing"
    author.desk.hub.blobs.add_file(blob, author.folder / f"{author.ids[1]}.cs")
    again = author.desk.put(author.imodel, "namedversions", version, "checkpoint").json()["checkpoint"]
    assert again["state"] == "scheduled"
    author.desk.wait(1)
    assert failure(author, 2) is None
    author.assert_is(downloaded(author.checkpoint(2), tmp_path / "2.bim"), 2)
    again = author.desk.put(author.imodel, "namedversions", version, "checkpoint").json()["checkpoint"]
    assert again["state"] == "successful"


# Copies at a changeset.


def copied(author: Author, kind: str, **body: object) -> str:
    """Clone or fork, and return the new iModel."""
    wanted = {"iTwinId": author.desk.itwin_of(author.imodel), "name": f"{kind} {body}", **body}
    answer = author.desk.post(author.imodel, kind, **wanted)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


def baseline_of(author: Author, imodel: str, target: Path) -> Path:
    """Download a baseline file; its checkpoint is the same."""
    found = author.desk.get(imodel, "baselinefile").json()["baselineFile"]
    file = downloaded(found, target)
    assert found["fileSize"] == file.stat().st_size
    checkpoint = author.desk.get(imodel, "changesets/0/checkpoint").json()["checkpoint"]
    assert downloaded(checkpoint, target.with_suffix(".checkpoint")).read_bytes() == file.read_bytes()
    return file


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("before", [None, 1, 2])
def test_a_fork_without_history(author: Author, tmp_path: Path, before: int | None) -> None:
    """Its baseline is the database at the changeset, and at no changeset of its own timeline."""
    author.push(3)
    if before is not None:
        made(author, before, tmp_path)
    fork = copied(author, "fork", changesetIndex=2)
    author.desk.wait(1)
    file = baseline_of(author, fork, tmp_path / "fork.bim")
    assert content_of(file) == author.states[2]
    assert place_of(file) == []
    assert author.desk.get(fork, "changesets").json()["changesets"] == []


def test_a_template_at_a_changeset(author: Author, tmp_path: Path) -> None:
    """The new iModel starts with the database at that changeset, and by default with the template's baseline."""
    author.push(2)
    itwin = author.desk.itwin_of(author.imodel)
    for index, template in ((2, {"changesetId": author.ids[2]}), (0, {})):
        body = {"iTwinId": itwin, "name": f"New {index}", "template": {"iModelId": author.imodel, **template}}
        new = author.desk.call("POST", json=body).json()["iModel"]["id"]
        author.desk.wait(1)
        assert content_of(baseline_of(author, new, tmp_path / "new.bim")) == author.states[index]


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("body", [{"preserveHistory": True}, {}])
def test_copies_with_history(author: Author, tmp_path: Path, body: dict[str, object]) -> None:
    """The baseline is unchanged, and checkpoints of the copy are created from its own files."""
    author.push(2)
    copy = copied(author, "fork" if body else "clone", **body)
    author.desk.wait(1)
    assert baseline_of(author, copy, tmp_path / "copy.bim").read_bytes() == author.baseline.read_bytes()
    author.desk.delete(author.imodel)
    author.desk.wait(1)
    author.imodel = copy
    author.assert_is(made(author, 2, tmp_path), 2)


def test_a_fork_outlives_its_source(author: Author, tmp_path: Path) -> None:
    """It is created from the files of an iModel that is deleted in the meantime; these are deleted afterwards."""
    author.push(2)
    fork = copied(author, "fork")
    author.desk.delete(author.imodel)
    author.desk.wait(1)
    assert content_of(baseline_of(author, fork, tmp_path / "fork.bim")) == author.states[2]
    assert author.desk.hub.blobs.names(f"imodel-{author.imodel}/") == []


def test_a_fork_that_cannot_be_made(author: Author) -> None:
    """Its creation fails."""
    author.ids.append(author.desk.push(author.imodel, author.briefcase))
    fork = copied(author, "fork")
    author.desk.wait(1)
    assert author.desk.get(fork, "operations/create").json()["createOperation"]["state"] == "failed"
    assert author.desk.get(fork).json()["iModel"]["state"] == "notInitialized"


# While they are made.


@pytest.mark.thorough
def test_nobody_waits(author: Author, tmp_path: Path) -> None:
    """Requests get responses, and checkpoints of other iModels are generated, during a slow one."""
    author.push(2)
    other = Author(author.desk, tmp_path / "other").begin(author.desk.itwin_of(author.imodel), "Other")
    other.push(1)
    hub = author.desk.hub
    with held(hub.blobs.path(f"imodel-{author.imodel}/changesets/{author.ids[2]}.cs")) as wait_for_reader:
        author.name(2)
        hub.clock.advance(hub.settings.job_delay)
        begun = time.monotonic()
        assert author.checkpoint(2)["state"] == "scheduled"
        wait_for_reader()
        other.name(1)
        hub.clock.advance(hub.settings.job_delay)
        until(lambda: other.checkpoint(1)["state"] == "successful")
        assert author.checkpoint(2)["state"] == "scheduled"
        assert time.monotonic() - begun < SOON
    hub.jobs.finish_due()
    author.assert_is(downloaded(author.checkpoint(2), tmp_path / "2.bim"), 2)
    other.assert_is(downloaded(other.checkpoint(1), tmp_path / "1.bim"), 1)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("end", ["delete", "reset"])
def test_an_imodel_goes_meanwhile(author: Author, end: str) -> None:
    """Nothing of it remains."""
    author.push(2)
    hub = author.desk.hub
    control = Control(hub)
    resetting = threading.Thread(target=control.reset)
    with held(hub.blobs.path(f"imodel-{author.imodel}/changesets/{author.ids[2]}.cs")) as wait_for_reader:
        author.name(2)
        hub.clock.advance(hub.settings.job_delay)
        hub.jobs.run_due()
        wait_for_reader()
        if end == "delete":
            author.desk.delete(author.imodel)
            hub.jobs.run_due()
        else:
            resetting.start()
    if end == "reset":
        resetting.join(SOON)
    hub.jobs.finish_due()
    assert hub.blobs.names() == []


def test_a_pause_ends_what_is_under_way(author: Author, tmp_path: Path) -> None:
    """It is started again afterwards."""
    author.push(3)
    hub = author.desk.hub
    with held(hub.blobs.path(f"imodel-{author.imodel}/changesets/{author.ids[2]}.cs")) as wait_for_reader:
        author.name(3)
        hub.clock.advance(hub.settings.job_delay)
        hub.jobs.run_due()
        wait_for_reader()
        paused, go_on = threading.Event(), threading.Event()

        def pause() -> None:
            with hub.jobs.paused():
                paused.set()
                go_on.wait(SOON)

        pausing = threading.Thread(target=pause)
        pausing.start()
        assert not paused.wait(0.1)
    assert paused.wait(SOON)
    with hub.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar_one() == 1
    assert not [name for name in hub.blobs.names() if "/checkpoints/" in name]
    go_on.set()
    pausing.join(SOON)
    hub.jobs.finish_due()
    author.assert_is(downloaded(author.checkpoint(3), tmp_path / "3.bim"), 3)


def test_a_database_that_cannot_be_written(author: Author) -> None:
    """The reason is the error of the disk; the hub continues."""
    author.push(1)
    shutil.rmtree(author.desk.hub._folder.work)
    author.name(1)
    author.desk.wait(1)
    assert failure(author, 1) == "FileNotFoundError: No such file or directory"


# Parts.


def test_threads_hand_errors_over() -> None:
    """The waiting thread gets the error; interrupted work is not an error."""
    background = Background()
    told: list[str] = []
    background.on_done = lambda: told.append("done")
    background.check()
    begun = threading.Event()

    def endless() -> None:
        begun.set()
        while True:
            background.check()
            time.sleep(0.001)

    def fail() -> None:
        raise OSError("no luck")

    background.begin(1, endless)
    assert begun.wait(SOON)
    assert background.busy_imodels == {1}
    background.begin(2, fail)
    background.interrupt()
    assert (background.busy_imodels, told) == (frozenset(), ["done", "done"])
    background.begin(2, fail)
    with pytest.raises(OSError, match="no luck"):
        background.wait()
    background.close()
    with pytest.raises(Interrupted):
        raise Interrupted


def test_workspaces_clean_up_after_the_dead(tmp_path: Path) -> None:
    """Workspaces of processes that ended are deleted; those of others are not."""
    living = Workspace(tmp_path)
    with living.folder() as folder:
        (folder / "database.bim").write_bytes(b"x")
        dead = tmp_path / "0123"
        (dead / "left").mkdir(parents=True)
        (tmp_path / "0123.lock").touch()
        other = Workspace(tmp_path)
        assert not dead.exists()
        assert (folder / "database.bim").exists()
        other.close()
    assert not folder.exists()
    living.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(ON_POSTGRESQL, reason="with a database on a server hubs share a folder")
def test_a_folder_is_taken_once(tmp_path: Path) -> None:
    """The folder of the hub is still locked."""
    hub = Hub(HubSettings(), tmp_path)
    with pytest.raises(FolderInUseError):
        Hub(HubSettings(), tmp_path)
    hub.close()
    assert list((tmp_path / "work").iterdir()) == []
