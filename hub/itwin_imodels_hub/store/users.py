"""Users and their tokens."""

from datetime import datetime
from hashlib import sha256

from attrs import asdict
from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.rules.texts import storable
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import TokenRecord, UserRecord
from itwin_imodels_hub.store.schema import tokens, users


def digest(secret: str) -> str:
    """Hash a token or secret: long random texts need no salt."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add_user(connection: Connection, user: UserRecord) -> None:
    """Store a user."""
    connection.execute(insert(users).values(**asdict(user)))


def all_users(connection: Connection) -> list[UserRecord]:
    """List the users by name."""
    return list(fetch_all(connection, select(users).order_by(users.c.name), UserRecord))


def user_by_name(connection: Connection, name: str) -> UserRecord | None:
    """Find a user by the short name."""
    return fetch_one(connection, select(users).where(users.c.name == name), UserRecord)


def user_by_id(connection: Connection, user_id: str) -> UserRecord | None:
    """Find a user by id."""
    return fetch_one(connection, select(users).where(users.c.id == user_id), UserRecord)


def user_by_application(connection: Connection, application_id: str) -> UserRecord | None:
    """Find the user that an application acts for."""
    if not storable(application_id):
        return None
    return fetch_one(connection, select(users).where(users.c.application_id == application_id), UserRecord)


def add_token(connection: Connection, token: str, user: UserRecord, expires_at: datetime | None) -> None:
    """Let a token stand for a user and the user's application; only its hash is kept."""
    put_token(
        connection,
        TokenRecord(
            token_hash=digest(token),
            user_id=user.id,
            application_id=user.application_id,
            application_name=user.application_name,
            expires_at=expires_at,
        ),
    )


def put_token(connection: Connection, record: TokenRecord) -> None:
    """Store a token."""
    connection.execute(insert(tokens).values(**asdict(record)))


def find_token(connection: Connection, token: str) -> TokenRecord | None:
    """Find a token, also an expired one."""
    return fetch_one(connection, select(tokens).where(tokens.c.token_hash == digest(token)), TokenRecord)


def drop_token(connection: Connection, token: str) -> None:
    """Forget a token."""
    connection.execute(delete(tokens).where(tokens.c.token_hash == digest(token)))


def drop_expired_tokens(connection: Connection, now: datetime) -> None:
    """Forget tokens that have expired."""
    connection.execute(delete(tokens).where(tokens.c.expires_at <= now))
