"""Waits have the correct length, and never exceed the limit. These tests wait in real time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from tests.behaviour.helpers.control import HubControl


def test_a_wait_beyond_the_deadline_is_not_begun(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """If the service requests a longer wait, the error is raised immediately, with the requested wait."""
    control.answer(429, {"error": {"code": "TooManyRequests"}}, headers={"retry-after": "61"}, times=2)
    begun = time.monotonic()
    with pytest.raises(errors.RateLimited, match="after 61 seconds") as caught:
        client.imodels.get(imodel_id)
    assert time.monotonic() - begun < 30
    assert (caught.value.retry_after, len(control.requests)) == (61, 1)


def test_no_attempt_begins_after_the_deadline(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """However many attempts are allowed."""
    control.answer(500, times=100)
    policy = RetryPolicy(attempts=20, first_wait=1, longest_wait=1, deadline=0.5)
    with pytest.raises(errors.ServerError):
        client.with_options(retry=policy).imodels.get(imodel_id)
    assert len(control.requests) < 20


def in_two_seconds() -> str:
    """Return a time two seconds from now in the format of a header, which has whole seconds."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)


@pytest.mark.parametrize("after", [lambda: "1", in_two_seconds], ids=["seconds", "date"])
def test_the_service_is_given_the_time_it_asks_for(
    client: IModelsClient, control: HubControl, imodel_id: str, after: Callable[[], str]
) -> None:
    """The client waits at least as long as `Retry-After` requests."""
    control.answer(503, headers={"retry-after": after()})
    begun = time.monotonic()
    client.with_options(retry=RetryPolicy(first_wait=0.1)).imodels.get(imodel_id)
    assert time.monotonic() - begun >= 1
    assert len(control.requests) == 2
