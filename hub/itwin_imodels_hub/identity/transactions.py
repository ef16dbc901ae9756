"""The context in which a request is processed."""

from datetime import datetime

from attrs import field, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.basis.settings import HubSettings


@frozen(kw_only=True)
class Transaction:
    """A database transaction and its context.

    Attributes:
        connection: The database connection with the open transaction.
        settings: Settings of the hub.
        secret: Secret of the hub.
        now: Current time.
        issuer: Scheme and host of the request; the provider uses it as its issuer.
        may_choose_user: Whether a person may sign in by choosing a user.
    """

    connection: Connection
    settings: HubSettings
    secret: bytes = field(repr=False)
    now: datetime
    issuer: str
    may_choose_user: bool
