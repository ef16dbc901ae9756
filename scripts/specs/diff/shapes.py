"""Schemas as flat maps: each property by its path, with what a client must know about it.

References, compositions and alternatives are merged away, so that two ways to write the same schema give the same map.
A path joins members with ``.``, marks entries of an array with ``[]`` and values of a map with ``.*``. What may be one of
several alternatives has the types of all of them, and requires what all of them require.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from scripts.specs.walk import lookup, resolved

Document = dict[str, Any]
_Limits = dict[str, Any]

LIMITS = (
    *("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"),
    *("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"),
    *("multipleOf", "pattern", "uniqueItems", "format", "default"),
)
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


class Home(NamedTuple):
    """Where the definition describes a value: a named schema, or a part of an operation, and the path in it."""

    name: str
    member: str = ""

    def below(self, step: str) -> "Home":
        """Return the place of a member (``.name``), of the entries (``[]``) or of the values (``.*``)."""
        return Home(self.name, (self.member + step).removeprefix("."))


class Shape(NamedTuple):
    """What a definition says of one value. Types and values of None mean any."""

    home: Home
    types: frozenset[str] | None = None
    required: bool = False
    values: tuple[str, ...] | None = None
    limits: _Limits = {}  # noqa: RUF012 - never changed
    deprecated: bool = False


Shapes = dict[str, Shape]


class Reader(NamedTuple):
    """Reads the schemas of an OpenAPI 3.1 document; ``hidden`` is the keyword of properties that do not travel."""

    document: Document
    hidden: str

    def shapes(self, schema: object, home: Home, above: frozenset[str] = frozenset()) -> Shapes:
        """Return a schema's values by their paths; a recursion ends where it meets a schema again."""
        node = schema if isinstance(schema, dict) else {}
        layers = [self.shapes(member, home, above) for member in node.get("allOf", ())]
        layers += [
            _either([self.shapes(member, home, above) for member in node[keyword]])
            for keyword in ("anyOf", "oneOf")
            if node.get(keyword)
        ]
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in above:
            name = reference.rpartition("/")[2]
            target = self.shapes(lookup(self.document, reference), Home(name), above | {reference})
            layers.append({**target, "": target[""]._replace(home=home)})
        found = self._own(node, home, above)
        for layer in reversed(layers):
            found = _both(layer, found)
        return found

    def _own(self, node: Document, home: Home, above: frozenset[str]) -> Shapes:
        found = {"": _shape(node, home)}
        properties, required = node.get("properties", {}), node.get("required", [])
        for name in dict.fromkeys(chain(properties, required)):
            member = properties.get(name, {})
            if self.hidden not in {key for each in (member, resolved(self.document, member)) for key in _true(each)}:
                inner = self.shapes(member, home.below(f".{name}"), above)
                inner[""] = inner[""]._replace(required=name in required)
                found |= {f".{name}{path}": shape for path, shape in inner.items()}
        for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(node.get(keyword), dict) and node[keyword]:
                inner = self.shapes(node[keyword], home.below(mark), above)
                found |= {f"{mark}{path}": shape for path, shape in inner.items()}
        return found


def _true(node: object) -> set[str]:
    return {key for key, value in node.items() if value is True} if isinstance(node, dict) else set()


def _shape(node: Document, home: Home) -> Shape:
    values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else None
    stated = node.get("type", ())
    types = {stated} if isinstance(stated, str) else set(stated)
    if not types and values:
        types = {_KINDS.get(type(value), "null") for value in values}
    if not types:
        types = {"object"} if node.get("properties") else {"array"} if "items" in node else set()
    return Shape(
        home,
        frozenset(types - {"integer"} if "number" in types else types) or None,
        values=None if values is None else tuple(json.dumps(value) for value in values if value is not None),
        limits={keyword: node[keyword] for keyword in LIMITS if keyword in node},
        deprecated=node.get("deprecated") is True,
    )


def _both(one: Shapes, other: Shapes) -> Shapes:
    """Merge descriptions that hold at the same time."""
    merged = {path: _joined(one[path], other[path]) for path in one.keys() & other.keys()}
    return {path: merged.get(path, shape) for path, shape in {**one, **other}.items()}


def _joined(one: Shape, other: Shape) -> Shape:
    types = one.types & other.types if one.types and other.types else None
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(value for value in one.values if value in other.values)
    return Shape(
        other.home if one.types is None else one.home,
        types or other.types or one.types,
        one.required or other.required,
        values,
        {**one.limits, **other.limits},
        one.deprecated or other.deprecated,
    )


def _either(alternatives: list[Shapes]) -> Shapes:
    """Merge descriptions of which one holds."""
    paths = dict.fromkeys(chain.from_iterable(alternatives))
    return {path: _one_of(path, alternatives) for path in paths}


def _one_of(path: str, alternatives: list[Shapes]) -> Shape:
    found = [shapes[path] for shapes in alternatives if path in shapes]
    solid = [shape for shape in found if shape.types != {"null"}] or found
    return Shape(
        solid[0].home,
        None if any(shape.types is None for shape in found) else frozenset(chain.from_iterable(_types(found))),
        all(shape.required for shape in found) and not any(_lacks(shapes, path) for shapes in alternatives),
        _all_values(solid),
        {name: value for name, value in solid[0].limits.items() if all(each.limits.get(name) == value for each in solid)},
        all(shape.deprecated for shape in found),
    )


def _types(shapes: Iterable[Shape]) -> Iterator[frozenset[str]]:
    return (shape.types or frozenset() for shape in shapes)


def _all_values(shapes: list[Shape]) -> tuple[str, ...] | None:
    values = [shape.values for shape in shapes if shape.values is not None]
    return tuple(dict.fromkeys(chain.from_iterable(values))) if len(values) == len(shapes) else None


def _lacks(shapes: Shapes, path: str) -> bool:
    """Whether an alternative admits the object that holds a property, but not the property."""
    holder = shapes.get(parent(path)) if path else None
    return path not in shapes and holder is not None and (holder.types is None or "object" in holder.types)


def parent(path: str) -> str:
    """Return the path of what holds a value."""
    return path[:-2] if path.endswith("[]") else path[: max(path.rfind("."), 0)]
