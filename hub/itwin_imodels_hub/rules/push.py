"""Pushing changesets: one at a time, each on top of the newest.

How long a push may wait for its file, and who may take its place, is not documented. Here a briefcase may always begin
its own push anew, and anybody may once the time is over; until somebody does, the late file is still welcome.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from attrs import frozen


@frozen(kw_only=True)
class Waiting:
    """A push that waits for its file."""

    changeset_id: str
    briefcase_id: int
    since: datetime


class Start(Enum):
    """What the beginning of a push comes to."""

    FRESH = auto()
    REPEATED = auto()
    """The same push again: it keeps its place and gets a new link."""
    IN_PLACE = auto()
    """The waiting push is given up for this one."""
    BUSY = auto()
    """Somebody else is pushing."""


def begin_push(
    waiting: Waiting | None, changeset_id: str, briefcase_id: int, *, now: datetime, timeout: timedelta
) -> Start:
    """Decide whether a briefcase may begin to push a changeset."""
    if waiting is None:
        return Start.FRESH
    if waiting.briefcase_id == briefcase_id:
        return Start.REPEATED if waiting.changeset_id == changeset_id else Start.IN_PLACE
    return Start.IN_PLACE if now - waiting.since >= timeout else Start.BUSY


def group_state(state: str, created_at: datetime, *, now: datetime, timeout: timedelta) -> str:
    """Tell the state of a changeset group: an open one times out at an age that is not documented."""
    return "timedOut" if state == "inProgress" and now - created_at >= timeout else state
