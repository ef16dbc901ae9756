"""Changes as people mean them: of elements, aspects, models, relationships and rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntFlag
from functools import cached_property
from os import PathLike
from typing import Any, Final

import attrs

from imodel_files._change_parts import (
    CLASS_LEAF,
    ID_LEAF,
    ClassNames,
    Part,
    PropertyChange,
    property_change,
    read_value,
)
from imodel_files._change_values import Blob, PropertyValue, hex_id, nested, read_id
from imodel_files._class_model import InstanceKind, Leaf, TableMap
from imodel_files._database_context import DatabaseContext
from imodel_files._fields import NO_VALUE
from imodel_files._session import UPDATE, Change, Operation

__all__ = ["Blob"]

_LAST_MOD: Final = "LastMod"
_GEOMETRY: Final = frozenset({"GeometryStream", "Category.Id", "InSpatialIndex"})
_PLACEMENT: Final = ("Origin", "BBoxLow", "BBoxHigh", "Yaw", "Pitch", "Roll")
_PARENT: Final = "Parent.Id"
_UNCOUNTED: Final = frozenset({_LAST_MOD, "Model.Id", "Parent.RelECClassId"})


@attrs.frozen(kw_only=True)
class TimelineChangeset:
    """A changeset that changes are read from.

    Attributes:
        path: Its file; None if a mirror does not have it.
        id: Its id; empty if unknown.
        parent_id: The id of the changeset before it; None if unknown.
        index: Its index in the timeline; among files without indexes its place, from 1.
        creator_id: The user who pushed it, if read from a mirror.
        push_date_time: When it was pushed, if read from a mirror.
    """

    path: str | PathLike[str] | None
    id: str
    parent_id: str | None
    index: int
    creator_id: str | None = None
    push_date_time: datetime | None = None


class ElementChangeType(IntFlag):
    """What of an element changed, with the numbers of the Changed Elements service."""

    PROPERTY = 1
    GEOMETRY = 2
    PLACEMENT = 4
    HIDDEN = 16
    PARENT = 32


@attrs.frozen(kw_only=True)
class Code:
    """The code of an element.

    Attributes:
        spec_id: The code specification.
        scope_id: The element within which the code is unique.
        value: The code itself; None if the element has none.
    """

    spec_id: str | None
    scope_id: str | None
    value: str | None


@attrs.frozen(kw_only=True, slots=False)  # what is computed when it is asked for is kept in the instance
class RowChange:
    """A change of one row, with names.

    Attributes:
        table: The table.
        operation: What is done to the row.
        is_indirect: Whether a trigger or a foreign key did it, rather than the user.
        key: The values of the primary key; ids of instances as ``0x…``.
        class_name: The class of the instance, such as ``BisCore:PhysicalPartition``; None for other rows.
        is_class_fallback: Whether the class is unknown, and `class_name` is only the one that the table was made for.
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
        """The values before and after by the names of the columns, decoded.

        Inserts and deletes have the columns that are not NULL, updates the changed ones. A column that the database
        lacks, since its file is older than the changeset, is named by its place: ``#13``.
        """
        part, names = self._part, self._class_names
        found = {}
        for index, old, new in part.changed():
            former, leaf = part.former_leaf(index), part.leaf(index)
            before, after = read_value(old, former, names), read_value(new, leaf, names)
            found[part.table.column(index)] = property_change(former, leaf, before, after)
        return found


@attrs.frozen(eq=False)
class Naming:
    """What the rows of a class hold.

    Attributes:
        make_part: Says what the columns of a row hold for the class.
        class_names: Returns the names of classes.
    """

    make_part: Callable[[TableMap, Change], Part]
    class_names: ClassNames


