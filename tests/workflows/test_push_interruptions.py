"""Calling an interrupted push again completes it: one changeset, the same bytes."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions, errors
from itwin_imodels_hub import Fault, HubSettings, LocalHub
from tests.workflows.helpers.bench import (
    CONFIRM,
    CREATE,
    IN_BLOCKS,
    LARGE,
    QUICK,
    UPLOAD,
    Bench,
    Shown,
    async_until,
    meanwhile,
    new_imodel,
    until,
)
from tests.workflows.helpers.driving import client_class
from tests.workflows.helpers.files import chain_of, changeset_file
from tests.workflows.helpers.processes import Author

Facts = Mapping[str, Any]

READ = {"method": "GET", "path": "/changesets/"}
BUSY = {
    "action": "answer",
    "status": 409,
    "headers": {"content-type": "application/json"},
    "body": json.dumps({"error": {"code": "ConflictWithAnotherUser", "message": "Another user is pushing."}}),
}
FLAKY = TransferOptions(block_threshold=128 << 10, block_size=64 << 10, retries=0)


def storage(kind: str) -> Facts:
    """Return one of the hub's own faults of the storage, for uploads."""
    fault = {"busy": Fault.storage_busy, "expired": Fault.link_expired}[kind]()
    return {**UPLOAD, "action": "answer", "status": fault.status, "headers": fault.headers, "body": fault.body}


PASSING = {
    "create not reached": {**CREATE, "action": "drop"},
    "create not answered": {**CREATE, "action": "drop_after"},
    "create answered in part": {**CREATE, "action": "cut", "cut_at": 10},
    "create failed at a gateway": {**CREATE, "action": "answer", "status": 502},
    "upload not reached": {**UPLOAD, "action": "drop"},
    "upload not answered": {**UPLOAD, "action": "drop_after"},
    "storage busy": storage("busy"),
    "link expired": storage("expired"),
    "confirm not reached": {**CONFIRM, "action": "drop"},
    "confirm not answered": {**CONFIRM, "action": "drop_after"},
    "confirm answered in part": {**CONFIRM, "action": "cut", "cut_at": 10},
    "confirm failed at a gateway": {**CONFIRM, "action": "answer", "status": 504},
    "confirm while another pushes": {**CONFIRM, **BUSY},
}


@pytest.mark.thorough(keep=9)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "in blocks"])
@pytest.mark.usefixtures("instantly")
def test_what_passes_is_overcome_in_one_call(bench: Bench, fault: Facts, size: int) -> None:
    """Progress never goes back."""
    file = bench.file(size=size)
    shown = Shown()
    bench.fault(**fault)
    assert bench.push(file, progress=shown).id == file.stem
    assert not bench.hub.control.faults.waiting
    shown.assert_whole(file.stat().st_size)
    bench.assert_holds([file])


LASTING: Mapping[str, tuple[Facts, type[Exception]]] = {
    "create not answered": ({**CREATE, "action": "drop_after"}, errors.ConnectionFailed),
    "create fails": ({**CREATE, "action": "answer", "status": 500}, errors.ServerError),
    "create refused": ({**CREATE, "action": "answer", "status": 403}, errors.Forbidden),
    "upload not answered": ({**UPLOAD, "action": "drop_after"}, errors.ConnectionFailed),
    "upload refused": ({**UPLOAD, "action": "answer", "status": 400}, errors.TransferError),
    "storage busy": (storage("busy"), errors.TransferError),
    "link expired": (storage("expired"), errors.LinkExpired),
    "confirm not reached": ({**CONFIRM, "action": "drop"}, errors.ConnectionFailed),
    "confirm fails": ({**CONFIRM, "action": "answer", "status": 500}, errors.ServerError),
    "confirm refused": ({**CONFIRM, "action": "answer", "status": 403}, errors.Forbidden),
}


@pytest.mark.thorough(keep=7)
@pytest.mark.parametrize(("fault", "error"), LASTING.values(), ids=LASTING)
@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "in blocks"])
@pytest.mark.usefixtures("instantly")
def test_what_lasts_is_reported_and_a_second_call_goes_on(
    bench: Bench, fault: Facts, error: type[Exception], size: int
) -> None:
    """The error contains no secret, and the next call completes the push."""
    file = bench.file(size=size)
    flaky = bench.open_client(transfer=FLAKY)
    bench.fault(**{"times": 50, **fault})
    with pytest.raises(error) as caught:
        flaky.push_changeset(bench.imodel_id, file, briefcase_id=bench.briefcase_id, parent_id=None)
    message = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert file.stem in message
    assert "sig=" not in message
    assert bench.hub.token("ada") not in message
    bench.hub.control.faults.clear()
    bench.push(file)
    last = bench.file(file.stem)
    bench.push(last, file.stem)
    bench.assert_holds([file, last])


