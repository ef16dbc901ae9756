"""The part of an instance's change that one table contains, and values of properties before and after."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from imodel_files._change import Change
from imodel_files._change_values import PropertyValue, decoded, plain_value
from imodel_files._class_model import Leaf, TableMap, ValueKind
from imodel_files._fields import NO_VALUE

ID_LEAF: Final = Leaf("ECInstanceId", ValueKind.ID)
CLASS_LEAF: Final = Leaf("ECClassId", ValueKind.CLASS)

ClassNames = Callable[[int], str | None]


@attrs.frozen
class PropertyChange:
    """The value of a property before and after a change.

    Attributes:
        old: The value before: None for NULL; `NO_VALUE` if the instance was inserted, its former class lacks the
            property, or the value is unknown.
        new: The value after: None for NULL; `NO_VALUE` if the instance was deleted or its new class lacks the property.
        old_label: The label of the value before; None unless the property is an enumeration and the value has a label.
        new_label: The label of the value after; see `old_label`.
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
        change: The change to the row.
        layout: The property of the instance's class that each column contains, if known.
        former_layout: The layout before the change, which differs if the instance had another class.
    """

    table: TableMap
    change: Change
    layout: tuple[Leaf | None, ...]
    former_layout: tuple[Leaf | None, ...]

    def leaf(self, index: int) -> Leaf | None:
        """Return the property that a column contains; None if unknown."""
        return self._leaf(index, self.layout)

    def former_leaf(self, index: int) -> Leaf | None:
        """Return the property that a column contained before the change; None if unknown."""
        return self._leaf(index, self.former_layout)

    def _leaf(self, index: int, layout: tuple[Leaf | None, ...]) -> Leaf | None:
        if index == self.table.id_column and self.table.root is not None:
            return ID_LEAF
        if index == self.table.class_column:
            return CLASS_LEAF
        return layout[index] if index < len(layout) else None

    def properties(self) -> Iterator[tuple[Leaf | None, int, Any, Any]]:
        """Yield the property in each changed column, the index of the column, and the values before and after.

        If the class of the instance changed, a column can hold a different property than before. It is then yielded
        twice: for the old property, without a new value, and for the new property, without an old one.
        """
        for index, old, new in self.changed():
            leaf, former = self.leaf(index), self.former_leaf(index)
            if _access(leaf) == _access(former):
                yield leaf, index, old, new
                continue
            if old is not None and old is not NO_VALUE:
                yield former, index, old, NO_VALUE
            if new is not None and new is not NO_VALUE:
                yield leaf, index, NO_VALUE, new

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


def read_value(value: Any, leaf: Leaf | None, names: ClassNames) -> PropertyValue:  # noqa: ANN401 - any SQLite value
    """Decode a value as its property requires; without a property, return it as a plain value."""
    return plain_value(value) if leaf is None else decoded(value, leaf, names)


def property_change(former: Leaf | None, leaf: Leaf | None, old: PropertyValue, new: PropertyValue) -> PropertyChange:
    """Return the values of a property, with their labels if it is an enumeration.

    Args:
        former: The property that the column contained before.
        leaf: The property that it contains after.
        old: The value before.
        new: The value after.
    """
    return PropertyChange(old, new, _label(former, old), _label(leaf, new))


def _label(leaf: Leaf | None, value: PropertyValue) -> str | None:
    if leaf is None or leaf.labels is None or isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return leaf.labels.get(value)


def _access(leaf: Leaf | None) -> str | None:
    return None if leaf is None else leaf.access
