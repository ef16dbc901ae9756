"""The value of the Authorization header, whatever kind of authentication a client was given."""

import asyncio
import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import NoReturn

from itwin_imodels.auth._errors import LoginRequired
from itwin_imodels.auth._keeping import Clock, KeptToken, now
from itwin_imodels.auth._tokens import AccessToken, AuthLike, ShareKey, TokenSource, token_of
from itwin_imodels.errors import AuthError

__all__ = ["Authorization"]

_ASYNC_ONLY = "auth is an async function; use it with AsyncIModelsClient, or give a function that is not async"


class Authorization(ABC):
    """Gives the value of the Authorization header of each request."""

    @staticmethod
    def of(auth: AuthLike | None, *, clock: Clock = now) -> "Authorization":
        """Read what a client was given as `auth`.

        Args:
            auth: See `AuthLike`; None sends no header.
            clock: Gives the present time.

        Raises:
            TypeError: It is none of what is taken.
            ValueError: It is a text that cannot be a token.
        """
        if auth is None:
            return _Fixed(None)
        if isinstance(auth, ShareKey):
            return _Fixed(f"Basic {auth.key}")
        if isinstance(auth, str | AccessToken):
            return _Fixed(_bearer(token_of(auth, "auth")))
        if isinstance(auth, type):
            raise TypeError(f"auth must be an object, not the class {auth.__name__}")
        if isinstance(auth, TokenSource):
            return _FromSource(auth)
        if callable(auth):
            return _FromFunction(auth, clock)
        raise TypeError(
            "auth must be a token, a function that gives one, ClientCredentials, AuthorizationCode, ShareKey or "
            f"another source of tokens, not {type(auth).__name__}"
        )

    @property
    @abstractmethod
    def can_refresh(self) -> bool:
        """Whether another value may come when the service refuses the present one."""

    @abstractmethod
    def header(self, *, refresh_of: str | None = None) -> str | None:
        """Give the value; this may wait for a server.

        Args:
            refresh_of: The value that the service has just refused. When it is still the present one, another is got.

        Raises:
            AuthError: No token can be got.
            TypeError: It takes an event loop to get one, or what came is no token.
        """

    @abstractmethod
    async def aheader(self, *, refresh_of: str | None = None) -> str | None:
        """Give the value, without holding up the event loop.

        Args:
            refresh_of: As in `header`.

        Raises:
            AuthError: No token can be got.
            TypeError: What came is no token.
        """


class _Fixed(Authorization):
    """Always the same."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    @property
    def can_refresh(self) -> bool:
        return False

    def header(self, *, refresh_of: str | None = None) -> str | None:  # noqa: ARG002 - there is no other value
        return self._value

    async def aheader(self, *, refresh_of: str | None = None) -> str | None:  # noqa: ARG002 - as above
        return self._value


class _Turn:
    """One at a time, be it a thread or a task of any event loop. The others wait for its end, then look again.

    They are not given what the one got: a function may give each caller a token of its own. But when our own error
    ended the turn, it ends theirs as well; otherwise each would find out for itself, one after the other.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._under_way: Future[None] | None = None

    def begin(self) -> Future[None] | None:
        """Take the turn, or give what its end can be awaited with."""
        with self._guard:
            if self._under_way is not None:
                return self._under_way
            self._under_way = Future()
            self._under_way.set_running_or_notify_cancel()  # from now on nobody who waits can cancel it
            return None

    def __enter__(self) -> None:
        """Use the turn that was taken."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End it."""
        with self._guard:
            ended, self._under_way = self._under_way, None
        if ended is None:
            return
        if isinstance(error, AuthError):
            ended.set_exception(error)
        else:
            ended.set_result(None)


