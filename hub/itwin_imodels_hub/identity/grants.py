"""What tokens are given for: an application's secret, the code of a sign-in, a refresh token."""

import re
import secrets
from typing import Any, Final, NoReturn
from uuid import uuid4

from attrs import frozen
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    AuthorizationCodeMixin,
    InvalidGrantError,
    InvalidRequestError,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import (  # type: ignore[import-untyped]
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]
from authlib.oidc.core.errors import LoginRequiredError  # type: ignore[import-untyped]

from itwin_imodels_hub.identity import scopes
from itwin_imodels_hub.identity.clients import Client
from itwin_imodels_hub.identity.requests import OAuthRequest
from itwin_imodels_hub.store.records import SignInRecord, SignInTokenRecord, UserRecord
from itwin_imodels_hub.store.sign_ins import (
    add_sign_in,
    end_sign_in,
    find_sign_in_token,
    sign_in_by_code,
    sign_in_by_id,
    use_code,
    use_token,
)
from itwin_imodels_hub.store.users import digest, user_by_id

ACCESS: Final = "access"
REFRESH: Final = "refresh"
PROMPTS: Final = ("none", "login", "consent", "select_account")

_WITH_SECRET: Final = ("client_secret_basic", "client_secret_post")
_ANYHOW: Final = (*_WITH_SECRET, "none")
_NO_SUCH_ADDRESS: Final = (
    "redirect_uri is none that this hub sends browsers to: give an address of this machine (http://localhost, "
    "http://127.0.0.1 or http://[::1]) with any port and path but no query, or set redirect_uris of the hub."
)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NONCE_MAXIMUM = 255


