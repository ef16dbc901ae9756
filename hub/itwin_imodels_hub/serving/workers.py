"""Several processes that serve one hub on one port.

The port is bound once and listened on once; each process takes its connections from the same line, so that one that
ends leaves none behind. What a process must know goes through a pipe, never onto its command line, where everyone could
read the password of the database. The same pipe tells it by its end that nobody is left to serve for.
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
"""Processes that live shorter are begun again no more often than this."""


@frozen(kw_only=True)
class WorkerTask:
    """What a process serves.

    Attributes:
        folder: The hub's folder.
        database: Address of its database.
        storage: Where its files are; None is the folder.
        settings: Its settings.
        users: The users of a new hub.
        descriptor: The socket that is listened on, inherited.
    """

    folder: Path
    database: str = field(repr=False)
    storage: AzureStorage | None
    settings: HubSettings
    users: Sequence[NewUser]
    descriptor: int


class Workers:
    """Processes that serve a hub; one that dies is replaced."""

    def __init__(self, task: Callable[[int], WorkerTask], count: int, *, host: str, port: int) -> None:
        """Bind the port.

        Args:
            task: What each serves, given the descriptor of the socket.
            count: How many there are.
            host: Address or name of the interface.
            port: 0 picks a free one.

        Raises:
            OSError: The port is taken or the address is not of this machine.
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
        """Where it is reached, without a trailing slash."""
        return url_of(self.host, self.port)

    @property
    def pids(self) -> list[int]:
        """The ids of the processes."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Serve; returns when all processes take requests.

        Raises:
            RuntimeError: One does not start; its log says why.
        """
        self._stopping.clear()
        self._processes = [self._begin() for _ in range(self._count)]
        if not all(map(_is_ready, self._processes)):
            self.stop()
            raise RuntimeError("a process of the hub did not start; its log says why")
        self._watcher = threading.Thread(target=self._watch, name=f"workers on port {self.port}", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Finish the requests under way and end the processes."""
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
            _let_go(process)
        self._processes = []
        self._socket.close()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve until interrupted.

        Args:
            announce: Called once, when requests are taken.
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
        here = os.pathsep.join(filter(None, sys.path))  # it finds what this process has found, wherever that is
        process = subprocess.Popen(  # noqa: S603 - a module of ours
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
                _let_go(process)
                begun[place] = time.monotonic()
                self._processes[place] = self._begin()


def _is_ready(process: subprocess.Popen[bytes]) -> bool:
    """Wait for the word of a process; false when it ends instead."""
    return process.stdout is not None and process.stdout.readline() != b""


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Take note of the end of a process, and close what leads to it."""
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
