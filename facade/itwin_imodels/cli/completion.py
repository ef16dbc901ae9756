"""Shell completion of names and ids from the service, with a short timeout and no message on failure."""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Final, Protocol

import typer

if TYPE_CHECKING:
    from itwin_imodels.cli.run import Run

TIMEOUT: Final = "IMODELS_COMPLETION_TIMEOUT"
"""Environment variable with the maximum time in seconds that the shell waits for a completion."""
_SECONDS: Final = 2.0
_MAX: Final = 1000
_SHELL: Final = "_IMODELS_COMPLETE"
_POWERSHELL: Final = frozenset(" \t\"'\u2018\u2019\u201a\u201b\u201c\u201d\u201e`$&|;<>()[]{}@#,")
_ESCAPES: Final = {
    "bash": ("\\", frozenset(" \t\"'\\$`&|;<>()[]{}*?!~#")),
    "powershell": ("`", _POWERSHELL),
    "pwsh": ("`", _POWERSHELL),
}
"""Escape and special characters of the shells that insert suggestions unchanged; other shells escape automatically."""
_UNQUOTABLE: Final = {"zsh": frozenset("\"'\\")}
"""Characters that zsh would misread: its completion script evaluates suggestions, and Typer does not quote these."""

Suggestions = list[tuple[str, str]]


class _Named(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def display_name(self) -> str: ...


def complete_imodels(ctx: typer.Context, incomplete: str) -> Suggestions:
    """Return the names and ids that begin with a string, of iModels in the iTwin."""
    return _suggestions(
        ctx, incomplete, lambda run: run.client.imodels.list(run.itwin_id(), detail="minimal", limit=_MAX)
    )


def complete_itwins(ctx: typer.Context, incomplete: str) -> Suggestions:
    """Return the names and ids that begin with a string, of iTwins."""
    return _suggestions(ctx, incomplete, lambda run: run.client.itwins.list(limit=_MAX))


def matching(entities: Iterable[_Named], incomplete: str) -> Suggestions:
    """Return the names that begin with a string, and the ids if the string is not empty."""
    listed = list(entities)
    names = [(each.display_name, each.id) for each in listed if each.display_name.startswith(incomplete)]
    ids = [(each.id, each.display_name) for each in listed if incomplete and each.id.startswith(incomplete)]
    return [*names, *ids]


def _suggestions(ctx: typer.Context, incomplete: str, find: "Callable[[Run], Iterable[_Named]]") -> Suggestions:
    """Request suggestions in a thread; return nothing if that takes too long or fails."""
    suggestions: Suggestions = []
    seconds = _seconds()

    def ask() -> None:
        from itwin_imodels.errors import IModelsError  # noqa: PLC0415 - only a completion needs it

        with suppress(IModelsError, OSError, ValueError), _run(ctx, seconds) as run:
            suggestions.extend(matching(find(run), incomplete))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    shell = os.environ.get(_SHELL, "").rpartition("_")[2]
    return [
        (value, _plain(about))
        for name, about in suggestions
        if name.isprintable() and (value := _quoted(name, incomplete, shell)) is not None
    ]


def _seconds() -> float:
    try:
        return float(os.environ[TIMEOUT])
    except (KeyError, ValueError):
        return _SECONDS


def _run(ctx: typer.Context, seconds: float) -> "Run":
    """Return a run with the common options given so far, whose client does not retry."""
    from itwin_imodels.cli.run import Common, Run  # noqa: PLC0415 - only a completion needs it

    options = {each.name: ctx.params[each.name] for each in fields(Common) if ctx.params.get(each.name) is not None}
    return Run(Common(**options), patience=seconds)


def _quoted(value: str, incomplete: str, shell: str) -> str | None:
    """Escape the rest of a value if the shell inserts it unchanged.

    Returns None if the value cannot be suggested: the shell would misread it, or the typed characters already contain
    escapes, which the shell would lose.
    """
    if _UNQUOTABLE.get(shell, frozenset()).intersection(value):
        return None
    if shell not in _ESCAPES:
        return value
    escape, special = _ESCAPES[shell]
    if special.intersection(incomplete):
        return None
    rest = value.removeprefix(incomplete)
    return incomplete + "".join(f"{escape}{each}" if each in special else each for each in rest)


def _plain(about: str) -> str:
    """Return an explanation without characters that Typer treats as markup or zsh would misread."""
    return "".join(each if each.isprintable() and each not in "[\\" else " " for each in about)
