"""The file format of manifests: parsing and composing."""

import struct
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from imodel_files._cloud_errors import ManifestError
from imodel_files._cloud_lists import BlockList, entry_size
from imodel_files._cloud_manifest import (
    LARGEST_MANIFEST,
    LONGEST_NAME,
    MANIFEST_NAME,
    Database,
    DeletedBlock,
    Manifest,
    check_manifest_size,
    check_sizes,
    name_bytes,
)

FORMAT_VERSION: Final = 4

_HEADER: Final = struct.Struct(">6I")
_DATABASE: Final = struct.Struct(">6I128s")
_TIME: Final = struct.Struct(">Q")
_VERSION_BYTES: Final = 4
_NO_VERSION: Final = 256
"""From this value on, the field is not a version: the file is of another kind."""
_FLAG: Final = 1 << 31

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_MS: Final = 210_866_760_000_000
"""Milliseconds from the start of the Julian day count to 1970."""
_MS: Final = timedelta(milliseconds=1)


def parse_manifest(content: bytes, *, source: str = MANIFEST_NAME) -> Manifest:
    """Parse a manifest of format version 4.

    All of its contents are validated. Time and memory are proportional to its length.

    Args:
        content: The whole file, at most 64 MiB.
        source: The name of the manifest in errors.

    Returns:
        The manifest.

    Raises:
        ManifestError: The content is not a manifest, has another version, or is damaged.

    Example:
        >>> parse_manifest(bytes.fromhex("00000004 00400000 00000000 00000000 00000010 00000000")).block_size
        4194304
    """
    return _Reader(bytes(content), source).manifest()


def compose_manifest(manifest: Manifest) -> bytes:
    """Encode a manifest exactly as the original tool does.

    Returns:
        The content of the file.

    Raises:
        ManifestError: The result would be invalid: a name is too long or not unique, numbers are out of order or range,
            a list is not based on the parent's list, or the size exceeds 64 MiB.
    """
    deleted = b"".join(each.block_id + _TIME.pack(_julian_ms(manifest, each)) for each in manifest.deleted)
    begin = _HEADER.size + _DATABASE.size * len(manifest.databases) + len(deleted)
    heads = b"".join(_heads(manifest, begin))
    lists = [database.blocks.packed for database in manifest.databases]
    check_manifest_size(manifest, begin + sum(map(len, lists)))
    try:
        header = _HEADER.pack(
            FORMAT_VERSION,
            manifest.block_size,
            len(manifest.databases),
            len(manifest.deleted),
            manifest.id_size,
            manifest.largest_database_id,
        )
    except struct.error as error:
        raise ManifestError(manifest.source, f"a number does not fit its field: {error}", 0, "header") from error
    content = b"".join((header, heads, deleted, *lists))
    _check_parents(manifest)
    parse_manifest(content, source=manifest.source)
    return content


def _heads(manifest: Manifest, offset: int) -> Iterator[bytes]:
    """Yield the header of each database; the lists start at `offset` and are contiguous."""
    for number, database in enumerate(manifest.databases):
        at = _HEADER.size + number * _DATABASE.size
        blocks = database.blocks
        if blocks.id_size != manifest.id_size:
            reason = f"database {database.id} has ids of {blocks.id_size} bytes; ids must have {manifest.id_size}"
            raise ManifestError(manifest.source, reason, at, "id size")
        try:
            yield _DATABASE.pack(
                database.id,
                database.parent_id,
                database.version,
                offset,
                blocks.count | _FLAG * database.is_flagged,
                blocks.entries,
                name_bytes(database.name, manifest.source, at + 24),
            )
        except struct.error as error:
            reason = f"a number of database {database.id} does not fit its field: {error}"
            raise ManifestError(manifest.source, reason, at, "database") from error
        offset += len(blocks.packed)


def _julian_ms(manifest: Manifest, deleted: DeletedBlock) -> int:
    if len(deleted.block_id) != manifest.id_size:
        reason = f"the delete list has an id of {len(deleted.block_id)} bytes; ids must have {manifest.id_size}"
        raise ManifestError(manifest.source, reason, None, "delete list")
    if deleted.deleted_at is None:
        return 0
    if deleted.deleted_at.tzinfo is None:
        raise ManifestError(manifest.source, "a time in the delete list has no time zone", None, "delete list")
    return (deleted.deleted_at - _EPOCH) // _MS + _EPOCH_MS


def _check_parents(manifest: Manifest) -> None:
    """Check that the base of each list is the list of the parent in the manifest."""
    lists = {database.id: database.blocks for database in manifest.databases}
    for number, database in enumerate(manifest.databases):
        base = database.blocks.base
        wanted = lists.get(database.parent_id)
        is_right = base is wanted if wanted or base is None else database.parent_id and not base.count
        if not is_right:
            at = _HEADER.size + number * _DATABASE.size + 4
            reason = f"the blocks of database {database.id} are not based on those of database {database.parent_id}"
            raise ManifestError(manifest.source, reason, at, "parent id")


