"""Events are read only when they are signed, and nothing that is signed breaks the reading."""

import hashlib
import hmac
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from itwin_imodels.errors import IModelsError, MalformedEvent, SignatureMismatch, WebhookError
from itwin_imodels.webhooks import (
    LARGEST_BODY,
    ChangesReady,
    Event,
    IModelCreated,
    IModelDeleted,
    NamedVersionCreated,
    UnknownEvent,
    parse_event,
)

SECRET = "4eb25d308ef2a9722ffbd7a2b7e5026f9d1f2feaca5999611d4ef8692b1ad70d"  # noqa: S105 - an example
IMODEL = "72640bf2-2173-4276-b896-c157bee0df76"
USER = "e5c7ae4f-2d72-4319-b96a-d46492e4f860"
CHANGESET = "254c63645055a96d4a920425f5dfbc3adec5b602"
VERSION = "51c0ce59-a60d-47fc-a2e4-974712c707ce"
COMMON = {
    "enqueuedDateTime": "11/3/2023 8:07:01 PM",
    "iTwinId": "ce40a55a-6954-4de3-85c7-f796c3e423d9",
    "messageId": "32369e4b-c9ff-47e4-b422-83b97247ce5b",
    "webhookId": "7da4ba7e-3a35-4d97-a1b0-6d453aa97493",
}
WHEN = datetime(2023, 11, 3, 20, 7, 1, tzinfo=UTC)

TEXTS = st.text(st.characters(codec="utf-8"))
SECRETS = TEXTS.filter(str.strip)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def signed(body: bytes, secret: str = SECRET) -> str:
    """Sign as the platform documents it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def body_of(event_type: str, content: Any, **more: Any) -> bytes:
    """An event's body."""
    return json.dumps({**COMMON, "eventType": event_type, "content": content, **more}).encode()


def parsed(body: bytes, secret: str = SECRET) -> Event:
    """Read a body that is signed."""
    return parse_event(body, signed(body, secret), secret)


def test_a_new_imodel() -> None:
    """Which, by whom, and what all events have."""
    event = parsed(body_of("iModels.iModelCreated.v1", {"imodelId": IMODEL, "userId": USER}))
    assert isinstance(event, IModelCreated)
    assert (event.imodel_id, event.user_id) == (IMODEL, USER)
    assert (event.event_type, event.enqueued_date_time) == ("iModels.iModelCreated.v1", WHEN)
    assert (event.itwin_id, event.message_id, event.webhook_id) == tuple(COMMON.values())[1:]
    assert repr(event) == f"IModelCreated(imodel_id={IMODEL!r}, message_id={COMMON['messageId']!r})"


def test_a_deleted_imodel() -> None:
    """The user may be missing."""
    event = parsed(body_of("iModels.iModelDeleted.v1", {"imodelId": IMODEL}))
    assert isinstance(event, IModelDeleted)
    assert (event.imodel_id, event.user_id) == (IMODEL, None)


@pytest.mark.parametrize(
    ("sent", "changeset_id", "index"),
    [((CHANGESET, "1"), CHANGESET, 1), ((CHANGESET, 12), CHANGESET, 12), ((None, "0"), None, 0), (("", 0), None, 0)],
)
def test_a_named_version(sent: tuple[Any, Any], changeset_id: str | None, index: int) -> None:
    """The index is text in the platform's example; on the baseline there is no changeset."""
    content = {"changesetId": sent[0], "changesetIndex": sent[1], "imodelId": IMODEL, "userId": USER}
    event = parsed(body_of("iModels.namedVersionCreated.v1", {**content, "versionId": VERSION}))
    assert isinstance(event, NamedVersionCreated)
    assert (event.changeset_id, event.changeset_index) == (changeset_id, index)
    assert (event.named_version_id, event.user_id) == (VERSION, USER)


def test_changes() -> None:
    """Up to which changeset; what is new to this package is kept."""
    content = {"changesetId": CHANGESET, "changesetIndex": "7", "imodelId": IMODEL, "weather": "fine"}
    event = parsed(body_of("iModels.changesReady.v1", content, region="north"))
    assert isinstance(event, ChangesReady)
    assert (event.imodel_id, event.changeset_id, event.changeset_index, event.user_id) == (IMODEL, CHANGESET, 7, None)
    assert event.content["weather"] == "fine"
    assert event.extra == {"region": "north"}


