"""Record in spec/reliance.json what the facade sends and reads in each operation, or check the committed record.

python -m scripts.reliance           runs every builder and reader with recording inputs, and writes the record
python -m scripts.reliance --check   does the same, then compares it with the record and checks the record against
                                    the definition
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar
from unittest import mock

from itwin_imodels._aio import exchange
from itwin_imodels._aio.pool import merged_headers
from itwin_imodels._operations import common
from itwin_imodels._operations.call import Call, read_no_content
from itwin_imodels._operations.endpoints import Request
from itwin_imodels._operations.fields import Fields
from itwin_imodels.models import (
    StorageLink,
)
from scripts.expected_values import expected_values
from scripts.facade_calls import builders, calls
from scripts.pages.commands import methods_by_operation
from scripts.specs.correct import readable
from scripts.specs.definition import load as load_definition
from scripts.specs.inventory import rows
from scripts.specs.overlay import OVERLAYS, overlay_files
from scripts.specs.reliance import ENTRY, RELIANCE, Read, Reliance, Sent, dump, load, problems
from scripts.toolkit import ToolError, read_bytes, replace_file, run, shown

T = TypeVar("T")
_WHEN = datetime(2027, 1, 31, 10, tzinfo=UTC)

_TEXT = "e30="
"""String that every reader accepts; it is also an empty JSON object in base64, as required for extended data."""


def main(argv: list[str]) -> int:
    """Do the work of ``make reliance`` and ``make reliance-check``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed record instead of writing it")
    check = parser.parse_args(argv).check
    if check and (found := problems(readable(load_definition(), overlay_files(OVERLAYS)), load())):
        print("\n".join(found))
        return 1
    content = dump(record())
    if not check:
        replace_file(RELIANCE, content)
        print(f"{shown(RELIANCE)}: written")
        return 0
    if content != read_bytes(RELIANCE, "the record of what the facade relies on"):
        raise ToolError(f"{shown(RELIANCE)}: not up to date; run 'make reliance'")
    print(f"{shown(RELIANCE)}: up to date, and the definition covers all of it")
    return 0


def record() -> dict[str, Reliance]:
    """Run all builders of the facade, and the readers of their calls, with recording inputs.

    Raises:
        ToolError: An operation of the inventory has no builder, or a builder rejects all values of an argument.
    """
    ids = {row.module.removeprefix("api."): row.operation_id for row in rows() if row.facade_method}
    methods = methods_by_operation()
    found: dict[str, list[Call[Any]]] = {}
    for builder in builders():
        built = list(calls(builder))
        found.setdefault(ids[built[0].endpoint], []).extend(built)
    if missing := set(ids.values()) - set(found):
        raise ToolError(f"the facade has no builder for {', '.join(sorted(missing))}; add one")
    return {name: _recorded(methods[name], found[name]) for name in sorted(found)}


def _recorded(methods: list[str], calls: list[Call[Any]]) -> Reliance:
    requests = [_request(call) for call in calls]
    headers = [_headers(request, call) for request, call in zip(requests, calls, strict=True)]
    reading = _Reading()
    for call in calls:
        for generous in (True, False):
            reading.run(call, generous=generous)
    return Reliance(
        methods=tuple(sorted(methods, key=lambda name: ("." not in name, name))),
        query=_sent([{k: v for k, v in each.query.items() if v is not None} for each in requests]),
        headers={
            name: each._replace(values=tuple(sorted({sent[name] for sent in headers if name in sent})))
            for name, each in _sent(headers).items()
        },
        body=_sent([dict(_paths(each.json)) for each in requests if each.json is not None]),
        reads={
            path: Read(
                tuple(sorted(types)),
                required=reading.required[path] > 0,
                sometimes=0 < reading.required[path] < reading.calls,
                values=reading.expected.get(path, ()),
            )
            for path, types in reading.types.items()
        },
        answer_headers=tuple(sorted(reading.headers)),
        answer="none" if all(call.read is read_no_content for call in calls) else reading.answer,
        content=next((each["Content-Type"] for each in headers if "Content-Type" in each), None),
    )


def _request(call: Call[Any]) -> Request:
    try:
        return call.request()
    except (TypeError, ImportError) as error:
        raise ToolError(
            f"{call.name}: the generated {call.endpoint} does not accept what the facade sends: {error}; run"
            " 'make reliance-check', which names what the definition lacks, and adapt itwin_imodels._operations"
        ) from error


def _headers(request: Request, call: Call[Any]) -> dict[str, Any]:
    """Return the headers that the client sends with a request."""
    sent = merged_headers(exchange.HEADERS, request.headers, call.headers)
    del sent["user-agent"]  # it contains the version
    return {name.title(): value for name, value in sent.items()}  # definitions differ in case


def _sent(requests: list[dict[str, Any]]) -> dict[str, Sent]:
    return {
        name: Sent(
            tuple(sorted({_type(each[name]) for each in requests if name in each})),
            all(name in each for each in requests if not _holder(name) or each.get(_holder(name)) is not None),
        )
        for name in sorted({name for each in requests for name in each})
    }


def _holder(path: str) -> str:
    """Return the path of the object that contains a property; empty for the body itself."""
    return path.removesuffix(ENTRY) if path.endswith(ENTRY) else path.rpartition(".")[0]


def _paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each, f"{path}{ENTRY}")


def _type(value: object) -> str:
    kinds = {bool: "boolean", dict: "object", float: "number", int: "integer", list: "array", type(None): "null"}
    return kinds.get(type(value), "string")


