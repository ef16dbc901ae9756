"""Client for the token endpoint of an OAuth 2.0 server, based on Authlib."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlencode

import attrs

from itwin_imodels._auth.errors import LoginRequired
from itwin_imodels._auth.extra import import_extra
from itwin_imodels._auth.http import checked_url, safe_text, send
from itwin_imodels._auth.keeping import Clock, now
from itwin_imodels._auth.tokens import AccessToken
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError

if TYPE_CHECKING:
    import httpx

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_PENDING: Final = "authorization_pending"
_SLOW_DOWN: Final = "slow_down"
_INTERVAL: Final = 5.0
_HINTS: Final = {
    "invalid_client": "Check that the client id and secret are correct and belong to this environment.",
    "invalid_grant": "The sign-in has expired or was revoked; sign in again.",
    "invalid_scope": "Check the scope: the application must be registered with it.",
    "unauthorized_client": "Check the type of the application: it is not registered for this grant type.",
    "expired_token": "Nobody signed in within the time that the server allows; start again.",
    "access_denied": "Sign in again and grant the requested permission.",
}


@attrs.frozen(kw_only=True)
class Grant:
    """The tokens that a server issued.

    Attributes:
        access_token: Token for the service.
        requested_at: When the tokens were requested, in UTC.
        refresh_token: Token to obtain the next access token with; None if the server issued none.
    """

    access_token: AccessToken
    requested_at: datetime
    refresh_token: Secret | None = None


@attrs.frozen(kw_only=True)
class DeviceCodes:
    """The codes that a server issued to a device (RFC 8628).

    Attributes:
        device_code: Code by which the device obtains its tokens.
        user_code: Code that the user enters.
        verification_uri: URL of the page where the user enters it.
        verification_uri_complete: URL that contains the code; None if not provided.
        expires_in: Seconds until the codes expire.
        interval: Minimum number of seconds between two token requests of the device.
    """

    device_code: Secret
    user_code: str
    verification_uri: str
    verification_uri_complete: str | None
    expires_in: float
    interval: float


class ApprovalPendingError(AuthError):
    """The user has not decided yet.

    Attributes:
        must_slow_down: Whether the server demands longer intervals.
    """

    must_slow_down = False


class _Refused(Exception):  # noqa: N818 - internal, converted to an AuthError
    """The server's refusal of a request: an OAuth error raised by Authlib, or a failure status without one."""

    def __init__(self, error: object = None, description: object = None, **_: object) -> None:
        super().__init__("refused")
        self.code = str(error)
        self.description = description


class _Signing(Protocol):
    """The object that Authlib passes to its session to add client authentication to a request."""

    def prepare(self, method: str, uri: str, headers: dict[str, str], body: str) -> tuple[str, dict[str, str], str]: ...


class _Session:
    """Session through which Authlib sends its requests."""

    def __init__(self, timeout: float, *, is_idempotent: bool) -> None:
        self._timeout = timeout
        self._is_idempotent = is_idempotent

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: _Signing
    ) -> "httpx.Response":
        """Send a form, and return a response that is successful or contains an OAuth error."""
        address, signed, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = send(
            "POST", address, headers=signed, body=Secret(body), timeout=self._timeout, is_idempotent=self._is_idempotent
        )
        if not answer.is_success and "error" not in _json_object(answer):
            raise _Refused(f"status {answer.status_code}")
        return answer


def refusal(server_url: str, code: object, description: object, secrets: tuple[Secret | None, ...] = ()) -> AuthError:
    """Return an exception for an OAuth error of a server.

    Args:
        server_url: URL of the server.
        code: OAuth error code.
        description: The server's description of the error; may be empty.
        secrets: Secrets to mask, in case the server repeats them.
    """
    lines = [f"{server_url} rejected the request: {safe_text(code, secrets)}"]
    if description:
        lines[0] += f": {safe_text(description, secrets)}"
    if hint := _HINTS.get(str(code)):
        lines[0] = f"{lines[0].rstrip('.')}."
        lines.append(hint)
    if code in {_PENDING, _SLOW_DOWN}:
        pending = ApprovalPendingError("\n".join(lines))
        pending.must_slow_down = code == _SLOW_DOWN
        return pending
    kind = LoginRequired if code == "invalid_grant" else AuthError
    return kind("\n".join(lines))


