"""A response with status 200 that lacks required content is never read as empty."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from itwin_imodels._operations.call import Call, ServiceResponse
from itwin_imodels._operations.common import Listed
from itwin_imodels.errors import UnexpectedResponse
from tests.calls import CALLS, examples, label
from tests.examples import PNG

TOLD = "text-of-the-answer"
FOREIGN = (
    "{}",
    "null",
    "[]",
    "5",
    '"text"',
    "",
    "<html></html>",
    f'{{"error": {{"code": "x", "message": "{TOLD}"}}}}',
    f'{{"message": "{TOLD}"}}',
    '{"_links": {"next": null}}',
)
"""Whole bodies of which no operation promises any."""

OTHER_KINDS = (None, True, 5, 1.5, TOLD, [], {}, [None], [5], [[]], [TOLD], {"a": 1})
BY_HEADER = {"imodels.clone", "imodels.fork"}
"""Operations that read a header alone."""


def fits(promised: object, value: object) -> bool:
    """Return whether a value has the type of a property."""
    if isinstance(promised, list) and isinstance(value, list):
        return all(type(each) is type(promised[0]) for each in value)
    return type(value) is type(promised) and not isinstance(value, dict)


def read(call: Call[Any], content: str) -> Any:
    """Return the result of a call for a response."""
    headers = httpx.Headers({"content-type": "application/json"})
    return call.result(ServiceResponse(status=200, headers=headers, content=content.encode()))


def wrong_members(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the response with its main property missing, null, of another type, or with entries of another type."""
    key = next(key for key in body if key != "_links")
    yield key, {name: value for name, value in body.items() if name != key}
    for value in OTHER_KINDS:
        if not fits(body[key], value):
            yield key, {**body, key: value}


def wrong_links(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The page with links, or a link to the next page, of another kind."""
    for links in (True, 5, TOLD, [], [None]):
        yield {**body, "_links": links}
    for link in (True, 5, TOLD, [], {}, {"href": None}, {"href": 5}, {"href": ""}, {"href": []}, {"url": TOLD}):
        yield {**body, "_links": {"self": None, "prev": None, "next": link}}


def refused(call: Call[Any], content: str) -> str:
    """Return the error with which a response is rejected."""
    with pytest.raises(UnexpectedResponse) as caught:
        read(call, content)
    told = str(caught.value)
    assert told.startswith(f"{call.name} on {call.entity}: the response does not conform to the API: ")
    assert told.endswith("report the problem to the operator of the service.")
    assert TOLD not in told
    return told


EXAMPLES = [(call, found[0]) for call in CALLS if (found := examples(call))]
LISTS = [(call, body) for call, body in EXAMPLES if isinstance(read(call, json.dumps(body)), Listed)]
WITHOUT_CONTENT = {call.name for call in CALLS} - {call.name for call, _ in EXAMPLES} - {"thumbnails.download"}
each_json = pytest.mark.parametrize(("call", "body"), EXAMPLES, ids=[label(call) for call, _ in EXAMPLES])
each_list = pytest.mark.parametrize(("call", "body"), LISTS, ids=[label(call) for call, _ in LISTS])


@pytest.mark.parametrize("call", [call for call in CALLS if call.name not in BY_HEADER], ids=label)
def test_a_foreign_body_is_rejected(call: Call[Any]) -> None:
    """This includes operations without content, which only accept missing content."""
    for content in FOREIGN:
        if not content and call.name in WITHOUT_CONTENT:
            assert read(call, content) is None
        else:
            refused(call, content)


@each_json
def test_a_member_of_another_kind_is_rejected(call: Call[Any], body: dict[str, Any]) -> None:
    """The error names the member; its value does not appear."""
    count = 0
    for key, other in wrong_members(body):
        assert key in refused(call, json.dumps(other))
        count += 1
    assert count > 5


@each_list
def test_links_of_another_kind_are_rejected(call: Call[Any], body: dict[str, Any]) -> None:
    """Otherwise, a list would end without its next page."""
    for other in wrong_links(body):
        assert ": _links" in refused(call, json.dumps(other))


@each_list
def test_the_end_of_a_list_is_one_of_its_links(call: Call[Any], body: dict[str, Any]) -> None:
    """Missing links are accepted where the API does not promise them: for shares."""
    for links in ({"self": None, "prev": None, "next": None}, {"self": None}, {}):
        assert read(call, json.dumps({**body, "_links": links})).next_link is None
    for other in ({key: value for key, value in body.items() if key != "_links"}, {**body, "_links": None}):
        if call.name == "shares.list":
            assert read(call, json.dumps(other)).next_link is None
        else:
            assert ": _links" in refused(call, json.dumps(other))


@each_list
def test_an_empty_list_is_read(call: Call[Any], body: dict[str, Any]) -> None:
    """It must be declared as empty."""
    empty = {key: [] if isinstance(value, list) else value for key, value in body.items()}
    assert read(call, json.dumps(empty)).items == ()


def test_lists_are_all_of_the_facade() -> None:
    """No list is missing in the tests above."""
    assert {call.name for call, _ in LISTS} == {call.name for call in CALLS if ".list" in call.name}


def test_a_picture_is_known_by_its_beginning_or_its_type() -> None:
    """Anything else is rejected."""
    (call,) = [call for call in CALLS if call.name == "thumbnails.download"]
    for headers, content, media_type in (
        ({}, PNG, "image/png"),
        ({"content-type": "application/octet-stream"}, PNG, "image/png"),
        ({"content-type": "image/webp"}, b"RIFF", "image/webp"),
    ):
        assert (
            call.result(ServiceResponse(status=200, headers=httpx.Headers(headers), content=content)).content_type
            == media_type
        )
    for headers, content in (({"content-type": "image/png"}, b""), ({"content-type": "text/html"}, b"<html>")):
        with pytest.raises(UnexpectedResponse, match="it must be an image"):
            call.result(ServiceResponse(status=200, headers=httpx.Headers(headers), content=content))
