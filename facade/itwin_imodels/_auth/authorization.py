"""The value of the Authorization header, for each type of credentials that a client accepts."""

import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from itwin_imodels._auth.errors import LoginRequired
from itwin_imodels._auth.keeping import Clock, KeptToken, now
from itwin_imodels._auth.tokens import AccessToken, AuthLike, ShareKey, TokenSource, token_of
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.forks import on_fork
from itwin_imodels._core.network import Network, network_in_use
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError

__all__ = ["Authorization"]

_ASYNC_ONLY = "auth is an async function: use AsyncIModelsClient, or pass a function that is not async"

T = TypeVar("T")


class Authorization(ABC):
    """Provider of the Authorization header for each request."""

    @staticmethod
    def of(auth: AuthLike | None, *, clock: Clock = now, network: Network | None = None) -> "Authorization":
        """Return the authorization for the `auth` argument of a client.

        Args:
            auth: The credentials; see `AuthLike`. None sends no header.
            clock: Returns the current time.
            network: How to connect to an authorization server, if the credentials do not specify that.

        Raises:
            TypeError: `auth` has an unsupported type.
            ValueError: `auth` is a string that cannot be a token.
        """
        if auth is None:
            return _Fixed(None)
        if isinstance(auth, ShareKey):
            return _Fixed(Secret(f"Basic {auth.key}"))
        if isinstance(auth, str | AccessToken):
            return _Fixed(_bearer(token_of(auth, "auth")))
        if isinstance(auth, type):
            raise TypeError(f"auth must be an instance of {auth.__name__}, not the class itself")
        if isinstance(auth, TokenSource):
            return _FromSource(auth, network or network_in_use())
        if callable(auth):
            return _FromFunction(auth, clock)
        raise TypeError(
            "auth must be a token, a function that returns one, ClientCredentials, AuthorizationCode, DeviceCode, "
            f"ShareKey or another token source, not {type(auth).__name__}"
        )

    @property
    @abstractmethod
    def can_refresh(self) -> bool:
        """Whether another value may be available after the service rejected the current one."""

    def header(self, *, refresh_of: Secret | None = None) -> Secret | None:
        """Return the value. This may block on a request to an authorization server.

        Args:
            refresh_of: The value that the service just rejected. If it is still the current one, a new one is fetched.

        Raises:
            AuthError: No token can be obtained.
            TypeError: An event loop is required to obtain a token, or the result is not a token.
        """
        return _run_blocking(self._value(refresh_of, blocking=True))

    async def aheader(self, *, refresh_of: Secret | None = None) -> Secret | None:
        """Return the value without blocking the event loop.

        Args:
            refresh_of: See `header`.

        Raises:
            AuthError: No token can be obtained.
            TypeError: The result is not a token.
        """
        return await self._value(refresh_of, blocking=False)

    @abstractmethod
    async def _value(self, refresh_of: Secret | None, *, blocking: bool) -> Secret | None:
        """Return the value.

        Args:
            refresh_of: See `header`.
            blocking: Whether to block the thread instead of awaiting.
        """


class _Fixed(Authorization):
    """An authorization that never changes."""

    def __init__(self, value: Secret | None) -> None:
        self._fixed = value

    @property
    def can_refresh(self) -> bool:
        return False

    async def _value(self, refresh_of: Secret | None, *, blocking: bool) -> Secret | None:  # noqa: ARG002 - there is only one value
        return self._fixed


class _Turn:
    """A lock for threads and for tasks of any event loop. Waiters recheck whether a token is available.

    They do not receive the holder's result, since a function may return a different token to each caller. But if the
    holder fails with an `AuthError`, all waiters fail with it; otherwise each of them would run into the same failure
    in turn.
    """

    def __init__(self) -> None:
        self._renew()
        on_fork(self, _Turn._renew)

    def _renew(self) -> None:
        self._guard = threading.Lock()
        self._under_way: Future[None] | None = None

    def begin(self) -> Future[None] | None:
        """Acquire the lock and return None, or return a future that completes when it is released."""
        with self._guard:
            if self._under_way is not None:
                return self._under_way
            self._under_way = Future()
            self._under_way.set_running_or_notify_cancel()  # so that a waiter cannot cancel it
            return None

    def __enter__(self) -> None:
        """Enter the block after `begin` returned None."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Release the lock and wake the waiters."""
        with self._guard:
            ended, self._under_way = self._under_way, None
        if ended is None:
            return
        if isinstance(error, AuthError):
            ended.set_exception(error)
        else:
            ended.set_result(None)


