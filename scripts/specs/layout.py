"""The layout of a definition that is kept by hand: order of its parts, form of its text."""

import copy
import json
import re
from typing import Any

from scripts.specs.walk import Operation, operations, resolved

_SECTIONS = ("openapi", "info", "servers", "security", "tags", "paths", "components")
_PLACES = ("path", "query", "header", "cookie")
_LEADING_HEADERS = ("Authorization", "Accept")


def laid_out(document: dict[str, Any]) -> str:
    """Return the text of a definition: sections, parameters and statuses in order, two blanks a level.

    Parameters stand in the order path, query, header. Those of the path follow its placeholders, and `Authorization`
    and `Accept` lead the headers. Everything else keeps its order.
    """
    result = _in_order(copy.deepcopy(document), _SECTIONS)
    for operation in operations(result):
        if "parameters" in operation.node:
            operation.node["parameters"].sort(key=lambda entry: _rank(operation, resolved(result, entry)))
        if "responses" in operation.node:
            operation.node["responses"] = dict(sorted(operation.node["responses"].items()))
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def _in_order(node: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: node[key] for key in (*keys, *node) if key in node}


def _rank(operation: Operation, parameter: dict[str, Any]) -> tuple[int, int]:
    name, place = parameter["name"], parameter["in"]
    order = {"path": re.findall(r"{(\w+)}", operation.path), "header": _LEADING_HEADERS}.get(place, ())
    return _position(place, _PLACES), _position(name, order)


def _position(value: str, order: tuple[str, ...] | list[str]) -> int:
    return list(order).index(value) if value in order else len(order)
