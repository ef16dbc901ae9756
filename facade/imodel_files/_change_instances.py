"""Changes at the level of elements, aspects, models, relationships and rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntFlag
from functools import cached_property
from os import PathLike
from typing import Any, Final

import attrs

from imodel_files._change import UPDATE, Change, Operation
from imodel_files._change_parts import (
    CLASS_LEAF,
    ID_LEAF,
    ClassNames,
    Part,
    PropertyChange,
    property_change,
    read_value,
)
from imodel_files._change_values import Blob, PropertyValue, hex_id, nested, plain_value, read_id
from imodel_files._class_model import InstanceKind, Leaf, TableMap
from imodel_files._database_context import DatabaseContext
from imodel_files._fields import NO_VALUE

__all__ = ["Blob"]

_LAST_MOD: Final = "LastMod"
_GEOMETRY: Final = frozenset({"GeometryStream", "Category.Id", "InSpatialIndex"})
_PLACEMENT: Final = ("Origin", "BBoxLow", "BBoxHigh", "Yaw", "Pitch", "Roll")
_PARENT: Final = "Parent.Id"
_UNCOUNTED: Final = frozenset({_LAST_MOD, "Model.Id", "Parent.RelECClassId"})


@attrs.frozen(kw_only=True)
class TimelineChangeset:
    """A changeset whose changes are read.

    Attributes:
        path: The path of its file; None if a mirror lacks the file.
        id: The changeset id; empty if unknown.
        parent_id: The id of the changeset before it; None if unknown.
        index: The index in the timeline; for files without an index, the position among the files, starting at 1.
        creator_id: The id of the user who pushed it; only from a mirror.
        push_date_time: The time of the push; only from a mirror.
    """

    path: str | PathLike[str] | None
    id: str
    parent_id: str | None
    index: int
    creator_id: str | None = None
    push_date_time: datetime | None = None


class ElementChangeType(IntFlag):
    """The kinds of change that an element underwent, with the values of the Changed Elements service."""

    PROPERTY = 1
    GEOMETRY = 2
    PLACEMENT = 4
    HIDDEN = 16
    PARENT = 32


@attrs.frozen(kw_only=True)
class Code:
    """The code of an element.

    Attributes:
        spec_id: The id of the code specification.
        scope_id: The id of the element within which the code is unique.
        value: The code value; None if the element has no code.
    """

    spec_id: str | None
    scope_id: str | None
    value: str | None


@attrs.frozen(kw_only=True, slots=False)  # cached properties need a `__dict__`
class RowChange:
    """A change to one row, with the names of its columns.

    Attributes:
        table: The name of the table.
        operation: The operation on the row.
        is_indirect: Whether a trigger or a foreign key made the change, rather than the user.
        key: The values of the primary key; instance ids have the form ``0x…``.
        class_name: The class of the instance, such as ``BisCore:PhysicalPartition``; None for other rows, or if the
            class is unknown or the database lacks it.
        is_class_fallback: Whether the class is unknown and `class_name` is the class that the table was created for.
        changeset: The changeset; None for a net effect.
    """

    table: str
    operation: Operation
    is_indirect: bool
    key: tuple[PropertyValue, ...]
    class_name: str | None = None
    is_class_fallback: bool = False
    changeset: TimelineChangeset | None = None
    _part: Part = attrs.field(repr=False, eq=False)
    _class_names: ClassNames = attrs.field(repr=False, eq=False)

    @cached_property
    def values(self) -> Mapping[str, PropertyChange]:
        """The decoded values before and after the change, by column name.

        Inserts and deletes have the columns that are not NULL, updates those that change. If the database is older than
        the changeset and lacks a column, the column is named by its position, such as ``#13``.
        """
        part, names = self._part, self._class_names
        changes = {}
        for index, old, new in part.changed():
            former, leaf = part.former_leaf(index), part.leaf(index)
            before, after = read_value(old, former, names), read_value(new, leaf, names)
            changes[part.table.column(index)] = property_change(former, leaf, before, after)
        return changes


@attrs.frozen(eq=False)
class Naming:
    """Maps the columns of rows to the properties of classes.

    Attributes:
        make_part: Returns how the columns of a row map to the properties of its class.
        class_names: Returns the names of classes.
    """

    make_part: Callable[[TableMap, Change], Part]
    class_names: ClassNames


@attrs.frozen(kw_only=True, slots=False)  # as above
class InstanceChange:
    """A change to an instance of a class, combined from the rows of all its tables.

    Attributes:
        kind: The kind of the instance.
        operation: The operation on the instance.
        id: Its id, such as ``0x20000000001``.
        class_name: The name of its class, such as ``BisCore:PhysicalPartition``; None if the class is unknown or
            the database lacks it.
        class_id: The id of its class; None if unknown.
        is_class_fallback: Whether the class is unknown and `class_name` is the class that the table was created for.
        is_indirect: Whether triggers and foreign keys made all of the changes, rather than the user.
        tables: The tables in which rows of the instance changed.
        changeset: The changeset; None for a net effect.
    """

    kind: InstanceKind
    operation: Operation
    id: str
    class_name: str | None
    class_id: str | None
    is_class_fallback: bool
    is_indirect: bool
    tables: tuple[str, ...]
    changeset: TimelineChangeset | None = None
    _maps: Sequence[TableMap] = attrs.field(repr=False, eq=False)
    _changes: Sequence[Change] = attrs.field(repr=False, eq=False)
    _context: DatabaseContext = attrs.field(repr=False, eq=False)
    _naming: Naming = attrs.field(repr=False, eq=False)

    @cached_property
    def properties(self) -> Mapping[str, PropertyChange]:
        """The changed properties by access string, such as ``UserLabel``, ``Origin.X`` or ``Model.Id``.

        An insert or delete has all properties that are not NULL. A value that belongs to no property of the class has
        the name of its column. If an update changes the class (``ECClassId``), properties of only the old class have no
        new value, and properties of only the new class have no old value.
        """
        return {access: property_change(leaf, leaf, old, new) for leaf, access, old, new in self._leaves()}

    @property
    def old_values(self) -> dict[str, PropertyValue]:
        """The values before the change.

        Points, structs and navigation properties are objects that contain only the changed parts.
        """
        return nested((leaf, access, old) for leaf, access, old, _ in self._leaves())

    @property
    def new_values(self) -> dict[str, PropertyValue]:
        """The values after the change; see `old_values`."""
        return nested((leaf, access, new) for leaf, access, _, new in self._leaves())

    def _leaves(self) -> Iterator[tuple[Leaf | None, str, PropertyValue, PropertyValue]]:
        names = self._naming.class_names
        is_update = self.operation is UPDATE
        for table, change in zip(self._maps, self._changes, strict=True):
            part = self._naming.make_part(table, change)
            for leaf, index, old, new in part.properties():
                if leaf is ID_LEAF or (leaf is CLASS_LEAF and part.change.operation is not UPDATE):
                    continue
                before, after = read_value(old, leaf, names), read_value(new, leaf, names)
                if is_update and part.change.operation is not UPDATE:  # such as an overflow row
                    before = None if before is NO_VALUE else before
                    after = None if after is NO_VALUE else after
                yield leaf, leaf.access if leaf is not None else table.column(index), before, after

    def _current(self, column: str) -> Any:  # noqa: ANN401 - any SQLite value
        """Return the value of a column of the primary table from the change, or else from the database."""
        for table, change in zip(self._maps, self._changes, strict=True):
            if table.is_primary:
                values = change.new if change.new is not None else change.old
                index = table.positions.get(column)
                if values is not None and index is not None and index < len(values) and values[index] is not NO_VALUE:
                    return values[index]
        return None if self.operation is not UPDATE else self._context.values_of(read_id(self.id)).get(column)

    def _current_id(self, column: str) -> str | None:
        value = self._current(column)
        return hex_id(value) if isinstance(value, int) else None

    def _current_text(self, column: str) -> str | None:
        value = plain_value(self._current(column))
        return value if isinstance(value, str) else None


@attrs.frozen(kw_only=True, slots=False)  # as above
class ElementChange(InstanceChange):
    """A change to an element.

    Values that the change does not contain (an update contains only what it changes) come from the reader's database.
    """

    @property
    def model_id(self) -> str | None:
        """The id of the element's model."""
        return self._current_id("modelid")

    @property
    def parent_id(self) -> str | None:
        """The id of the element's parent; None if it has no parent."""
        return self._current_id("parentid")

    @property
    def code(self) -> Code:
        """The element's code."""
        return Code(
            spec_id=self._current_id("codespecid"),
            scope_id=self._current_id("codescopeid"),
            value=self._current_text("codevalue"),
        )

    @property
    def label(self) -> str | None:
        """The user label of the element."""
        return self._current_text("userlabel")

    @property
    def is_touched_only(self) -> bool:
        """Whether only the timestamp `LastMod` changed, which is the case if only an aspect or the model changed."""
        return self.operation is UPDATE and self.properties.keys() <= {_LAST_MOD}

    @cached_property
    def change_type(self) -> ElementChangeType:
        """The kinds of change."""
        total = ElementChangeType(0)
        for leaf, access, _, _ in self._leaves():
            total |= _type_of(access, is_hidden=leaf is not None and leaf.is_hidden)
        return total


