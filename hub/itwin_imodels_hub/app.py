"""A hub as an ASGI application.

Addresses: `/` a page for people, `/imodels` the API, `/itwins` the little there is of iTwins, `/storage` the files,
`/connect/token` the token endpoint.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

from itwin_imodels_hub.api import errors, itwins, routes
from itwin_imodels_hub.api.context import Services
from itwin_imodels_hub.api.server import Api, error_response
from itwin_imodels_hub.baseline import make_empty
from itwin_imodels_hub.blobs import BlobStore, Links, azure_routes, google_routes
from itwin_imodels_hub.clock import Clock
from itwin_imodels_hub.folder import DataFolder
from itwin_imodels_hub.identity import DEFAULT_USERS, NewUser, TokenEndpoint, ensure_users
from itwin_imodels_hub.ids import Ids
from itwin_imodels_hub.jobs import Jobs
from itwin_imodels_hub.page import HubPage
from itwin_imodels_hub.settings import HubSettings
from itwin_imodels_hub.store.database import Database

_LEFT_OVER = timedelta(days=1)


class Hub:
    """Everything that a hub is made of.

    Attributes:
        settings: Its settings.
        users: The users it has when it is new.
        clock: Its clock.
        ids: Its source of ids.
        store: Its database.
        blobs: Its files.
        links: What makes links to its files.
        jobs: Its background work.
        services: What its operations are given.
        api: The iModels API; its `interceptor` sees each operation first.
        page: What the hub shows of itself.
    """

    def __init__(  # noqa: PLR0913 - each is one choice of the caller
        self,
        settings: HubSettings | None = None,
        data_dir: Path | None = None,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        signing_key: bytes | None = None,
        users: Sequence[NewUser] = DEFAULT_USERS,
    ) -> None:
        """Open a hub.

        Args:
            settings: Its settings.
            data_dir: Where it keeps everything, made when needed; without one in a temporary folder that goes with
                `close`.
            clock: Its clock; real time by default.
            ids: Its source of ids; random by default.
            signing_key: Secret for links and tokens; by default one that is kept in the folder.
            users: Users of a hub that has none yet.

        Raises:
            FolderInUseError: Another hub works on the folder.
            SchemaVersionError: The folder is of another version of the hub.
        """
        self.settings = settings or HubSettings()
        self.users = tuple(users)
        self.clock = clock or Clock()
        self.ids = ids or Ids()
        durable = self.settings.durable and data_dir is not None
        with ExitStack() as stack:
            folder = data_dir or Path(stack.enter_context(TemporaryDirectory(prefix="imodels-hub-")))
            self._folder = DataFolder(folder)
            stack.callback(self._folder.release)
            self.store = Database.in_file(self._folder.database, durable=durable)
            stack.callback(self.store.close)
            self.blobs = BlobStore(self._folder.blobs, now=self.clock.now, durable=durable)
            self.blobs.drop_uncommitted(_LEFT_OVER)
            key = signing_key or self._folder.key()
            self.links = Links(key, self.clock.now, self.settings.storage_type, self.settings.storage_account)
            with self.store.writing() as connection:
                ensure_users(connection, self.users)
            self._opened = stack.pop_all()
        self.jobs = Jobs(self.store, self.blobs, self.clock, self.empty_imodel)
        self.services = Services(
            settings=self.settings,
            clock=self.clock,
            ids=self.ids,
            blobs=self.blobs,
            links=self.links,
            key=key,
            empty_imodel=self.empty_imodel,
        )
        self.api = Api("/imodels", routes.OPERATIONS, self.services, self.store, self.jobs)
        self.page = HubPage(self.store, self.clock, self.settings)

    def empty_imodel(self) -> Path:
        """Give the file that empty iModels begin with."""
        return self.settings.empty_imodel_file or make_empty(self._folder.empty_imodel)

    def close(self) -> None:
        """End the background work and let go of the folder; a temporary one is removed."""
        self.jobs.stop()
        self._opened.close()

    def application(self, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
        """Make the ASGI application; it closes the hub when it ends.

        Args:
            extra_routes: More routes, looked at first.
        """
        storage = azure_routes if self.settings.storage_type == "azure" else google_routes
        token = TokenEndpoint(self.store, self.clock, self.settings)
        itwin_api = Api("/itwins", itwins.OPERATIONS, self.services, self.store, self.jobs)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            self.jobs.start()
            yield
            await run_sync(self.close)

        application = Starlette(
            routes=[
                *extra_routes,
                *(self.page.routes() if self.settings.page else ()),
                Below("/imodels", self.api),
                Below("/itwins", itwin_api),
                Mount("/storage", routes=storage(self.blobs, self.links)),
                Route("/connect/token", _endpoint(token), methods=["POST"]),
            ],
            exception_handlers={404: _unknown, 405: _unknown},
            lifespan=lifespan,
        )
        application.router.redirect_slashes = False
        application.state.hub = self
        return application


class Below(BaseRoute):
    """Leaves an address and everything below it to an application, with the path as it was sent."""

    def __init__(self, prefix: str, app: Api) -> None:
        """Leave `prefix` to `app`."""
        self._prefix = prefix
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is meant."""
        path = scope.get("path", "")
        meant = scope["type"] == "http" and (path == self._prefix or path.startswith(f"{self._prefix}/"))
        return (Match.FULL if meant else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> None:  # type: ignore[override]
        """Build no addresses."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)


def create_app(
    settings: HubSettings | None = None,
    data_dir: Path | None = None,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    signing_key: bytes | None = None,
) -> Starlette:
    """Open a hub and make its ASGI application; see `Hub`. The hub is its `state.hub`."""
    return Hub(settings, data_dir, clock=clock, ids=ids, signing_key=signing_key).application()


def _endpoint(token: TokenEndpoint) -> Callable[[Request], Awaitable[Response]]:
    async def connect_token(request: Request) -> Response:
        return await token(request)

    return connect_token


async def _unknown(_: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return error_response(errors.unknown_address() if status == 404 else errors.method_not_allowed([]))  # noqa: PLR2004
