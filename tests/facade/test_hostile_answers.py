"""For any response, a call returns or raises an error of the package: property tests."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels import IModelsClient, IModelsError, RetryPolicy
from itwin_imodels._operations.call import Call
from itwin_imodels.testing import no_waiting
from scripts.facade_calls import IMODEL
from scripts.specs.walk import nodes, operations
from tests.calls import CALLS, operation_id
from tests.depth import samples
from tests.examples import DEFINITION, Answer, answers, routes

URL = "http://imodels.test/imodels"
OPERATIONS = {operation.id: operation for operation in operations(DEFINITION)}
ROUTES = routes()
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**31,
    2**63,
    2**64,
    -(2**63) - 1,
    10**400,
    1e400,
    "",
    "\ud800",
    "\udfff\x00",
    "9" * 40,
    [],
    {},
)
TIMES = ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "9999-12-31T24:00:00", "-1")
LINKS = (
    "http://imodels.test/imodels/\ud800",
    "?\x01",
    "//[",
    "/imodels/" + "x" * 70_000,
    "?$skip=\u00e4",
    "http://\u2100/",
)

statuses = st.sampled_from(
    [200, 200, 200, 200, 201, 204, 301, 307, 400, 401, 403, 404, 409, 422, 429, 500, 503, 520, 599]
)
names = st.sampled_from(
    [
        "retry-after",
        "location",
        "content-type",
        "content-encoding",
        "set-cookie",
        "x-request-id",
        "content-length",
        "date",
    ]
)
octets = st.binary(max_size=40).map(lambda value: value.translate(None, b"\r\n\0"))
dates = st.builds(
    "Mon, {} Jan {} 00:00:{} {}".format,
    st.integers(0, 10**20),
    st.integers(0, 10**20),
    st.integers(0, 10**20),
    st.sampled_from(["GMT", "+99999999999999999999", "-2359", "", "-0000"]),
).map(str.encode)
seconds = st.integers(-1, 10**400).map(lambda value: str(value).encode())
known_values = st.sampled_from([b"gzip", b"br", b"zstd", b"application/json", b"http://[", b"//x:y", b"a=b; expires=9"])
headers = st.lists(st.tuples(names.map(str.encode), octets | dates | seconds | known_values), max_size=4)
json_values = st.recursive(
    st.sampled_from([*ODD, *TIMES, *LINKS]) | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@define
class Change:
    """A replaced value at one place of a body."""

    place: int
    value: Any

    def applied(self, body: Any) -> Any:
        """The body with the other value; the value itself if the body has no places."""
        body = copy.deepcopy(body)
        places = [pointer for pointer, _ in nodes(body) if pointer]
        if not places:
            return self.value
        *parents, last = places[self.place % len(places)]
        holder = body
        for part in parents:
            holder = holder[part]
        holder[last] = self.value
        return body


changes = st.builds(Change, st.integers(0, 1000), json_values)


@cache
def documented_answers(operation: str) -> list[Answer]:
    """Return the documented responses of an operation."""
    return answers(OPERATIONS[operation])


def documented_bodies(operation: str) -> list[Any]:
    """Return the JSON of the documented responses of an operation."""
    return [each.value for each in documented_answers(operation) if isinstance(each.value, dict)]


def timeline(query: httpx.QueryParams) -> dict[str, Any]:
    """The list of two changesets, oldest first or newest first."""
    (documented,) = documented_bodies("get-imodel-changesets")[0]["changesets"]
    parents = ["", "1" * 40]
    changesets = [
        {**documented, "index": index, "id": str(index) * 40, "parentId": parents[index - 1]} for index in (1, 2)
    ]
    if "desc" in query.get("$orderBy", ""):
        changesets.reverse()
    return {"changesets": changesets[: int(query.get("$top", 2))], "_links": {"next": None}}


def succeeds_or_fails_as_documented(run: Callable[[], object]) -> None:
    """Run a call, which returns or raises an error of the package."""
    with no_waiting():
        try:
            run()
        except IModelsError as error:
            str(error).encode()  # the text can be written


def answering(colour: type[IModelsClient], answer: Callable[[httpx.Request], httpx.Response]) -> IModelsClient:
    """Return a client whose requests a function answers."""
    return colour("token", transport=httpx.MockTransport(answer), base_url=URL, retry=RetryPolicy(attempts=2))


@settings(max_examples=samples(100))
@given(call=st.sampled_from(CALLS), status=statuses, fields=headers, content=changes | json_values | octets)
def test_an_operation(
    client_type: type[IModelsClient],
    call: Call[Any],
    status: int,
    fields: list[tuple[bytes, bytes]],
    content: Any,
) -> None:
    """Status and headers are arbitrary; the body is a changed documented one, any JSON, or any bytes."""
    if isinstance(content, Change):
        documented = documented_bodies(operation_id(call))
        content = content.applied(documented[content.place % len(documented)] if documented else None)
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=fields, stream=httpx.ByteStream(body))

    with answering(client_type, answer) as client:
        succeeds_or_fails_as_documented(lambda: client._session.send(call))


WORKFLOWS: dict[str, Callable[[IModelsClient, str], object]] = {
    "list": lambda client, _: client.changesets.list(IMODEL).all(),
    "mirror": lambda client, folder: client.mirror_timeline(IMODEL, folder, files=False),
    "changeset_at": lambda client, _: client.changeset_at(IMODEL, named_version="Design freeze"),
    "acquire_locks": lambda client, _: client.acquire_locks(IMODEL, 2, exclusive=[hex(i) for i in range(1, 1500)]),
    "release_all_locks": lambda client, _: client.release_all_locks(IMODEL, 2, changeset_id="1" * 40),
    "stale": lambda client, _: client.release_stale_locks(IMODEL, older_than=timedelta(days=30), dry_run=True),
    "wait_for_imodel": lambda client, _: client.wait_for_imodel(IMODEL, timeout=0),
    "wait_for_checkpoint": lambda client, _: client.wait_for_checkpoint(IMODEL, changeset=2, timeout=0),
    "create_imodel": lambda client, _: client.create_imodel(IMODEL, "Bridge", timeout=0),
}


@settings(max_examples=samples(100))
@given(name=st.sampled_from(sorted(WORKFLOWS)), nth=st.integers(0, 3), change=changes)
def test_a_workflow(client_type: type[IModelsClient], name: str, nth: int, change: Change) -> None:
    """One of its responses has another value at one place."""
    count = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal count
        operation = next(
            each for method, path, each in ROUTES if method == request.method and path.fullmatch(request.url.path)
        )
        found = documented_answers(operation.id)[0]
        body = timeline(request.url.params) if operation.id == "get-imodel-changesets" else found.value
        if count == nth:
            body = change.applied(body)
        count += 1
        return httpx.Response(found.status, stream=httpx.ByteStream(json.dumps(body).encode()))

    with TemporaryDirectory() as folder, answering(client_type, answer) as client:
        succeeds_or_fails_as_documented(lambda: WORKFLOWS[name](client, folder))
