"""Tasks of processes with an inherited client, or with their own."""

import asyncio
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from itwin_imodels import AsyncIModelsClient, IModelsClient

ROUNDS = 30
_PATIENCE = 90.0

Timelines = Mapping[str, Sequence[str]]
"""The ids of the changesets of each iModel."""


def look_around(client: IModelsClient, timelines: Timelines, folder: Path, rounds: int = ROUNDS) -> None:
    """Request iModels in turn, list each timeline with pages fetched ahead, and pull it."""
    ids = list(timelines)
    for number in range(rounds):
        imodel_id = ids[number % len(ids)]
        assert client.imodels.get(imodel_id).id == imodel_id
    for imodel_id, timeline in timelines.items():
        for concurrency in (1, 2):
            listed = client.changesets.list(imodel_id, page_size=1, concurrency=concurrency)
            assert [each.id for each in listed] == timeline
        pulled = client.pull_changesets(imodel_id, folder / imodel_id)
        assert [each.path.read_bytes() != b"" and each.changeset.id for each in pulled] == timeline


async def async_look_around(
    client: AsyncIModelsClient, timelines: Timelines, folder: Path, rounds: int = ROUNDS
) -> None:
    """Do the same in tasks, a few at once."""
    ids = list(timelines)

    async def get(number: int) -> None:
        imodel_id = ids[number % len(ids)]
        assert (await client.imodels.get(imodel_id)).id == imodel_id

    for begin in range(0, rounds, 5):
        await asyncio.gather(*(get(number) for number in range(begin, min(begin + 5, rounds))))
    for imodel_id, timeline in timelines.items():
        for concurrency in (1, 2):
            listed = client.changesets.list(imodel_id, page_size=1, concurrency=concurrency)
            assert [each.id async for each in listed] == timeline
        pulled = await client.pull_changesets(imodel_id, folder / imodel_id)
        assert [each.path.read_bytes() != b"" and each.changeset.id for each in pulled] == timeline


def with_client_of_its_own(options: Mapping[str, Any], timelines: Timelines, folder: Path, _: int) -> None:
    """Create a client, as a spawned process has to, and use it."""
    with IModelsClient(**options) as client:
        look_around(client, timelines, folder)


def run_children(method: str, count: int, work: Callable[..., None], *arguments: Any) -> list[int | None]:
    """Run processes in parallel, each with its number as the last argument, and return their exit codes."""
    context = multiprocessing.get_context(method)
    processes = [context.Process(target=work, args=(*arguments, number)) for number in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(_PATIENCE)
    codes = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
        process.join()
        process.close()
    return codes
