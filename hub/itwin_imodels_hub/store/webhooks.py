"""Queries for webhooks and their deliveries."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import asdict
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, or_, select, update

from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import DeliveryRecord, NewDelivery, WebhookRecord
from itwin_imodels_hub.store.schema import deliveries, webhooks

PENDING = "pending"
DELIVERED = "delivered"
FAILED = "failed"

_COLUMNS = [column for column in webhooks.columns if column.name not in {"lease", "leased_until"}]


def _selected() -> Select[object]:
    return select(*_COLUMNS)


def _owned_by(owner_id: str | None) -> ColumnElement[bool]:
    return webhooks.c.owner_id.is_(None) if owner_id is None else webhooks.c.owner_id == owner_id


def _without_lease(now: datetime) -> ColumnElement[bool]:
    return or_(webhooks.c.leased_until.is_(None), webhooks.c.leased_until <= now)


def add_webhook(connection: Connection, webhook: WebhookRecord) -> None:
    """Store a webhook."""
    connection.execute(insert(webhooks).values(**asdict(webhook)))


def change_webhook(connection: Connection, webhook_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a webhook."""
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(**values))


def delete_webhook(connection: Connection, webhook_id: str) -> None:
    """Delete a webhook and its deliveries."""
    connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))


def find_webhook(connection: Connection, owner_id: str | None, webhook_id: str) -> WebhookRecord | None:
    """Return a webhook of a user, or of the configuration if `owner_id` is None; return None if it does not exist."""
    return fetch_one(connection, _selected().where(webhooks.c.id == webhook_id, _owned_by(owner_id)), WebhookRecord)


def webhooks_of(connection: Connection, owner_id: str | None) -> Sequence[WebhookRecord]:
    """Return the webhooks of a user, or of the configuration if `owner_id` is None, oldest first."""
    statement = _selected().where(_owned_by(owner_id)).order_by(webhooks.c.created_at, webhooks.c.id)
    return fetch_all(connection, statement, WebhookRecord)


def webhooks_about(connection: Connection, itwin_id: str) -> Sequence[WebhookRecord]:
    """Return the active webhooks for events of an iTwin, locked against deletion until the transaction ends."""
    of_itwin = or_(webhooks.c.itwin_id.is_(None), webhooks.c.itwin_id == itwin_id)
    statement = _selected().where(webhooks.c.active, of_itwin).order_by(webhooks.c.created_at, webhooks.c.id)
    return fetch_all(connection, statement.with_for_update(read=True, key_share=True), WebhookRecord)


def add_delivery(connection: Connection, new: NewDelivery) -> None:
    """Store a delivery that is due immediately."""
    values = {**asdict(new, recurse=False), "state": PENDING, "due_at": new.enqueued_at, "attempts": 0}
    connection.execute(insert(deliveries).values(**values))


def all_deliveries(connection: Connection, *, newest: int | None = None) -> Sequence[DeliveryRecord]:
    """Return deliveries in the order of the events; `newest` limits them to the latest ones."""
    statement = select(deliveries).order_by(deliveries.c.number.desc()).limit(newest)
    return fetch_all(connection, statement, DeliveryRecord)[::-1]


def next_due(connection: Connection, *, now: datetime) -> datetime | None:
    """Return the due time of the next delivery.

    Args:
        connection: A transaction.
        now: Current time by the system clock, on which leases are based (not the hub's clock).

    Returns:
        The time; None if no delivery is pending for an active webhook without a lease.
    """
    waiting = select(func.min(deliveries.c.due_at)).join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
    waiting = waiting.where(deliveries.c.state == PENDING, webhooks.c.active, _without_lease(now))
    due: datetime | None = connection.scalar(waiting)
    return due


def lease_webhook(
    connection: Connection, lease: str, *, due: datetime, now: datetime, until: datetime
) -> tuple[WebhookRecord, DeliveryRecord] | None:
    """Lease a webhook that has a due delivery and no lease.

    Args:
        connection: A writing transaction.
        lease: Id of the lease.
        due: Current time by the hub's clock; deliveries up to this time are due.
        now: Current time by the system clock, on which leases are based (not the hub's clock).
        until: Expiry of the lease.

    Returns:
        The webhook and its next delivery; None if nothing is due.
    """
    waiting = (deliveries.c.state == PENDING) & (deliveries.c.due_at <= due)
    first = select(func.min(deliveries.c.number)).where(deliveries.c.webhook_id == webhooks.c.id, waiting)
    has_due = exists().where(deliveries.c.webhook_id == webhooks.c.id, waiting)
    # Concurrent processes choose different webhooks: each skips those that another has locked.
    statement = (
        _selected().where(webhooks.c.active, _without_lease(now), has_due).order_by(first.scalar_subquery()).limit(1)
    )
    webhook = fetch_one(connection, statement.with_for_update(key_share=True, skip_locked=True), WebhookRecord)
    if webhook is None:
        return None
    mine = select(deliveries).where(deliveries.c.webhook_id == webhook.id, waiting).order_by(deliveries.c.number)
    delivery = fetch_one(connection, mine.limit(1), DeliveryRecord)
    if delivery is None:
        return None
    change_webhook(connection, webhook.id, {"lease": lease, "leased_until": until})
    return webhook, delivery


def end_lease(connection: Connection, webhook_id: str, lease: str) -> bool:
    """End a lease; return False if the webhook no longer exists or has another lease."""
    held = (webhooks.c.id == webhook_id) & (webhooks.c.lease == lease)
    ended = connection.execute(update(webhooks).where(held).values(lease=None, leased_until=None))
    return ended.rowcount > 0


def end_all_leases(connection: Connection) -> None:
    """End all leases; call this only while no process can hold one."""
    connection.execute(update(webhooks).values(lease=None, leased_until=None))


def change_delivery(connection: Connection, number: int, values: Mapping[str, object]) -> None:
    """Set columns of a pending delivery."""
    pending = (deliveries.c.number == number) & (deliveries.c.state == PENDING)
    connection.execute(update(deliveries).where(pending).values(**values))


def delete_deliveries(connection: Connection, before: datetime) -> None:
    """Delete deliveries that ended before a time."""
    connection.execute(delete(deliveries).where(deliveries.c.state != PENDING, deliveries.c.ended_at < before))
