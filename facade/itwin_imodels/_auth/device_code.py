"""Sign-in of a user on another device (OAuth 2.0 device authorization grant, RFC 8628)."""

import sys
import time
from collections.abc import Callable
from typing import Final

import attrs

from itwin_imodels._auth.signed_in_user import SignedInUser
from itwin_imodels._auth.token_endpoint import ApprovalPendingError, DeviceCodes, Grant, TokenEndpoint
from itwin_imodels._core.waiting import sleep
from itwin_imodels.errors import AuthError, ConnectionFailed

_SLOWER: Final = 5.0


@attrs.frozen(kw_only=True)
class DevicePrompt:
    """What the user must do to sign in.

    Attributes:
        verification_uri: URL of the page to open, on any device.
        user_code: Code to enter on that page.
        verification_uri_complete: URL that contains the code, for a link or a QR code; None if not provided.
        expires_in: Seconds until the code expires.
    """

    verification_uri: str
    user_code: str
    verification_uri_complete: str | None
    expires_in: float

    def __str__(self) -> str:
        """Return the instructions for the user."""
        return f"Open {self.verification_uri} in any browser and enter the code {self.user_code}"


def _print(prompt: DevicePrompt) -> None:
    sys.stderr.write(f"{prompt}\n")
    sys.stderr.flush()


@attrs.define(eq=False, on_setattr=attrs.setters.frozen)
class DeviceCode(SignedInUser):
    """Token source for a user who signs in with a browser on any device, for example in a remote terminal session.

    `login` shows the URL of a page and a code, and waits until the user has entered the code on that page. Otherwise it
    works like `AuthorizationCode`; the two share sign-ins for the same server, application and scope. The authorization
    server must list the device flow in its discovery document; whether the service permits it for an application that
    you register is unknown. Requires the extra `auth`.

    Args:
        client_id: Id of the application.
        scope: Scopes of the tokens, separated by spaces. Without `offline_access`, the user must sign in again when the
            first token expires.
        environment: `production`, `qa` or `dev`; selects the authorization server.
        authority: URL of another authorization server; takes precedence over `environment`.
        store: Store of the refresh token; by default, the keyring or a file.
        prompt: Function that shows the user what to do; by default, the instructions are printed to standard error.
        timeout: Seconds to wait for the user to sign in; the server may allow less.
        interactive: Whether a client that needs a token shows the prompt. By default it raises `LoginRequired`
            instead, so that unattended programs do not wait for a user.
        clock: Returns the current time, with a time zone.
        proxy: URL of the proxy for requests to the server. Defaults to the proxy of the client that needs a token, or
            else to the one that the environment sets.
        verify: How the server's certificate is verified; takes the same values as `verify` of `IModelsClient`.
        trust_env: Whether environment variables choose the proxy and certificates.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An argument is empty or out of range, or `authority` is neither an https URL nor on this machine.

    Example:
        ```python
        auth = DeviceCode("native-abc")
        if not auth.status().signed_in:
            auth.login()
        with IModelsClient(auth=auth) as client:
            ...
        ```
    """

    prompt: Callable[[DevicePrompt], object] | None = attrs.field(default=None, kw_only=True, repr=False)

    def login(self) -> None:
        """Show the prompt, wait until the user has signed in, and store the refresh token.

        Raises:
            AuthError: The server does not offer this way to sign in or did not respond, the user denied access,
                nobody signed in within the time allowed, or the refresh token could not be stored.
            ConfigurationError: The extra `auth` is not installed.
        """
        super().login()

    def _sign_in(self) -> Grant:
        endpoints = self._discovered()
        if endpoints.device is None:
            raise AuthError(
                f"{self.authority} does not support signing in on another device: its discovery document has no "
                "device_authorization_endpoint. Sign in with a browser on this machine instead."
            )
        endpoint = self._token_endpoint(endpoints)
        codes = endpoint.device_codes(endpoints.device, self.scope)
        (self.prompt or _print)(
            DevicePrompt(
                verification_uri=codes.verification_uri,
                user_code=codes.user_code,
                verification_uri_complete=codes.verification_uri_complete,
                expires_in=codes.expires_in,
            )
        )
        return _approved(endpoint, codes, min(self.timeout, codes.expires_in))


def _approved(endpoint: TokenEndpoint, codes: DeviceCodes, seconds: float) -> Grant:
    """Request the tokens repeatedly until the user has decided, even if the network fails in the meantime."""
    end = time.monotonic() + seconds
    interval = codes.interval
    failure: AuthError | None = None
    while (left := end - time.monotonic()) > 0:
        sleep(min(interval, left))
        try:
            return endpoint.exchange_device_code(codes.device_code)
        except ApprovalPendingError as error:
            failure = None
            interval += _SLOWER if error.must_slow_down else 0
        except AuthError as error:
            if not isinstance(error.__cause__, ConnectionFailed):
                raise
            failure = error
            interval += _SLOWER
    raise failure or AuthError(f"nobody signed in within {seconds:g} s")
