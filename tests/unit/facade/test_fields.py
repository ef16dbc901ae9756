"""JSON is read without trusting it: a value of the right kind, or an error that names the place."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._operations.call import Call, ServiceResponse
from itwin_imodels._operations.common import Listed, entity_description, id_in_link, page_reader
from itwin_imodels._operations.fields import Fields, known
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import StorageLink


class Level(StrEnum):
    """An enumeration."""

    SHARED = "shared"


def answer(content: bytes | str) -> ServiceResponse:
    """Return a response of the service."""
    return ServiceResponse(status=200, headers={}, content=content.encode() if isinstance(content, str) else content)


def complaint(read: Callable[[Any], object], value: object) -> str:
    """Return the message with which a value is rejected, or an empty string."""
    try:
        read(value)
    except UnexpectedResponse as error:
        return str(error)
    return ""


READS: dict[str, Callable[[Fields], object]] = {
    "text": lambda fields: fields.text("a"),
    "optional_text": lambda fields: fields.optional_text("a"),
    "id_text": lambda fields: fields.id_text("a"),
    "number": lambda fields: fields.number("a"),
    "optional_number": lambda fields: fields.optional_number("a"),
    "number_text": lambda fields: fields.number_text("a"),
    "real": lambda fields: fields.real("a"),
    "flag": lambda fields: fields.flag("a"),
    "flag or no": lambda fields: fields.flag("a", default=False),
    "time": lambda fields: fields.time("a"),
    "optional_time": lambda fields: fields.optional_time("a"),
    "known": lambda fields: fields.known("a", Level),
    "optional": lambda fields: fields.optional("a", lambda inner: inner.text("b")),
    "inside": lambda fields: fields.inside("a").text("b"),
    "items": lambda fields: [each.text("b") for each in fields.items("a")],
    "texts": lambda fields: fields.values("a", str),
    "numbers": lambda fields: fields.values("a", int),
    "optional_items": lambda fields: [each.text("b") for each in fields.optional_items("a")],
    "optional_texts": lambda fields: fields.optional_values("a", str),
    "link": lambda fields: fields.link("a"),
    "storage_link": lambda fields: fields.storage_link("a"),
    "new_to": lambda fields: fields.new_to(frozenset({"b"})),
}
each_read = pytest.mark.parametrize("name", READS)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**309)
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-01-31T10:00:00Z", "9" * 5000, "٣", "²", "shared", "0001-01-01T00:00:00+23:59"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "href", "storageType", "_links"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.thorough(keep=8)
@each_read
@settings(deadline=None, max_examples=40)
@given(value=json_values, inner=json_values, links=json_values)
def test_any_json_is_read_or_refused(name: str, value: object, inner: object, links: object) -> None:
    """The only exception is UnexpectedResponse, which has the place of the value."""
    for data in (
        {"a": value, "_links": links},
        {"a": {"b": inner}, "_links": {"a": value}},
        {"a": [{"b": inner}, value]},
    ):
        assert complaint(READS[name], Fields(data))[:1] in {"", "a", "_"}


@settings(deadline=None)
@given(json_values)
def test_any_document_is_read_or_refused(value: object) -> None:
    """The result is a page with a valid link, or an unexpected response."""
    read = page_reader("a", lambda fields: fields.text("b"))
    try:
        page = read(answer(json.dumps(value)))
    except UnexpectedResponse:
        return
    assert isinstance(page, Listed)
    assert page.next_link is None or isinstance(page.next_link, str)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever a gateway puts in the place of JSON."""
    told = complaint(Fields.of, answer(content))
    assert not told or "JSON" in told


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, b"\xff\xfe\x00", b"", "nope", "NaN"])
def test_what_is_no_json_object_is_refused(content: str | bytes) -> None:
    """This includes deeply nested JSON."""
    with pytest.raises(UnexpectedResponse, match="JSON"):
        Fields.of(answer(content))


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("text", "x", "x"),
        ("text", "", ""),
        ("optional_text", None, None),
        ("id_text", "", None),
        ("number", 0, 0),
        ("number_text", "12", 12),
        ("real", 1, 1.0),
        ("real", -0.5, -0.5),
        ("flag", False, False),
        ("flag or no", None, False),
        ("flag or no", True, True),
        ("time", "2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("time", "2026-01-31T10:00:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("time", "2026-01-31T12:00:00.1234567+02:00", datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)),
        ("optional_time", None, None),
        ("known", "shared", Level.SHARED),
        ("known", "future", "future"),
        ("optional", None, None),
        ("optional", {"b": "x"}, "x"),
        ("inside", {"b": "x"}, "x"),
        ("items", [], []),
        ("optional_items", None, []),
        ("optional_items", [{"b": "x"}], ["x"]),
        ("items", [{"b": "x"}, {"b": "y"}], ["x", "y"]),
        ("texts", [], ()),
        ("optional_texts", None, ()),
        ("optional_texts", ["x"], ("x",)),
        ("texts", ["x"], ("x",)),
        ("numbers", [1, 2], (1, 2)),
        ("new_to", "x", {"a": "x"}),
    ],
)
def test_a_value_of_the_right_kind_is_given(name: str, value: object, found: object) -> None:
    """The result has Python's own type."""
    assert READS[name](Fields({"a": value})) == found


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("text", None, "a must be a string, not null"),
        ("text", 5, "a must be a string, not an integer"),
        ("number", "5", "a must be an integer, not a string"),
        ("number", True, "a must be an integer, not a Boolean"),
        ("number", 2**63, "a must be an integer of at most 64 bits"),
        ("number", -(2**63) - 1, "a must be an integer of at most 64 bits"),
        ("number", 5.0, "a must be an integer, not a number"),
        ("number_text", "5x", "a must be digits, not a string"),
        ("number_text", "", "a must be digits, not a string"),
        ("real", "5", "a must be a number, not a string"),
        ("real", float("nan"), "a must be a number"),
        ("real", float("inf"), "a must be a number"),
        ("real", 10**400, "a must be a number"),
        ("flag", 1, "a must be a Boolean, not an integer"),
        ("flag", None, "a must be a Boolean, not null"),
        ("time", "soon", "a must be a time, not a string"),
        ("optional_time", 5, "a must be a string, not an integer"),
        ("inside", [], "a must be an object, not a list"),
        ("inside", {}, "a.b is missing"),
        ("inside", None, "a must be an object, not null"),
        ("items", {}, "a must be a list, not an object"),
        ("items", None, "a must be a list, not null"),
        ("texts", None, "a must be a list, not null"),
        ("optional_items", {}, "a must be a list, not an object"),
        ("optional_texts", "x", "a must be a list, not a string"),
        ("items", [{"b": "x"}, {}], r"a\[1\].b is missing"),
        ("items", ["x"], r"a\[0\] must be an object, not a string"),
        ("items", [None], r"a\[0\] must be an object, not null"),
        ("texts", ["x", 5], r"a\[1\] must be a string, not an integer"),
        ("numbers", [True], r"a\[0\] must be an integer, not a Boolean"),
    ],
)
def test_a_value_of_another_kind_is_named_by_its_place(name: str, value: object, complaint: str) -> None:
    """The message uses plain words, since the reader may not write Python."""
    with pytest.raises(UnexpectedResponse, match=f"^{complaint}"):
        READS[name](Fields({"a": value}))


