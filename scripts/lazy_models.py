"""Rewrite the ``models`` package of the generated client so that it imports each model on first use.

The generator's ``models/__init__.py`` imports all models, although an endpoint requires only a few of them.
"""

import ast
import json
from pathlib import Path

from scripts.toolkit import ToolError

_TEMPLATE = '''\
"""Contains all the data models used in inputs/outputs; each is imported when it is first used"""

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = (
{names}
)

_MODULES = {{
{modules}
}}

if TYPE_CHECKING:
{imports}
else:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
        model = getattr(import_module(f".{{_MODULES[name]}}", __name__), name)
        globals()[name] = model
        return model


def __dir__() -> list[str]:
    return sorted({{*globals(), *__all__}})
'''


def make_lazy(init: Path) -> None:
    """Rewrite the generated ``models/__init__.py``; leave it unchanged if there are no models.

    Raises:
        ToolError: Two models have the same module, so that one file has replaced the other.
    """
    modules = _modules(init)
    if modules:
        init.write_text(_lazy(modules), encoding="utf-8")


def _modules(init: Path) -> dict[str, str]:
    """Return the module of each model, as imported by the generated file."""
    found: dict[str, str] = {}
    for node in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.name: node.module for alias in node.names}
    for name, module in found.items():
        twins = [other for other in found if found[other] == module]
        if twins != [name]:
            raise ToolError(
                f"models/{module}.py: {' and '.join(twins)} become one module; give one of these schemas another title"
                " with an overlay in spec/overlays"
            )
    return dict(sorted(found.items()))


def _lazy(modules: dict[str, str]) -> str:
    return _TEMPLATE.format(
        imports="\n".join(f"    from .{module} import {name}" for name, module in modules.items()),
        modules="\n".join(f"    {json.dumps(name)}: {json.dumps(module)}," for name, module in modules.items()),
        names="\n".join(f"    {json.dumps(name)}," for name in modules),
    )
