"""The content of page sections: plain values that compare equal unless something visible has changed."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from itwin_imodels_hub.control.faults import Fault, Faults
from itwin_imodels_hub.control.traffic import RequestLog
from itwin_imodels_hub.page.timeline import Picture
from itwin_imodels_hub.store.reports import Amounts, Slice


@frozen
class Activity:
    """Activity of this process outside the database.

    Attributes:
        log: The request log.
        faults: Injected faults; None if the control API is not served.
    """

    log: RequestLog
    faults: Faults | None


@frozen(kw_only=True)
class Person:
    """A user; the name is the id if the user no longer exists."""

    id: str
    name: str


# The overview page.


@frozen(kw_only=True)
class RequestLine:
    """A request in the list."""

    method: str
    path: str
    status: int | None
    seconds: float


@frozen(kw_only=True)
class Requests:
    """The latest requests, newest first."""

    lines: Sequence[RequestLine]
    total: int


@frozen(kw_only=True)
class PendingFaults:
    """The pending injected faults."""

    faults: Sequence[Fault]


# The page of an iModel.


@frozen(kw_only=True)
class Summary:
    """The properties of an iModel and the counts of its contents."""

    id: str
    name: str
    description: str | None
    itwin_id: str
    itwin: str
    state: str
    baseline_state: str
    baseline_size: int
    origin: str | None
    origin_imodel_id: str | None
    created_at: datetime
    creator: Person
    newest_index: int
    last_push_at: datetime | None
    amounts: Amounts


@frozen(kw_only=True)
class Timeline:
    """The chart of the history; `picture` is None before the first push."""

    picture: Picture | None
    pushes: int


@frozen(kw_only=True)
class ChangesetLine:
    """A changeset in the list."""

    index: int
    id: str
    description: str | None
    author: Person
    pushed_at: datetime
    briefcase_id: int
    size: int
    version: str | None


@frozen(kw_only=True)
class WaitingPush:
    """A push that is waiting for its file."""

    briefcase_id: int
    author: Person
    since: datetime


@frozen(kw_only=True)
class Changesets:
    """A page of changesets, newest first, and the indexes at which the adjacent pages begin."""

    lines: Sequence[ChangesetLine]
    total: int
    older: int | None
    newer: int | None
    is_newest: bool
    waiting: WaitingPush | None


@frozen(kw_only=True)
class VersionLine:
    """A Named Version in the list."""

    id: str
    name: str
    description: str | None
    changeset_index: int
    state: str
    created_at: datetime
    creator: Person


@frozen(kw_only=True)
class BriefcaseLine:
    """A briefcase in the list, with its lock counts."""

    id: int
    owner: Person
    device: str | None
    application: str | None
    acquired_at: datetime
    exclusive: int
    shared: int


@frozen(kw_only=True)
class LockLine:
    """A lock in the list."""

    object_id: str
    level: str
    briefcase_id: int
    owner: Person
    device: str | None


@frozen(kw_only=True)
class Locks:
    """A page of locks, of all briefcases or a single one."""

    listing: Slice[LockLine]
    exclusive: int
    shared: int
    briefcase: int | None


@frozen(kw_only=True)
class GroupLine:
    """A changeset group in the list."""

    id: str
    description: str | None
    state: str
    creator: Person
    created_at: datetime
    changesets: int
