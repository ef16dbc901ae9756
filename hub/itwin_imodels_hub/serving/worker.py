"""One of several processes that serve a hub; see `workers`. Run as a module, with its task on the standard input."""

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
    """Serve until told to end, or until the other end of the standard input is gone."""
    task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that began this one
    if not isinstance(task, WorkerTask):
        raise TypeError("the standard input holds no task")
    listener = socket.socket(fileno=task.descriptor)
    hub = LocalHub(
        task.folder,
        database=task.database,
        storage=task.storage,
        settings=task.settings,
        users=task.users,
        listener=listener,
        control=False,
    )

    def end(_: int, __: FrameType | None) -> None:
        hub.end_soon()

    # The server listens to signals while it serves, and sends them here once more afterwards.
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=_wait_for_the_end, args=(hub,), name="end of the standard input", daemon=True).start()
    hub.run(_say_ready)


def _wait_for_the_end(hub: LocalHub) -> None:
    os.read(sys.stdin.fileno(), 1)  # below Python's buffer, whose lock must be free when the process ends
    hub.end_soon()


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
