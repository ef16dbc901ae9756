"""Putting the changes of each instance and row together, from one changeset or from many."""

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
"""Binary values of up to so many bytes are kept as they are."""
_BLOCK: Final = 1 << 18

TableMaps = Callable[[str], TableMap]


@attrs.define(eq=False)
class InstanceRows:
    """The changed rows of the instances that have the same primary table.

    Attributes:
        ids: The instances, in the order of their first changes.
        tables: Each of their tables, with the changes of its rows by the id of the instance.
        has_gone: Whether a row was inserted and deleted again.
    """

    ids: dict[int, None] = attrs.field(factory=dict)
    tables: list[tuple[TableMap, dict[int, Net]]] = attrs.field(factory=list)
    has_gone: bool = False

    def changes_of(self, table: TableMap) -> dict[int, Net]:
        """Return the changes of a table."""
        for known, changes in self.tables:
            if known is table:
                return changes
        self.tables.append((table, {}))
        return self.tables[-1][1]


class Gathered:
    """Changes by instance and by row; several changes of a row are one.

    Attributes:
        instances: The rows of the instances, by primary table.
        rows: Changes of rows that are no instances, by table and key.
        count: How many changes were put together.
    """

    def __init__(self, table: TableMaps) -> None:
        """Begin with nothing; `table` returns what is known of a table."""
        self.instances: defaultdict[str, InstanceRows] = defaultdict(InstanceRows)
        self.rows: dict[tuple[str, tuple[object, ...]], Net] = {}
        self.count = 0
        self._table = table
        self._known: dict[str, tuple[int, InstanceRows | None, dict[int, Net]]] = {}

    def add(self, changes: Iterable[Change], most: int | None = None) -> bool:
        """Add changes, which come after those added before; stop if there are more than `most` in all.

        Returns:
            Whether all were added.
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
                change = digested(change)  # noqa: PLW2901 - what is kept of it
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
    """Return a change without its large binary values, whose digests stand in their places."""
    old, new = change.old, change.new
    if any(_is_large(each) for values in (old, new) if values is not None for each in values):
        return attrs.evolve(change, old=_digested(old), new=_digested(new))
    return change


def _digested(values: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(digest(each) if _is_large(each) else each for each in values)


def _is_large(value: object) -> bool:
    return isinstance(value, bytes) and len(value) > _SMALL


def gathered(read: Callable[[], Iterable[Change]], table: TableMaps, limits: Limits) -> Iterator[Gathered]:
    """Put changes together; all at once, or by parts of the instances where there are too many for the memory.

    Args:
        read: Returns the changes, each time from the first.
        table: Returns what is known of a table.
        limits: `Limits.rows_in_memory` counts.
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
    """Write changes to files so that those of one instance come into the same one, in their order."""
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
