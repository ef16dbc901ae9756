"""Cache of tokens. One thread at a time replaces a token shortly before it expires."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from itwin_imodels._auth.tokens import AccessToken
from itwin_imodels._core.forks import on_fork
from itwin_imodels.errors import AuthError

Clock = Callable[[], datetime]

_LEEWAY: Final = timedelta(seconds=60)
_QUIET: Final = timedelta(seconds=5)
_LOG = logging.getLogger("itwin_imodels.auth")


def now() -> datetime:
    """Return the current time, in UTC."""
    return datetime.now(UTC)


def due_at(token: AccessToken, obtained: datetime) -> datetime | None:
    """Return when to replace a token: 60 s before it expires, but not before half of its lifetime has passed.

    Args:
        token: The token.
        obtained: When it was obtained.

    Returns:
        The time; None if its expiry is unknown.
    """
    if token.expires_at is None:
        return None
    return token.expires_at - min(_LEEWAY, max(timedelta(), (token.expires_at - obtained) / 2))


@attrs.frozen
class _Held:
    token: AccessToken
    due: datetime | None


class KeptToken:
    """A cached token. Reading and replacing it are each atomic, so readers need no lock."""

    def __init__(self, clock: Clock = now) -> None:
        """Create an empty cache."""
        self._clock = clock
        self._held: _Held | None = None

    @property
    def token(self) -> AccessToken | None:
        """The cached token, even if it has expired."""
        held = self._held
        return held.token if held else None

    def fresh(self) -> AccessToken | None:
        """Return the token, or None if it is due for replacement."""
        held = self._held
        return held.token if held and (held.due is None or self._clock() < held.due) else None

    def valid(self) -> AccessToken | None:
        """Return the token, or None if it has expired, as far as is known."""
        token = self.token
        if token is None or (token.expires_at is not None and token.expires_at <= self._clock()):
            return None
        return token

    def keep(self, token: AccessToken, obtained: datetime) -> None:
        """Cache a token with the time at which it was obtained."""
        self._held = _Held(token, due_at(token, obtained))

    def fall_back(self, error: Exception) -> AccessToken | None:
        """Return the cached token if it is still valid, and log the failure to replace it.

        The next attempt to replace the token is delayed by a few seconds.
        """
        token = self.valid()
        if token is None or token.expires_at is None:
            return token
        self._held = _Held(token, min(token.expires_at, self._clock() + _QUIET))
        _LOG.warning("no new access token, using the current one until %s: %s", token.expires_at, _error_text(error))
        return token

    def forget(self) -> None:
        """Discard the token."""
        self._held = None


def _error_text(error: Exception) -> str:
    """Return the message of a failure for logs. Only this package's errors are known to contain no secrets."""
    return str(error) if isinstance(error, AuthError) else type(error).__name__


class TokenKeeper:
    """Cache of the token that a function obtains; the function runs in one thread at a time."""

    def __init__(self, fetch: Callable[[], AccessToken], clock: Clock = now) -> None:
        """Create an empty cache; `fetch` obtains a new token."""
        self._fetch = fetch
        self._clock = clock
        self._kept = KeptToken(clock)
        self._changes = 0
        """How often `put` and `forget` were called."""
        self._renew()
        on_fork(self, TokenKeeper._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._guard = threading.Lock()
        """Keeps the token and `_changes` consistent; unlike the other lock, not held while a token is obtained."""

    def peek(self) -> AccessToken | None:
        """Return the token if it is fresh, or, while another thread replaces it, as long as it is valid."""
        return self._kept.valid() if self._lock.locked() else self._kept.fresh()

    def valid(self) -> AccessToken | None:
        """Return the token, or None if it has expired, as far as is known."""
        return self._kept.valid()

    def get(self, *, refresh: bool = False) -> AccessToken:
        """Return a valid token, obtaining a new one if necessary.

        Args:
            refresh: Whether the service rejected the current token.

        Raises:
            AuthError: There is no valid token, and none can be obtained.
        """
        if not refresh and (token := self.peek()) is not None:
            return token
        seen = self._kept.token
        with self._lock:
            if refresh and self._kept.token is seen:
                self._kept.forget()
            token = self._kept.fresh()
            return token if token is not None else self._replaced()

    def put(self, token: AccessToken, obtained: datetime) -> None:
        """Cache a token that was obtained in another way, instead of that of a replacement in progress."""
        with self._guard:
            self._changes += 1
            self._kept.keep(token, obtained)

    def forget(self) -> None:
        """Discard the token, and that of a replacement in progress, which may wait for a user to sign in."""
        with self._guard:
            self._changes += 1
            self._kept.forget()

    def _replaced(self) -> AccessToken:
        obtained, changes = self._clock(), self._changes
        try:
            token = self._fetch()
        except Exception as error:
            with self._guard:
                present = self._kept.fall_back(error)
            if present is None:
                raise
            return present
        with self._guard:
            if self._changes == changes:
                self._kept.keep(token, obtained)
        return token
