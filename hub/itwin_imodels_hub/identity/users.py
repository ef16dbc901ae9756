"""Users of a hub and their credentials.

By default, a new hub has two users with all permissions in every iTwin, unless an iTwin defines other permissions for
them. Each user has an application with the same permissions (`<name>-application`), a token that never expires, and a
secret for the token endpoint; see `credentials`.
"""

import re
from collections.abc import Iterable
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from attrs import Attribute, evolve, field, frozen
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from itwin_imodels_hub.rules.permissions import EVERYTHING, require_known
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import add_token, add_user, digest, find_token

SHORTEST_CREDENTIAL: Final = 8
_CREDENTIAL = re.compile(rf"[\x21-\x7e]{{{SHORTEST_CREDENTIAL},255}}")

DEFAULT_ORGANIZATION: Final = "Local Organization"
"""Organization of users for whom no organization is specified."""


def _permissions(names: Iterable[str]) -> frozenset[str]:
    values = frozenset(names)
    require_known(values, sorted(EVERYTHING))
    return values


def _credential(_: object, attribute: "Attribute[str | None]", value: str | None) -> None:
    if value is not None and not _CREDENTIAL.fullmatch(value):
        raise ValueError(f"{attribute.name}: expected {SHORTEST_CREDENTIAL} to 255 visible ASCII characters")


@frozen(kw_only=True)
class NewUser:
    """A user to create.

    Attributes:
        name: Short name, from which the application id is derived.
        given_name: Given name.
        surname: Surname.
        email: E-mail address; None derives it from the names.
        application_name: Name of the application; None derives it from the given name.
        permissions: Permissions in iTwins that define no permissions for the user.
        organization: Organization of the user, which also owns the iTwins that the user creates.
        organization_administrator: Whether the user has all permissions in the iTwins of the organization.
        token: Token that never expires; None derives one from the secret of the hub.
        secret: Secret of the application; None derives one from the secret of the hub.
    """

    name: str
    given_name: str
    surname: str
    email: str | None = None
    application_name: str | None = None
    permissions: frozenset[str] = field(default=EVERYTHING, converter=_permissions)
    organization: str = DEFAULT_ORGANIZATION
    organization_administrator: bool = False
    token: str | None = field(default=None, repr=False, validator=_credential)
    secret: str | None = field(default=None, repr=False, validator=_credential)

    @property
    def address(self) -> str:
        """The e-mail address, explicit or derived."""
        return self.email or f"{self.given_name}.{self.surname}@example.com".lower().replace(" ", "")

    @property
    def application_id(self) -> str:
        """The id of the application."""
        return f"{self.name}-application"


DEFAULT_USERS: Final = (
    NewUser(name="ada", given_name="Ada", surname="Lindqvist"),
    NewUser(name="grace", given_name="Grace", surname="Okafor"),
)


def demo_token(name: str) -> str:
    """Return the predictable token of a user."""
    return f"{name}-token"


def demo_secret(name: str) -> str:
    """Return the predictable secret of the application of a user."""
    return f"{name}-secret"


DEMO_USERS: Final = tuple(
    evolve(user, token=demo_token(user.name), secret=demo_secret(user.name)) for user in DEFAULT_USERS
)
"""The default users with predictable credentials, for demos and tests on one machine."""


def store_user(connection: Connection, new: NewUser, *, token: str, secret: str) -> UserRecord:
    """Store a user with token, application and secret; the id is derived from the name.

    Raises:
        ValueError: The name, the address or the token is in use, or the database cannot store a value.
    """
    user = UserRecord(
        id=str(uuid5(NAMESPACE_DNS, f"{new.name}.example.com")),
        name=new.name,
        email=new.address,
        given_name=new.given_name,
        surname=new.surname,
        application_id=new.application_id,
        application_name=new.application_name or f"{new.given_name}'s Application",
        secret_hash=digest(secret),
        permissions=sorted(new.permissions),
        organization_administrator=new.organization_administrator,
        organization=new.organization,
    )
    try:
        add_user(connection, user)
    except IntegrityError as error:
        raise ValueError(f"user {new.name}: the name or the address {new.address} is already in use") from error
    except DataError as error:
        raise ValueError(f"user {new.name[:80]!r}: a value is too long or contains NUL") from error
    if find_token(connection, token) is not None:
        raise ValueError(f"user {new.name}: the token belongs to another user")
    add_token(connection, token, user, None)
    return user
