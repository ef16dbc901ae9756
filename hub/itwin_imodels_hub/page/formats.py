"""Formats of times, numbers and states on the page."""

from datetime import UTC, datetime, timedelta
from typing import Final

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_TONES = {
    "initialized": "good",
    "successful": "good",
    "visible": "good",
    "completed": "good",
    "failed": "bad",
    "initializationFailed": "bad",
    "fileIsBriefcase": "bad",
    "timedOut": "bad",
    "scheduled": "busy",
    "inProgress": "busy",
    "waitingForFile": "busy",
    "initializationScheduled": "busy",
    "notInitialized": "busy",
}
_JUST_NOW = timedelta(seconds=45)
_UNITS = (
    (timedelta(days=365), "year", "years"),
    (timedelta(days=30), "month", "months"),
    (timedelta(days=1), "day", "days"),
    (timedelta(hours=1), "h", "h"),
    (timedelta(minutes=1), "min", "min"),
)
_SERVER_ERRORS = 500
_CLIENT_ERRORS = 400


def ago(moment: datetime, now: datetime) -> str:
    """Format the difference between a time and now in its largest unit; `live.js` contains the same function."""
    distance = abs(now - moment)
    if distance < _JUST_NOW:
        return "just now"
    unit, one, several = next((each for each in _UNITS if distance >= each[0]), _UNITS[-1])
    count = max(1, distance // unit)
    words = f"{count} {one if count == 1 else several}"
    return f"in {words}" if moment > now else f"{words} ago"


def exact(moment: datetime) -> str:
    """Format a time in UTC to the minute."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def iso(moment: datetime) -> str:
    """Format a time for HTML attributes."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def day(moment: datetime) -> str:
    """Format a date."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def number(count: int) -> str:
    """Format a number with thousands separators."""
    return f"{count:,}"


def size(count: int) -> str:
    """Format a number of bytes in the largest binary unit in which it is at least 1."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:  # noqa: PLR2004 - bytes in a KiB
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def duration(seconds: float) -> str:
    """Format a duration."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def words(state: str) -> str:
    """Format a state of the service as words."""
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in state)
    return text[:1].upper() + text[1:]


def tone(state: str) -> str:
    """Return the tone of a state: good, bad, busy or plain."""
    return _TONES.get(state, "plain")


def status_tone(status: int | None) -> str:
    """Return the tone of a status code: good, busy for client errors, bad for server errors and None."""
    if status is None or status >= _SERVER_ERRORS:
        return "bad"
    return "busy" if status >= _CLIENT_ERRORS else "good"
