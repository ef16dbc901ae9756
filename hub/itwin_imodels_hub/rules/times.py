"""Times in the API: UTC with seven fractional digits, as the service writes them."""

from datetime import UTC, datetime


def write_time(moment: datetime) -> str:
    """Return a time in the format of the service."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}0Z"


def read_time(text: str) -> datetime | None:
    """Parse a time with a UTC offset; return None if it is invalid. Digits beyond microseconds are dropped."""
    head, dot, tail = text.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        text = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo and "T" in text.upper() else None
    except (ValueError, OverflowError):
        return None
