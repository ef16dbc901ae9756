"""The file that the type checkers read uses the whole public surface, and pyright accepts it."""

import ast
import inspect
import subprocess

import pytest

import itwin_imodels
from itwin_imodels import resources
from scripts.check_types import SURFACE, pyright
from scripts.toolkit import ROOT
from tests.parts import require_part

API = SURFACE / "api.py"


def test_every_public_method_is_used() -> None:
    """This applies to both clients: a new method needs a line there."""
    tree = ast.parse(API.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for waits in (False, True):
        nodes = [
            node
            for function in functions
            for node in ast.walk(function)
            if isinstance(function, ast.AsyncFunctionDef) is waits and isinstance(node, ast.Attribute)
        ]
        used = {f"{getattr(node.value, 'attr', '')}.{node.attr}" for node in nodes} | {node.attr for node in nodes}
        client = itwin_imodels.AsyncIModelsClient if waits else itwin_imodels.IModelsClient
        for name, member in inspect.getmembers_static(client):
            if name.startswith("_"):
                continue
            assert name in used, name
            part = getattr(
                resources, str(getattr(getattr(member, "func", None), "__annotations__", {}).get("return")), None
            )
            part = getattr(getattr(member, "func", None), "__annotations__", {}).get("return", part)
            for method, _ in inspect.getmembers_static(part, inspect.isfunction) if isinstance(part, type) else ():
                assert method.startswith("_") or f"{name}.{method}" in used, f"{name}.{method}"


@pytest.mark.thorough
def test_pyright_accepts_the_public_surface() -> None:
    """This is the strict mode, in which an unknown type is an error."""
    require_part("node")
    done = subprocess.run(pyright(), check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout
