"""Every response of the definition is read into a model; other JSON is read or rejected with its place."""

import base64
import copy
import json
import sys
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import pytest

from itwin_imodels._operations import json_body
from itwin_imodels._operations.call import Call, ServiceResponse
from itwin_imodels._operations.changeset_readers import (
    changeset_in,
    full_changeset,
    full_changesets,
    minimal_changeset,
    minimal_changesets,
)
from itwin_imodels._operations.changesets import encoded, list_changesets
from itwin_imodels._operations.common import Listed
from itwin_imodels._operations.fields import Fields
from itwin_imodels._operations.json_body import parse_quickly
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import ChangesetExtendedData, Thumbnail
from scripts.facade_calls import IMODEL
from scripts.specs.walk import Pointer, nodes
from tests.calls import CALLS, examples, label
from tests.examples import PNG

OTHER_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    2**64,
    10**400,
    "",
    " ",
    "future",
    "..",
    "https://[",
    [],
    [None],
    {},
    {"a": {}},
)
LOCATION = {"location": "https://api.bentley.com/imodels/copy-id/operations/create"}


WITH_JSON = [call for call in CALLS if examples(call)]
each_call = pytest.mark.parametrize("call", WITH_JSON, ids=label)


def read(call: Call[Any], body: object) -> Any:
    """Return the result of a call for a response with JSON."""
    answer = ServiceResponse(status=200, headers=httpx.Headers(), content=json.dumps(body).encode())
    return call.result(answer)


def entities(result: Any) -> list[Any]:
    """The entities of a result: of a page, of a tuple, or itself."""
    if isinstance(result, Listed):
        return list(result.items)
    return list(result) if isinstance(result, tuple) else [result]


def changed(body: Any) -> Iterator[tuple[Pointer, Any]]:
    """Return the JSON with one value removed, or replaced by an unexpected one."""
    for pointer, _ in nodes(body):
        if not pointer:
            continue
        for value in (..., *OTHER_VALUES):
            yield pointer, replaced(body, pointer, value)


def replaced(body: Any, pointer: Pointer, value: object) -> Any:
    """Return the JSON with another value at a place, or without it if the value is `...`."""
    other = holder = copy.deepcopy(body)
    for part in pointer[:-1]:
        holder = holder[part]
    if value is ...:
        del holder[pointer[-1]]
    else:
        holder[pointer[-1]] = value
    return other


def test_the_readers_are_those_of_all_answers_with_json() -> None:
    """All other operations return no JSON: pictures, or no content."""
    left = {call.name for call in CALLS} - {call.name for call in WITH_JSON}
    assert left == {
        "briefcases.release",
        "favorites.add",
        "favorites.remove",
        "imodels.clone",
        "imodels.delete",
        "imodels.fork",
        "recents.add",
        "recents.remove",
        "shares.revoke",
        "thumbnails.download",
        "thumbnails.upload",
    }


@each_call
def test_every_example_is_read(call: Call[Any]) -> None:
    """All of its members are known: nothing is left over in `extra`."""
    for body in examples(call):
        result = read(call, body)
        for entity in entities(result):
            assert not getattr(entity, "extra", None)
        if isinstance(result, Listed):
            (key,) = [key for key, value in body.items() if isinstance(value, list)]
            assert len(result.items) == len(body[key])
            assert result.next_link == (body.get("_links", {}).get("next") or {}).get("href")


@pytest.mark.parametrize(
    ("detail", "read_all", "read_one"),
    [("minimal", minimal_changesets, minimal_changeset), ("full", full_changesets, full_changeset)],
)
def test_changesets_are_read_alike_together_and_one_by_one(detail: Any, read_all: Any, read_one: Any) -> None:
    """With any value in place of another, they are equal in all attributes, or must be read one by one."""
    call = list_changesets(IMODEL, after_index=None, last_index=None, order_by=None, detail=detail, top=5)
    (body,) = examples(call)
    example = body["changesets"][0]
    (found,) = read_all([example], IMODEL)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.index = 7
    for _, value in changed({"changeset": example}):
        other = value.get("changeset", ...)
        data = [example, other, example]
        together = read_all(data, IMODEL)
        if together is not None:
            apart = [read_one(Fields(each), IMODEL) for each in data]
            assert [type(each) for each in together] == [type(each) for each in apart]
            assert [attrs.asdict(each) for each in together] == [attrs.asdict(each) for each in apart]
            assert together == apart
    assert read_all([], IMODEL) is None


