"""Reading a schema: its references and compositions resolved, the spellings of OpenAPI 3.0 and 3.1 read away."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import Any, NamedTuple, TypeGuard

from scripts.specs.walk import lookup, resolved

Document = dict[str, Any]
Nodes = frozenset[int]

_ANYTHING: Document = {}
_NOTHING: Document = {"not": {}}
_ONE_TYPE: dict[str, Document] = {
    name: {"type": name} for name in ("array", "boolean", "integer", "number", "object", "string")
}


class Schema(NamedTuple):
    """The schema nodes that bind one value together, the referenced ones before those that refer to them."""

    document: Document
    parts: tuple[Document, ...]
    null: bool = False

    @property
    def identity(self) -> tuple[Nodes, bool]:
        """Equal for schemas of one document that are made of the same nodes."""
        return frozenset(map(id, self.parts)), self.null

    def stated(self, keyword: str) -> list[Any]:
        """Every value given to a keyword, the one that has the last word last."""
        return [part[keyword] for part in self.parts if keyword in part]

    def last(self, keyword: str) -> Any:
        """The value of a keyword that has the last word, or None."""
        return next(reversed(self.stated(keyword)), None)

    def says(self, keyword: str) -> bool:
        """Whether a keyword is true anywhere."""
        return True in self.stated(keyword)


def read_schema(document: Document, *schemas: object) -> Schema:
    """Resolve schemas that hold for the same value.

    Raises:
        KeyError: A ``$ref`` points nowhere.
    """
    spreads = [_spread(document, schema, frozenset()) for schema in schemas]
    parts = _once(part for spread, _ in spreads for part in spread)
    return Schema(document, parts, _agreed(null for _, null in spreads) is True)


def _once(parts: Iterable[Document]) -> tuple[Document, ...]:
    """The nodes without repetition, each where it comes last."""
    return tuple(reversed({id(part): part for part in reversed(tuple(parts))}.values()))


def as_mapping(node: object) -> Document:
    """The node as an object; a boolean schema as the one that says the same."""
    if isinstance(node, dict):
        return node
    return _NOTHING if node is False else _ANYTHING


def as_list(node: object) -> list[Any]:
    """The node as a list; a single value as the only entry, nothing as none."""
    if isinstance(node, list):
        return node
    return [] if node is None else [node]


def _spread(document: Document, node: object, above: Nodes) -> tuple[tuple[Document, ...], bool | None]:
    """The nodes a schema is made of, and whether it admits null (None: it leaves that open)."""
    schema = as_mapping(node)
    if id(schema) in above:
        return (), None
    above |= {id(schema)}
    inner = [lookup(document, schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
    inner += as_list(schema.get("allOf"))
    inner += [members[0] for members in _choices(document, schema) if len(members) == 1]
    spreads = [_spread(document, member, above) for member in inner]
    null = _own_null(document, schema, above)
    if null is None:
        null = _agreed(vote for _, vote in spreads)
    return (*chain.from_iterable(parts for parts, _ in spreads), schema), null


def _agreed(votes: Iterable[bool | None]) -> bool | None:
    cast = {vote for vote in votes if vote is not None}
    return False not in cast if cast else None


def _own_null(document: Document, schema: Document, above: Nodes) -> bool | None:
    """What a node itself says about null, whatever it refers to."""
    if schema.get("nullable") is True:
        return True
    if "type" in schema:
        return "null" in as_list(schema["type"])
    votes = [_choice_null(document, as_list(schema[key]), above) for key in ("anyOf", "oneOf") if schema.get(key)]
    if "enum" in schema:
        votes.append(None in as_list(schema["enum"]))
    if "const" in schema:
        votes.append(schema["const"] is None)
    return _agreed(votes)


def _choice_null(document: Document, members: list[Any], above: Nodes) -> bool | None:
    if any(_only_null(document, member) for member in members):
        return True
    if len(members) == 1:
        return None
    return any(_spread(document, member, above)[1] is True for member in members)


def _only_null(document: Document, node: object) -> bool:
    schema = as_mapping(resolved(document, node))
    if "const" in schema:
        return schema["const"] is None
    return as_list(schema.get("type")) == ["null"] or schema.get("enum") == [None]


def _choices(document: Document, schema: Document) -> list[list[Any]]:
    """The members of ``anyOf`` and of ``oneOf``, without null."""
    groups = [
        [member for member in as_list(schema.get(key)) if not _only_null(document, member)]
        for key in ("anyOf", "oneOf")
    ]
    return [members for members in groups if members]


def forms_of(schema: Schema, settled: Nodes = frozenset()) -> tuple[Schema, ...]:
    """The forms a value may take: one schema for every choice of alternatives and of types."""
    choosing = [part for part in schema.parts if id(part) not in settled]
    groups = [members for part in choosing for members in _choices(schema.document, part) if len(members) > 1]
    if not groups:
        kinds = sorted(types_of(schema))
        return tuple(_narrowed(schema, [_ONE_TYPE[kind]]) for kind in kinds) if len(kinds) > 1 else (schema,)
    settled |= set(map(id, choosing))
    found: dict[object, Schema] = {}
    for chosen in product(*groups):
        narrowed = _narrowed(schema, read_schema(schema.document, *chosen).parts)
        found |= {form.identity: form for form in forms_of(narrowed, settled)}
    return tuple(found.values())


def _narrowed(schema: Schema, more: Iterable[Document]) -> Schema:
    return Schema(schema.document, _once((*schema.parts, *more)))


def types_of(form: Schema) -> frozenset[str]:
    """The types a form states, or those its other keywords imply; none means any."""
    stated = [names for names in (_known_types(value) for value in form.stated("type")) if names]
    if stated:
        return frozenset.intersection(*stated) or stated[-1]
    if any(form.stated(keyword) for keyword in ("properties", "required", "additionalProperties")):
        return frozenset({"object"})
    if form.stated("items"):
        return frozenset({"array"})
    return _without_integer(_kind(value) for value in _stated_values(form) or ())


def _known_types(value: object) -> frozenset[str]:
    return _without_integer(name for name in as_list(value) if isinstance(name, str))


def _without_integer(names: Iterable[str]) -> frozenset[str]:
    """Types as a set, where ``number`` covers ``integer`` and null is not a type."""
    known = _ONE_TYPE.keys() & set(names)
    return frozenset(known - {"integer"} if "number" in known else known)


def _kind(value: object) -> str:
    """The JSON type of a value."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    kinds = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def type_of(form: Schema) -> str:
    """The types as a person reads them."""
    return " | ".join(sorted(types_of(form))) or "any"


