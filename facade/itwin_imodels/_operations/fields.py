"""Validating JSON reader, whose errors name the path of a missing or invalid member.

For speed in long lists, types are compared with `type(…) is` instead of `isinstance`. JSON has no subtypes, and this
way a Boolean is not an integer.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntFlag, StrEnum
from functools import cache, lru_cache
from math import isfinite
from typing import Any, TypeVar

from itwin_imodels._operations.call import ServiceResponse
from itwin_imodels._operations.json_body import parse_json, parse_quickly
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import StorageLink

Known = TypeVar("Known", bound=StrEnum)
Flags = TypeVar("Flags", bound=IntFlag)
T = TypeVar("T")

NO_EXTRA: Mapping[str, object] = {}
_MAX_DIGITS = 18
_NUMBERS = range(-(2**63), 2**63)
_KINDS = {
    bool: "a Boolean",
    dict: "an object",
    float: "a number",
    int: "an integer",
    list: "a list",
    str: "a string",
    type(None): "null",
}


class Fields:
    """A JSON object and its path in the response."""

    __slots__ = ("_data", "_place")

    def __init__(self, data: Mapping[str, Any], place: tuple[str | int, ...] = ()) -> None:
        """Wrap an object at a path."""
        self._data = data
        self._place = place

    @classmethod
    def of(cls, answer: ServiceResponse) -> "Fields":
        """Parse the body of a response as a JSON object."""
        try:
            data = parse_json(answer.content)
        except ValueError as error:
            raise UnexpectedResponse("it is not JSON") from error
        if type(data) is not dict:
            raise UnexpectedResponse(f"a JSON object was expected, not {_kind(data)}")
        return cls(data)

    @classmethod
    def of_large(cls, answer: ServiceResponse) -> "Fields | None":
        """Parse the large body of a response quickly; None if `of` must parse it.

        Integers outside 64 bits become floats.
        """
        data = parse_quickly(answer.content)
        return cls(data) if type(data) is dict else None

    @property
    def data(self) -> Mapping[str, Any]:
        """The object itself, whose members are not checked."""
        return self._data

    def text(self, key: str) -> str:
        """Return a required string."""
        value = self._data.get(key)
        if type(value) is str:
            return value
        raise self._wrong(key, "a string", value)

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None if it is missing or null."""
        value = self._data.get(key)
        if value is None or type(value) is str:
            return value
        raise self._wrong(key, "a string", value)

    def id_text(self, key: str) -> str | None:
        """Return an id, or None if it is missing, null or empty."""
        return self.optional_text(key) or None

    def number(self, key: str) -> int:
        """Return a required integer of at most 64 bits, the maximum that the API uses and databases store."""
        value = self._data.get(key)
        if type(value) is int:
            if value in _NUMBERS:
                return value
            raise UnexpectedResponse(f"{_path((*self._place, key))} must be an integer of at most 64 bits")
        raise self._wrong(key, "an integer", value)

    def optional_number(self, key: str) -> int | None:
        """Return an integer, or None if it is missing or null."""
        return None if self._data.get(key) is None else self.number(key)

    def number_text(self, key: str) -> int:
        """Return a required integer that is written as a string of digits."""
        value = self.text(key)
        if not (value.isascii() and value.isdecimal() and len(value) <= _MAX_DIGITS):
            raise self._wrong(key, "digits", value)
        return int(value)

    def index(self, key: str) -> int:
        """Return a required integer of at least 0, written as a number or as a string."""
        value = self.number_text(key) if type(self._data.get(key)) is str else self.number(key)
        if value < 0:
            raise self._wrong(key, "an integer of at least 0", value)
        return value

    def real(self, key: str) -> float:
        """Return a required finite number."""
        value = self._data.get(key)
        try:
            if isinstance(value, int | float) and type(value) is not bool and isfinite(value):
                return float(value)
        except OverflowError:  # an integer too large for a float
            pass
        raise self._wrong(key, "a number", value)

    def flag(self, key: str, default: bool | None = None) -> bool:  # noqa: FBT001 - a value of JSON
        """Return a Boolean, which is required unless there is a default."""
        value = self._data.get(key, default)
        if value is None and default is not None:
            return default
        if type(value) is bool:
            return value
        raise self._wrong(key, "a Boolean", value)

    def flags(self, key: str, kind: type[Flags]) -> Flags:
        """Return flags given as their sum, or no flags if missing. Flags unknown to this client are kept."""
        value = self.optional_number(key) or 0
        if value < 0:
            raise self._wrong(key, "an integer of at least 0", value)
        return flags_of(kind, value)

    def time(self, key: str) -> datetime:
        """Return a required point in time; UTC is assumed if it has no time zone."""
        value = self.text(key)
        try:
            return time_of(value)
        except (ValueError, OverflowError) as error:
            raise self._wrong(key, "a time", value) from error

    def optional_time(self, key: str) -> datetime | None:
        """Return a point in time, or None if it is missing or null."""
        return None if self._data.get(key) is None else self.time(key)

    def known(self, key: str, kind: type[Known]) -> Known | str:
        """Return a required enumeration member; a value unknown to this client is returned as a string."""
        return known(kind, self.text(key))

    def optional(self, key: str, read: Callable[["Fields"], T]) -> T | None:
        """Return the result of reading an object, or None if it is missing or null."""
        return None if self._data.get(key) is None else read(self.inside(key))

    def inside(self, key: str) -> "Fields":
        """Return a required object."""
        value = self._data.get(key)
        if type(value) is dict:
            return Fields(value, (*self._place, key))
        raise self._wrong(key, "an object", value)

    def items(self, key: str) -> Iterator["Fields"]:
        """Yield the objects of a required list."""
        value = self._data.get(key)
        if type(value) is not list:
            raise self._wrong(key, "a list", value)
        for index, item in enumerate(value):
            if type(item) is not dict:
                raise self._wrong(key, "an object", item, index)
            yield Fields(item, (*self._place, key, index))

    def optional_items(self, key: str) -> Iterator["Fields"]:
        """Yield the objects of a list, or nothing if it is missing or null."""
        return iter(()) if self._data.get(key) is None else self.items(key)

    def values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        """Return the values of a required list, all of which must be of the given type."""
        value = self._data.get(key)
        if type(value) is not list:
            raise self._wrong(key, "a list", value)
        for index, item in enumerate(value):
            if type(item) is not kind:
                raise self._wrong(key, _KINDS[kind], item, index)
        return tuple(value)

    def optional_values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        """Return the values of a list, or an empty tuple if it is missing or null."""
        return () if self._data.get(key) is None else self.values(key, kind)

    def link(self, key: str) -> str | None:
        """Return the URL of one of the entity's links, or None if there is no such link."""
        link = self._link(key)
        return None if link is None else link.address()

    def address(self) -> str:
        """Return the required URL of a link."""
        href = self.text("href")
        if not href:
            raise self._wrong("href", "a non-empty URL", href)
        return href

    def storage_link(self, key: str) -> StorageLink | None:
        """Return one of the entity's links to a file, or None if there is no such link."""
        link = self._link(key)
        if link is None:
            return None
        return StorageLink(href=link.address(), storage_type=link.optional_text("storageType") or "azure")

    def identity(self) -> int:
        """Return a hash of the entity's id or, if it has none, of its content without links."""
        entity_id = self._data.get("id")
        if type(entity_id) is str:
            return hash(entity_id)
        return hash(json.dumps({key: value for key, value in self._data.items() if key != "_links"}))

    def new_to(self, known: frozenset[str]) -> Mapping[str, object]:
        """Return the members that are unknown to this client."""
        if known.issuperset(self._data):
            return NO_EXTRA
        return {key: value for key, value in self._data.items() if key not in known}

    def checked(self, make: Callable[..., T], **facts: object) -> T:
        """Create an object that validates its arguments."""
        try:
            return make(**facts)
        except ValueError as error:
            raise UnexpectedResponse(f"{_path(self._place)}: {error}") from error

    def _link(self, key: str) -> "Fields | None":
        links = self._data.get("_links")
        if links is None or (type(links) is dict and links.get(key) is None):
            return None
        return self.inside("_links").inside(key)

    def _wrong(self, key: str, expected: str, value: object, *index: int) -> UnexpectedResponse:
        place = _path((*self._place, key, *index))
        if key not in self._data:
            return UnexpectedResponse(f"{place} is missing")
        return UnexpectedResponse(f"{place} must be {expected}, not {_kind(value)}")


def known(kind: type[Known], value: str) -> Known | str:
    """Return an enumeration member; a value unknown to this client is returned as a string."""
    member: Known | str = _members(kind).get(value, value)
    return member


def time_of(value: str) -> datetime:
    """Return a point in time; UTC is assumed if it has no time zone.

    Raises:
        ValueError: The string is not a time.
        OverflowError: The time is out of range.
    """
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def flags_of(kind: type[Flags], value: int) -> Flags:
    """Return flags given as their sum. Flags unknown to this client are kept."""
    flags: Flags = _flags(kind, value)
    return flags


@lru_cache(256)
def _flags(kind: type[Flags], value: int) -> Flags:
    return kind(value)


@cache
def _members(kind: type[Known]) -> Mapping[str, Known]:
    return {member.value: member for member in kind}


def _path(place: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _kind(value: object) -> str:
    return _KINDS[type(value)]
