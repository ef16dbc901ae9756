"""The input and output of operation handlers."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

from attrs import define, field, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.bodies import Fields, NotJSONError, parse_object
from itwin_imodels_hub.api.queries import Query
from itwin_imodels_hub.api.urls import Storage, Urls
from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs import BlobLinks, BlobStore
from itwin_imodels_hub.rules.permissions import Permission
from itwin_imodels_hub.store.records import ShareRecord, UserRecord
from itwin_imodels_hub.work.checkpoints import Checkpoints

_MAXIMUM_PARAMETERS = 100


@frozen(kw_only=True)
class Services:
    """The components of a hub that handlers use.

    Attributes:
        settings: Settings of the hub.
        clock: Clock of the hub.
        ids: Generator of ids.
        blobs: Blob storage.
        links: Creates links to blobs.
        key: Secret that signs continuation tokens.
        empty_imodel: Returns the baseline file of empty iModels.
        checkpoints: Creates checkpoints.
        wake_event_sender: Tells the event sender that there may be new events.
    """

    settings: HubSettings
    clock: Clock
    ids: Ids
    blobs: BlobStore
    links: BlobLinks
    key: bytes = field(repr=False)
    empty_imodel: Callable[[], Path]
    checkpoints: Checkpoints
    wake_event_sender: Callable[[], None]


@frozen(kw_only=True)
class ApiRequest:
    """A request as received.

    Attributes:
        operation_id: Operation id, as in the URLs of the documentation.
        problem: Top-level message of a 422 response.
        error_code: Error code of a 422 response.
        ignores_media_type: Whether the body is parsed as JSON regardless of its media type.
        path: Path parameters, decoded.
        query: Query string, not decoded.
        headers: Headers, by lower-case name.
        body: Body, truncated if it is oversized.
        oversized: Whether the body exceeds the limit of the operation.
        origin: Scheme and host of the request.
        address: Path of the request, as used in links.
    """

    operation_id: str
    problem: str
    error_code: str
    ignores_media_type: bool
    path: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes
    oversized: bool
    origin: str
    address: str


@frozen(kw_only=True)
class Caller:
    """The caller: a user with an application, or the anonymous holder of a share key."""

    user: UserRecord | None = None
    application_id: str | None = None
    application_name: str | None = None
    share: ShareRecord | None = None


@frozen(kw_only=True)
class ApiResponse:
    """A response: JSON, bytes with a media type, or empty."""

    status: int = 200
    json: Mapping[str, object] | None = None
    content: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str])


NO_CONTENT = ApiResponse(status=204)


@define(kw_only=True)
class Context:
    """One request within its transaction.

    Attributes:
        services: The hub.
        connection: The transaction.
        writing: Whether the transaction may change data.
        request: The request.
        caller: The caller.
        now: Time at which the transaction began.
        after_commit: Functions to call after the commit.
        first_uses: Pairs of iModel number and user id to record in a second transaction, because this one is read-only.
    """

    services: Services
    connection: Connection
    writing: bool
    request: ApiRequest
    caller: Caller
    now: datetime
    after_commit: list[Callable[[], None]] = field(factory=list)
    first_uses: list[tuple[int, str]] = field(factory=list)

    @property
    def settings(self) -> HubSettings:
        """Settings of the hub."""
        return self.services.settings

    @property
    def user(self) -> UserRecord:
        """The calling user; raises ServiceError if the caller only has a share key."""
        if self.caller.user is None:
            raise errors.unauthorized()
        return self.caller.user

    @property
    def list_address(self) -> str:
        """URL of the request without its query."""
        return f"{self.request.origin}{self.request.address}"

    @property
    def urls(self) -> Urls:
        """URLs of entities at the origin of the request."""
        return Urls(f"{self.request.origin}/imodels")

    @property
    def storage(self) -> Storage:
        """Links to blobs at the origin of the request."""
        return Storage(self.services.links, f"{self.request.origin}/storage", self.settings.link_lifetime)

    @property
    def prefers_full(self) -> bool:
        """Whether the caller prefers full entities in lists."""
        preferences = self.request.headers.get("prefer", "").lower().replace(" ", "").split(",")
        return "return=representation" in preferences

    @contextmanager
    def query(self) -> Iterator[Query]:
        """Read the query; unread and repeated parameters are problems.

        Raises:
            ServiceError: The query has too many parameters, or it has problems; the latter is raised at the end of the
                block.
        """
        try:
            pairs = parse_qsl(self.request.query, keep_blank_values=True, max_num_fields=_MAXIMUM_PARAMETERS)
        except ValueError:
            detail = errors.Detail(code="InvalidValue", message="The query has too many parameters.")
            raise self._invalid([detail]) from None
        query = Query(pairs)
        yield query
        query.close()
        self._check(query.problems)

    @contextmanager
    def fields(self, *, optional: bool = False, strict: bool = True) -> Iterator[Fields]:
        """Read the JSON body.

        Args:
            optional: Whether the body may be omitted.
            strict: Whether unread members are problems.

        Raises:
            ServiceError: The body cannot be read as a JSON object, or it has problems; the latter is raised at the end
                of the block.
        """
        fields = Fields(self._members(optional=optional))
        yield fields
        if strict:
            fields.close()
        self._check(fields.problems)

    def _check(self, problems: list[errors.Detail]) -> None:
        if problems:
            raise self._invalid(problems)

    def _invalid(self, problems: list[errors.Detail]) -> errors.ServiceError:
        return errors.invalid_request(self.request.problem, problems, self.request.error_code)

    def _members(self, *, optional: bool) -> dict[str, object]:
        """Parse the body."""
        media_type = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in {"", "application/json"} and not self.request.ignores_media_type:
            raise errors.unsupported_media_type()
        if self.request.oversized:
            raise errors.too_large()
        if not self.request.body.strip():
            if optional:
                return {}
            raise self._invalid([errors.no_body()])
        try:
            return parse_object(self.request.body)
        except NotJSONError:
            raise self._invalid([errors.not_json()]) from None


@frozen
class Access:
    """A caller's permissions on an entity."""

    permissions: frozenset[Permission]

    def require(self, *needed: Permission) -> None:
        """Check that the caller has all these permissions.

        Raises:
            ServiceError: A permission is missing.
        """
        if not self.permissions.issuperset(needed):
            raise errors.insufficient_permissions()

    def has(self, permission: Permission) -> bool:
        """Check whether the caller has a permission."""
        return permission in self.permissions
