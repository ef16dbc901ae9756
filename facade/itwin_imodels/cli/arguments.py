"""Arguments and options that several commands have, and what is read from them."""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import IntFlag
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

F = TypeVar("F", bound=IntFlag)

IModelName = Annotated[
    str, typer.Argument(metavar="IMODEL", help="The iModel: its id, or its name in the iTwin.", show_default=False)
]
ChangesetPlace = Annotated[
    str, typer.Argument(metavar="CHANGESET", help="The changeset: its index (0 is the baseline) or its id.")
]
BriefcaseNumber = Annotated[int, typer.Argument(metavar="BRIEFCASE", help="The briefcase's number.", min=2)]
Limit = Annotated[int | None, typer.Option(help="How many at most.", min=0)]
PageSize = Annotated[int | None, typer.Option(help="How many of one request.", min=1, max=1000)]
Description = Annotated[str | None, typer.Option(help="Its description, at most 255 characters.")]
Sort = Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Order, such as 'name desc'; repeatable.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Timeout = Annotated[float, typer.Option(help="Seconds to wait at most.", min=0)]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until it can be worked on.")]

WAIT: Final = 600.0
"""Seconds that commands wait for iModels, unless told otherwise."""

_ID_LENGTH: Final = 40
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def place(text: str) -> str | int:
    """Read what names a changeset: digits are its index, unless there are as many as an id has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _ID_LENGTH else text


def optional_place(text: str | None) -> str | int | None:
    """Read what names a changeset, if anything does."""
    return None if text is None else place(text)


def duration(text: str) -> timedelta:
    """Read a length of time such as `30d` or `12h`.

    Raises:
        ValueError: It is none.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit()):
        raise ValueError(f"{text!r} is no length of time: write a number and one of {', '.join(_UNITS)}, such as 30d")
    return timedelta(seconds=int(number) * _UNITS[unit])


def object_ids(given: Iterable[str] | None) -> list[str]:
    """Read ids of objects; `@FILE` stands for those in a file, `@-` for those of the standard input.

    Raises:
        OSError: The file cannot be read.
    """
    return [object_id for each in given or () for object_id in text(each).split()]


def text(given: str) -> str:
    """Give a text; `@FILE` stands for that of a file, `@-` for that of the standard input.

    Raises:
        OSError: The file cannot be read.
    """
    if not given.startswith("@"):
        return given
    return sys.stdin.read() if given == "@-" else path(given[1:]).read_text(encoding="utf-8")


def path(given: str) -> Path:
    """Return the path that a text names. Shells do not expand a `~` after `=` or `@`, so it is expanded here."""
    return Path(os.path.expanduser(given))  # noqa: PTH111 - Path.expanduser() fails for names of no user


def is_changeset_id(text: str) -> bool:
    """Tell whether a text has the form of a changeset's id."""
    return len(text) == _ID_LENGTH and all(each in "0123456789abcdefABCDEF" for each in text)


def flags(kinds: type[F], names: Iterable[str]) -> F:
    """Read names of kinds, which are put together.

    Raises:
        ValueError: A name is none of them.
    """
    found = kinds(0)
    for name in names:
        try:
            found |= kinds[name.upper().replace("-", "_")]
        except KeyError:
            allowed = ", ".join(each.lower() for each in kinds.__members__)
            raise ValueError(f"{name!r} is none of {allowed}") from None
    return found


def changes(given: Mapping[str, object | None], removed: Mapping[str, bool]) -> dict[str, Any]:
    """Put together what an update changes.

    Args:
        given: New values; None for what stays as it is.
        removed: Whether a value is taken away.

    Raises:
        ValueError: A value is given and taken away.
    """
    found = {name: value for name, value in given.items() if value is not None}
    for name in (name for name, wanted in removed.items() if wanted):
        if name in found:
            raise ValueError(f"--{name} and --no-{name} exclude each other")
        found[name] = None
    return found
