"""Convert models to plain data for JSON and CSV, without secrets or unknown members."""

import dataclasses
import importlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from math import isfinite
from pathlib import PurePath
from typing import Any, Final

import attrs

_LEFT_OUT: Final = frozenset(
    {
        "extra",  # members unknown to this client, which may be secret links
        "href",  # the query of a link is secret
        "credential",  # grants access to the blocks of a checkpoint
        "share_key",  # shown only by `share create` and with `--show-key`
    }
)


@cache
def fields_of(kind: str) -> tuple[str, ...]:
    """Return the names of the fields of a class that are shown, in order.

    Args:
        kind: The class, such as `itwin_imodels.models:Changeset`.
    """
    module, _, name = kind.partition(":")
    return _fields(getattr(importlib.import_module(module), name))


def _fields(kind: type[Any]) -> tuple[str, ...]:
    if attrs.has(kind):
        names = [each.name for each in attrs.fields(kind)]
    else:
        names = [each.name for each in dataclasses.fields(kind)]
    return tuple(name for name in names if name not in _LEFT_OUT)


def has_fields(value: object) -> bool:
    """Check whether a value is a model with fields."""
    return attrs.has(type(value)) or dataclasses.is_dataclass(value)


def fields(value: object) -> dict[str, object]:
    """Return the fields of a model that are shown."""
    return {name: getattr(value, name) for name in _fields(type(value))}


def plain(value: object) -> object:  # noqa: C901, PLR0911 - one return for each kind of value
    """Convert a value to JSON types: times in UTC, enumerations by their values, infinities and NaN as strings."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if has_fields(value):
        return {name: plain(each) for name, each in fields(value).items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, PurePath | BaseException):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be converted to plain data")


def _utc(moment: datetime) -> datetime:
    with suppress(OverflowError):  # the first or the last day of the calendar, which stands for an unknown time
        return moment.astimezone(UTC)
    return moment


def as_json(value: object, *, indent: int | None = None) -> str:
    """Format plain data as JSON.

    Raises:
        ValueError: The data contains an infinity or NaN, which JSON lacks.
    """
    return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)


def as_csv_cell(value: object) -> str:
    """Format plain data as a cell of CSV: empty for None, strings unchanged, JSON otherwise."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)
