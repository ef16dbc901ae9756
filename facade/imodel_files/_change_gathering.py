"""Putting the changes of each instance and row together, from one changeset or from many."""

import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import attrs

from imodel_files._change_net import Net, combined
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
Parts = list[tuple[TableMap, Net]]


class Gathered:
    """Changes by instance and by row; several changes of a row are one.

    Attributes:
        instances: The parts of each instance, by primary table and id.
        rows: Changes of rows that are no instances, by table and key.
        count: How many changes were put together.
    """

    def __init__(self, table: TableMaps) -> None:
        """Begin with nothing; `table` returns what is known of a table."""
        self.instances: defaultdict[str, dict[int, Parts]] = defaultdict(dict)
        self.rows: dict[tuple[str, tuple[object, ...]], Net] = {}
        self.count = 0
        self._table = table
        self._known: dict[str, tuple[TableMap, dict[int, Parts] | None]] = {}

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
            table, bucket = known.get(change.table) or self._learn(change.table)
            values = change.new if change.old is None else change.old
            key = values[table.id_column] if values is not None and table.id_column < len(values) else None
            kept = digested(change)
            if bucket is None or type(key) is not int:
                self._add_row(kept)
                continue
            parts = bucket.get(key)
            if parts is None:
                bucket[key] = [(table, kept)]
            else:
                _add_part(parts, table, kept)
        return True

    def _learn(self, name: str) -> tuple[TableMap, dict[int, Parts] | None]:
        table = self._table(name)
        found = table, None if table.root is None else self.instances[table.root]
        self._known[name] = found
        return found

    def _add_row(self, change: Change) -> None:
        key = change.table, change.key
        before = self.rows.get(key)
        self.rows[key] = change if before is None else combined(before, change)


def _add_part(parts: Parts, table: TableMap, change: Change) -> None:
    for index, (other, before) in enumerate(parts):
        if other is table:
            parts[index] = table, combined(before, change)
            return
    parts.append((table, change))


def digested(change: Change) -> Change:
    """Return a change without its large binary values, whose digests stand in their places."""
    old, new = change.old, change.new
    if (old is None or bytes not in map(type, old)) and (new is None or bytes not in map(type, new)):
        return change
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
