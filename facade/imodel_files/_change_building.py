"""Making changes of instances and rows from gathered parts: finding classes, and reading context from the database."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, Final, cast

import attrs

from imodel_files._change_classes import ChainClasses, FoundClass, instance_id_of, stated_class
from imodel_files._change_gathering import Gathered, Parts, digested
from imodel_files._change_instances import KINDS, InstanceChange, RowChange, TimelineChangeset
from imodel_files._change_net import GONE
from imodel_files._change_parts import Part
from imodel_files._change_values import hex_id, plain_value
from imodel_files._class_model import InstanceKind, TableMap
from imodel_files._class_reading import IModelClasses
from imodel_files._fields import NO_VALUE
from imodel_files._session import Change, Operation

_AT_ONCE: Final = 500

Rows = list[tuple[TableMap, Change]]
_NOTHING: Final[Mapping[str, Any]] = {}


@attrs.frozen
class _Label:
    """How a class is presented.

    Attributes:
        name: Its name.
        id: Its id in hexadecimal.
        is_fallback: Whether it is only the one that the table was made for.
        make_part: Says what the columns of a row hold for the class.
    """

    name: str | None
    id: str | None
    is_fallback: bool
    make_part: Callable[[TableMap, Change], Part]


class ChangeBuilder:
    """Makes changes with names of what an iModel's database describes."""

    def __init__(self, classes: IModelClasses, chain: ChainClasses) -> None:
        """Use the classes of a database, and those that the whole chain of changesets states."""
        self._classes = classes
        self._chain = chain
        self._labels: dict[FoundClass, _Label] = {}

    def instances(
        self, found: Gathered, changeset: TimelineChangeset | None, kinds: Collection[InstanceKind]
    ) -> Iterator[InstanceChange]:
        """Yield the changes of instances of some kinds."""
        for root_name, bucket in found.instances.items():
            root = self._classes.table(root_name)
            if root.kind not in kinds:
                continue
            entries = iter(bucket.items())
            while some := list(islice(entries, _AT_ONCE)):
                yield from self._some(root, some, changeset)

    def _some(
        self, root: TableMap, entries: list[tuple[int, Parts]], changeset: TimelineChangeset | None
    ) -> Iterator[InstanceChange]:
        live: list[tuple[int, Operation, Rows]] = []
        for instance_id, parts in entries:
            if rows := _live(parts):
                operation = _operation(rows)
                if operation is not Operation.UPDATE or not _is_empty(rows):
                    live.append((instance_id, operation, rows))
        updated = [instance_id for instance_id, operation, _ in live if operation is Operation.UPDATE]
        told = self._classes.told(root, updated) if updated else {}
        kind, make = root.kind, KINDS[root.kind]
        for instance_id, operation, rows in live:
            known = told.get(instance_id, _NOTHING)
            label = self._label(self._class_of(instance_id, rows, known), rows)
            yield make(
                kind=kind,
                operation=operation,
                id=hex_id(instance_id),
                class_name=label.name,
                class_id=label.id,
                is_class_fallback=label.is_fallback,
                is_indirect=rows[0][1].indirect and all(change.indirect for _, change in rows),
                tables=tuple([table.name for table, _ in rows]),
                changeset=changeset,
                rows=rows,
                make_part=label.make_part,
                told=known,
                class_names=self._classes.name,
            )

    def _label(self, found: FoundClass, rows: Rows) -> "_Label":
        """Return how a class is presented; afterwards its columns can be read without the database."""
        label = self._labels.get(found)
        if label is None or label.name is None:
            for table, change in rows:
                self._part(table, change, found)
            name = None if found.id is None else self._classes.name(found.id)
            class_id = None if found.id is None else hex_id(found.id)
            make_part = partial(self._part, found=found)
            label = self._labels[found] = _Label(name, class_id, found.is_fallback, make_part)
        return label

    def _class_of(self, instance_id: int, rows: Rows, told: Mapping[str, Any]) -> FoundClass:
        for table, change in rows:
            class_id = stated_class(table, change)
            if class_id is not None:
                return FoundClass(class_id)
        class_id = told.get("ecclassid")
        if isinstance(class_id, int):
            return FoundClass(class_id)
        return self._guessed(rows[0][0], instance_id)

    def _guessed(self, table: TableMap, instance_id: int) -> FoundClass:
        """Apply rules 5 and 6."""
        class_id = None if table.root is None else self._chain.get(table.root, instance_id)
        return FoundClass(table.root_class, is_fallback=True) if class_id is None else FoundClass(class_id)

    def _part(self, table: TableMap, change: Change, found: FoundClass) -> Part:
        class_id = found.id
        if class_id is not None and self._classes.name(class_id) is None:
            class_id = table.root_class  # a class that the database does not know
        return Part(table, change, () if class_id is None else self._classes.layout(class_id, table))

    def other_rows(self, found: Gathered, changeset: TimelineChangeset | None) -> Iterator[RowChange]:
        """Yield the changes of rows that are no instances."""
        for net in found.rows.values():
            if isinstance(net, Change) and not (net.operation is Operation.UPDATE and _is_trimmed(net)):
                yield self._row(net, FoundClass(None), changeset)

    def rows(self, changes: Iterable[Change], local: ChainClasses, changeset: TimelineChangeset) -> Iterator[RowChange]:
        """Yield each change of a changeset; `local` knows the classes that the changeset itself states."""
        for change in changes:
            table = self._classes.table(change.table)
            instance_id = instance_id_of(table, change)
            found = FoundClass(None) if instance_id is None else self._row_class(table, change, instance_id, local)
            yield self._row(digested(change), found, changeset)

    def _row_class(self, table: TableMap, change: Change, instance_id: int, local: ChainClasses) -> FoundClass:
        class_id = stated_class(table, change)
        if class_id is None and table.root is not None:
            class_id = local.get(table.root, instance_id)
        if class_id is None:
            class_id = self._classes.class_of(table, instance_id)
        return self._guessed(table, instance_id) if class_id is None else FoundClass(class_id)

    def _row(self, change: Change, found: FoundClass, changeset: TimelineChangeset | None) -> RowChange:
        table = self._classes.table(change.table)
        key = tuple(
            hex_id(value) if table.root is not None and isinstance(value, int) else plain_value(value)
            for value in change.key
        )
        return RowChange(
            table=change.table,
            operation=change.operation,
            is_indirect=change.indirect,
            key=key,
            class_name=None if found.id is None else self._classes.name(found.id),
            is_class_fallback=found.is_fallback,
            changeset=changeset,
            part=self._part(table, change, found),
            class_names=self._classes.name,
        )


