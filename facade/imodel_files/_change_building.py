"""Create changes of instances and rows: determine classes, and read context from the database."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Final, cast

import attrs

from imodel_files._change_classes import ChainClasses, FoundClass, instance_id_of, stated_class
from imodel_files._change_gathering import Gathered, InstanceRows, digested
from imodel_files._change_instances import KINDS, InstanceChange, Naming, RowChange, TimelineChangeset
from imodel_files._change_net import GONE, Net
from imodel_files._change_parts import Part
from imodel_files._change_values import hex_id, plain_value
from imodel_files._class_model import InstanceKind, TableMap
from imodel_files._class_reading import IModelClasses
from imodel_files._database_context import DatabaseContext, DatabaseContexts
from imodel_files._fields import NO_VALUE
from imodel_files._session import Change, Operation

_AT_ONCE: Final = 500

Rows = list[tuple[TableMap, Change]]
_UPDATE: Final = Operation.UPDATE


@attrs.frozen
class _Label:
    """The presentation of a class.

    Attributes:
        name: The name of the class; None if unknown.
        id: The id of the class in hexadecimal; None if unknown.
        is_fallback: Whether it is only the class that the table was created for.
        naming: How columns of rows map to properties of the class.
    """

    name: str | None
    id: str | None
    is_fallback: bool
    naming: Naming


class ChangeBuilder:
    """Creates changes with the names that an iModel's database provides."""

    def __init__(self, classes: IModelClasses, chain: ChainClasses) -> None:
        """Create a builder for the classes of a database and those that the whole chain of changesets states."""
        self._classes = classes
        self._chain = chain
        self._contexts = DatabaseContexts(classes)
        self._known_labels: dict[int, _Label] = {}

    def complete(self) -> None:
        """Read what the existing changes may still need from the database."""
        self._contexts.complete()

    def instances(
        self, found: Gathered, changeset: TimelineChangeset | None, kinds: Collection[InstanceKind]
    ) -> Iterator[InstanceChange]:
        """Yield the changes of instances of the given kinds."""
        for root_name, rows in found.instances.items():
            root = self._classes.table(root_name)
            if root.kind not in kinds:
                continue
            ids = iter(rows.ids)
            while some := list(islice(ids, _AT_ONCE)):
                yield from self._some(root, rows, some, changeset)

    def _some(
        self, root: TableMap, found: InstanceRows, ids: list[int], changeset: TimelineChangeset | None
    ) -> Iterator[InstanceChange]:
        context = self._contexts.of(root, ids)
        kind, make = root.kind, KINDS[root.kind]
        for instance_id, rows in _live(found, ids):
            table, change = rows[0]
            operation = change.operation if table.is_primary else _UPDATE
            if operation is _UPDATE and _is_empty(rows):
                continue
            label = self._label(instance_id, rows, context)
            yield make(
                kind=kind,
                operation=operation,
                id=hex_id(instance_id),
                class_name=label.name,
                class_id=label.id,
                is_class_fallback=label.is_fallback,
                is_indirect=change.indirect and all(each.indirect for _, each in rows),
                tables=tuple([each.name for each, _ in rows]),
                changeset=changeset,
                rows=rows,
                context=context,
                naming=label.naming,
            )

    def _label(self, instance_id: int, rows: Rows, context: DatabaseContext) -> _Label:
        """Return the presentation of an instance's class."""
        class_id = _stated_class(rows) or context.class_of(instance_id)
        label = None if class_id is None else self._known_labels.get(class_id)
        if label is not None:
            return label
        found = self._guessed(rows[0][0], instance_id) if class_id is None else FoundClass(class_id)
        label = self._make_label(found, rows)
        if class_id is not None and label.name is not None:
            self._known_labels[class_id] = label
        return label

    def _make_label(self, found: FoundClass, rows: Rows) -> _Label:
        """Return the presentation of a class; load the layouts of its tables, so that they need no database later."""
        for table, change in rows:
            self._part(table, change, found)
        name = None if found.id is None else self._classes.name(found.id)
        class_id = None if found.id is None else hex_id(found.id)
        return _Label(name, class_id, found.is_fallback, Naming(partial(self._part, found=found), self._classes.name))

    def _guessed(self, table: TableMap, instance_id: int) -> FoundClass:
        """Determine a class by rules 5 and 6."""
        class_id = None if table.root is None else self._chain.get(table.root, instance_id)
        return FoundClass(table.root_class, is_fallback=True) if class_id is None else FoundClass(class_id)

    def _part(self, table: TableMap, change: Change, found: FoundClass) -> Part:
        class_id = found.id
        if class_id is not None and self._classes.name(class_id) is None:
            class_id = table.root_class  # the database does not have this class
        return Part(table, change, () if class_id is None else self._classes.layout(class_id, table))

    def other_rows(self, found: Gathered, changeset: TimelineChangeset | None) -> Iterator[RowChange]:
        """Yield the changes of rows that do not belong to instances."""
        for net in found.rows.values():
            if isinstance(net, Change) and not (net.operation is Operation.UPDATE and _is_trimmed(net)):
                yield self._row(net, FoundClass(None), changeset)

    def rows(self, changes: Iterable[Change], local: ChainClasses, changeset: TimelineChangeset) -> Iterator[RowChange]:
        """Yield each change of a changeset; `local` provides the classes that the changeset itself states."""
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
            class_id = self._classes.classes_of(table, [instance_id]).get(instance_id)
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


def _live(found: InstanceRows, ids: list[int]) -> Iterator[tuple[int, Rows]]:
    """Yield the instances with changed rows, the row of the primary table first."""
    buckets = [(table, changes.get) for table, changes in sorted(found.tables, key=_is_joined)]
    for instance_id in ids:
        parts = [(table, change) for table, get in buckets if (change := get(instance_id)) is not None]
        if found.has_gone:
            parts = _without_gone(parts)
        if parts:
            yield instance_id, cast("Rows", parts)


def _stated_class(rows: Rows) -> int | None:
    for table, change in rows:
        class_id = stated_class(table, change)
        if class_id is not None:
            return class_id
    return None


def _without_gone(parts: list[tuple[TableMap, Net]]) -> list[tuple[TableMap, Net]]:
    """Return the parts that have an effect; none if the row of the primary table is gone."""
    if any(net is GONE and table.is_primary for table, net in parts):
        return []
    return [part for part in parts if part[1] is not GONE]


def _is_joined(row: tuple[TableMap, object]) -> bool:
    return not row[0].is_primary


def _is_empty(rows: Rows) -> bool:
    """Return whether changes have no effect: empty updates, and rows that contain only ids and classes."""
    for table, change in rows:
        if change.operation is Operation.UPDATE:
            if not _is_trimmed(change):
                return False
        elif _has_values(table, change):
            return False
    return True


def _has_values(table: TableMap, change: Change) -> bool:
    """Return whether an inserted or deleted row contains more than its id and class."""
    values = change.old if change.new is None else change.new
    identity = {table.id_column, table.class_column}
    return any(value is not None and index not in identity for index, value in enumerate(values or ()))


def _is_trimmed(change: Change) -> bool:
    """Return whether an update changes nothing."""
    new = change.new or ()
    return new.count(NO_VALUE) == len(new)
