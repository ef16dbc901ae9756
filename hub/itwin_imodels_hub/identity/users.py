"""Users of a hub and their credentials.

A new hub has two users with all permissions in every iTwin, unless an iTwin defines other permissions for them. Each
user has an application with the same permissions (`<name>-application`), a token that never expires (`<name>-token`),
and a secret for the token endpoint (`<name>-secret`). These credentials are predictable on purpose: the hub serves one
machine.
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

DEFAULT_ORGANIZATION: Final = "Local Organization"
"""Organization of users for whom none is given."""


def _permissions(names: Iterable[str]) -> frozenset[str]:
    given = frozenset(names)
    if unknown := given - EVERYTHING:
        raise ValueError(f"unknown permissions {', '.join(sorted(unknown))}; known: {', '.join(sorted(EVERYTHING))}")
    return given


@frozen(kw_only=True)
class NewUser:
    """A user to create.

    Attributes:
        name: Short name, from which token, application id and secret are derived.
        given_name: Given name.
        surname: Surname.
        email: E-mail address; None derives it from the names.
        application_name: Name of the application; None derives it from the given name.
        permissions: Permissions in iTwins that define none for the user.
        organization: Organization of the user, which also owns the iTwins that the user creates.
        organization_administrator: Whether the user has all permissions in the iTwins of the organization.
    """

    name: str
    given_name: str
    surname: str
    email: str | None = None
    application_name: str | None = None
    permissions: frozenset[str] = field(default=EVERYTHING, converter=_permissions)
    organization: str = DEFAULT_ORGANIZATION
    organization_administrator: bool = False

    @property
    def address(self) -> str:
        """The e-mail address, explicit or derived."""
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
    """Return the permanent token of a user by short name."""
    return f"{name}-token"


def create_user(connection: Connection, new: NewUser) -> UserRecord:
    """Store a user with token, application and secret; the id is derived from the name.

    Raises:
        ValueError: The name or address is in use, or the database cannot store a value.
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
        organization=new.organization,
    )
    try:
        add_user(connection, user)
    except IntegrityError as error:
        raise ValueError(f"user {new.name}: the name or the address {new.address} is already in use") from error
    except DataError as error:
        raise ValueError(f"user {new.name[:80]!r}: a text is too long or contains NUL") from error
    add_token(connection, new.token, user, None)
    return user


def ensure_users(connection: Connection, users: Sequence[NewUser] = DEFAULT_USERS) -> None:
    """Create users in a hub that has none."""
    if not all_users(connection):
        for new in users:
            create_user(connection, new)
