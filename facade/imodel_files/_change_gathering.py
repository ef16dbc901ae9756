"""Combine the changes to each instance and row, from one changeset or from many."""

import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final

import attrs

from imodel_files._change import Change, TableHeader
from imodel_files._change_classes import instance_id_of
from imodel_files._change_net import Net, combined
from imodel_files._change_values import Blob, digest
from imodel_files._class_model import TableMap
from imodel_files._ddl import folded
from imodel_files._encoding import encode_change, encode_header
from imodel_files._limits import Limits
from imodel_files._session import SessionReader
from imodel_files._shapes import LONGEST

_PARTITIONS: Final = 64
_BLOCK: Final = 1 << 18
_AT_ONCE: Final = 1024
_SHA256_BYTES: Final = 32

TableMaps = Callable[[str], TableMap]
Values = tuple[Any, ...] | None
Groups = Iterable[Iterable[Change]]
"""Changes in the order of the timeline; all changes of a group are to one table."""


@attrs.define(eq=False)
class InstanceRows:
    """The changed rows of the instances that share a primary table.

    Attributes:
        classes: The instances in the order of their first changes, with the classes that the changes contain; None if
            they contain none. The classes of combined changes must be determined again.
        tables: The tables of the instances, each with the changes to its rows by instance id.
        is_combined: Whether several changes to a row were combined, which may leave none.
    """

    classes: dict[int, int | None] = attrs.field(factory=dict)
    tables: list[tuple[TableMap, dict[int, Net]]] = attrs.field(factory=list)
    is_combined: bool = False

    def changes_of(self, table: TableMap) -> dict[int, Net]:
        """Return the changes to a table; an empty dictionary if there are none yet."""
        for known, changes in self.tables:
            if known is table:
                return changes
        self.tables.append((table, {}))
        return self.tables[-1][1]


class Gathered:
    """Changes by instance and by row, with all changes to a row combined into one.

    Attributes:
        instances: The rows of the instances, by primary table.
        rows: The changes to rows that do not belong to an instance, by table and key.
        count: Number of changes that were added.
    """

    def __init__(self, table: TableMaps) -> None:
        """Create an empty collection; `table` returns the table map of a table name."""
        self.instances: defaultdict[str, InstanceRows] = defaultdict(InstanceRows)
        self.rows: dict[tuple[str, tuple[object, ...]], Net] = {}
        self.count = 0
        self._table = table

    def add(self, groups: Groups, maximum: int | None = None) -> bool:
        """Add groups of changes that follow those added before; stop when the total would exceed `maximum`.

        Returns:
            Whether all changes were added.
        """
        for group in map(iter, groups):
            while some := list(islice(group, _AT_ONCE)):
                self.count += len(some)
                if maximum is not None and self.count > maximum:
                    return False
                self._add_some(self._table(some[0].table), some)
        return True

    def _add_some(self, table: TableMap, changes: list[Change]) -> None:
        """Add changes to one table; all at once if each is the first change to a different row."""
        if table.root is None:
            self._add_others(changes)
            return
        instances = self.instances[table.root]
        rows = instances.changes_of(table)
        ids, classes = _ids(table, changes), _classes(table, changes)
        fresh = dict(zip(ids, changes, strict=False))
        if not len(fresh) == len(changes) == len(classes) or not rows.keys().isdisjoint(fresh):
            self._add_combined(table, changes, instances, rows)
            return
        rows.update(fresh)
        known = instances.classes
        known.update(zip(fresh, map(known.get, fresh), strict=True))
        known.update({key: each for key, each in zip(fresh, classes, strict=True) if type(each) is int})

    def _add_combined(
        self, table: TableMap, changes: list[Change], instances: InstanceRows, rows: dict[int, Net]
    ) -> None:
        """Add changes to rows; several of them may change the same row."""
        instances.is_combined = True
        for change in changes:
            instance_id = instance_id_of(table, change)
            if instance_id is None:
                self._add_others([change])
                continue
            before = rows.get(instance_id)
            rows[instance_id] = change if before is None else combined(before, change, table.class_column)
            instances.classes.setdefault(instance_id)

    def _add_others(self, changes: list[Change]) -> None:
        """Add changes to rows that belong to no instance."""
        for change in changes:
            key = folded(change.table), change.key
            before = self.rows.get(key)
            self.rows[key] = change if before is None else combined(before, change)


