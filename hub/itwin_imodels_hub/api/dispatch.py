"""Dispatch of HTTP requests to operations.

First the body is read, within size and time limits; then a transaction is opened in a thread. It is committed before
the response is sent.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.auth import identify
from itwin_imodels_hub.api.context import ApiRequest, ApiResponse, Context, Services
from itwin_imodels_hub.api.errors import ServiceError
from itwin_imodels_hub.api.operations import Directory, Operation
from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.basis.origin import origin_of
from itwin_imodels_hub.blobs import StorageRefusedError, StorageUnavailableError
from itwin_imodels_hub.store.database import Database, DatabaseBusyError, SimultaneousChangeError
from itwin_imodels_hub.store.imodels import connect_user
from itwin_imodels_hub.work.jobs import Jobs

Interceptor = Callable[[str, Request], Awaitable[Response | None]]
"""Called before each operation with the operation id and the request; a returned response replaces the operation."""

_logger = logging.getLogger(__name__)

_WITH_BODY = frozenset({"POST", "PATCH", "PUT"})
_THREADS = 32
_MAX_DRAINED = 64 << 20


class Api:
    """An ASGI application that serves operations below a path prefix."""

    def __init__(
        self, prefix: str, operations: Sequence[Operation], services: Services, database: Database, jobs: Jobs
    ) -> None:
        """Create an application that serves `operations` below `prefix`."""
        self._prefix = prefix
        self._directory = Directory(operations)
        self._services = services
        self._database = database
        self._jobs = jobs
        self._limiter: CapacityLimiter | None = None
        self.interceptor: Interceptor | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except ServiceError as error:
            response = error_response(error)
        except StorageUnavailableError as error:
            _logger.warning("%s %s: %s", request.method, request.url.path, error)
            response = error_response(errors.storage_unavailable())
        except DatabaseBusyError as error:
            _logger.warning("%s %s: %s", request.method, request.url.path, error)
            response = error_response(errors.database_busy())
        except Exception as error:  # noqa: BLE001 - logged
            response = _failed(request, error)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        raw_path = raw_path_of(request.scope).removeprefix(self._prefix)
        operation, path = self._directory.find(request.method, raw_path)
        if self.interceptor is not None and (instead := await self.interceptor(operation.id, request)) is not None:
            return instead
        body, oversized = await self._read(request, operation)
        address = "/".join([self._prefix, *(quote(_unquoted(path, segment), safe="") for segment in operation.path)])
        api_request = ApiRequest(
            operation_id=operation.id,
            problem=operation.problem,
            error_code=operation.error_code,
            ignores_media_type=operation.ignores_media_type,
            path=path,
            query=request.scope["query_string"].decode("latin-1"),
            headers=dict(request.headers),
            body=body,
            oversized=oversized,
            origin=origin_of(request),
            address=address,
        )
        if self._limiter is None:
            self._limiter = CapacityLimiter(_THREADS)
        answer = await run_sync(partial(self.perform, operation, api_request), limiter=self._limiter)
        return response_of(answer)

    def perform(self, operation: Operation, request: ApiRequest) -> ApiResponse:
        """Run an operation in one transaction.

        Raises:
            ServiceError: The operation failed; nothing is changed.
        """
        self._jobs.run_due()

        def handle(connection: Connection) -> tuple[Context, ApiResponse]:
            context = self._context(connection, operation, request)
            return context, operation.handler(context)

        try:
            if operation.writes:
                context, answer = self._database.change(handle)
            else:
                with self._database.reading() as connection:
                    context, answer = handle(connection)
        except SimultaneousChangeError as error:
            _logger.warning("%s conflicted with concurrent changes", operation.id, exc_info=error)
            raise errors.data_conflict("The data was changed by another request at the same time.") from error
        if operation.writes:
            self._jobs.notice()
        for action in context.after_commit:
            _run_cleanup(action)
        if context.first_uses:
            self._record_first_uses(context)
        return answer

    def _record_first_uses(self, context: Context) -> None:
        """Record them if the database can be changed; otherwise a later request does. The operation has succeeded."""

        def record(connection: Connection) -> None:
            for number, user_id in context.first_uses:
                connect_user(connection, number, user_id, context.now)

        try:
            self._database.change(record)
        except (DatabaseBusyError, SimultaneousChangeError, DBAPIError) as error:
            reason = "the disk is full" if is_disk_full(error) else error
            _logger.warning("first uses of iModels were not recorded: %s", reason)

    def _context(self, connection: Connection, operation: Operation, request: ApiRequest) -> Context:
        now = self._services.clock.now()
        caller = identify(connection, request.headers, now, shares=operation.accepts_share_key)
        return Context(
            services=self._services,
            connection=connection,
            writing=operation.writes,
            request=request,
            caller=caller,
            now=now,
        )

    async def _read(self, request: Request, operation: Operation) -> tuple[bytes, bool]:
        """Return the body, up to its limit, and whether it exceeds the limit.

        The excess is discarded up to a further limit, because a client that is still sending may miss the response.
        """
        if operation.method not in _WITH_BODY:
            return b"", False
        settings = self._services.settings
        maximum = settings.thumbnail_bytes if operation.body_is_picture else settings.body_maximum
        content, seen = bytearray(), 0
        with move_on_after(settings.body_timeout.total_seconds()) as deadline:
            async for piece in request.stream():
                seen += len(piece)
                if seen <= maximum:
                    content += piece
                elif seen > _MAX_DRAINED:
                    break
        if deadline.cancelled_caught and seen <= maximum:
            raise errors.too_slow()
        return bytes(content), seen > maximum


def _failed(request: Request, error: Exception) -> Response:
    """Log an internal error of the hub and return the response."""
    if is_disk_full(error):
        _logger.error("%s %s: the disk is full", request.method, request.url.path)
        return error_response(errors.disk_full())
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_response(errors.unexpected())


def _run_cleanup(action: Callable[[], None]) -> None:
    """Run a cleanup after a commit; storage failures are only logged, because the operation has already succeeded."""
    try:
        action()
    except (StorageUnavailableError, StorageRefusedError, OSError) as error:
        _logger.warning("An obsolete blob could not be deleted: %s", error)


def error_response(error: ServiceError) -> Response:
    """Return the response for an error."""
    return response_of(ApiResponse(status=error.status, json=error.body(), headers=error.headers))


def response_of(answer: ApiResponse) -> Response:
    """Convert an `ApiResponse` to an HTTP response."""
    if answer.json is not None:
        content = json.dumps(answer.json, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return Response(content, answer.status, dict(answer.headers), "application/json")
    return Response(answer.content, answer.status, dict(answer.headers), answer.media_type)


def raw_path_of(scope: Scope) -> str:
    """Return the path of a request as sent, percent-encoded."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    return bytes(raw).decode("latin-1").partition("?")[0]


def _unquoted(path: Mapping[str, str], segment: str) -> str:
    return path[segment.strip("{}")] if segment.startswith("{") else segment
