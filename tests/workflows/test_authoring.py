"""Authoring sessions from the acquisition of the briefcase to its release, also after errors."""

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest

from itwin_imodels import AsyncIModelsClient, CancellationToken, IModelsClient, errors
from itwin_imodels_hub import Fault, LocalHub
from tests.workflows.helpers.bench import (
    CHUNK,
    CONFIRM,
    LARGE,
    QUICK,
    UPLOAD,
    Bench,
    async_until,
    held,
    ids,
    new_imodel,
)
from tests.workflows.helpers.files import changeset_file


def held_briefcases(bench: Bench) -> list[int]:
    """All briefcases of the iModel but the bench's own."""
    found = bench.client.briefcases.list(bench.imodel_id)
    return [each.briefcase_id for each in found if each.briefcase_id != bench.briefcase_id]


def must_pull(bench: Bench, object_id: str) -> bool:
    """Return whether an object counts as changed since the baseline."""
    try:
        bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=[object_id])
    except errors.NewerChangesExist:
        return True
    bench.client.abandon_all_locks(bench.imodel_id, bench.briefcase_id)
    return False


class LostError(Exception):
    """What goes wrong in a block."""


def test_a_session_from_begin_to_end(bench: Bench) -> None:
    """Each push updates the changeset of the session; at the end, locks and briefcase are released."""
    base = bench.push(bench.file())
    with bench.client.authoring_session(bench.imodel_id, device_name="ci-7") as session:
        assert (session.briefcase.device_name, session.changeset_id) == ("ci-7", base.id)
        lock = session.lock(exclusive=ids(1, 1500), shared=["0xffff"])
        assert lock.count == 1501
        first = bench.file(base)
        assert session.push(first, description="Walls").description == "Walls"
        assert session.changeset_id == first.stem
        second = bench.file(first.stem)
        pushed = session.push(second)
        assert (pushed.id, pushed.briefcase_id) == (second.stem, session.briefcase.briefcase_id)
        assert len(held(bench.client, bench.imodel_id, session.briefcase.briefcase_id)) == 1501
    assert held_briefcases(bench) == []
    assert must_pull(bench, "0x1")
    assert [each.id for each in bench.timeline] == [base.id, first.stem, second.stem]


def test_a_session_without_a_push_abandons_its_locks(bench: Bench) -> None:
    """Unchanged objects need not be pulled."""
    base = bench.push(bench.file())
    with bench.client.authoring_session(bench.imodel_id) as session:
        session.lock(exclusive=["0x1"])
    assert base.id == session.changeset_id
    assert not must_pull(bench, "0x1")


def test_a_session_on_an_imodel_without_changesets(bench: Bench) -> None:
    """It begins at the baseline."""
    file = bench.file()
    with bench.client.authoring_session(bench.imodel_id) as session:
        assert session.changeset_id == ""
        session.lock(shared=["0x1"])
        session.push(file)
    bench.assert_holds([file])


def test_locks_can_be_released_before_the_end(bench: Bench) -> None:
    """Locks can be released in chunks at any time."""
    with bench.client.authoring_session(bench.imodel_id) as session:
        session.lock(exclusive=ids(1, 700))
        session.push(bench.file())
        assert session.release_locks() == 2
        assert session.release_locks() == 0
    assert must_pull(bench, "0x1")


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("failure", [LostError("no more paper"), KeyboardInterrupt(), SystemExit(1)])
@pytest.mark.parametrize("pushed", [True, False])
def test_an_error_inside_gives_everything_back(bench: Bench, failure: BaseException, *, pushed: bool) -> None:
    """The original error is raised."""

    def work() -> None:
        with bench.client.authoring_session(bench.imodel_id) as session:
            session.lock(exclusive=["0x1"])
            if pushed:
                session.push(bench.file())
            raise failure

    with pytest.raises(type(failure)) as caught:
        work()
    assert caught.value is failure
    assert not getattr(failure, "__notes__", [])
    assert held_briefcases(bench) == []
    assert must_pull(bench, "0x1") == pushed


