"""Schemas as flat maps: the description of each value by its path.

References, compositions and alternatives are merged, so that equivalent schemas result in the same map. A path is a
chain of members (``.name``), entries of an array (``[]``) and values of a map (``.*``). A value with alternatives has
the types of all alternatives, and requires only properties that every alternative requires.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

from scripts.specs.walk import lookup, resolved, stated_types

Document = dict[str, Any]

LIMITS = (
    *("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"),
    *("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"),
    *("multipleOf", "pattern", "uniqueItems", "format", "default", "deprecated"),
)
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
NULL = frozenset({"null"})
_MANY = 2000
"""Number of schema uses in one operation after which each further schema is read only once."""


class Home(NamedTuple):
    """The place that describes a value: a named schema or a part of an operation, and the path in it."""

    name: str
    member: str = ""

    def below(self, step: str) -> "Home":
        """Return the home of a member, an entry or a value."""
        return Home(self.name, (self.member + step).removeprefix("."))


class Shape(NamedTuple):
    """The description of one value. If ``types`` or ``values`` is None, any is permitted.

    A value that is not ``declared`` is named only by ``required``. A ``partial`` one is missing in an alternative.
    """

    home: Home
    types: frozenset[str] | None
    values: tuple[str, ...] | None
    limits: dict[str, Any]
    required: bool = False
    declared: bool = True
    partial: bool = False

    @property
    def kinds(self) -> frozenset[str] | None:
        """Return the types without null."""
        return (self.types or frozenset()) - NULL or None

    @property
    def null(self) -> bool:
        """Return whether the value may be null."""
        return "null" in (self.types or ())

    def excluded(self, texts: Iterable[str]) -> list[str]:
        """Return the strings that are not permitted; a pattern in another regex dialect permits all of them."""
        return [text for text in texts if not self._permits(text)]

    def _permits(self, text: str) -> bool:
        if self.values is not None and json.dumps(text) not in self.values:
            return False
        try:
            matches = re.search(str(self.limits.get("pattern", "")), text) is not None
        except re.error:
            matches = True
        return matches and self.limits.get("minLength", 0) <= len(text) <= self.limits.get("maxLength", len(text))


Shapes = dict[str, Shape]


class Reader:
    """Reads schemas of an OpenAPI 3.1 document as they apply to requests or to responses.

    Properties for the other direction are left out.

    After many uses, each further schema is read only once: if all schemas refer to each other, there are too many paths
    to list.
    """

    def __init__(self, document: Document, *, sent: bool) -> None:
        """Read the schemas of a document."""
        self.document = document
        self.sent = sent
        self._uses = Counter[str]()

    def shapes(self, schema: object, home: Home, above: frozenset[str] = frozenset()) -> Shapes:
        """Return the values of a schema by path; recursion stops at the second use of a schema."""
        node = schema if isinstance(schema, dict) else {}
        found = self._own(node, home, above)
        for keyword in ("anyOf", "oneOf"):
            if node.get(keyword):
                found = _both(either([self.shapes(each, home, above) for each in node[keyword]]), found)
        for each in node.get("allOf", ()):
            found = _both(self.shapes(each, home, above), found)
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in above and self._is_read(reference):
            target = lookup(self.document, reference)
            shapes = self.shapes(target, Home(reference.rpartition("/")[2]), above | {reference})
            found = _both({**shapes, "": shapes[""]._replace(home=home)}, found)
        return found

    def _is_read(self, reference: str) -> bool:
        self._uses[reference] += 1
        return self._uses[reference] == 1 or self._uses.total() <= _MANY

    def _own(self, node: Document, home: Home, above: frozenset[str]) -> Shapes:
        found = {"": _shape(node, home)}
        properties, required = node.get("properties") or {}, node.get("required")
        required = required if isinstance(required, list) else []
        steps = {f".{name}": properties.get(name, {}) for name in dict.fromkeys(chain(properties, required))}
        for keyword, step in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(node.get(keyword), dict) and node[keyword]:
                steps[step] = node[keyword]
        for step, member in steps.items():
            if not self._hides(member):
                inner = self.shapes(member, home.below(step), above)
                declared = step[1:] in properties or step[1:] not in required
                inner[""] = inner[""]._replace(required=step[1:] in required, declared=declared)
                found |= {f"{step}{path}": shape for path, shape in inner.items()}
        return found

    def _hides(self, schema: object) -> bool:
        keyword = "readOnly" if self.sent else "writeOnly"
        nodes = (schema, resolved(self.document, schema))
        return any(isinstance(node, dict) and node.get(keyword) is True for node in nodes)


def _shape(node: Document, home: Home) -> Shape:
    values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else None
    types = frozenset(stated_types(node))
    if not types and values:
        types = frozenset(_TYPES.get(type(value), "null") for value in values)
    if not types:
        types = frozenset({"object"} if node.get("properties") else {"array"} if "items" in node else ())
    return Shape(
        home,
        types - {"integer"} if "number" in types else types or None,
        None if values is None else tuple(json.dumps(value) for value in values if value is not None),
        {keyword: node[keyword] for keyword in LIMITS if keyword in node},
    )


def _both(one: Shapes, other: Shapes) -> Shapes:
    """Merge descriptions that all apply."""
    merged = {path: joined(one[path], other[path]) for path in one.keys() & other.keys()}
    return {**one, **other, **merged}


def joined(one: Shape, other: Shape) -> Shape:
    """Merge two descriptions of a value that both apply."""
    types = (one.types & other.types if one.types and other.types else None) or other.types or one.types
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(value for value in one.values if value in other.values)
    home = one.home if one.types else other.home
    limits = {**one.limits, **other.limits}
    required, declared = one.required or other.required, one.declared or other.declared
    return Shape(home, types, values, limits, required, declared, one.partial and other.partial)


def either(alternatives: list[Shapes]) -> Shapes:
    """Merge alternative descriptions, of which one applies."""
    return {path: _one_of(path, alternatives) for path in dict.fromkeys(chain.from_iterable(alternatives))}


def _one_of(path: str, alternatives: list[Shapes]) -> Shape:
    found = [shapes[path] for shapes in alternatives if path in shapes]
    solid = [shape for shape in found if shape.types != NULL] or found
    types = frozenset(chain.from_iterable(shape.types or () for shape in found))
    lists = [shape.values for shape in solid if shape.values is not None]
    values = tuple(dict.fromkeys(chain.from_iterable(lists))) if len(lists) == len(solid) else None
    limits = {name: value for name, value in solid[0].limits.items() if all(s.limits.get(name) == value for s in solid)}
    lacking = any(_lacks(shapes, path) for shapes in alternatives)
    required = all(shape.required for shape in found) and not lacking
    any_type = any(shape.types is None for shape in found)
    declared = any(shape.declared for shape in found)
    partial = lacking or any(shape.partial for shape in found)
    return Shape(solid[0].home, None if any_type else types, values, limits, required, declared, partial)


def _lacks(shapes: Shapes, path: str) -> bool:
    """Return whether an alternative has the object that contains a property, but not the property."""
    holder = shapes.get(parent(path)) if path not in shapes else None
    return holder is not None and (holder.types is None or "object" in holder.types)


def parent(path: str) -> str:
    """Return the path of the value that contains another."""
    return path.removesuffix("[]") if path.endswith("[]") else path[: max(path.rfind("."), 0)]