class TokenEndpoint:
    """The token endpoint of a server, used as one client application."""

    def __init__(
        self, url: str, client_id: str, client_secret: Secret | None = None, *, timeout: float, clock: Clock = now
    ) -> None:
        """Create a client of the endpoint.

        Args:
            url: URL of the endpoint.
            client_id: Id of the client application.
            client_secret: Secret of the application; None for a public client.
            timeout: Timeout of each request in seconds.
            clock: Returns the current time, with a time zone.
        """
        self.url = url
        self._client_id = client_id
        self._client_secret = client_secret
        self._timeout = timeout
        self._clock = clock

    def request_with_client_credentials(self, scope: str) -> Grant:
        """Request a token for the client application itself.

        Args:
            scope: Scopes of the token, separated by spaces.

        Raises:
            AuthError: The server rejected the request, did not respond, or sent an invalid response.
            ConfigurationError: The extra `auth` is not installed.
        """
        return self._granted(
            lambda client: client.fetch_token(self.url, grant_type="client_credentials", scope=scope),
            is_idempotent=True,
        )

    def exchange_code(self, code: Secret, *, redirect_uri: str, code_verifier: Secret) -> Grant:
        """Exchange the authorization code of a sign-in for tokens.

        Args:
            code: The authorization code.
            redirect_uri: The redirect URI of the sign-in.
            code_verifier: The secret whose SHA-256 was sent with the sign-in (PKCE, RFC 7636).

        Raises:
            AuthError: The server rejected the request, did not respond, or sent an invalid response.
            ConfigurationError: The extra `auth` is not installed.
        """

        def fetch(client: Any) -> object:  # noqa: ANN401 - Authlib has no types
            return client.fetch_token(
                self.url,
                grant_type="authorization_code",
                code=code.value,
                redirect_uri=redirect_uri,
                code_verifier=code_verifier.value,
            )

        return self._granted(fetch, is_idempotent=False, secrets=(code, code_verifier))

    def device_codes(self, url: str, scope: str) -> DeviceCodes:
        """Request codes for a device.

        Args:
            url: URL of the device authorization endpoint.
            scope: Scopes of the tokens, separated by spaces.

        Raises:
            AuthError: The server rejected the request, did not respond, or sent an invalid response.
        """
        body = Secret(urlencode({"client_id": self._client_id, "scope": scope}))
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = send("POST", url, headers=headers, body=body, timeout=self._timeout, is_idempotent=True)
        members = _json_object(answer)
        if "error" in members or not answer.is_success:
            raise refusal(url, members.get("error", f"status {answer.status_code}"), members.get("error_description"))
        try:
            return _device_codes(members)
        except (KeyError, TypeError, ValueError) as error:
            failed = AuthError(f"{url} returned an invalid response: {_flaw(error)}")
        raise failed

    def exchange_device_code(self, device_code: Secret) -> Grant:
        """Request the tokens for a device.

        Raises:
            AuthError: The user denied access, the code has expired, or the server rejected the request for another
                reason, did not respond, or sent an invalid response.
            ApprovalPendingError: The user has not decided yet.
            ConfigurationError: The extra `auth` is not installed.
        """

        def fetch(client: Any) -> object:  # noqa: ANN401 - Authlib has no types
            return client.fetch_token(self.url, grant_type=DEVICE_GRANT, device_code=device_code.value)

        return self._granted(fetch, is_idempotent=False, secrets=(device_code,))

    def refresh(self, refresh_token: Secret) -> Grant:
        """Request a new access token. The server may replace the refresh token and invalidate the old one.

        Raises:
            LoginRequired: The server rejected the refresh token.
            AuthError: The server rejected the request for another reason, did not respond, or sent an invalid response.
            ConfigurationError: The extra `auth` is not installed.
        """
        return self._granted(
            lambda client: client.refresh_token(self.url, refresh_token=refresh_token.value),
            is_idempotent=False,
            secrets=(refresh_token,),
        )

    def revoke(self, url: str, refresh_token: Secret) -> None:
        """Revoke a refresh token.

        Args:
            url: URL of the revocation endpoint.
            refresh_token: The token.

        Raises:
            AuthError: The server rejected the request or did not respond.
            ConfigurationError: The extra `auth` is not installed.
        """
        failed: AuthError
        try:
            client = self._client(is_idempotent=True)
            answer = client.revoke_token(url, refresh_token.value, token_type_hint="refresh_token")  # noqa: S106 - a token type
        except _Refused as error:
            failed = refusal(url, error.code, error.description, (refresh_token,))
        except AuthError as error:
            failed = _bare(error)
        else:
            members = _json_object(answer)
            if "error" not in members:
                return
            failed = refusal(url, members["error"], members.get("error_description"), (refresh_token,))
        raise failed

    def _client(self, *, is_idempotent: bool) -> Any:  # noqa: ANN401 - Authlib has no types
        # Authlib's own httpx client is not used, because it has moved to another library.
        client = import_extra("authlib.oauth2").OAuth2Client(
            _Session(self._timeout, is_idempotent=is_idempotent),
            client_id=self._client_id,
            client_secret=self._client_secret and self._client_secret.value,
            token_endpoint_auth_method="client_secret_post" if self._client_secret else "none",
        )
        client.oauth_error_class = _Refused
        return client

    def _granted(
        self, ask: Callable[[Any], object], *, is_idempotent: bool, secrets: tuple[Secret | None, ...] = ()
    ) -> Grant:
        requested_at = self._clock()
        failed: AuthError
        try:
            return _grant(ask(self._client(is_idempotent=is_idempotent)), requested_at)
        except _Refused as error:
            failed = refusal(self.url, error.code, error.description, (*secrets, self._client_secret))
        except AuthError as error:
            failed = _bare(error)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            failed = AuthError(f"{self.url} returned an invalid token response: {_flaw(error)}")
        raise failed


