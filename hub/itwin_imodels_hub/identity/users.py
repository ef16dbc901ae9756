"""Users of a hub and what lets them in.

A new hub has two users, who may do everything in every iTwin unless they are given other permissions there. Each has an
application of the same permissions (`<name>-application`), a token that never expires (`<name>-token`), and a secret
for the token endpoint (`<name>-secret`). These are no secrets: the hub is for one machine.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from attrs import field, frozen
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from itwin_imodels_hub.rules.permissions import EVERYTHING
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import add_token, add_user, all_users, digest


def _permissions(names: Iterable[str]) -> frozenset[str]:
    given = frozenset(names)
    if unknown := given - EVERYTHING:
        raise ValueError(f"unknown permissions {', '.join(sorted(unknown))}; there are {', '.join(sorted(EVERYTHING))}")
    return given


@frozen(kw_only=True)
class NewUser:
    """A user to be made.

    Attributes:
        name: Short name, which token, application and secret are called after.
        given_name: Given name.
        surname: Surname.
        email: Address; by default made of the names.
        application_name: Name of the application; by default made of the given name.
        permissions: What the user may do in iTwins that say nothing of the user.
        organization_administrator: Whether the user may do everything everywhere.
    """

    name: str
    given_name: str
    surname: str
    email: str | None = None
    application_name: str | None = None
    permissions: frozenset[str] = field(default=EVERYTHING, converter=_permissions)
    organization_administrator: bool = False

    @property
    def address(self) -> str:
        """The address, given or made."""
        return self.email or f"{self.given_name}.{self.surname}@example.com".lower().replace(" ", "")

    @property
    def token(self) -> str:
        """The token that never expires."""
        return token_of(self.name)

    @property
    def secret(self) -> str:
        """The secret of the application."""
        return f"{self.name}-secret"

    @property
    def application_id(self) -> str:
        """The id of the application."""
        return f"{self.name}-application"


DEFAULT_USERS: Final = (
    NewUser(name="ada", given_name="Ada", surname="Lindqvist"),
    NewUser(name="grace", given_name="Grace", surname="Okafor"),
)


def token_of(name: str) -> str:
    """Give the token that never expires of the user with a short name."""
    return f"{name}-token"


def create_user(connection: Connection, new: NewUser) -> UserRecord:
    """Store a user with token, application and secret; the id depends on the name alone.

    Raises:
        ValueError: There is one of this name or address.
    """
    user = UserRecord(
        id=str(uuid5(NAMESPACE_DNS, f"{new.name}.example.com")),
        name=new.name,
        email=new.address,
        given_name=new.given_name,
        surname=new.surname,
        application_id=new.application_id,
        application_name=new.application_name or f"{new.given_name}'s Application",
        secret_hash=digest(new.secret),
        permissions=sorted(new.permissions),
        organization_administrator=new.organization_administrator,
    )
    try:
        add_user(connection, user)
    except IntegrityError as error:
        raise ValueError(f"user {new.name}: there is one of this name or address {new.address}") from error
    except DataError as error:
        raise ValueError(
            f"user {new.name[:80]!r}: the database does not take a text that is so long, or NUL"
        ) from error
    add_token(connection, new.token, user, None)
    return user


def ensure_users(connection: Connection, users: Sequence[NewUser] = DEFAULT_USERS) -> None:
    """Make users in a hub that has none."""
    if not all_users(connection):
        for new in users:
            create_user(connection, new)
