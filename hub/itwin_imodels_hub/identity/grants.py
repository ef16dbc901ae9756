"""Grant types: client credentials, authorization code, refresh token."""

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
_ALL_METHODS: Final = (*_WITH_SECRET, "none")
_REDIRECT_NOT_PERMITTED: Final = (
    "redirect_uri is not permitted by this hub: use a loopback address (http://localhost, "
    "http://127.0.0.1 or http://[::1]) with any port and path but no query, or add it to the setting redirect_uris."
)
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NONCE_MAXIMUM = 255


@frozen
class SignIn(AuthorizationCodeMixin, TokenMixin):  # type: ignore[misc]  # Authlib has no types
    """A sign-in with the interface that Authlib expects: an authorization code or a refresh token.

    Attributes:
        sign_in: The sign-in.
        token: The refresh token, if the request contains one.
    """

    sign_in: SignInRecord
    token: SignInTokenRecord | None = None

    @property
    def code_challenge(self) -> str | None:
        """The PKCE code challenge; None if the client sent none."""
        return self.sign_in.code_challenge

    @property
    def code_challenge_method(self) -> str:
        """The PKCE method."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """Return the redirect URI of the authorization request."""
        return self.sign_in.redirect_uri

    def get_scope(self) -> str:
        """Return the granted scope."""
        return self.sign_in.scope

    def get_nonce(self) -> str | None:
        """Return the nonce of the client, or None."""
        return self.sign_in.nonce

    def get_auth_time(self) -> int:
        """Return the time of the sign-in in seconds since 1970."""
        return int(self.sign_in.signed_in_at.timestamp())

    def get_acr(self) -> None:
        """Return None: the hub does not authenticate people."""

    def get_amr(self) -> None:
        """Return None: the hub does not authenticate people."""

    def check_client(self, client: Client) -> bool:
        """Check whether the sign-in belongs to a client."""
        return self.sign_in.client_id == client.id


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """The client credentials grant: an application acts for its own user."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = _WITH_SECRET

    def generate_token(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as Authlib has it
        """Issue a token for the API scope only, regardless of the requested scope."""
        token: dict[str, Any] = super().generate_token(**{**options, "scope": scopes.API})
        return token


class AuthorizationCode(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """The authorization code grant."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = _ALL_METHODS

    @classmethod
    def check_authorization_endpoint(cls, request: OAuthRequest) -> bool:
        """Accept every request; `Rules` checks the parameters after client and redirect URI have been validated."""
        del request
        return True

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuthRequest, client: Client) -> str:
        """Return the redirect URI of a request if it is permitted.

        Raises:
            InvalidRequestError: The redirect URI is missing or not permitted.
        """
        redirect_uri = request.payload.redirect_uri
        if not redirect_uri:
            raise InvalidRequestError("redirect_uri is missing.")
        if not client.check_redirect_uri(redirect_uri):
            raise InvalidRequestError(_REDIRECT_NOT_PERMITTED)
        return str(redirect_uri)

    def generate_authorization_code(self) -> str:
        """Return a new authorization code."""
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: OAuthRequest) -> None:
        """Store a sign-in with its code."""
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
        """Return the sign-in of a code, or None if the code is invalid.

        A code that is sent twice may have been stolen: everything issued for it is revoked.
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
        """Invalidate the code but keep the sign-in, so that reuse is detected."""
        use_code(self.server.transaction.connection, authorization_code.sign_in)

    def authenticate_user(self, authorization_code: SignIn) -> UserRecord | None:
        """Return the user who signed in, or None."""
        return user_by_id(self.server.transaction.connection, authorization_code.sign_in.user_id)

    def generate_token(self, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as Authlib has it
        """Include a refresh token if the scope contains `offline_access`."""
        lasting = scopes.includes(options["scope"], scopes.OFFLINE)
        token: dict[str, Any] = super().generate_token(**{**options, "include_refresh_token": lasting})
        return token


class RefreshToken(RefreshTokenGrant):  # type: ignore[misc]  # Authlib has no types
    """The refresh token grant. Each refresh token can be used once."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = _ALL_METHODS
    INCLUDE_NEW_REFRESH_TOKEN: Final = True

    def authenticate_refresh_token(self, refresh_token: str) -> SignIn | None:
        """Return the sign-in of a refresh token, or None if the token is invalid.

        A refresh token that is sent twice may have been stolen: the whole sign-in is revoked.
        """
        transaction = self.server.transaction
        seen = find_sign_in_token(transaction.connection, refresh_token)
        sign_in = sign_in_by_id(transaction.connection, seen.sign_in_id, lock=True) if seen else None
        token = find_sign_in_token(transaction.connection, refresh_token)  # read again now that the sign-in is locked
        if sign_in is None or token is None or token.kind != REFRESH or token.expires_at <= transaction.now:
            return None
        if token.used:
            end_sign_in(transaction.connection, sign_in.id)
            return None
        return SignIn(sign_in, token)

    def authenticate_user(self, refresh_token: SignIn) -> UserRecord | None:
        """Return the user who signed in, or None."""
        return user_by_id(self.server.transaction.connection, refresh_token.sign_in.user_id)

    def revoke_old_credential(self, refresh_token: SignIn) -> None:
        """Invalidate a refresh token but keep its record, so that reuse is detected."""
        if refresh_token.token is None:
            raise InvalidGrantError
        use_token(self.server.transaction.connection, refresh_token.token)


class Challenge(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """Binds a code to the client that requested it (PKCE with SHA-256); mandatory for public clients."""

    SUPPORTED_CODE_CHALLENGE_METHOD: Final = ("S256",)

    def validate_code_challenge(self, grant: AuthorizationCode, redirect_uri: None) -> None:
        """Check the code challenge of an authorization request.

        Raises:
            InvalidRequestError: The challenge is missing or malformed, or its method is unsupported.
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
            raise InvalidRequestError("code_challenge is not the unpadded base64url encoding of a SHA-256 digest.")


class Rules:
    """Additional validation of authorization requests."""

    def __call__(self, grant: AuthorizationCode) -> None:
        """Register the validation with a grant."""
        grant.register_hook("after_validate_authorization_request_payload", self.check)

    def check(self, grant: AuthorizationCode, redirect_uri: None) -> None:
        """Check a request whose client and redirect URI are valid.

        Raises:
            OAuth2Error: A parameter is missing, invalid or unsupported.
        """
        del redirect_uri
        form: dict[str, str] = grant.request.form
        if "response_type" not in form:
            raise InvalidRequestError("response_type is missing.")
        if form["response_type"] != "code":
            _refuse("unsupported_response_type", "response_type must be code.")
        if form.get("response_mode", "query") != "query":
            raise InvalidRequestError("response_mode must be query.")
        if "request" in form:
            _refuse("request_not_supported", "Request objects are not supported.")
        if "request_uri" in form:
            _refuse("request_uri_not_supported", "Request objects are not supported.")
        if len(form.get("nonce", "")) > _NONCE_MAXIMUM:
            raise InvalidRequestError(f"nonce is longer than {_NONCE_MAXIMUM} characters.")
        self._check_prompt(form.get("prompt", "").split())

    @staticmethod
    def _check_prompt(prompts: list[str]) -> None:
        if not set(prompts) <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
            raise InvalidRequestError("prompt has an unsupported value, or combines `none` with another value.")
        if prompts == ["none"]:
            raise LoginRequiredError("Every sign-in on this hub requires interaction.")


def _refuse(error: str, description: str) -> NoReturn:
    raise OAuth2Error(description, error=error)