def test_other_events() -> None:
    """Of other services of the platform, or of later ones."""
    event = parsed(body_of("accessControl.memberAdded.v1", {"memberId": USER, "roleName": "Viewer"}))
    assert isinstance(event, UnknownEvent)
    assert event.event_type == "accessControl.memberAdded.v1"
    assert event.content == {"memberId": USER, "roleName": "Viewer"}


def test_events_are_values() -> None:
    """They do not change, can be compared, kept in sets and sent to other processes."""
    body = body_of("iModels.iModelCreated.v1", {"imodelId": IMODEL, "userId": USER})
    event = parsed(body)
    assert len({event, parsed(body)}) == 1
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301 - made a moment ago
    with pytest.raises(AttributeError):
        event.message_id = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("11/3/2023 12:00:00 AM", datetime(2023, 11, 3, tzinfo=UTC)),
        ("2/29/2024 12:59:59 PM", datetime(2024, 2, 29, 12, 59, 59, tzinfo=UTC)),
        ("2023-11-03T20:07:01.1234567Z", datetime(2023, 11, 3, 20, 7, 1, 123456, tzinfo=UTC)),
        ("2023-11-03T21:07:01+01:00", WHEN.astimezone(timezone(timedelta(hours=1)))),
        ("2023-11-03T20:07:01", WHEN),
    ],
)
def test_times(written: str, meant: datetime) -> None:
    """Times have the form of the platform's examples or of its other APIs, always with a zone."""
    event = parsed(body_of("a.b.v1", {}, enqueuedDateTime=written))
    assert (event.enqueued_date_time, event.enqueued_date_time.utcoffset()) == (meant, meant.utcoffset())


@pytest.mark.parametrize("written", ["2/30/2024 1:00:00 PM", "1/1/2024 13:00:00 PM", "1/1/2024 0:00:00 AM", "soon", ""])
def test_times_that_there_are_not(written: str) -> None:
    """Are no times."""
    with pytest.raises(MalformedEvent):
        parsed(body_of("a.b.v1", {}, enqueuedDateTime=written))


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (None, "the request has no signature"),
        ("", "does not have the form"),
        ("sha256=", "does not have the form"),
        (hmac.new(SECRET.encode(), b"{}", "sha256").hexdigest(), "does not have the form"),
        (f"sha1={hmac.new(SECRET.encode(), b'{}', 'sha1').hexdigest()}", "does not have the form"),
        (f"{signed(b'{}')}, {signed(b'{}')}", "does not have the form"),
        (f"sha256={'é' * 64}", "does not have the form"),
        (f"sha256={'٣' * 64}", "does not have the form"),
        (f"sha256={'0' * 64}", "does not match the body"),
        (signed(b"{}", "another"), "does not match the body"),
        (signed(b"{ }"), "does not match the body"),
    ],
)
def test_signatures_that_are_refused(signature: str | None, said: str) -> None:
    """They are missing, malformed, or of another algorithm, secret or body; the error contains no secret."""
    with pytest.raises(SignatureMismatch, match=said) as caught:
        parse_event(b"{}", signature, SECRET)
    assert isinstance(caught.value, WebhookError)
    assert isinstance(caught.value, IModelsError)
    assert SECRET not in str(caught.value)
    assert signed(b"{}").removeprefix("sha256=") not in str(caught.value)


def test_signatures_may_be_written_in_capitals() -> None:
    """The platform's own sample compares without regard to case."""
    body = body_of("a.b.v1", {})
    assert parse_event(body, f" {signed(body).upper()} ", SECRET) == parsed(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be a JSON object, not list"),
        (b"{}", "eventType is missing"),
        (body_of("a.b.v1", None), "content must be an object, not null"),
        (body_of("a.b.v1", []), "content must be an object"),
        (body_of("a.b.v1", {}, messageId=3), "messageId must be a string"),
        (body_of("iModels.iModelCreated.v1", {}), "content.imodelId is missing"),
        (
            body_of("iModels.changesReady.v1", {"imodelId": IMODEL, "changesetId": CHANGESET}),
            "content.changesetIndex is",
        ),
        (
            body_of("iModels.changesReady.v1", {"imodelId": IMODEL, "changesetId": CHANGESET, "changesetIndex": -1}),
            "content.changesetIndex must be an integer of at least 0",
        ),
        (b'{"a":"' + b"x" * LARGEST_BODY + b'"}', "at most 262144 are allowed"),
    ],
)
def test_bodies_that_are_no_events(body: bytes, said: str) -> None:
    """Are named as such, but only to who knows the secret."""
    with pytest.raises(MalformedEvent, match=said):
        parsed(body)
    with pytest.raises(SignatureMismatch):
        parse_event(body, signed(body, "another"), SECRET)