class _Reader:
    """Parses one manifest."""

    def __init__(self, content: bytes, source: str) -> None:
        self._content = content
        self._source = source
        self._id_size = 0
        self._lists: dict[int, BlockList] = {}
        self._room = 0
        self._last_id = 0

    def manifest(self) -> Manifest:
        self._check_version()
        _, block_size, databases, deleted, id_size, largest_id = _HEADER.unpack_from(self._content)
        check_sizes(self._source, block_size, id_size)
        self._id_size = id_size
        deleted_at = self._end_of("number of databases", 8, _HEADER.size, databases, _DATABASE.size)
        lists_at = self._end_of("number of deleted blocks", 12, deleted_at, deleted, id_size + _TIME.size)
        self._room = len(self._content) - lists_at
        entries = tuple(self._database(_HEADER.size + number * _DATABASE.size, lists_at) for number in range(databases))
        self._check_names(entries)
        return Manifest(
            block_size=block_size,
            id_size=id_size,
            largest_database_id=largest_id,
            databases=entries,
            deleted=tuple(self._deleted(deleted_at, lists_at)),
            source=self._source,
        )

    def _check_version(self) -> None:
        size = len(self._content)
        if (
            size >= _VERSION_BYTES
            and (version := int.from_bytes(self._content[:_VERSION_BYTES], "big")) != FORMAT_VERSION
        ):
            reason = f"unsupported format version {version}; only {FORMAT_VERSION} is supported"
            raise self._error(
                reason if version < _NO_VERSION else "not a manifest: unrecognized header", 0, "format version"
            )
        if size < _HEADER.size:
            raise self._error(f"it has {size} bytes; a manifest must have at least {_HEADER.size}", size, "header")
        if size > LARGEST_MANIFEST:
            raise self._error(f"it has {size} bytes; a manifest may have at most {LARGEST_MANIFEST}", None, "length")

    def _end_of(self, what: str, at: int, begin: int, count: int, size: int) -> int:
        """Return the end of a table of `count` rows, after checking that it is inside the file."""
        end = begin + count * size
        if end > len(self._content):
            reason = f"a table of {count} entries would end at byte {end}, but the file has {len(self._content)} bytes"
            raise self._error(reason, at, what)
        return end

    def _database(self, at: int, lists_at: int) -> Database:
        database_id, parent_id, version, offset, count, entries, name = _DATABASE.unpack_from(self._content, at)
        if database_id <= self._last_id:
            raise self._error(f"id {database_id} follows id {self._last_id}; ids must be ascending", at, "database id")
        if parent_id >= database_id:
            raise self._error(
                f"parent id {parent_id} must be smaller than the database's own id, {database_id}", at + 4, "parent id"
            )
        self._last_id = database_id
        base = self._lists.get(parent_id, BlockList(self._id_size, 0, b"")) if parent_id else None
        if offset < lists_at:
            raise self._error(
                f"the list starts at byte {offset}, before the first byte allowed for lists, {lists_at}",
                at + 12,
                "list offset",
            )
        if base is None:
            packed = self._list(offset, count & ~_FLAG, self._id_size, at + 16, "number of blocks")
        else:
            packed = self._list(offset, entries, entry_size(self._id_size), at + 20, "number of entries")
        blocks = BlockList(self._id_size, count & ~_FLAG, packed, base)
        if base is not None:
            self._check_changes(blocks, base, offset, at)
        self._lists[database_id] = blocks
        return Database(
            id=database_id,
            parent_id=parent_id,
            version=version,
            name=self._name(name, at + 24),
            is_flagged=bool(count & _FLAG),
            blocks=blocks,
        )

    def _list(self, offset: int, count: int, size: int, at: int, what: str) -> bytes:
        """Return the bytes of a list, after checking that all lists together fit into the file."""
        self._end_of(what, at, offset, count, size)
        self._room -= count * size
        if self._room < 0:
            raise self._error(f"a list of {count} entries is too large: the lists overlap", at, what)
        return self._content[offset : offset + count * size]

    def _check_changes(self, blocks: BlockList, base: BlockList, offset: int, at: int) -> None:
        """Check that each block of a child comes either from its parent or from its changes."""
        numbers = sorted(number for number, _ in blocks.changes())
        if numbers and numbers[-1] >= blocks.count:
            raise self._error(
                f"block {numbers[-1]} is out of range; the database has {blocks.count} blocks", offset, "block number"
            )
        if any(one == other for one, other in pairwise(numbers)):
            raise self._error("a block occurs twice", offset, "block number")
        added = len(numbers) - bisect_left(numbers, base.count)
        missing = blocks.count - base.count - added
        if missing > 0:
            reason = f"{missing} of its {blocks.count} blocks are in neither its list nor its parent's"
            raise self._error(reason, at + 16, "number of blocks")

    def _name(self, field: bytes, at: int) -> str:
        name, end, _ = field.partition(b"\0")
        if not end:
            raise self._error(f"the name is not terminated; the limit is {LONGEST_NAME} bytes", at, "name")
        try:
            return name.decode()
        except UnicodeDecodeError as error:
            raise self._error(f"{name!r} is not valid UTF-8", at + error.start, "name") from error

    def _check_names(self, databases: tuple[Database, ...]) -> None:
        known: set[str] = set()
        for number, database in enumerate(databases):
            if database.is_absent:
                continue
            if database.name in known:
                at = _HEADER.size + number * _DATABASE.size + 24
                raise self._error(f"two databases are named {database.name!r}", at, "name")
            known.add(database.name)

    def _deleted(self, begin: int, end: int) -> Iterator[DeletedBlock]:
        for at in range(begin, end, self._id_size + _TIME.size):
            time_at = at + self._id_size
            (value,) = _TIME.unpack_from(self._content, time_at)
            try:
                deleted_at = _EPOCH + (value - _EPOCH_MS) * _MS if value else None
            except OverflowError as error:
                raise self._error(f"{value} ms is not a valid time", time_at, "delete list") from error
            yield DeletedBlock(block_id=self._content[at:time_at], deleted_at=deleted_at)

    def _error(self, reason: str, offset: int | None, field: str) -> ManifestError:
        return ManifestError(self._source, reason, offset, field)
