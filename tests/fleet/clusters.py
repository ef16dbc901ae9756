"""Dask schedulers and workers as separate processes, which tests may kill."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

_PATIENCE = 120.0

_OTHER_VERSION = "import itwin_imodels._version as v; v.__version__ = '0.0.0'; "
_START = "from dask.__main__ import main; main()"


class DaskProcesses:
    """A scheduler and its workers.

    Attributes:
        address: Address of the scheduler.
        workers: The processes of the workers.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Prepare a cluster; `start` runs it.

        Args:
            folder: Folder for logs and scratch files.
            environment: Variables of the workers, which the scheduler does not get.
        """
        self.address = ""
        self.workers: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self._environment = environment
        self._scheduler: subprocess.Popen[bytes] | None = None

    def start(self, workers: int, *, is_other_version: bool = False) -> None:
        """Start everything, and wait for the address of the scheduler."""
        file = self._folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        self._scheduler = self._started("scheduler", options, {}, is_other_version=is_other_version)
        until(file.is_file)
        until(lambda: bool(file.read_text()))
        self.address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            self.add_worker()

    def add_worker(self) -> None:
        """Start a worker."""
        scratch = self._folder / "scratch"
        options = [self.address, "--no-nanny", "--nthreads", "2", "--no-dashboard", "--local-directory", str(scratch)]
        self.workers.append(self._started("worker", options, self._environment))

    def kill_worker(self) -> None:
        """Kill the oldest worker, as the kernel does if memory runs out, and start another one."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait()
        self.add_worker()

    def stop(self) -> None:
        """Kill all processes."""
        for process in (*self.workers, self._scheduler):
            if process is not None:
                process.kill()
                process.wait()

    def logs(self) -> str:
        """Return what all processes have written so far."""
        return "".join(each.read_text() for each in sorted(self._folder.glob("*.log")))

    def _started(
        self, name: str, options: list[str], environment: Mapping[str, str], *, is_other_version: bool = False
    ) -> subprocess.Popen[bytes]:
        code = (_OTHER_VERSION if is_other_version else "") + _START
        with (self._folder / f"{name}-{time.monotonic_ns()}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-c", code, name, *options],
                env={**os.environ, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is met."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        time.sleep(0.01)
