"""One asynchronous client works on several event loops, successive and parallel ones."""

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from itwin_imodels import AsyncIModelsClient
from tests.behaviour.helpers.places import Place


async def _names(client: AsyncIModelsClient, itwin_id: str) -> set[str]:
    """Ask twice, so that a connection is used again."""
    await client.imodels.list(itwin_id).first()
    return {each.name async for each in client.imodels.list(itwin_id, page_size=1)}


def test_loops_one_after_another(place: Place, imodel_id: str) -> None:
    """Each `asyncio.run` has its own connections, which it closes."""
    client = AsyncIModelsClient(place.auth, base_url=place.base_url)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        for _ in range(3):
            assert asyncio.run(client.imodels.get(imodel_id)).id == imodel_id
            assert asyncio.run(_names(client, place.itwin_id))
        asyncio.run(client.aclose())
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(client.imodels.get(imodel_id))


@pytest.mark.usefixtures("imodel_id")
def test_loops_in_threads(place: Place) -> None:
    """Threads with separate event loops share a client."""

    def work(_: int) -> set[str]:
        return asyncio.run(_names(client, place.itwin_id))

    client = AsyncIModelsClient(place.auth, base_url=place.base_url)
    with ThreadPoolExecutor(4) as executor:
        found = list(executor.map(work, range(12)))
    assert all(each == found[0] for each in found)
    asyncio.run(client.aclose())


def test_closing_closes_the_connections_of_other_running_loops(place: Place, imodel_id: str) -> None:
    """Closing the client closes it for all loops."""

    async def other(client: AsyncIModelsClient) -> httpx.AsyncClient:
        await client.imodels.get(imodel_id)
        return await client._session.pool.clients.current()

    async def main() -> bool:
        async with AsyncIModelsClient(place.auth, base_url=place.base_url) as client:
            await client.imodels.get(imodel_id)
            loop = asyncio.new_event_loop()
            thread = asyncio.create_task(asyncio.to_thread(loop.run_forever))
            opened = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(other(client), loop))
            assert not opened.is_closed
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop))
        loop.call_soon_threadsafe(loop.stop)
        await thread
        loop.close()
        return opened.is_closed

    assert asyncio.run(main())