class _Fetched(Authorization):
    """Values that have to be got from somewhere, now and then."""

    def __init__(self) -> None:
        self._turn = _Turn()

    @property
    def can_refresh(self) -> bool:
        return True

    @abstractmethod
    def _peek(self) -> AccessToken | None: ...

    @abstractmethod
    def _got(self, refresh_of: str | None) -> str: ...

    @abstractmethod
    async def _agot(self, refresh_of: str | None) -> str: ...

    def _in_turn(self, refresh_of: str | None) -> bool:  # noqa: ARG002 - subclasses decide by it
        return True

    def header(self, *, refresh_of: str | None = None) -> str:
        while (header := self._at_hand(refresh_of)) is None:
            if not self._in_turn(refresh_of):
                return self._got(refresh_of)
            ahead = self._turn.begin()
            if ahead is None:
                with self._turn:
                    return self._at_hand(refresh_of) or self._got(refresh_of)
            try:
                ahead.result()
            except AuthError as error:
                _again(error)
        return header

    async def aheader(self, *, refresh_of: str | None = None) -> str:
        while (header := self._at_hand(refresh_of)) is None:
            if not self._in_turn(refresh_of):
                return await self._agot(refresh_of)
            ahead = self._turn.begin()
            if ahead is None:
                with self._turn:
                    return self._at_hand(refresh_of) or await self._agot(refresh_of)
            try:
                await asyncio.wrap_future(ahead)
            except AuthError as error:
                _again(error)
        return header

    def _at_hand(self, refresh_of: str | None) -> str | None:
        token = self._peek()
        header = _bearer(token) if token else None
        return None if header == refresh_of else header


class _FromSource(_Fetched):
    """Tokens of a source, which keeps them itself."""

    def __init__(self, source: TokenSource) -> None:
        super().__init__()
        self._source = source

    def _peek(self) -> AccessToken | None:
        return self._source.peek()

    def _got(self, refresh_of: str | None) -> str:
        header = self._asked(refresh=False)
        return self._asked(refresh=True) if header == refresh_of else header

    async def _agot(self, refresh_of: str | None) -> str:
        return await asyncio.to_thread(self._got, refresh_of)

    def _asked(self, *, refresh: bool) -> str:
        token: object = self._source.get_token(refresh=refresh)
        if not isinstance(token, AccessToken):
            _drop(token)
            raise TypeError(f"get_token of auth must give an AccessToken, not {type(token).__name__}")
        return _bearer(token)


class _FromFunction(_Fetched):
    """Tokens that a function gives; kept only where their end is known.

    Where it is not, the function is asked for each request: it may give each thread or task a token of its own.
    """

    def __init__(self, function: Callable[[], object], clock: Clock) -> None:
        super().__init__()
        self._function = function
        self._clock = clock
        self._kept = KeptToken(clock)
        self._each_time = False
        call = type(function).__call__
        self._is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)

    def header(self, *, refresh_of: str | None = None) -> str:
        if self._is_async:
            raise TypeError(_ASYNC_ONLY)
        return super().header(refresh_of=refresh_of)

    def _peek(self) -> AccessToken | None:
        return self._kept.fresh()

    def _in_turn(self, refresh_of: str | None) -> bool:
        return refresh_of is not None or not self._each_time

    def _got(self, refresh_of: str | None) -> str:
        obtained = self._clock()
        try:
            given = self._function()
        except Exception as error:  # noqa: BLE001 - raised again, unless there is a token in spite of it
            return self._present(error, refresh_of)
        if inspect.isawaitable(given):
            _drop(given)
            raise TypeError(_ASYNC_ONLY)
        return self._taken(given, obtained)

    async def _agot(self, refresh_of: str | None) -> str:
        obtained = self._clock()
        try:
            given = self._function() if self._is_async else await asyncio.to_thread(self._function)
            if inspect.isawaitable(given):
                given = await given
        except Exception as error:  # noqa: BLE001 - raised again, unless there is a token in spite of it
            return self._present(error, refresh_of)
        return self._taken(given, obtained)

    def _present(self, error: Exception, refresh_of: str | None) -> str:
        token = self._kept.instead(error)
        if token is None or _bearer(token) == refresh_of:
            raise error
        return _bearer(token)

    def _taken(self, given: object, obtained: datetime) -> str:
        token = token_of(given, "what the function given as auth returns")
        self._each_time = token.expires_at is None
        if not self._each_time:
            self._kept.keep(token, obtained)
        return _bearer(token)


def _drop(given: object) -> None:
    """Leave a coroutine that cannot be run here, without a warning that it never was."""
    if inspect.iscoroutine(given):
        given.close()


def _again(error: AuthError) -> NoReturn:
    """Raise another's error as one's own: an exception belongs to one thread."""
    kind = LoginRequired if isinstance(error, LoginRequired) else AuthError
    raise kind(*error.args) from error.__cause__


def _bearer(token: AccessToken) -> str:
    return f"Bearer {token.value}"
