"""Programs that use clients and end, each in a separate interpreter: `python -m tests.facade.programs NAME TASK`."""

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from itwin_imodels import AsyncIModelsClient, IModelsClient

ROUNDS = 12
AT_ONCE = 3
_PATIENCE = 60
"""Seconds after which the development mode calls a step of a task slow."""


def options(task: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a client."""
    return {"auth": task["token"], "base_url": task["base_url"]}


def open_files() -> int:
    """Return the number of open files and connections."""
    return len(list(Path("/dev/fd").iterdir()))


def use(client: IModelsClient, task: dict[str, Any], name: str) -> None:
    """List, also with pages fetched ahead, leave a list in the middle, and pull."""
    for concurrency in (1, 2):
        pages = client.changesets.list(task["imodel_id"], page_size=1, concurrency=concurrency).pages()
        assert len(next(pages)) == 1
        assert (
            len(client.changesets.list(task["imodel_id"], page_size=1, concurrency=concurrency).all()) == task["count"]
        )
    folder = Path(task["folder"]) / name
    assert len(client.pull_changesets(task["imodel_id"], folder)) == task["count"]


async def async_use(client: AsyncIModelsClient, task: dict[str, Any], name: str) -> None:
    """Do the same in a task."""
    for concurrency in (1, 2):
        pages = client.changesets.list(task["imodel_id"], page_size=1, concurrency=concurrency).pages()
        assert len(await anext(pages)) == 1
        await pages.aclose()
        listed = client.changesets.list(task["imodel_id"], page_size=1, concurrency=concurrency)
        assert len(await listed.all()) == task["count"]
    folder = Path(task["folder"]) / name
    assert len(await client.pull_changesets(task["imodel_id"], folder)) == task["count"]


def closed(task: dict[str, Any]) -> None:
    """Use a client, and close it."""
    with IModelsClient(**options(task)) as client:
        use(client, task, "closed")


def left_open(task: dict[str, Any]) -> None:
    """End without closing the client, and in the middle of a list."""
    client = IModelsClient(**options(task))
    use(client, task, "open")
    pages = client.changesets.list(task["imodel_id"], page_size=1, concurrency=2).pages()
    next(pages)
    task["kept"] = client, pages


def exited(task: dict[str, Any]) -> None:
    """End by an exception in the middle of a list, while a thread uses the client."""
    with IModelsClient(**options(task)) as client:
        using = threading.Thread(target=use, args=(client, task, "thread"))
        using.start()
        for _ in client.changesets.list(task["imodel_id"], page_size=1, concurrency=2):
            using.join()
            sys.exit(0)


def loops(task: dict[str, Any]) -> None:
    """Use one asynchronous client in several event loops, and close it."""

    async def main(number: int) -> None:
        asyncio.get_running_loop().slow_callback_duration = _PATIENCE
        await asyncio.gather(*(async_use(client, task, f"{number}-{each}") for each in range(AT_ONCE)))
        if number:
            await client.aclose()

    client = AsyncIModelsClient(**options(task))
    for number in range(2):
        asyncio.run(main(number))


def long_lived(task: dict[str, Any]) -> None:
    """Use one client in threads repeatedly; the numbers of threads and open files stay the same."""
    with IModelsClient(**options(task)) as client, ThreadPoolExecutor(AT_ONCE) as executor:

        def once(number: int) -> tuple[int, int]:
            list(executor.map(lambda each: use(client, task, f"{number}-{each}"), range(AT_ONCE)))
            return threading.active_count(), open_files()

        counts = [once(number) for number in range(ROUNDS)]
    print(json.dumps(counts))  # noqa: T201 - the test reads it


def long_lived_tasks(task: dict[str, Any]) -> None:
    """Do the same in tasks."""

    async def main() -> list[tuple[int, int]]:
        asyncio.get_running_loop().slow_callback_duration = _PATIENCE
        counts = []
        async with AsyncIModelsClient(**options(task)) as client:
            for number in range(ROUNDS):
                await asyncio.gather(*(async_use(client, task, f"{number}-{each}") for each in range(AT_ONCE)))
                counts.append((threading.active_count(), open_files()))
        return counts

    print(json.dumps(asyncio.run(main())))  # noqa: T201 - the test reads it


PROGRAMS: dict[str, Callable[[dict[str, Any]], None]] = {
    each.__name__: each for each in (closed, left_open, exited, loops, long_lived, long_lived_tasks)
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](json.loads(sys.argv[2]))
