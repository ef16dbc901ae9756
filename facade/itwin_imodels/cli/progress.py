"""How far a transfer or a wait is, on standard error, where a person looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
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
"""From this width on there is room for a bar and a title."""


class _TimeLeft(ProgressColumn):
    """Seconds until a wait is given up."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def render(self, task: Task) -> Text:
        left = max(0, int(self._timeout - (task.elapsed or 0)))
        return Text(f"{left // 60}:{left % 60:02} left", "cyan")


@contextmanager
def transfer(title: str, *, quiet: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Show a transfer's bytes, speed and time left; where nobody looks, nothing.

    Args:
        title: What is transferred.
        quiet: Whether nothing is shown.

    Yields:
        What is called with the bytes that are done and those there are in all.
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
def waiting(title: str, timeout: float | None, *, quiet: bool) -> Iterator[None]:
    """Show how long something has been waited for, and how long it will be at most.

    Args:
        title: What is waited for.
        timeout: Seconds after which it is given up.
        quiet: Whether nothing is shown.
    """
    console = _console(quiet=quiet)
    if console is None:
        yield
        return
    columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
    if timeout is not None:
        columns.append(_TimeLeft(timeout))
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(title, total=None)
        yield


def _console(*, quiet: bool) -> Console | None:
    console = Console(stderr=True)
    return console if sys.stderr.isatty() and not quiet else None
