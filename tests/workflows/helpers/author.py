"""An author in a separate process, which a test kills or interrupts."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions
from itwin_imodels.errors import NewerChangesExist
from tests.workflows.helpers.dying import WriteCounter
from tests.workflows.helpers.files import changeset_file

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

IN_BLOCKS = TransferOptions(block_threshold=128 << 10, block_size=64 << 10, block_parallelism=2, retries=3)


def main(task: dict[str, Any], sender: "Connection[Any, Any]") -> None:
    """Do the task, and send its outcome to the test."""
    writes = WriteCounter(task.get("dies_at"))
    if "dies_at" in task:
        writes.start()
    try:
        outcome = asyncio.run(_with_tasks(task)) if task["colour"] == "async" else _with_threads(task)
    except BaseException as error:  # noqa: BLE001 - reported to the test
        outcome = {
            "error": type(error).__name__,
            "message": str(error),
            "notes": getattr(error, "__notes__", []),
        }
    sender.send({"writes": writes.count, **outcome} if "dies_at" in task else outcome)


def _with_threads(task: dict[str, Any]) -> Any:
    with IModelsClient(task["token"], base_url=task["base_url"], transfer=IN_BLOCKS) as client:
        if "pushes" in task:
            return [_push_on_newest(client, task) for _ in range(task["pushes"])]
        result = getattr(client, task["verb"])(*task["arguments"], **task["options"])
        return {"id": getattr(result, "id", None)}


def _push_on_newest(client: IModelsClient, task: dict[str, Any]) -> str:
    while True:
        newest = client.changesets.latest(task["imodel_id"])
        parent_id = None if newest is None else newest.id
        file = changeset_file(Path(task["folder"]), parent_id)
        options = {"briefcase_id": task["briefcase_id"], "parent_id": parent_id}
        try:
            return client.push_changeset(task["imodel_id"], file, **options).id
        except NewerChangesExist:
            continue


async def _with_tasks(task: dict[str, Any]) -> Any:
    async with AsyncIModelsClient(task["token"], base_url=task["base_url"], transfer=IN_BLOCKS) as client:
        if "pushes" in task:
            return [await _push_on_newest_in_task(client, task) for _ in range(task["pushes"])]
        result = await getattr(client, task["verb"])(*task["arguments"], **task["options"])
        return {"id": getattr(result, "id", None)}


async def _push_on_newest_in_task(client: AsyncIModelsClient, task: dict[str, Any]) -> str:
    while True:
        newest = await client.changesets.latest(task["imodel_id"])
        parent_id = None if newest is None else newest.id
        file = changeset_file(Path(task["folder"]), parent_id)
        options = {"briefcase_id": task["briefcase_id"], "parent_id": parent_id}
        try:
            return (await client.push_changeset(task["imodel_id"], file, **options)).id
        except NewerChangesExist:
            continue
