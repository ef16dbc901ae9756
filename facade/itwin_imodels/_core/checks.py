"""Checks of what a caller gives, made before anything is sent."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar

T = TypeVar("T")

_OBJECT_ID = re.compile(r"0x[0-9a-fA-F]{1,16}")
_CHANGESET_ID = re.compile(r"[0-9a-fA-F]{40}")
_OTHER_PLACES = (".", "..")
_LONGEST_TEXT = 255
_LARGEST_PAGE = 1000
_FIRST_BRIEFCASE = 2
_LARGEST_BRIEFCASE = 2**31 - 1


def positive(_: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - attrs' own form
    """Validator of attrs: a number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{attribute.name} must be a number above 0, not {value!r}")


def not_negative(_: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - attrs' own form
    """Validator of attrs: a number from 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError(f"{attribute.name} must be a number from 0, not {value!r}")


def between(least: int, most: int) -> Callable[[object, Any, int], None]:
    """Validator of attrs: a whole number within bounds."""

    def check(_: object, attribute: Any, value: int) -> None:  # noqa: ANN401 - attrs' own form
        whole_number(attribute.name, value, least=least, most=most)

    return check


def identifier(name: str, value: str) -> str:
    """Check the id of an entity: text that is not blank and stands for itself in a path."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {type(value).__name__}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty")
    if value in _OTHER_PLACES:
        raise ValueError(f"{name} must not be {value!r}, which would lead to another place of the API")
    return value


def text(name: str, value: str, *, most: int | None = _LONGEST_TEXT, blank: bool = False) -> str:
    """Check a text, of bounded length unless `most` is None."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {type(value).__name__}")
    if not blank and not value.strip():
        raise ValueError(f"{name} must not be empty or blank")
    if most is not None and len(value) > most:
        raise ValueError(f"{name} has {len(value)} characters; at most {most} are allowed")
    return value


def description(value: str | None) -> str | None:
    """Check a description: at most 255 characters, or none."""
    return None if value is None else text("description", value, blank=True)


def whole_number(name: str, value: object, *, least: int, most: int | None = None) -> int:
    """Check a whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number, not {type(value).__name__}")
    if value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        raise ValueError(f"{name} must be {bounds}, not {value}")
    return value


def briefcase_id(value: int) -> int:
    """Check the id of a briefcase: a whole number from 2."""
    return whole_number("briefcase_id", value, least=_FIRST_BRIEFCASE, most=_LARGEST_BRIEFCASE)


def seconds(name: str, value: float) -> float:
    """Check a length of time in seconds: 0 or more."""
    if isinstance(value, bool) or not value >= 0:
        raise ValueError(f"{name} must be a number of seconds from 0, not {value!r}")
    return float(value)


def page_size(value: int | None) -> int | None:
    """Check how many entities a page may have: 1 to 1000."""
    return None if value is None else whole_number("page_size", value, least=1, most=_LARGEST_PAGE)


def limit(value: int | None) -> int | None:
    """Check how many entities a list may give: 0 or more."""
    return None if value is None else whole_number("limit", value, least=0)


def changeset(value: str | int) -> str | int:
    """Check what names a changeset: its index from 0 (the baseline), or its id of 40 hexadecimal digits."""
    if isinstance(value, int):
        return whole_number("changeset", value, least=0)
    if not isinstance(value, str):
        raise TypeError(f"changeset must be an id or an index, not {type(value).__name__}")
    return changeset_id("changeset", value)


def changeset_id(name: str, value: str) -> str:
    """Check the id of a changeset: 40 hexadecimal digits."""
    if not _CHANGESET_ID.fullmatch(identifier(name, value)):
        raise ValueError(f"{name} must be 40 hexadecimal digits, not {value!r}; an index is given as a number")
    return value.lower()


def optional_changeset_id(name: str, value: str | None) -> str | None:
    """Check the id of a changeset, where None and the empty text stand for the baseline."""
    return changeset_id(name, value) if value else None


def object_ids(name: str, values: Iterable[str]) -> list[str]:
    """Check ids of objects such as `0x1f`; repeated ones are left out, whatever the case of their digits."""
    found: dict[str, str] = {}
    for value in several(name, values, "object ids"):
        if not _OBJECT_ID.fullmatch(identifier(name, value)):
            raise ValueError(f"{name} must be ids such as '0x1f', not {value!r}")
        found.setdefault(value.lower(), value)
    return list(found.values())


def several(name: str, values: Iterable[T], what: str) -> Iterable[T]:
    """Check that several values are given, not one text, which would be taken apart into its characters."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        given = "one text" if isinstance(values, str) else type(values).__name__
        raise TypeError(f"{name} must be several {what}, not {given}")
    return values


def choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """Check that a text is one of a few."""
    options = list(allowed)
    if value not in options:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, options))}, not {value!r}")
    return str(value)


def moment(name: str, value: datetime | str) -> datetime:
    """Read a point in time, in UTC; without a time zone it is meant so."""
    if not isinstance(value, datetime | str):
        raise TypeError(f"{name} must be a datetime or text, not {type(value).__name__}")
    from dateutil import parser  # noqa: PLC0415 - takes longer to import than all else here

    try:
        found = parser.parse(value, tzinfos=_zone) if isinstance(value, str) else value
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is not a time: {value!r}") from error


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Give the zone of a text. What is neither UTC nor an offset depends on the place and is no zone."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is not None:
        raise ValueError(f"{name} is no known time zone")
    return None


def order_by(value: str | Iterable[str] | None, allowed: Iterable[str]) -> str | None:
    """Check an order such as `"name"`, `"name desc"` or several of these; gives the service's form.

    Args:
        value: What the caller gave.
        allowed: The properties that may be named, in snake case.
    """
    if value is None:
        return None
    names = {name: _camel(name) for name in allowed}
    parts = value.split(",") if isinstance(value, str) else list(several("order_by", value, "texts"))
    return ",".join(_order(text("order_by", part, blank=True).split(), names) for part in parts) or None


def _order(words: list[str], names: dict[str, str]) -> str:
    directions = ("asc", "desc")
    if not words or words[0] not in names or len(words) > 2 or words[1:] not in ([], ["asc"], ["desc"]):  # noqa: PLR2004
        wanted = ", ".join(map(repr, names))
        raise ValueError(f"order_by must name {wanted}, each with {' or '.join(directions)}, not {' '.join(words)!r}")
    return " ".join([names[words[0]], *words[1:]])


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
