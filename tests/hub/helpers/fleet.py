"""Several processes of one hub, and clients that call any of them."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

COMMAND = Path(sys.executable).with_name("imodels")
IMODELS = [str(COMMAND)] if COMMAND.exists() else [sys.executable, "-c", "from itwin_imodels.cli import main; main()"]
SECONDS = 30


class Member:
    """One process of `imodels hub serve`."""

    def __init__(self, folder: Path, database: str, *options: str | Path) -> None:
        """Start the process; `announcement` waits until it accepts requests."""
        command = [*IMODELS, "hub", "serve", "--json", "--port", "0", "--data-dir", str(folder), *map(str, options)]
        environment = {**os.environ, "IMODELS_HUB_DATABASE": database}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @property
    def announcement(self) -> dict[str, Any]:
        """Return the output of the process once it accepts requests."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        return dict(json.loads(line))

    def kill(self) -> None:
        """Kill the process, whatever it is doing."""
        self.process.kill()
        self.process.communicate(timeout=SECONDS)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End the process gracefully, and return its exit status and its messages."""
        self.process.send_signal(number)
        _, messages = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, messages

    def dispose(self) -> None:
        """End the process if it is running, and close its pipes."""
        if self.process.poll() is None:
            self.process.terminate()
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.process.communicate(timeout=SECONDS)


@contextmanager
def fleet(count: int, folder: Path, database: str, *options: str | Path) -> Iterator[tuple[list[Member], list[str]]]:
    """Run processes of one hub for the duration of the block; yield them and their base URLs."""
    members = [Member(folder, database, *options) for _ in range(count)]
    try:
        yield members, [str(member.announcement["base_url"]).removesuffix("/imodels") for member in members]
    finally:
        for member in members:
            member.dispose()


class Roamer:
    """A user who calls a random process each time, and counts the unanswered requests."""

    def __init__(self, addresses: Sequence[str], user: str, seed: int) -> None:
        """Call as a user."""
        self._headers = {"Authorization": f"Bearer {user}-token"}
        self._clients = [httpx.Client(base_url=each, timeout=SECONDS) for each in addresses]
        self.chooser = random.Random(seed)  # noqa: S311 - chooses processes
        self.unanswered = 0
        self.answered = 0

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.close()

    def call(self, method: str, path: str, *, prefer: str = "", **options: Any) -> httpx.Response | None:
        """Call one of the processes; return None if it ended before it responded, so that the outcome is unknown."""
        client = self.chooser.choice(self._clients)
        try:
            headers = {**self._headers, "Prefer": prefer}
            answer = client.request(method, f"/imodels{path}", headers=headers, **options)
        except httpx.ConnectError:  # it did nothing: ask another
            self._clients.remove(client)
            client.close()
            return self.call(method, path, prefer=prefer, **options)
        except httpx.TransportError:
            self.unanswered += 1
            return None
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text}"
        self.answered += 1
        return answer

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call until a process responds; for repeatable requests."""
        while (answer := self.call(method, path, **options)) is None:
            pass
        return answer

    def put(self, link: str, content: bytes) -> None:
        """Upload a file through any of the processes, which have the files in common."""
        path = httpx.URL(link)
        while True:
            client = self.chooser.choice(self._clients)
            try:
                headers = {"x-ms-blob-type": "BlockBlob"}
                answer = client.put(path.raw_path.decode(), content=content, headers=headers)
            except httpx.ConnectError:
                self._clients.remove(client)
                client.close()
            except httpx.TransportError:
                self.unanswered += 1
            else:
                assert answer.status_code == 201, answer.text
                return


def wait_until(true: Any, seconds: float = SECONDS) -> None:
    """Wait until a function returns true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the condition was not met in time"
        time.sleep(0.05)