@pytest.mark.parametrize("links", [None, {}, {"a": None}])
def test_no_link_is_none(links: object) -> None:
    """Links may be missing, together or individually."""
    fields = Fields({"_links": links})
    assert fields.link("a") is None
    assert fields.storage_link("a") is None


@pytest.mark.parametrize(
    ("links", "complaint"),
    [
        ([], r"_links must be an object, not a list"),
        ("x", r"_links must be an object, not a string"),
        ({"a": "x"}, r"_links\.a must be an object, not a string"),
        ({"a": {}}, r"_links\.a\.href is missing"),
        ({"a": {"href": None}}, r"_links\.a\.href must be a string, not null"),
        ({"a": {"href": 5}}, r"_links\.a\.href must be a string, not an integer"),
        ({"a": {"href": ""}}, r"_links\.a\.href must be a non-empty URL, not a string"),
        ({"a": {"href": "https://x", "storageType": 5}}, r"_links\.a\.storageType must be a string, not an integer"),
    ],
)
def test_a_link_of_another_kind_is_none_that_is_missing(links: object, complaint: str) -> None:
    """It is rejected, because its target would otherwise be missing unnoticed."""
    fields = Fields({"_links": links})
    with pytest.raises(UnexpectedResponse, match=f"^{complaint}$"):
        fields.storage_link("a")
    if "storageType" not in complaint:
        with pytest.raises(UnexpectedResponse, match=f"^{complaint}$"):
            fields.link("a")