def _ids(table: TableMap, changes: list[Change]) -> list[int]:
    """Return the ids of the instances that changed rows belong to; an empty list if a row belongs to none."""
    index = table.id_column
    try:
        ids: list[Any] = [(each.new if each.old is None else each.old)[index] for each in changes]  # type: ignore[index] # one of them exists
    except IndexError:
        return []
    return ids if set(map(type, ids)) == {int} else []


def _classes(table: TableMap, changes: list[Change]) -> list[Any]:
    """Return the class column of each change, whatever it contains; an empty list if a change lacks the column."""
    if table.class_column is None:
        return [table.exclusive_class] * len(changes)
    index = table.class_column
    try:
        return [(each.old if each.new is None else each.new)[index] for each in changes]  # type: ignore[index] # as above
    except IndexError:
        return []


def without_blobs(values: Values) -> Values:
    """Return values with the digests of large binary values in their places."""
    if values is None or not any(type(each) is bytes and len(each) > LONGEST for each in values):
        return values
    return tuple(digest(each) if type(each) is bytes and len(each) > LONGEST else each for each in values)


def digested(change: Change) -> Change:
    """Replace the large binary values of a change with their digests; see `without_blobs`."""
    return attrs.evolve(change, old=without_blobs(change.old), new=without_blobs(change.new))


def gathered(read: Callable[[], Groups], table: TableMaps, limits: Limits) -> Iterator[Gathered]:
    """Combine changes: all at once, or, if they do not fit in memory, one partition of the instances at a time.

    Args:
        read: Returns an iterator over the changes, without large binary values; each call starts at the first one.
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
        _distribute(chain.from_iterable(read()), table, paths)
        for path in paths:
            part = Gathered(table)
            part.add(_read_back(path, limits))
            yield part


def _distribute(changes: Iterable[Change], table: TableMaps, paths: list[Path]) -> None:
    """Write changes to files so that all changes to an instance are in the same file, in order."""
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
            packed = attrs.evolve(change, old=_with_packed(change.old), new=_with_packed(change.new))
            files[number].write(encode_change(packed))


def _partition(change: Change, table: TableMap, count: int) -> int:
    key = change.key
    if table.root is not None and key and isinstance(key[0], int):
        return key[0] % count
    return zlib.crc32(repr((folded(change.table), key)).encode(errors="surrogateescape")) % count


def _read_back(path: Path, limits: Limits) -> Iterator[Iterator[Change]]:
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(_BLOCK), b"")
        reader = SessionReader(blocks, str(path), 0, limits, "surrogateescape", reduce=_without_packed)
        while (table := reader.next_table()) is not None:
            yield reader.read_changes(table)


def _with_packed(values: Values) -> Values:
    """Return values with each digest packed into bytes, which are longer than any bytes that `without_blobs` leaves."""
    return None if values is None else tuple(_pack(each) if isinstance(each, Blob) else each for each in values)


def _pack(blob: Blob) -> bytes:
    return bytes.fromhex(blob.sha256) + blob.size.to_bytes(LONGEST)


def _without_packed(values: Values) -> Values:
    """Return values with the packed digests restored."""
    return None if values is None else tuple(map(_unpack, values))


def _unpack(value: Any) -> Any:  # noqa: ANN401 - any SQLite value
    is_packed = isinstance(value, bytes) and len(value) > LONGEST
    return Blob(int.from_bytes(value[_SHA256_BYTES:]), value[:_SHA256_BYTES].hex()) if is_packed else value