@attrs.frozen(kw_only=True, slots=False)  # as above
class InstanceChange:
    """A change of an instance of a class, put together from the rows of all of its tables.

    Attributes:
        kind: What the instance is.
        operation: What is done to it.
        id: Its id, such as ``0x20000000001``.
        class_name: Its class, such as ``BisCore:PhysicalPartition``; None if the database has no class with this id.
        class_id: The id of its class; None if unknown.
        is_class_fallback: Whether the class is unknown, and stated is the one that the table was made for.
        is_indirect: Whether triggers and foreign keys did all of it, rather than the user.
        tables: The tables with changes of the instance.
        changeset: The changeset; None for a net effect of several.
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

        An insert or delete has all properties that are not NULL. A value that no property of the class describes is
        under the name of its column. After an update that changes the class (``ECClassId``), properties that only the
        old class has are without a new value, those that only the new class has without an old one.
        """
        return {access: property_change(leaf, leaf, old, new) for leaf, access, old, new in self._leaves()}

    @property
    def old_values(self) -> dict[str, PropertyValue]:
        """The values before: points, structs and navigation properties as objects, with the parts that changed."""
        return nested((leaf, access, old) for leaf, access, old, _ in self._leaves())

    @property
    def new_values(self) -> dict[str, PropertyValue]:
        """The values after; see `old_values`."""
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
                if is_update and part.change.operation is not UPDATE:  # a row of its own, such as overflow
                    before = None if before is NO_VALUE else before
                    after = None if after is NO_VALUE else after
                yield leaf, leaf.access if leaf is not None else table.column(index), before, after

    def _current(self, column: str) -> Any:  # noqa: ANN401 - any value of SQLite
        """Return the value of a column of the primary table: as changed, else as the database says."""
        for table, change in zip(self._maps, self._changes, strict=True):
            if table.is_primary:
                values = change.new if change.new is not None else change.old
                index = table.positions.get(column)
                if values is not None and index is not None and index < len(values) and values[index] is not NO_VALUE:
                    return values[index]
        return None if self.operation is not UPDATE else self._context.told(read_id(self.id)).get(column)

    def _current_id(self, column: str) -> str | None:
        found = self._current(column)
        return hex_id(found) if isinstance(found, int) else None

    def _current_text(self, column: str) -> str | None:
        found = self._current(column)
        return found if isinstance(found, str) else None


@attrs.frozen(kw_only=True, slots=False)  # as above
class ElementChange(InstanceChange):
    """A change of an element.

    What a change does not contain (an update contains only what it changes) comes from the reader's database.
    """

    @property
    def model_id(self) -> str | None:
        """The model that the element is in."""
        return self._current_id("modelid")

    @property
    def parent_id(self) -> str | None:
        """The element's parent, if it has one."""
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
        """The element's label for people."""
        return self._current_text("userlabel")

    @property
    def is_touched_only(self) -> bool:
        """Whether nothing but the time stamp `LastMod` changed, as when only an aspect or the model did."""
        return self.operation is UPDATE and self.properties.keys() <= {_LAST_MOD}

    @cached_property
    def change_type(self) -> ElementChangeType:
        """What of the element changed."""
        found = ElementChangeType(0)
        for leaf, access, _, _ in self._leaves():
            found |= _type_of(access, is_hidden=leaf is not None and leaf.is_hidden)
        return found


@attrs.frozen(kw_only=True, slots=False)  # as above
class AspectChange(InstanceChange):
    """A change of an aspect of an element."""

    @property
    def element_id(self) -> str | None:
        """The element that the aspect belongs to."""
        return self._current_id("elementid")


@attrs.frozen(kw_only=True, slots=False)  # as above
class ModelChange(InstanceChange):
    """A change of a model. Its id is that of the element that it models."""


@attrs.frozen(kw_only=True, slots=False)  # as above
class RelationshipChange(InstanceChange):
    """A change of a relationship that has a row of its own. Others are properties such as ``Parent.Id``."""

    @property
    def source_id(self) -> str | None:
        """The instance that the relationship begins at."""
        return self._current_id("sourceid")

    @property
    def target_id(self) -> str | None:
        """The instance that it leads to."""
        return self._current_id("targetid")


KINDS: Final[Mapping[InstanceKind, type[InstanceChange]]] = {
    InstanceKind.ELEMENT: ElementChange,
    InstanceKind.ASPECT: AspectChange,
    InstanceKind.MODEL: ModelChange,
    InstanceKind.RELATIONSHIP: RelationshipChange,
    InstanceKind.OTHER: InstanceChange,
}


def new_instance(kind: InstanceKind, attributes: dict[str, Any]) -> InstanceChange:
    """Return a change with these attributes, in a tenth of the time that the constructor of its class takes."""
    made = object.__new__(KINDS[kind])
    object.__setattr__(made, "__dict__", attributes)
    return made


def _type_of(access: str, *, is_hidden: bool) -> ElementChangeType:
    """Return the bit that a changed property sets, as the Changed Elements service sets it."""
    if access in _GEOMETRY:
        return ElementChangeType.GEOMETRY
    if access.partition(".")[0] in _PLACEMENT:
        return ElementChangeType.PLACEMENT
    if access == _PARENT:
        return ElementChangeType.PARENT
    if access in _UNCOUNTED:
        return ElementChangeType(0)
    return ElementChangeType.HIDDEN if is_hidden else ElementChangeType.PROPERTY
