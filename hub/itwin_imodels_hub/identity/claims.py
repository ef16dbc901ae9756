"""Claims about a user in ID tokens and userinfo responses."""

from datetime import timedelta
from typing import Any, Final

from authlib.oidc.core import UserInfo  # type: ignore[import-untyped]
from authlib.oidc.core.grants import OpenIDToken  # type: ignore[import-untyped]
from joserfc.jwk import RSAKey

from itwin_imodels_hub.identity.clients import Client
from itwin_imodels_hub.identity.keys import ALGORITHM, signing_key
from itwin_imodels_hub.identity.requests import OAuthRequest
from itwin_imodels_hub.identity.transactions import Transaction
from itwin_imodels_hub.store.records import SignInRecord, UserRecord

USER_CLAIMS: Final = ("sub", "name", "given_name", "family_name", "preferred_username", "email", "email_verified")
TOKEN_CLAIMS: Final = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid")


def user_claims(user: UserRecord, scope: str) -> dict[str, Any]:
    """Return the claims about a user that a scope permits."""
    info = UserInfo(
        sub=user.id,
        name=f"{user.given_name} {user.surname}",
        given_name=user.given_name,
        family_name=user.surname,
        preferred_username=user.name,
        email=user.email,
        email_verified=True,
    )
    return dict(info.filter(scope))


class SignedInToken(OpenIDToken):  # type: ignore[misc]  # Authlib has no types
    """Adds an ID token to the token response if the scope contains `openid`."""

    def __init__(self, transaction: Transaction) -> None:
        """Use a transaction."""
        self._transaction = transaction

    def get_client_algorithm(self, client: Client) -> str:
        """Return the signing algorithm, the same for all clients."""
        del client
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, object]:
        """Return the token header with the id of the signing key."""
        del client
        return {"alg": ALGORITHM, "typ": "JWT", "kid": signing_key(self._transaction).kid}

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        """Return the signing key."""
        del client
        return signing_key(self._transaction)

    def get_compatible_claims(self, request: OAuthRequest) -> dict[str, object]:
        """Return the claims about the sign-in; Authlib adds the nonce to the first token only."""
        sign_in: SignInRecord = request.sign_in.sign_in
        now = self._transaction.now
        return {
            "iss": self._transaction.issuer,
            "aud": sign_in.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + _lifetime(self._transaction)).timestamp()),
            "auth_time": int(sign_in.signed_in_at.timestamp()),
            "sid": sign_in.id,
        }

    def generate_user_info(self, user: UserRecord, scope: str) -> dict[str, Any]:
        """Return the claims about the user."""
        return user_claims(user, scope)


def _lifetime(transaction: Transaction) -> timedelta:
    return transaction.settings.token_lifetime
