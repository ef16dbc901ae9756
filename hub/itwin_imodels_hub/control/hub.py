"""All components of a hub, opened in order and closed together."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.data_folder import DataFolder
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs import IN_FOLDER, SignedLinks, blobs_in_folder
from itwin_imodels_hub.blobs.azure_account.settings import AzureStorage
from itwin_imodels_hub.events.registering import NewWebhook, ensure_webhooks
from itwin_imodels_hub.events.sender import EventSender
from itwin_imodels_hub.identity import DEFAULT_USERS, Credentials, NewUser
from itwin_imodels_hub.store.blob_place import keep_blobs_in
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.work.background import Background
from itwin_imodels_hub.work.baselines import make_empty
from itwin_imodels_hub.work.checkpoint_blocks import CheckpointBlocks
from itwin_imodels_hub.work.checkpoints import Checkpoints
from itwin_imodels_hub.work.jobs import Jobs
from itwin_imodels_hub.work.tasks import Tasks
from itwin_imodels_hub.work.workspace import Workspace


class Hub:
    """All components of a hub.

    Attributes:
        settings: Settings of the hub.
        users: Users that a new hub starts with.
        credentials: Permanent tokens and secrets of the users.
        folder: Data folder, for everything outside the database and the blob storage.
        webhooks: Configured webhooks, besides those that users register.
        clock: Clock of the hub.
        ids: Generator of ids.
        store: Database.
        blobs: Blob storage.
        links: Creates links to blobs.
        storage_routes: Routes below `/storage` that serve the links; empty if an external storage serves them.
        key: Secret for links and tokens.
        checkpoints: Creates checkpoints.
        jobs: Background work.
        event_sender: Sends events.
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
        database: str | None = None,
        upgrade: bool = False,
        storage: AzureStorage | None = None,
        webhooks: Sequence[NewWebhook] | None = None,
        demo_credentials: bool = True,
        check_database: bool = False,
    ) -> None:
        """Open a hub.

        Args:
            settings: Settings; None means the defaults.
            data_dir: Data folder, created if missing; None uses a temporary folder that `close` deletes.
            clock: Clock; None is the real time.
            ids: Generator of ids; None generates random ids.
            signing_key: Secret for links and tokens; None uses the one in the data folder.
            users: Users to create if the hub has none yet.
            database: Database URL, `postgresql+psycopg://user:password@host:port/name`; None is a SQLite file in the
                data folder. Hubs on the same database and folder are one hub, in any number of processes.
            upgrade: Whether to upgrade tables of an older version; requires that no other process uses the folder.
            storage: Blob storage; None is the data folder.
            webhooks: Webhooks of the hub, besides those that users register; None leaves the stored ones unchanged.
            demo_credentials: Whether predictable tokens and secrets of users are valid; False revokes them.
            check_database: Whether to check all pages of a SQLite file first.

        Raises:
            AzureStorageError: The storage account is not configured correctly.
            DatabaseError: The database cannot be used or is damaged.
            StorageUnavailableError: The storage account cannot be reached or rejects the key.
            FilesElsewhereError: The hub was created with a storage other than `storage`.
            ValueError: The storage does not support the link format.
            FolderInUseError: Another hub has locked the data folder.
            SchemaVersionError: The database belongs to another version of the hub, or to another application.
        """
        self.settings = settings or HubSettings()
        self.users = tuple(users)
        self.webhooks = tuple(webhooks or ())
        self.clock = clock or Clock()
        self.ids = ids or Ids()
        durable = self.settings.durable and data_dir is not None
        with ExitStack() as stack:
            folder = data_dir or Path(stack.enter_context(TemporaryDirectory(prefix="imodels-hub-")))
            self.folder = folder
            if upgrade and database is not None:
                _upgrade_on_server(folder, database)
            self._folder = DataFolder(folder, shared=database is not None)
            stack.callback(self._folder.release)
            if database is None:
                self.store = Database.in_file(
                    self._folder.database, durable=durable, upgrade=upgrade, check=check_database
                )
            else:
                self.store = Database.on_server(database, durable=durable)
            stack.callback(self.store.close)
            self.key = signing_key or self._folder.key()
            self.credentials = Credentials(self.key, self.users, demo=demo_credentials)
            if storage is None:
                links = SignedLinks(self.key, self.clock.now, self.settings.storage_type, self.settings.storage_account)
                files = blobs_in_folder(
                    self._folder.blobs, links, now=self.clock.now, durable=durable, shared=self.store.shared
                )
            else:
                files = stack.enter_context(storage.opened(self.settings.storage_type))
            self.blobs, self.links, self.storage_routes = files.store, files.links, files.routes
            with self.store.setting_up(), self.store.writing() as connection:
                self.credentials.ensure(connection)
                keep_blobs_in(connection, files.place, default=IN_FOLDER)
                if webhooks is not None:
                    ensure_webhooks(connection, self.webhooks, self.clock.now())
            workspace = Workspace(self._folder.work)
            stack.callback(workspace.close)
            self._opened = stack.pop_all()
        background = Background()
        self.checkpoints = self._checkpoints(workspace, background)
        delay = self.settings.clone_completion_delay
        tasks = Tasks(self.store, self.blobs, self.checkpoints, self.empty_imodel, clone_completion_delay=delay)
        self.jobs = Jobs(self.store, self.clock, tasks, background)
        self.event_sender = EventSender(self.store, self.clock, self.settings)

    def empty_imodel(self) -> Path:
        """Return the baseline file of empty iModels."""
        return self.settings.empty_imodel_file or make_empty(self._folder.empty_imodel)

    def _checkpoints(self, workspace: Workspace, background: Background) -> Checkpoints:
        blocks = CheckpointBlocks(
            self.blobs,
            background.check,
            block_size=self.settings.checkpoint_block_size,
            id_size=self.settings.checkpoint_id_size,
        )
        return Checkpoints(self.blobs, blocks, workspace, background.check, forms=self.settings.checkpoint_forms)

    def start(self) -> None:
        """Start the threads of background work and event delivery."""
        self.jobs.start()
        self.event_sender.start()

    def close(self) -> None:
        """Stop background work and event delivery and release the data folder; a temporary folder is deleted."""
        self.jobs.stop()
        self.event_sender.stop()
        self._opened.close()


def _upgrade_on_server(folder: Path, database: str) -> None:
    """Upgrade the tables while no other process of the hub uses the folder."""
    alone = DataFolder(folder)
    try:
        Database.on_server(database, upgrade=True).close()
    finally:
        alone.release()
