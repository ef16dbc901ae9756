"""Tokens are replaced in time, once, and outlive a server that is down for a moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._auth.keeping import TokenKeeper, due_at
from itwin_imodels.auth import AccessToken
from itwin_imodels.errors import AuthError
from tests.auth.helpers.time import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Server:
    """Returns a new token each time, unless it is set to fail."""

    def __init__(self, clock: Clock, lifetime: float | None = 3600) -> None:
        """Return tokens of a lifetime."""
        self.clock = clock
        self.lifetime = lifetime
        self.asked = 0
        self.fault: Exception | None = None
        self.seen: list[AccessToken | None] = []
        self.keeper: TokenKeeper | None = None

    def __call__(self) -> AccessToken:
        """Return a token."""
        self.asked += 1
        if self.keeper:
            self.seen.append(self.keeper.peek())
        if self.fault:
            raise self.fault
        return AccessToken(f"token-{self.asked}", None if self.lifetime is None else self.clock.after(self.lifetime))


@given(st.floats(min_value=-100, max_value=1e8))
def test_a_token_is_due_a_minute_before_its_end_but_not_before_half_its_life(seconds: float) -> None:
    """This applies to any lifetime, including one that has ended."""
    end = NOON + timedelta(seconds=seconds)
    due = due_at(AccessToken("token", end), NOON)
    assert due is not None
    assert end - timedelta(seconds=60) <= due <= end
    assert due >= min(end, NOON + (end - NOON) / 2 - timedelta(microseconds=1))


def test_a_token_is_kept_until_a_minute_before_its_end(clock: Clock) -> None:
    """No request is sent before."""
    server = Server(clock)
    keeper = TokenKeeper(server, clock)
    assert keeper.peek() is None
    assert keeper.get().value == "token-1"
    clock.advance(3539)
    assert keeper.peek() == keeper.get()
    assert server.asked == 1
    clock.advance(1)
    assert keeper.peek() is None
    assert keeper.get().value == "token-2"


def test_a_short_token_is_kept_for_half_its_life(clock: Clock) -> None:
    """Else it would be replaced all the time."""
    server = Server(clock, lifetime=20)
    keeper = TokenKeeper(server, clock)
    keeper.get()
    clock.advance(9.9)
    keeper.get()
    assert server.asked == 1
    clock.advance(0.1)
    keeper.get()
    assert server.asked == 2


def test_a_token_without_a_known_end_is_kept_until_it_is_refused(clock: Clock) -> None:
    """It is kept for any time."""
    server = Server(clock, lifetime=None)
    keeper = TokenKeeper(server, clock)
    keeper.get()
    clock.advance(1e7)
    assert keeper.get().value == "token-1"
    assert keeper.get(refresh=True).value == "token-2"


def test_a_token_that_has_already_ended_is_given_and_not_kept(clock: Clock) -> None:
    """The service decides, and the server is asked the next time."""
    server = Server(clock, lifetime=0)
    keeper = TokenKeeper(server, clock)
    assert keeper.get().value == "token-1"
    assert keeper.peek() is None
    assert keeper.get().value == "token-2"


@pytest.mark.parametrize(
    ("fault", "text"), [(AuthError("status 503"), "status 503"), (OSError("secret-of-somebody"), "OSError")]
)
def test_a_valid_token_outlives_a_server_that_fails(
    clock: Clock, caplog: pytest.LogCaptureFixture, fault: Exception, text: str
) -> None:
    """It is used until it expires, with a warning; the next request to the server follows after an interval."""
    server = Server(clock)
    keeper = TokenKeeper(server, clock)
    first = keeper.get()
    clock.advance(3550)
    server.fault = fault
    assert keeper.get() is first
    assert keeper.get() is first
    assert server.asked == 2
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert text in record.getMessage()
    assert "token-1" not in caplog.text
    assert "secret-of-somebody" not in caplog.text
    clock.advance(5)
    server.fault = None
    assert keeper.get().value == "token-3"


def test_an_ended_token_does_not_outlive_anything(clock: Clock) -> None:
    """This applies even if the server failed a moment before."""
    server = Server(clock)
    keeper = TokenKeeper(server, clock)
    keeper.get()
    server.fault = AuthError("status 503")
    clock.advance(3598)
    keeper.get()
    clock.advance(2)
    with pytest.raises(AuthError, match="status 503"):
        keeper.get()


def test_a_refused_token_is_gone_when_no_other_can_be_got(clock: Clock) -> None:
    """It would be rejected again."""
    server = Server(clock)
    keeper = TokenKeeper(server, clock)
    keeper.get()
    server.fault = AuthError("status 503")
    with pytest.raises(AuthError):
        keeper.get(refresh=True)
    assert keeper.peek() is None
    server.fault = None
    assert keeper.get().value == "token-3"


def test_fifty_threads_ask_once(clock: Clock) -> None:
    """This applies at the start, and after all tokens were rejected at the same time."""
    server = Server(clock)
    keeper = TokenKeeper(server, clock)
    barrier = threading.Barrier(50)

    def first(_: int) -> str:
        barrier.wait()
        return keeper.get().value

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(first, range(50))) == {"token-1"}
    assert server.asked == 1


def test_the_present_token_is_used_while_it_is_replaced(clock: Clock) -> None:
    """Only the thread that replaces it waits for the server."""
    server = Server(clock)
    keeper = TokenKeeper(server, clock)
    first = keeper.get()
    clock.advance(3550)
    server.keeper = keeper
    assert keeper.get().value == "token-2"
    assert server.seen == [first]


class Waiting:
    """Returns a token only when the test permits it, like a server that waits for a person to sign in."""

    def __init__(self) -> None:
        """Wait."""
        self.begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self) -> AccessToken:
        """Return a token."""
        self.begun.set()
        assert self.may_end.wait(30)
        return AccessToken("late")


@pytest.mark.parametrize("other", [None, AccessToken("other")])
def test_a_token_that_is_still_being_obtained_does_not_count_afterwards(
    clock: Clock, other: AccessToken | None
) -> None:
    """A sign-out or another sign-in waits for nobody, and the token that arrives later is used only once."""
    waiting = Waiting()
    keeper = TokenKeeper(waiting, clock)
    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(keeper.get)
        assert waiting.begun.wait(30)
        change = pool.submit(keeper.forget) if other is None else pool.submit(keeper.put, other, clock())
        try:
            change.result(timeout=10)
        finally:
            waiting.may_end.set()
        assert late.result() == AccessToken("late")
    assert keeper.peek() == other
