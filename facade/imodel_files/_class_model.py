"""The meaning of the rows in an iModel's tables. No I/O: `_class_reading` reads the classes from a database."""

import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Final

import attrs

from imodel_files._ddl import folded

ROOTS: Final = {
    "BisCore:Element": "element",
    "BisCore:ElementAspect": "aspect",
    "BisCore:Model": "model",
}
"""The base classes whose subclasses have a kind of their own."""

_PRIMITIVE, _STRUCT, _ARRAY, _STRUCT_ARRAY, _NAVIGATION = range(5)
_BINARY, _BOOLEAN, _DATE, _DOUBLE, _GEOMETRY = 0x101, 0x201, 0x301, 0x401, 0xA01
_POINTS: Final = {0x701, 0x801}
_IDS: Final = ("id", "ecinstanceid")
_CLASSES: Final = ("relecclassid", "ecclassid")


class InstanceKind(StrEnum):
    """The kind of an instance."""

    ELEMENT = "element"
    ASPECT = "aspect"
    MODEL = "model"
    RELATIONSHIP = "relationship"
    OTHER = "other"


class ValueKind(StrEnum):
    """How to decode the value of a column."""

    PLAIN = "plain"
    ID = "id"
    CLASS = "class"
    BOOLEAN = "boolean"
    DATE = "date"
    UTC_DATE = "date in UTC"
    GUID = "guid"
    BINARY = "binary"
    DOUBLE = "double"
    ARRAY = "array"


@attrs.frozen
class Leaf:
    """The property, or part of a property, that a column contains for a class.

    Attributes:
        access: The access string, such as ``Origin.X``.
        kind: How to decode its value.
        is_hidden: Whether the property has the custom attribute `HiddenProperty`.
        relationship: For the id of a navigation property whose relationship class is not stored: the relationship
            class.
        labels: For an enumeration: the labels by value.
    """

    access: str
    kind: ValueKind
    is_hidden: bool = False
    relationship: str | None = None
    labels: Mapping[int | str, str] | None = None


@attrs.frozen(eq=False, slots=False)
class TableMap:
    """A table of an iModel.

    Attributes:
        name: The name of the table.
        columns: The names of its columns.
        root: The name, in lower case, of the primary table that it extends, or its own name if it is primary. Together
            with an id, it identifies an instance. None for tables without instances.
        kind: The kind of its instances.
        id_column: Index of the column with the instance id.
        class_column: Index of the column with the class id; None if the class is not stored.
        exclusive_class: The class of all rows if the class is not stored.
        root_class: The class that the table was created for: all its instances belong to this class or a subclass.
    """

    name: str
    columns: tuple[str, ...]
    root: str | None
    kind: InstanceKind
    id_column: int
    class_column: int | None
    exclusive_class: int | None
    root_class: int | None

    @cached_property
    def is_primary(self) -> bool:
        """Whether the table is a primary table, not one that extends another."""
        return self.root is not None and folded(self.name) == self.root

    def column(self, index: int) -> str:
        """Return the name of a column; one that the database lacks is named by its position."""
        return self.columns[index] if index < len(self.columns) else f"#{index + 1}"

    @cached_property
    def positions(self) -> dict[str, int]:
        """The positions of the columns by their names in lower case."""
        return {folded(name): index for index, name in enumerate(self.columns)}


@attrs.frozen
class Property:
    """The declaration of a property.

    Attributes:
        id: The id of the property.
        class_id: The id of the class that declares it.
        name: The name of the property.
        kind: 0 primitive, 1 struct, 2 array, 3 array of structs, 4 navigation property.
        primitive: The primitive type.
        extended: The extended type, in lower case.
        struct: The id of the struct class of a struct.
        relationship: The id of the relationship class of a navigation property.
    """

    id: int
    class_id: int
    name: str
    kind: int
    primitive: int | None
    extended: str
    struct: int | None
    relationship: int | None


def closure(direct: Mapping[int, Iterable[int]], class_id: int) -> frozenset[int]:
    """Return a class and all of its bases; cycles, which a damaged database may contain, are handled."""
    classes = {class_id}
    pending = [class_id]
    while pending:
        for base in direct.get(pending.pop(), ()):
            if base not in classes:
                classes.add(base)
                pending.append(base)
    return frozenset(classes)


def leaf_property(start: Property, access: str, member: Callable[[int, str], Property | None]) -> Property:
    """Return the property that a leaf belongs to; for a struct, its member.

    Args:
        start: The property at the start of the access string.
        access: The access string.
        member: Returns the member of a struct by class id and name in lower case; None if there is none.
    """
    for name in access.lower().split(".")[1:]:
        found = None if start.kind != _STRUCT or start.struct is None else member(start.struct, name)
        if found is None:
            break
        start = found
    return start


def value_kind(owner: Property, access: str, *, is_utc: bool) -> ValueKind:
    """Return how to decode a leaf.

    Args:
        owner: The property that the leaf belongs to.
        access: The access string of the leaf.
        is_utc: Whether dates of the property are in UTC.
    """
    last = access.lower().rpartition(".")[2]
    if owner.kind in {_ARRAY, _STRUCT_ARRAY}:
        return ValueKind.ARRAY
    if owner.kind == _NAVIGATION or owner.extended == "id":
        return ValueKind.CLASS if last.endswith(_CLASSES) else ValueKind.ID
    if owner.kind == _PRIMITIVE and owner.primitive in _POINTS:
        return ValueKind.DOUBLE
    return _primitive_kind(owner.primitive, owner.extended, is_utc=is_utc)


def _primitive_kind(primitive: int | None, extended: str, *, is_utc: bool) -> ValueKind:
    if primitive == _DATE:
        return ValueKind.UTC_DATE if is_utc else ValueKind.DATE
    if primitive == _BINARY and extended == "beguid":
        return ValueKind.GUID
    simple = {
        _BINARY: ValueKind.BINARY,
        _GEOMETRY: ValueKind.BINARY,
        _BOOLEAN: ValueKind.BOOLEAN,
        _DOUBLE: ValueKind.DOUBLE,
    }
    return simple.get(primitive or 0, ValueKind.PLAIN)


def enumeration_labels(text: str) -> dict[int | str, str]:
    """Return the labels of an enumeration by value, from its JSON description; empty if the JSON is invalid."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    labels: dict[int | str, str] = {}
    for each in values if isinstance(values, list) else ():
        if isinstance(each, dict):
            value = each.get("IntValue", each.get("StringValue"))
            label = each.get("DisplayLabel") or each.get("Name")
            if isinstance(value, int | str) and isinstance(label, str):
                labels[value] = label
    return labels


def instance_kind(names: Iterable[str], *, is_relationship: bool) -> InstanceKind:
    """Return the kind of the instances of a class.

    Args:
        names: The names of the class and its bases, as ``Schema:Class``.
        is_relationship: Whether the class is a relationship.
    """
    if is_relationship:
        return InstanceKind.RELATIONSHIP
    return next((InstanceKind(ROOTS[name]) for name in names if name in ROOTS), InstanceKind.OTHER)
