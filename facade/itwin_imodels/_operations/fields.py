"""Reading JSON without trusting it: what is missing or of another type is named by its place.

Long lists are read through this, so types are compared instead of asked about: JSON has no others, and a truth value is
then no number.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import IntFlag, StrEnum
from functools import cache, lru_cache
from math import isfinite
from typing import Any, TypeVar

from itwin_imodels._operations.call import Answer
from itwin_imodels._operations.json_body import parse_json
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import StorageLink

Known = TypeVar("Known", bound=StrEnum)
Flags = TypeVar("Flags", bound=IntFlag)
T = TypeVar("T")

_NO_EXTRA: Mapping[str, object] = {}
_MOST_DIGITS = 18
_NUMBERS = range(-(2**63), 2**63)
_KINDS = {
    bool: "a truth value",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "text",
    type(None): "null",
}


class Fields:
    """A JSON object, and where it stands in the answer."""

    __slots__ = ("_data", "_place")

    def __init__(self, data: Mapping[str, Any], place: tuple[str | int, ...] = ()) -> None:
        """Wrap an object."""
        self._data = data
        self._place = place

    @classmethod
    def of(cls, answer: Answer) -> "Fields":
        """Read the content of an answer as a JSON object."""
        try:
            data = parse_json(answer.content)
        except ValueError as error:
            raise UnexpectedResponse("it is not JSON") from error
        if type(data) is not dict:
            raise UnexpectedResponse(f"a JSON object was expected, not {_kind(data)}")
        return cls(data)

    def text(self, key: str) -> str:
        """A text that has to be there."""
        value = self._data.get(key)
        if type(value) is str:
            return value
        raise self._wrong(key, "text", value)

    def optional_text(self, key: str) -> str | None:
        """A text, or None."""
        value = self._data.get(key)
        if value is None or type(value) is str:
            return value
        raise self._wrong(key, "text", value)

    def id_text(self, key: str) -> str | None:
        """An id, where the empty text says that there is none."""
        return self.optional_text(key) or None

    def number(self, key: str) -> int:
        """A required whole number of at most 64 bits, the most that the API uses and databases store."""
        value = self._data.get(key)
        if type(value) is int:
            if value in _NUMBERS:
                return value
            raise UnexpectedResponse(f"{_path((*self._place, key))} should be a whole number of at most 64 bits")
        raise self._wrong(key, "a whole number", value)

    def optional_number(self, key: str) -> int | None:
        """A whole number, or None."""
        return None if self._data.get(key) is None else self.number(key)

    def number_text(self, key: str) -> int:
        """A whole number written as text that has to be there."""
        value = self.text(key)
        if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
            raise self._wrong(key, "digits", value)
        return int(value)

    def index(self, key: str) -> int:
        """A whole number from 0 that has to be there, as a number or as text."""
        value = self.number_text(key) if type(self._data.get(key)) is str else self.number(key)
        if value < 0:
            raise self._wrong(key, "a number from 0", value)
        return value

    def real(self, key: str) -> float:
        """A number that has to be there."""
        value = self._data.get(key)
        try:
            if isinstance(value, int | float) and type(value) is not bool and isfinite(value):
                return float(value)
        except OverflowError:  # a whole number that is larger than every other
            pass
        raise self._wrong(key, "a number", value)

    def flag(self, key: str, default: bool | None = None) -> bool:  # noqa: FBT001 - one value of JSON
        """A truth value; has to be there unless there is a default."""
        value = self._data.get(key, default)
        if value is None and default is not None:
            return default
        if type(value) is bool:
            return value
        raise self._wrong(key, "a truth value", value)

    def flags(self, key: str, kind: type[Flags]) -> Flags:
        """A set of flags as their sum; none if it is not there. Flags that are new to this client are kept."""
        value = self.optional_number(key) or 0
        if value < 0:
            raise self._wrong(key, "a number from 0", value)
        found: Flags = _flags(kind, value)
        return found

    def time(self, key: str) -> datetime:
        """A point in time that has to be there."""
        value = self.text(key)
        try:
            moment = datetime.fromisoformat(value)
        except (ValueError, OverflowError) as error:
            raise self._wrong(key, "a time", value) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def optional_time(self, key: str) -> datetime | None:
        """A point in time, or None."""
        return None if self._data.get(key) is None else self.time(key)

    def known(self, key: str, kind: type[Known]) -> Known | str:
        """A value of an open enumeration: one that is new to this client stays text."""
        return known(kind, self.text(key))

    def optional(self, key: str, read: Callable[["Fields"], T]) -> T | None:
        """An object, or None."""
        return None if self._data.get(key) is None else read(self.inside(key))

    def inside(self, key: str) -> "Fields":
        """An object that has to be there."""
        value = self._data.get(key)
        if type(value) is dict:
            return Fields(value, (*self._place, key))
        raise self._wrong(key, "an object", value)

    def items(self, key: str) -> Iterator["Fields"]:
        """The objects of a list that has to be there."""
        value = self._data.get(key)
        if type(value) is not list:
            raise self._wrong(key, "a list", value)
        for index, item in enumerate(value):
            if type(item) is not dict:
                raise self._wrong(key, "an object", item, index)
            yield Fields(item, (*self._place, key, index))

    def optional_items(self, key: str) -> Iterator["Fields"]:
        """The objects of a list; none if the list is missing."""
        return iter(()) if self._data.get(key) is None else self.items(key)

    def values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        """The plain values of a list that has to be there."""
        value = self._data.get(key)
        if type(value) is not list:
            raise self._wrong(key, "a list", value)
        for index, item in enumerate(value):
            if type(item) is not kind:
                raise self._wrong(key, _KINDS[kind], item, index)
        return tuple(value)

    def optional_values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        """The plain values of a list; none if the list is missing."""
        return () if self._data.get(key) is None else self.values(key, kind)

    def link(self, key: str) -> str | None:
        """The address of one of the entity's links, or None."""
        link = self._link(key)
        return None if link is None else link.address()

    def address(self) -> str:
        """The address that a link leads to, which has to be there."""
        href = self.text("href")
        if not href:
            raise self._wrong("href", "an address that is not empty", href)
        return href

    def storage_link(self, key: str) -> StorageLink | None:
        """One of the entity's links to a file, or None."""
        link = self._link(key)
        if link is None:
            return None
        return StorageLink(href=link.address(), storage_type=link.optional_text("storageType") or "azure")

    def identity(self) -> int:
        """A number that is the same for the same entity, whatever its links are; other entities differ in it."""
        entity_id = self._data.get("id")
        if type(entity_id) is str:
            return hash(entity_id)
        return hash(json.dumps({key: value for key, value in self._data.items() if key != "_links"}))

    def new_to(self, known: frozenset[str]) -> Mapping[str, object]:
        """What is new to this client."""
        if known.issuperset(self._data):
            return _NO_EXTRA
        return {key: value for key, value in self._data.items() if key not in known}

    def checked(self, make: Callable[..., T], **facts: object) -> T:
        """Make something that checks what it is made of."""
        try:
            return make(**facts)
        except ValueError as error:
            raise UnexpectedResponse(f"{_path(self._place)}: {error}") from error

    def _link(self, key: str) -> "Fields | None":
        links = self.optional("_links", lambda inner: inner)
        return None if links is None else links.optional(key, lambda inner: inner)

    def _wrong(self, key: str, expected: str, value: object, *index: int) -> UnexpectedResponse:
        place = _path((*self._place, key, *index))
        if key not in self._data:
            return UnexpectedResponse(f"{place} is missing")
        return UnexpectedResponse(f"{place} should be {expected}, not {_kind(value)}")


def known(kind: type[Known], value: str) -> Known | str:
    """Read a value of an open enumeration: one that is new to this client stays text."""
    found: Known | str = _members(kind).get(value, value)
    return found


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
