"""Types of columns that every database stores and sorts alike."""

from datetime import datetime

from sqlalchemy import BigInteger, Dialect, String, TypeDecorator

from itwin_imodels_hub.basis.instants import from_microseconds, to_microseconds


class Instant(TypeDecorator[datetime]):
    """An aware time, kept as microseconds since 1970 so that every database sorts it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a time into a number."""
        del dialect
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn a number into a time."""
        del dialect
        return None if value is None else from_microseconds(value)


def text_of(length: int) -> String:
    """Make the type of a text that is sorted by its UTF-8 bytes on every database, as SQLite does by itself."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
