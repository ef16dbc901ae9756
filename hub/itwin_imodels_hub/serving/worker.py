"""Entry point of a worker process; see `workers`. Run as a module with a pickled `WorkerTask` on standard input."""

import os
import pickle
import signal
import socket
import sys
import threading
from types import FrameType

from itwin_imodels_hub.serving.local import LocalHub
from itwin_imodels_hub.serving.workers import WorkerTask


def main() -> None:
    """Serve until the process receives a signal or its standard input is closed."""
    task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the parent process
    if not isinstance(task, WorkerTask):
        raise TypeError("standard input does not contain a WorkerTask")
    listener = socket.socket(fileno=task.descriptor)
    hub = LocalHub(
        task.folder,
        database=task.database,
        storage=task.storage,
        settings=task.settings,
        users=task.users,
        listener=listener,
    )

    def end(_: int, __: FrameType | None) -> None:
        hub.end_soon()

    # The server handles signals while it runs and raises them again here when it has stopped.
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=_stop_at_end_of_input, args=(hub,), name="watch standard input", daemon=True).start()
    hub.run(_report_ready)


def _stop_at_end_of_input(hub: LocalHub) -> None:
    os.read(sys.stdin.fileno(), 1)  # bypasses Python's buffer, whose lock must be free when the process exits
    hub.end_soon()


def _report_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
