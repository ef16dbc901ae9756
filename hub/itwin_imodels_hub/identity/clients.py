"""Who may ask for tokens: the application of each user, and public clients, which have no secret."""

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
"""A client that every hub has, without a secret."""

_WITH_SECRET = frozenset({"client_secret_basic", "client_secret_post"})
_FOR_PEOPLE = frozenset({"authorization_code", "refresh_token"})


@frozen(kw_only=True)
class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """An application as Authlib sees it.

    Attributes:
        id: Its id.
        name: What people call it.
        redirect_uris: Where browsers may be sent back to, besides their own machine.
        user: Whom it acts for by itself; None for a public client.
    """

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    user: UserRecord | None = None

    @property
    def public(self) -> bool:
        """Whether it has no secret."""
        return self.user is None

    def get_client_id(self) -> str:
        """Give its id."""
        return self.id

    def get_default_redirect_uri(self) -> None:
        """Have none: each request says where it goes."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Grant every scope there is."""
        return scopes.granted(scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether browsers may be sent back to an address."""
        return may_redirect(redirect_uri, self.redirect_uris)

    def check_client_secret(self, secret: str) -> bool:
        """Compare the secret."""
        known = self.user.secret_hash if self.user else None
        return known is not None and compare_digest(digest(secret), known)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Let those in without a secret who have none, and the others with theirs, in the header or in the body."""
        return endpoint in {"token", "revocation"} and (method == "none" if self.public else method in _WITH_SECRET)

    def check_response_type(self, response_type: str) -> bool:
        """Leave it to the rules of authorization requests."""
        del response_type
        return True

    def check_grant_type(self, grant_type: str) -> bool:
        """Let all sign people in, and act for themselves who can be told by their secret."""
        return grant_type in _FOR_PEOPLE or (grant_type == "client_credentials" and not self.public)


def find_client(connection: Connection, settings: HubSettings, client_id: str) -> Client | None:
    """Find a client by its id."""
    if not client_id.isprintable():  # not every database takes it as text
        return None
    user = user_by_application(connection, client_id)
    if user is not None:
        return Client(id=client_id, name=user.application_name, redirect_uris=settings.redirect_uris, user=user)
    if client_id in {COMMAND_LINE, *settings.public_clients}:
        return Client(id=client_id, name=client_id, redirect_uris=settings.redirect_uris)
    return None
