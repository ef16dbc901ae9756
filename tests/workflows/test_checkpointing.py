"""Checkpoints are waited for and downloaded, and the database at any point in the timeline is available."""

import json
import shutil
import signal
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from imodel_files.changesets import ChainLink, ChangesetConflictError
from itwin_imodels import IModelsClient, errors
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import Cancellation
from itwin_imodels._workflows import roll_forward as rules
from itwin_imodels._workflows.checkpoint import DownloadSettings
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource
from itwin_imodels.models import StorageLink
from itwin_imodels_hub import Fault, LocalHub, NewUser
from tests.workflows.conftest import OpenClient
from tests.workflows.helpers.bench import Bench, Shown, until
from tests.workflows.helpers.databases import content, database
from tests.workflows.helpers.processes import Author
from tests.workflows.helpers.timelines import GET_FILE, JSON, History, Work, worked

Facts = Mapping[str, Any]

LARGE = 3 << 20
PART = 2 << 20
"""How much of a large file arrives before it is cut off."""
SLOW = 5
"""Seconds by which an answer is held back; longer than it takes to kill a process, and no longer than other tests."""
NOBODY = "00000000-0000-4000-8000-000000000000"
CHECKPOINT = {"method": "GET", "path": "/checkpoint$"}
MISSING = json.dumps({"error": {"code": "CheckpointNotFound", "message": "Requested Checkpoint is not available."}})

pytestmark = pytest.mark.usefixtures("instantly")


