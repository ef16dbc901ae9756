"""Column types that all databases store and sort in the same way."""

from datetime import datetime

from sqlalchemy import BigInteger, Dialect, String, TypeDecorator

from itwin_imodels_hub.basis.instants import from_microseconds, to_microseconds


class Instant(TypeDecorator[datetime]):
    """A timezone-aware time, stored as microseconds since 1970 so that all databases sort it in the same way."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Convert a time to a number."""
        del dialect
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Convert a number to a time."""
        del dialect
        return None if value is None else from_microseconds(value)


def text_of(length: int) -> String:
    """Return a string type that all databases sort by UTF-8 bytes, as SQLite does by default."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
