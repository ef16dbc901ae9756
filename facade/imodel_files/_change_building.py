"""Create changes to instances and rows: determine classes, and read context from the database."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, compress, islice, repeat
from typing import Any, Final

from imodel_files._change import DELETE, UPDATE, Change
from imodel_files._change_classes import ChainClasses, InstanceClass, former_class, instance_id_of, stated_class
from imodel_files._change_gathering import Gathered, InstanceRows
from imodel_files._change_instances import InstanceChange, Naming, RowChange, TimelineChangeset, new_instance
from imodel_files._change_net import GONE, Gone, Net, Replaced, plain
from imodel_files._change_parts import Part
from imodel_files._change_values import hex_id, plain_value
from imodel_files._class_model import InstanceKind, Leaf, TableMap
from imodel_files._class_reading import IModelClasses
from imodel_files._database_context import DatabaseContexts
from imodel_files._fields import NO_VALUE

_AT_ONCE: Final = 500

Rows = list[tuple[TableMap, Change]]


class ChangeBuilder:
    """Creates changes with the names that an iModel's database provides."""

    def __init__(self, classes: IModelClasses, stated: ChainClasses) -> None:
        """Create a builder from the classes in a database and those stated anywhere in the chain of changesets."""
        self._classes = classes
        self._stated = stated
        self._contexts = DatabaseContexts(classes)

    def complete(self) -> None:
        """Read what the existing changes may still need from the database."""
        self._contexts.complete()

    def instances(
        self, part: Gathered, changeset: TimelineChangeset | None, kinds: Collection[InstanceKind]
    ) -> Iterator[InstanceChange]:
        """Return the changes to instances of the given kinds."""
        return chain.from_iterable(self._batches(part, changeset, kinds))

    def _batches(
        self, part: Gathered, changeset: TimelineChangeset | None, kinds: Collection[InstanceKind]
    ) -> Iterator[Iterator[InstanceChange]]:
        for root_name, rows in part.instances.items():
            root = self._classes.table(root_name)
            if root.kind not in kinds:
                continue
            ids = iter(rows.classes)
            while batch := list(islice(ids, _AT_ONCE)):
                yield self._batch(root, rows, batch, changeset)

    def _batch(
        self, root: TableMap, instances: InstanceRows, ids: list[int], changeset: TimelineChangeset | None
    ) -> Iterator[InstanceChange]:
        context = self._contexts.of(root, ids)
        kind, is_combined = root.kind, instances.is_combined
        shared = {"kind": kind, "changeset": changeset, "_context": context}
        templates: dict[tuple[int | InstanceClass, Sequence[TableMap]], dict[str, Any]] = {}
        for instance_id, tables, changes in _live(instances, ids):
            first = changes[0]
            operation = first.operation if tables[0].is_primary else UPDATE
            can_be_empty = operation is UPDATE and (is_combined or first.operation is not UPDATE)
            if can_be_empty and _is_empty(tables, changes):
                continue
            stated = instances.classes[instance_id]
            if is_combined or (stated and operation is UPDATE):  # a deleted row can state the former class
                stated = _stated_class(tables, changes)
            of_class = stated or context.class_ids.get(instance_id) or self._guessed(tables[0], instance_id)
            template = templates.get((of_class, tables))
            if template is None or (stated and operation is UPDATE and root.exclusive_class is None):
                template = templates[of_class, tables] = shared | self._attributes(of_class, tables, changes)
            attributes = template.copy()  # takes a third of the time of a new dictionary
            attributes["operation"] = operation
            attributes["id"] = hex_id(instance_id)
            attributes["is_indirect"] = first.indirect and all(each.indirect for each in changes)
            attributes["_changes"] = changes
            yield new_instance(kind, attributes)

    def _attributes(
        self, of_class: int | InstanceClass, tables: Sequence[TableMap], changes: Sequence[Change]
    ) -> dict[str, Any]:
        """Return the attributes that all instances of a class with rows in the same tables share.

        This loads the layouts of the tables, so that the instances do not need the database later.
        """
        instance_class = of_class if isinstance(of_class, InstanceClass) else InstanceClass(of_class)
        for table, change in zip(tables, changes, strict=True):
            self._part(table, change, instance_class)
        return {
            "class_name": None if instance_class.id is None else self._classes.name(instance_class.id),
            "class_id": None if instance_class.id is None else hex_id(instance_class.id),
            "is_class_fallback": instance_class.is_fallback,
            "tables": tuple(each.name for each in tables),
            "_maps": tables,
            "_naming": Naming(partial(self._part, instance_class=instance_class), self._classes.name),
        }

    def _guessed(self, table: TableMap, instance_id: int) -> InstanceClass:
        """Determine a class by rules 5 and 6 of `_change_classes`."""
        class_id = None if table.root is None else self._stated.get(table.root, instance_id)
        return InstanceClass(table.root_class, is_fallback=True) if class_id is None else InstanceClass(class_id)

    def _part(self, table: TableMap, change: Change, instance_class: InstanceClass) -> Part:
        layout = self._layout(table, instance_class.id)
        former = former_class(table, change)
        return Part(table, change, layout, layout if former is None else self._layout(table, former))

    def _layout(self, table: TableMap, class_id: int | None) -> tuple[Leaf | None, ...]:
        if class_id is not None and self._classes.name(class_id) is None:
            class_id = table.root_class  # the database does not have this class
        return () if class_id is None else self._classes.layout(class_id, table)

    def other_rows(self, part: Gathered, changeset: TimelineChangeset | None) -> Iterator[RowChange]:
        """Yield the changes to rows that do not belong to instances."""
        for net in part.rows.values():
            if isinstance(net, Change) and not (net.operation is UPDATE and _is_empty_update(net)):
                yield self._row(net, InstanceClass(None), changeset)

    def rows(self, changes: Iterable[Change], local: ChainClasses, changeset: TimelineChangeset) -> Iterator[RowChange]:
        """Yield each change of a changeset; `local` provides the classes that the changeset itself states."""
        for change in changes:
            table = self._classes.table(change.table)
            instance_id = instance_id_of(table, change)
            instance_class = (
                InstanceClass(None) if instance_id is None else self._row_class(table, change, instance_id, local)
            )
            yield self._row(change, instance_class, changeset)

    def _row_class(self, table: TableMap, change: Change, instance_id: int, local: ChainClasses) -> InstanceClass:
        class_id = stated_class(table, change)
        if class_id is None and table.root is not None:
            class_id = local.get(table.root, instance_id)
        if class_id is None:
            class_id = self._classes.classes_of(table, [instance_id]).get(instance_id)
        return self._guessed(table, instance_id) if class_id is None else InstanceClass(class_id)

    def _row(self, change: Change, instance_class: InstanceClass, changeset: TimelineChangeset | None) -> RowChange:
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
            class_name=None if instance_class.id is None else self._classes.name(instance_class.id),
            is_class_fallback=instance_class.is_fallback,
            changeset=changeset,
            part=self._part(table, change, instance_class),
            class_names=self._classes.name,
        )


