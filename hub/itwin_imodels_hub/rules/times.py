"""Times on the wire: UTC with seven fractional digits, as the service writes them."""

from datetime import UTC, datetime


def write_time(moment: datetime) -> str:
    """Write a time."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}0Z"


def read_time(text: str) -> datetime | None:
    """Read a time with a time zone; None when it is none. Digits beyond microseconds are dropped."""
    head, dot, tail = text.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        text = f"{head}.{tail[:digits][:6].ljust(6, '0')}{tail[digits:]}"
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo and "T" in text.upper() else None
    except (ValueError, OverflowError):
        return None
