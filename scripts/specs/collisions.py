"""Detect names that become the same name in the generated client, so that one would replace the other."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeVar

from scripts.specs.names import attribute_name, model_module, snake_case
from scripts.specs.parts import PLACE
from scripts.specs.references import is_sample
from scripts.specs.walk import Finding, Operation, Pointer, nodes, operations, pointer_text, resolved

_TAKEN = frozenset({"body", "client", "cookies", "headers", "params"})
"""Arguments and variables of the generated functions."""

_CLASS_MAKING = ("properties", "allOf", "enum", "additionalProperties")

Json = dict[str, Any]
_Key = TypeVar("_Key", bound=Hashable)
_Item = TypeVar("_Item")


def findings(document: Json) -> Iterator[Finding]:
    """Yield each place whose name in the generated client collides with another name, and a description."""
    yield from _operations(document)
    yield from _schemas(document)
    for operation in operations(document):
        yield from _parameters(operation)
        yield from _taken_arguments(operation)
    for place, node in nodes(document):
        if isinstance(node, dict) and ("properties" in node or "allOf" in node) and not is_sample(place):
            yield from _properties(document, place, node)


def _operations(document: Json) -> Iterator[Finding]:
    named = ((snake_case(each.id), each) for each in operations(document))
    for module, first, second in _repeated(named):
        other = pointer_text(first.pointer)
        yield second.pointer, f"becomes the module {module}.py, as {other} does; remove one or change its operationId"


def _schemas(document: Json) -> Iterator[Finding]:
    schemas: Json = document.get("components", {}).get("schemas", {})
    named = (
        (model_module(str(schema.get("title") or name)), name)
        for name, schema in schemas.items()
        if isinstance(schema, dict) and (schema.get("type") == "object" or any(key in schema for key in _CLASS_MAKING))
    )
    for module, first, second in _repeated(named):
        yield (
            ("components", "schemas", second),
            f"becomes the module models/{module}.py, as the schema {first} does; give one of them another title",
        )


def _parameters(operation: Operation) -> Iterator[Finding]:
    named = ((attribute_name(str(each["name"])), each) for each in operation.node.get("parameters", []))
    for argument, first, second in _repeated(named):
        texts = [f"{each['name']} ({each['in']})" for each in (first, second)]
        yield (
            tuple(second.get(PLACE, operation.pointer)),
            f"{' and '.join(texts)} of {operation.id} become one argument, {argument}; remove one of them",
        )


def _taken_arguments(operation: Operation) -> Iterator[Finding]:
    for parameter in operation.node.get("parameters", []):
        argument = attribute_name(str(parameter["name"]))
        if argument in _TAKEN:
            what = f"{parameter['name']} ({parameter['in']}) of {operation.id} becomes the argument {argument}"
            remedy = "which the generated function uses itself; remove it, or rename it if it is in the path"
            yield tuple(parameter.get(PLACE, operation.pointer)), f"{what}, {remedy}"


def _properties(document: Json, place: Pointer, schema: Json) -> Iterator[Finding]:
    named = ((attribute_name(name), name) for name in _property_names(document, schema))
    for attribute, first, second in _repeated(named):
        own = second in schema.get("properties", {})
        yield (
            (*place, "properties", second) if own else place,
            f"{first} and {second} become one attribute, {attribute}; remove one of them",
        )


def _property_names(document: Json, schema: Json) -> list[str]:
    """Return the properties of an object, including those of its ``allOf``, each once."""
    names: dict[str, None] = {}
    pending, visited = [schema], set[int]()
    while pending:
        node = resolved(document, pending.pop())
        if isinstance(node, dict) and id(node) not in visited:
            visited.add(id(node))
            names |= dict.fromkeys(node.get("properties", {}))
            pending += node.get("allOf", [])
    return list(names)


def _repeated(named: Iterable[tuple[_Key, _Item]]) -> Iterator[tuple[_Key, _Item, _Item]]:
    first: dict[_Key, _Item] = {}
    for key, item in named:
        if key in first:
            yield key, first[key], item
        first.setdefault(key, item)
