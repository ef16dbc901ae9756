"""When a failed request is sent again, and after how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels import RetryPolicy
from itwin_imodels._core.retrying import Failure, is_repeatable, retry_after_seconds

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SAFE = ("GET", "PUT", "DELETE")
ACTING = ("POST", "PATCH")
FINAL = (400, 401, 403, 404, 409, 413, 415, 422)
BROKEN = (408, 500, 501, 502, 504, 520, 599)
failures = st.builds(
    Failure,
    status=st.none() | st.integers(200, 599),
    retry_after=st.none() | st.floats(0, 1e6),
    connected=st.booleans(),
)
policies = st.builds(
    RetryPolicy,
    attempts=st.integers(1, 20),
    first_wait=st.floats(0.01, 100),
    longest_wait=st.floats(0.01, 100),
)


@pytest.mark.parametrize("is_idempotent", [False, True])
@pytest.mark.parametrize("method", [*SAFE, *ACTING])
def test_what_never_reached_the_service_is_repeated(method: str, *, is_idempotent: bool) -> None:
    """Whatever it was: nothing has happened there."""
    assert is_repeatable(method, Failure(connected=False), is_idempotent=is_idempotent)


@pytest.mark.parametrize("method", SAFE)
@pytest.mark.parametrize("status", [None, *BROKEN, 429, 503])
def test_a_method_that_may_be_repeated_is_after_passing_failures(method: str, status: int | None) -> None:
    """A broken connection, a timeout, too many requests, a fault of the server."""
    assert is_repeatable(method, Failure(status=status))
    assert is_repeatable(method.lower(), Failure(status=status))


@pytest.mark.parametrize("method", [*SAFE, *ACTING])
@pytest.mark.parametrize("status", FINAL)
def test_a_refusal_is_final(method: str, status: int) -> None:
    """A repetition would get the same response, even if it is safe and the service names a time."""
    assert not is_repeatable(method, Failure(status=status, retry_after=1), is_idempotent=True)


@pytest.mark.parametrize("method", ACTING)
@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (Failure(), False),
        *((Failure(status=status), False) for status in BROKEN),
        *((Failure(status=status, retry_after=1), False) for status in BROKEN),
        (Failure(status=503), False),
        (Failure(status=503, retry_after=0), True),
        (Failure(status=429), True),
        (Failure(status=429, retry_after=3), True),
    ],
)
def test_an_acting_request_is_repeated_only_when_the_service_did_not_act(
    method: str, failure: Failure, *, again: bool
) -> None:
    """It said so by 429, or by 503 with a time; unless the request may be repeated anyway."""
    assert is_repeatable(method, failure) is again
    assert is_repeatable(method, failure, is_idempotent=True)


@settings(deadline=None)
@given(st.sampled_from([*SAFE, *ACTING]), failures)
def test_what_may_be_repeated_may_be_repeated_when_harmless(method: str, failure: Failure) -> None:
    """Knowing that a request is safe never forbids anything."""
    assert is_repeatable(method, failure, is_idempotent=True) or not is_repeatable(method, failure)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("1.5", 1.5),
        ("-1", None),
        ("", None),
        (".", None),
        ("1e3", None),
        ("inf", None),
        ("nan", None),
        ("9" * 400, 315_360_000),
        ("٣", None),
        ("soon", None),
        ("Sat, 31 Jan 2026 12:01:30 GMT", 90),
        ("Saturday, 31-Jan-26 12:01:30 GMT", 90),
        ("Sat, 31 Jan 2026 13:01:30 +0100", 90),
        ("Sat, 31 Jan 2026 11:00:00 GMT", 0),
        ("Sat, 31 Jan 2026 12:01:30 -0000", None),
        ("Sat, 99 Jan 2026 12:01:30 GMT", None),
        ("Sat, 31 Jan 2026 12:01:30 +99999999999999999999", None),
        ("Sat, 31 Jan 99999999999999999999 12:01:30 GMT", None),
        ("Sat, 31 Jan 2026 99999999999999999999:01:30 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 315_360_000),
        ("9" * 5000, 315_360_000),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    """Anything else counts as none, and more than ten years as ten: no clock can wait for longer."""
    assert retry_after_seconds(value, NOW) == seconds


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_a_date_means_the_seconds_until_then(seconds: int) -> None:
    """To the second."""
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after_seconds(date, NOW) == seconds
    for hours in (-7, 0, 7):  # the clock of the service is behind or ahead
        skew = timedelta(hours=hours)
        until, sent = (format_datetime(each + skew, usegmt=True) for each in (NOW + timedelta(seconds=9), NOW))
        assert retry_after_seconds(until, NOW, sent) == 9
    assert retry_after_seconds(date, NOW, "yesterday") == seconds


@settings(deadline=None)
@given(
    st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,25} [A-Z][a-z]{2} \d{1,25} \d+:\d+:\d+ ([+-]\d{0,25}|[A-Z]{0,4})")
)
def test_no_header_breaks_the_client(value: str) -> None:
    """For any text, the result is a finite number of seconds or None."""
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds < float("inf")
