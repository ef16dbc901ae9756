"""Which errors leave the outcome unknown, and when something was created by the service's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from itwin_imodels import errors
from itwin_imodels._core.lost_answers import TimeSpan, is_lost, note_on_lost_answer

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
DATE = "Mon, 04 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (errors.ConnectionFailed("reset"), True),
        (errors.RequestTimeout("no answer"), True),
        (errors.ConnectionFailed("refused", reached=False), False),
        (errors.ServerError(operation="x", status=500), True),
        (errors.ServerError(operation="x", status=504), True),
        (errors.ServerError(operation="x", status=503), True),
        (errors.ServerError(operation="x", status=503, retry_after=1), False),
        (errors.ApiError(operation="x", status=408), True),
        (errors.RateLimited(operation="x", status=429), False),
        (errors.AlreadyExists(operation="x", status=409), False),
        (errors.UnexpectedResponse("not JSON"), False),
    ],
    ids=repr,
)
def test_a_lost_answer(error: Exception, *, lost: bool) -> None:
    """A rejection is a response, and so is a request to retry later."""
    assert is_lost(error) == lost


def test_the_time_span_of_a_request() -> None:
    """It begins with the request and ends now, with some tolerance."""
    span = TimeSpan.until(DATE, 60.0)
    assert span is not None
    inside = [NOW - timedelta(seconds=61), NOW, NOW + timedelta(seconds=2)]
    outside = [NOW - timedelta(seconds=65), NOW + timedelta(minutes=1)]
    assert [span.contains(each) for each in inside + outside] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Mon, 04 May 2026 12:00:00 -0000",
        "Mon, 99 May 2026 12:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 04 May 2026 12:00:00 +99999999999999",
    ],
)
def test_no_time_span_without_a_time(date: str | None) -> None:
    """Without times, new and existing entities cannot be distinguished."""
    assert TimeSpan.until(date, 1.0) is None


def test_the_note_always_says_what_to_do() -> None:
    """This includes operations without a specific note."""
    assert "on iModel 7, although no response confirmed it: check the current state before" in note_on_lost_answer(
        "x.y", "iModel 7", ""
    )
