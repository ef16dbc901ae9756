"""Confirm irreversible actions."""

import sys
from collections.abc import Callable

import typer


class NobodyToAskError(ValueError):
    """A confirmation is required, but there is no terminal."""


def confirm(question: Callable[[], str], *, yes: bool) -> None:
    """Ask the user for confirmation.

    Args:
        question: Returns the question; called only if it is asked.
        yes: Whether the user has already confirmed.

    Raises:
        Abort: The user declined.
        NobodyToAskError: There is no terminal.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NobodyToAskError("this cannot be undone, and confirmation requires a terminal: add --yes to proceed")
    typer.confirm(question(), err=True, abort=True)
