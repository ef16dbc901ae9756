"""Connections to storage, kept open between transfers."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels._core.forks import on_fork
from itwin_imodels._core.network import Network
from itwin_imodels._core.time_limit import LONGEST
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels._transfer.options import BACKENDS, REMOVED_BACKEND, TransferOptions, warn_of_removed_backend
from itwin_imodels._transfer.wire import Wire
from itwin_imodels.errors import ConfigurationError

VARIABLE = "IMODELS_TRANSFER_BACKEND"


def check_variable(environment: Mapping[str, str]) -> None:
    """Check the environment variable that selects the backend; one backend has been removed.

    Args:
        environment: The environment variables.

    Raises:
        ConfigurationError: The variable names an unknown backend.
    """
    named = environment.get(VARIABLE)
    if named == REMOVED_BACKEND:
        warn_of_removed_backend(VARIABLE, stacklevel=3)
    elif named and named not in BACKENDS:
        raise ConfigurationError(f"{VARIABLE} must be {' or '.join(BACKENDS)}, not {named!r}")


class Wires:
    """All connections of a client. Each one is lent to one thread at a time, so that it can be aborted on its own."""

    def __init__(self, options: TransferOptions, network: Network) -> None:
        """Create the pool; the first connection is created on first use.

        Raises:
            ConfigurationError: The environment variable `IMODELS_TRANSFER_BACKEND` names an unknown backend.
        """
        if options.backend == "auto":
            check_variable(os.environ)
        self._options = options
        self._network = network
        self._closed = False
        self._open()
        on_fork(self, Wires._open)

    def _open(self) -> None:
        self._lock = threading.Lock()
        self._make: Callable[[], Wire] | None = None
        self._idle: list[Wire] = []

    @contextmanager
    def lend(self, cancellation: Cancellation) -> Iterator[Wire]:
        """Lend a connection for the duration of a block; cancelling aborts it."""
        wire = self._take()
        try:
            with cancellation.calling(wire.abort):
                yield wire
        finally:
            with self._lock:
                keep = not (self._closed or cancellation.cancelled) and len(self._idle) < self._options.parallelism
                if keep:
                    self._idle.append(wire)
            if not keep:
                wire.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when they are returned."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for wire in idle:
            wire.close()

    def _take(self) -> Wire:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._make is None:
                self._make = _maker(self._options, self._network)
            make = self._make
        return make()


def _maker(options: TransferOptions, network: Network) -> Callable[[], Wire]:
    """Return a factory of connections. Libraries are imported here, because importing them is slow."""
    connect, idle = min(options.connect_timeout, LONGEST), min(options.idle_timeout, LONGEST)
    answer = AnswerTimeout(idle=idle, longest=min(options.deadline, LONGEST))
    from urllib.request import getproxies  # noqa: PLC0415 - slow to import

    from itwin_imodels._transfer.wire_http import HttpWire  # noqa: PLC0415 - slow to import
    from itwin_imodels._transfer.wire_httpx import HttpxWire  # noqa: PLC0415 - slow to import

    if network.proxy is None and not (network.trust_env and getproxies()):
        return partial(HttpWire, tls=lambda: network.tls, connect_timeout=connect, answer_timeout=answer)
    wire = partial(HttpxWire, tls=network.tls, network=network)
    return partial(wire, connect_timeout=connect, answer_timeout=answer)