class _Reading:
    """The properties and headers that readers have read from a response."""

    def __init__(self) -> None:
        self.types: dict[str, set[str]] = {}
        self.required = Counter[str]()
        self.calls = 0
        self.answer: str | None = None
        self.expected: dict[str, tuple[str, ...]] = {}
        self.headers: set[str] = set()
        self.generous = True

    def run(self, call: Call[Any], *, generous: bool) -> None:
        """Run the reader of a call on a response with all members, or with the required members only."""
        if call.read is read_no_content:
            return
        self.generous = generous
        self.calls += generous
        self._seen: set[str] = set()
        root = _RecordingFields(self, "")
        with (
            mock.patch.object(Fields, "of", return_value=root),
            mock.patch.object(Fields, "of_large", return_value=None),
            mock.patch.object(common, "check_requested"),
        ):
            call.read(_RecordingAnswer(self))  # type: ignore[arg-type]

    def note(self, path: str, *types: str, required: bool) -> None:
        """Record that a property was read."""
        self.types.setdefault(path, set()).update(types)
        if required and self.generous and path not in self._seen:
            self.required[path] += 1
            self._seen.add(path)


class _RecordingAnswer:
    """A stand-in for a response with any JSON, any header and a picture."""

    status = 200

    def __init__(self, reading: _Reading) -> None:
        self._reading = reading

    @property
    def content(self) -> bytes:
        """Record that the body is read as bytes."""
        self._reading.answer = "bytes"
        return b"\x89PNG\r\n\x1a\n picture"

    @property
    def headers(self) -> "_RecordingAnswer":
        """Return this object, which implements the only mapping method that readers use."""
        return self

    def get(self, name: str, default: str = "https://host/imodels/id") -> str:
        """Record that a header was read."""
        self._reading.headers |= {name.title()} - {"Content-Type", "Date"}  # headers of HTTP itself
        return default


class _RecordingFields(Fields):
    """A stand-in for a JSON object that has every property."""

    def __init__(self, reading: _Reading, path: str) -> None:
        super().__init__({})
        self._reading = reading
        self._path = path

    def text(self, key: str) -> str:
        return self._value(key, "string", _TEXT)

    def optional_text(self, key: str) -> str | None:
        return self._optional(key, "string", _TEXT)

    def number(self, key: str) -> int:
        return self._value(key, "integer", 1)

    def optional_number(self, key: str) -> int | None:
        return self._optional(key, "integer", 1)

    def number_text(self, key: str) -> int:
        return self._value(key, "string", 1)

    def index(self, key: str) -> int:
        self._value(key, "integer", 1)
        return self._value(key, "string", 1)

    def real(self, key: str) -> float:
        return self._value(key, "number", 0.5)

    def flag(self, key: str, default: bool | None = None) -> bool:  # noqa: FBT001 - same signature as in `Fields`
        self._reading.note(self._below(key), "boolean", required=default is None)
        return True

    def time(self, key: str) -> datetime:
        return self._value(key, "string", _WHEN)

    def optional_time(self, key: str) -> datetime | None:
        return self._optional(key, "string", _WHEN)

    def known(self, key: str, kind: type[StrEnum]) -> Any:
        self._reading.expected[self._below(key)] = expected_values().get(kind, ())
        return self._value(key, "string", list(kind)[-1])

    def optional(self, key: str, read: Callable[[Fields], T]) -> T | None:
        return None if self._optional(key, "object", 1) is None else read(self._inside(key))

    def inside(self, key: str) -> Fields:
        self._value(key, "object", None)
        return self._inside(key)

    def items(self, key: str) -> Iterator[Fields]:
        return self._items(key, required=True)

    def optional_items(self, key: str) -> Iterator[Fields]:
        return self._items(key, required=False)

    def values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        return self._values(key, kind, required=True)

    def optional_values(self, key: str, kind: type[T]) -> tuple[T, ...]:
        return self._values(key, kind, required=False)

    def identity(self) -> int:
        return 0

    def link(self, key: str) -> str | None:
        href: str | None = self._link(key, "href", required=True)
        return href

    def storage_link(self, key: str) -> StorageLink | None:
        href = self._link(key, "href", required=True)
        self._link(key, "storageType", required=False)
        return None if href is None else StorageLink(href=str(href), storage_type="azure")

    def _link(self, key: str, part: str, *, required: bool = False) -> Any:  # type: ignore[override]
        links = self._below("_links")
        self._reading.note(links, "object", required=False)
        self._reading.note(f"{links}.{key}", "object", required=False)
        self._reading.note(f"{links}.{key}.{part}", "string", required=required)
        return "https://host/users/1/changesets/1" if self._reading.generous else None

    def _items(self, key: str, *, required: bool) -> Iterator[Fields]:
        self._reading.note(self._below(key), "array", required=required)
        self._reading.note(self._below(key) + ENTRY, "object", required=True)
        yield self._inside(key + ENTRY)

    def _values(self, key: str, kind: type[T], *, required: bool) -> tuple[T, ...]:
        sample = kind(_TEXT) if issubclass(kind, str) else kind(1)  # type: ignore[call-arg]
        self._reading.note(self._below(key), "array", required=required)
        self._reading.note(self._below(key) + ENTRY, _type(sample), required=True)
        return (sample,)

    def _value(self, key: str, kind: str, sample: T) -> T:
        self._reading.note(self._below(key), kind, required=True)
        return sample

    def _optional(self, key: str, kind: str, sample: T) -> T | None:
        self._reading.note(self._below(key), kind, required=False)
        return sample if self._reading.generous else None

    def _inside(self, key: str) -> Fields:
        return _RecordingFields(self._reading, self._below(key))

    def _below(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


if __name__ == "__main__":
    run(main)
