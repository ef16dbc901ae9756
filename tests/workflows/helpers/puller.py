"""A separate process that pulls or mirrors, which a test kills, interrupts or limits."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from itwin_imodels import AsyncIModelsClient, IModelsClient
from tests.workflows.helpers.histories import History

_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE = 60


class Puller:
    """The process, seen from the test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Wrap it; see `pulling`."""
        self.process = process

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.communicate(timeout=_PATIENCE)

    def outcome(self) -> str:
        """Wait for the end of the process; return `done`, or the name of an error."""
        output, _ = self.process.communicate(timeout=_PATIENCE)
        return output.strip()


@contextmanager
def pulling(history: History, colour: str, verb: str, folder: Path, **options: Any) -> Iterator[Puller]:
    """Run a verb on a history in another process, which ends with the block at the latest."""
    task = {
        "colour": colour,
        "base_url": history.hub.base_url,
        "token": history.hub.token("ada"),
        "verb": verb,
        "arguments": [history.imodel_id, str(folder)],
        "options": options,
    }
    path = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.workflows.helpers.puller", json.dumps(task)]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Puller(process)
        finally:
            process.kill()


def main(task: dict[str, Any]) -> None:
    """Do the task, and print its outcome."""
    try:
        if task["colour"] == "async":
            asyncio.run(_with_tasks(task))
        else:
            with IModelsClient(task["token"], base_url=task["base_url"]) as client:
                getattr(client, task["verb"])(*task["arguments"], **task["options"])
        outcome = "done"
    except BaseException as error:  # noqa: BLE001 - reported to the test
        outcome = type(error).__name__
    print(outcome)  # noqa: T201 - the test reads it


async def _with_tasks(task: dict[str, Any]) -> None:
    async with AsyncIModelsClient(task["token"], base_url=task["base_url"]) as client:
        await getattr(client, task["verb"])(*task["arguments"], **task["options"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