def _live(instances: InstanceRows, ids: list[int]) -> Iterator[tuple[int, Sequence[TableMap], Sequence[Change]]]:
    """Return each instance together with its changed rows, that of the primary table first."""
    buckets = sorted(instances.tables, key=lambda each: not each[0].is_primary)
    tables = tuple(table for table, _ in buckets)
    columns: list[list[Any]] = [list(map(changes.get, ids)) for _, changes in buckets]
    rows = zip(*columns, strict=True)
    if instances.is_combined:
        return _live_combined(ids, tables, rows)
    if all(map(all, columns)):
        return zip(ids, repeat(tables), rows, strict=False)
    present = ((tuple(compress(tables, row)), tuple(filter(None, row))) for row in rows)
    return ((instance_id, *each) for instance_id, each in zip(ids, present, strict=True))


def _live_combined(
    ids: list[int], tables: Sequence[TableMap], rows: Iterable[Sequence[Net | None]]
) -> Iterator[tuple[int, Sequence[TableMap], Sequence[Change]]]:
    for instance_id, row in zip(ids, rows, strict=True):
        for live in _divided([(table, net) for table, net in zip(tables, row, strict=True) if net is not None]):
            if live:
                yield instance_id, tuple(table for table, _ in live), tuple(change for _, change in live)


def _divided(parts: list[tuple[TableMap, Net]]) -> tuple[Rows, ...]:
    """Return the rows with an effect: none if the instance is gone, two groups if another instance replaced it."""
    primary = next((net for table, net in parts if table.is_primary), None)
    if primary is GONE:
        return ()
    rows = [(table, net) for table, net in parts if not isinstance(net, Gone)]
    if not isinstance(primary, Replaced):
        return ([(table, plain(net)) for table, net in rows],)
    deleted = [(table, net.deleted if isinstance(net, Replaced) else net) for table, net in rows]
    inserted = [(table, net.inserted if isinstance(net, Replaced) else net) for table, net in rows]
    return (
        [(table, change) for table, change in deleted if change.operation is DELETE],
        [(table, change) for table, change in inserted if change.operation is not DELETE],
    )


def _stated_class(tables: Sequence[TableMap], changes: Sequence[Change]) -> int | None:
    classes = map(stated_class, tables, changes)
    return next((class_id for class_id in classes if class_id is not None), None)


def _is_empty(tables: Sequence[TableMap], changes: Sequence[Change]) -> bool:
    """Return whether changes have no effect: empty updates, and rows that contain only ids and classes."""
    return not any(
        not _is_empty_update(change) if change.operation is UPDATE else _has_values(table, change)
        for table, change in zip(tables, changes, strict=True)
    )


def _has_values(table: TableMap, change: Change) -> bool:
    """Return whether an inserted or deleted row contains more than its id and class."""
    values = change.old if change.new is None else change.new
    identity = {table.id_column, table.class_column}
    return any(value is not None and index not in identity for index, value in enumerate(values or ()))


def _is_empty_update(change: Change) -> bool:
    """Return whether an update changes nothing."""
    new = change.new or ()
    return new.count(NO_VALUE) == len(new)
