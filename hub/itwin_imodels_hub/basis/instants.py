"""Convert between times and microseconds since 1970."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Return the microseconds from 1970-01-01 UTC to a timezone-aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Convert microseconds since 1970 to a timezone-aware UTC time."""
    return _EPOCH + count * _MICROSECOND
