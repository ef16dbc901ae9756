"""Test controls for a hub, which the real service does not have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from itwin_imodels_hub.control import snapshots
from itwin_imodels_hub.control.faults import Faults
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.itwin_seeding import SeedITwin, plant_itwin
from itwin_imodels_hub.control.seeding import default_itwin, plant
from itwin_imodels_hub.control.seeds import SeedIModel
from itwin_imodels_hub.control.traffic import RequestLog
from itwin_imodels_hub.events.registering import NewWebhook, put_webhook
from itwin_imodels_hub.identity import NewUser
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.records import CheckpointRecord, DeliveryRecord
from itwin_imodels_hub.store.versions import checkpoints_of
from itwin_imodels_hub.store.webhooks import all_deliveries


class Control:
    """The test controls for a hub.

    Attributes:
        clock: Clock of the hub: set, advance, stop, resume.
        faults: Injected faults.
        log: Log of the requests received.
    """

    def __init__(self, hub: Hub, itwins: Sequence[SeedITwin] = ()) -> None:
        """Create the controls of a hub.

        Args:
            hub: The hub.
            itwins: The configured iTwins of the hub, which `reset` creates again.
        """
        self._hub = hub
        self._itwins = tuple(itwins)
        self.clock = hub.clock
        self.faults = Faults()
        self.log = RequestLog()

    def advance(self, by: timedelta) -> None:
        """Advance the clock, then run background work and send events that are now due."""
        self.clock.advance(by)
        self._finish_due()

    def set_time(self, moment: datetime) -> None:
        """Set the clock to a timezone-aware time, then run background work and send events that are now due."""
        self.clock.set(moment)
        self._finish_due()

    def create_imodel(self, seed: SeedIModel) -> str:
        """Create an iModel from a seed and return its id.

        Raises:
            SeedError: The seed is invalid.
        """
        return plant(self._hub, seed)

    def create_itwin(self, seed: SeedITwin) -> str:
        """Create an iTwin from a seed, or add the roles and members of the seed to an iTwin; return its id.

        Raises:
            ITwinSeedError: The seed is invalid.
        """
        return plant_itwin(self._hub, seed)

    def checkpoints(self, imodel_id: str) -> Sequence[CheckpointRecord]:
        """Return the checkpoints of an iModel, sorted by changeset; `failure` is the reason if a checkpoint failed.

        Raises:
            KeyError: The iModel does not exist.
        """
        with self._hub.store.reading() as connection:
            imodel = imodel_by_id(connection, imodel_id.lower())
            if imodel is None:
                raise KeyError(imodel_id)
            return checkpoints_of(connection, imodel.number)

    def create_user(self, user: NewUser) -> str:
        """Create a user and return a token that never expires.

        Raises:
            ValueError: The name, the address or the token is in use.
        """
        with self._hub.store.writing() as connection:
            return self._hub.credentials.create_user(connection, user)

    def create_webhook(self, webhook: NewWebhook) -> str:
        """Add a webhook for future events and return its id."""
        with self._hub.store.writing() as connection:
            put_webhook(connection, webhook, self.clock.now())
        self._hub.event_sender.wake()
        return webhook.id

    @property
    def deliveries(self) -> Sequence[DeliveryRecord]:
        """All past and pending deliveries to webhooks, in the order of the events."""
        with self._hub.store.reading() as connection:
            return all_deliveries(connection)

    def reset(self) -> str:
        """Delete everything except what the configuration contains, and clear faults and log.

        Returns:
            The id of the first configured iTwin, or of a new one if the configuration contains none.
        """
        snapshots.reset(self._hub)
        self.faults.clear()
        self.log.clear()
        for itwin in self._itwins:
            plant_itwin(self._hub, itwin)
        return default_itwin(self._hub)

    def dump(self, target: Path) -> None:
        """Write the state of the hub to a file."""
        snapshots.dump(self._hub, target)

    def load(self, source: Path) -> None:
        """Restore a dumped state.

        Raises:
            SnapshotError: The file is not a snapshot that this version can load; the hub is unchanged.
        """
        snapshots.load(self._hub, source)

    def _finish_due(self) -> None:
        self._hub.jobs.finish_due()
        self._hub.event_sender.run_due()
