"""A hub in the current process, for tests, demos and offline work."""

import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.full_disks import is_disk_full
from itwin_imodels_hub.basis.hosts import is_loopback
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs.azure_account.settings import AzureStorage
from itwin_imodels_hub.control.access import ControlAccess
from itwin_imodels_hub.control.api import control_routes
from itwin_imodels_hub.control.control import Control
from itwin_imodels_hub.control.demo import plant_demo
from itwin_imodels_hub.control.faults import FaultMiddleware
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.itwin_seeding import SeedITwin, plant_itwin, read_itwins
from itwin_imodels_hub.control.seeding import default_itwin, plant
from itwin_imodels_hub.control.seeds import read_seeds
from itwin_imodels_hub.control.snapshots import reset
from itwin_imodels_hub.control.traffic import LoggingMiddleware
from itwin_imodels_hub.events.registering import NewWebhook
from itwin_imodels_hub.identity import DEFAULT_USERS, DEMO_USERS, NewUser
from itwin_imodels_hub.page import Activity
from itwin_imodels_hub.serving.app import Site
from itwin_imodels_hub.serving.http_server import Server
from itwin_imodels_hub.serving.patience import Patience
from itwin_imodels_hub.serving.workers import Workers, WorkerTask
from itwin_imodels_hub.store import initial_content
from itwin_imodels_hub.store.engines import DatabaseError
from itwin_imodels_hub.store.itwins import all_itwins
from itwin_imodels_hub.store.users import add_token, user_by_name

_DEMO = "demo"