@frozen
class SignIn(AuthorizationCodeMixin, TokenMixin):  # type: ignore[misc]  # Authlib has no types
    """A sign-in as Authlib sees it: the code that began it, and the refresh token that goes on with it.

    Attributes:
        sign_in: The sign-in.
        token: The refresh token, if that is what was sent.
    """

    sign_in: SignInRecord
    token: SignInTokenRecord | None = None

    @property
    def code_challenge(self) -> str | None:
        """What the code's verifier is compared with."""
        return self.sign_in.code_challenge

    @property
    def code_challenge_method(self) -> str:
        """How."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Tell where the browser was sent."""
        return self.sign_in.redirect_uri

    def get_scope(self) -> str:
        """Tell what was granted."""
        return self.sign_in.scope

    def get_nonce(self) -> str | None:
        """Give the client's own mark of the sign-in."""
        return self.sign_in.nonce

    def get_auth_time(self) -> int:
        """Tell when the user was chosen."""
        return int(self.sign_in.signed_in_at.timestamp())

    def get_acr(self) -> None:
        """Claim nothing: nobody is asked for anything."""

    def get_amr(self) -> None:
        """Claim nothing, as above."""

    def check_client(self, client: Client) -> bool:
        """Tell whether a client is the one that the user signed in to."""
        return self.sign_in.client_id == client.id


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """An application acts for its user."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = _WITH_SECRET

    def generate_token(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as Authlib has it
        """Grant the API, whatever is asked for along with it."""
        token: dict[str, Any] = super().generate_token(**{**options, "scope": scopes.API})
        return token


class AuthorizationCode(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """A user has signed in."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = _ANYHOW

    @classmethod
    def check_authorization_endpoint(cls, request: OAuthRequest) -> bool:
        """Take every request; what it asks for is looked at when its client and address are known."""
        del request
        return True

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuthRequest, client: Client) -> str:
        """Refuse to send browsers to addresses that are not allowed.

        Raises:
            InvalidRequestError: It is none, or missing.
        """
        redirect_uri = request.payload.redirect_uri
        if not redirect_uri:
            raise InvalidRequestError("redirect_uri is missing.")
        if not client.check_redirect_uri(redirect_uri):
            raise InvalidRequestError(_NO_SUCH_ADDRESS)
        return str(redirect_uri)

    def generate_authorization_code(self) -> str:
        """Make a code."""
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: OAuthRequest) -> None:
        """Begin a sign-in."""
        transaction, client = self.server.transaction, request.client
        expires_at = transaction.now + transaction.settings.code_lifetime
        add_sign_in(
            transaction.connection,
            SignInRecord(
                id=str(uuid4()),
                user_id=request.user.id,
                client_id=client.id,
                client_name=client.name,
                scope=request.scope,
                nonce=request.form.get("nonce"),
                signed_in_at=transaction.now,
                code_hash=digest(code),
                code_challenge=request.form.get("code_challenge"),
                code_expires_at=expires_at,
                code_used=False,
                redirect_uri=request.payload.redirect_uri,
                expires_at=expires_at,
            ),
        )

    def query_authorization_code(self, code: str, client: Client) -> SignIn | None:
        """Find the sign-in of a code.

        One that is sent a second time has come into other hands, so what it was exchanged for holds no more.
        """
        transaction = self.server.transaction
        sign_in = sign_in_by_code(transaction.connection, code)
        if sign_in is None:
            return None
        if sign_in.code_used:
            end_sign_in(transaction.connection, sign_in.id)
            return None
        if sign_in.client_id != client.id or sign_in.code_expires_at <= transaction.now:
            return None
        return SignIn(sign_in)

    def delete_authorization_code(self, authorization_code: SignIn) -> None:
        """Take a code no more; the sign-in stays, so that a second use is noticed."""
        use_code(self.server.transaction.connection, authorization_code.sign_in)

    def authenticate_user(self, authorization_code: SignIn) -> UserRecord | None:
        """Find who has signed in."""
        return user_by_id(self.server.transaction.connection, authorization_code.sign_in.user_id)

    def generate_token(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as Authlib has it
        """Give a refresh token to those who asked for it."""
        lasting = scopes.includes(options["scope"], scopes.OFFLINE)
        token: dict[str, Any] = super().generate_token(**{**options, "include_refresh_token": lasting})
        return token


class RefreshToken(RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """A sign-in goes on. Each refresh token is taken once."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = _ANYHOW
    INCLUDE_NEW_REFRESH_TOKEN: Final = True

    def authenticate_refresh_token(self, refresh_token: str) -> SignIn | None:
        """Find the sign-in of a refresh token.

        One that is sent a second time has come into other hands, so nothing of the sign-in holds any more.
        """
        transaction = self.server.transaction
        seen = find_sign_in_token(transaction.connection, refresh_token)
        sign_in = sign_in_by_id(transaction.connection, seen.sign_in_id, lock=True) if seen else None
        token = find_sign_in_token(transaction.connection, refresh_token)  # as it is now that the sign-in is locked
        if sign_in is None or token is None or token.kind != REFRESH or token.expires_at <= transaction.now:
            return None
        if token.used:
            end_sign_in(transaction.connection, sign_in.id)
            return None
        return SignIn(sign_in, token)

    def authenticate_user(self, refresh_token: SignIn) -> UserRecord | None:
        """Find who has signed in."""
        return user_by_id(self.server.transaction.connection, refresh_token.sign_in.user_id)

    def revoke_old_credential(self, refresh_token: SignIn) -> None:
        """Take a refresh token no more; it is remembered, so that a second use is noticed."""
        if refresh_token.token is None:
            raise InvalidGrantError
        use_token(self.server.transaction.connection, refresh_token.token)


class Challenge(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """Binds a code to whoever asked for it (PKCE), by SHA-256 only; those who have no secret must do so."""

    SUPPORTED_CODE_CHALLENGE_METHOD: Final = ("S256",)

    def validate_code_challenge(self, grant: AuthorizationCode, redirect_uri: None) -> None:
        """Look at the challenge of an authorization request.

        Raises:
            InvalidRequestError: It is missing, or of another method.
        """
        del redirect_uri
        request: OAuthRequest = grant.request
        challenge, method = request.form.get("code_challenge"), request.form.get("code_challenge_method")
        if challenge is None and method is None and not request.client.public:
            return
        if challenge is None:
            raise InvalidRequestError("code_challenge is missing: sign in with PKCE (RFC 7636).")
        if method != "S256":
            raise InvalidRequestError("code_challenge_method must be S256.")
        if not _CHALLENGE.fullmatch(challenge):
            raise InvalidRequestError("code_challenge is no SHA-256 in base64url without padding.")


class Rules:
    """What else an authorization request must keep to."""

    def __call__(self, grant: AuthorizationCode) -> None:
        """Look at the requests of a grant."""
        grant.register_hook("after_validate_authorization_request_payload", self.check)

    def check(self, grant: AuthorizationCode, redirect_uri: None) -> None:
        """Look at a request whose client and address are allowed.

        Raises:
            OAuth2Error: It asks for what there is not.
        """
        del redirect_uri
        given: dict[str, str] = grant.request.form
        if "response_type" not in given:
            raise InvalidRequestError("response_type is missing.")
        if given["response_type"] != "code":
            _refuse("unsupported_response_type", "response_type must be code.")
        if given.get("response_mode", "query") != "query":
            raise InvalidRequestError("response_mode must be query.")
        if "request" in given:
            _refuse("request_not_supported", "Request objects are not taken.")
        if "request_uri" in given:
            _refuse("request_uri_not_supported", "Request objects are not taken.")
        if len(given.get("nonce", "")) > _NONCE_MAXIMUM:
            raise InvalidRequestError(f"nonce is longer than {_NONCE_MAXIMUM} characters.")
        self._check_prompt(given.get("prompt", "").split())

    @staticmethod
    def _check_prompt(prompts: list[str]) -> None:
        if not set(prompts) <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
            raise InvalidRequestError("prompt is none of those there are, or none and another.")
        if prompts == ["none"]:
            raise LoginRequiredError("The hub asks at every sign-in.")


def _refuse(error: str, description: str) -> NoReturn:
    raise OAuth2Error(description, error=error)