class _Fetched(Authorization):
    """Authorization whose values are fetched and expire."""

    def __init__(self) -> None:
        self._turn = _Turn()

    @property
    def can_refresh(self) -> bool:
        return True

    @abstractmethod
    def _peek(self) -> AccessToken | None: ...

    @abstractmethod
    async def _fetch(self, refresh_of: Secret | None, *, blocking: bool) -> Secret: ...

    def _takes_turns(self, refresh_of: Secret | None) -> bool:  # noqa: ARG002 - used by subclasses
        return True

    async def _value(self, refresh_of: Secret | None, *, blocking: bool) -> Secret:
        while (header := self._available(refresh_of)) is None:
            if not self._takes_turns(refresh_of):
                return await self._fetch(refresh_of, blocking=blocking)
            ahead = self._turn.begin()
            if ahead is None:
                with self._turn:
                    return self._available(refresh_of) or await self._fetch(refresh_of, blocking=blocking)
            try:
                if blocking:
                    ahead.result()
                else:
                    import asyncio  # noqa: PLC0415 - not needed by the synchronous client

                    await asyncio.wrap_future(ahead)
            except AuthError as error:
                _raise_copy(error)
        return header

    def _available(self, refresh_of: Secret | None) -> Secret | None:
        token = self._peek()
        header = _bearer(token) if token else None
        return None if header == refresh_of else header


class _FromSource(_Fetched):
    """Authorization from a token source, which caches its tokens itself."""

    def __init__(self, source: TokenSource, network: Network) -> None:
        super().__init__()
        self._source = source
        self._network = network

    def _peek(self) -> AccessToken | None:
        return self._source.peek()

    async def _fetch(self, refresh_of: Secret | None, *, blocking: bool) -> Secret:
        return self._get(refresh_of) if blocking else await async_blocking(self._get, refresh_of)

    def _get(self, refresh_of: Secret | None) -> Secret:
        header = self._from_source(refresh=False)
        return self._from_source(refresh=True) if header == refresh_of else header

    def _from_source(self, *, refresh: bool) -> Secret:
        with self._network.in_use():
            token: object = self._source.get_token(refresh=refresh)
        if not isinstance(token, AccessToken):
            _drop(token)
            raise TypeError(f"the method get_token of auth must return an AccessToken, not {type(token).__name__}")
        return _bearer(token)


class _FromFunction(_Fetched):
    """Authorization from a function that returns tokens, which are cached only if their expiry is known.

    Otherwise the function is called for each request, since it may return a different token to each thread or task.
    """

    def __init__(self, function: Callable[[], object], clock: Clock) -> None:
        super().__init__()
        self._function = function
        self._clock = clock
        self._kept = KeptToken(clock)
        self._each_time = False
        call = type(function).__call__
        self._is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)

    async def _value(self, refresh_of: Secret | None, *, blocking: bool) -> Secret:
        if blocking and self._is_async:
            raise TypeError(_ASYNC_ONLY)
        return await super()._value(refresh_of, blocking=blocking)

    def _peek(self) -> AccessToken | None:
        return self._kept.fresh()

    def _takes_turns(self, refresh_of: Secret | None) -> bool:
        return refresh_of is not None or not self._each_time

    async def _fetch(self, refresh_of: Secret | None, *, blocking: bool) -> Secret:
        obtained = self._clock()
        try:
            value = self._function() if blocking or self._is_async else await async_blocking(self._function)
            if inspect.isawaitable(value) and not blocking:
                value = await value
        except Exception as error:  # noqa: BLE001 - raised again unless the cached token is still valid
            return self._fall_back(error, refresh_of)
        if blocking and inspect.isawaitable(value):
            _drop(value)
            raise TypeError(_ASYNC_ONLY)
        return self._accept(value, obtained)

    def _fall_back(self, error: Exception, refresh_of: Secret | None) -> Secret:
        token = self._kept.fall_back(error)
        if token is None or _bearer(token) == refresh_of:
            raise error
        return _bearer(token)

    def _accept(self, value: object, obtained: datetime) -> Secret:
        token = token_of(value, "the return value of the function passed as auth")
        self._each_time = token.expires_at is None
        if not self._each_time:
            self._kept.keep(token, obtained)
        return _bearer(token)


def _drop(value: object) -> None:
    """Close a coroutine that cannot be run here, to avoid Python's warning about it."""
    if inspect.iscoroutine(value):
        value.close()


def _run_blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, and return its result."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    coroutine.close()
    raise RuntimeError("a blocking authorization must not suspend")


def _raise_copy(error: AuthError) -> NoReturn:
    """Raise a copy of an error, since an exception must not be shared between threads."""
    kind = LoginRequired if isinstance(error, LoginRequired) else AuthError
    raise kind(*error.args) from error.__cause__


def _bearer(token: AccessToken) -> Secret:
    return Secret(f"Bearer {token.value}")
