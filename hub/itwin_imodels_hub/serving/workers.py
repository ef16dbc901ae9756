"""Several processes that serve one hub on one port.

All processes accept from the same listening socket, so that no queued connection is lost when one of them ends. A pipe
passes the task to each process; a command line would expose the database password. A closed pipe means that the parent
has exited.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import field, frozen

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs.azure_account.settings import AzureStorage
from itwin_imodels_hub.identity import NewUser
from itwin_imodels_hub.serving.http_server import listen, url_of

_END_SECONDS = 15.0
_WATCH_SECONDS = 0.2
_SHORTEST_LIFE = 2.0
"""Minimum interval between restarts of a process that exits early, in seconds."""


@frozen(kw_only=True)
class WorkerTask:
    """The configuration of a worker process.

    Attributes:
        folder: Data folder of the hub.
        database: Database URL.
        storage: Blob storage; None is the data folder.
        settings: Settings of the hub.
        users: Users of a new hub.
        descriptor: File descriptor of the inherited listening socket.
    """

    folder: Path
    database: str = field(repr=False)
    storage: AzureStorage | None
    settings: HubSettings
    users: Sequence[NewUser]
    descriptor: int


class Workers:
    """Worker processes of a hub; a process that dies is replaced."""

    def __init__(self, task: Callable[[int], WorkerTask], count: int, *, host: str, port: int) -> None:
        """Bind the port.

        Args:
            task: Returns the task for the descriptor of the socket.
            count: Number of processes.
            host: Address or name of the interface.
            port: Port; 0 picks a free one.

        Raises:
            OSError: The port is in use or the address does not belong to this machine.
        """
        self._socket = listen(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self._task = task(self._socket.fileno())
        self._count = count
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Base URL of the server, without a trailing slash."""
        return url_of(self.host, self.port)

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Start all processes and return when each accepts requests.

        Raises:
            RuntimeError: A process did not start; see its log.
        """
        self._stopping.clear()
        self._processes = [self._begin() for _ in range(self._count)]
        if not all(map(_is_ready, self._processes)):
            self.stop()
            raise RuntimeError("a hub process did not start: see its log")
        self._watcher = threading.Thread(target=self._watch, name=f"workers on port {self.port}", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Finish running requests and stop the processes."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        for process in self._processes:
            process.terminate()
        end = time.monotonic() + _END_SECONDS
        for process in self._processes:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
            _reap(process)
        self._processes = []
        self._socket.close()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve until interrupted.

        Args:
            announce: Called once, when the server accepts requests.
        """
        try:
            self.start()
            announce()
            while not self._stopping.wait(_WATCH_SECONDS):
                pass
        finally:
            self.stop()

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "itwin_imodels_hub.serving.worker"]
        here = os.pathsep.join(filter(None, sys.path))  # the child imports from the same places
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[self._task.descriptor],
            env={**os.environ, "PYTHONPATH": here},
        )
        if process.stdin is not None:
            process.stdin.write(pickle.dumps(self._task))
            process.stdin.flush()
        return process

    def _watch(self) -> None:
        begun = [time.monotonic()] * self._count
        while not self._stopping.wait(_WATCH_SECONDS):
            for place, process in enumerate(self._processes):
                if process.poll() is None or time.monotonic() - begun[place] < _SHORTEST_LIFE:
                    continue
                _reap(process)
                begun[place] = time.monotonic()
                self._processes[place] = self._begin()


def _is_ready(process: subprocess.Popen[bytes]) -> bool:
    """Wait until a process reports that it is ready; return False if it ends instead."""
    return process.stdout is not None and process.stdout.readline() != b""


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process to end and close its pipes."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
