"""Requests and responses of the generated client, synchronous and asynchronous, over real HTTP.

All expectations come from the committed definition, regardless of the definition from which the installed package was
generated: they must stay true when the definition changes compatibly.
"""

import asyncio
import importlib
import inspect
import json
import re
import typing
from collections.abc import Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

import attrs
import httpx
import pytest

from itwin_imodels_api.client import Client
from itwin_imodels_api.types import File, Response
from scripts.specs.inventory import rows
from scripts.specs.walk import Operation, operations
from tests.examples import DEFINITION, PNG, Answer, ExampleService, answers, request_example, serving

MODULES = {row.operation_id: row.module for row in rows()}
OPERATIONS = list(operations(DEFINITION))
HOSTILE = "a b/../c?d#e%2F'é"
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
TIME = re.compile(r"\d{4}-\d\d-\d\dT.*")

# Python name of an argument: its name on the wire and a value with everything in it that must be escaped.
ARGUMENTS: dict[str, tuple[str, Any]] = {
    "i_twin_id": ("iTwinId", "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"),
    "skip": ("$skip", 5),
    "top": ("$top", 10),
    "continuation_token": ("$continuationToken", "a+b/c==&d"),
    "order_by": ("$orderBy", "name desc,createdDateTime asc"),
    "search": ("$search", "A & B#50%"),
    "name": ("name", "Größe / 2"),
    "state": ("state", "initialized"),
    "owner_id": ("ownerId", "me"),
    "after_index": ("afterIndex", 7),
    "last_index": ("lastIndex", 9),
    "after_changeset_index": ("afterChangesetIndex", 3),
    "briefcase_id": ("briefcaseId", 2),
    "lock_level": ("lockLevel", "shared"),
    "size": ("size", "large"),
    "prefer": ("prefer", "return=representation"),
}

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.id for operation in OPERATIONS])
both_colours = pytest.mark.parametrize("colour", ["sync", "asyncio"])


@pytest.fixture(scope="module")
def running() -> Iterator[ExampleService]:
    """Run one service for all tests of this module."""
    with serving() as service:
        yield service


@pytest.fixture
def service(running: ExampleService) -> ExampleService:
    """Return the service without recorded requests."""
    running.received.clear()
    running.chosen.clear()
    return running


def call(
    service: ExampleService, colour: str, operation_id: str, *path: object, hook: Any = None, **arguments: Any
) -> Response[Any]:
    """Call a generated function, synchronous or asynchronous."""
    module = importlib.import_module(f"itwin_imodels_api.{MODULES[operation_id]}")
    if colour == "sync":
        with low_level_client(service, hook) as client:
            return module.sync_detailed(*path, client=client, **arguments)
    return asyncio.run(_call_async(service, module, path, hook, arguments))


async def _call_async(
    service: ExampleService, module: ModuleType, path: tuple[object, ...], hook: Any, arguments: dict[str, Any]
) -> Response[Any]:
    async def run_hook(request: httpx.Request) -> None:
        if hook:
            hook(request)

    async with low_level_client(service, run_hook) as client:
        return await module.asyncio_detailed(*path, client=client, **arguments)


def low_level_client(service: ExampleService, hook: Any) -> Client:
    """A generated client whose HTTP client runs a hook on each request."""
    return Client(
        base_url=service.base_url,
        timeout=httpx.Timeout(10),
        verify_ssl=False,
        raise_on_unexpected_status=True,
        httpx_args={"event_hooks": {"request": [hook] if hook else []}},
    )


def path_arguments(operation: Operation) -> dict[str, Any]:
    """A value for each segment of the path, hostile where text is allowed."""
    schemas = {each["name"]: each["schema"] for each in operation.node["parameters"] if each["in"] == "path"}
    names = re.findall(r"\{(\w+)\}", operation.path)
    return {name: 2 if schemas[name]["type"] == "integer" else HOSTILE for name in names}


def keyword_arguments(module: ModuleType) -> dict[str, Any]:
    """A value for every query and header argument that the function knows and this suite names."""
    parameters = inspect.signature(module.sync_detailed).parameters.values()
    return {
        each.name: ARGUMENTS[each.name][1]
        for each in parameters
        if each.kind is each.KEYWORD_ONLY and each.name in ARGUMENTS
    }