def test_misuse() -> None:
    """Decoded bodies, missing secrets: the caller's mistakes, which are no fault of the request."""
    with pytest.raises(TypeError, match="body must be the unmodified bytes of the request, not str"):
        parse_event("{}", signed(b"{}"), SECRET)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="signature must be the header's value as a string, not bytes"):
        parse_event(b"{}", signed(b"{}").encode(), SECRET)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="secret must not be empty"):
        parse_event(b"{}", signed(b"{}", ""), "")


@given(content=st.dictionaries(TEXTS, JSON, max_size=5), secret=SECRETS, extra=st.dictionaries(TEXTS, JSON, max_size=3))
def test_whatever_is_signed_comes_through(content: dict[str, Any], secret: str, extra: dict[str, Any]) -> None:
    """Any content, any secret, any further members."""
    assume(not extra.keys() & {*COMMON, "eventType", "content"})
    event = parsed(body_of("other.thing.v1", content, **extra), secret)
    assert (event.content, event.extra) == (content, extra)


@given(data=st.data(), content=st.dictionaries(TEXTS, JSON, max_size=3), secret=SECRETS)
def test_any_changed_bit_is_noticed(data: st.DataObject, content: dict[str, Any], secret: str) -> None:
    """This applies to the body and to the signature."""
    body = body_of("other.thing.v1", content)
    signature = signed(body, secret)
    place = data.draw(st.integers(0, len(body) * 8 - 1))
    changed = bytearray(body)
    changed[place // 8] ^= 1 << place % 8
    with pytest.raises(SignatureMismatch):
        parse_event(bytes(changed), signature, secret)
    digit = data.draw(st.integers(len("sha256="), len(signature) - 1))
    other = data.draw(st.sampled_from(sorted(set("0123456789abcdef") - {signature[digit]})))
    with pytest.raises(SignatureMismatch):
        parse_event(body, signature[:digit] + other + signature[digit + 1 :], secret)


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_other_bodies_raise_only_what_is_documented(body: bytes) -> None:
    """Arbitrary bytes and arbitrary JSON, signed."""
    with pytest.raises(MalformedEvent):
        parsed(body)


@given(
    event_type=st.sampled_from(
        [f"iModels.{name}.v1" for name in ("iModelCreated", "iModelDeleted", "namedVersionCreated", "changesReady")]
    ),
    values=st.dictionaries(st.sampled_from([*COMMON, "content"]), JSON),
    content=st.dictionaries(
        st.sampled_from(["imodelId", "userId", "versionId", "changesetId", "changesetIndex"]), JSON
    ),
)
def test_events_with_wrong_values_raise_only_what_is_documented(
    event_type: str, values: dict[str, Any], content: dict[str, Any]
) -> None:
    """This applies to any values in place of the expected ones."""
    whole = {"imodelId": IMODEL, "versionId": VERSION, "changesetId": CHANGESET, "changesetIndex": "1"}
    body = body_of(event_type, **{"content": {**whole, **content}, **values})
    try:
        event = parsed(body)
    except MalformedEvent:
        return
    assert event.enqueued_date_time.utcoffset() is not None
    assert event.message_id == values.get("messageId", COMMON["messageId"])


@given(signature=st.text() | TEXTS.map("sha256={}".format))
def test_other_signatures_raise_only_what_is_documented(signature: str) -> None:
    """Arbitrary text in the header."""
    with pytest.raises(SignatureMismatch):
        parse_event(b"{}", signature, SECRET)


def test_a_secret_that_is_no_text_is_not_shown() -> None:
    """Bytes that are not UTF-8, which Python hands on as lone surrogates."""
    with pytest.raises(SignatureMismatch) as caught:
        parse_event(b"{}", signed(b"{}"), "s3cr3t\udcff")
    assert "s3cr3t" not in str(caught.value)
