"""Queries for calls that count toward a rate limit."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.store.schema import limited_calls


def calls_after(connection: Connection, scope: str, moment: datetime) -> list[datetime]:
    """Return the times of the calls of a scope after a given time, oldest first."""
    statement = select(limited_calls.c.called_at).where(
        limited_calls.c.scope == scope, limited_calls.c.called_at > moment
    )
    return list(connection.scalars(statement.order_by(limited_calls.c.called_at)))


def count_call(connection: Connection, scope: str, now: datetime) -> None:
    """Record a call."""
    connection.execute(insert(limited_calls).values(scope=scope, called_at=now))


def delete_calls(connection: Connection, until: datetime) -> None:
    """Delete the calls of all scopes up to a time."""
    connection.execute(delete(limited_calls).where(limited_calls.c.called_at <= until))
