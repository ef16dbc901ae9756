"""The value of the Authorization header, for each form of authentication and with both clients."""

import asyncio
import contextvars
import functools
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from itwin_imodels._auth.authorization import Authorization
from itwin_imodels._core.secrets import Secret
from itwin_imodels.auth import AccessToken, AuthLike, ClientCredentials, LoginRequired, ShareKey
from itwin_imodels.errors import AuthError
from tests.auth.helpers.time import Clock

Ask = Callable[..., str | None]


def revealed(header: Secret | None) -> str | None:
    """Return what a client sends."""
    return None if header is None else header.value


def blocking(authorization: Authorization, refresh_of: str | None = None) -> str | None:
    """Ask as the synchronous client does."""
    return revealed(authorization.header(refresh_of=refresh_of and Secret(refresh_of)))


def in_a_loop(authorization: Authorization, refresh_of: str | None = None) -> str | None:
    """Request tokens as the asynchronous client does, each time in a separate event loop."""
    return revealed(asyncio.run(authorization.aheader(refresh_of=refresh_of and Secret(refresh_of))))


both = pytest.mark.parametrize("ask", [blocking, in_a_loop])


class Source:
    """A custom source, which keeps its token until a refresh is requested."""

    def __init__(self) -> None:
        """Begin without a token."""
        self.token: AccessToken | None = None
        self.asked: list[bool] = []
        self.fault: Exception | None = None

    def get_token(self, *, refresh: bool = False) -> AccessToken:
        """Return a token."""
        self.asked.append(refresh)
        if self.fault:
            raise self.fault
        if self.token is None or refresh:
            self.token = AccessToken(f"token-{len(self.asked)}")
        return self.token

    def peek(self) -> AccessToken | None:
        """Return the token at hand."""
        return self.token


@both
@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (None, None),
        ("abc", "Bearer abc"),
        ("Bearer abc", "Bearer abc"),
        (AccessToken("abc"), "Bearer abc"),
        (ShareKey("abc="), "Basic abc="),
    ],
)
def test_what_is_fixed_stays(auth: AuthLike | None, header: str | None, ask: Ask) -> None:
    """A rejection changes nothing, and the client can detect that."""
    authorization = Authorization.of(auth)
    assert not authorization.can_refresh
    assert ask(authorization) == header
    assert ask(authorization, header) == header


@pytest.mark.parametrize("auth", [b"abc", 5, object(), ["abc"], ClientCredentials])
def test_nonsense_is_refused(auth: object) -> None:
    """The error names the argument."""
    with pytest.raises(TypeError, match=r"^auth must be"):
        Authorization.of(auth)  # type: ignore[arg-type]


@pytest.mark.parametrize("auth", ["", "  ", "Bearer ", "Basic abc", "two words"])
def test_a_text_that_is_no_token_is_refused(auth: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=r"^auth must be a token"):
        Authorization.of(auth)


@both
def test_a_source_is_asked_only_when_it_has_nothing_at_hand(ask: Ask) -> None:
    """It is refreshed only if the rejected value is still the current one."""
    source = Source()
    authorization = Authorization.of(source)
    assert authorization.can_refresh
    assert ask(authorization) == "Bearer token-1"
    assert ask(authorization) == "Bearer token-1"
    assert source.asked == [False]
    assert ask(authorization, "Bearer older") == "Bearer token-1"
    assert source.asked == [False]
    assert ask(authorization, "Bearer token-1") == "Bearer token-3"
    assert source.asked == [False, False, True]


@both
def test_a_source_that_gives_something_else_is_reported(ask: Ask) -> None:
    """This includes a source that is asynchronous by mistake."""

    class Wrong(Source):
        def get_token(self, *, refresh: bool = False) -> AccessToken:
            del refresh
            return "abc"  # type: ignore[return-value]

    class Asynchronous(Source):
        async def get_token(self, *, refresh: bool = False) -> AccessToken:  # type: ignore[override]
            del refresh
            return AccessToken("abc")

    with pytest.raises(TypeError, match=r"^the method get_token of auth must return an AccessToken, not str"):
        ask(Authorization.of(Wrong()))
    with pytest.raises(TypeError, match=r"^the method get_token of auth must return an AccessToken, not coroutine"):
        ask(Authorization.of(Asynchronous()))  # type: ignore[arg-type]  # that is the point


