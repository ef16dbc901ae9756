"""Tokens are kept until shortly before their end, and got anew by one thread at a time."""

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
    """Give the present time."""
    return datetime.now(UTC)


def due_at(token: AccessToken, obtained: datetime) -> datetime | None:
    """When a token should be replaced: a minute before its end, but not before half of its life is over.

    Args:
        token: The token.
        obtained: When it was got.

    Returns:
        The time; None for a token without a known end.
    """
    if token.expires_at is None:
        return None
    return token.expires_at - min(_LEEWAY, max(timedelta(), (token.expires_at - obtained) / 2))


@attrs.frozen
class _Held:
    token: AccessToken
    due: datetime | None


class KeptToken:
    """A token and the rules of its use. Every method is one look or one assignment, so threads need no lock."""

    def __init__(self, clock: Clock = now) -> None:
        """Begin without one."""
        self._clock = clock
        self._held: _Held | None = None

    @property
    def token(self) -> AccessToken | None:
        """What is kept, whether it is still valid or not."""
        held = self._held
        return held.token if held else None

    def fresh(self) -> AccessToken | None:
        """Give the token while it need not be replaced."""
        held = self._held
        return held.token if held and (held.due is None or self._clock() < held.due) else None

    def valid(self) -> AccessToken | None:
        """Give the token while the service takes it, as far as is known."""
        token = self.token
        if token is None or (token.expires_at is not None and token.expires_at <= self._clock()):
            return None
        return token

    def keep(self, token: AccessToken, obtained: datetime) -> None:
        """Keep a token that was got at a time."""
        self._held = _Held(token, due_at(token, obtained))

    def instead(self, error: Exception) -> AccessToken | None:
        """Give the token in place of the one that could not be got, if it is still valid; the failure is logged.

        It is left alone for a moment then.
        """
        token = self.valid()
        if token is None or token.expires_at is None:
            return token
        self._held = _Held(token, min(token.expires_at, self._clock() + _QUIET))
        _LOG.warning("no new access token; the present one is used until %s: %s", token.expires_at, _told(error))
        return token

    def forget(self) -> None:
        """Keep none."""
        self._held = None


def _told(error: Exception) -> str:
    """What a log may say of a failure: our own errors hold no secret, of others nothing is known."""
    return str(error) if isinstance(error, AuthError) else type(error).__name__


class TokenKeeper:
    """Keeps the token that a function gets, which runs in one thread at a time."""

    def __init__(self, fetch: Callable[[], AccessToken], clock: Clock = now) -> None:
        """Keep what `fetch` gives."""
        self._fetch = fetch
        self._clock = clock
        self._kept = KeptToken(clock)
        self._renew()
        on_fork(self, TokenKeeper._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()

    def peek(self) -> AccessToken | None:
        """Give the token that can be used now; while another thread replaces it, until its very end."""
        return self._kept.valid() if self._lock.locked() else self._kept.fresh()

    def valid(self) -> AccessToken | None:
        """Give the token while the service takes it, as far as is known."""
        return self._kept.valid()

    def get(self, *, refresh: bool = False) -> AccessToken:
        """Give a token that can be used now.

        Args:
            refresh: Whether the present one was refused.

        Raises:
            AuthError: There is no valid one, and none can be got.
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
        """Keep a token that was got otherwise."""
        self._kept.keep(token, obtained)

    def forget(self) -> None:
        """Keep none."""
        self._kept.forget()

    def _replaced(self) -> AccessToken:
        obtained = self._clock()
        try:
            token = self._fetch()
        except Exception as error:
            present = self._kept.instead(error)
            if present is None:
                raise
            return present
        self._kept.keep(token, obtained)
        return token
