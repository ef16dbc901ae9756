"""The seam and the low-level client fit together.

Everything here also has to hold for a client generated from a changed definition.
"""

import asyncio
import importlib.util
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels import _wire
from itwin_imodels._aio._session import _Unread
from itwin_imodels._wire._call import Call, File
from scripts.specs.inventory import rows
from scripts.specs.walk import operations
from tests.calls import CALLS, IMODEL, label, operation_id
from tests.examples import DEFINITION

OPERATIONS = {operation.id: operation for operation in operations(DEFINITION)}
each_call = pytest.mark.parametrize("call", CALLS, ids=label)


def test_there_is_a_call_of_every_operation() -> None:
    """None is left out of the facade, nor of the tests that go through these calls."""
    assert {call.endpoint for call in CALLS} == {row.module.removeprefix("api.") for row in rows()}


def test_every_endpoint_that_the_seam_names_exists() -> None:
    """Each is a module of the low-level client with the function in both colours; all missing ones are told."""
    folder = Path(_wire.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    endpoints = {*re.findall(r'endpoint="([\w.]+)"', text), *(call.endpoint for call in CALLS)}
    missing = [
        endpoint
        for endpoint in sorted(endpoints)
        if importlib.util.find_spec(f"itwin_imodels_api.api.{endpoint}") is None
    ]
    assert not missing


@each_call
def test_the_arguments_fit_the_generated_function(call: Call[Any]) -> None:
    """Path arguments by position, all others by name, in both colours."""
    for function in (call.function.sync_detailed, call.function.asyncio_detailed):
        signature = inspect.signature(function)
        signature.bind(*call.path, client=None, **call.arguments)
        positional = [each for each in signature.parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
        assert len(positional) == len(call.path)


@each_call
def test_the_request_is_the_operations(call: Call[Any]) -> None:
    """Method, path and query are those of the definition, every argument of the facade is sent."""
    operation = OPERATIONS[operation_id(call)]
    made = call.function._get_kwargs(*call.path, **call.arguments)
    assert made["method"] == operation.method
    assert made["url"].count("/") == operation.path.count("/")
    assert not call.path or call.path[0] == IMODEL
    assert all(f"/{segment}" in made["url"] for segment in call.path)
    body = call.arguments.get("body")
    if isinstance(body, File):
        assert made["content"] == body.payload
    else:
        assert made.get("json") == body
    query = {name for name, value in made.get("params", {}).items() if value is not None}
    sent = set(call.arguments) - {"body", "prefer"}
    assert len(query) == len(sent)
    assert ("prefer" in call.arguments) == ("Prefer" in made.get("headers", {}))


@each_call
def test_the_parser_takes_an_answer_that_is_not_its_to_read(call: Call[Any]) -> None:
    """The facade reads answers itself; the generated parsers see an empty object and do not fail."""

    class Client:
        raise_on_unexpected_status = False

        def get_httpx_client(self) -> "Client":
            return self

        def get_async_httpx_client(self) -> "AsyncClient":
            return AsyncClient()

        def request(self, **_: Any) -> _Unread:
            return _Unread({}, b"")

    class AsyncClient:
        async def request(self, **_: Any) -> _Unread:
            return _Unread({}, b"")

    assert call.function.sync_detailed(*call.path, client=Client(), **call.arguments).status_code == 200
    done = asyncio.run(call.function.asyncio_detailed(*call.path, client=Client(), **call.arguments))
    assert done.status_code == 200
