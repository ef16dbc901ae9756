"""Reading JSON without trusting it: what is missing or of another type is named by its place."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from itwin_imodels._wire._call import Answer
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import StorageLink

Known = TypeVar("Known", bound=StrEnum)
T = TypeVar("T")

_NO_EXTRA: Mapping[str, object] = {}


class Fields:
    """A JSON object, and where it stands in the answer."""

    __slots__ = ("_data", "_place")

    def __init__(self, data: Mapping[str, Any], place: str = "") -> None:
        """Wrap an object."""
        self._data = data
        self._place = place

    @classmethod
    def of(cls, answer: Answer) -> "Fields":
        """Read the content of an answer as a JSON object."""
        try:
            data = json.loads(answer.content)
        except ValueError as error:
            raise UnexpectedResponse("it is not JSON") from error
        if not isinstance(data, dict):
            raise UnexpectedResponse(f"a JSON object was expected, not {_kind(data)}")
        return cls(data)

    def text(self, key: str) -> str:
        """A text that has to be there."""
        return self._typed(key, str)

    def optional_text(self, key: str) -> str | None:
        """A text, or None."""
        return self._optional(key, str)

    def id_text(self, key: str) -> str | None:
        """An id, where the empty text says that there is none."""
        return self._optional(key, str) or None

    def number(self, key: str) -> int:
        """A whole number that has to be there."""
        return self._typed(key, int)

    def optional_number(self, key: str) -> int | None:
        """A whole number, or None."""
        return self._optional(key, int)

    def number_text(self, key: str) -> int:
        """A whole number written as text that has to be there."""
        value = self._typed(key, str)
        if not (value.isascii() and value.isdecimal()):
            raise self._wrong(key, "digits", value)
        return int(value)

    def real(self, key: str) -> float:
        """A number that has to be there."""
        value = self._present(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number", value)
        return float(value)

    def flag(self, key: str, default: bool | None = None) -> bool:  # noqa: FBT001 - one value of JSON
        """A truth value; has to be there unless there is a default."""
        if default is not None and self._data.get(key) is None:
            return default
        return self._typed(key, bool)

    def time(self, key: str) -> datetime:
        """A point in time that has to be there."""
        return self._moment(key, self._typed(key, str))

    def optional_time(self, key: str) -> datetime | None:
        """A point in time, or None."""
        value = self._optional(key, str)
        return None if value is None else self._moment(key, value)

    def known(self, key: str, kind: type[Known]) -> Known | str:
        """A value of an open enumeration: one that is new to this client stays text."""
        return known(kind, self._typed(key, str))

    def optional(self, key: str, read: Callable[["Fields"], T]) -> T | None:
        """An object, or None."""
        value = self._data.get(key)
        return None if value is None else read(self._inside(key, value))

    def inside(self, key: str) -> "Fields":
        """An object that has to be there."""
        return self._inside(key, self._present(key))

    def items(self, key: str) -> Iterator["Fields"]:
        """The objects of a list; no list is an empty one."""
        for index, value in enumerate(self._optional(key, list) or ()):
            yield self._inside(f"{key}[{index}]", value)

    def values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        """The plain values of a list; no list is an empty one."""
        found = self._optional(key, list) or ()
        for index, value in enumerate(found):
            if not isinstance(value, kind) or isinstance(value, bool):
                raise self._wrong(f"{key}[{index}]", kind.__name__, value)
        return tuple(found)

    def link(self, key: str) -> str | None:
        """The address of one of the entity's links, or None."""
        link = self._links().get(key)
        href = link.get("href") if isinstance(link, dict) else None
        return href if isinstance(href, str) else None

    def storage_link(self, key: str) -> StorageLink | None:
        """One of the entity's links to a file, or None."""
        href = self.link(key)
        if href is None:
            return None
        return StorageLink(href=href, storage_type=str(self._links()[key].get("storageType") or "azure"))

    def new_to(self, known: Collection[str]) -> Mapping[str, object]:
        """What is new to this client."""
        new = self._data.keys() - known
        return {key: self._data[key] for key in self._data if key in new} if new else _NO_EXTRA

    def _links(self) -> Mapping[str, Any]:
        links = self._data.get("_links")
        return links if isinstance(links, dict) else {}

    def _present(self, key: str) -> Any:  # noqa: ANN401 - JSON
        value = self._data.get(key)
        if value is None:
            raise UnexpectedResponse(f"{self._path(key)} is missing")
        return value

    def _typed(self, key: str, kind: type[T]) -> T:
        value = self._data.get(key)
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        raise self._wrong(key, kind.__name__, self._present(key))

    def _optional(self, key: str, kind: type[T]) -> T | None:
        return None if self._data.get(key) is None else self._typed(key, kind)

    def _moment(self, key: str, value: str) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise self._wrong(key, "a time", value) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _inside(self, key: str, value: object) -> "Fields":
        if not isinstance(value, dict):
            raise self._wrong(key, "an object", value)
        return Fields(value, self._path(key))

    def _wrong(self, key: str, expected: str, value: object) -> UnexpectedResponse:
        return UnexpectedResponse(f"{self._path(key)} should be {expected}, not {_kind(value)}")

    def _path(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key


def known(kind: type[Known], value: str) -> Known | str:
    """Read a value of an open enumeration: one that is new to this client stays text."""
    try:
        return kind(value)
    except ValueError:
        return value


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
