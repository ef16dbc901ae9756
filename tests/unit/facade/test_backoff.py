"""Waits between attempts are within their bounds, as long as the service requests, and never past a deadline."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels import RetryPolicy
from itwin_imodels._core import backoff
from itwin_imodels._core.backoff import Backoff
from itwin_imodels._core.retrying import backoff_of

attempts = st.integers(1, 2000)
seconds = st.floats(0.01, 1000)
shares = st.floats(0, 1)
waits = st.builds(Backoff, first=seconds, longest=seconds, least=shares, chance=shares.map(lambda share: lambda: share))


@given(waits, attempts)
def test_a_wait_is_within_its_bounds(waits: Backoff, attempt: int) -> None:
    """From its least part to the longest wait, up to what the doubling allows."""
    bound = min(waits.longest, waits.first * 2.0 ** min(attempt - 1, 60))
    assert waits.least * bound <= waits.wait(attempt) * 1.000001
    assert waits.wait(attempt) <= bound * 1.000001


@given(waits, attempts, seconds)
def test_the_service_is_never_asked_before_the_time_it_names(waits: Backoff, attempt: int, asked: float) -> None:
    """The delay after that time is at most the first wait."""
    assert asked <= waits.wait(attempt, asked=asked) <= asked + waits.first


@given(waits, attempts, st.floats(-5, 50), st.none() | seconds)
def test_no_wait_goes_past_a_deadline(waits: Backoff, attempt: int, left: float, asked: float | None) -> None:
    """There is no wait if the deadline has passed, or comes before the time that the service requests."""
    wait = waits.wait_within(left, attempt, asked=asked)
    if left <= 0 or (asked is not None and asked > left):
        assert wait is None
    else:
        assert wait is not None
        assert 0 <= wait <= left


def test_waits_double_up_to_the_longest() -> None:
    """The jitter is at its maximum."""
    unlucky = attrs.evolve(backoff_of(RetryPolicy(first_wait=0.5, longest_wait=3)), chance=lambda: 1.0)
    assert [unlucky.wait(attempt) for attempt in range(1, 6)] == [0.5, 1, 2, 3, 3]


def test_every_named_setting_keeps_clients_apart() -> None:
    """Each setting prevents clients from retrying at the same time, regardless of chance."""
    named = [value for value in vars(backoff).values() if isinstance(value, Backoff)]
    assert len(named) >= 5
    for each in named:
        assert attrs.evolve(each, chance=lambda: 0.0).wait(3) < attrs.evolve(each, chance=lambda: 1.0).wait(3)
