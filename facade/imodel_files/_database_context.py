"""What the database says of some instances, read for all of them when it is first asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from weakref import WeakSet

from imodel_files._class_model import TableMap
from imodel_files._class_reading import IModelClasses

_NOTHING: Final[Mapping[str, Any]] = {}


class DatabaseContext:
    """What the database says of some instances of one table."""

    def __init__(self, classes: IModelClasses, table: TableMap, ids: Sequence[int]) -> None:
        """Read nothing yet.

        Args:
            classes: The database.
            table: The primary table of the instances.
            ids: Their ids.
        """
        self._classes = classes
        self._table = table
        self._ids = ids
        self._class_ids: dict[int, int] | None = None
        self._told: dict[int, dict[str, Any]] | None = None

    def class_of(self, instance_id: int) -> int | None:
        """Return the class of an instance; None if the database lacks it."""
        if self._class_ids is None:
            self._class_ids = self._classes.classes_of(self._table, self._ids)
        return self._class_ids.get(instance_id)

    def told(self, instance_id: int) -> Mapping[str, Any]:
        """Return what an instance belongs to, by columns; nothing if the database lacks it."""
        if self._told is None:
            self._told = self._classes.told(self._table, self._ids)
        return self._told.get(instance_id, _NOTHING)

    def complete(self) -> None:
        """Read everything, so that the database can be closed."""
        if self._told is None:
            self._told = self._classes.told(self._table, self._ids)


class DatabaseContexts:
    """The contexts that are in use."""

    def __init__(self, classes: IModelClasses) -> None:
        """Use a database."""
        self._classes = classes
        self._used: WeakSet[DatabaseContext] = WeakSet()

    def of(self, table: TableMap, ids: Sequence[int]) -> DatabaseContext:
        """Return the context of some instances."""
        made = DatabaseContext(self._classes, table, ids)
        self._used.add(made)
        return made

    def complete(self) -> None:
        """Read what changes in use may still ask for."""
        for each in list(self._used):
            each.complete()