@pytest.mark.usefixtures("instantly")
def test_a_confirmation_of_which_nothing_is_heard_may_have_happened(bench: Bench) -> None:
    """The state cannot be looked up. The next call finds the changeset with one request."""
    file = bench.file()
    bench.fault(**CONFIRM, action="drop_after")
    bench.fault(**READ, action="drop", times=3)
    with pytest.raises(errors.ConnectionFailed):
        bench.push(file)
    until(lambda: bench.count("GET") == 3)
    bench.hub.control.log.clear()
    assert bench.push(file).id == file.stem
    assert bench.asked == ["POST changesets", "GET changesets/…"]
    bench.assert_holds([file])


def test_blocks_that_are_there_are_not_sent_again(bench: Bench) -> None:
    """An upload that ended after five of nine blocks needs four more and the list."""
    file = bench.file(size=LARGE)
    bench.fault(**UPLOAD, action="answer", status=400, skip=5, times=9)
    with pytest.raises(errors.TransferError):
        bench.push(file)
    bench.hub.control.faults.clear()
    sent = sum(each.received for each in bench.hub.control.log.requests if each.status == 201 and each.method == "PUT")
    bench.hub.control.log.clear()
    bench.push(file)
    uploads = [each for each in bench.hub.control.log.requests if each.method == "PUT"]
    again = sum(each.received for each in uploads if "blockid" in each.query)
    assert 0 < again <= file.stat().st_size - sent  # one may have arrived without an answer
    bench.assert_holds([file])


def test_another_file_is_pushed_in_place_of_one_that_was_given_up(bench: Bench) -> None:
    """The same briefcase starts again, as after a pull."""
    given_up, file = bench.file(), bench.file()
    bench.fault(**CONFIRM, action="answer", status=403)
    with pytest.raises(errors.Forbidden):
        bench.push(given_up)
    bench.push(file)
    bench.assert_holds([file])


# --- others push too ---------------------------------------------------------------------------------------


def announce(client: IModelsClient, imodel_id: str, file: Path) -> int:
    """Start a push without completing it, and return its briefcase."""
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    size = file.stat().st_size
    client.changesets.create(
        imodel_id, changeset_id=file.stem, parent_id=None, briefcase_id=briefcase_id, file_size=size
    )
    return briefcase_id


def test_the_push_of_another_is_waited_for_until_the_deadline(bench: Bench, other: IModelsClient) -> None:
    """Several attempts are made until the deadline."""
    announce(other, bench.imodel_id, bench.file())
    bench.hub.control.log.clear()
    began = time.monotonic()
    with pytest.raises(errors.AnotherUserPushing, match="Wait until the other push"):
        bench.push(bench.file(), timeout=1.2)
    assert time.monotonic() - began >= 1.2
    assert 2 <= bench.count("POST changesets") <= 4


def test_without_time_nothing_is_waited_for(bench: Bench, other: IModelsClient) -> None:
    """One request is sent."""
    announce(other, bench.imodel_id, bench.file())
    bench.hub.control.log.clear()
    with pytest.raises(errors.AnotherUserPushing):
        bench.push(bench.file(), timeout=0)
    assert bench.asked == ["POST changesets"]


def test_the_service_says_how_long_to_wait(bench: Bench) -> None:
    """No earlier request is sent; a wait beyond the deadline is not started."""
    file = bench.file()
    headers = {**BUSY["headers"], "retry-after": "1"}
    bench.fault(**{**CREATE, **BUSY, "headers": headers})
    began = time.monotonic()
    bench.push(file)
    assert time.monotonic() - began >= 1
    bench.fault(**{**CREATE, **BUSY, "headers": {**headers, "retry-after": "30"}})
    began = time.monotonic()
    with pytest.raises(errors.AnotherUserPushing) as caught:
        bench.push(bench.file(file.stem), file.stem, timeout=5)
    assert time.monotonic() - began < 20
    assert caught.value.retry_after == 30


@pytest.mark.usefixtures("instantly")
def test_the_end_of_the_push_of_another_is_noticed(bench: Bench, other: IModelsClient) -> None:
    """Then it has to be pulled."""
    theirs = bench.file()
    briefcase_id = announce(other, bench.imodel_id, theirs)

    def finish() -> None:
        until(lambda: bench.count("POST changesets") > 3)
        other.push_changeset(bench.imodel_id, theirs, briefcase_id=briefcase_id, parent_id=None)

    with meanwhile(finish), pytest.raises(errors.NewerChangesExist) as caught:
        bench.push(bench.file())
    assert caught.value.changeset_ids == (theirs.stem,)
    bench.assert_holds([theirs])


