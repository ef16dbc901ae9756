"""Making changes of instances and rows from gathered parts: finding classes, and what the database tells."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from imodel_files._change_classes import ChainClasses, FoundClass, instance_id_of, stated_class
from imodel_files._change_gathering import Gathered, Parts, digested, is_gone
from imodel_files._change_instances import KINDS, InstanceChange, Part, RowChange, TimelineChangeset
from imodel_files._change_net import GONE
from imodel_files._change_values import hex_id, plain_value
from imodel_files._class_model import InstanceKind, TableMap
from imodel_files._class_reading import IModelClasses
from imodel_files._fields import NO_VALUE
from imodel_files._session import Change, Operation

_AT_ONCE: Final = 500

_Rows = list[tuple[TableMap, Change]]


class ChangeBuilder:
    """Makes changes with names of what an iModel's database describes."""

    def __init__(self, classes: IModelClasses, chain: ChainClasses) -> None:
        """Use the classes of a database, and those that the whole chain of changesets tells."""
        self._classes = classes
        self._chain = chain

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
        live = [(instance_id, _live(parts)) for instance_id, parts in entries if not is_gone(parts)]
        updated = [instance_id for instance_id, rows in live if _operation(rows) is Operation.UPDATE]
        told = self._classes.told(root, updated) if updated else {}
        for instance_id, rows in live:
            made = self._instance(root, instance_id, rows, told.get(instance_id, {}), changeset)
            if made is not None:
                yield made

    def _instance(
        self,
        root: TableMap,
        instance_id: int,
        rows: _Rows,
        told: dict[str, Any],
        changeset: TimelineChangeset | None,
    ) -> InstanceChange | None:
        found = self._class_of(instance_id, rows, told)
        operation = _operation(rows)
        parts = tuple(self._part(table, change, found) for table, change in rows)
        if operation is Operation.UPDATE and all(part.is_empty() for part in parts):
            return None
        return KINDS[root.kind](
            kind=root.kind,
            operation=operation,
            id=hex_id(instance_id),
            class_name=None if found.id is None else self._classes.name(found.id),
            class_id=None if found.id is None else hex_id(found.id),
            is_class_fallback=found.is_fallback,
            is_indirect=all(change.indirect for _, change in rows),
            tables=tuple(table.name for table, _ in rows),
            changeset=changeset,
            parts=parts,
            told=told,
            class_names=self._classes.name,
        )

    def _class_of(self, instance_id: int, rows: _Rows, told: dict[str, Any]) -> FoundClass:
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
        """Yield each change of a changeset; `local` knows the classes that the changeset itself tells."""
        for change in changes:
            table = self._classes.table(change.table)
            instance_id = instance_id_of(table, change)
            found = FoundClass(None) if instance_id is None else self._row_class(table, change, instance_id, local)
            yield self._row(digested(change, table.digested), found, changeset)

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


def _live(parts: Parts) -> _Rows:
    """Return the parts that have something to tell, that of the primary table first."""
    rows = [(table, net) for table, net in parts if net is not GONE and isinstance(net, Change)]
    return sorted(rows, key=lambda row: not row[0].is_primary) if len(rows) > 1 else rows


def _operation(rows: _Rows) -> Operation:
    """Return what is done to an instance: what is done to its row in the primary table, else an update."""
    table, change = rows[0]
    return change.operation if table.is_primary else Operation.UPDATE


def _is_trimmed(change: Change) -> bool:
    """Return whether an update changes nothing any more."""
    return all(value is NO_VALUE for value in change.new or ())