@pytest.mark.usefixtures("instantly")
def test_a_clean_up_that_fails_is_noted(bench: Bench) -> None:
    """The original error has the note, without secrets; locks and briefcase are kept."""
    bench.fault(**CHUNK, action="answer", status=403)
    numbers: list[int] = []

    def work() -> None:
        with bench.client.authoring_session(bench.imodel_id) as session:
            numbers.append(session.briefcase.briefcase_id)
            session.lock(exclusive=["0x1"])
            raise LostError

    with pytest.raises(LostError) as caught:
        work()
    (note,) = caught.value.__notes__
    (number,) = numbers
    assert f"Briefcase {number} or its locks may not have been released" in note
    assert "locks.release_chunk failed" in note
    assert bench.hub.token("ada") not in note
    assert held(bench.client, bench.imodel_id, number) == {"0x1": "exclusive"}


def test_an_end_that_fails_is_reported(bench: Bench) -> None:
    """The error names the briefcase that is kept."""
    bench.fault(method="DELETE", path="/briefcases/", action="answer", status=403)
    with pytest.raises(errors.Forbidden) as caught, bench.client.authoring_session(bench.imodel_id) as session:
        pass
    assert f"Briefcase {session.briefcase.briefcase_id} of iModel" in "".join(caught.value.__notes__)
    assert held_briefcases(bench) == [session.briefcase.briefcase_id]


def test_a_briefcase_may_be_kept(bench: Bench) -> None:
    """Its locks are released; a later session can use the briefcase and release it."""
    with bench.client.authoring_session(bench.imodel_id, release_briefcase=False) as session:
        session.lock(exclusive=["0x1"])
    number = session.briefcase.briefcase_id
    assert held_briefcases(bench) == [number]
    with bench.client.authoring_session(bench.imodel_id, briefcase_id=number) as session:
        assert session.briefcase.briefcase_id == number
        assert held(bench.client, bench.imodel_id, number) == {}
        session.lock(exclusive=["0x1"])
    assert held_briefcases(bench) == [number]
    assert held(bench.client, bench.imodel_id, number) == {}


def test_a_session_may_begin_at_an_older_changeset(bench: Bench) -> None:
    """Changed objects are reported when they are locked or pushed."""
    first = bench.push(bench.file())
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=["0x1"])
    second = bench.push(bench.file(first), first, release_locks=True)
    with bench.client.authoring_session(bench.imodel_id, changeset_id=first.id) as session:
        with pytest.raises(errors.NewerChangesExist) as caught:
            session.lock(exclusive=["0x1"])
        assert caught.value.object_ids == ("0x1",)
        with pytest.raises(errors.NewerChangesExist) as caught:
            session.push(bench.file(first))
        assert caught.value.changeset_ids == (second.id,)
        assert session.changeset_id == first.id


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"briefcase_id": 99}, errors.NotFound),
        ({"device_name": "x" * 256}, ValueError),
    ],
)
def test_a_session_that_cannot_begin(bench: Bench, options: dict[str, Any], error: type[Exception]) -> None:
    """Neither locks nor briefcase remain."""
    with pytest.raises(error), bench.client.authoring_session(bench.imodel_id, **options):
        pass
    assert held_briefcases(bench) == []


@pytest.mark.usefixtures("instantly")
@pytest.mark.parametrize("confirmed", [True, False])
def test_locks_of_a_push_that_nobody_answered_are_changed_if_it_came_to_its_end(
    bench: Bench, *, confirmed: bool
) -> None:
    """The state of the push is checked before the locks are released."""
    bench.fault(**CONFIRM, action="drop_after" if confirmed else "drop", times=1 if confirmed else 9)
    bench.fault(method="GET", path="/changesets/[0-9a-f]{40}", action="drop", times=3)

    def work() -> None:
        with bench.client.authoring_session(bench.imodel_id) as session:
            session.lock(exclusive=["0x1"])
            session.push(bench.file())

    with pytest.raises(errors.ConnectionFailed):
        work()
    assert held_briefcases(bench) == []
    bench.hub.control.faults.clear()
    assert len(bench.timeline) == int(confirmed)
    assert must_pull(bench, "0x1") == confirmed


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_cancelled_session_gives_everything_back(hub: LocalHub, tmp_path: Path, *, confirmed: bool) -> None:
    """A cancelled push whose changeset reached the timeline counts for its locks."""

    async def author(client: AsyncIModelsClient, imodel_id: str) -> None:
        async with client.authoring_session(imodel_id) as session:
            await session.lock(exclusive=["0x1"])
            await session.push(changeset_file(tmp_path, size=LARGE))

    async def scenario() -> None:
        imodel_id = new_imodel(hub)
        if confirmed:
            hub.control.faults.add(Fault(**CONFIRM, action="drop_after"))
        held_back = {"method": "GET", "path": "/changesets/[0-9a-f]{40}"} if confirmed else UPLOAD
        hub.control.faults.add(Fault(**held_back, delay=0.3, action="drop"))
        async with AsyncIModelsClient(hub.token("ada"), base_url=hub.base_url, retry=QUICK) as client:
            work = asyncio.create_task(author(client, imodel_id))
            await async_until(lambda: not hub.control.faults.waiting)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            assert await client.briefcases.list(imodel_id).all() == []
            released = await client.locks.list_released(imodel_id, after_changeset_index=0).all()
            assert len(released) == int(confirmed)

    asyncio.run(scenario())


