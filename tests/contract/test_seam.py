"""The seam matches the low-level client.

All of this must also apply to a client that is generated from a changed definition.
"""

import importlib.util
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels import _operations
from itwin_imodels._operations.call import Call
from itwin_imodels._operations.endpoints import builder
from scripts.facade_calls import IMODEL
from scripts.specs.inventory import rows
from scripts.specs.walk import operations
from tests.calls import CALLS, label, operation_id
from tests.examples import DEFINITION

OPERATIONS = {operation.id: operation for operation in operations(DEFINITION)}
each_call = pytest.mark.parametrize("call", CALLS, ids=label)


def test_there_is_a_call_of_every_operation_of_the_facade() -> None:
    """Whatever the facade has is in the tests that go through these calls."""
    assert {call.endpoint for call in CALLS} == {row.module.removeprefix("api.") for row in rows() if row.facade_method}


def test_every_endpoint_that_the_seam_names_exists() -> None:
    """Each is a module of the low-level client; the message lists all that are missing."""
    folder = Path(_operations.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    endpoints = {*re.findall(r'endpoint="([\w.]+)"', text), *(call.endpoint for call in CALLS)}
    missing = [
        endpoint
        for endpoint in sorted(endpoints)
        if importlib.util.find_spec(f"itwin_imodels_api.api.{endpoint}") is None
    ]
    assert not missing


@each_call
def test_the_arguments_fit_the_builder(call: Call[Any]) -> None:
    """The generated module has a request builder with path arguments by position and all others by name."""
    build = builder(call.endpoint)
    signature = inspect.signature(build)
    signature.bind(*call.path, **call.arguments, **({} if call.body is None else {"body": call.body}))
    positional = [each for each in signature.parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert len(positional) == len(call.path), f"{call.name}: {build.__module__} takes other arguments in its path"


@each_call
def test_the_request_is_the_operations(call: Call[Any]) -> None:
    """Method, path and query are those of the definition, every argument of the facade is sent."""
    operation = OPERATIONS[operation_id(call)]
    made = call.request()
    assert made.method == operation.method.upper()
    assert made.path.count("/") == operation.path.count("/")
    assert not call.path or call.path[0] == IMODEL
    assert all(f"/{segment}" in made.path for segment in call.path)
    assert call.body == (made.content if isinstance(call.body, bytes) else made.json)
    query = {name for name, value in made.query.items() if value is not None}
    assert len(query) == len(set(call.arguments) - {"prefer"})
    assert query <= {each["name"] for each in operation.node.get("parameters", ()) if each["in"] == "query"}
    assert ("prefer" in call.arguments) == ("Prefer" in made.headers)
