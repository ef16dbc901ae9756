"""Signing out by way of the browser (OpenID Connect RP-Initiated Logout)."""

from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError  # type: ignore[import-untyped]
from authlib.oidc.rpinitiated import EndSessionEndpoint  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError

from itwin_imodels_hub.identity.clients import Client
from itwin_imodels_hub.identity.keys import ALGORITHM, signing_key
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.sign_ins import end_sign_in


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Ends the sign-in that an ID token is of. The browser itself keeps none."""

    ENDPOINT_NAME: Final = "end_session"

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any]:
        return claims_of(id_token_hint, self.server.transaction)

    def _is_valid_post_logout_redirect_uri(self, client: Client, post_logout_redirect_uri: str) -> bool:
        """Send browsers back to where sign-ins may send them, too."""
        return client.check_redirect_uri(post_logout_redirect_uri)

    def end_session(self, end_session_request: Any) -> None:  # noqa: ANN401 - Authlib has no types
        """Let the tokens of the sign-in hold no more."""
        told = end_session_request.id_token_claims
        if told is not None:
            end_sign_in(self.server.transaction.connection, str(told["sid"]))


def claims_of(id_token: str, transaction: Transaction) -> dict[str, Any]:
    """Read an ID token of this provider, also one that has expired.

    Authlib's own way looks at the real time, and a hub may live in another one.

    Raises:
        InvalidRequestError: It is none.
    """
    try:
        claims = jwt.decode(id_token, signing_key(transaction), algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError) as error:
        raise InvalidRequestError("id_token_hint is no ID token of this hub.") from error
    if claims.get("iss") != transaction.issuer:
        raise InvalidRequestError("id_token_hint is of another issuer.")
    return dict(claims)