@pytest.fixture
def impatient_hub() -> Iterator[LocalHub]:
    """A hub on which a push can be pushed aside at once."""
    with LocalHub(settings=HubSettings(push_timeout=timedelta(0), job_delay=timedelta(0), durable=False)) as hub:
        yield hub


@pytest.mark.parametrize("finished", [True, False], ids=["and finish", "and stay away"])
@pytest.mark.usefixtures("instantly")
def test_another_takes_the_place_during_the_upload(
    impatient_hub: LocalHub, colour: str, portal: BlockingPortal, tmp_path: Path, *, finished: bool
) -> None:
    """If the other push is completed, its changesets have to be pulled; otherwise, the push starts again."""
    hub, open_one = impatient_hub, client_class(colour, portal)
    with (
        open_one(hub.token("ada"), base_url=hub.base_url, retry=QUICK) as client,
        open_one(hub.token("grace"), base_url=hub.base_url, retry=QUICK) as other,
    ):
        imodel_id = new_imodel(hub)
        briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
        own, theirs = changeset_file(tmp_path), changeset_file(tmp_path)
        shown = Shown()

        def uploaded(done: int, total: int | None) -> None:
            shown(done, total)
            if done == total and len(shown.reports) == 1:
                their_id = announce(other, imodel_id, theirs)
                if finished:
                    other.push_changeset(imodel_id, theirs, briefcase_id=their_id, parent_id=None)

        options = {"briefcase_id": briefcase_id, "parent_id": None, "progress": uploaded}
        if finished:
            with pytest.raises(errors.NewerChangesExist) as caught:
                client.push_changeset(imodel_id, own, **options)
            assert caught.value.changeset_ids == (theirs.stem,)
        else:
            client.push_changeset(imodel_id, own, **options)
            shown.assert_whole(own.stat().st_size)
        (there,) = client.changesets.list(imodel_id)
        assert there.id == (theirs if finished else own).stem


def push_on_newest(client: IModelsClient, imodel_id: str, folder: Path, amount: int) -> list[Path]:
    """Push some changesets, each made on the newest there is."""
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    pushed: list[Path] = []
    while len(pushed) < amount:
        newest = client.changesets.latest(imodel_id)
        parent_id = None if newest is None else newest.id
        file = changeset_file(folder, parent_id)
        try:
            client.push_changeset(imodel_id, file, briefcase_id=briefcase_id, parent_id=parent_id)
        except errors.NewerChangesExist as error:
            assert error.changeset_ids  # noqa: PT017 - it happens or not
            continue
        pushed.append(file)
    return pushed


def assert_chain(bench: Bench, files: list[Path]) -> None:
    """The timeline is an unbroken chain of these files in some order."""
    by_id = {file.stem: file for file in files}
    bench.assert_holds([by_id[each.id] for each in bench.timeline])
    assert len(bench.timeline) == len(files)


@pytest.mark.parametrize("authors", [2, 8])
@pytest.mark.usefixtures("instantly")
def test_authors_in_one_process_make_an_unbroken_chain(bench: Bench, authors: int) -> None:
    """Each pulls the newest changeset and pushes again."""
    amount = 8 // authors
    with ThreadPoolExecutor(authors) as pool:
        work = [
            pool.submit(push_on_newest, bench.client, bench.imodel_id, bench.folder, amount) for _ in range(authors)
        ]
        assert_chain(bench, [file for each in work for file in each.result()])


def test_authors_in_two_processes_make_an_unbroken_chain(bench: Bench, colour: str) -> None:
    """The authors wait as in production."""
    started = [
        Author(
            bench.hub,
            colour,
            pushes=2,
            imodel_id=bench.imodel_id,
            briefcase_id=bench.client.briefcases.acquire(bench.imodel_id).briefcase_id,
            folder=str(bench.folder),
        )
        for _ in range(2)
    ]
    outcomes = [author.outcome() for author in started]
    assert all(isinstance(each, list) for each in outcomes), outcomes
    assert_chain(bench, [bench.folder / f"{each}.cs" for pushed in outcomes for each in pushed])


def test_one_file_pushed_by_two_at_once_is_one_changeset(bench: Bench) -> None:
    """From the same briefcase, as if a job were started twice."""
    file = bench.file(size=LARGE)
    with ThreadPoolExecutor(2) as pool:
        pushed = [each.result() for each in [pool.submit(bench.push, file) for _ in range(2)]]
    assert {each.id for each in pushed} == {file.stem}
    bench.assert_holds([file])


# --- the author ends ---------------------------------------------------------------------------------------

