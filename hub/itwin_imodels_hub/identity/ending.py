"""Sign-out in the browser (OpenID Connect RP-Initiated Logout)."""

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
    """Ends the sign-in that an ID token belongs to. There is no separate browser session."""

    ENDPOINT_NAME: Final = "end_session"

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any]:
        return claims_of(id_token_hint, self.server.transaction)

    def _is_valid_post_logout_redirect_uri(self, client: Client, post_logout_redirect_uri: str) -> bool:
        """Permit the redirect URIs that sign-ins may use."""
        return client.check_redirect_uri(post_logout_redirect_uri)

    def end_session(self, end_session_request: Any) -> None:  # noqa: ANN401 - Authlib has no types
        """Revoke the tokens of the sign-in."""
        claims = end_session_request.id_token_claims
        if claims is not None:
            end_sign_in(self.server.transaction.connection, str(claims["sid"]))


def claims_of(id_token: str, transaction: Transaction) -> dict[str, Any]:
    """Decode an ID token of this provider, even if it has expired.

    Authlib's own validation uses the real time; the clock of the hub may differ.

    Raises:
        InvalidRequestError: The token is invalid or was issued by a different server.
    """
    try:
        claims = jwt.decode(id_token, signing_key(transaction), algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError) as error:
        raise InvalidRequestError("id_token_hint is not an ID token of this hub.") from error
    if claims.get("iss") != transaction.issuer:
        raise InvalidRequestError("id_token_hint was issued by a different server.")
    return dict(claims)
