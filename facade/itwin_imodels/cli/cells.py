"""Human-readable cells of tables: local times, sizes with units, plain words."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import Flag
from typing import Final, NamedTuple

_KILO: Final = 1000
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZES: Final = (
    "size",
    "file_size",
    "downloaded_bytes",
    "body_size",
    "prefix_size",
    "block_size",
    "block_bytes",
    "bytes_to_fetch",
)
_STATES: Final = {
    "initialized": "green",
    "successful": "green",
    "fileUploaded": "green",
    "completed": "green",
    "scheduled": "yellow",
    "initializationScheduled": "yellow",
    "inProgress": "yellow",
    "waitingForFile": "yellow",
    "notInitialized": "yellow",
    "failed": "red",
    "initializationFailed": "red",
    "timedOut": "red",
    "forciblyClosed": "red",
}


class Cell(NamedTuple):
    """A string and its style, which applies if the terminal supports colors."""

    text: str
    style: str = ""


def counted(count: int, noun: str) -> str:
    """Return a number with a noun, such as ``3 locks``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def cell(value: object, name: str = "") -> Cell:
    """Format a value for people.

    Args:
        value: A value of a model.
        name: Name of its field, which identifies sizes.
    """
    if value is None:
        return Cell("")
    if name in _SIZES and isinstance(value, int):
        return Cell(size(value))
    if isinstance(value, datetime):
        return Cell(local_time(value))
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, Flag):
        return Cell(flags(value))
    text = str(value)
    return Cell(printable(text), _STATES.get(text, ""))


def local_time(moment: datetime) -> str:
    """Format a point in time in the local time zone."""
    with suppress(OverflowError):  # the first or the last day of the calendar, which stands for an unknown time
        moment = moment.astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def column_cell(value: object, name: str) -> Cell:
    """Format a value for a column of a table, in which times have no seconds."""
    return Cell(local_time(value)[:16]) if isinstance(value, datetime) else cell(value, name)


def person(name: str | None, email: str | None) -> str:
    """Format the name and the e-mail address of a user, which may be the same."""
    return f"{name} <{email}>" if name and email and name != email else name or email or ""


def size(count: int) -> str:
    """Format a number of bytes with a unit."""
    value, unit = float(count), 0
    while value >= _KILO and unit < len(_UNITS) - 1:
        value, unit = value / _KILO, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def flags(value: Flag) -> str:
    """Format the names of a set of flags."""
    names = [(each.name or "").lower().replace("_", " ") for each in value]
    return ", ".join(names) or (value.name or "").lower().replace("_", " ")


def object_ids(objects: Mapping[str, tuple[str, ...]]) -> str:
    """Format ids of objects, at most three of them."""
    ids = [each for level in objects.values() for each in level]
    shown = " ".join(ids[:3])
    return f"{shown} …" if len(ids) > 3 else shown  # noqa: PLR2004 - the number of ids shown


def printable(text: str) -> str:
    """Replace control characters in a string, because untrusted strings could otherwise control the terminal."""
    spaced = " ".join(text.split("\n")).replace("\t", " ").replace("\r", " ")
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in spaced)
