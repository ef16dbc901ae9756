"""Lines to storage, kept open between transfers."""

import os
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import Final

from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels._core.forks import abandon, on_fork
from itwin_imodels._core.network import Network
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.wire import Wire
from itwin_imodels.errors import ConfigurationError

VARIABLE = "IMODELS_TRANSFER_BACKEND"

_CANNOT_VERIFY: Final = (
    "the backend 'pyreqwest' cannot verify certificates with those of verify, or without SSL_CERT_FILE "
    "and SSL_CERT_DIR: use the backend 'auto' or 'httpx'"
)

_WORKING = ((0, 11), (0, 12))
"""From which version of pyreqwest on, and before which. Later ones bring mimalloc 3.3, which ends the whole process
when threads come and go (microsoft/mimalloc issue 1287)."""


def works(pyreqwest: str | None) -> bool:
    """Return whether a version of pyreqwest can be used.

    Args:
        pyreqwest: Its version; None if it is not installed.
    """
    if pyreqwest is None:
        return False
    first, second, *_ = (int(part) if part.isdecimal() else 0 for part in [*pyreqwest.split("."), "0"])
    return _WORKING[0] <= (first, second) < _WORKING[1]


def chosen_backend(wanted: str, environment: Mapping[str, str], pyreqwest: str | None) -> str:
    """Decide which library speaks HTTP.

    Args:
        wanted: The setting.
        environment: The environment's variables.
        pyreqwest: The version of pyreqwest that is installed; None if it is not.

    Raises:
        ConfigurationError: There is no such library, or it is not installed.
    """
    source = "backend"
    if wanted == "auto" and environment.get(VARIABLE):
        source, wanted = VARIABLE, environment[VARIABLE]
    if wanted == "auto":
        return "pyreqwest" if works(pyreqwest) else "httpx"
    if wanted not in {"httpx", "pyreqwest"}:
        raise ConfigurationError(f"{source} is {wanted!r}; it can be auto, httpx or pyreqwest")
    if wanted == "pyreqwest" and not works(pyreqwest):
        there = f", not version {pyreqwest}" if pyreqwest else ""
        raise ConfigurationError(f"{source}: pyreqwest comes with pip install 'itwin-imodels[fast]'{there}")
    return wanted


class _Runtime:
    """The threads of pyreqwest, which it starts once in a process. A forked child has no way to start them again."""

    def __init__(self) -> None:
        """Begin with those of this process."""
        self.is_inherited = False
        on_fork(self, _Runtime._look)

    def _look(self) -> None:
        self.is_inherited = self.is_inherited or "pyreqwest" in sys.modules


_RUNTIME: Final = _Runtime()


class Wires:
    """All lines of a client; each is lent to one thread at a time, so that it can be cut without harm to others."""

    def __init__(self, options: TransferOptions, network: Network) -> None:
        """Choose the backend; the first line is made when it is needed.

        Raises:
            ConfigurationError: The backend is not there.
        """
        is_chosen = options.backend == "httpx" or (options.backend == "auto" and os.environ.get(VARIABLE) == "httpx")
        backend = chosen_backend(options.backend, os.environ, None if is_chosen else _installed_pyreqwest())
        if network.needs_own_tls and backend == "pyreqwest":
            if options.backend == "pyreqwest":
                raise ConfigurationError(_CANNOT_VERIFY)
            backend = "httpx"
        self.backend = "httpx" if _RUNTIME.is_inherited else backend
        self._options = options
        self._network = network
        self._closed = False
        self._open()
        on_fork(self, Wires._renew)

    def _open(self) -> None:
        self._lock = threading.Lock()
        self._make: Callable[[], Wire] | None = None
        self._idle: list[Wire] = []

    def _renew(self) -> None:
        if self.backend == "pyreqwest":
            abandon(self._idle)
            self.backend = "httpx" if _RUNTIME.is_inherited else self.backend
        self._open()

    @contextmanager
    def lend(self, cancellation: Cancellation) -> Iterator[Wire]:
        """Lend a line for as long as the block lasts; cancelling cuts it."""
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
        """Close the lines that nobody uses now, and each other one when it comes back."""
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
                self._make = _maker(self.backend, self._options, self._network)
            make = self._make
        return make()


def _installed_pyreqwest() -> str | None:
    if find_spec("pyreqwest") is None:
        return None
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - takes long, and is rarely needed

    try:
        return version("pyreqwest")
    except PackageNotFoundError:
        return None


def _maker(backend: str, options: TransferOptions, network: Network) -> Callable[[], Wire]:
    """Import the library late: it takes longer than the rest of the package."""
    answer = AnswerTimeout(idle=options.idle_timeout, longest=options.deadline)
    if backend == "pyreqwest":
        from itwin_imodels._transfer.wire_pyreqwest import PyreqwestWire  # noqa: PLC0415 - an optional extra

        return partial(PyreqwestWire, network=network, connect_timeout=options.connect_timeout, answer_timeout=answer)
    from urllib.request import getproxies  # noqa: PLC0415 - late, as above

    from itwin_imodels._transfer.wire_http import HttpWire  # noqa: PLC0415 - late, as above
    from itwin_imodels._transfer.wire_httpx import HttpxWire, shared_tls  # noqa: PLC0415 - late, as above

    def tls() -> ssl.SSLContext:
        return shared_tls() if network.verify is True and network.trust_env else network.tls

    if network.proxy is None and not (network.trust_env and getproxies()):
        return partial(HttpWire, tls=tls, connect_timeout=options.connect_timeout, answer_timeout=answer)
    wire = partial(HttpxWire, tls=tls(), network=network)
    return partial(wire, connect_timeout=options.connect_timeout, answer_timeout=answer)
