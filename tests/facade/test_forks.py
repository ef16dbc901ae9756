"""A forked child has its own connections, threads and databases, and does not touch its parent's."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels import AsyncIModelsClient, IModelsClient
from itwin_imodels._auth.keeping import TokenKeeper
from itwin_imodels._core.background import Background
from itwin_imodels._core.disk import open_lock_file, try_lock
from itwin_imodels.auth import AccessToken
from itwin_imodels.errors import MirrorError
from itwin_imodels.mirror import open_mirror
from tests.behaviour.helpers.making import push_many
from tests.behaviour.helpers.places import Place
from tests.facade.children import (
    Timelines,
    async_look_around,
    look_around,
    run_children,
    with_client_of_its_own,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

_SUCCESS = 0


@pytest.fixture(scope="module")
def timelines(place: Place) -> Iterator[Timelines]:
    """Create three iModels with one to three changesets each."""
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        made: dict[str, list[str]] = {}
        for amount in range(1, 4):
            imodel_id = client.create_imodel(place.itwin_id, f"Forked {amount}").id
            briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
            made[imodel_id] = [each.id for each in push_many(client, imodel_id, briefcase_id, amount)]
        yield made
        for imodel_id in made:
            client.imodels.delete(imodel_id)


def test_forked_children_share_a_client_with_their_parent(place: Place, timelines: Timelines, tmp_path: Path) -> None:
    """Each process gets the responses to its own requests, although the client already had connections and threads."""
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        look_around(client, timelines, tmp_path / "before")

        def work(number: int) -> None:
            with client:
                look_around(client, timelines, tmp_path / str(number))

        assert run_children("fork", 4, work) == [_SUCCESS] * 4
        look_around(client, timelines, tmp_path / "after")


@pytest.mark.thorough
def test_forked_children_share_an_asynchronous_client(place: Place, timelines: Timelines, tmp_path: Path) -> None:
    """Children are forked while the parent's event loop runs, and have their own loops."""

    async def parent() -> list[int | None]:
        async with AsyncIModelsClient(place.auth, base_url=place.base_url) as client:
            await async_look_around(client, timelines, tmp_path / "before")

            async def child(number: int) -> None:
                async with client:
                    await async_look_around(client, timelines, tmp_path / str(number))

            def work(number: int) -> None:
                asyncio.run(child(number))

            codes = run_children("fork", 4, work)
            await async_look_around(client, timelines, tmp_path / "after")
            return codes

    assert asyncio.run(parent()) == [_SUCCESS] * 4


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_other_processes_make_a_client(method: str, place: Place, timelines: Timelines, tmp_path: Path) -> None:
    """A process that inherits nothing creates its own client while the parent has one."""
    options = {"auth": place.auth, "base_url": place.base_url}
    with IModelsClient(**options) as client:  # type: ignore[arg-type]  # as the test wrote them
        look_around(client, timelines, tmp_path / "before", 3)
        folder = tmp_path / "child"
        assert run_children(method, 1, with_client_of_its_own, options, timelines, folder) == [_SUCCESS]
        look_around(client, timelines, tmp_path / "after", 3)


def test_a_list_goes_on_in_a_child(place: Place, timelines: Timelines) -> None:
    """What a thread of the parent fetches ahead is fetched by the child again."""
    imodel_id, timeline = list(timelines.items())[-1]
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        for concurrency in (1, 2):
            listed = iter(client.changesets.list(imodel_id, page_size=1, concurrency=concurrency))
            assert next(listed).id == timeline[0]

            def work(_: int, listed: Any = listed) -> None:
                assert [each.id for each in listed] == timeline[1:]

            assert run_children("fork", 1, work) == [_SUCCESS]
            assert [each.id for each in listed] == timeline[1:]


def test_a_child_does_not_wait_for_threads_of_its_parent() -> None:
    """Locks that other threads hold during the fork are free in the child."""
    fetching, go_on = threading.Event(), threading.Event()

    def fetch() -> AccessToken:
        fetching.set()
        go_on.wait()
        return AccessToken("fresh")

    keeper, background = TokenKeeper(fetch), Background()
    getting = threading.Thread(target=keeper.get)
    getting.start()
    fetching.wait()
    waiting = background.start(go_on.wait)

    def work(_: int) -> None:
        go_on.set()
        assert keeper.get() == AccessToken("fresh")
        assert background.start(int, "7").result() == 7
        assert waiting.result()
        background.close()

    try:
        assert run_children("fork", 1, work) == [_SUCCESS]
    finally:
        go_on.set()
        getting.join()
        background.close()


def test_a_child_reopens_a_mirror(place: Place, timelines: Timelines, tmp_path: Path) -> None:
    """SQLite permits no connection of another process."""
    imodel_id, timeline = list(timelines.items())[-1]
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        client.mirror_timeline(imodel_id, tmp_path, files=False)
    with open_mirror(tmp_path) as mirror:
        inherited = mirror._database._connection

        def work(_: int) -> None:
            with mirror:
                assert [each.changeset.id for each in mirror.changesets()] == timeline
                assert mirror._database._connection is not inherited
            assert inherited.execute("SELECT 1").fetchone()[0] == 1  # not closed
            with pytest.raises(MirrorError, match="the database is closed"):
                len(mirror)

        assert run_children("fork", 1, work) == [_SUCCESS]
        assert len(mirror) == len(timeline)


def test_a_child_leaves_the_hub_of_its_parent_running() -> None:
    """Closing a client with its own hub stops the hub only in the process that started it."""
    with IModelsClient.local() as client:
        imodel_id = client.imodels.create(client.hub.itwin_id, "Bridge").id

        def work(_: int) -> None:
            with client:
                assert client.imodels.get(imodel_id).id == imodel_id

        assert run_children("fork", 1, work) == [_SUCCESS]
        assert client.imodels.get(imodel_id).id == imodel_id


def test_a_child_does_not_keep_locks_of_its_parent(tmp_path: Path) -> None:
    """The parent's lock ends with the parent's file, however long the child lives."""
    path = tmp_path / "lock"
    file = open_lock_file(path)
    assert try_lock(file.fileno())
    ready, tell_ready = os.pipe()
    wait_for_end, end = os.pipe()
    child = os.fork()
    if not child:
        os.close(end)
        os.write(tell_ready, b".")
        os.read(wait_for_end, 1)
        os._exit(0)
    try:
        os.read(ready, 1)
        file.close()
        with open_lock_file(path) as again:
            assert try_lock(again.fileno())
    finally:
        for descriptor in (ready, tell_ready, wait_for_end, end):
            os.close(descriptor)
        os.waitpid(child, 0)
