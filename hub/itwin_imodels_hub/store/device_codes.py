"""Queries for device codes (RFC 8628) that no user has approved."""

from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import Connection, delete, insert, select, update

from itwin_imodels_hub.store.database import fetch_one
from itwin_imodels_hub.store.sign_in_schema import device_codes
from itwin_imodels_hub.store.users import digest


@frozen(kw_only=True)
class DeviceCodeRecord:
    """A device that is waiting for a user."""

    code_hash: str
    user_code: str
    client_id: str
    client_name: str
    scope: str
    expires_at: datetime
    polled_at: datetime | None = None
    denied: bool = False


def add_device_code(connection: Connection, record: DeviceCodeRecord) -> None:
    """Store a device code.

    Raises:
        IntegrityError: The user code is in use.
    """
    connection.execute(insert(device_codes).values(**asdict(record)))


def find_device_code(connection: Connection, code: str) -> DeviceCodeRecord | None:
    """Return and lock the record of a device code, even if it has expired; return None if it is unknown."""
    statement = select(device_codes).where(device_codes.c.code_hash == digest(code)).with_for_update()
    return fetch_one(connection, statement, DeviceCodeRecord)


def find_user_code(
    connection: Connection, user_code: str, now: datetime, *, locked: bool = False
) -> DeviceCodeRecord | None:
    """Return the record of a pending user code, locked if requested, or None."""
    statement = select(device_codes).where(
        device_codes.c.user_code == user_code, device_codes.c.expires_at > now, ~device_codes.c.denied
    )
    return fetch_one(connection, statement.with_for_update() if locked else statement, DeviceCodeRecord)


def poll_device_code(connection: Connection, record: DeviceCodeRecord, now: datetime) -> None:
    """Record that a device polled."""
    connection.execute(update(device_codes).where(device_codes.c.code_hash == record.code_hash).values(polled_at=now))


def deny_device_code(connection: Connection, record: DeviceCodeRecord) -> None:
    """Record that the user denied access."""
    connection.execute(update(device_codes).where(device_codes.c.code_hash == record.code_hash).values(denied=True))


def drop_device_code(connection: Connection, record: DeviceCodeRecord) -> None:
    """Delete a device code."""
    connection.execute(delete(device_codes).where(device_codes.c.code_hash == record.code_hash))


def drop_expired_device_codes(connection: Connection, now: datetime) -> None:
    """Delete device codes that have expired."""
    connection.execute(delete(device_codes).where(device_codes.c.expires_at <= now))