def format_of(form: Schema) -> str | None:
    """The format; 3.1 tells raw and encoded bytes by ``contentMediaType`` and ``contentEncoding``."""
    if form.stated("format"):
        return str(form.last("format"))
    if form.stated("contentEncoding"):
        return "byte"
    return "binary" if form.stated("contentMediaType") else None


def _stated_values(form: Schema) -> list[Any] | None:
    """The values every ``enum`` and ``const`` admits, without null; None when there is neither."""
    lists = [*map(as_list, form.stated("enum")), *([value] for value in form.stated("const"))]
    if not lists:
        return None
    allowed = set.intersection(*({literal(value) for value in values} for values in lists))
    return [value for value in lists[-1] if value is not None and literal(value) in allowed]


def values_of(form: Schema) -> list[str] | None:
    """The literals a form is restricted to, None when it is not."""
    values = _stated_values(form)
    types = types_of(form)
    fitting = types | {"integer"} if "number" in types else types
    return None if values is None else [literal(value) for value in values if _kind(value) in fitting]


def literal(value: object) -> str:
    """A JSON value as a person reads it; equal for equal values."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def pattern_of(form: Schema) -> str | None:
    """All patterns that a value must match."""
    return " and ".join(sorted(set(map(str, form.stated("pattern"))))) or None


def default_of(schema: Schema) -> str | None:
    """The default as a literal."""
    return literal(schema.last("default")) if schema.stated("default") else None


class Bound(NamedTuple):
    """A limit of a value. ``tightness`` grows as the limit comes closer, for upper and lower ones."""

    tightness: float
    exclusive: bool
    sign: int

    def __str__(self) -> str:
        """The number as the definition has it."""
        return literal(self.tightness * self.sign) + (" exclusive" if self.exclusive else "")


def bound_reader(keyword: str, sign: int, exclusive: str = "") -> Callable[[Schema], Bound | None]:
    """A reader of a bound: the tightest one stated, in either spelling of exclusiveness."""

    def read(form: Schema) -> Bound | None:
        found = [bound for part in form.parts for bound in _part_bounds(part, keyword, sign, exclusive)]
        if exclusive and types_of(form) == {"integer"}:
            found = [_whole(bound) for bound in found]
        if not exclusive and sign > 0:
            found = [bound for bound in found if bound.tightness > 0]
        return max(found, default=None)

    return read


def _part_bounds(part: Document, keyword: str, sign: int, exclusive: str) -> Iterator[Bound]:
    value, border = part.get(keyword), part.get(exclusive)
    if _numeric(value):
        yield Bound(value * sign, border is True, sign)
    if _numeric(border):
        yield Bound(border * sign, exclusive=True, sign=sign)


def _numeric(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(bound: Bound) -> Bound:
    """The same limit for whole numbers, where the next one is known."""
    size = math.floor(bound.tightness) + 1 if bound.exclusive else math.ceil(bound.tightness)
    return Bound(size, exclusive=False, sign=bound.sign)


def multiple_of(form: Schema) -> float | None:
    """What a number must be a multiple of."""
    value = form.last("multipleOf")
    return value if _numeric(value) and value > 0 else None
