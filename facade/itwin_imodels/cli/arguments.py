"""Arguments and options shared by several commands, and their parsers."""

import errno
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import IntFlag
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from itwin_imodels.cli.completion import complete_imodels
from itwin_imodels.errors import MissingFile

F = TypeVar("F", bound=IntFlag)

IModelName = Annotated[
    str,
    typer.Argument(
        metavar="IMODEL",
        help="Id of the iModel, or its name within the iTwin.",
        show_default=False,
        autocompletion=complete_imodels,
    ),
]
ChangesetPlace = Annotated[
    str, typer.Argument(metavar="CHANGESET", help="Index of the changeset (0 is the baseline), or its id.")
]
BriefcaseNumber = Annotated[int, typer.Argument(metavar="BRIEFCASE", help="Number of the briefcase.", min=2)]
Limit = Annotated[int | None, typer.Option(help="Maximum number of entries.", min=0)]
PageSize = Annotated[int | None, typer.Option(help="Number of entries per request.", min=1, max=1000)]
Description = Annotated[str | None, typer.Option(help="Description, at most 255 characters.")]
Sort = Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Sort order, such as 'name desc'; repeatable.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
ChangesetFiles = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Changeset files; if they are named by id, the order does not matter."),
]
ChangesetSources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SOURCE...",
        help="Changeset files, folders or patterns, or the folder of a mirror. If the files are named by id, the order"
        " does not matter.",
    ),
]
FirstParent = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Parent of the first file; omit it for the first changeset of an iModel."),
]
ReleaseLocks = Annotated[bool, typer.Option("--release-locks", help="Release all locks of the briefcase afterwards.")]
WaitForPushes = Annotated[
    float,
    typer.Option("--wait", metavar="SECONDS", help="Maximum number of seconds to wait for other users' pushes.", min=0),
]
WaitUntilReady = Annotated[
    float,
    typer.Option(
        "--wait", metavar="SECONDS", help="Maximum number of seconds to wait until the iModel is ready.", min=0
    ),
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait; same as --wait 0.")]
Timeout = Annotated[
    float, typer.Option(metavar="SECONDS", help="Maximum number of seconds for the whole command.", min=0)
]
OptionalTimeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Maximum number of seconds for the whole command.", min=0)
]

WAIT: Final = 600.0
"""Default timeout of commands that wait for an iModel or a checkpoint, in seconds."""
PUSH_WAIT: Final = 300.0
"""Default timeout of commands that wait for other users' pushes, in seconds."""

_ID_LENGTH: Final = 40
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DIGITS: Final = 18


def place(text: str) -> str | int:
    """Parse the index or id of a changeset.

    An empty string is the id of the baseline.

    Raises:
        ValueError: The string is neither.
    """
    value = index_or_text(text)
    if isinstance(value, str) and value and not is_changeset_id(value):
        raise ValueError(f"invalid changeset {text!r}: use its index, or its id of 40 hexadecimal digits")
    return value


def index_or_text(text: str) -> str | int:
    """Return a string as an index if it consists of digits and is shorter than an id; otherwise unchanged."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _ID_LENGTH else text


def optional_place(text: str | None) -> str | int | None:
    """Parse the index or id of a changeset; None stays None."""
    return None if text is None else place(text)


def duration(text: str) -> timedelta:
    """Parse a duration such as `30d` or `12h`.

    Raises:
        ValueError: The string is not a duration, or the duration is too long.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (number.isascii() and number.isdigit()):
        raise ValueError(f"invalid duration {text!r}: use a number followed by one of {', '.join(_UNITS)}, such as 30d")
    try:
        return timedelta(seconds=int(number.lstrip("0")[:_DIGITS] or "0") * _UNITS[unit])
    except OverflowError:
        raise ValueError(f"invalid duration {text!r}: it is too long") from None


def object_ids(values: Iterable[str] | None) -> list[str]:
    """Read ids of objects; `@FILE` reads them from a file, `@-` from standard input.

    Raises:
        OSError: The file cannot be read.
    """
    return [object_id for each in values or () for object_id in text(each).split()]


def text(value: str) -> str:
    """Return a string; `@FILE` reads it from a file, `@-` from standard input.

    Raises:
        OSError: The file cannot be read.
    """
    if not value.startswith("@"):
        return value
    content = sys.stdin.read() if value == "@-" else path(value[1:]).read_text(encoding="utf-8")
    return content.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")  # a byte order mark


def path(value: str) -> Path:
    """Return a string as a path. Shells do not expand a `~` after `=` or `@`, so it is expanded here."""
    return Path(os.path.expanduser(value))  # noqa: PTH111 - Path.expanduser() fails if no user has the name


def is_changeset_id(text: str) -> bool:
    """Check whether a string has the form of a changeset id."""
    return len(text) == _ID_LENGTH and all(each in "0123456789abcdefABCDEF" for each in text)


def check_file(path: Path) -> None:
    """Check that a file exists.

    Raises:
        MissingFile: The file does not exist.
    """
    if not path.exists():
        raise MissingFile(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def timeline_order(files: Sequence[Path]) -> list[Path]:
    """Return changeset files in the order of the timeline, if they are named by their ids; otherwise as given.

    Args:
        files: Files, folders and patterns.

    Raises:
        MissingFile: A folder contains no changeset files.
        ChangesetOrderError: The files do not form a single chain.
        ChangesetFileError: A file is invalid.
        OSError: A file cannot be read.
    """
    from imodel_files.changes import order_changesets  # noqa: PLC0415 - only commands about files read them

    if len(files) == 1 and not _is_folder_or_pattern(files[0]):
        return [*files]
    paths = [Path(each.path) for each in order_changesets(files) if each.path is not None]
    if not paths:
        raise MissingFile(errno.ENOENT, "no changeset files", " ".join(map(str, files)))
    return paths


def _is_folder_or_pattern(path: Path) -> bool:
    """Return whether a path is a folder or a pattern."""
    return path.is_dir() or (not path.exists() and any(each in str(path) for each in "*?["))


def flags(kinds: type[F], names: Iterable[str]) -> F:
    """Parse names of flags, and return their combination.

    Raises:
        ValueError: A name is unknown.
    """
    combination = kinds(0)
    for name in names:
        try:
            combination |= kinds[name.upper().replace("-", "_")]
        except KeyError:
            allowed = ", ".join(each.lower() for each in kinds.__members__)
            raise ValueError(f"unknown kind {name!r}: use {allowed}") from None
    return combination


def changes(values: Mapping[str, object | None], removed: Mapping[str, bool]) -> dict[str, Any]:
    """Return the properties that an update changes; None removes a property.

    Args:
        values: New values; None leaves a value unchanged.
        removed: Whether to remove a value.

    Raises:
        ValueError: A value is both given and removed.
    """
    properties = {name: value for name, value in values.items() if value is not None}
    for name in (name for name, is_removed in removed.items() if is_removed):
        if name in properties:
            raise ValueError(f"--{name} and --no-{name} are mutually exclusive")
        properties[name] = None
    return properties