@pytest.mark.parametrize("detail", ["minimal", "full"])
def test_lists_of_changesets_are_the_same_with_each_parser(detail: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any value in place of another, orjson leads to the same page or the same error as the standard parser."""
    call = list_changesets(IMODEL, after_index=None, last_index=None, order_by=None, detail=detail, top=5)
    (body,) = examples(call)
    bodies = [json.dumps(value).encode() for _, value in changed(body)]
    assert parse_quickly(bodies[0]) is None
    expected = [outcome(call, content) for content in bodies]
    monkeypatch.setattr(json_body, "_LARGE", 0)
    assert parse_quickly(bodies[0]) == json.loads(bodies[0])
    assert [outcome(call, content) for content in bodies] == expected


@pytest.mark.parametrize(
    "name", [b"\xff", rb"\ud800", rb"\u0000", b"\x01", b"'", b'"', b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", rb"\/", b"NaN"]
)
def test_unusual_text_is_the_same_with_each_parser(name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one parser rejects or replaces, so does the other."""
    call = list_changesets(IMODEL, after_index=None, last_index=None, order_by=None, detail="minimal", top=5)
    (body,) = examples(call)
    body["changesets"][0]["displayName"] = "NAME"
    text = json.dumps(body).encode()
    bodies = [text.replace(b"NAME", name), text.replace(b'"NAME"', name), name + text, text + name]
    expected = [outcome(call, content) for content in bodies]
    monkeypatch.setattr(json_body, "_LARGE", 0)
    assert [outcome(call, content) for content in bodies] == expected


def test_large_bodies_are_parsed_without_orjson(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra `fast` is optional."""
    call = list_changesets(IMODEL, after_index=None, last_index=None, order_by=None, detail="minimal", top=5)
    (body,) = examples(call)
    content = json.dumps(body).encode()
    expected = outcome(call, content)
    monkeypatch.setattr(json_body, "_LARGE", 0)
    monkeypatch.setitem(sys.modules, "orjson", None)
    json_body._orjson_loads.cache_clear()
    try:
        assert parse_quickly(content) is None
        assert outcome(call, content) == expected
    finally:
        json_body._orjson_loads.cache_clear()


def outcome(call: Call[Any], content: bytes) -> object:
    """Return the result of a call for a response, with `extra`, or the text of the error."""
    try:
        result = call.result(ServiceResponse(status=200, headers=httpx.Headers(), content=content))
    except UnexpectedResponse as error:
        return str(error)
    return result, [attrs.asdict(each) for each in entities(result)]


@each_call
def test_every_value_of_the_example_arrives(call: Call[Any]) -> None:
    """Each text and number of an entity is somewhere in the model, so that none is left out or mixed up."""
    for body in examples(call):
        for pointer, value in nodes(body):
            if "_links" in pointer or isinstance(value, dict | list) or value in (None, "", True, False):
                continue
            if (pointer[-1] in {"id", "code"} and "checkpoint" in pointer) or "containerAccessInfo" in pointer:
                continue  # an id of the service's own, and an access that the other form replaces
            if pointer[-1] == "id" and {"briefcase", "briefcases"}.intersection(pointer):
                continue  # the number of the briefcase once more
            if pointer[-1] in {"data", "displayName"} or str(pointer[-1]).endswith(("Time", "Date", "At")):
                continue
            assert arrives(call, body, pointer, value), pointer


def arrives(call: Call[Any], body: Any, pointer: Pointer, value: str | float) -> bool:
    """Check that the model has a value; one that no other member has, where any value is accepted."""
    try:
        value, result = unlike_others(value), read(call, replaced(body, pointer, unlike_others(value)))
    except UnexpectedResponse:
        result = read(call, body)
    return str(value) in str([attrs.asdict(each) if attrs.has(type(each)) else each for each in entities(result)])


def unlike_others(value: str | float) -> str | float:
    """Return a value of the same kind that no example has."""
    return "a text of its own" if isinstance(value, str) else value + 7_777_000


@each_call
def test_any_other_value_is_read_or_refused(call: Call[Any]) -> None:
    """A property is missing, null or of another type: the result is a model, or an error with the request."""
    for body in examples(call):
        for _, other in changed(body):
            told = f"{call.name} on {call.entity}: the response does not conform to the API: "
            try:
                result = entities(read(call, other))
            except UnexpectedResponse as error:
                told, result = str(error), [error.status]
            assert told.startswith(f"{call.name} on {call.entity}: the response does not conform to the API: ")
            assert all(repr(entity) and isinstance(hash(entity), int) for entity in result)


@each_call
def test_new_members_are_kept(call: Call[Any]) -> None:
    """Those of an entity under the service's name, others are skipped."""
    for body in examples(call):
        other = copy.deepcopy(body)
        for _, node in list(nodes(other)):
            if isinstance(node, dict):
                node["futureNote"] = {"a": [1]}
        result = read(call, other)
        assert entities(result) == entities(read(call, body))
        for entity in entities(result):
            assert getattr(entity, "extra", {"futureNote": {"a": [1]}}) == {"futureNote": {"a": [1]}}


@each_call
def test_new_values_of_enumerations_stay_text(call: Call[Any]) -> None:
    """Each state, mode, level and permission may be one that this client does not know."""
    for body in examples(call):
        for pointer, value in list(nodes(body)):
            if pointer and pointer[-1] in {"state", "lockLevel", "permission"} and isinstance(value, str):
                other = copy.deepcopy(body)
                holder = other
                for part in pointer[:-1]:
                    holder = holder[part]
                holder[pointer[-1]] = "futureValue"
                assert "futureValue" in str([attrs.asdict(each) for each in entities(read(call, other))])


@pytest.mark.parametrize("call", [call for call in CALLS if call.name in {"imodels.clone", "imodels.fork"}], ids=label)
def test_a_copy_is_named_by_a_header(call: Call[Any]) -> None:
    """A response without it is unexpected."""
    answer = ServiceResponse(status=202, headers=httpx.Headers(LOCATION), content=b"")
    assert call.result(answer).imodel_id == "copy-id"
    for headers in ({}, {"location": ""}, {"location": "https://["}, {"location": "https://api.bentley.com/imodels/"}):
        with pytest.raises(UnexpectedResponse, match="Location header does not contain the id of an iModel"):
            call.result(ServiceResponse(status=202, headers=httpx.Headers(headers), content=b""))


def test_a_level_in_several_entries_keeps_all_objects() -> None:
    """An entry adds to those of its level before it."""
    entries = [("shared", ["0x1", "0x2"]), ("exclusive", ["0x3"]), ("shared", ["0x4"])]
    objects = [{"lockLevel": level, "objectIds": ids} for level, ids in entries]
    (call,) = (call for call in CALLS if call.name == "locks.list")
    (lock,) = read(call, {"locks": [{"briefcaseId": 2, "lockedObjects": objects}], "_links": {}}).items
    assert lock.objects == {"shared": ("0x1", "0x2", "0x4"), "exclusive": ("0x3",)}


def test_a_picture_has_its_media_type() -> None:
    """Without parameters; PNG where the service does not say."""
    (call,) = [call for call in CALLS if call.name == "thumbnails.download"]
    for headers, media_type in (
        ({"content-type": "image/jpeg; charset=x"}, "image/jpeg"),
        ({"content-type": "image/png"}, "image/png"),
        ({}, "image/png"),
    ):
        answer = ServiceResponse(status=200, headers=httpx.Headers(headers), content=PNG)
        assert call.result(answer) == Thumbnail(content=PNG, content_type=media_type)


@pytest.mark.parametrize("data", [{}, {"a": [1, None, "ß", {"b": 1.5}]}, {"x": "y" * 204_700}])
def test_extended_data_comes_back_as_it_was(data: dict[str, object]) -> None:
    """Through the service's form."""
    (call,) = [call for call in CALLS if call.name == "changeset_extended_data.get" and call.path[1] == "7"]
    result = read(call, {"extendedData": {"changesetId": "a", "changesetIndex": 7, "data": encoded(data)}})
    assert result == ChangesetExtendedData(imodel_id=IMODEL, changeset_id="a", changeset_index=7, data=data)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"[]", b"5", b"null", b"x", b"\xff", b""])
