"""Authors in separate processes."""

import multiprocessing
import os
import signal
from typing import Any

from itwin_imodels_hub import LocalHub
from tests.workflows.helpers import author

_PROCESSES = multiprocessing.get_context("forkserver")  # each begins with everything imported
_PROCESSES.set_forkserver_preload([author.__name__])


class Author:
    """A process that does one task; see `author.py`.

    Attributes:
        process: The process.
    """

    def __init__(self, hub: LocalHub, colour: str, **task: Any) -> None:
        """Start the process."""
        task = {"colour": colour, "base_url": hub.base_url, "token": hub.token("ada"), **task}
        self._receiver, sender = _PROCESSES.Pipe(duplex=False)
        self.process = _PROCESSES.Process(target=author.main, args=(task, sender), daemon=True)
        self.process.start()
        sender.close()

    @classmethod
    def calling(cls, hub: LocalHub, colour: str, verb: str, *arguments: Any, **options: Any) -> "Author":
        """Start a process that calls a method of the client."""
        return cls(hub, colour, verb=verb, arguments=arguments, options=options)

    def signal(self, number: int) -> None:
        """Send a signal to the process."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def end(self, number: int) -> Any:
        """End the process by a signal, and return its output, if there is any."""
        self.signal(number)
        return self.outcome()

    def kill(self) -> None:
        """Kill the process."""
        assert self.end(signal.SIGKILL) is None

    def outcome(self) -> Any:
        """Wait for the end of the process, and return its output."""
        self.process.join(300)
        assert self.process.exitcode is not None
        with self._receiver as receiver:
            outcome = receiver.recv() if self.process.exitcode == 0 else None
        self.process.close()
        return outcome
