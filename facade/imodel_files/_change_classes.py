"""Determine the class of an instance.

The rules, in this order:

1. The table contains instances of one class only.
2. The change states the class.
3. Another row of the same instance in the same changeset states it.
4. The database has the instance.
5. Another changeset of the source inserts or deletes the instance.
6. The class that the table was created for, marked as a fallback.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from imodel_files._change import DELETE, INSERT, Change, Operation
from imodel_files._class_model import TableMap
from imodel_files._class_reading import IModelClasses
from imodel_files._fields import NO_VALUE


class InstanceClass(NamedTuple):
    """The class of an instance.

    Attributes:
        id: The id of the class; None if not even the class that the table was created for is known.
        is_fallback: Whether it is only the class that the table was created for.
    """

    id: int | None
    is_fallback: bool = False


def stated_class(table: TableMap, change: Change) -> int | None:
    """Return the class that a table or a change states: rules 1 and 2."""
    if table.exclusive_class is not None:
        return table.exclusive_class
    index = table.class_column
    if index is None:
        return None
    new, old = change.new, change.old
    if new is not None and index < len(new):
        if (value := new[index]) is NO_VALUE:
            return None  # an update that leaves it as it is
        if isinstance(value, int):
            return value
    if old is not None and index < len(old) and isinstance(value := old[index], int):
        return value
    return None


def former_class(table: TableMap, change: Change) -> int | None:
    """Return the class that an instance had before an update that changes it or a deletion; None for other changes."""
    index, old, new = table.class_column, change.old, change.new
    if index is None or old is None or index >= len(old) or (new is not None and not isinstance(new[index], int)):
        return None
    value = old[index]
    return value if isinstance(value, int) else None


class ChainClasses:
    """The classes of instances as stated in the changesets: rules 3 and 5."""

    def __init__(self, read: Callable[[], Iterable[Change]], classes: IModelClasses, maximum: int) -> None:
        """Create an empty cache; the changesets are read on the first lookup.

        Args:
            read: Returns all changes of the changesets.
            classes: Provides the tables of the database.
            maximum: Maximum number of inserted instances to keep, and of deleted ones.
        """
        self._read = read
        self._classes = classes
        self._maximum = maximum
        self._stated: dict[Operation, dict[tuple[str, int], int]] = {}

    def get(self, root: str, instance_id: int) -> int | None:
        """Return the class of an instance if a change that inserts or deletes it states the class."""
        if not self._stated:
            self._scan()
        key = root, instance_id
        return self._stated[DELETE].get(key) or self._stated[INSERT].get(key)

    def _scan(self) -> None:
        self._stated = {INSERT: {}, DELETE: {}}
        for change in self._read():
            classes = self._stated.get(change.operation)
            if classes is None or len(classes) >= self._maximum:
                continue
            table = self._classes.table(change.table)
            class_id, instance_id = stated_class(table, change), instance_id_of(table, change)
            if table.root is not None and class_id is not None and instance_id is not None:
                classes[table.root, instance_id] = class_id


def instance_id_of(table: TableMap, change: Change) -> int | None:
    """Return the id of the instance that a row belongs to; None if it belongs to no instance."""
    values = change.new if change.old is None else change.old
    if table.root is None or values is None or table.id_column >= len(values):
        return None
    value = values[table.id_column]
    return value if isinstance(value, int) else None
