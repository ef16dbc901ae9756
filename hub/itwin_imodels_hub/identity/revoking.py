"""Token revocation (RFC 7009)."""

from typing import Final

from attrs import frozen
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc7009 import RevocationEndpoint  # type: ignore[import-untyped]

from itwin_imodels_hub.identity.clients import Client
from itwin_imodels_hub.identity.requests import OAuthRequest
from itwin_imodels_hub.store.records import SignInTokenRecord
from itwin_imodels_hub.store.sign_ins import drop_access_token, end_sign_in, find_sign_in_token, sign_in_by_id
from itwin_imodels_hub.store.users import drop_token, find_token


@frozen
class Revocable:
    """A token that can be revoked.

    Attributes:
        value: The token.
        client_id: Id of the client that it was issued to.
        sign_in_token: The record of the token if it belongs to a sign-in, otherwise None.
    """

    value: str
    client_id: str
    sign_in_token: SignInTokenRecord | None

    def check_client(self, client: Client) -> bool:
        """Check whether the token was issued to a client."""
        return self.client_id == client.id


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Revokes an access token, or the whole sign-in of a refresh token."""

    CLIENT_AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "none")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Revocable | None:
        """Return a token of any kind, or None.

        Raises:
            OAuth2Error: The token is the permanent token of a user.
        """
        del token_type_hint
        connection = self.server.transaction.connection
        known = find_sign_in_token(connection, token_string)
        if known is not None:
            sign_in = sign_in_by_id(connection, known.sign_in_id, lock=True)
            return None if sign_in is None else Revocable(token_string, sign_in.client_id, known)
        by_secret = find_token(connection, token_string)
        if by_secret is None:
            return None
        if by_secret.expires_at is None:
            raise OAuth2Error("The permanent token of a user cannot be revoked.", error="unsupported_token_type")
        return Revocable(token_string, by_secret.application_id, None)

    def revoke_token(self, token: Revocable, request: OAuthRequest) -> None:
        """Revoke a token; a refresh token together with everything that its sign-in granted."""
        del request
        connection = self.server.transaction.connection
        if token.sign_in_token is None:
            drop_token(connection, token.value)
        elif token.sign_in_token.kind == "access":
            drop_access_token(connection, token.sign_in_token)
        else:
            end_sign_in(connection, token.sign_in_token.sign_in_id)
