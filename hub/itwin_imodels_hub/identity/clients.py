"""OAuth clients: one confidential client per user, and public clients, which have no secret."""

from hmac import compare_digest
from typing import Final

from attrs import frozen
from authlib.oauth2.rfc6749 import ClientMixin  # type: ignore[import-untyped]
from sqlalchemy import Connection

from itwin_imodels_hub.basis.redirects import may_redirect
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.identity import scopes
from itwin_imodels_hub.store.records import UserRecord
from itwin_imodels_hub.store.users import digest, user_by_application

COMMAND_LINE: Final = "imodels-cli"
"""Id of the public client that every hub has."""

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
"""The grant type of devices (RFC 8628)."""

_ENDPOINTS = frozenset({"token", "revocation", "device_authorization"})
_WITH_SECRET = frozenset({"client_secret_basic", "client_secret_post"})
_FOR_PEOPLE = frozenset({"authorization_code", "refresh_token", DEVICE_GRANT})


@frozen(kw_only=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """An OAuth client with the interface that Authlib expects.

    Attributes:
        id: Client id.
        name: Display name.
        redirect_uris: Permitted redirect URIs, in addition to loopback addresses.
        user: The user that the client acts for with its secret; None for a public client.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    user: UserRecord | None = None

    @property
    def public(self) -> bool:
        """Whether the client has no secret."""
        return self.user is None

    def get_client_id(self) -> str:
        """Return the client id."""
        return self.id

    def get_default_redirect_uri(self) -> None:
        """Return None: each request must contain its redirect URI."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the granted scope, or None if a requested scope is not supported."""
        return scopes.granted_scope(scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Check whether a redirect URI is permitted."""
        return may_redirect(redirect_uri, self.redirect_uris)

    def check_client_secret(self, secret: str) -> bool:
        """Compare a secret with the stored hash."""
        known = self.user.secret_hash if self.user else None
        return known is not None and compare_digest(digest(secret), known)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Check the authentication method: none for public clients, the secret in header or body for the others."""
        return endpoint in _ENDPOINTS and (method == "none" if self.public else method in _WITH_SECRET)

    def check_response_type(self, response_type: str) -> bool:
        """Accept every response type; `Rules` checks it later."""
        del response_type
        return True

    def check_grant_type(self, grant_type: str) -> bool:
        """Check the grant type: all clients may sign users in; only clients with a secret may act for themselves."""
        return grant_type in _FOR_PEOPLE or (grant_type == "client_credentials" and not self.public)


def find_client(connection: Connection, settings: HubSettings, client_id: str) -> Client | None:
    """Return a client by its id, or None."""
    if not client_id.isprintable():  # not every database can store it
        return None
    user = user_by_application(connection, client_id)
    if user is not None:
        return Client(id=client_id, name=user.application_name, redirect_uris=settings.redirect_uris, user=user)
    if client_id in {COMMAND_LINE, *settings.public_clients}:
        return Client(id=client_id, name=client_id, redirect_uris=settings.redirect_uris)
    return None