@pytest.mark.usefixtures("instantly")
def test_a_changeset_that_waits_for_its_file_is_not_pushed(bench: Bench) -> None:
    """A service may list it, although the hub does not."""
    bench.fault(**CONFIRM, action="drop", times=9)
    bench.fault(method="GET", path="/changesets/[0-9a-f]{40}", action="drop", times=3)
    bench.list_instead((1, "1" * 40, "waitingForFile"), skip=1)

    def work() -> None:
        with bench.client.authoring_session(bench.imodel_id, briefcase_id=bench.briefcase_id) as session:
            session.lock(exclusive=["0x1"])
            session.push(bench.file())

    with pytest.raises(errors.ConnectionFailed) as caught:
        work()
    assert not hasattr(caught.value, "__notes__")
    assert bench.locks() == {}


def test_a_cancel_scope_gives_everything_back(hub: LocalHub) -> None:
    """Scopes of anyio cancel every request of a task, not only the current one."""

    async def scenario() -> None:
        imodel_id = new_imodel(hub)
        async with AsyncIModelsClient(hub.token("ada"), base_url=hub.base_url, retry=QUICK) as client:
            with anyio.CancelScope() as scope:
                async with client.authoring_session(imodel_id) as session:
                    await session.lock(exclusive=["0x1"])
                    scope.cancel()
            assert scope.cancelled_caught
            assert await client.briefcases.list(imodel_id).all() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("inside", [True, False])
def test_a_cancelled_token_gives_everything_back(bench: Bench, hub: LocalHub, *, inside: bool) -> None:
    """Whether a call of the session or its end is cancelled."""
    token = CancellationToken()

    def work(client: IModelsClient) -> None:
        with token, client.authoring_session(bench.imodel_id) as session:
            session.lock(exclusive=["0x1"])
            token.cancel()
            if inside:
                session.lock(exclusive=["0x2"])

    with IModelsClient(hub.token("ada"), base_url=hub.base_url) as client, pytest.raises(errors.Cancelled) as caught:
        work(client)
    assert held_briefcases(bench) == []
    assert not hasattr(caught.value, "__notes__")


@pytest.mark.usefixtures("instantly")
def test_a_timeline_without_the_base_does_not_tell_whether_a_push_succeeded(bench: Bench) -> None:
    """The locks are kept: released as abandoned, they would hide what was pushed."""
    first = bench.push(bench.file())
    locked = ids(1, 2)
    bench.fault(**CONFIRM, action="drop_after", times=9)
    bench.fault(method="GET", path="/changesets/[0-9a-f]{40}", action="drop", times=3)
    empty = '{"changesets": [], "_links": {"next": null}}'
    bench.fault(method="GET", path="/changesets$", action="answer", status=200, body=empty, skip=1)

    def work() -> None:
        with bench.client.authoring_session(bench.imodel_id, briefcase_id=bench.briefcase_id) as session:
            session.lock(exclusive=locked)
            session.push(bench.file(first))

    with pytest.raises(errors.ConnectionFailed) as caught:
        work()
    assert f"lacks {first.id}, on which the work is based" in " ".join(caught.value.__notes__)
    assert bench.locks() == dict.fromkeys(locked, "exclusive")
