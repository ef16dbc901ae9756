"""The part of an instance's change that one table contains, and values of properties before and after."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from imodel_files._change_values import PropertyValue, decoded, plain_value
from imodel_files._class_model import Leaf, TableMap, ValueKind
from imodel_files._fields import NO_VALUE
from imodel_files._session import Change

ID_LEAF: Final = Leaf("ECInstanceId", ValueKind.ID)
CLASS_LEAF: Final = Leaf("ECClassId", ValueKind.CLASS)

ClassNames = Callable[[int], str | None]


@attrs.frozen
class PropertyChange:
    """The value of a property before and after a change.

    Attributes:
        old: The value before: None for NULL; `NO_VALUE` if the instance was inserted or the value is unknown.
        new: The value after: None for NULL, `NO_VALUE` if the instance was deleted.
        old_label: The label of the value before, if the property is an enumeration and the value has a label.
        new_label: The label of the value after, as for `old_label`.
    """

    old: PropertyValue
    new: PropertyValue
    old_label: str | None = None
    new_label: str | None = None


@attrs.frozen(eq=False)
class Part:
    """The part of an instance's change that one table contains.

    Attributes:
        table: The table.
        change: The change of the row.
        layout: The property of the instance's class that each column contains, if known.
    """

    table: TableMap
    change: Change
    layout: tuple[Leaf | None, ...]

    def leaf(self, index: int) -> Leaf | None:
        """Return the property that a column contains; None if unknown."""
        if index == self.table.id_column and self.table.root is not None:
            return ID_LEAF
        if index == self.table.class_column:
            return CLASS_LEAF
        return self.layout[index] if index < len(self.layout) else None

    def changed(self) -> Iterator[tuple[int, Any, Any]]:
        """Yield the columns whose values the change contains, with the values before and after.

        NULL is omitted from inserts and deletes, because they contain all columns.
        """
        old, new = self.change.old, self.change.new
        if old is None:
            yield from ((index, NO_VALUE, value) for index, value in enumerate(new or ()) if value is not None)
        elif new is None:
            yield from ((index, value, NO_VALUE) for index, value in enumerate(old) if value is not None)
        else:
            for index, value in enumerate(new):
                if value is not NO_VALUE:
                    yield index, old[index], value


def read_value(value: Any, leaf: Leaf | None, names: ClassNames) -> PropertyValue:  # noqa: ANN401 - any value of SQLite
    """Decode a value as its property requires; without a property, return it as plain value."""
    return plain_value(value) if leaf is None else decoded(value, leaf, names)


def property_change(leaf: Leaf | None, old: PropertyValue, new: PropertyValue) -> PropertyChange:
    """Return the values of a property, with their labels if it is an enumeration."""
    if leaf is None or leaf.labels is None:
        return PropertyChange(old, new)
    return PropertyChange(old, new, _label(leaf.labels, old), _label(leaf.labels, new))


def _label(labels: Mapping[int | str, str], value: PropertyValue) -> str | None:
    return labels.get(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
