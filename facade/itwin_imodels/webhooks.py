"""Events of the iTwin Platform, as received by webhooks. No client is required.

Pass the unmodified body, the `Signature` header and the webhook's secret to `parse_event()`:

>>> from itwin_imodels.webhooks import ChangesReady, parse_event
>>> event = parse_event(body, request.headers.get("Signature"), secret)
>>> if isinstance(event, ChangesReady):
...     print("pull", event.imodel_id, "up to", event.changeset_index)

Events can arrive more than once and out of order. Record `message_id` to detect duplicates, and treat an event as a
notification that something can be fetched. Respond within 5 s; otherwise, the platform sends the event again.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import ClassVar, Final

import attrs

from itwin_imodels._core.entity import Entity
from itwin_imodels._operations.fields import Fields
from itwin_imodels.errors import MalformedEvent, SignatureMismatch, UnexpectedResponse

__all__ = [
    "LARGEST_BODY",
    "ChangesReady",
    "Event",
    "IModelCreated",
    "IModelDeleted",
    "NamedVersionCreated",
    "UnknownEvent",
    "parse_event",
]

LARGEST_BODY: Final = 256 * 1024
"""Maximum size of a body in bytes; real events are smaller than 1 kB."""

_KNOWN = frozenset({"content", "eventType", "enqueuedDateTime", "iTwinId", "messageId", "webhookId"})
_SIGNATURE = re.compile(rb"sha256=([0-9a-f]{64})", re.IGNORECASE)
_US_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (AM|PM)", re.ASCII)
_NOON = 12


@attrs.frozen(kw_only=True, repr=False)
class Event(Entity):
    """Base of all events.

    Attributes:
        event_type: Its type, such as `iModels.changesReady.v1`.
        enqueued_date_time: When the platform queued it, which is when it occurred or shortly after.
        itwin_id: Id of the iTwin in which it occurred.
        message_id: Its id, which is the same if it is sent again.
        webhook_id: Id of the webhook that it was sent to.
        content: Its unmodified data, with the platform's names as keys.
    """

    _SHOWN: ClassVar[tuple[str, ...]] = ("event_type", "message_id")

    event_type: str
    enqueued_date_time: datetime
    itwin_id: str
    message_id: str
    webhook_id: str
    content: Mapping[str, object] = attrs.field(eq=False)


@attrs.frozen(kw_only=True, repr=False)
class IModelCreated(Event):
    """An iModel was created. It may not be initialized yet.

    Attributes:
        imodel_id: Id of the iModel.
        user_id: Id of the user who created it; None if unknown.
    """

    _SHOWN: ClassVar = ("imodel_id", "message_id")

    imodel_id: str
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class IModelDeleted(Event):
    """An iModel was deleted.

    Attributes:
        imodel_id: Id of the iModel.
        user_id: Id of the user who deleted it; None if unknown.
    """

    _SHOWN: ClassVar = ("imodel_id", "message_id")

    imodel_id: str
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class NamedVersionCreated(Event):
    """A Named Version was created.

    Attributes:
        imodel_id: Id of its iModel.
        named_version_id: Id of the Named Version.
        changeset_id: Id of its changeset; None for the baseline.
        changeset_index: Index of its changeset; 0 for the baseline.
        user_id: Id of the user who created it; None if unknown.
    """

    _SHOWN: ClassVar = ("imodel_id", "named_version_id", "changeset_index", "message_id")

    imodel_id: str
    named_version_id: str
    changeset_id: str | None
    changeset_index: int
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class ChangesReady(Event):
    """An iModel has new changesets that can be pulled.

    Attributes:
        imodel_id: Id of the iModel.
        changeset_id: Id of the newest changeset.
        changeset_index: Index of the newest changeset.
        user_id: Id of the user who pushed it; None if unknown.
    """

    _SHOWN: ClassVar = ("imodel_id", "changeset_index", "message_id")

    imodel_id: str
    changeset_id: str
    changeset_index: int
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class UnknownEvent(Event):
    """An event of a type that is unknown to this package; `content` contains its data."""


def parse_event(body: bytes, signature: str | None, secret: str) -> Event:
    """Verify the signature of an event and parse it.

    The signature is checked in constant time, before the body is parsed.

    Args:
        body: The unmodified body of the request; decoding and re-encoding it would invalidate the signature.
        signature: The `Signature` header: `sha256=` followed by 64 hexadecimal digits; None if it is missing.
        secret: The webhook's secret, which the platform returns when the webhook is created.

    Returns:
        The event: `IModelCreated`, `IModelDeleted`, `NamedVersionCreated`, `ChangesReady`, or `UnknownEvent` for any
        other type.

    Raises:
        MalformedEvent: The body is larger than `LARGEST_BODY`, is not JSON, or does not have the documented form.
        SignatureMismatch: The signature is missing or malformed, or does not match the body and the secret.
        TypeError: An argument has the wrong type.
        ValueError: The secret is empty or blank.

    Example:
        ```python
        try:
            event = parse_event(body, request.headers.get("Signature"), secret)
        except SignatureMismatch:
            return 401
        if isinstance(event, ChangesReady):
            client.mirror_timeline(event.imodel_id, folder)
        ```
    """
    if not isinstance(body, bytes):
        raise TypeError(f"body must be the unmodified bytes of the request, not {type(body).__name__}")
    if not isinstance(secret, str):
        raise TypeError(f"secret must be a string, not {type(secret).__name__}")
    if not secret.strip():
        raise ValueError("secret must not be empty or blank")
    _check_signature(body, signature, secret)
    if len(body) > LARGEST_BODY:
        raise MalformedEvent(f"the body has {len(body)} bytes; at most {LARGEST_BODY} are allowed")
    try:
        return _read(_object(body))
    except UnexpectedResponse as error:
        raise MalformedEvent(f"the body is not an event: {error}") from error


def _check_signature(body: bytes, signature: str | None, secret: str) -> None:
    if signature is None:
        raise SignatureMismatch("the request has no signature")
    if not isinstance(signature, str):
        raise TypeError(f"signature must be the header's value as a string, not {type(signature).__name__}")
    digest = _SIGNATURE.fullmatch(signature.strip().encode("utf-8", "replace"))
    expected = hmac.new(secret.encode("utf-8", "surrogatepass"), body, "sha256").hexdigest().encode()
    if digest is None:
        raise SignatureMismatch("the signature does not have the form sha256=<64 hexadecimal digits>")
    if not hmac.compare_digest(digest[1].lower(), expected):
        raise SignatureMismatch("the signature does not match the body and the secret")


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent("the body is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedEvent(f"the body must be a JSON object, not {type(value).__name__}")
    return value


def _read(data: Mapping[str, object]) -> Event:
    fields = Fields(data)
    event_type = fields.text("eventType")
    content = fields.inside("content")
    common = {
        "event_type": event_type,
        "enqueued_date_time": _time(fields, "enqueuedDateTime"),
        "itwin_id": fields.text("iTwinId"),
        "message_id": fields.text("messageId"),
        "webhook_id": fields.text("webhookId"),
        "content": data["content"],
        "extra": fields.new_to(_KNOWN),
    }
    kind, read_content = _KINDS.get(event_type, (UnknownEvent, _nothing))
    return content.checked(kind, **common, **read_content(content))


def _nothing(_: Fields) -> dict[str, object]:
    return {}


def _about_imodel(content: Fields) -> dict[str, object]:
    return {"imodel_id": content.text("imodelId"), "user_id": content.optional_text("userId")}


def _about_version(content: Fields) -> dict[str, object]:
    return {
        **_about_imodel(content),
        "named_version_id": content.text("versionId"),
        "changeset_id": content.id_text("changesetId"),
        "changeset_index": content.index("changesetIndex"),
    }


def _about_changes(content: Fields) -> dict[str, object]:
    return {
        **_about_imodel(content),
        "changeset_id": content.text("changesetId"),
        "changeset_index": content.index("changesetIndex"),
    }


_KINDS: Mapping[str, tuple[type[Event], Callable[[Fields], dict[str, object]]]] = {
    "iModels.iModelCreated.v1": (IModelCreated, _about_imodel),
    "iModels.iModelDeleted.v1": (IModelDeleted, _about_imodel),
    "iModels.namedVersionCreated.v1": (NamedVersionCreated, _about_version),
    "iModels.changesReady.v1": (ChangesReady, _about_changes),
}


def _time(fields: Fields, key: str) -> datetime:
    """Parse a time in ISO 8601, or in UTC in the form of the platform's examples, `11/3/2023 8:07:01 PM`."""
    match = _US_TIME.fullmatch(fields.text(key))
    if match is None:
        return fields.time(key)
    month, day, year, hour, minute, second = map(int, match.groups()[:-1])
    if not 1 <= hour <= _NOON:
        return fields.time(key)
    hour = hour % _NOON + (_NOON if match[7] == "PM" else 0)
    return fields.checked(_utc, year=year, month=month, day=day, hour=hour, minute=minute, second=second)


def _utc(**parts: int) -> datetime:
    return datetime(**parts, tzinfo=UTC)
