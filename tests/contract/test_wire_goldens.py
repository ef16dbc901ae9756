"""Each method of the client sends the recorded request, with both clients.

`python -m tests.contract.wire_goldens` records the requests again.
"""

import ast
import inspect
import json
from functools import cached_property

import pytest
from anyio.from_thread import start_blocking_portal

from itwin_imodels import AsyncIModelsClient, IModelsClient
from scripts.toolkit import ROOT
from tests.behaviour.helpers.driving import COLOURS
from tests.contract.wire_goldens import CALLS, GOLDENS, recorded


def public(kind: type) -> set[str]:
    """Return the public methods of a class, including inherited ones."""
    return {name for name, value in inspect.getmembers(kind, callable) if not name.startswith("_")}


def resource_methods(client: type) -> set[str]:
    """The public methods of all resources of a client, such as ``locks.list``."""
    made = client(base_url="http://127.0.0.1:1")
    parts = [name for name, value in inspect.getmembers(client) if isinstance(value, cached_property)]
    return {f"{part}.{method}" for part in parts for method in public(type(getattr(made, part)))}


@pytest.mark.parametrize("colour", COLOURS)
def test_the_wire_is_as_written_down(colour: str) -> None:
    """Method, path, query, headers and body of every call."""
    goldens = json.loads(GOLDENS.read_text(encoding="utf-8"))
    with start_blocking_portal("asyncio") as portal:
        found = recorded(colour, portal)
    for method, calls in found.items():
        assert calls == goldens.get(method), method
    assert found.keys() == goldens.keys()


@pytest.mark.parametrize("client", [IModelsClient, AsyncIModelsClient])
def test_every_method_of_a_resource_is_written_down(client: type) -> None:
    """A new method needs a golden, and a removed one must not have one."""
    assert resource_methods(client) == set(CALLS)


def test_every_method_of_the_client_is_tested() -> None:
    """Each public method of the client itself and of its lists is used somewhere in the tests."""
    called = {
        node.attr
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    pager = type(IModelsClient(base_url="http://127.0.0.1:1").imodels.list("x"))
    assert (public(IModelsClient) | public(pager)) - called == set()
