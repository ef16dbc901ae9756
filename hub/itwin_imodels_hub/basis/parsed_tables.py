"""Create attrs records from parsed TOML and JSON tables."""

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Literal, TypeVar, Union, get_args, get_origin

import attrs

T = TypeVar("T")


class TableError(ValueError):
    """A table does not match its record; the message contains the location and the reason."""


def record_of(kind: Callable[..., T], table: object, place: str) -> T:
    """Create a record of an attrs class from a table.

    Args:
        kind: The class; its collections are lists in the table.
        table: Its attributes by name.
        place: Location of the table, for error messages.

    Raises:
        TableError: The table has unknown members, lacks a required member, or contains an invalid value.
    """
    if not isinstance(table, Mapping):
        raise TableError(f"{place}: {table!r} is not a table")
    fields = attrs.fields_dict(kind)  # type: ignore[arg-type] # an attrs class
    if unknown := table.keys() - fields.keys():
        raise TableError(f"{place}: unknown {', '.join(sorted(map(str, unknown)))}; expected {', '.join(fields)}")
    if missing := [name for name, each in fields.items() if each.default is attrs.NOTHING and name not in table]:
        raise TableError(f"{place}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    for name, value in table.items():
        if not fits(value, fields[name].type):
            raise TableError(f"{place}.{name}: {value!r} must be of type {name_of(fields[name].type)}")
    try:
        return kind(**table)
    except ValueError as error:
        raise TableError(f"{place}: {error}") from error


def fits(value: object, kind: object) -> bool:
    """Check whether a value matches a type annotation of an attribute."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return any(fits(value, each) for each in inner)
    if origin is Literal:
        return value in inner
    if origin is dict:
        return isinstance(value, dict) and all(fits(each, inner[1]) for each in value.values())
    if origin is not None:
        return isinstance(value, list | frozenset) and all(fits(each, inner[0]) for each in value)
    if isinstance(value, bool) and kind is not bool:
        return False
    return isinstance(value, int | float if kind is float else kind)  # type: ignore[arg-type] # a plain class


def name_of(kind: object) -> str:
    """Return the name of a type as written in annotations."""
    return kind.__name__ if isinstance(kind, type) and get_origin(kind) is None else str(kind).replace("typing.", "")
