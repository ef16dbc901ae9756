"""The decompressed content of a changeset file: an optional prefix about the schema, and the body with the changes."""

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
"""A changeset file: its path, or a binary stream positioned at its start."""

_NESTED: Final = frozenset("{[")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DECODER: Final = json.JSONDecoder()


@attrs.frozen
class Payload:
    """An opened changeset file.

    Attributes:
        stream: The compressed stream; its counters grow while the body is read.
        prefix: The prefix up to its first NUL, which is the part that counts; empty if there is no prefix.
        prefix_size: Length of the whole prefix, in bytes.
        body: The changes, in non-empty blocks.
    """

    stream: PackedStream
    prefix: bytes
    prefix_size: int
    body: Iterator[bytes]

    @property
    def body_offset(self) -> int:
        """The offset of the body within the payload."""
        return LENGTH_BYTES + self.prefix_size


@attrs.frozen
class Prefix:
    """The contents of the prefix.

    Attributes:
        contains_schema_changes: Whether the changeset has schema changes.
        ddl: SQL statements that change tables and indexes, joined by semicolons; None if there are none.
    """

    contains_schema_changes: bool = False
    ddl: str | None = None


@contextmanager
def open_payload(source: ChangesetSource, limits: Limits) -> Iterator[Payload]:
    """Open a changeset file, unless it is a stream, and read up to its body.

    Raises:
        ChangesetFileError: It is not a changeset file, or exceeds the limits.
        OSError: It cannot be read.
    """
    with _opened(source) as file:
        stream = PackedStream(file, source_name(source), limits)
        blocks = stream.blocks()
        head, rest = _take(stream.path, b"", blocks, 0, LENGTH_BYTES)
        size = int.from_bytes(head, "big")
        if size > limits.prefix:
            raise PrefixTooLargeError(stream.path, f"the prefix has {size} bytes; the limit is {limits.prefix}", 0)
        prefix, rest = _take(stream.path, rest, blocks, LENGTH_BYTES, size)
        prefix = prefix.split(b"\0", 1)[0]
        yield Payload(stream, prefix, size, _body(rest, blocks))


@contextmanager
def _opened(source: ChangesetSource) -> Iterator[BinaryIO]:
    """Open a path; leave a stream open."""
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file:
            yield file
    else:
        yield source


def source_name(source: ChangesetSource) -> str:
    """Return the name of a file for errors."""
    return os.fspath(source) if isinstance(source, str | os.PathLike) else str(getattr(source, "name", "the file"))


def _take(path: str, rest: bytes, blocks: Iterator[bytes], offset: int, size: int) -> tuple[bytes, bytes]:
    """Return the next bytes of a payload, and the rest of the last block."""
    pieces = []
    have = 0
    while have + len(rest) < size:
        pieces.append(rest)
        have += len(rest)
        block = next(blocks, None)
        if block is None:
            raise MalformedPrefixError(path, "the prefix is truncated", offset + have)
        rest = block
    pieces.append(rest[: size - have])
    return b"".join(pieces), rest[size - have :]


def _body(rest: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if rest:
        yield rest
    yield from blocks


def read_prefix(path: str, text: bytes) -> Prefix:
    """Parse the JSON of a prefix, a flat object of strings, numbers, booleans and nulls.

    Raises:
        MalformedPrefixError: The prefix is not such an object, or a member has the wrong type.
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
    """Parse a flat JSON object. Nested values are rejected, so that hostile input cannot exhaust memory."""
    members: dict[str, object] = {}
    place = _after(text, 0, "{")
    while not members or text[place : place + 1] == ",":
        place = _after(text, place, ",") if members else place
        if not members and text[place : place + 1] == "}":
            break
        name, place = _scalar(text, place)
        if not isinstance(name, str):
            raise ValueError(f"the member name {name!r:.40} is not a string")  # noqa: TRY004 - the content is invalid
        if name in members:
            raise ValueError(f"member {name!r:.40} occurs more than once")
        members[name], place = _scalar(text, _after(text, place, ":"))
    if _after(text, place, "}") != len(text):
        raise ValueError("extra characters after the object")
    return members


def _scalar(text: str, place: int) -> tuple[object, int]:
    if text[place : place + 1] in _NESTED:
        raise ValueError(f"nested value at character {place}")
    value, end = _DECODER.raw_decode(text, place)
    return value, _skip_space(text, end)


def _after(text: str, place: int, token: str) -> int:
    place = _skip_space(text, place)
    if text[place : place + 1] != token:
        raise ValueError(f"expected {token!r} at character {place}")
    return _skip_space(text, place + 1)


def _skip_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place
