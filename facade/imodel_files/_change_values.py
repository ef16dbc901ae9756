"""Decode the values of changes. No I/O."""

import hashlib
import json
import math
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs

from imodel_files._class_model import Leaf, ValueKind
from imodel_files._fields import NO_VALUE, NoValue

_GUID_BYTES: Final = 16
_UNIX_EPOCH_DAY: Final = 2440587.5
_DAY_SECONDS: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = 1000
_UNSIGNED: Final = 1 << 64


@attrs.frozen
class Blob:
    """A binary value, such as geometry, represented by its size and digest.

    Attributes:
        size: Size in bytes.
        sha256: The SHA-256 of the value, 64 hex digits.
    """

    size: int
    sha256: str


JsonValue: TypeAlias = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"] | None
PropertyValue: TypeAlias = JsonValue | Blob | NoValue
"""A decoded value: JSON data, a `Blob`, or `NO_VALUE` if a change does not contain it."""


def digest(value: bytes) -> Blob:
    """Return the size and digest of a binary value."""
    return Blob(len(value), hashlib.sha256(value).hexdigest())


def hex_id(value: int) -> str:
    """Return an id as the API writes it, such as ``0x20000000001``."""
    return hex(value if value >= 0 else value + _UNSIGNED)


def read_id(text: str | int) -> int:
    """Return the number of an id such as ``0x20000000001``.

    Raises:
        ValueError: The string is not an id.
    """
    if isinstance(text, int):
        return text
    try:
        number = int(text, 16) if text.lower().startswith("0x") else -1
    except ValueError:
        number = -1
    if not 0 <= number < _UNSIGNED:
        raise ValueError(f"{text!r} is not an element id; it must be hexadecimal, such as 0x20000000001")
    return number if number < _UNSIGNED >> 1 else number - _UNSIGNED


def plain_value(value: Any) -> PropertyValue:  # noqa: ANN401 - any SQLite value, or its digest
    """Return the value of a column without a property; invalid UTF-8 in strings is replaced."""
    if isinstance(value, bytes):
        return digest(value)
    if isinstance(value, str) and not value.isascii():
        return value.encode(errors="surrogateescape").decode(errors="replace")
    plain: PropertyValue = value
    return plain


def decoded(value: Any, leaf: Leaf, class_name: Callable[[int], str | None]) -> PropertyValue:  # noqa: ANN401 - as above
    """Decode a value as its property requires; a value of another type is returned as a plain value."""
    if value is None or value is NO_VALUE:
        return None if value is None else NO_VALUE
    decoder = _DECODERS.get(leaf.kind)
    if decoder is not None:
        return decoder(value)
    if leaf.kind is ValueKind.CLASS and isinstance(value, int):
        return class_name(value) or hex_id(value)
    return plain_value(value)


def _id(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    return hex_id(value) if isinstance(value, int) else plain_value(value)


def _boolean(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    return bool(value) if value in {0, 1} else plain_value(value)


def _double(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    return float(value) if isinstance(value, int) else plain_value(value)


def _guid(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    is_guid = isinstance(value, bytes) and len(value) == _GUID_BYTES
    return str(uuid.UUID(bytes=value)) if is_guid else plain_value(value)


def _date(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    return julian_text(value) if isinstance(value, int | float) else plain_value(value)


def _utc_date(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    date = _date(value)
    return f"{date}Z" if isinstance(date, str) and isinstance(value, int | float) else date


def julian_text(value: float) -> PropertyValue:
    """Return a Julian day as an ISO string with millisecond precision; return it unchanged if it is out of range."""
    try:
        moment = _EPOCH + timedelta(milliseconds=round((value - _UNIX_EPOCH_DAY) * _DAY_SECONDS * _MILLISECOND))
    except (OverflowError, ValueError):
        return value
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _array(value: Any) -> PropertyValue:  # noqa: ANN401 - as above
    text = plain_value(value)
    if not isinstance(text, str):
        return text
    try:
        items: JsonValue = json.loads(text, parse_float=_finite, parse_constant=_finite)
        if "\\u" in text:
            json.dumps(items, ensure_ascii=False).encode()  # fails for lone surrogates
    except (ValueError, RecursionError):
        return text
    return items if isinstance(items, list) else text


def _finite(text: str) -> float:
    """Convert a string to a number; reject infinities and NaN, which JSON lacks."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODERS: Final[Mapping[ValueKind, Callable[[Any], PropertyValue]]] = {
    ValueKind.ID: _id,
    ValueKind.BOOLEAN: _boolean,
    ValueKind.DOUBLE: _double,
    ValueKind.GUID: _guid,
    ValueKind.DATE: _date,
    ValueKind.UTC_DATE: _utc_date,
    ValueKind.ARRAY: _array,
}


def nested(values: Iterable[tuple[Leaf | None, str, PropertyValue]]) -> dict[str, PropertyValue]:
    """Combine leaves: points, structs and navigation properties become objects.

    Args:
        values: Leaf (None if unknown), access string and value; `NO_VALUE` is omitted.
    """
    tree: dict[str, Any] = {}
    for leaf, access, value in values:
        if value is NO_VALUE:
            continue
        *way, last = access.split(".")
        place = tree
        for step in way:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            place = inner
        place[last] = value
        if leaf is not None and leaf.relationship is not None and value is not None:
            place.setdefault("RelECClassId", leaf.relationship)
    return tree
