"""The age of briefcases if the clocks of the service and of this machine differ."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from itwin_imodels._workflows.stale import earlier_now

HOURS = timedelta(hours=7)


@pytest.mark.parametrize(("ahead", "earlier"), [(-HOURS, -HOURS), (timedelta(0), timedelta(0)), (HOURS, timedelta(0))])
def test_the_earlier_clock_counts(ahead: timedelta, earlier: timedelta) -> None:
    """A new briefcase is not old because this machine is ahead of the service, or the service of this machine."""
    before = datetime.now(UTC)
    found = earlier_now(format_datetime(before + ahead, usegmt=True))
    assert before + earlier - timedelta(seconds=1) <= found <= datetime.now(UTC) + earlier + timedelta(seconds=5)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Tue, 01 Dec 2026 10:00:00"])
def test_without_a_date_this_machine_counts(date: str | None) -> None:
    """This includes dates without a time zone."""
    before = datetime.now(UTC)
    assert before <= earlier_now(date) <= datetime.now(UTC)