@pytest.fixture(scope="module")
def small_work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """On a database of some pages."""
    return worked(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def large_work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Work with a database that takes long to download."""
    return worked(tmp_path_factory.mktemp("large"), size=LARGE)


@pytest.fixture
def history(hub: LocalHub, client: IModelsClient, tmp_path: Path, small_work: Work) -> History:
    """Create a history with a checkpoint as one file at 2, and one in blocks at 4, which these tests do not use."""
    blocks = tmp_path / "blocks"
    blocks.mkdir()
    (blocks / "manifest.bcv").write_bytes(b"manifest")
    return small_work.planted(hub, client, tmp_path, {2: small_work.databases[2]}, {4: blocks})


@pytest.fixture
def bare(hub: LocalHub, client: IModelsClient, tmp_path: Path, large_work: Work) -> History:
    """A history on a large baseline, which has the only checkpoint."""
    return large_work.planted(hub, client, tmp_path, {})


# Which checkpoint.


def test_the_nearest_one_before_the_newest_changeset(history: History) -> None:
    """The checkpoint at 4 exists only as blocks, so the one before it is used."""
    downloaded = history.download()
    history.assert_is(downloaded, 2)
    assert (downloaded.wanted.index, downloaded.is_exact) == (5, False)


@pytest.mark.parametrize(("wanted", "found"), [(0, 0), (1, 0), (2, 2), (3, 2), (4, 2), (5, 2)])
def test_by_index(history: History, wanted: int, found: int) -> None:
    """The exact checkpoint or the nearest earlier one is used, and that of the baseline before all others."""
    downloaded = history.download(changeset=wanted)
    history.assert_is(downloaded, found)
    assert downloaded.is_exact == (wanted == found)


def test_by_id_and_by_named_version(history: History) -> None:
    """The empty id is the baseline's."""
    version = history.client.named_versions.get_by_name(history.imodel_id, "Second")
    assert version is not None
    for options in (
        {"changeset": history.ids[2]},
        {"named_version": "Second"},
        {"named_version": version.id},
        {"named_version": version},
    ):
        history.assert_is(history.download(**options, preceding=False), 2)
    history.assert_is(history.download(changeset="", preceding=False), 0)
    history.assert_is(history.download(named_version="Fifth"), 2)


def test_only_the_exact_one(history: History) -> None:
    """The errors differ if it is missing, exists only as blocks, has failed, or is being generated."""
    with pytest.raises(errors.NotFound) as caught:
        history.download(changeset=3, preceding=False)
    assert caught.value.code == "CheckpointNotFound"
    with pytest.raises(errors.OperationFailed, match="only as blocks"):
        history.download(changeset=4, preceding=False)
    for state in ("failed", "notGenerated"):
        history.answer_checkpoint(state)
        with pytest.raises(errors.OperationFailed, match=f"state {state}") as failed:
            history.download(changeset=2, preceding=False)
        assert failed.value.state == state
    history.answer_checkpoint("scheduled", times=20)
    with pytest.raises(errors.WaitTimeout, match="scheduled"):
        history.download(changeset=2, preceding=False, checkpoint_timeout=5)
    history.assert_nothing_there()


def test_its_own_one_is_waited_for(history: History) -> None:
    """The wait is as long as requested."""
    history.answer_checkpoint("scheduled", times=3)
    history.assert_is(history.download(changeset=2, checkpoint_timeout=60), 2)
    history.answer_checkpoint("scheduled", times=3)
    history.assert_is(history.download(changeset=2, checkpoint_timeout=60, preceding=False), 2)


def test_an_earlier_one_will_do_in_the_end(history: History) -> None:
    """It is used if the exact one takes too long, is not generated, or exists only as blocks."""
    history.answer_checkpoint("scheduled", index=3, path=f"/changesets/{history.ids[3]}/checkpoint$", times=1000)
    history.assert_is(history.download(changeset=3, checkpoint_timeout=5), 2)
    assert history.count(f"{history.ids[3]}/checkpoint$") > 1
    history.assert_is(history.download(changeset=1, checkpoint_timeout=5), 0)
    assert history.count(f"{history.ids[1]}/checkpoint$") == 1
    history.assert_is(history.download(changeset=4, checkpoint_timeout=5), 2)
    with pytest.raises(errors.NotFound, match="iModelNotFound"):
        history.client.download_checkpoint(NOBODY, history.target, changeset=4, checkpoint_timeout=5)


def test_one_that_fails_leaves_the_earlier_ones(history: History) -> None:
    """The hub cannot generate the checkpoint of a Named Version, because the file of a changeset is missing."""
    history.hub.hub.blobs.delete(f"imodel-{history.imodel_id}/changesets/{history.ids[3]}.cs")
    version = history.client.named_versions.create(history.imodel_id, "Third", changeset_id=history.ids[3])
    with pytest.raises(errors.OperationFailed):
        history.client.wait_for_checkpoint(history.imodel_id, named_version=version)
    history.assert_is(history.download(named_version="Third", checkpoint_timeout=60), 2)


def test_a_checkpoint_that_is_gone_is_stepped_over(history: History) -> None:
    """The service's link leads nowhere."""
    history.fault(**CHECKPOINT, action="answer", status=404, headers=JSON, body=MISSING)
    history.assert_is(history.download(changeset=2), 0)
    history.fault(**CHECKPOINT, action="answer", status=404, headers=JSON, body=MISSING)
    history.assert_is(history.download(changeset=5), 2)


def test_without_any_checkpoint_the_baseline_file_is_taken(history: History) -> None:
    """The link comes from the operation of the baseline, also after it has expired."""
    history.fault(**CHECKPOINT, action="answer", status=404, headers=JSON, body=MISSING, times=10)
    history.assert_is(history.download(), 0)
    expired = Fault.link_expired()
    history.fault(**GET_FILE, action="answer", status=403, headers=expired.headers, body=expired.body)
    history.hub.control.log.clear()
    history.assert_is(history.download(changeset=0), 0)
    assert history.count("/baselinefile$") == 2


def test_without_anything_it_says_so(history: History) -> None:
    """Neither checkpoints nor the baseline file exist."""
    history.fault(**CHECKPOINT, action="answer", status=404, headers=JSON, body=MISSING, times=10)
    facts = {"id": NOBODY, "state": "initialized", "displayName": "x", "fileSize": 1, "_links": {}}
    body = json.dumps({"baselineFile": facts})
    history.fault(method="GET", path="/baselinefile$", action="answer", status=200, headers=JSON, body=body)
    with pytest.raises(errors.OperationFailed, match="imodels_read"):
        history.download()


def test_links_that_lead_forwards_are_not_followed(history: History) -> None:
    """Following them would never end."""
    history.answer_checkpoint("successful", index=5)
    with pytest.raises(errors.UnexpectedResponse, match="changeset_index is 5, not 2"):
        history.download(changeset=3)
    history.assert_nothing_there()


# What arrives.


def test_progress_is_reported_and_a_file_is_replaced(history: History) -> None:
    """Progress counts the bytes of the checkpoint; a missing folder is created."""
    shown = Shown()
    target = history.target.parent / "new" / "folder" / "tip.bim"
    for _ in range(2):
        shown.reports.clear()
        history.client.download_checkpoint(history.imodel_id, str(target), kind="v1", progress=shown)
        shown.assert_whole(history.databases[2].stat().st_size)
    assert target.read_bytes() == history.databases[2].read_bytes()


def test_another_size_than_announced_is_rejected(history: History) -> None:
    """The file does not appear under its name."""
    body = "SQLite format 3\x00 and little else"
    history.fault(**GET_FILE, action="answer", status=200, body=body, times=10)
    with pytest.raises(errors.IntegrityError, match="bytes"):
        history.download()
    history.assert_nothing_there()


def test_a_folder_that_is_removed_meanwhile_is_told(history: History) -> None:
    """Before the file is verified."""
    folder = history.target.parent / "removed"

    def remove(done: int, total: int | None) -> None:
        if done == total:
            shutil.rmtree(folder, ignore_errors=True)

    folder.mkdir()
    with pytest.raises(errors.TransferError, match=r"cannot be (read|written): No such file"):
        history.client.download_checkpoint(history.imodel_id, folder / "a.bim", changeset=2, progress=remove)


def test_a_file_that_ends_early_goes_on(history: History) -> None:
    """The connection breaks."""
    history.fault(**GET_FILE, action="cut", cut_at=5000)
    history.assert_is(history.download(), 2)


def test_what_is_no_database_is_refused(hub: LocalHub, client: IModelsClient, tmp_path: Path, small_work: Work) -> None:
    """It has the right size and the wrong content."""
    (tmp_path / "text").write_text("no database")
    history = small_work.planted(hub, client, tmp_path, {3: tmp_path / "text"})
    for apply in (False, True):
        with pytest.raises(errors.IntegrityError, match=r"download of \S+\.bim: the content"):
            history.download(apply=apply)
        history.assert_nothing_there()


def test_an_expired_link_is_asked_for_again(history: History) -> None:
    """A new link is requested once; a second rejection is reported, without the link."""
    expired = Fault.link_expired()
    facts = {"action": "answer", "status": 403, "headers": expired.headers, "body": expired.body}
    history.fault(**GET_FILE, **facts)
    history.assert_is(history.download(changeset=2), 2)
    assert history.count("/checkpoint$") == 2
    history.target.unlink()
    history.fault(**GET_FILE, **facts, times=10)
    with pytest.raises(errors.LinkExpired) as caught:
        history.download(changeset=2)
    assert "sig=" not in str(caught.value)
    history.assert_nothing_there()


@pytest.mark.parametrize("apply", [False, True])
def test_a_database_in_use_is_not_replaced(history: History, *, apply: bool) -> None:
    """Its journal would be applied to the new database."""
    journal = history.target.with_name("tip.bim-wal")
    journal.write_bytes(b"what is not in the file yet")
    with pytest.raises(ValueError, match=r"tip\.bim-wal"):
        history.download(apply=apply)
    assert not history.hub.control.log.requests


@pytest.mark.parametrize("apply", [False, True])
def test_a_database_that_is_used_meanwhile_is_not_replaced(history: History, *, apply: bool) -> None:
    """A program opens it during the download; afterwards, the download resumes."""
    history.target.write_bytes(b"older")
    journal = history.target.with_name("tip.bim-wal")
    with pytest.raises(errors.InvalidFile, match=r"tip\.bim-wal"):
        history.download(apply=apply, progress=lambda *_: journal.write_bytes(b"what is not in the file yet"))
    assert history.target.read_bytes() == b"older"
    journal.unlink()
    downloaded = history.download(apply=apply)
    history.assert_is(downloaded, 5 if apply else 2, applied=3 if apply else 0)


def test_arguments_are_checked_before_anything_is_sent(history: History) -> None:
    """Selectors and times."""
    for options in (
        {"changeset": 2, "named_version": "Second"},
        {"changeset": -1},
        {"changeset": "7"},
        {"named_version": ""},
        {"checkpoint_timeout": -1},
        {"timeout": -1},
        {"kind": "v3"},
        {"apply": True, "keep_block_list": True},
    ):
        with pytest.raises(ValueError, match=r"exclusive|must"):
            history.download(**options)
    assert not history.hub.control.log.requests


def test_reading_takes_a_permission(history: History, open_client: OpenClient) -> None:
    """A viewer gets no files."""
    name = f"v{uuid4().hex[:8]}"
    viewer = NewUser(name=name, given_name=name, surname="Vega", permissions=["imodels_webview"])
    history.hub.control.create_user(viewer)
    with pytest.raises(errors.Forbidden):
        open_client(name).download_checkpoint(history.imodel_id, history.target)


def test_it_ends_after_its_time(history: History) -> None:
    """The next call resumes."""
    history.fault(**GET_FILE, delay=3)
    with pytest.raises(errors.WaitTimeout, match=history.imodel_id):
        history.download(timeout=0.2)
    history.assert_nothing_there()
    history.assert_is(history.download(timeout=60), 2)


# At exactly the point that was asked for.


@pytest.mark.parametrize("index", range(6))
def test_changesets_are_applied(history: History, index: int) -> None:
    """The tables are those of the author at that point."""
    downloaded = history.download(changeset=index, apply=True)
    history.assert_is(downloaded, index, applied=index - 2 if index >= 2 else index)
    assert downloaded.is_exact


def test_the_newest_one_is_the_authors(bench: Bench, small_work: Work) -> None:
    """From a baseline that was uploaded, and changesets that were pushed."""
    client, target = bench.client, bench.folder / "tip.bim"
    imodel = client.create_imodel_from_baseline(bench.hub.itwin_id, f"Pushed {uuid4().hex}", small_work.databases[0])
    briefcase_id = client.briefcases.acquire(imodel.id).briefcase_id
    client.push_changesets(imodel.id, small_work.files, briefcase_id=briefcase_id, parent_id=None)
    downloaded = client.download_checkpoint(imodel.id, target, apply=True)
    assert (downloaded.applied, downloaded.changeset_id) == (5, small_work.files[-1].stem)
    assert content(target) == content(small_work.databases[-1])


def test_progress_has_one_total(bare: History) -> None:
    """Checkpoint and changesets together."""
    shown = Shown()
    bare.assert_is(bare.download(apply=True, progress=shown), 5, applied=5)
    shown.assert_whole(sum(path.stat().st_size for path in [bare.databases[0], *bare.files]))


def test_an_exact_checkpoint_needs_no_changesets(history: History) -> None:
    """The checkpoint is used unchanged."""
    history.assert_is(history.download(changeset=2, apply=True), 2)
    assert not history.count("/changesets$")


def test_the_extra_is_asked_for_first(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check precedes all requests; without applying, the extra is not required."""
    monkeypatch.setitem(sys.modules, "apsw", None)
    with pytest.raises(errors.ConfigurationError, match=r"itwin-imodels\[checkpoint\]"):
        history.download(apply=True)
    assert not history.hub.control.log.requests
    history.assert_is(history.download(), 2)


def test_changesets_that_do_not_fit_are_reported(
    hub: LocalHub, client: IModelsClient, tmp_path: Path, small_work: Work
) -> None:
    """The checkpoint has the wrong content. The existing file is kept."""
    history = small_work.planted(hub, client, tmp_path, {2: database(tmp_path / "other.bim")})
    history.target.write_bytes(b"what was there")
    with pytest.raises(ChangesetConflictError) as caught:
        history.download(apply=True, conflicts="strict")
    assert isinstance(caught.value, errors.InvalidChangesetFile)
    assert (caught.value.changeset_id, caught.value.table, caught.value.key) == (history.ids[4], "plant", (2,))
    assert history.target.read_bytes() == b"what was there"
    with pytest.raises(ValueError, match="`conflicts` must be one of 'native', 'strict', not 'lenient'"):
        history.download(apply=True, conflicts="lenient")


def test_changesets_that_do_not_fit_are_applied_and_reported(
    hub: LocalHub, client: IModelsClient, tmp_path: Path, small_work: Work
) -> None:
    """They are applied as the native library applies them."""
    history = small_work.planted(hub, client, tmp_path, {2: database(tmp_path / "other.bim")})
    downloaded = history.download(apply=True)
    assert (downloaded.applied, downloaded.is_exact) == (3, True)
    report = downloaded.report
    assert report is not None
    first = report.conflicts[0]
    assert (first.changeset_id, first.table, first.key, first.cause) == (history.ids[4], "plant", (2,), "not_found")
    assert history.download(changeset=2, apply=True).report is None


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize(
    "facts", [{"action": "drop"}, {"action": "cut", "cut_at": 100}, {"status": 503, "action": "answer"}]
)
@pytest.mark.parametrize("skip", [0, 2])
def test_what_passes_is_overcome(history: History, facts: Facts, skip: int) -> None:
    """Wherever it happens to the files."""
    history.fault(**GET_FILE, **facts, skip=skip)
    history.assert_is(history.download(apply=True), 5, applied=3)


# Interruptions.


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("apply", [False, True])
def test_killed_during_the_download(bare: History, colour: str, *, apply: bool) -> None:
    """The same call resumes."""
    bare.fault(**GET_FILE, action="cut", cut_at=PART)
    bare.fault(**GET_FILE, delay=SLOW, times=10)
    author = Author.calling(bare.hub, colour, "download_checkpoint", bare.imodel_id, str(bare.target), apply=apply)
    until(lambda: bare.count("^/storage/") >= 1)
    until(lambda: any(path.stat().st_size >= PART for path in bare.target.parent.rglob("*.part")))
    author.end(signal.SIGKILL)
    bare.assert_nothing_there()
    bare.hub.control.faults.clear()
    bare.hub.control.log.clear()
    if apply:
        bare.assert_is(bare.download(apply=True), 5, applied=5)
    else:
        bare.assert_is(bare.download(), 0)
    first = next(each for each in bare.hub.control.log.requests if each.path.startswith("/storage"))
    assert first.status == 206


def test_killed_while_changesets_are_pulled(bare: History, colour: str) -> None:
    """Existing files are not downloaded again."""
    bare.fault(**GET_FILE, skip=3, delay=SLOW, times=10)
    author = Author.calling(bare.hub, colour, "download_checkpoint", bare.imodel_id, str(bare.target), apply=True)
    until(lambda: len(list(bare.target.parent.rglob("*.cs"))) >= 2)
    author.end(signal.SIGKILL)
    bare.assert_nothing_there()
    bare.hub.control.faults.clear()
    bare.hub.control.log.clear()
    bare.assert_is(bare.download(apply=True), 5, applied=5)
    assert bare.count("^/storage/") <= 3


def test_a_failure_keeps_what_has_arrived(bare: History) -> None:
    """Until a call succeeds."""
    bare.fault(**GET_FILE, skip=1, action="answer", status=404, times=20)
    with pytest.raises(errors.TransferError):
        bare.download(apply=True)
    assert list(bare.target.parent.rglob("baseline.bim"))
    bare.hub.control.faults.clear()
    bare.assert_is(bare.download(apply=True), 5, applied=5)


def test_what_is_left_of_an_older_run_is_not_trusted(bare: History) -> None:
    """Files of another size, or with another content."""
    work = bare.target.with_name("tip.bim.work") / bare.imodel_id
    work.mkdir(parents=True)
    (work / "baseline.bim").write_bytes(b"SQLite format 3\x00")
    (work / bare.files[0].name).write_bytes(b"\x00" * bare.files[0].stat().st_size)
    bare.assert_is(bare.download(apply=True), 5, applied=5)


def test_applying_can_be_ended(history: History) -> None:
    """Applying ends between two changesets with the given reason; nothing is written."""
    cancellation = Cancellation()
    cancellation.cancel(errors.WaitTimeout("too long"))
    source = CheckpointSource(
        imodel_id=history.imodel_id,
        index=0,
        changeset_id="",
        size=None,
        link=StorageLink(href="https://example.com/b", storage_type="azure"),
    )
    database_file = history.target.with_name("baseline.bim")
    shutil.copy(history.databases[0], database_file)
    with pytest.raises(errors.WaitTimeout, match="too long"):
        rules.apply_to(
            database_file,
            source,
            [ChainLink(history.files[0], history.ids[1], "")],
            DownloadSettings(target=history.target, limit=TimeLimit(None, "a test")),
            cancellation=cancellation,
        )
    assert [each.name for each in history.target.parent.iterdir()] == ["baseline.bim"]


# Waiting for checkpoints.


def test_a_checkpoint_is_waited_for(history: History) -> None:
    """The point can be given in any form; the wait includes intermediate and unknown states."""
    version = history.client.named_versions.get_by_name(history.imodel_id, "Second")
    assert version is not None
    for options in (
        {"changeset": 2},
        {"changeset": history.ids[2]},
        {"named_version": "Second"},
        {"named_version": version.id},
        {"named_version": version},
    ):
        history.answer_checkpoint("scheduled")
        history.answer_checkpoint("polishing")
        found = history.client.wait_for_checkpoint(history.imodel_id, **options)
        assert (found.changeset_index, found.state) == (2, "successful")
        assert not history.hub.control.faults.waiting
    assert history.client.wait_for_checkpoint(history.imodel_id, changeset=0).changeset_index == 0
    assert history.client.wait_for_checkpoint(history.imodel_id, changeset="").changeset_index == 0


def test_a_checkpoint_of_a_new_named_version(history: History) -> None:
    """The hub generates it, or fails and is asked again."""
    blobs = history.hub.hub.blobs
    name = f"imodel-{history.imodel_id}/changesets/{history.ids[3]}.cs"
    blobs.delete(name)
    version = history.client.named_versions.create(history.imodel_id, "Third", changeset_id=history.ids[3])
    history.hub.control.advance(timedelta(seconds=1))
    for options in ({"named_version": version}, {"changeset": 3}):
        with pytest.raises(errors.OperationFailed, match="create_for_named_version") as caught:
            history.client.wait_for_checkpoint(history.imodel_id, **options)
        assert caught.value.state == "failed"
    blobs.add_file(name, history.files[2])
    history.client.checkpoints.create_for_named_version(history.imodel_id, version)
    assert history.client.wait_for_checkpoint(history.imodel_id, named_version=version).changeset_index == 3
    assert history.download(changeset=3, preceding=False).changeset_index == 3
    assert content(history.target) == content(history.databases[3])


def test_a_checkpoint_that_takes_too_long(history: History) -> None:
    """The error names what was waited for."""
    history.answer_checkpoint("scheduled", times=100)
    with pytest.raises(
        errors.WaitTimeout, match=f"{history.imodel_id} did not complete within 30 s; the last state was 'scheduled'$"
    ):
        history.client.wait_for_checkpoint(history.imodel_id, named_version="Second", timeout=30)
    with pytest.raises(errors.WaitTimeout, match="changeset 2 of iModel"):
        history.client.wait_for_checkpoint(history.imodel_id, changeset=2, timeout=0)


def test_a_checkpoint_that_nobody_makes(history: History) -> None:
    """Neither it nor a missing entity is waited for."""
    for options, code in (
        ({"changeset": 3}, "CheckpointNotFound"),
        ({"changeset": 9}, "ChangesetNotFound"),
        ({"named_version": "Fifth"}, "CheckpointNotFound"),
    ):
        with pytest.raises(errors.NotFound, match=code):
            history.client.wait_for_checkpoint(history.imodel_id, **options)
    with pytest.raises(errors.NameNotFound, match="no Named Version 'Nothing'"):
        history.client.wait_for_checkpoint(history.imodel_id, named_version="Nothing")


def test_waits_are_checked_before_anything_is_sent(history: History) -> None:
    """Selectors and times."""
    for options in (
        {},
        {"changeset": 2, "named_version": "Second"},
        {"changeset": -1},
        {"changeset": "7"},
        {"changeset": 2, "timeout": -1},
        {"named_version": " "},
    ):
        with pytest.raises(ValueError, match=r"exactly one|must"):
            history.client.wait_for_checkpoint(history.imodel_id, **options)
    assert not history.hub.control.log.requests
