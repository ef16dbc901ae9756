"""Who may be told: the rules for webhooks, and those that the hub's settings name."""

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
    """Say why a hub does not send events to an address; None when it does.

    Where the address leads is not looked at: receivers on the same machine and in the same network are what a hub has.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        return "It is not an address."
    if len(url) > LONGEST_URL:
        return f"It has more than {LONGEST_URL} characters."
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        return "Expected an address that begins with http:// or https://."
    if parsed.userinfo:
        return "It must not hold a user name or password; the signature tells who sends."
    if parsed.fragment:
        return "It must not have a fragment."
    return None


def problem_of_secret(secret: str) -> str | None:
    """Say why a secret will not do; None when it does."""
    if SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        return None
    return f"It must have {SHORTEST_SECRET} to {LONGEST_SECRET} characters."


def _url(_: object, attribute: "Attribute[str]", value: str) -> None:
    if problem := problem_of_url(value):
        raise ValueError(f"{attribute.name}: {problem}")


def _secret(_: object, attribute: "Attribute[str]", value: str) -> None:
    if problem := problem_of_secret(value):
        raise ValueError(f"{attribute.name}: {problem}")


def _types(names: Iterable[str]) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(names))
    if unknown := set(given) - set(EVENT_TYPES):
        raise ValueError(f"unknown event types {', '.join(sorted(unknown))}; there are {', '.join(EVENT_TYPES)}")
    if not given:
        raise ValueError(f"no event types; there are {', '.join(EVENT_TYPES)}")
    return given


def _itwin(value: str | None) -> str | None:
    if value is None:
        return None
    parsed = parse_uuid(value)
    if parsed is None:
        raise ValueError(f"itwin: {value!r} is not a UUID")
    return parsed


@frozen(kw_only=True)
class NewWebhook:
    """A webhook that whoever runs the hub wants: it hears of everything, without an owner's permissions.

    Attributes:
        url: Where events are sent, http or https.
        secret: What they are signed with, 32 to 255 characters.
        event_types: Which events; all by default.
        itwin: Id of the iTwin whose events are sent; all iTwins by default.
    """

    url: str = field(validator=_url)
    secret: str = field(validator=_secret, repr=False)
    event_types: Sequence[str] = field(default=EVENT_TYPES, converter=_types)
    itwin: str | None = field(default=None, converter=_itwin)

    @property
    def id(self) -> str:
        """The id of the webhook: the same for the same address and iTwin."""
        return str(uuid5(NAMESPACE_URL, f"{self.url} {self.itwin or ''}"))


def ensure_webhooks(connection: Connection, wanted: Sequence[NewWebhook], now: datetime) -> None:
    """Have exactly these webhooks, beside those that users registered; what waits for one that stays is kept."""
    known = {webhook.id: webhook for webhook in rows.webhooks_of(connection, None)}
    for webhook_id in known.keys() - {webhook.id for webhook in wanted}:
        rows.delete_webhook(connection, webhook_id)
    for webhook in wanted:
        put_webhook(connection, webhook, now)


def put_webhook(connection: Connection, new: NewWebhook, now: datetime) -> None:
    """Register a webhook, or change the one of the same address and iTwin."""
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
