"""Argument checks, made before any request is sent."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar

T = TypeVar("T")

_OBJECT_ID = re.compile(r"0x[0-9a-fA-F]{1,16}")
_CHANGESET_ID = re.compile(r"[0-9a-fA-F]{40}")
_DOT_SEGMENTS = (".", "..")
_LONGEST_TEXT = 255
_LARGEST_PAGE = 1000
_FIRST_BRIEFCASE = 2
_LARGEST_BRIEFCASE = 2**31 - 1
_DEFAULTS = (datetime(2000, 1, 1), datetime(2004, 2, 8))  # noqa: DTZ001 - the zone comes from the text
"""Dates whose parts, and the weekdays after them, differ; both years are leap years."""
_YEAR_FIRST = re.compile(r"\s*([^\W\d]+,?\s+)?\d{4}(\D|\d{4})")
"""Beginning of a date with the year first, possibly after the weekday."""


def positive(_: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - as attrs declares it
    """Check that a field is a number greater than 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{attribute.name} must be a number greater than 0, not {value!r}")


def not_negative(_: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - as attrs declares it
    """Check that a field is a number of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError(f"{attribute.name} must be 0 or greater, not {value!r}")


def between(minimum: int, maximum: int) -> Callable[[object, Any, int], None]:
    """Return an attrs validator for an integer within bounds."""

    def check(_: object, attribute: Any, value: int) -> None:  # noqa: ANN401 - as attrs declares it
        whole_number(attribute.name, value, minimum=minimum, maximum=maximum)

    return check


def identifier(name: str, value: str) -> str:
    """Check the id of an entity: a non-blank string that is safe as a segment of a path."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty")
    if value in _DOT_SEGMENTS:
        raise ValueError(f"{name} must not be {value!r}, which would change the path of the request")
    return value


def text(name: str, value: str, *, maximum: int | None = _LONGEST_TEXT, blank: bool = False) -> str:
    """Check a string of at most `maximum` characters; None sets no limit."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string, not {type(value).__name__}")
    if not blank and not value.strip():
        raise ValueError(f"{name} must not be empty or blank")
    if maximum is not None and len(value) > maximum:
        raise ValueError(f"{name} has {len(value)} characters; at most {maximum} are allowed")
    if any("\ud800" <= each <= "\udfff" for each in value):
        raise ValueError(f"{name} {value!r} contains a lone surrogate, which UTF-8 cannot encode")
    return value


def description(value: str | None) -> str | None:
    """Check a description: at most 255 characters, or None."""
    return None if value is None else text("description", value, blank=True)


def whole_number(name: str, value: object, *, minimum: int, maximum: int | None = None) -> int:
    """Check an integer within bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an integer, not {type(value).__name__}")
    if value < minimum or (maximum is not None and value > maximum):
        bounds = f"at least {minimum}" if maximum is None else f"{minimum} to {maximum}"
        raise ValueError(f"{name} must be {bounds}, not {value}")
    return value


def briefcase_id(value: int) -> int:
    """Check the id of a briefcase: an integer from 2 to 2**31 - 1."""
    return whole_number("briefcase_id", value, minimum=_FIRST_BRIEFCASE, maximum=_LARGEST_BRIEFCASE)


def seconds(name: str, value: float) -> float:
    """Check a duration in seconds: 0 or more."""
    if isinstance(value, bool) or not value >= 0:
        raise ValueError(f"{name} must be a number of seconds, 0 or greater, not {value!r}")
    return float(value)


def page_size(value: int | None) -> int | None:
    """Check the number of entities per page: 1 to 1000."""
    return None if value is None else whole_number("page_size", value, minimum=1, maximum=_LARGEST_PAGE)


def limit(value: int | None) -> int | None:
    """Check the maximum number of entities in a list: 0 or more."""
    return None if value is None else whole_number("limit", value, minimum=0)


def changeset(value: str | int) -> str | int:
    """Check an index (0 is the baseline) or an id (40 hexadecimal digits) of a changeset."""
    if isinstance(value, int):
        return whole_number("changeset", value, minimum=0)
    if not isinstance(value, str):
        raise TypeError(f"changeset must be an id or an index, not {type(value).__name__}")
    return changeset_id("changeset", value, hint="; pass an index as an integer")


