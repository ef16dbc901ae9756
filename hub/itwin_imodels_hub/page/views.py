"""The pages: how their URLs are parsed, and which sections they have."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, Protocol, Self
from urllib.parse import urlencode

from attrs import NOTHING, evolve, fields, frozen
from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.page import lines
from itwin_imodels_hub.page.sections import Activity, PendingFaults, RequestLine, Requests
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.store import reports
from itwin_imodels_hub.store.imodels import imodel_by_id

REQUESTS: Final = 20
IMODELS: Final = 20
ITWINS: Final = 30
_NUMBER = re.compile(r"[0-9]{1,9}")
_SEARCH_LENGTH = 255


@frozen(kw_only=True)
class Source:
    """The source of stored sections."""

    connection: Connection
    settings: HubSettings
    now: datetime


class View(Protocol):
    """A page; equal views show the same content."""

    template: ClassVar[str]

    @property
    def path(self) -> str:
        """The path of the page, without query."""

    @property
    def events(self) -> str:
        """The path of the event stream, which accepts the same query."""

    def address(self, **changes: object) -> str:
        """Return the URL of the page with changed parameters."""

    def stored_sections(self, source: Source) -> Mapping[str, object] | None:
        """Return the sections from the database, or None if the page no longer exists."""

    def transient_sections(self, activity: Activity, /) -> Mapping[str, object]:
        """Return the sections that are not stored, about the activity of this process."""


@frozen(kw_only=True)
class Overview:
    """The overview page: iModels, latest requests, faults.

    Attributes:
        origin: Origin of the hub as the reader sees it.
        search: Text that the name or description of an iModel must contain.
        itwin: iTwin of the iModels; empty for all.
        sort: `name`, or `activity` for most recently changed first.
        page: Page of the list.
    """

    template: ClassVar[str] = "overview.html"
    path: ClassVar[str] = "/"
    events: ClassVar[str] = "/hub/events"

    origin: str
    search: str = ""
    itwin: str = ""
    sort: str = "activity"
    page: int = 1

    @classmethod
    def from_query(cls, origin: str, query: QueryParams) -> Self:
        """Parse the parameters in a query; ignore invalid ones."""
        return cls(
            origin=origin,
            search=query.get("search", "").replace("\0", "").strip()[:_SEARCH_LENGTH],
            itwin=parse_uuid(query.get("itwin", "")) or "",
            sort="name" if query.get("sort") == "name" else "activity",
            page=_natural(query, "page") or 1,
        )

    def address(self, **changes: object) -> str:
        """Return the URL of the page with changed parameters."""
        return _address(evolve(self, **changes))  # type: ignore[arg-type] # the templates pass valid names

    def stored_sections(self, source: Source) -> Mapping[str, object]:
        """Return the sections from the database."""
        return {
            "itwins": tuple(reports.busiest_itwins(source.connection, ITWINS + 1)),
            "imodels": reports.imodels_by_page(
                source.connection,
                search=self.search,
                itwin_id=self.itwin,
                by_name=self.sort == "name",
                page=self.page,
                size=IMODELS,
            ),
        }

    def transient_sections(self, activity: Activity) -> Mapping[str, object]:
        """Return the latest requests, and the faults if the control API is served."""
        requests = activity.log.requests
        shown = tuple(
            RequestLine(method=each.method, path=each.path, status=each.status, seconds=each.seconds)
            for each in requests[: -REQUESTS - 1 : -1]
        )
        values: dict[str, object] = {"requests": Requests(lines=shown, total=len(requests))}
        if activity.faults is not None:
            values["faults"] = PendingFaults(faults=tuple(activity.faults.waiting))
        return values


@frozen(kw_only=True)
class OneIModel:
    """The page of an iModel.

    Attributes:
        origin: Origin of the hub as the reader sees it.
        imodel_id: Id of the iModel.
        changesets: Index of the newest changeset to list; None for the newest of all.
        versions: Page of the Named Versions.
        checkpoints: Page of the checkpoints.
        briefcases: Page of the briefcases.
        locks: Page of the locks.
        briefcase: Briefcase whose locks to list; None for all.
        groups: Page of the changeset groups.
    """

    template: ClassVar[str] = "imodel.html"

    origin: str
    imodel_id: str
    changesets: int | None = None
    versions: int = 1
    checkpoints: int = 1
    briefcases: int = 1
    locks: int = 1
    briefcase: int | None = None
    groups: int = 1

    @classmethod
    def from_query(cls, origin: str, imodel_id: str, query: QueryParams) -> Self:
        """Parse the parameters in a query; ignore invalid ones."""
        return cls(
            origin=origin,
            imodel_id=imodel_id,
            changesets=_natural(query, "changesets"),
            versions=_natural(query, "versions") or 1,
            checkpoints=_natural(query, "checkpoints") or 1,
            briefcases=_natural(query, "briefcases") or 1,
            locks=_natural(query, "locks") or 1,
            briefcase=_natural(query, "briefcase"),
            groups=_natural(query, "groups") or 1,
        )

    @property
    def path(self) -> str:
        """The path of the page, without query."""
        return f"/hub/imodels/{self.imodel_id}"

    @property
    def events(self) -> str:
        """The path of the event stream."""
        return f"{self.path}/events"

    def address(self, **changes: object) -> str:
        """Return the URL of the page with changed parameters."""
        return _address(evolve(self, **changes))  # type: ignore[arg-type] # as above

    def stored_sections(self, source: Source) -> Mapping[str, object] | None:
        """Return the sections from the database, or None if the iModel does not exist."""
        connection = source.connection
        imodel = imodel_by_id(connection, self.imodel_id)
        if imodel is None:
            return None
        return {
            "summary": lines.summary(connection, imodel),
            "timeline": lines.timeline(connection, imodel),
            "changesets": lines.changeset_lines(connection, imodel, self.changesets),
            "versions": lines.version_lines(connection, imodel, self.versions),
            "checkpoints": lines.checkpoint_lines(connection, imodel, self.checkpoints),
            "briefcases": lines.briefcase_lines(connection, imodel, self.briefcases),
            "locks": lines.lock_lines(connection, imodel, self.briefcase, self.locks),
            "groups": lines.group_lines(connection, imodel, self.groups, source.settings, source.now),
        }

    def transient_sections(self, _: Activity) -> Mapping[str, object]:
        """Return no sections: all are stored."""
        return {}


def _natural(query: QueryParams, name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else None


def _address(view: Overview | OneIModel) -> str:
    """Return the URL of a page without parameters that have default values."""
    choices = [each for each in fields(type(view)) if each.default is not NOTHING]
    pairs = {each.name: value for each in choices if (value := getattr(view, each.name)) != each.default}
    return f"{view.path}?{urlencode(pairs)}" if pairs else view.path
