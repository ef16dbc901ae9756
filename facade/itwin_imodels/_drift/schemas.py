"""Compare a JSON value with a schema of the definition."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from itwin_imodels._drift.finding import MANY_NAMES, Kind, shown_name

Schema = Mapping[str, Any]

_DEEPEST: Final = 24
_MAX_NAMES: Final = 16
"""Maximum number of unknown names; an object with more is treated as a map, whose names may be ids."""


class Place(NamedTuple):
    """A location in the definition: a named schema, or the response itself, and a path from there."""

    schema: str = ""
    at: str = ""

    def below(self, step: str) -> "Place":
        """Return the location of a part."""
        between = "." if self.at and step[0] not in "[{" else ""
        return Place(self.schema, f"{self.at}{between}{step}")


WHOLE_RESPONSE: Final = Place()


class Difference(NamedTuple):
    """A difference at a location."""

    kind: Kind
    place: Place
    detail: str = ""


def differences(
    schemas: Mapping[str, Schema], schema: Schema, value: object, place: Place = WHOLE_RESPONSE, depth: int = 0
) -> set[Difference]:
    """Compare a value with a schema.

    Args:
        schemas: Named schemas of the definition.
        schema: Schema to compare with.
        value: The value.
        place: Location of the schema.
        depth: Nesting depth of the value; values nested too deeply are not compared.

    Returns:
        The distinct differences; if several alternative schemas are possible, those from the closest one.
    """
    if depth > _DEEPEST:
        return set()
    possible = [each for each in _alternatives(schemas, schema, place) if _has_type(each[0], value)]
    if not possible:
        return {Difference(Kind.OTHER_TYPE, place, type_name(value))}
    return min((_parts(schemas, each, inner, value, depth) for each, inner in possible), key=len)


def type_name(value: object) -> str:
    """Return the name of a value's type in JSON Schema."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    names = {float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def _alternatives(
    schemas: Mapping[str, Schema], schema: Schema, place: Place, depth: int = 0
) -> Iterator[tuple[Schema, Place]]:
    if depth > _DEEPEST:
        return
    if "$ref" in schema:
        name = schema["$ref"]
        yield from _alternatives(schemas, schemas[name], Place(name), depth + 1)
    elif "anyOf" in schema:
        for member in schema["anyOf"]:
            yield from _alternatives(schemas, member, place, depth + 1)
    else:
        yield schema, place


def _has_type(schema: Schema, value: object) -> bool:
    types = schema.get("type")
    name = type_name(value)
    return types is None or name in types or (name == "integer" and "number" in types)


def _parts(schemas: Mapping[str, Schema], schema: Schema, place: Place, value: object, depth: int) -> set[Difference]:
    if isinstance(value, dict):
        return _properties(schemas, schema, place, value, depth)
    if isinstance(value, list):
        items = schema.get("items", {})
        sets = (differences(schemas, items, each, place.below("[]"), depth + 1) for each in value)
        return set().union(*sets)
    if "enum" in schema and isinstance(value, str) and value not in schema["enum"]:
        return {Difference(Kind.UNKNOWN_VALUE, place, type_name(value))}
    return set()


def _properties(
    schemas: Mapping[str, Schema], schema: Schema, place: Place, value: Mapping[str, object], depth: int
) -> set[Difference]:
    known: Mapping[str, Schema] = schema.get("properties", {})
    result = {
        Difference(Kind.MISSING_PROPERTY, place.below(name)) for name in schema.get("required", ()) if name not in value
    }
    for name in value.keys() & known.keys():
        result |= differences(schemas, known[name], value[name], place.below(name), depth + 1)
    return result | _others(schemas, schema, place, {name: value[name] for name in value.keys() - known.keys()}, depth)


def _others(
    schemas: Mapping[str, Schema], schema: Schema, place: Place, value: Mapping[str, object], depth: int
) -> set[Difference]:
    """Compare the properties that the schema does not list."""
    if "additionalProperties" in schema:
        of_all = schema["additionalProperties"]
        sets = (differences(schemas, of_all, each, place.below("{}"), depth + 1) for each in value.values())
        return set().union(*sets)
    if "properties" not in schema:
        return set()
    if len(value) > _MAX_NAMES:
        return {Difference(Kind.UNKNOWN_PROPERTY, place.below(MANY_NAMES), "object")}
    return {
        Difference(Kind.UNKNOWN_PROPERTY, place.below(shown_name(name)), type_name(each))
        for name, each in value.items()
    }