def changeset_id(name: str, value: str, *, hint: str = "") -> str:
    """Check the id of a changeset: 40 hexadecimal digits."""
    if not _CHANGESET_ID.fullmatch(identifier(name, value)):
        raise ValueError(f"{name} must be 40 hexadecimal digits, not {value!r}{hint}")
    return value.lower()


def optional_changeset_id(name: str, value: str | None) -> str | None:
    """Check the id of a changeset; return None for None and the empty string, which mean the baseline."""
    return changeset_id(name, value) if value else None


def object_ids(name: str, values: Iterable[str]) -> list[str]:
    """Check ids of objects, such as `0x1f`, and return each once: in lower case, without leading zeros."""
    ids: dict[str, None] = {}
    for value in several(name, values, "object ids"):
        if not _OBJECT_ID.fullmatch(identifier(name, value)):
            raise ValueError(f"{name} must contain ids such as '0x1f', not {value!r}")
        ids[hex(int(value, 16))] = None
    return list(ids)


def several(name: str, values: Iterable[T], what: str) -> Iterable[T]:
    """Check that an argument is a collection, not a single string, which would be split into characters."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        kind = "a single string" if isinstance(values, str) else type(values).__name__
        raise TypeError(f"{name} must be an iterable of {what}, not {kind}")
    return values


def choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """Check that a string is one of the allowed values."""
    options = list(allowed)
    if value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}, not {value!r}")
    return str(value)


def moment(name: str, value: datetime | str) -> datetime:
    """Return a point in time in UTC, which is assumed if the value has no time zone.

    Raises:
        ValueError: The string is not a time, or can be read as several, because parts of the date are missing or it is
            unclear which number is the month.
    """
    if not isinstance(value, datetime | str):
        raise TypeError(f"{name} must be a datetime or a string, not {type(value).__name__}")
    try:
        times = _readings(value) if isinstance(value, str) else [value]
        moments = {time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC) for time in times}
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is not a valid date and time: {value!r}") from error
    if len(moments) > 1:
        raise ValueError(f"{name} is an incomplete or ambiguous date: {value!r}. Write it as year-month-day.")
    return moments.pop()


def _readings(text: str) -> list[datetime]:
    """Return the times that a string can mean; missing parts of its date are filled in differently in each."""
    with suppress(ValueError):
        return [datetime.fromisoformat(text)]
    from dateutil import parser  # noqa: PLC0415 - slow to import

    is_year_first = _YEAR_FIRST.match(text) is not None
    return [
        parser.parse(text, default=default, dayfirst=is_day_first and not is_year_first, tzinfos=_zone)
        for default, is_day_first in zip(_DEFAULTS, (False, True), strict=True)
    ]


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the zone of a parsed time. Only UTC and offsets are accepted; abbreviations are ambiguous."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is not None:
        raise ValueError(f"{name} is not a supported time zone")
    return None


def order_by(value: str | Iterable[str] | None, allowed: Iterable[str]) -> str | None:
    """Check a sort order, such as `"name"`, `"name desc"` or several of these, and return the service's form.

    Args:
        value: The order passed by the caller.
        allowed: The supported properties, in snake case.
    """
    if value is None:
        return None
    names = {name: _camel(name) for name in allowed}
    parts = value.split(",") if isinstance(value, str) else list(several("order_by", value, "strings"))
    return ",".join(_order(text("order_by", part, blank=True).split(), names) for part in parts) or None


def _order(words: list[str], names: dict[str, str]) -> str:
    if not words or words[0] not in names or len(words) > 2 or words[1:] not in ([], ["asc"], ["desc"]):  # noqa: PLR2004
        choices = ", ".join(map(repr, names))
        raise ValueError(
            f"invalid order_by {' '.join(words)!r}: expected one or more of {choices}, each optionally followed by asc"
            " or desc"
        )
    return " ".join([names[words[0]], *words[1:]])


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