@pytest.mark.parametrize(("kind", "told"), [("google", "google"), ("future", "future"), (None, "azure")])
def test_a_storage_link_names_its_storage(kind: object, told: str) -> None:
    """Azure where the service does not say."""
    fields = Fields({"_links": {"download": {"href": "https://store/a", "storageType": kind}}})
    assert fields.storage_link("download") == StorageLink(href="https://store/a", storage_type=told)


def test_a_new_value_of_an_enumeration_stays_text() -> None:
    """A later version of the service therefore breaks nobody."""
    assert known(Level, "shared") is Level.SHARED
    assert known(Level, "future") == "future"
    assert not isinstance(known(Level, "future"), Level)


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("https://api.bentley.com/imodels/a/users/b", "b"),
        ("https://api.bentley.com/imodels/a/users/b/", "b"),
        ("https://api.bentley.com/imodels/a/Users/b%2Fc?x=1", "b/c"),
        ("/imodels/a/users/b", "b"),
        ("https://api.bentley.com/imodels/a/users/", None),
        ("https://api.bentley.com/imodels/a/users", None),
        ("https://api.bentley.com/imodels/a", None),
        ("https://[/users/b", "b"),
        ("https://api.bentley.com/imodels/a?x=/users/b", None),
        ("", None),
        (None, None),
    ],
)
def test_an_id_is_taken_out_of_an_address(href: str | None, found: str | None) -> None:
    """Any text may precede and follow the id."""
    assert id_in_link(href, "users") == found


def test_an_entity_is_named_with_what_it_belongs_to() -> None:
    """The name is used in messages."""
    assert (
        entity_description("a", briefcase=2, changeset_group=None, Named_Version="b")
        == "iModel a, briefcase 2, Named Version b"
    )
    assert entity_description() == ""


def test_an_unexpected_answer_says_what_was_asked_and_hides_secrets() -> None:
    """The beginning of the response is kept, without signatures and keys."""
    call: Call[str] = Call(
        name="shares.get", endpoint="x", entity="iModel a", read=lambda each: Fields.of(each).inside("share").text("id")
    )
    content = json.dumps({"share": {"shareKey": "s3cr3t", "_links": {"x": {"href": "https://s/a?sig=s3cr3t"}}}})
    with pytest.raises(
        UnexpectedResponse, match=r"^shares\.get on iModel a: .*: share\.id is missing\. Check "
    ) as caught:
        call.result(answer(content))
    assert caught.value.status == 200
    assert caught.value.body.startswith('{"share":')
    assert "s3cr3t" not in caught.value.body + str(caught.value) + repr(caught.value)


def test_a_fault_of_ours_is_not_taken_for_one_of_the_service() -> None:
    """Only unexpected content of the response becomes an unexpected response."""

    def read(_: ServiceResponse) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Call(name="x", endpoint="x", read=read).result(answer("{}"))
