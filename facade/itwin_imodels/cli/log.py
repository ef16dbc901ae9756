"""The log of the client, shown on standard error: warnings, waits and, with ``--verbose``, every request."""

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final, TextIO

import typer

from itwin_imodels.cli.cells import printable

_NAME: Final = "itwin_imodels"
_WORTH_COUNTING: Final = 2.0
"""Shortest wait in seconds that is counted down at a terminal."""


class Detail(IntEnum):
    """The level of detail: the lowest level of records that are shown."""

    HEADERS = 5
    REQUESTS = logging.DEBUG
    WAITS = logging.INFO
    WARNINGS = logging.WARNING


@contextmanager
def show_log(detail: Detail) -> Iterator[None]:
    """Show the log of the client during a `with` block.

    Args:
        detail: The level of detail.
    """
    logger, handler = logging.getLogger(_NAME), _Handler(detail)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(detail)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()


class _Handler(logging.Handler):
    """Writes records to standard error, and counts down waits if it is a terminal."""

    def __init__(self, detail: Detail) -> None:
        super().__init__(detail)
        self._countdown: _Countdown | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self._stop_counting()
        prefix = "Warning: " if record.levelno >= logging.WARNING else "imodels: "
        typer.echo(f"{prefix}{printable(record.getMessage())}", err=True)
        wait = getattr(record, "retry_in", 0.0)
        stream = sys.stderr
        is_free = stream.isatty() and not hasattr(stream, "rich_proxied_file")  # no progress is shown there
        if wait >= _WORTH_COUNTING and is_free:
            self._countdown = _Countdown(stream, wait)

    def close(self) -> None:
        self._stop_counting()
        super().close()

    def _stop_counting(self) -> None:
        countdown, self._countdown = self._countdown, None
        if countdown is not None:
            countdown.stop()


class _Countdown:
    """A line that shows the seconds left in a wait and disappears when the wait ends."""

    def __init__(self, stream: TextIO, seconds: float) -> None:
        self._stream = stream
        self._end = time.monotonic() + seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while (left := self._end - time.monotonic()) > 0:
            self._write(f"{left:.0f} s left")
            if self._stopped.wait(min(1.0, left)):
                break
        self._write("")

    def _write(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}")
        self._stream.flush()
