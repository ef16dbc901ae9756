"""Format a definition that is maintained by hand: the order of its parts, and the indentation."""

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

from scripts.specs.walk import Operation, operations, resolved

_SECTIONS = ("openapi", "info", "servers", "security", "tags", "paths", "components")
_PLACES = ("path", "query", "header", "cookie")
_LEADING_HEADERS = ("Authorization", "Accept")


def laid_out(document: dict[str, Any]) -> str:
    """Return the text of a definition with ordered sections, parameters and statuses, indented by two spaces.

    Parameters are ordered by location: path, query, header, cookie. Path parameters follow the order of the
    placeholders, and `Authorization` and `Accept` come first among the headers. The order of all other parts is kept.
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
    orders: dict[str, Sequence[str]] = {
        "path": re.findall(r"{(\w+)}", operation.path),
        "header": _LEADING_HEADERS,
    }
    place = parameter["in"]
    return _position(place, _PLACES), _position(parameter["name"], orders.get(place, ()))


def _position(value: str, order: Sequence[str]) -> int:
    return order.index(value) if value in order else len(order)