def test_a_loop_is_not_held_up_by_a_source() -> None:
    """It is called in another thread; a cached token needs no thread."""
    threads: list[int] = []

    class Noting(Source):
        def get_token(self, *, refresh: bool = False) -> AccessToken:
            threads.append(threading.get_ident())
            return super().get_token(refresh=refresh)

        def peek(self) -> AccessToken | None:
            threads.append(-threading.get_ident())
            return super().peek()

    authorization = Authorization.of(Noting())
    in_a_loop(authorization)
    assert [each for each in threads if each > 0] != [threading.get_ident()]
    threads.clear()
    in_a_loop(authorization)
    assert threads == [-threading.get_ident()]


def sync_function(given: Callable[[], str | AccessToken]) -> Callable[[], str | AccessToken]:
    """Return a function unchanged."""
    return given


def async_function(given: Callable[[], str | AccessToken]) -> Callable[[], Awaitable[str | AccessToken]]:
    """Return an asynchronous form of a function."""

    async def function() -> str | AccessToken:
        await asyncio.sleep(0)
        return given()

    return function


def bound_async_function(given: Callable[[], str | AccessToken]) -> Callable[[], Awaitable[str | AccessToken]]:
    """Return an asynchronous function with an argument bound."""

    async def function(given: Callable[[], str | AccessToken]) -> str | AccessToken:
        await asyncio.sleep(0)
        return given()

    return functools.partial(function, given)


def hidden_async_function(given: Callable[[], str | AccessToken]) -> Callable[[], Awaitable[str | AccessToken]]:
    """Return a function whose result is awaitable although the function is not asynchronous."""
    coroutine = async_function(given)

    def function() -> Awaitable[str | AccessToken]:
        return coroutine()

    return function


functions = pytest.mark.parametrize(
    ("ask", "form"),
    [
        (blocking, sync_function),
        (in_a_loop, sync_function),
        (in_a_loop, async_function),
        (in_a_loop, bound_async_function),
        (in_a_loop, hidden_async_function),
    ],
)


@functions
def test_a_function_that_gives_text_is_asked_each_time(ask: Ask, form: Callable[..., AuthLike]) -> None:
    """It may return a different token for each caller."""
    tokens = iter(["one", "Bearer two", "three"])
    authorization = Authorization.of(form(lambda: next(tokens)))
    assert authorization.can_refresh
    assert [ask(authorization) for _ in range(3)] == ["Bearer one", "Bearer two", "Bearer three"]


@functions
def test_a_function_that_tells_the_end_is_asked_then(ask: Ask, form: Callable[..., AuthLike], clock: Clock) -> None:
    """It is not called before, unless the service rejects the token."""
    asked: list[None] = []

    def function() -> AccessToken:
        asked.append(None)
        return AccessToken(f"token-{len(asked)}", clock.after(3600))

    authorization = Authorization.of(form(function), clock=clock)
    assert {ask(authorization) for _ in range(3)} == {"Bearer token-1"}
    clock.advance(3540)
    assert ask(authorization) == "Bearer token-2"
    assert ask(authorization, "Bearer token-1") == "Bearer token-2"
    assert ask(authorization, "Bearer token-2") == "Bearer token-3"
    assert len(asked) == 3


