"""The hub as an ASGI application.

Paths: `/` and `/hub` the status page, `/imodels` the iModels API, `/itwins` and `/accesscontrol` small parts of the
iTwins and Access Control APIs, `/webhooks` the webhook subscriptions, `/storage` the blobs, `/connect` and
`/.well-known` the OpenID provider.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from anyio.to_thread import run_sync
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, NoMatchFound
from starlette.types import Receive, Scope, Send

from itwin_imodels_hub.api import access_control, errors, itwins, routes, webhooks
from itwin_imodels_hub.api.context import Services
from itwin_imodels_hub.api.dispatch import Api, error_response
from itwin_imodels_hub.api.operations import Operation
from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity import identity_routes
from itwin_imodels_hub.page import HubPage
from itwin_imodels_hub.serving.cross_origin import CrossOrigin
from itwin_imodels_hub.serving.perimeter import KnownHosts, TrustedProxies
from itwin_imodels_hub.store.database import DatabaseBusyError

_logger = logging.getLogger(__name__)


class Site:
    """The HTTP application of a hub.

    Attributes:
        api: The iModels API; its `interceptor` is called before each operation.
        page: The status page.
    """

    def __init__(self, hub: Hub) -> None:
        """Create the application of a hub."""
        self._hub = hub
        self._services = Services(
            settings=hub.settings,
            clock=hub.clock,
            ids=hub.ids,
            blobs=hub.blobs,
            links=hub.links,
            key=hub.key,
            empty_imodel=hub.empty_imodel,
            checkpoints=hub.checkpoints,
            wake_event_sender=hub.event_sender.wake,
        )
        self.api = self._api("/imodels", routes.OPERATIONS)
        self.page = HubPage(hub.store, hub.clock, hub.settings)

    def application(self, extra_routes: Sequence[BaseRoute] = (), middleware: Sequence[Middleware] = ()) -> Starlette:
        """Return the ASGI application; its shutdown closes the hub.

        Args:
            extra_routes: Additional routes, which take precedence over the others.
            middleware: Additional middleware; it receives only permitted requests.
        """
        hub = self._hub

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            hub.start()
            yield
            await run_sync(hub.close)

        application = Starlette(
            routes=[
                *extra_routes,
                *(self.page.routes() if hub.settings.page else ()),
                PrefixMount("/imodels", self.api),
                PrefixMount("/itwins", self._api("/itwins", itwins.OPERATIONS)),
                PrefixMount(access_control.PREFIX, self._api(access_control.PREFIX, access_control.OPERATIONS)),
                PrefixMount("/webhooks", self._api("/webhooks", webhooks.OPERATIONS)),
                Mount("/storage", routes=hub.storage_routes),
                *identity_routes(hub.store, hub.clock, hub.settings, hub.key),
            ],
            middleware=[
                Middleware(TrustedProxies, hub.settings),
                Middleware(KnownHosts, hub.settings),
                Middleware(CrossOrigin, hub.settings),
                *middleware,
            ],
            exception_handlers={
                404: _unknown,
                405: _unknown,
                OSError: _disk_full,
                DBAPIError: _disk_full,
                DatabaseBusyError: _database_busy,
            },
            lifespan=lifespan,
        )
        application.router.redirect_slashes = False
        return application

    def _api(self, prefix: str, operations: Sequence[Operation]) -> Api:
        return Api(prefix, operations, self._services, self._hub.store, self._hub.jobs)


class PrefixMount(BaseRoute):
    """A mount that passes the full path to its application."""

    def __init__(self, prefix: str, app: Api) -> None:
        """Mount `app` at `prefix`."""
        self._prefix = prefix
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match HTTP requests for the prefix and everything below it."""
        path = scope.get("path", "")
        matches = scope["type"] == "http" and (path == self._prefix or path.startswith(f"{self._prefix}/"))
        return (Match.FULL if matches else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> None:  # type: ignore[override]
        """Raise `NoMatchFound`: the route builds no URLs."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the application."""
        await self._app(scope, receive, send)


async def _disk_full(_: Request, error: Exception) -> Response:
    """Respond if the disk is full in a request outside the API; re-raise all other errors."""
    if not is_disk_full(error):
        raise error
    return error_response(errors.disk_full())


async def _database_busy(request: Request, error: Exception) -> Response:
    """Respond to a request outside the API whose change waited too long for another one."""
    _logger.warning("%s %s: %s", request.method, request.url.path, error)
    return error_response(errors.database_busy())


async def _unknown(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return error_response(errors.unknown_address() if status == 404 else errors.method_not_allowed([]))  # noqa: PLR2004
