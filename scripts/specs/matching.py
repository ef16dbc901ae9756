"""Match the operations of a definition with the rows of the inventory, by method and path.

The operationId, the tags, the names of path parameters and the place of the base path (in the server URL or in each
path) are ignored: a definition may change them without changing the API.
"""

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from scripts.specs.inventory import Row
from scripts.specs.walk import Operation, operations

_PARAMETER = re.compile(r"\{[^{}]*\}")


class Match(NamedTuple):
    """An operation of a definition, and its row if the inventory has one."""

    operation: Operation
    request: str
    row: Row | None


def request_of(method: str, path: str, base: str = "") -> str:
    """Return the string that identifies an operation: ``GET /{}/briefcases``.

    Args:
        method: HTTP method, in any case.
        path: Path template as written in the definition.
        base: Base path to remove; a path outside it is left unchanged.
    """
    relative = path.removeprefix(base) if is_below(path, base) else path
    return f"{method.upper()} {_PARAMETER.sub('{}', relative).rstrip('/') or '/'}"


def is_below(path: str, base: str) -> bool:
    """Check whether a path starts with all segments of a base path."""
    return path == base or path.startswith(f"{base}/")


def base_path(document: dict[str, Any], requests: Collection[str]) -> str:
    """Return the base path that a definition repeats in its paths: ``/imodels``, or an empty string.

    Args:
        document: The definition.
        requests: The known requests. The result is the base path for which most of them are found.
    """
    found = [(operation.method, operation.path) for operation in operations(document)]
    candidates = sorted({base for _, path in found for base in _static_prefixes(path)}, key=len)
    known = set(requests)

    def count(base: str) -> int:
        return len(known & {request_of(method, path, base) for method, path in found if is_below(path, base)})

    return max(candidates, key=count, default="")


def _static_prefixes(path: str) -> list[str]:
    """Return the prefixes before the first parameter: ``/imodels/{id}/locks`` → the empty prefix and ``/imodels``."""
    segments = path.partition("{")[0].strip("/").split("/")
    return ["".join(f"/{segment}" for segment in segments[:length]) for length in range(len(segments) + 1)]


def matches(document: dict[str, Any], rows: Collection[Row]) -> list[Match]:
    """Return every operation of a definition with its row, in the order of the document."""
    by_request = {row.request: row for row in rows}
    base = base_path(document, by_request)
    found = ((operation, request_of(operation.method, operation.path, base)) for operation in operations(document))
    return [Match(operation, request, by_request.get(request)) for operation, request in found]
