"""Detect names that still collide in the generated client after ``distinct``."""

from collections.abc import Iterator
from typing import Any

from scripts.specs.distinct import TAKEN
from scripts.specs.names import attribute_name, snake_case
from scripts.specs.parts import PLACE
from scripts.specs.walk import Finding, Operation, operations, pointer_text

Json = dict[str, Any]


def findings(document: Json) -> Iterator[Finding]:
    """Yield each place whose name in the generated client collides with another name, and a description."""
    first: dict[str, Operation] = {}
    for operation in operations(document):
        module = snake_case(operation.id)
        if module in first:
            other = pointer_text(first[module].pointer)
            what = f"becomes the module {module}.py, as {other} does; remove one or change its operationId"
            yield operation.pointer, what
        first.setdefault(module, operation)
        yield from _parameters(operation)


def _parameters(operation: Operation) -> Iterator[Finding]:
    """Yield the parameters of the path that another one, or a local variable, would replace."""
    first: dict[str, str] = dict.fromkeys(TAKEN, "a local variable")
    for parameter in operation.node.get("parameters", []):
        name, argument = f"{parameter['name']} ({parameter['in']})", attribute_name(str(parameter["name"]))
        if argument in first:
            what = f"{first[argument]} and {name} of {operation.id} become the same argument, {argument}; rename {name}"
            yield tuple(parameter.get(PLACE, operation.pointer)), what
        first.setdefault(argument, name)
