"""Asking before something that cannot be undone."""

import sys
from collections.abc import Callable

import typer


class NobodyToAskError(ValueError):
    """There is no terminal, and the answer is not known."""


def confirm(question: Callable[[], str], *, yes: bool) -> None:
    """Ask a person.

    Args:
        question: Gives what would happen, in words; only called when somebody is asked.
        yes: Whether the answer is known.

    Raises:
        Abort: The answer is no.
        NobodyToAskError: There is no terminal.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NobodyToAskError("this cannot be undone and there is no terminal to ask at; add --yes if it is meant")
    typer.confirm(question(), err=True, abort=True)
