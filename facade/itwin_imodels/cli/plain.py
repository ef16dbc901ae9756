"""Models as plain data, for JSON and CSV. What is secret, or new to this client, is left out here and nowhere else."""

import dataclasses
import importlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import Any, Final

import attrs

_LEFT_OUT: Final = frozenset(
    {
        "extra",  # members that are new to this client; they may be links
        "href",  # a link's query is a secret
        "credential",  # what opens the blocks of a checkpoint
        "share_key",  # shown by `share create`, and where it is asked for
    }
)


@cache
def fields_of(kind: str) -> tuple[str, ...]:
    """Give the names of the fields of a class that are shown, in their order.

    Args:
        kind: Such as `itwin_imodels.models:Changeset`.
    """
    module, _, name = kind.partition(":")
    return _fields(getattr(importlib.import_module(module), name))


def _fields(kind: type[Any]) -> tuple[str, ...]:
    if attrs.has(kind):
        inherited = [each.name for each in attrs.fields(kind)]
    else:
        inherited = [each.name for each in dataclasses.fields(kind)]
    return tuple(name for name in inherited if name not in _LEFT_OUT)


def has_fields(value: object) -> bool:
    """Tell whether a value is made of fields, as models are."""
    return attrs.has(type(value)) or dataclasses.is_dataclass(value)


def fields(value: object) -> dict[str, object]:
    """Give the fields of a model that are shown."""
    return {name: getattr(value, name) for name in _fields(type(value))}


def plain(value: object) -> object:  # noqa: PLR0911 - one for each kind of value
    """Give a value as JSON has it: times in UTC, enumerations as the service writes them."""
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
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
    raise TypeError(f"{type(value).__name__} has no plain form")


def as_json(value: object, *, indent: int | None = None) -> str:
    """Write plain data as JSON."""
    return json.dumps(value, indent=indent, ensure_ascii=False)


def as_csv_cell(value: object) -> str:
    """Write plain data as one cell: nothing for None, JSON for what is no text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)
