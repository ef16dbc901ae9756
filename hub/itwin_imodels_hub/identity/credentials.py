"""Permanent tokens and application secrets of users.

A configuration may specify them. Otherwise they are derived from the secret of the data folder, so that each data
folder has its own, and the hub can print them without storing them. Those of `DEMO_USERS` are predictable.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256

from sqlalchemy import Connection

from itwin_imodels_hub.identity.users import NewUser, demo_secret, demo_token, store_user
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import add_token, all_users, change_secret, digest, drop_token, find_token


class Credentials:
    """The permanent tokens and secrets of the users of a hub."""

    def __init__(self, key: bytes, users: Sequence[NewUser] = (), *, demo: bool = True) -> None:
        """Derive credentials from a secret.

        Args:
            key: Secret of the hub.
            users: Users of a new hub.
            demo: Whether predictable tokens and secrets are valid.
        """
        self._key = key
        self._users = tuple(users)
        self._demo = demo
        self._named = {user.name: user for user in users}

    def create_user(self, connection: Connection, user: NewUser) -> str:
        """Store a user and return the token that never expires.

        Raises:
            ValueError: The name, the address or the token is in use, or the database cannot store a value.
        """
        token = user.token or self._derive("token", user.name)
        store_user(connection, user, token=token, secret=user.secret or self._derive("secret", user.name))
        self._named[user.name] = user
        return token

    def tokens(self, connection: Connection) -> dict[str, str]:
        """Return a permanent token of each user whose token the hub knows, by short name."""
        known: dict[str, str] = {}
        for user in all_users(connection):
            for token in self._tokens(user.name):
                if user.name not in known and _belongs(connection, token, user):
                    known[user.name] = token
        return known

    def secrets(self, connection: Connection) -> dict[str, str]:
        """Return the application secrets that the hub knows, by short name of their users."""
        known: dict[str, str] = {}
        for user in all_users(connection):
            for secret in self._secrets(user.name):
                if digest(secret) == user.secret_hash:
                    known.setdefault(user.name, secret)
        return known

    def ensure(self, connection: Connection) -> None:
        """Create the configured users in a hub without users, and ensure that the hub knows a token of each user.

        Afterwards `tokens` returns a token for each user. Predictable credentials are revoked if they are not
        permitted.
        """
        if not all_users(connection):
            for new in self._users:
                self.create_user(connection, new)
        for user in all_users(connection):
            if not self._demo:
                self._revoke_predictable(connection, user)
            if not any(_belongs(connection, token, user) for token in self._tokens(user.name)):
                add_token(connection, self._derive("token", user.name), user, None)

    def _revoke_predictable(self, connection: Connection, user: UserRecord) -> None:
        configured = self._named.get(user.name)
        if configured is None or configured.token is None:
            drop_token(connection, demo_token(user.name))
        if (configured is None or configured.secret is None) and user.secret_hash == digest(demo_secret(user.name)):
            change_secret(connection, user.id, self._derive("secret", user.name))

    def _tokens(self, name: str) -> Iterable[str]:
        configured = self._named.get(name)
        named = configured.token if configured else None
        return filter(None, (named, demo_token(name), self._derive("token", name)))

    def _secrets(self, name: str) -> Iterable[str]:
        configured = self._named.get(name)
        named = configured.secret if configured else None
        return filter(None, (named, demo_secret(name), self._derive("secret", name)))

    def _derive(self, kind: str, name: str) -> str:
        made = hmac.new(self._key, f"{kind} of user {name}".encode("utf-8", "surrogatepass"), sha256)
        return urlsafe_b64encode(made.digest()).decode().rstrip("=")


def _belongs(connection: Connection, token: str, user: UserRecord) -> bool:
    """Check whether a token is a permanent token of a user."""
    record = find_token(connection, token)
    return record is not None and record.user_id == user.id and record.expires_at is None
