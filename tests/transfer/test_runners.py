"""Transfers run for tasks and for threads alike."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from itwin_imodels._transfer import Cancellation, DownloadItem
from itwin_imodels._transfer.runners import AsyncRunner, Runner
from itwin_imodels.models._links import StorageLink
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.scripted import Say, answer, scripted
from tests.transfer.helpers.storage import Storage, own_threads


@pytest.fixture
def kind() -> str:
    """Use one storage type, because it makes no difference here."""
    return "azure"


def test_many_files_for_a_task(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """Items come from an asynchronous iterator and new links from an awaited call, while the event loop runs."""
    for number in range(30):
        storage.put(b"x" * (number + 1), f"box/{number}")
    ended: list[str] = []

    async def main() -> int:
        runner = AsyncRunner()

        async def fresh() -> StorageLink:
            await asyncio.sleep(0)
            return storage.to_read("box/7")

        async def items() -> AsyncIterator[DownloadItem]:
            try:
                for number in range(30):
                    await asyncio.sleep(0)
                    link = None if number == 7 else storage.to_read(f"box/{number}")
                    yield DownloadItem(target=tmp_path / str(number), link=link, fresh_link=runner.call(fresh))
            finally:
                ended.append("items")

        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        count = await runner.run(make().download_many, runner.iterate(items()))
        ticking.cancel()
        assert ticks > 1
        return count

    assert asyncio.run(main()) == 30
    assert (tmp_path / "7").read_bytes() == b"x" * 8
    assert ended == ["items"]
    assert own_threads() == []


def test_the_same_for_a_thread(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """The synchronous runner does the same."""
    storage.put(b"x")
    runner = Runner()
    items = runner.iterate([DownloadItem(target=tmp_path / "x", link=None, fresh_link=runner.call(storage.to_read))])
    assert runner.run(make().download_many, items) == 1
    assert own_threads() == []


def test_what_a_transfer_raises_comes_out(make: MakeTransfers, tmp_path: Path) -> None:
    """This applies to both clients, and to an asynchronous iterator that fails."""
    item = DownloadItem(target=tmp_path / "x", link=StorageLink(href="http://x", storage_type="tape"))

    async def items() -> AsyncIterator[DownloadItem]:
        yield item
        raise LookupError("no more pages")

    async def main() -> None:
        runner = AsyncRunner()
        await runner.run(make().download_many, runner.iterate(items()))

    with pytest.raises(Exception, match=r"tape|no more pages"):
        asyncio.run(main())
    with pytest.raises(Exception, match="'tape'"):
        Runner().run(make().download, item)
    assert own_threads() == []


def test_a_cancelled_task_ends_its_transfer(make: MakeTransfers, tmp_path: Path) -> None:
    """It ends although the storage does not respond; no thread remains."""

    async def main(link: StorageLink) -> None:
        runner = AsyncRunner()
        items = [DownloadItem(target=tmp_path / str(number), link=link) for number in range(20)]
        task = asyncio.create_task(runner.run(make().download_many, items))
        await asyncio.sleep(0.3)
        task.cancel()
        await task

    begin = time.monotonic()
    with scripted(Say(b"", hang=True)) as server, pytest.raises(asyncio.CancelledError):
        asyncio.run(main(server.link))
    assert time.monotonic() - begin < 20  # it would be 30 s, the idle timeout
    assert own_threads() == []


def test_a_task_ends_its_transfer_in_the_middle_of_a_body(make: MakeTransfers, tmp_path: Path) -> None:
    """After which the storage keeps silent; the thread ends too."""
    text = answer("200 OK", {"content-length": 300_000}, bytes(200_000))

    async def main(link: StorageLink) -> None:
        async with asyncio.timeout(0.3):
            await AsyncRunner().run(make().download, DownloadItem(target=tmp_path / "x", link=link))

    begin = time.monotonic()
    with scripted(Say(text, hang=True)) as server:
        with pytest.raises(TimeoutError):
            asyncio.run(main(server.link))
        assert time.monotonic() - begin < 20  # it would be 30 s, the idle timeout
    while own_threads():
        time.sleep(0.05)


def test_a_call_under_way_ends_with_its_task() -> None:
    """A pending request for a new link does not delay the end of the transfer."""

    async def never() -> None:
        await asyncio.sleep(60)

    async def main() -> None:
        runner = AsyncRunner()
        call = runner.call(never)

        def work(*, cancellation: Cancellation) -> None:
            assert cancellation is runner.cancellation
            call()

        async with asyncio.timeout(0.2):
            await runner.run(work)

    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert time.monotonic() - begin < 30
    assert own_threads() == []
