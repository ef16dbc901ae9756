"""Acquiring any number of locks, all or none; releasing them in chunks; conflicts and their holders."""

import asyncio
import signal
import threading
import time
from functools import partial
from typing import Any, ClassVar

import anyio
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from itwin_imodels import AsyncIModelsClient, CancellationToken, IModelsClient, errors
from itwin_imodels._workflows import lock
from itwin_imodels.models import Lock
from itwin_imodels_hub import Fault, LocalHub, NewUser
from tests.workflows.helpers.bench import (
    CHUNK,
    LOCK,
    QUICK,
    Bench,
    async_until,
    held,
    ids,
    meanwhile,
    new_imodel,
    until,
)
from tests.workflows.helpers.processes import Author

MANY = 2500
"""Objects that take three requests."""


@pytest.fixture
def theirs(bench: Bench, other: IModelsClient) -> int:
    """A briefcase of the second user."""
    return other.briefcases.acquire(bench.imodel_id, device_name="Laptop 7").briefcase_id


def acquire(bench: Bench, **options: Any) -> Lock:
    """Lock objects for the briefcase."""
    return bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, **options)


# --- acquiring ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "requests"), [(1, 1), (1000, 1), (1001, 2), (3500, 4)])
def test_any_number_of_objects_is_locked(bench: Bench, amount: int, requests: int) -> None:
    """Each request contains a thousand ids; the result contains all."""
    lock = acquire(bench, exclusive=ids(1, amount))
    assert (lock.briefcase_id, lock.imodel_id) == (bench.briefcase_id, bench.imodel_id)
    assert sorted(lock.exclusive) == sorted(ids(1, amount))
    assert bench.count("PATCH locks") == requests
    assert bench.locks() == dict.fromkeys(ids(1, amount), "exclusive")