def _live(parts: Parts) -> Rows:
    """Return the parts with an effect, that of the primary table first; none if the instance is gone."""
    rows = [row for row in parts if row[1] is not GONE]
    if len(rows) < len(parts) and any(net is GONE and table.is_primary for table, net in parts):
        return []
    live = cast("Rows", rows)
    if len(live) > 1 and not live[0][0].is_primary:
        live.sort(key=_is_joined)
    return live


def _is_joined(row: tuple[TableMap, Change]) -> bool:
    return not row[0].is_primary


def _operation(rows: Rows) -> Operation:
    """Return what is done to an instance: what is done to its row in the primary table, else an update."""
    table, change = rows[0]
    return change.operation if table.is_primary else Operation.UPDATE


def _is_empty(rows: Rows) -> bool:
    """Return whether changes say nothing: updates of nothing, and rows that only have their ids and classes."""
    for table, change in rows:
        if change.operation is Operation.UPDATE:
            if not _is_trimmed(change):
                return False
        elif _has_values(table, change):
            return False
    return True


def _has_values(table: TableMap, change: Change) -> bool:
    """Return whether an inserted or deleted row has more than its id and class."""
    values = change.old if change.new is None else change.new
    identity = {table.id_column, table.class_column}
    return any(value is not None and index not in identity for index, value in enumerate(values or ()))


def _is_trimmed(change: Change) -> bool:
    """Return whether an update changes nothing any more."""
    new = change.new or ()
    return new.count(NO_VALUE) == len(new)