class LocalHub:
    """A local server for the iModels API.

    Example:
        ```python
        with LocalHub() as hub:
            print(hub.base_url, hub.token(), hub.itwin_id)
        ```

    Attributes:
        hub: The components of the hub.
        control: Test controls: time, faults, request log, seeds, snapshots.
    """

    def __init__(  # noqa: PLR0913 - each is one choice of the caller
        self,
        data_dir: Path | None = None,
        *,
        seed: str | Path | None = None,
        settings: HubSettings | None = None,
        users: Sequence[NewUser] = DEFAULT_USERS,
        itwins: Sequence[SeedITwin] = (),
        storage: AzureStorage | None = None,
        webhooks: Sequence[NewWebhook] | None = None,
        clock: Clock | None = None,
        ids: Ids | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        control: bool = False,
        control_files: Path | None = None,
        database: str | None = None,
        upgrade: bool = False,
        check_database: bool = False,
        workers: int = 1,
        listener: socket.socket | None = None,
    ) -> None:
        """Open a hub and bind its port; it serves requests after `start` or inside `with`.

        Args:
            data_dir: Data folder; None uses a temporary folder that is deleted with the hub.
            seed: `"demo"`, a TOML file with iTwins and iModels, or None; applied only if the hub has no iTwin yet. On a
                loopback interface, `"demo"` gives the default users predictable tokens and secrets (`ada-token`, ...).
            settings: Settings; None means the defaults.
            users: Users to create if the hub has none yet.
            itwins: iTwins with roles and members, created if the hub has no iTwin yet, and by each reset; the first is
                `itwin_id`.
            storage: Blob storage; None is the data folder.
            webhooks: Webhooks of the hub, besides those that users register; None leaves the stored ones unchanged.
            clock: Clock; None is the real time.
            ids: Generator of ids; None generates random ids.
            host: Interface to listen on, also accepted as the host of requests. On interfaces other than loopback,
                predictable tokens and secrets are revoked.
            port: Port; 0 picks a free one.
            control: Whether to serve the control API under `/_hub/` to clients that know `control_secret`. The
                attribute `control` is available in any case.
            control_files: Folder from which the control API may read seed files, also in subfolders; None permits none.
            database: Database URL, `postgresql+psycopg://user:password@host:port/name`; None is a SQLite file in the
                data folder. Hubs on the same database and folder are one hub.
            upgrade: Whether to upgrade tables of an older version.
            check_database: Whether to check all pages of a SQLite file first; this reads the whole file. PostgreSQL
                databases are not checked.
            workers: Number of processes that serve. More than one requires `database`, and excludes the control API,
                `clock`, `ids` and `listener`, which belong to one process. Not supported on Windows.
            listener: A listening socket to use instead of host and port.

        Raises:
            AzureStorageError: The storage account is not configured correctly.
            DatabaseError: The database cannot be used or is damaged.
            FilesElsewhereError: The hub was created with storage other than `storage`.
            FolderInUseError: Another hub has locked the data folder.
            OSError: The port is in use, or a file cannot be read.
            SchemaVersionError: The database belongs to another version of the hub, or to another application.
            ITwinSeedError: An iTwin is invalid.
            SeedError: The seed is invalid.
            StorageUnavailableError: The storage account cannot be reached or rejects the key.
            ValueError: Two arguments are mutually exclusive, or the storage does not support the link format.
        """
        if workers != 1:
            options = {"control": control, "clock": clock, "ids": ids, "listener": listener}
            _check_workers(workers, database, [name for name, value in options.items() if value])
        self._process = os.getpid()
        bound = host if listener is None else listener.getsockname()[0]
        local = is_loopback(bound)
        if seed == _DEMO and local and tuple(users) == DEFAULT_USERS:
            users = DEMO_USERS
        with _report_full_disk():
            self.hub = Hub(
                _allow_host(host, settings or HubSettings()),
                data_dir,
                clock=clock,
                ids=ids,
                users=users,
                webhooks=webhooks,
                database=database,
                upgrade=upgrade,
                storage=storage,
                demo_credentials=local,
                check_database=check_database,
            )
        self._site = Site(self.hub)
        self._server: Server | Workers
        try:
            self.control = Control(self.hub, itwins)
            self._access = ControlAccess(files=control_files) if control else None
            with _report_full_disk():
                self._prepare(seed, itwins)
            if workers == 1:
                application, end = self._application(), self._site.page.end
                limits = self.hub.settings
                patience = Patience(header=limits.header_timeout, idle=limits.idle_timeout)
                self._server = Server(
                    application, host=host, port=port, listener=listener, ending=end, patience=patience
                )
            else:
                self._server = Workers(partial(self._task, database or "", storage), workers, host=host, port=port)
        except BaseException:
            self.hub.close()
            raise

    @property
    def url(self) -> str:
        """URL of the hub, without a path."""
        return self._server.url

    @property
    def base_url(self) -> str:
        """Base URL of the API for clients."""
        return f"{self.url}/imodels"

    @property
    def page_url(self) -> str | None:
        """URL of the status page; None if the settings disable it."""
        return f"{self.url}/" if self.hub.settings.page else None

    @property
    def control_secret(self) -> str | None:
        """Bearer token of the control API; None if the hub does not serve it."""
        return self._access.secret if self._access else None

    @property
    def itwin_id(self) -> str:
        """Id of the first iTwin."""
        return default_itwin(self.hub)

    @property
    def tokens(self) -> dict[str, str]:
        """A token of each user, by short name."""
        with self.hub.store.reading() as connection:
            return self.hub.credentials.tokens(connection)

    @property
    def application_secrets(self) -> dict[str, str]:
        """Known secrets of the users' applications, by short name of the user."""
        with self.hub.store.reading() as connection:
            return self.hub.credentials.secrets(connection)

    def token(self, user: str | None = None) -> str:
        """Return a token that never expires.

        Args:
            user: Short name; None is the first user by name.

        Raises:
            ValueError: The user does not exist.
        """
        tokens = self.tokens
        if user is None:
            return next(iter(tokens.values()))
        if user not in tokens:
            raise ValueError(f"unknown user {user!r}: the hub has tokens for {', '.join(tokens)}")
        return tokens[user]

    def expiring_token(self, user: str, lifetime: timedelta) -> str:
        """Return a new token of a user with a limited lifetime.

        Raises:
            ValueError: The user does not exist.
        """
        token = self.hub.ids.new()
        with self.hub.store.writing() as connection:
            record = user_by_name(connection, user)
            if record is None:
                raise ValueError(f"unknown user {user!r}")
            add_token(connection, token, record, self.hub.clock.now() + lifetime)
        return token

    def start(self) -> Self:
        """Start serving in a thread.

        Raises:
            RuntimeError: The server did not start.
        """
        self.hub.start()
        try:
            self._server.start()
        except BaseException:
            self.hub.close()
            raise
        return self

    def stop(self) -> None:
        """Finish running requests and close the hub. Does nothing in a forked child process."""
        if os.getpid() != self._process:
            return
        self._server.stop()
        self.hub.close()

    def end_soon(self) -> None:
        """Ask `run` to shut down, unless there are several workers. Safe to call from any thread or signal handler."""
        if isinstance(self._server, Server):
            self._server.end_soon()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve in the foreground until interrupted, then close the hub.

        Args:
            announce: Called once, when the hub accepts requests.
        """
        self.hub.start()
        try:
            self._server.run(announce)
        finally:
            self.hub.close()

    def __enter__(self) -> Self:
        """Start serving."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and close the hub."""
        self.stop()

    def _prepare(self, seed: str | Path | None, itwins: Sequence[SeedITwin]) -> None:
        with self.hub.store.setting_up():
            with self.hub.store.reading() as connection:
                incomplete = initial_content.is_incomplete(connection)
            if incomplete:
                reset(self.hub)
            with self.hub.store.reading() as connection:
                fresh = not all_itwins(connection)
            if fresh:
                self._plant(seed, itwins)

    def _plant(self, seed: str | Path | None, itwins: Sequence[SeedITwin]) -> None:
        file = Path(seed) if seed and seed != _DEMO else None
        imodels, seeded = (read_seeds(file), read_itwins(file)) if file else ((), ())
        with self.hub.store.writing() as connection:
            initial_content.begin(connection)
        try:
            for itwin in (*itwins, *seeded):
                plant_itwin(self.hub, itwin)
            default_itwin(self.hub)
            for imodel in imodels:
                plant(self.hub, imodel)
            if seed == _DEMO:
                plant_demo(self.hub)
        except BaseException:
            reset(self.hub)  # the next start can then apply a corrected seed
            raise
        with self.hub.store.writing() as connection:
            initial_content.complete(connection)

    def _task(self, database: str, storage: AzureStorage | None, descriptor: int) -> WorkerTask:
        return WorkerTask(
            folder=self.hub.folder,
            database=database,
            storage=storage,
            settings=self.hub.settings,
            users=self.hub.users,
            descriptor=descriptor,
        )

    def _application(self) -> ASGIApp:
        access = self._access
        self._site.page.activity = Activity(self.control.log, self.control.faults if access else None)
        routes = control_routes(self.control, access) if access else ()
        application = self._site.application(routes, [Middleware(FaultMiddleware, self.control.faults)])
        return LoggingMiddleware(application, self.control.log)


@contextmanager
def _report_full_disk() -> Iterator[None]:
    """Convert database errors that are caused by a full disk.

    Raises:
        DatabaseError: The disk is full.
    """
    try:
        yield
    except DBAPIError as error:
        if is_disk_full(error):
            raise DatabaseError("cannot write the database: the disk is full") from error
        raise


def _allow_host(host: str, settings: HubSettings) -> HubSettings:
    """Return settings that allow the name of the interface as a host."""
    if not host or is_loopback(host):
        return settings
    return settings.with_(allowed_hosts=(*settings.allowed_hosts, host))


def _check_workers(workers: int, database: str | None, options: Sequence[str]) -> None:
    """Raise ValueError if the arguments do not support several processes."""
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    if database is None:
        raise ValueError("several workers require a database server (--database); SQLite supports one process only")
    if sys.platform == "win32":  # pragma: no cover - the tests do not run on Windows
        raise ValueError("several workers cannot share a port on Windows")
    if options:
        what = "the control API (--control)" if options[0] == "control" else f"'{options[0]}'"
        raise ValueError(f"{what} requires a single process: omit it or use one worker")
