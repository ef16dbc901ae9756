"""What a changeset file unpacks to: an optional prefix about the schema, and the body with the changes."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import attrs

from imodel_files._container import PackedStream
from imodel_files._errors import MalformedPrefixError, PrefixTooLargeError
from imodel_files._limits import Limits

LENGTH_BYTES: Final = 4
SCHEMA_MEMBER: Final = "ContainsSchemaChanges"
DDL_MEMBER: Final = "DDL"

ChangesetSource: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A changeset file, or the file itself, open for reading in binary at its beginning."""

_NO_SCALAR: Final = frozenset("{[")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DECODER: Final = json.JSONDecoder()


@attrs.frozen
class Payload:
    """An opened changeset file.

    Attributes:
        stream: Where it comes from; its counters grow while the body is read.
        prefix: The text before the prefix's first NUL, which is the part that counts; empty where there is none.
        prefix_size: Length of the whole prefix, in bytes.
        body: The changes, in blocks that are not empty.
    """

    stream: PackedStream
    prefix: bytes
    prefix_size: int
    body: Iterator[bytes]

    @property
    def body_offset(self) -> int:
        """Where the body begins, counted from the begin of the payload."""
        return LENGTH_BYTES + self.prefix_size


@attrs.frozen
class Prefix:
    """What the prefix says.

    Attributes:
        contains_schema_changes: Whether the schema was changed.
        ddl: SQL that changes tables and indexes, statements joined by semicolons; None where there is none.
    """

    contains_schema_changes: bool = False
    ddl: str | None = None


@contextmanager
def open_payload(source: ChangesetSource, limits: Limits) -> Iterator[Payload]:
    """Open a changeset file, unless it is open, and read as far as its body.

    Raises:
        ChangesetFileError: It is not one, or not within the limits.
        OSError: It cannot be read.
    """
    with _opened(source) as file:
        stream = PackedStream(file, source_name(source), limits)
        blocks = stream.blocks()
        head, rest = _take(stream.path, b"", blocks, 0, LENGTH_BYTES)
        size = int.from_bytes(head, "big")
        if size > limits.prefix:
            raise PrefixTooLargeError(stream.path, f"a prefix of {size} bytes; the limit is {limits.prefix}", 0)
        prefix, rest = _take(stream.path, rest, blocks, LENGTH_BYTES, size)
        prefix = prefix.split(b"\0", 1)[0]
        yield Payload(stream, prefix, size, _body(rest, blocks))


@contextmanager
def _opened(source: ChangesetSource) -> Iterator[BinaryIO]:
    """Open a file; one that is open stays open."""
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            yield file
    else:
        yield source


def source_name(source: ChangesetSource) -> str:
    """Return the name of a file for errors."""
    return os.fspath(source) if isinstance(source, str | os.PathLike) else str(getattr(source, "name", "the file"))


def _take(path: str, rest: bytes, blocks: Iterator[bytes], offset: int, size: int) -> tuple[bytes, bytes]:
    """Return the next bytes of a payload, and what is left of the last block."""
    pieces = []
    have = 0
    while have + len(rest) < size:
        pieces.append(rest)
        have += len(rest)
        block = next(blocks, None)
        if block is None:
            raise MalformedPrefixError(path, "the content ends before its prefix does", offset + have)
        rest = block
    pieces.append(rest[: size - have])
    return b"".join(pieces), rest[size - have :]


def _body(rest: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if rest:
        yield rest
    yield from blocks


def read_prefix(path: str, text: bytes) -> Prefix:
    """Read the JSON of a prefix. Its members are strings, numbers, booleans or null: nothing is nested.

    Raises:
        MalformedPrefixError: It is not such an object, or a member has the wrong type.
    """
    if not text:
        return Prefix()
    try:
        members = _members(text.decode())
    except ValueError as error:
        raise MalformedPrefixError(path, f"the prefix is not a flat JSON object in UTF-8: {error}", 4) from error
    changes, ddl = members.get(SCHEMA_MEMBER, False), members.get(DDL_MEMBER)
    if not isinstance(changes, bool):
        raise MalformedPrefixError(path, f"{SCHEMA_MEMBER} of the prefix is not a boolean", LENGTH_BYTES)
    if ddl is not None and not isinstance(ddl, str):
        raise MalformedPrefixError(path, f"{DDL_MEMBER} of the prefix is not a string", LENGTH_BYTES)
    if ddl and _SURROGATE.search(ddl):
        raise MalformedPrefixError(path, f"{DDL_MEMBER} of the prefix has a lone surrogate", LENGTH_BYTES)
    return Prefix(changes, ddl)


def _members(text: str) -> dict[str, object]:
    """Parse a flat JSON object; refusing what is nested keeps hostile text from growing in memory."""
    found: dict[str, object] = {}
    place = _after(text, 0, "{")
    while not found or text[place : place + 1] == ",":
        place = _after(text, place, ",") if found else place
        if not found and text[place : place + 1] == "}":
            break
        name, place = _scalar(text, place)
        if not isinstance(name, str) or name in found:
            raise ValueError(f"{name!r:.40} names no member, or one that is there already")
        found[name], place = _scalar(text, _after(text, place, ":"))
    if _after(text, place, "}") != len(text):
        raise ValueError("something follows the object")
    return found


def _scalar(text: str, place: int) -> tuple[object, int]:
    if text[place : place + 1] in _NO_SCALAR:
        raise ValueError(f"a nested value at character {place}")
    value, end = _DECODER.raw_decode(text, place)
    return value, _skip_space(text, end)


def _after(text: str, place: int, token: str) -> int:
    place = _skip_space(text, place)
    if text[place : place + 1] != token:
        raise ValueError(f"no {token!r} at character {place}")
    return _skip_space(text, place + 1)


def _skip_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