def test_levels_may_be_mixed_across_requests(bench: Bench) -> None:
    """Ids in either case count once."""
    lock = acquire(bench, exclusive=ids(1, 700), shared=iter([*ids(10_000, 700), "0X2710".lower(), "0x2710"]))
    assert (len(lock.exclusive), len(lock.shared)) == (700, 700)
    assert bench.locks() == {**dict.fromkeys(ids(1, 700), "exclusive"), **dict.fromkeys(ids(10_000, 700), "shared")}


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({}, ValueError, "nothing to lock"),
        ({"exclusive": ["0x1"], "shared": ["0x1"]}, ValueError, "listed in both exclusive and shared"),
        ({"exclusive": "0x1"}, TypeError, "exclusive must be an iterable of object ids, not a single string"),
        ({"exclusive": ["1f"]}, ValueError, "exclusive must contain ids such as '0x1f'"),
        ({"shared": ["0x1"], "changeset_id": "7"}, ValueError, "changeset_id must be 40"),
        ({"shared": ["0x1"], "timeout": -1}, ValueError, "timeout"),
    ],
)
def test_wrong_arguments_are_reported_before_anything_is_sent(
    bench: Bench, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Which argument, and what it may be."""
    with pytest.raises(error, match=message):
        acquire(bench, **wrong)
    assert bench.asked == []


@pytest.mark.parametrize("amount", [1, MANY])
def test_a_briefcase_and_a_changeset_have_to_be_there(bench: Bench, amount: int) -> None:
    """Which of them is not."""
    with pytest.raises(errors.NotFound) as caught:
        bench.client.acquire_locks(bench.imodel_id, 99, exclusive=ids(1, amount))
    assert caught.value.code == "BriefcaseNotFound"
    with pytest.raises(errors.NotFound) as caught:
        acquire(bench, exclusive=ids(1, amount), changeset_id="f" * 40)
    assert caught.value.code == "ChangesetNotFound"
    assert bench.locks() == {}


def test_a_list_without_the_new_locks_is_no_list_to_give_back_by(
    bench: Bench, other: IModelsClient, theirs: int
) -> None:
    """A cache may send such a list: the error says that locks may remain."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    nothing = '{"locks": [], "_links": {}}'
    bench.fault(method="GET", path="/locks", action="answer", status=200, body=nothing, times=9)
    with pytest.raises(errors.LockConflict) as caught:
        acquire(bench, exclusive=ids(1, MANY))
    (note,) = caught.value.__notes__
    assert "the service's list of locks lacks 2000 of the locks that were just acquired" in note
    assert "or may hold more" in note


def test_a_conflict_lists_object_level_and_holder(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """The holders are looked up on request."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=["0x1"], shared=["0x2"])
    third = other.briefcases.acquire(bench.imodel_id, device_name="Tablet").briefcase_id
    other.acquire_locks(bench.imodel_id, third, shared=["0x2"])
    with pytest.raises(errors.LockConflict) as caught:
        acquire(bench, exclusive=["0x1", "0x2", "0x3"])
    found = {each.object_id: (each.level, each.briefcase_ids) for each in caught.value.conflicting_locks}
    assert found == {"0x1": ("exclusive", (theirs,)), "0x2": ("shared", (theirs, third))}
    assert f"0x1: exclusive lock of briefcase {theirs}" in str(caught.value)
    assert bench.locks() == {}
    holders = bench.client.lock_holders(bench.imodel_id, caught.value)
    listed = [
        (each.briefcase_id, each.object_ids, each.briefcase.device_name, each.owner.given_name) for each in holders
    ]  # type: ignore[union-attr]
    assert listed == [(theirs, ("0x1", "0x2"), "Laptop 7", "Grace"), (third, ("0x2",), "Tablet", "Grace")]


def test_a_holder_that_is_gone_by_now_is_reported_too(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """It is listed without details; if only the owner is missing, the briefcase has its details."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=["0x1"])
    with pytest.raises(errors.LockConflict) as caught:
        acquire(bench, exclusive=["0x1"])
    missing = '{"error":{"code":"UserNotFound","message":"Requested User is not available."}}'
    bench.fault(path="/users/", action="answer", status=404, body=missing, headers={"content-type": "application/json"})
    (holder,) = bench.client.lock_holders(bench.imodel_id, caught.value)
    assert (holder.owner, holder.briefcase and holder.briefcase.device_name) == (None, "Laptop 7")
    other.briefcases.release(bench.imodel_id, theirs)
    (holder,) = bench.client.lock_holders(bench.imodel_id, caught.value)
    assert (holder.briefcase_id, holder.object_ids) == (theirs, ("0x1",))
    assert (holder.briefcase, holder.owner) == (None, None)


def test_a_conflict_in_the_last_request_gives_back_what_is_new(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """Earlier locks keep their level, including those that were raised to exclusive."""
    acquire(bench, shared=ids(1, 1200), exclusive=ids(2000, 10))
    before = bench.locks()
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    with pytest.raises(errors.LockConflict) as caught:
        acquire(bench, exclusive=ids(1, MANY))
    assert [each.object_id for each in caught.value.conflicting_locks] == [hex(MANY)]
    assert not getattr(caught.value, "__notes__", [])
    assert bench.locks() == before
    assert held(other, bench.imodel_id, theirs) == {hex(MANY): "exclusive"}


def test_ids_with_leading_zeros_are_given_back_too(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """The service lists locks by canonical ids."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    with pytest.raises(errors.LockConflict):
        acquire(bench, exclusive=[f"0x{number:08X}" for number in range(1, MANY + 1)])
    assert bench.locks() == {}


def test_locks_that_are_not_wished_for_are_left_alone(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """This includes locks that the same briefcase acquires in the meantime."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    bench.fault(**LOCK, skip=1, delay=0.3)

    def lock_more() -> None:
        until(lambda: not bench.hub.control.faults.waiting)
        acquire(bench, exclusive=["0xffff"])

    with meanwhile(lock_more), pytest.raises(errors.LockConflict):
        acquire(bench, exclusive=ids(1, MANY))
    assert bench.locks() == {"0xffff": "exclusive"}


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("action", ["drop", "drop_after"])
def test_a_request_without_an_answer_is_repeated(bench: Bench, action: str) -> None:
    """Locking twice is the same as locking once."""
    bench.fault(**LOCK, action=action, skip=1)
    acquire(bench, exclusive=ids(1, MANY))
    assert len(bench.locks()) == MANY


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("action", ["drop", "drop_after"])
def test_a_request_that_is_never_answered_gives_back_what_is_new(bench: Bench, action: str) -> None:
    """This applies whether or not the service carried it out."""
    acquire(bench, shared=ids(900, 200))
    before = bench.locks()
    bench.fault(**LOCK, action=action, skip=1, times=3)
    with pytest.raises(errors.ConnectionFailed) as caught:
        acquire(bench, exclusive=ids(1, MANY))
    assert not getattr(caught.value, "__notes__", [])
    assert bench.locks() == before


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("action", ["drop", "drop_after"])
def test_giving_back_is_tried_again(bench: Bench, other: IModelsClient, theirs: int, action: str) -> None:
    """A lost response does not prevent the release."""
    acquire(bench, shared=ids(1, 1500))
    before = bench.locks()
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    bench.fault(**LOCK, action=action, skip=3, times=2)
    with pytest.raises(errors.LockConflict) as caught:
        acquire(bench, exclusive=ids(1, MANY))
    assert not getattr(caught.value, "__notes__", [])
    assert bench.locks() == before


@pytest.mark.usefixtures("instantly")
def test_locks_that_cannot_be_given_back_are_reported(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """The error has the original error and no secrets."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    bench.fault(**LOCK, action="answer", status=403, skip=3, times=9)
    with pytest.raises(errors.LockConflict) as caught:
        acquire(bench, exclusive=ids(1, MANY))
    (note,) = caught.value.__notes__
    assert "restoring them failed: locks.update failed" in note
    assert bench.hub.token("ada") not in note
    bench.hub.control.faults.clear()
    assert bench.client.abandon_all_locks(bench.imodel_id, bench.briefcase_id) > 0
    assert bench.locks() == {}


def test_a_wait_forgets_no_locks_that_could_not_be_given_back(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """The next attempt begins with them, and gives them back."""
    acquire(bench, shared=ids(900, 200))
    before = bench.locks()
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    bench.fault(**LOCK, action="answer", status=403, skip=3)
    with pytest.raises(errors.LockConflict):
        acquire(bench, exclusive=ids(1, MANY), timeout=1)
    assert bench.locks() == before


def test_a_lock_that_others_release_is_waited_for(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """Between attempts, nothing is held."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    seen: list[int] = []

    def release() -> None:
        until(lambda: bench.count("PATCH locks") >= 6)
        time.sleep(0.1)
        seen.append(len(held(other, bench.imodel_id, bench.briefcase_id)))
        other.release_locks(bench.imodel_id, theirs, [hex(MANY)])

    with meanwhile(release):
        lock = acquire(bench, exclusive=ids(1, MANY), timeout=20)
    assert lock.count == MANY == len(bench.locks())
    assert seen == [0]


def test_the_deadline_of_a_wait_is_kept(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """Several attempts are made until the deadline; without a timeout, there is one."""
    other.acquire_locks(bench.imodel_id, theirs, exclusive=["0x1"])
    for timeout, tries in ((1.3, range(2, 6)), (0, range(1, 2))):
        bench.hub.control.log.clear()
        began = time.monotonic()
        with pytest.raises(errors.LockConflict):
            acquire(bench, exclusive=["0x1"], timeout=timeout)
        assert time.monotonic() - began >= timeout
        assert bench.count("PATCH locks") in tries


def test_newer_changes_name_the_objects(bench: Bench, other: IModelsClient, theirs: int) -> None:
    """They are named for any of the requests; nothing is held, and with the changeset all locks are acquired."""
    touched = [hex(5), hex(1800)]
    other.acquire_locks(bench.imodel_id, theirs, exclusive=touched)
    pushed = other.push_changeset(
        bench.imodel_id, bench.file(), briefcase_id=theirs, parent_id=None, release_locks=True
    )
    with pytest.raises(errors.NewerChangesExist, match="changed since: 0x5") as caught:
        acquire(bench, exclusive=touched)
    assert caught.value.object_ids == tuple(touched)
    with pytest.raises(errors.NewerChangesExist) as caught:
        acquire(bench, exclusive=ids(100, MANY), timeout=5)
    assert caught.value.object_ids == (hex(1800),)
    assert bench.locks() == {}
    acquire(bench, exclusive=ids(1, MANY), changeset_id=pushed.id)
    assert len(bench.locks()) == MANY


def test_exclusive_locks_come_back_with_the_changeset_they_were_taken_with(
    bench: Bench, other: IModelsClient, theirs: int
) -> None:
    """Objects that have changed since the baseline return to their previous level."""
    changed = ids(1, 1000)
    other.acquire_locks(bench.imodel_id, theirs, exclusive=changed)
    pushed = other.push_changeset(
        bench.imodel_id, bench.file(), briefcase_id=theirs, parent_id=None, release_locks=True
    )
    acquire(bench, shared=changed, changeset_id=pushed.id)
    other.acquire_locks(bench.imodel_id, theirs, exclusive=[hex(MANY)])
    with pytest.raises(errors.LockConflict):
        acquire(bench, exclusive=ids(1, MANY), changeset_id=pushed.id)
    assert bench.locks() == dict.fromkeys(changed, "shared")


def test_a_cancelled_task_gives_back_what_is_new(hub: LocalHub) -> None:
    """While the last request is under way."""

    async def scenario() -> None:
        async with AsyncIModelsClient(hub.token("ada"), base_url=hub.base_url, retry=QUICK) as client:
            imodel_id = new_imodel(hub)
            briefcase_id = (await client.briefcases.acquire(imodel_id)).briefcase_id
            await client.acquire_locks(imodel_id, briefcase_id, shared=ids(1, 10))
            hub.control.faults.add(Fault(**LOCK, skip=2, delay=0.3, action="drop"))
            work = asyncio.create_task(client.acquire_locks(imodel_id, briefcase_id, exclusive=ids(1, MANY)))
            await async_until(lambda: not hub.control.faults.waiting)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            (lock,) = await client.locks.list(imodel_id).all()
            assert (lock.count, len(lock.shared)) == (10, 10)

    asyncio.run(scenario())


def test_a_cancel_scope_gives_back_what_is_new(hub: LocalHub) -> None:
    """Scopes of anyio, on which web frameworks are based, cancel every request of a task, not only the current one."""

    async def scenario() -> None:
        async with AsyncIModelsClient(hub.token("ada"), base_url=hub.base_url, retry=QUICK) as client:
            imodel_id = new_imodel(hub)
            briefcase_id = (await client.briefcases.acquire(imodel_id)).briefcase_id
            hub.control.faults.add(Fault(**LOCK, skip=2, delay=0.3, action="drop"))
            async with anyio.create_task_group() as work:
                work.start_soon(
                    partial(client.acquire_locks, imodel_id, briefcase_id, exclusive=ids(1, MANY)),
                )
                await async_until(lambda: not hub.control.faults.waiting)
                work.cancel_scope.cancel()
            assert await client.locks.list(imodel_id).all() == []

    asyncio.run(scenario())


def test_a_cancelled_token_gives_back_what_is_new(bench: Bench, hub: LocalHub) -> None:
    """The requests that release the locks are not cancelled."""
    token = CancellationToken()
    bench.fault(**LOCK, skip=2, delay=0.3, action="drop")

    def cancel() -> None:
        until(lambda: not bench.hub.control.faults.waiting)
        token.cancel()

    with IModelsClient(hub.token("ada"), base_url=hub.base_url, retry=QUICK) as client:
        canceller = threading.Thread(target=cancel)
        canceller.start()
        with pytest.raises(errors.Cancelled), token:
            client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=ids(1, MANY))
        canceller.join()
    assert bench.locks() == {}


def test_an_interrupted_process_gives_back_what_is_new(bench: Bench, colour: str) -> None:
    """Ctrl-C while the last request is under way."""
    acquire(bench, shared=ids(1, 10))
    bench.fault(**LOCK, skip=2, delay=0.3, action="drop")
    author = Author.calling(
        bench.hub, colour, "acquire_locks", bench.imodel_id, bench.briefcase_id, exclusive=ids(1, MANY)
    )
    until(lambda: not bench.hub.control.faults.waiting)
    outcome = author.end(signal.SIGINT)
    assert (outcome["error"], outcome["notes"]) == ("KeyboardInterrupt", [])
    assert bench.locks() == dict.fromkeys(ids(1, 10), "shared")


# --- releasing ---------------------------------------------------------------------------------------------


def test_some_locks_are_released(bench: Bench) -> None:
    """Any number; the rest stays."""
    acquire(bench, exclusive=ids(1, 1500), shared=ids(5000, 2))
    bench.client.release_locks(bench.imodel_id, bench.briefcase_id, ids(1, 1500))
    assert bench.locks() == dict.fromkeys(ids(5000, 2), "shared")
    with pytest.raises(errors.NotFound) as caught:
        bench.client.release_locks(bench.imodel_id, bench.briefcase_id, ["0x1"])
    assert caught.value.code == "LockNotFound"
    with pytest.raises(ValueError, match="nothing to lock or release"):
        bench.client.release_locks(bench.imodel_id, bench.briefcase_id, [])


def test_locks_released_with_a_changeset_are_changed(bench: Bench) -> None:
    """Without a changeset, they are abandoned."""
    second = bench.client.briefcases.acquire(bench.imodel_id).briefcase_id
    acquire(bench, exclusive=["0x1", "0x2"])
    pushed = bench.push(bench.file())
    bench.client.release_locks(bench.imodel_id, bench.briefcase_id, ["0x1"], changeset_id=pushed.id)
    bench.client.release_locks(bench.imodel_id, bench.briefcase_id, ["0x2"])
    bench.client.acquire_locks(bench.imodel_id, second, exclusive=["0x2"])
    with pytest.raises(errors.NewerChangesExist):
        bench.client.acquire_locks(bench.imodel_id, second, exclusive=["0x1"])


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize(("amount", "chunks"), [(0, 0), (1, 1), (500, 1), (501, 2), (MANY, 5)])
@pytest.mark.parametrize("changed", [True, False])
def test_all_locks_are_released_in_chunks(bench: Bench, amount: int, chunks: int, *, changed: bool) -> None:
    """A briefcase without locks is not an error; with a changeset, objects count as changed up to it."""
    if amount:
        acquire(bench, exclusive=ids(1, amount))
    pushed = bench.push(bench.file())
    if changed:
        released = bench.client.release_all_locks(bench.imodel_id, bench.briefcase_id, changeset_id=pushed.id)
    else:
        released = bench.client.abandon_all_locks(bench.imodel_id, bench.briefcase_id)
    assert released == chunks
    assert bench.locks() == {}
    released = bench.client.locks.list_released(bench.imodel_id, after_changeset_index=0, page_size=1000).all()
    assert sum(len(each.object_ids) for each in released) == (amount if changed else 0)


def test_releasing_all_of_what_is_not_there_is_an_error(bench: Bench) -> None:
    """An unknown briefcase, an unknown changeset, an unknown iModel."""
    release = bench.client.release_all_locks
    for arguments, options, code in (
        ((bench.imodel_id, 99), {}, "BriefcaseNotFound"),
        ((bench.imodel_id, bench.briefcase_id), {"changeset_id": "f" * 40}, "ChangesetNotFound"),
        (("f" * 36, bench.briefcase_id), {}, "iModelNotFound"),
    ):
        with pytest.raises(errors.NotFound) as caught:
            release(*arguments, **options)
        assert caught.value.code == code
    with pytest.raises(ValueError, match="briefcase_id"):
        release(bench.imodel_id, 0)


def test_only_a_manager_releases_the_locks_of_others(bench: Bench, open_client: Any) -> None:
    """A user who may only write is rejected."""
    acquire(bench, exclusive=["0x1"])
    writer = open_client(writing_user(bench.hub))
    with pytest.raises(errors.Forbidden):
        writer.release_all_locks(bench.imodel_id, bench.briefcase_id)
    assert open_client("grace").release_all_locks(bench.imodel_id, bench.briefcase_id) == 1


def writing_user(hub: LocalHub) -> str:
    """Create a user, unless it exists, who may write but not manage, and return the name."""
    if "lin" not in hub.tokens:
        permissions = frozenset({"imodels_webview", "imodels_read", "imodels_write"})
        hub.control.create_user(NewUser(name="lin", given_name="Lin", surname="Berg", permissions=permissions))
    return "lin"


@pytest.mark.thorough(keep=2)
@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("action", ["drop", "drop_after"])
@pytest.mark.parametrize("skip", [0, 2, 4])
def test_an_answer_lost_in_the_middle_ends_no_release(bench: Bench, action: str, skip: int) -> None:
    """This includes the last response, after which no lock is held."""
    acquire(bench, exclusive=ids(1, MANY))
    bench.fault(**CHUNK, action=action, skip=skip)
    released = bench.client.release_all_locks(bench.imodel_id, bench.briefcase_id)
    assert released in (4, 5)
    assert bench.locks() == {}


@pytest.mark.usefixtures("instantly")
def test_a_failed_release_goes_on_when_called_again(bench: Bench) -> None:
    """The next call releases the remaining locks."""
    acquire(bench, exclusive=ids(1, MANY))
    bench.fault(**CHUNK, action="answer", status=500, skip=2, times=3)
    with pytest.raises(errors.ServerError):
        bench.client.release_all_locks(bench.imodel_id, bench.briefcase_id)
    assert len(bench.locks()) == MANY - 1000
    assert bench.client.release_all_locks(bench.imodel_id, bench.briefcase_id) == 3
    assert bench.locks() == {}


def test_a_service_without_an_end_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """After as many chunks as no iModel has locks for."""
    assert lock.MAX_CHUNKS == 10_000
    monkeypatch.setattr(lock, "MAX_CHUNKS", 25)
    endless = {"status": 200, "body": '{"isLastChunk": false}', "headers": {"content-type": "application/json"}}
    bench.fault(**CHUNK, action="answer", times=100, **endless)
    with pytest.raises(errors.OperationFailed, match="still reports locks after 25 chunks") as caught:
        bench.client.release_all_locks(bench.imodel_id, bench.briefcase_id)
    assert bench.imodel_id in str(caught.value)
    assert bench.count("POST locks/release-chunk") == 25


# --- against a model ---------------------------------------------------------------------------------------

OBJECTS = ids(1, 4)
wishes = st.dictionaries(st.sampled_from(OBJECTS), st.sampled_from(["shared", "exclusive"]), min_size=1)
briefcases = st.integers(0, 2)


class Locks(RuleBasedStateMachine):
    """Three briefcases acquire and release locks; the state equals that of the model."""

    client: ClassVar[IModelsClient]
    hub: ClassVar[LocalHub]

    def __init__(self) -> None:
        """Create an iModel without locks."""
        super().__init__()
        self.imodel_id = new_imodel(self.hub)
        self.briefcases = [self.client.briefcases.acquire(self.imodel_id).briefcase_id for _ in range(3)]
        self.model: list[dict[str, str]] = [{}, {}, {}]

    @rule(who=briefcases, wish=wishes)
    def acquire(self, who: int, wish: dict[str, str]) -> None:
        """Lock objects."""
        lists = {level: [each for each in wish if wish[each] == level] for level in ("shared", "exclusive")}
        try:
            self.client.acquire_locks(self.imodel_id, self.briefcases[who], **lists)
        except errors.LockConflict as error:
            assert {each.object_id for each in error.conflicting_locks} == self.conflicts(who, wish)  # noqa: PT017
        else:
            assert not self.conflicts(who, wish)
            own = self.model[who]
            own |= wish  # shared instead of exclusive is a demotion

    @rule(who=briefcases, objects=st.sets(st.sampled_from(OBJECTS), min_size=1))
    def release(self, who: int, objects: set[str]) -> None:
        """Release objects: all of them, or none."""
        try:
            self.client.release_locks(self.imodel_id, self.briefcases[who], sorted(objects))
        except errors.NotFound:
            assert not objects <= self.model[who].keys()
        else:
            assert objects <= self.model[who].keys()
            for each in objects:
                del self.model[who][each]

    @rule(who=briefcases)
    def release_all(self, who: int) -> None:
        """Release what there is."""
        chunks = self.client.release_all_locks(self.imodel_id, self.briefcases[who])
        assert chunks == min(1, len(self.model[who]))
        self.model[who] = {}

    @invariant()
    def holds(self) -> None:
        """Check that the state of the service equals that of the model."""
        there = {
            lock.briefcase_id: {key: str(level) for level, keys in lock.objects.items() for key in keys}
            for lock in self.client.locks.list(self.imodel_id)
        }
        own = {number: model for number, model in zip(self.briefcases, self.model, strict=True) if model}
        assert there == own

    def conflicts(self, who: int, wish: dict[str, str]) -> set[str]:
        """Return the objects that others hold in a conflicting way."""
        others = [self.model[each] for each in range(3) if each != who]
        own = self.model[who]
        return {
            key
            for key, level in wish.items()
            if own.get(key) not in ("exclusive", level)
            and any(key in other and "exclusive" in (level, other[key]) for other in others)
        }


def test_locks_are_as_a_model_says(client: IModelsClient, hub: LocalHub) -> None:
    """Whatever three briefcases do."""
    machine = type("Machine", (Locks,), {"client": client, "hub": hub})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
