"""Cancelled asynchronous calls leave no background work, and no cancellation is lost."""

import asyncio

import httpx
import pytest

from itwin_imodels import AsyncIModelsClient
from itwin_imodels._core.background import AsyncBackground
from tests.facade.timelines import Timeline


def others() -> set["asyncio.Task[object]"]:
    """Return the other tasks of the running loop."""
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


class Slow(httpx.AsyncBaseTransport):
    """Responds to the first requests immediately and never to the others."""

    def __init__(self, answered: int) -> None:
        """Set the number of responses."""
        self._timeline = Timeline()
        self._left = answered
        self.stuck = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request, or wait forever."""
        self._left -= 1
        if self._left < 0:
            self.stuck.set()
            await asyncio.Event().wait()
        return self._timeline(request)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_cancelled_list_leaves_nothing_behind(concurrency: int) -> None:
    """A cancelled task also cancels the requests in progress."""

    async def scenario() -> None:
        transport = Slow(answered=2)
        async with AsyncIModelsClient("x", transport=transport) as client:
            listing = asyncio.create_task(client.changesets.list("y", page_size=1, concurrency=concurrency).all())
            await asyncio.wait_for(transport.stuck.wait(), 10)
            listing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listing
            assert others() == set()

    asyncio.run(scenario())


def test_a_time_limit_ends_a_list() -> None:
    """The language's own time limit works around everything."""

    async def scenario() -> None:
        async with AsyncIModelsClient("x", transport=Slow(answered=2)) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.changesets.list("y", page_size=1, concurrency=2).all()
            assert others() == set()

    asyncio.run(scenario())


def test_a_cancellation_while_giving_up_is_not_lost() -> None:
    """A task that is cancelled during a cleanup is still cancelled."""

    async def scenario() -> None:
        ending = asyncio.Event()

        async def slow_to_end() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ending.set()
                await asyncio.Event().wait()

        pending = AsyncBackground().start(slow_to_end)
        await asyncio.sleep(0)
        giving_up = asyncio.create_task(pending.cancel())
        await ending.wait()
        giving_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await giving_up
        assert others() == set()

    asyncio.run(scenario())


def test_what_fails_while_given_up_is_nobodys_concern() -> None:
    """An error of a page that is no longer required is neither raised nor reported later."""

    async def failing() -> None:
        raise ValueError("unwanted")

    async def scenario() -> None:
        pending = AsyncBackground().start(failing)
        await asyncio.sleep(0)
        await pending.cancel()

    asyncio.run(scenario())
