"""Push rules: one push at a time, each on top of the newest changeset.

The service documents neither how long a push may wait for its file nor who may replace it. In this hub, a briefcase may
always restart its own push, and another briefcase may replace it after a timeout. Until it is replaced, a late file is
accepted.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from attrs import frozen


@frozen(kw_only=True)
class Waiting:
    """A push that is waiting for its file."""

    changeset_id: str
    briefcase_id: int
    since: datetime


class Start(Enum):
    """The outcome of a request to begin a push."""

    FRESH = auto()
    REPEATED = auto()
    """A repetition of the same push, which keeps its index and gets a new link."""
    IN_PLACE = auto()
    """A push that replaces the pending one."""
    BUSY = auto()
    """A rejected push, because another briefcase is pushing."""


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
    """Return the state of a changeset group; open groups time out at an age that the service does not document."""
    return "timedOut" if state == "inProgress" and now - created_at >= timeout else state
