"""Combine the changes of each instance and row, from one changeset or from many."""

import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import attrs

from imodel_files._change_net import GONE, Net, combined
from imodel_files._change_values import digest
from imodel_files._class_model import TableMap
from imodel_files._encoding import encode_change, encode_header
from imodel_files._limits import Limits
from imodel_files._session import Change, SessionReader, TableHeader

_PARTITIONS: Final = 64
_SMALL: Final = 64
"""Binary values of at most this many bytes are kept unchanged."""
_BLOCK: Final = 1 << 18

TableMaps = Callable[[str], TableMap]


@attrs.define(eq=False)
class InstanceRows:
    """The changed rows of the instances that share a primary table.

    Attributes:
        ids: The ids of the instances, in the order of their first changes.
        tables: The tables of the instances, each with the changes of its rows by instance id.
        has_gone: Whether a row was inserted and then deleted.
    """

    ids: dict[int, None] = attrs.field(factory=dict)
    tables: list[tuple[TableMap, dict[int, Net]]] = attrs.field(factory=list)
    has_gone: bool = False

    def changes_of(self, table: TableMap) -> dict[int, Net]:
        """Return the changes of a table; an empty dictionary if there are none yet."""
        for known, changes in self.tables:
            if known is table:
                return changes
        self.tables.append((table, {}))
        return self.tables[-1][1]


class Gathered:
    """Changes by instance and by row, with all changes of a row combined into one.

    Attributes:
        instances: The rows of the instances, by primary table.
        rows: The changes of rows that do not belong to an instance, by table and key.
        count: Number of changes that were combined.
    """

    def __init__(self, table: TableMaps) -> None:
        """Create an empty collection; `table` returns the table map of a table name."""
        self.instances: defaultdict[str, InstanceRows] = defaultdict(InstanceRows)
        self.rows: dict[tuple[str, tuple[object, ...]], Net] = {}
        self.count = 0
        self._table = table
        self._known: dict[str, tuple[int, InstanceRows | None, dict[int, Net]]] = {}

    def add(self, changes: Iterable[Change], most: int | None = None) -> bool:
        """Add changes that follow those added before; stop when the total would exceed `most`.

        Returns:
            Whether all changes were added.
        """
        known = self._known
        for change in changes:
            if self.count == most:
                return False
            self.count += 1
            id_column, instances, bucket = known.get(change.table) or self._learn(change.table)
            old, new = change.old, change.new
            values = new if old is None else old
            key = values[id_column] if values is not None and id_column < len(values) else None
            if (old is not None and bytes in map(type, old)) or (new is not None and bytes in map(type, new)):
                change = digested(change)  # noqa: PLW2901 - only the digest is kept
            if instances is None or type(key) is not int:
                self._add_row(change)
            elif key not in bucket:
                bucket[key] = change
                instances.ids[key] = None
            else:
                bucket[key] = combined(bucket[key], change)
                instances.has_gone |= bucket[key] is GONE
        return True

    def _learn(self, name: str) -> tuple[int, InstanceRows | None, dict[int, Net]]:
        table = self._table(name)
        instances = None if table.root is None else self.instances[table.root]
        found = table.id_column, instances, {} if instances is None else instances.changes_of(table)
        self._known[name] = found
        return found

    def _add_row(self, change: Change) -> None:
        key = change.table, change.key
        before = self.rows.get(key)
        self.rows[key] = change if before is None else combined(before, change)


def digested(change: Change) -> Change:
    """Replace the large binary values of a change with their digests."""
    old, new = change.old, change.new
    if any(_is_large(each) for values in (old, new) if values is not None for each in values):
        return attrs.evolve(change, old=_digested(old), new=_digested(new))
    return change


def _digested(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(digest(each) if _is_large(each) else each for each in values)


def _is_large(value: object) -> bool:
    return isinstance(value, bytes) and len(value) > _SMALL


def gathered(read: Callable[[], Iterable[Change]], table: TableMaps, limits: Limits) -> Iterator[Gathered]:
    """Combine changes: all at once, or one partition of the instances at a time if they do not fit in memory.

    Args:
        read: Returns an iterator over the changes; each call starts at the first one.
        table: Returns the table map of a table name.
        limits: `Limits.rows_in_memory` applies.
    """
    whole = Gathered(table)
    if whole.add(read(), limits.rows_in_memory):
        yield whole
        return
    del whole
    with tempfile.TemporaryDirectory(prefix="imodel-changes-") as folder:
        paths = [Path(folder) / str(number) for number in range(_PARTITIONS)]
        _distribute(read(), table, paths)
        for path in paths:
            part = Gathered(table)
            part.add(_read_back(path, limits))
            yield part


def _distribute(changes: Iterable[Change], table: TableMaps, paths: list[Path]) -> None:
    """Write changes to files such that all changes of an instance are in the same file, in order."""
    with ExitStack() as opened:
        files: list[IO[bytes]] = [opened.enter_context(path.open("wb")) for path in paths]
        headers: list[TableHeader | None] = [None] * len(files)
        for change in changes:
            number = _partition(change, table(change.table), len(files))
            columns = len(change.old if change.old is not None else change.new or ())
            header = TableHeader(change.table, columns, change.key_columns)
            if header != headers[number]:
                headers[number] = header
                files[number].write(encode_header(header))
            files[number].write(encode_change(change))


def _partition(change: Change, table: TableMap, count: int) -> int:
    key = change.key
    if table.root is not None and key and isinstance(key[0], int):
        return key[0] % count
    return zlib.crc32(repr((change.table, key)).encode(errors="surrogateescape")) % count


def _read_back(path: Path, limits: Limits) -> Iterator[Change]:
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(_BLOCK), b"")
        reader = SessionReader(blocks, str(path), 0, limits, "surrogateescape")
        while (table := reader.next_table()) is not None:
            yield from reader.read_changes(table)
