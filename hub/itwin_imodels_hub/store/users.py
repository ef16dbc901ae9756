"""Queries for users and their tokens."""

from datetime import datetime
from hashlib import sha256

from attrs import asdict
from sqlalchemy import Connection, delete, insert, select, update

from itwin_imodels_hub.rules.texts import storable
from itwin_imodels_hub.store.database import fetch_all, fetch_one
from itwin_imodels_hub.store.records import TokenRecord, UserRecord
from itwin_imodels_hub.store.schema import tokens, users


def digest(secret: str) -> str:
    """Return the hash of a token or secret; long random strings need no salt."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add_user(connection: Connection, user: UserRecord) -> None:
    """Store a user."""
    connection.execute(insert(users).values(**asdict(user)))


def all_users(connection: Connection) -> list[UserRecord]:
    """Return all users, sorted by name."""
    return list(fetch_all(connection, select(users).order_by(users.c.name), UserRecord))


def user_by_name(connection: Connection, name: str) -> UserRecord | None:
    """Return a user by short name, or None."""
    return fetch_one(connection, select(users).where(users.c.name == name), UserRecord)


def user_by_id(connection: Connection, user_id: str) -> UserRecord | None:
    """Return a user by id, or None."""
    return fetch_one(connection, select(users).where(users.c.id == user_id), UserRecord)


def user_by_address(connection: Connection, address: str) -> UserRecord | None:
    """Return the user with an e-mail address, or else one whose address differs only in letter case, or None."""
    # Databases convert only ASCII letters.
    similar = [user for user in all_users(connection) if user.email.lower() == address.lower()]
    return max(similar, key=lambda user: user.email == address, default=None)


def user_by_application(connection: Connection, application_id: str) -> UserRecord | None:
    """Return the user of an application, or None."""
    if not storable(application_id):
        return None
    return fetch_one(connection, select(users).where(users.c.application_id == application_id), UserRecord)


def change_secret(connection: Connection, user_id: str, secret: str) -> None:
    """Replace the secret of the application of a user; only its hash is stored."""
    connection.execute(update(users).where(users.c.id == user_id).values(secret_hash=digest(secret)))


def add_token(connection: Connection, token: str, user: UserRecord, expires_at: datetime | None) -> None:
    """Store the hash of a token for a user and the user's application."""
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
    """Return a token, even an expired one, or None."""
    return fetch_one(connection, select(tokens).where(tokens.c.token_hash == digest(token)), TokenRecord)


def drop_token(connection: Connection, token: str) -> None:
    """Delete a token."""
    connection.execute(delete(tokens).where(tokens.c.token_hash == digest(token)))


def drop_expired_tokens(connection: Connection, now: datetime) -> None:
    """Delete tokens that have expired."""
    connection.execute(delete(tokens).where(tokens.c.expires_at <= now))