@attrs.frozen(kw_only=True, slots=False)  # as above
class AspectChange(InstanceChange):
    """A change to an aspect of an element."""

    @property
    def element_id(self) -> str | None:
        """The id of the element that has the aspect."""
        return self._current_id("elementid")


@attrs.frozen(kw_only=True, slots=False)  # as above
class ModelChange(InstanceChange):
    """A change to a model. Its id is that of the element that it models."""


@attrs.frozen(kw_only=True, slots=False)  # as above
class RelationshipChange(InstanceChange):
    """A change to a relationship that is stored as a row. Other relationships are properties such as ``Parent.Id``."""

    @property
    def source_id(self) -> str | None:
        """The id of the source instance."""
        return self._current_id("sourceid")

    @property
    def target_id(self) -> str | None:
        """The id of the target instance."""
        return self._current_id("targetid")


KINDS: Final[Mapping[InstanceKind, type[InstanceChange]]] = {
    InstanceKind.ELEMENT: ElementChange,
    InstanceKind.ASPECT: AspectChange,
    InstanceKind.MODEL: ModelChange,
    InstanceKind.RELATIONSHIP: RelationshipChange,
    InstanceKind.OTHER: InstanceChange,
}


_new: Final = object.__new__
_set_attributes: Final = InstanceChange.__dict__["__dict__"].__set__


def new_instance(kind: InstanceKind, attributes: dict[str, Any]) -> InstanceChange:
    """Return a change with these attributes, in a tenth of the time that the constructor of its class takes."""
    made = _new(KINDS[kind])
    _set_attributes(made, attributes)
    return made


def _type_of(access: str, *, is_hidden: bool) -> ElementChangeType:
    """Return the bit that the Changed Elements service sets for a changed property."""
    if access in _GEOMETRY:
        return ElementChangeType.GEOMETRY
    if access.partition(".")[0] in _PLACEMENT:
        return ElementChangeType.PLACEMENT
    if access == _PARENT:
        return ElementChangeType.PARENT
    if access in _UNCOUNTED:
        return ElementChangeType(0)
    return ElementChangeType.HIDDEN if is_hidden else ElementChangeType.PROPERTY
