"""Values of instances in the database, read for many instances at once on first use."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from weakref import WeakSet

from imodel_files._class_model import TableMap
from imodel_files._class_reading import IModelClasses

_NOTHING: Final[Mapping[str, Any]] = {}


class DatabaseContext:
    """The values of some instances of one table in the database."""

    def __init__(self, classes: IModelClasses, table: TableMap, ids: Sequence[int]) -> None:
        """Create the context. Nothing is read yet.

        Args:
            classes: The classes of the database.
            table: The primary table of the instances.
            ids: The ids of the instances.
        """
        self._classes = classes
        self._table = table
        self._ids = ids
        self._values: dict[int, dict[str, Any]] | None = None

    @cached_property
    def class_ids(self) -> Mapping[int, int]:
        """The class ids of the instances that the database has, by instance id."""
        return self._classes.classes_of(self._table, self._ids)

    def values_of(self, instance_id: int) -> Mapping[str, Any]:
        """Return the values of the `CONTEXT` columns of an instance; empty if the database lacks the instance."""
        if self._values is None:
            self._values = self._classes.context_values(self._table, self._ids)
        return self._values.get(instance_id, _NOTHING)

    def complete(self) -> None:
        """Read all values, so that the database can be closed."""
        if self._values is None:
            self._values = self._classes.context_values(self._table, self._ids)


class DatabaseContexts:
    """The contexts that are in use."""

    def __init__(self, classes: IModelClasses) -> None:
        """Create contexts for a database."""
        self._classes = classes
        self._used: WeakSet[DatabaseContext] = WeakSet()

    def of(self, table: TableMap, ids: Sequence[int]) -> DatabaseContext:
        """Return the context of some instances of a table."""
        made = DatabaseContext(self._classes, table, ids)
        self._used.add(made)
        return made

    def complete(self) -> None:
        """Read everything that existing changes may still need."""
        for each in list(self._used):
            each.complete()