def body_argument(module: ModuleType, operation: Operation) -> dict[str, Any]:
    """The request body made from the documented example, as the generated class or as bytes."""
    if "requestBody" not in operation.node:
        return {}
    example = request_example(operation)
    if example is None:
        return {"body": File(payload=typing.cast("Any", PNG))}
    hint = typing.get_type_hints(module._get_kwargs)["body"]
    (model,) = (each for each in (hint, *typing.get_args(hint)) if hasattr(each, "from_dict"))
    return {"body": model.from_dict(example)}


def same(value: Any) -> Any:
    """A JSON value in which equal times are equal, however they are written."""
    if isinstance(value, dict):
        return {key: same(child) for key, child in value.items()}
    if isinstance(value, list):
        return [same(child) for child in value]
    return datetime.fromisoformat(value) if isinstance(value, str) and TIME.fullmatch(value) else value


@both_colours
@each_operation
def test_a_request_arrives_as_the_definition_says(service: ExampleService, operation: Operation, colour: str) -> None:
    """Method, path, query, Prefer and body arrive unchanged, with any characters; no default is added."""
    module = importlib.import_module(f"itwin_imodels_api.{MODULES[operation.id]}")
    path, keywords = path_arguments(operation), keyword_arguments(module)
    call(service, colour, operation.id, *path.values(), **keywords, **body_argument(module, operation))

    (received,) = service.received
    assert received.operation.id == operation.id
    assert received.segments == {name: str(value) for name, value in path.items()}
    sent = {ARGUMENTS[name][0]: str(value) for name, value in keywords.items()}
    assert received.headers.get("prefer") == sent.pop("prefer", None)
    assert received.query == sent
    example = request_example(operation)
    if example is not None:
        assert received.headers["content-type"] == "application/json"
        assert same(json.loads(received.body)) == same(example)


@both_colours
@each_operation
def test_every_documented_success_is_read_whole(service: ExampleService, operation: Operation, colour: str) -> None:
    """Each documented example is read completely, with every value in a field of the classes."""
    module = importlib.import_module(f"itwin_imodels_api.{MODULES[operation.id]}")
    required = {
        name: value
        for name, value in keyword_arguments(module).items()
        if inspect.signature(module.sync_detailed).parameters[name].default is inspect.Parameter.empty
    }
    for answer in (each for each in answers(operation) if each.status < 300):
        service.chosen[operation.id] = answer
        body = body_argument(module, operation)
        response = call(service, colour, operation.id, *path_arguments(operation).values(), **required, **body)
        assert response.status_code == answer.status
        assert read(response.parsed) == same(answer.value)
        assert list(unnamed(response.parsed)) == []


def read(parsed: Any) -> Any:
    """Return the content of a generated object as JSON or bytes."""
    if parsed is None:
        return None
    return parsed.payload.read() if isinstance(parsed, File) else same(parsed.to_dict())


def unnamed(parsed: Any) -> Iterator[str]:
    """Keys that ended up among the additional properties of a generated object, at any depth."""
    if isinstance(parsed, list):
        for child in parsed:
            yield from unnamed(child)
    elif hasattr(parsed, "additional_properties"):
        yield from parsed.additional_properties
        for field in attrs.fields(type(parsed)):
            yield from unnamed(getattr(parsed, field.name) if field.init else None)


@both_colours
def test_a_jpeg_goes_up_as_it_is(service: ExampleService, colour: str) -> None:
    """The bytes of a picture arrive unchanged, and the injected HTTP client sets the media type."""

    def as_jpeg(request: httpx.Request) -> None:
        request.headers["Content-Type"] = "image/jpeg"

    body = File(payload=typing.cast("Any", JPEG))
    call(service, colour, "upload-imodel-thumbnail", "an-id", hook=as_jpeg, body=body)
    (received,) = service.received
    assert received.body == JPEG
    assert received.headers["content-type"] == "image/jpeg"


@both_colours
def test_an_answer_of_tomorrow_is_read(service: ExampleService, colour: str) -> None:
    """A new enum value, a new field and a field left out are data, not failures."""
    group = {"id": "1", "state": "archived", "colour": {"deep": [1]}, "_links": None}
    service.chosen["get-imodel-changeset-group-details"] = Answer(
        200, "application/json", "tomorrow", {"changesetGroup": group}
    )
    response = call(service, colour, "get-imodel-changeset-group-details", "an-id", "1")
    assert response.parsed.to_dict() == {"changesetGroup": group}
