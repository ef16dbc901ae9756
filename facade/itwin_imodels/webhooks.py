"""Events of the iTwin platform, as its webhooks receive them. It needs no client.

Whoever receives them gives `parse_event()` the body as it came, the header `Signature` and the webhook's secret:

>>> from itwin_imodels.webhooks import ChangesReady, parse_event
>>> event = parse_event(body, request.headers.get("Signature"), secret)
>>> if isinstance(event, ChangesReady):
...     print("pull", event.imodel_id, "up to", event.changeset_index)

An event can come twice, and a later one before an earlier one: remember `message_id`, and take an event as word that
something can be fetched, not as the thing itself. Answer within 5 seconds; the platform sends again what takes longer.
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import ClassVar, Final

import attrs

from itwin_imodels._core import checks
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
"""Size of the largest body that is read, bytes; events have less than one kilobyte."""

_KNOWN = frozenset({"content", "eventType", "enqueuedDateTime", "iTwinId", "messageId", "webhookId"})
_SIGNATURE = re.compile(rb"sha256=([0-9a-f]{64})", re.IGNORECASE)
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (AM|PM)", re.ASCII)
_NOON = 12


@attrs.frozen(kw_only=True, repr=False)
class Event(Entity):
    """What all events have.

    Attributes:
        event_type: Such as `iModels.changesReady.v1`.
        enqueued_date_time: When it happened, or soon after.
        itwin_id: The iTwin that it happened in.
        message_id: Its id; the same if it comes again.
        webhook_id: The webhook that it is for.
        content: What it tells, under the platform's names and as it came.
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
        imodel_id: The iModel.
        user_id: Who created it, if the platform says so.
    """

    _SHOWN: ClassVar = ("imodel_id", "message_id")

    imodel_id: str
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class IModelDeleted(Event):
    """An iModel was deleted.

    Attributes:
        imodel_id: The iModel.
        user_id: Who deleted it, if the platform says so.
    """

    _SHOWN: ClassVar = ("imodel_id", "message_id")

    imodel_id: str
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class NamedVersionCreated(Event):
    """A Named Version was created.

    Attributes:
        imodel_id: Its iModel.
        named_version_id: Its id.
        changeset_id: The changeset it is on; None on the baseline.
        changeset_index: Index of that changeset; 0 on the baseline.
        user_id: Who created it, if the platform says so.
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
        imodel_id: The iModel.
        changeset_id: The newest of the changesets.
        changeset_index: Its index.
        user_id: Who pushed it, if the platform says so.
    """

    _SHOWN: ClassVar = ("imodel_id", "changeset_index", "message_id")

    imodel_id: str
    changeset_id: str
    changeset_index: int
    user_id: str | None


@attrs.frozen(kw_only=True, repr=False)
class UnknownEvent(Event):
    """An event of a type that this package does not know; `content` has what it tells."""


def parse_event(body: bytes, signature: str | None, secret: str) -> Event:
    """Read an event, once it is certain that it was signed with the webhook's secret.

    The comparison takes as long whatever the signature is, and nothing of the body is looked at before.

    Args:
        body: The body of the request, as it came: text that was decoded and encoded again has another signature.
        signature: The header `Signature`, in the form `sha256=` and 64 hexadecimal digits; None when there was none.
        secret: The webhook's secret, which the platform tells when the webhook is created.

    Returns:
        The event: `IModelCreated`, `IModelDeleted`, `NamedVersionCreated`, `ChangesReady`, or `UnknownEvent` for any
        other type.

    Raises:
        SignatureMismatch: The signature is missing, of another form, or not that of this body with this secret.
        MalformedEvent: The body is larger than `LARGEST_BODY`, not JSON, or lacks what the platform promises.

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
        raise TypeError(f"body must be bytes as they came, not {type(body).__name__}")
    checks.text("secret", secret, most=None)
    _check_signature(body, signature, secret)
    if len(body) > LARGEST_BODY:
        raise MalformedEvent(f"the body has {len(body)} bytes; at most {LARGEST_BODY} are read")
    try:
        return _read(_object(body))
    except UnexpectedResponse as error:
        raise MalformedEvent(f"the body is not an event: {error}") from error


def _check_signature(body: bytes, signature: str | None, secret: str) -> None:
    if signature is None:
        raise SignatureMismatch("the request has no signature")
    if not isinstance(signature, str):
        raise TypeError(f"signature must be the text of the header, not {type(signature).__name__}")
    given = _SIGNATURE.fullmatch(signature.strip().encode("utf-8", "replace"))
    expected = hmac.new(secret.encode("utf-8", "surrogatepass"), body, "sha256").hexdigest().encode()
    if given is None:
        raise SignatureMismatch("the signature is not of the form sha256=<64 hexadecimal digits>")
    if not hmac.compare_digest(given[1].lower(), expected):
        raise SignatureMismatch("the signature is not that of this body with this secret")


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent("the body is not JSON") from error
    if not isinstance(value, dict):
        raise MalformedEvent(f"the body is not a JSON object but {type(value).__name__}")
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
    kind, told = _KINDS.get(event_type, (UnknownEvent, _nothing))
    return content.checked(kind, **common, **told(content))


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
    """Read a time: ISO 8601, or in UTC as the platform's own examples have it, `11/3/2023 8:07:01 PM`."""
    found = _AMERICAN.fullmatch(fields.text(key))
    if found is None:
        return fields.time(key)
    month, day, year, hour, minute, second = map(int, found.groups()[:-1])
    if not 1 <= hour <= _NOON:
        return fields.time(key)
    hour = hour % _NOON + (_NOON if found[7] == "PM" else 0)
    return fields.checked(_utc, year=year, month=month, day=day, hour=hour, minute=minute, second=second)


def _utc(**parts: int) -> datetime:
    return datetime(**parts, tzinfo=UTC)
