"""The shared state of the provider endpoints."""

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import field, frozen
from starlette.requests import Request

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.origin import origin_of
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.identity.choosing import may_choose_user
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.database import Database


@frozen(kw_only=True)
class Provider:
    """The parts of a hub that its identity endpoints use.

    Attributes:
        database: Database with users, sign-ins and tokens.
        clock: Clock of the hub.
        settings: Settings of the hub.
        secret: Secret of the hub.
    """

    database: Database
    clock: Clock
    settings: HubSettings
    secret: bytes = field(repr=False)

    @contextmanager
    def transaction(self, request: Request, *, writing: bool = True) -> Iterator[Transaction]:
        """Open the transaction of a request; changes are committed at the end of the block.

        Args:
            request: The request.
            writing: Whether the request may change data.
        """
        with self.database.writing() if writing else self.database.reading() as connection:
            yield Transaction(
                connection=connection,
                settings=self.settings,
                secret=self.secret,
                now=self.clock.now(),
                issuer=origin_of(request),
                may_choose_user=may_choose_user(request, self.settings),
            )
