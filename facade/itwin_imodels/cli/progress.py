"""Progress of transfers and waits, shown on standard error if it is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

_WIDE: Final = 70
"""Minimum width for a bar and a title, in characters."""


class _TimeLeft(ProgressColumn):
    """Column with the time left until the timeout of a wait."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def render(self, task: Task) -> Text:
        left = max(0, int(self._timeout - (task.elapsed or 0)))
        return Text(f"{left // 60}:{left % 60:02} left", "cyan")


class _Rate(ProgressColumn):
    """Column with the number of entities per minute."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{60 * task.speed:.0f}/min", "cyan")


@contextmanager
def transfer(title: str, *, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Show the bytes, speed and remaining time of a transfer, if standard error is a terminal.

    Args:
        title: Title of the transfer.
        quiet: Whether to show nothing.

    Yields:
        Callback for the number of bytes done and the total, which may be None.
    """
    console = _console(quiet=quiet)
    if console is None:
        yield lambda _done, _total: None
        return
    numbers = [DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(compact=True)]
    begin: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()] if console.width >= _WIDE else []
    with Progress(*begin, *numbers, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def counting(title: str, *, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Show the number of finished entities, their rate and the remaining time, if standard error is a terminal.

    Args:
        title: Title of the work.
        quiet: Whether to show nothing.

    Yields:
        Callback for the number of finished entities, the number of all entities, and a description of the results so
        far.
    """
    console = _console(quiet=quiet)
    if console is None:
        yield lambda _done, _total, _text: None
        return
    begin: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()] if console.width >= _WIDE else []
    numbers = [MofNCompleteColumn(), _Rate(), TimeRemainingColumn(compact=True), TextColumn("{task.fields[text]}")]
    with Progress(*begin, *numbers, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None, text="")
        yield lambda done, total, text: progress.update(task, completed=done, total=total, text=text)


@contextmanager
def waiting(title: str, timeout: float | None, *, quiet: bool) -> Iterator[None]:
    """Show the elapsed and the remaining time of a wait, if standard error is a terminal.

    Args:
        title: Title of the wait.
        timeout: Timeout of the wait in seconds; None or infinite if there is none.
        quiet: Whether to show nothing.
    """
    console = _console(quiet=quiet)
    if console is None:
        yield
        return
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
    if timeout is not None and isfinite(timeout):
        columns.append(_TimeLeft(timeout))
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(title, total=None)
        yield


def _console(*, quiet: bool) -> Console | None:
    console = Console(stderr=True)
    return console if sys.stderr.isatty() and not quiet else None
