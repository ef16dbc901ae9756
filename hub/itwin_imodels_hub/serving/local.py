"""A hub in this process, for tests, demos and work without a network."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs.azure_account.settings import AzureStorage
from itwin_imodels_hub.control.api import control_routes
from itwin_imodels_hub.control.control import Control
from itwin_imodels_hub.control.faults import FaultMiddleware
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.seeding import DEMO, default_itwin, plant, read_seeds
from itwin_imodels_hub.control.snapshots import reset
from itwin_imodels_hub.control.traffic import LoggingMiddleware
from itwin_imodels_hub.events.registering import NewWebhook
from itwin_imodels_hub.identity import DEFAULT_USERS, NewUser, token_of
from itwin_imodels_hub.page import Activity
from itwin_imodels_hub.serving.app import Site
from itwin_imodels_hub.serving.http_server import Server
from itwin_imodels_hub.serving.workers import Workers, WorkerTask
from itwin_imodels_hub.store.itwins import all_itwins
from itwin_imodels_hub.store.users import add_token, all_users, user_by_name


class LocalHub:
    """The iModels API on a port of this machine.

    Example:
        ```python
        with LocalHub() as hub:
            print(hub.base_url, hub.token(), hub.itwin_id)
        ```

    Attributes:
        hub: What it is made of.
        control: What only a test can do.
    """

    def __init__(  # noqa: PLR0913 - each is one choice of the caller
        self,
        data_dir: Path | None = None,
        *,
        seed: str | Path | None = None,
        settings: HubSettings | None = None,
        users: Sequence[NewUser] = DEFAULT_USERS,
        storage: AzureStorage | None = None,
        webhooks: Sequence[NewWebhook] | None = None,
        clock: Clock | None = None,
        ids: Ids | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        control: bool = True,
        database: str | None = None,
        upgrade: bool = False,
        workers: int = 1,
        listener: socket.socket | None = None,
    ) -> None:
        """Open a hub and bind its port; it serves after `start`, or inside `with`.

        Args:
            data_dir: Where it keeps everything; None keeps nothing beyond its end.
            seed: `"demo"`, a TOML file with iModels, or nothing; planted where the hub has no iTwin yet.
            settings: Its settings.
            users: Its users, where it has none yet.
            storage: Where its files are; by default in its folder.
            webhooks: Who hears of its events, beside those that users register; None leaves that as it is.
            clock: Its clock; real time by default.
            ids: Its source of ids; random by default.
            host: Interface to listen on.
            port: Port; 0 picks a free one.
            control: Whether the control API under `/_hub/` is served.
            database: Where the state is, `postgresql+psycopg://user:password@host:port/name`; by default a SQLite file
                in the folder. Hubs on the same database and folder are one hub.
            upgrade: Whether tables that an older version made are brought to the newest form.
            workers: How many processes serve. Several need a database, and know neither the control API nor a clock
                and ids of their own, which are kept by one process.
            listener: A socket that is listened on already, in place of host and port.

        Raises:
            AzureStorageError: The account is not named as it must be.
            DatabaseError: The database cannot be used.
            FilesElsewhereError: The files of the hub are in another place than `storage`.
            FolderInUseError: Another hub works on the folder.
            OSError: The port is taken, or a file cannot be read.
            SchemaVersionError: The database is of another version of the hub.
            SeedError: The seed does not make sense.
            StorageUnavailableError: The account cannot be reached, or refuses the key.
            ValueError: The choices exclude each other, or the form of the links is not one of the storage.
        """
        if workers != 1:
            given = {"control": control, "clock": clock, "ids": ids, "listener": listener}
            _check_workers(workers, database, [name for name, value in given.items() if value])
        self._process = os.getpid()
        self.hub = Hub(
            settings,
            data_dir,
            clock=clock,
            ids=ids,
            users=users,
            webhooks=webhooks,
            database=database,
            upgrade=upgrade,
            storage=storage,
        )
        self._site = Site(self.hub)
        self._server: Server | Workers
        try:
            self.control = Control(self.hub)
            self._prepare(seed)
            if workers == 1:
                application, end = self._application(control=control), self._site.page.end
                self._server = Server(application, host=host, port=port, listener=listener, ending=end)
            else:
                self._server = Workers(partial(self._task, database or "", storage), workers, host=host, port=port)
        except BaseException:
            self.hub.close()
            raise

    @property
    def url(self) -> str:
        """Where the hub is, without a path."""
        return self._server.url

    @property
    def base_url(self) -> str:
        """Where the API begins: what a client of it is given."""
        return f"{self.url}/imodels"

    @property
    def page_url(self) -> str | None:
        """Where the hub shows itself; None where the settings say that it does not."""
        return f"{self.url}/" if self.hub.settings.page else None

    @property
    def itwin_id(self) -> str:
        """The hub's first iTwin."""
        return default_itwin(self.hub)

    @property
    def tokens(self) -> dict[str, str]:
        """A token of each user, by short name."""
        with self.hub.store.reading() as connection:
            return {user.name: token_of(user.name) for user in all_users(connection)}

    def token(self, user: str | None = None) -> str:
        """Give a token that never expires.

        Args:
            user: Short name; the first user by default.

        Raises:
            KeyError: There is no such user.
        """
        tokens = self.tokens
        return tokens[user] if user is not None else next(iter(tokens.values()))

    def expiring_token(self, user: str, lifetime: timedelta) -> str:
        """Give a token of a user that expires.

        Raises:
            KeyError: There is no such user.
        """
        token = self.hub.ids.new()
        with self.hub.store.writing() as connection:
            found = user_by_name(connection, user)
            if found is None:
                raise KeyError(user)
            add_token(connection, token, found, self.hub.clock.now() + lifetime)
        return token

    def start(self) -> Self:
        """Begin to serve in a thread.

        Raises:
            RuntimeError: It does not start.
        """
        self.hub.start()
        try:
            self._server.start()
        except BaseException:
            self.hub.close()
            raise
        return self

    def stop(self) -> None:
        """Finish the requests under way and close the hub. A forked child cannot stop the hub of its parent."""
        if os.getpid() != self._process:
            return
        self._server.stop()
        self.hub.close()

    def end_soon(self) -> None:
        """Begin to end what `run` serves, from any thread and from the handler of a signal."""
        if isinstance(self._server, Server):
            self._server.end_soon()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve in the foreground until interrupted, then close the hub.

        Args:
            announce: Called once, when requests are taken.
        """
        self.hub.start()
        try:
            self._server.run(announce)
        finally:
            self.hub.close()

    def __enter__(self) -> Self:
        """Begin to serve."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _prepare(self, seed: str | Path | None) -> None:
        with self.hub.store.setting_up():
            with self.hub.store.reading() as connection:
                fresh = not all_itwins(connection)
            if fresh:
                self._plant(seed)

    def _plant(self, seed: str | Path | None) -> None:
        imodels = (DEMO if seed == "demo" else read_seeds(Path(seed))) if seed else ()
        try:
            default_itwin(self.hub)
            for imodel in imodels:
                plant(self.hub, imodel)
        except BaseException:
            reset(self.hub)  # so that the next start plants the mended seed
            raise

    def _task(self, database: str, storage: AzureStorage | None, descriptor: int) -> WorkerTask:
        return WorkerTask(
            folder=self.hub.folder,
            database=database,
            storage=storage,
            settings=self.hub.settings,
            users=self.hub.users,
            descriptor=descriptor,
        )

    def _application(self, *, control: bool) -> ASGIApp:
        self._site.page.activity = Activity(self.control.log, self.control.faults if control else None)
        application = self._site.application(control_routes(self.control) if control else ())
        return LoggingMiddleware(FaultMiddleware(application, self.control.faults), self.control.log)


def _check_workers(workers: int, database: str | None, given: Sequence[str]) -> None:
    """Refuse what several processes cannot do."""
    if workers < 1:
        raise ValueError(f"{workers} workers cannot serve; give 1 or more")
    if database is None:
        raise ValueError("several workers need a database on a server (--database); a SQLite file is for one process")
    if sys.platform == "win32":  # pragma: no cover - not where the tests run
        raise ValueError("several workers cannot share a port on Windows")
    if given:
        what = "the control API (--control)" if given[0] == "control" else f"'{given[0]}'"
        raise ValueError(f"{what} is of one process; leave it out, or serve with one worker")