@functions
def test_a_failing_function_leaves_a_valid_token_in_use(
    ask: Ask, form: Callable[..., AuthLike], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """Its own error is raised if there is no valid token."""
    answers: list[AccessToken | Exception] = [AccessToken("first", clock.after(3600))]

    def function() -> AccessToken:
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        return answer

    authorization = Authorization.of(form(function), clock=clock)
    assert ask(authorization) == "Bearer first"
    clock.advance(3550)
    answers.append(KeyError("the vault is sealed"))
    assert ask(authorization) == "Bearer first"
    assert "KeyError" in caplog.text
    assert "first" not in caplog.text
    answers.append(KeyError("the vault is sealed"))
    with pytest.raises(KeyError, match="the vault is sealed"):
        ask(authorization, "Bearer first")
    clock.advance(100)
    answers.append(KeyError("the vault is sealed"))
    with pytest.raises(KeyError, match="the vault is sealed"):
        ask(authorization)


@functions
@pytest.mark.parametrize("given", [None, b"abc", 5])
def test_a_function_that_gives_no_token_is_reported(ask: Ask, form: Callable[..., AuthLike], given: object) -> None:
    """The error has the type of the result, not its value."""
    with pytest.raises(
        TypeError, match=f"the return value of the function passed as auth must be a token, not {type(given).__name__}"
    ):
        ask(Authorization.of(form(lambda: given)))


@pytest.mark.parametrize("form", [async_function, bound_async_function, hidden_async_function])
def test_an_async_function_needs_the_async_client(form: Callable[..., AuthLike]) -> None:
    """No coroutine is left unawaited."""
    with pytest.raises(TypeError, match="use AsyncIModelsClient"):
        Authorization.of(form(lambda: "abc")).header()


def test_an_object_can_be_an_async_function() -> None:
    """It is called through `__call__`."""

    class Vault:
        async def __call__(self) -> str:
            return "abc"

    assert in_a_loop(Authorization.of(Vault())) == "Bearer abc"
    with pytest.raises(TypeError, match="use AsyncIModelsClient"):
        Authorization.of(Vault()).header()


@pytest.mark.parametrize("form", [sync_function, async_function])
def test_each_task_gets_the_token_of_its_own_context(form: Callable[..., AuthLike]) -> None:
    """A server that acts for many users must never send one user's token for another."""
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user")
    authorization = Authorization.of(form(lambda: f"token-of-{user.get()}"))

    async def act_for(name: str) -> tuple[str, str | None, str | None]:
        user.set(name)
        first = await authorization.aheader()
        return name, revealed(first), revealed(await authorization.aheader(refresh_of=first))

    async def act_for_all() -> list[tuple[str, str | None, str | None]]:
        return await asyncio.gather(*(act_for(f"user-{number}") for number in range(30)))

    for name, first, again in asyncio.run(act_for_all()):
        assert first == again == f"Bearer token-of-{name}"


class Slow(Source):
    """A source during whose work other threads run."""

    def __init__(self, wait: threading.Event) -> None:
        """Begin without a token."""
        super().__init__()
        self.wait = wait

    def get_token(self, *, refresh: bool = False) -> AccessToken:
        """Return a token after some time."""
        self.wait.wait(0.05)
        return super().get_token(refresh=refresh)


def test_fifty_refused_threads_refresh_once() -> None:
    """All of them get the new token."""
    source = Slow(threading.Event())
    authorization = Authorization.of(source)
    first = authorization.header()
    barrier = threading.Barrier(50)

    def refused(_: int) -> Secret | None:
        barrier.wait()
        return authorization.header(refresh_of=first)

    with ThreadPoolExecutor(50) as pool:
        (again,) = set(pool.map(refused, range(50)))
    assert again != first
    assert source.asked.count(True) == 1


def test_fifty_refused_tasks_in_two_loops_refresh_once() -> None:
    """The loops run at the same time in two threads."""
    source = Slow(threading.Event())
    authorization = Authorization.of(source)
    first = authorization.header()
    barrier = threading.Barrier(2)

    async def refused() -> list[Secret | None]:
        barrier.wait()
        return await asyncio.gather(*(authorization.aheader(refresh_of=first) for _ in range(50)))

    with ThreadPoolExecutor(2) as pool:
        both_loops = [pool.submit(asyncio.run, refused()) for _ in range(2)]
        (again,) = {header for loop in both_loops for header in loop.result()}
    assert again != first
    assert source.asked.count(True) == 1


@pytest.mark.parametrize("fault", [AuthError("the server is down"), LoginRequired("sign in")])
def test_the_failure_of_one_is_the_failure_of_all_who_wait(fault: AuthError) -> None:
    """Otherwise, each would wait for an unavailable server, one after another."""
    source = Slow(threading.Event())
    source.fault = fault
    authorization = Authorization.of(source)
    barrier = threading.Barrier(20)

    def ask(_: int) -> Exception:
        barrier.wait()
        with pytest.raises(type(fault), match=str(fault)) as caught:
            authorization.header()
        return caught.value

    with ThreadPoolExecutor(20) as pool:
        errors = list(pool.map(ask, range(20)))
    assert len(set(map(id, errors))) == 20
    assert len(source.asked) < 20

    async def all_ask() -> list[BaseException | Secret | None]:
        return await asyncio.gather(*(authorization.aheader() for _ in range(20)), return_exceptions=True)

    source.asked.clear()
    assert {type(error) for error in asyncio.run(all_ask())} == {type(fault)}
    assert len(source.asked) < 20


def test_a_cancelled_task_leaves_its_turn_to_others() -> None:
    """This applies to the same event loop and to a later one."""
    answers = [asyncio.CancelledError, "token"]

    async def function() -> AccessToken:
        answer = answers.pop(0)
        if answer is asyncio.CancelledError:
            await asyncio.sleep(60)
        return AccessToken("token")

    authorization = Authorization.of(function)

    async def cancelled() -> Secret | None:
        first = asyncio.create_task(authorization.aheader())
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(authorization.aheader())
        given_up = asyncio.create_task(authorization.aheader())
        await asyncio.sleep(0.01)
        given_up.cancel()
        first.cancel()
        return await waiting

    assert asyncio.run(cancelled()) == Secret("Bearer token")
    answers[:] = ["token"]
    assert in_a_loop(authorization) == "Bearer token"
