"""The values of enumerations that the facade expects in responses, found in its code.

A value counts if the facade compares it (``state == CheckpointState.FAILED``), looks it up (``get(LockLevel.SHARED)``),
or has it in a constant set or mapping. Values that are only sent do not count.
"""

import ast
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from itwin_imodels import models
from scripts.toolkit import ROOT

_FACADE = ROOT / "facade" / "itwin_imodels"


@cache
def expected_values() -> Mapping[type[StrEnum], tuple[str, ...]]:
    """Return the expected values of each enumeration, in its order."""
    found = {value for path in sorted(_FACADE.rglob("*.py")) if "_sync" not in path.parts for value in _expected(path)}
    return {kind: tuple(each.value for each in kind if each in found) for kind in {type(value) for value in found}}


def _expected(path: Path) -> Iterator[StrEnum]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    constants = [each for each in assigned if isinstance(each, ast.Set | ast.Dict | ast.Call)]
    for place in (*constants, *(node for node in ast.walk(tree) if _is_comparison(node))):
        for node in ast.walk(place):
            if isinstance(node, ast.Attribute) and (value := _member(node)) is not None:
                yield value


def _is_comparison(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops)
    return isinstance(node, ast.MatchValue) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
    )


def _member(node: ast.Attribute) -> StrEnum | None:
    kind = getattr(models, node.value.id, None) if isinstance(node.value, ast.Name) else None
    if not (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return None
    return kind.__members__.get(node.attr)
