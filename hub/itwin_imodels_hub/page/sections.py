"""What the sections of the pages show: plain values, equal when nothing changed that a reader would see."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from itwin_imodels_hub.control.faults import Fault, Faults
from itwin_imodels_hub.control.traffic import RequestLog
from itwin_imodels_hub.page.timeline import Picture
from itwin_imodels_hub.store.reports import Amounts, Slice


@frozen
class Activity:
    """What goes on in this process beside the database.

    Attributes:
        log: The requests.
        faults: What shall go wrong; None where the control API is not served.
    """

    log: RequestLog
    faults: Faults | None


@frozen(kw_only=True)
class Person:
    """Somebody, by name; the name is the id where the hub has no such user any more."""

    id: str
    name: str


# The first page.


@frozen(kw_only=True)
class RequestLine:
    """A request in the list."""

    method: str
    path: str
    status: int | None
    seconds: float


@frozen(kw_only=True)
class Requests:
    """The last requests, newest first."""

    lines: Sequence[RequestLine]
    total: int


@frozen(kw_only=True)
class FaultsWaiting:
    """What shall go wrong."""

    faults: Sequence[Fault]


# The page of an iModel.


@frozen(kw_only=True)
class Summary:
    """What an iModel is, and how much it has of everything."""

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
    """The picture of the history; None where there is none yet."""

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
    """A push that waits for its file."""

    briefcase_id: int
    author: Person
    since: datetime


@frozen(kw_only=True)
class Changesets:
    """Changesets, newest first, and where the pages beside this one begin."""

    lines: Sequence[ChangesetLine]
    total: int
    older: int | None
    newer: int | None
    newest: bool
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
    """A briefcase in the list, with the locks that it holds."""

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
    """The locks, all or those of one briefcase."""

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
