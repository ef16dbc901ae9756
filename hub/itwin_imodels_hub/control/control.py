"""What a test can do to a hub that no client of the service could."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from itwin_imodels_hub.control import snapshots
from itwin_imodels_hub.control.faults import Faults
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.seeding import SeedIModel, default_itwin, plant
from itwin_imodels_hub.control.traffic import RequestLog
from itwin_imodels_hub.events.registering import NewWebhook, put_webhook
from itwin_imodels_hub.identity import NewUser, create_user
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.records import CheckpointRecord, DeliveryRecord
from itwin_imodels_hub.store.versions import checkpoints_of
from itwin_imodels_hub.store.webhooks import all_deliveries


class Control:
    """Power over a hub.

    Attributes:
        clock: The hub's clock: set, advance, stop, resume.
        faults: What shall go wrong.
        log: The requests that the hub received.
    """

    def __init__(self, hub: Hub) -> None:
        """Control a hub."""
        self._hub = hub
        self.clock = hub.clock
        self.faults = Faults()
        self.log = RequestLog()

    def advance(self, by: timedelta) -> None:
        """Let time pass, and do the background work and send the events that are due by then."""
        self.clock.advance(by)
        self._finish_due()

    def set_time(self, moment: datetime) -> None:
        """Go to an aware time, and do the background work and send the events that are due by then."""
        self.clock.set(moment)
        self._finish_due()

    def create_imodel(self, seed: SeedIModel) -> str:
        """Put an iModel into the hub as it shall be, and give its id.

        Raises:
            SeedError: It cannot be.
        """
        return plant(self._hub, seed)

    def checkpoints(self, imodel_id: str) -> Sequence[CheckpointRecord]:
        """List the checkpoints of an iModel by changeset; `failure` says why one failed.

        Raises:
            KeyError: There is no such iModel.
        """
        with self._hub.store.reading() as connection:
            imodel = imodel_by_id(connection, imodel_id)
            if imodel is None:
                raise KeyError(imodel_id)
            return checkpoints_of(connection, imodel.number)

    def create_user(self, user: NewUser) -> str:
        """Make a user and give a token that never expires.

        Raises:
            ValueError: There is one of this name or address.
        """
        with self._hub.store.writing() as connection:
            create_user(connection, user)
        return user.token

    def create_webhook(self, webhook: NewWebhook) -> str:
        """Have events sent to an address from now on, and give the webhook's id."""
        with self._hub.store.writing() as connection:
            put_webhook(connection, webhook, self.clock.now())
        self._hub.courier.notice()
        return webhook.id

    @property
    def deliveries(self) -> Sequence[DeliveryRecord]:
        """What was or is to be told to webhooks, in the order of the events."""
        with self._hub.store.reading() as connection:
            return all_deliveries(connection)

    def reset(self) -> str:
        """Empty the hub but for its first users and an iTwin, forget faults and log, and give the iTwin's id."""
        snapshots.reset(self._hub)
        self.faults.clear()
        self.log.clear()
        return default_itwin(self._hub)

    def dump(self, target: Path) -> None:
        """Write all that the hub holds into a file."""
        snapshots.dump(self._hub, target)

    def load(self, source: Path) -> None:
        """Put the hub into the state that was dumped.

        Raises:
            SnapshotError: The file is not a dump of this version.
        """
        snapshots.load(self._hub, source)

    def _finish_due(self) -> None:
        self._hub.jobs.finish_due()
        self._hub.courier.run_due()
