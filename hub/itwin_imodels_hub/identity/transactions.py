"""What a request is answered with."""

from datetime import datetime

from attrs import field, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.basis.settings import HubSettings


@frozen(kw_only=True)
class Transaction:
    """A transaction and what holds during it.

    Attributes:
        connection: The transaction in the database.
        settings: The hub's settings.
        secret: The hub's secret.
        now: The present time.
        issuer: Scheme and host that were called: what the provider calls itself.
    """

    connection: Connection
    settings: HubSettings
    secret: bytes = field(repr=False)
    now: datetime
    issuer: str