STEPS: Mapping[str, Facts] = {
    "create": {**CREATE, "action": "drop_after"},
    "after create": {**UPLOAD, "action": "drop"},
    "during upload": {**UPLOAD, "action": "drop", "skip": 4, "times": 4},
    "after upload": {**CONFIRM, "action": "drop"},
    "confirm": {**CONFIRM, "action": "drop_after"},
}
HELD = 0.6
"""Seconds for which the request is held back at which the author ends."""


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("step", list(STEPS)[1:])
def test_a_killed_author_is_followed_by_one_who_finishes(bench: Bench, colour: str, step: str) -> None:
    """Killed without a chance to tidy up, while a request is under way."""
    first = bench.file()
    bench.push(first)
    file = bench.file(first.stem, size=LARGE)
    bench.hub.control.log.clear()
    assert begin_and_end(bench, colour, step, file, parent_id=first.stem, number=signal.SIGKILL) is None
    bench.push(file, first.stem)
    bench.assert_holds([first, file])


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("step", ["create", "during upload", "confirm"])
def test_an_interrupted_author_is_followed_by_one_who_finishes(bench: Bench, colour: str, step: str) -> None:
    """Ctrl-C ends the push at once."""
    file = bench.file(size=LARGE)
    outcome = begin_and_end(bench, colour, step, file, parent_id=None, number=signal.SIGINT)
    assert outcome["error"] == "KeyboardInterrupt"
    bench.push(file)
    bench.assert_holds([file])


def begin_and_end(  # noqa: PLR0913 - who, where, what and how
    bench: Bench, colour: str, step: str, file: Path, *, parent_id: str | None, number: signal.Signals
) -> Any:
    """Run a pushing author, end it at a step, and return its output."""
    bench.fault(**STEPS[step], delay=HELD)
    before = bench.hub.control.faults.waiting
    author = Author.calling(
        bench.hub,
        colour,
        "push_changeset",
        bench.imodel_id,
        str(file),
        briefcase_id=bench.briefcase_id,
        parent_id=parent_id,
    )
    until(lambda: not bench.hub.control.faults.waiting or bench.hub.control.faults.waiting[0].times < before[0].times)
    outcome = author.end(number)
    time.sleep(HELD if step in ("create", "confirm") else 0)
    bench.hub.control.faults.clear()
    return outcome


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("step", STEPS)
def test_a_cancelled_task_is_followed_by_one_that_finishes(hub: LocalHub, tmp_path: Path, step: str) -> None:
    """Cancelling ends the push at once; the client can be used on."""

    async def scenario() -> None:
        async with AsyncIModelsClient(hub.token("ada"), base_url=hub.base_url, transfer=IN_BLOCKS) as client:
            imodel_id = new_imodel(hub)
            briefcase_id = (await client.briefcases.acquire(imodel_id)).briefcase_id
            file = changeset_file(tmp_path, size=LARGE)
            hub.control.faults.add(Fault(**STEPS[step], delay=HELD))
            times = hub.control.faults.waiting[0].times
            push = asyncio.create_task(
                client.push_changeset(imodel_id, file, briefcase_id=briefcase_id, parent_id=None)
            )
            await async_until(lambda: not (left := hub.control.faults.waiting) or left[0].times < times)
            began = time.monotonic()
            push.cancel()
            with pytest.raises(asyncio.CancelledError):
                await push
            assert time.monotonic() - began < 4
            hub.control.faults.clear()
            await client.push_changeset(imodel_id, file, briefcase_id=briefcase_id, parent_id=None)
            (changeset,) = await client.changesets.list(imodel_id).all()
            assert changeset.id == file.stem

    asyncio.run(scenario())


class StopError(Exception):
    """What a callback raises."""


def test_what_a_callback_raises_ends_the_push(bench: Bench) -> None:
    """The error is raised unchanged; the next call resumes."""
    file = bench.file(size=LARGE)

    def stop(done: int, _: int | None) -> None:
        if done > LARGE // 2:
            raise StopError

    with pytest.raises(StopError):
        bench.push(file, progress=stop)
    bench.push(file)
    bench.assert_holds([file])


@pytest.mark.parametrize("killed_at", [0, 2])
def test_a_killed_chain_is_finished_in_the_same_group(bench: Bench, colour: str, killed_at: int) -> None:
    """Nothing is pushed twice, and the one group is completed."""
    files = chain_of(bench.folder, 3)
    options = {"briefcase_id": bench.briefcase_id, "parent_id": None, "group": "Nightly"}
    bench.fault(**CONFIRM, skip=killed_at, delay=HELD, action="drop")
    paths = [str(file) for file in files]
    author = Author.calling(bench.hub, colour, "push_changesets", bench.imodel_id, paths, **options)
    until(lambda: not bench.hub.control.faults.waiting)
    author.kill()
    pushed = bench.client.push_changesets(bench.imodel_id, files, **options)
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert (group.state, {each.group_id for each in pushed}) == ("completed", {group.id})
    bench.assert_holds(files)