def _flaw(error: Exception) -> str:
    """Describe what is wrong with a response, without its values."""
    return f"{error} is missing" if isinstance(error, KeyError) else "a value is invalid"


def _bare(error: AuthError) -> AuthError:
    """Remove context and traceback from an error, since local variables of Authlib contain secrets."""
    error.__context__ = None
    return error.with_traceback(None)


def _json_object(answer: "httpx.Response") -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _grant(answer: Any, requested_at: datetime) -> Grant:  # noqa: ANN401 - Authlib's dictionary
    if not isinstance(answer, dict):
        raise TypeError
    kind = answer.get("token_type", "Bearer")
    if str(kind).lower() != "bearer":
        raise TypeError
    lifetime = answer.get("expires_in")
    expires_at = None if lifetime is None else requested_at + timedelta(seconds=float(lifetime))
    refresh_token = answer.get("refresh_token")
    if not isinstance(refresh_token, str | None):
        raise TypeError
    return Grant(
        access_token=AccessToken(answer["access_token"], expires_at),
        requested_at=requested_at,
        refresh_token=Secret(refresh_token) if refresh_token else None,
    )


def _device_codes(answer: Mapping[str, Any]) -> DeviceCodes:
    complete = answer.get("verification_uri_complete")
    return DeviceCodes(
        device_code=Secret(_text(answer["device_code"])),
        user_code=_text(answer["user_code"]),
        verification_uri=checked_url("verification_uri", answer["verification_uri"]),
        verification_uri_complete=None if complete is None else checked_url("verification_uri_complete", complete),
        expires_in=float(answer["expires_in"]),
        interval=float(answer.get("interval", _INTERVAL)),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise TypeError
    return value
