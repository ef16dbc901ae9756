"""Users of a hub, their tokens, and the token endpoint.

A new hub has two users, who may do everything in every iTwin unless they are given other permissions there. Each has an
application of the same permissions (`<name>-application`), a token that never expires (`<name>-token`), and a secret
for the token endpoint (`<name>-secret`). These are no secrets: the hub is for one machine.
"""

import logging
import secrets
from collections.abc import Iterable, Sequence
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl
from uuid import NAMESPACE_DNS, uuid5

from anyio import move_on_after
from anyio.to_thread import run_sync
from attrs import field, frozen
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]
from authlib.oauth2.rfc6750 import BearerTokenGenerator  # type: ignore[import-untyped]
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from itwin_imodels_hub.clock import Clock
from itwin_imodels_hub.rules.permissions import EVERYTHING
from itwin_imodels_hub.settings import HubSettings
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import (
    add_token,
    add_user,
    all_users,
    digest,
    drop_expired_tokens,
    user_by_application,
)

SCOPE: Final = "itwin-platform"

_BODY_MAXIMUM = 64 << 10

logging.getLogger("authlib").setLevel(logging.INFO)  # below that it logs the tokens that it gives


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


@frozen
class _Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """An application as Authlib sees it."""

    user: UserRecord

    def get_client_id(self) -> str:
        """Give the application's id."""
        return self.user.application_id

    def get_allowed_scope(self, scope: str | None) -> str:
        """Grant the one scope there is, whatever is asked for along with it."""
        del scope
        return SCOPE

    def check_client_secret(self, secret: str) -> bool:
        """Compare the secret."""
        return bool(compare_digest(digest(secret), self.user.secret_hash or ""))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Allow secrets in the header and in the body."""
        return endpoint == "token" and method in {"client_secret_basic", "client_secret_post"}

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow client credentials."""
        return bool(grant_type == ClientCredentialsGrant.GRANT_TYPE)


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post")


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request as Authlib sees it."""

    def __init__(self, method: str, headers: dict[str, str], form: dict[str, str]) -> None:
        # Authlib insists on TLS, which a service of one machine does without.
        super().__init__(method, "https://localhost/connect/token", headers=headers)
        self.payload = BasicOAuth2Payload(form)
        self._form = form

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Authlib's server on one transaction."""

    def __init__(self, connection: Connection, clock: Clock, settings: HubSettings) -> None:
        super().__init__()
        self._connection = connection
        self._clock = clock
        self._lifetime = settings.token_lifetime
        generator = BearerTokenGenerator(_new_token, expires_generator=int(self._lifetime.total_seconds()))
        self.register_token_generator("default", generator)
        self.register_grant(_Grant)

    def query_client(self, client_id: str) -> _Client | None:
        user = user_by_application(self._connection, client_id)
        return None if user is None else _Client(user)

    def save_token(self, token: dict[str, str], request: _Request) -> None:
        now = self._clock.now()
        drop_expired_tokens(self._connection, now)
        add_token(self._connection, token["access_token"], request.client.user, now + self._lifetime)

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: object, headers: list[tuple[str, str]]) -> Response:
        return JSONResponse(body, status, dict(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody."""


def _new_token(**_: object) -> str:
    return secrets.token_urlsafe(32)


class TokenEndpoint:
    """Gives access tokens to applications that know their secret (client credentials)."""

    def __init__(self, database: Database, clock: Clock, settings: HubSettings) -> None:
        """Look applications up in `database`."""
        self._database = database
        self._clock = clock
        self._settings = settings

    async def __call__(self, request: Request) -> Response:
        """Answer a request for a token."""
        body = bytearray()
        try:
            with move_on_after(self._settings.body_timeout.total_seconds()) as deadline:
                async for piece in request.stream():
                    body += piece
                    if len(body) > _BODY_MAXIMUM:
                        return JSONResponse({"error": "invalid_request"}, 413)
        except ClientDisconnect:
            return Response(status_code=400)
        if deadline.cancelled_caught:
            return JSONResponse({"error": "invalid_request"}, 408)
        try:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50))
        except ValueError:
            return JSONResponse({"error": "invalid_request"}, 400)
        return await run_sync(self._issue, _Request(request.method, _title_case(request), form))

    def _issue(self, request: _Request) -> Response:
        def issue(connection: Connection) -> Response:
            response: Response = _Server(connection, self._clock, self._settings).create_token_response(request)
            return response

        return self._database.change(issue)


def _title_case(request: Request) -> dict[str, str]:
    # Authlib looks headers up by their usual spelling.
    return {name.title(): value for name, value in request.headers.items()}
