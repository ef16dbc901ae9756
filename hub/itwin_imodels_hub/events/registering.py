"""Rules for webhooks, and the webhooks from the hub's configuration."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import httpx
from attrs import Attribute, field, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.events.messages import EVENT_TYPES
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.store import webhooks as rows
from itwin_imodels_hub.store.records import WebhookRecord

ACCOUNT: Final = "Account"
ITWIN: Final = "iTwin"
SHORTEST_SECRET: Final = 32
LONGEST_SECRET: Final = 255
LONGEST_URL: Final = 2048


def problem_of_url(url: str) -> str | None:
    """Return why a URL cannot receive events, or None if it can.

    The module `targets` adds restrictions for the URLs that users register.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return "The value is not a URL."
    if len(url) > LONGEST_URL:
        return f"The URL exceeds {LONGEST_URL} characters."
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        return "Expected a URL that begins with http:// or https://."
    if parsed.userinfo:
        return "The URL must not contain a user name or password; the signature authenticates the sender."
    if parsed.fragment:
        return "The URL must not have a fragment."
    return None


def problem_of_secret(secret: str) -> str | None:
    """Return why a secret is invalid, or None if it is valid."""
    if SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        return None
    return f"The secret must have {SHORTEST_SECRET} to {LONGEST_SECRET} characters."


def _url(_: object, attribute: "Attribute[str]", value: str) -> None:
    if problem := problem_of_url(value):
        raise ValueError(f"{attribute.name}: {problem}")


def _secret(_: object, attribute: "Attribute[str]", value: str) -> None:
    if problem := problem_of_secret(value):
        raise ValueError(f"{attribute.name}: {problem}")


def _types(names: Iterable[str]) -> tuple[str, ...]:
    types = tuple(dict.fromkeys(names))
    if unknown := set(types) - set(EVENT_TYPES):
        raise ValueError(f"unknown event types {', '.join(sorted(unknown))}; known: {', '.join(EVENT_TYPES)}")
    if not types:
        raise ValueError(f"specify at least one event type; known: {', '.join(EVENT_TYPES)}")
    return types


def _itwin(value: str | None) -> str | None:
    if value is None:
        return None
    parsed = parse_uuid(value)
    if parsed is None:
        raise ValueError(f"itwin: {value!r} is not a UUID")
    return parsed


@frozen(kw_only=True)
class NewWebhook:
    """A webhook of the hub's operator, which receives its events regardless of permissions.

    Attributes:
        url: URL that receives the events, http or https.
        secret: Signing secret, 32 to 255 characters.
        event_types: Event types to send; default all.
        itwin: Id of the iTwin whose events are sent; None means all iTwins.
    """

    url: str = field(validator=_url)
    secret: str = field(validator=_secret, repr=False)
    event_types: Sequence[str] = field(default=EVENT_TYPES, converter=_types)
    itwin: str | None = field(default=None, converter=_itwin)

    @property
    def id(self) -> str:
        """The id of the webhook, derived from URL and iTwin."""
        return str(uuid5(NAMESPACE_URL, f"{self.url} {self.itwin or ''}"))


def ensure_webhooks(connection: Connection, configured: Sequence[NewWebhook], now: datetime) -> None:
    """Make these the only webhooks apart from those of users; pending deliveries of remaining webhooks are kept."""
    known = {webhook.id: webhook for webhook in rows.webhooks_of(connection, None)}
    for webhook_id in known.keys() - {webhook.id for webhook in configured}:
        rows.delete_webhook(connection, webhook_id)
    for webhook in configured:
        put_webhook(connection, webhook, now)


def put_webhook(connection: Connection, new: NewWebhook, now: datetime) -> None:
    """Store a webhook, or update the one with the same URL and iTwin."""
    changeable = {"event_types": list(new.event_types), "secret": new.secret, "active": True}
    if rows.find_webhook(connection, None, new.id) is not None:
        rows.change_webhook(connection, new.id, {**changeable, "modified_at": now})
        return
    webhook = WebhookRecord(
        id=new.id,
        owner_id=None,
        callback_url=new.url,
        scope=ITWIN if new.itwin else ACCOUNT,
        itwin_id=new.itwin,
        created_at=now,
        modified_at=now,
        event_types=list(new.event_types),
        secret=new.secret,
        active=True,
    )
    rows.add_webhook(connection, webhook)