def test_extended_data_that_is_no_object_is_unexpected(content: bytes) -> None:
    """However deep it is nested."""
    (call,) = [call for call in CALLS if call.name == "changeset_extended_data.get" and call.path[1] == "7"]
    data = base64.b64encode(content).decode()
    with pytest.raises(UnexpectedResponse, match="data is not"):
        read(call, {"extendedData": {"changesetId": "a", "changesetIndex": 7, "data": data}})
    with pytest.raises(UnexpectedResponse, match="data is not base64"):
        read(call, {"extendedData": {"changesetId": "a", "changesetIndex": 7, "data": "e30=\n*"}})


@pytest.mark.parametrize(
    ("data", "kind", "complaint"),
    [
        ([], TypeError, "data must be a mapping, not list"),
        ({"a": {1}}, TypeError, "data is not JSON-serializable"),
        ({"a": float("nan")}, TypeError, "data is not JSON-serializable"),
        ({"a": "\ud800"}, TypeError, "data is not JSON-serializable"),
        ({(1, 2): 3}, TypeError, "data is not JSON-serializable"),
        ({"x": "y" * 204_800}, ValueError, "data has 204808 bytes as JSON; at most 204800 are allowed"),
    ],
)
def test_data_without_a_form_in_json_is_refused(data: Any, kind: type[Exception], complaint: str) -> None:
    """Before anything is sent."""
    with pytest.raises(kind, match=complaint):
        encoded(data)


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("https://h/imodels/a/changesets/7/checkpoint", 7),
        (f"https://h/imodels/a/changesets/{'1' * 40}/checkpoint", "1" * 40),
        ("https://h/imodels/a/changesets/0/checkpoint", 0),
        ("https://h/imodels/a/changesets/ab/checkpoint", "ab"),
        ("https://h/imodels/a/changesets", None),
        (None, None),
    ],
)
def test_a_changeset_in_an_address_is_an_id_or_an_index(href: str | None, found: str | int | None) -> None:
    """40 digits are an id, even when all are decimal."""
    assert changeset_in(href) == found
