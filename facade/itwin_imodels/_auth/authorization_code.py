"""Interactive sign-in of a user with a browser."""

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import attrs

from itwin_imodels._auth.checking import not_blank
from itwin_imodels._auth.discovery import Endpoints
from itwin_imodels._auth.extra import import_extra
from itwin_imodels._auth.http import is_loopback, safe_text
from itwin_imodels._auth.signed_in_user import SignedInUser
from itwin_imodels._auth.token_endpoint import Grant, refusal
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError

_LOG = logging.getLogger("itwin_imodels.auth")


@attrs.frozen
class _Redirect:
    """The redirect that the browser followed; its `repr` omits the code."""

    query: Mapping[str, str] | None = attrs.field(repr=False)


@attrs.define(eq=False, on_setattr=attrs.setters.frozen)
class AuthorizationCode(SignedInUser):
    """Token source for a user who signs in with a browser (OAuth 2.0 authorization code with PKCE).

    `login` opens the browser and waits until the user has signed in. From then on, tokens are obtained without the
    browser, in later runs of the program too: the refresh token is stored in the system's keyring or, if there is none,
    in a file that only the user can read. Requires the extra `auth`, and `keyring` for the keyring.

    Args:
        client_id: Id of the application, which must be registered as a native one.
        redirect_uri: URL to which the server redirects the browser after the sign-in: a loopback address that is
            registered with the application. Port 0 selects a free port, for servers that allow any.
        scope: Scopes of the tokens, separated by spaces. Without `offline_access`, the user must sign in again when the
            first token expires.
        environment: `production`, `qa` or `dev`; selects the authorization server.
        authority: URL of another authorization server; takes precedence over `environment`.
        store: Store of the refresh token; by default, the keyring or a file, as described above.
        open_browser: Function that opens a URL; by default `webbrowser.open`. With `print`, the user opens the URL.
        timeout: Seconds to wait for the user to sign in.
        interactive: Whether a client that needs a token opens the browser. By default it raises `LoginRequired`
            instead, so that unattended programs do not wait for a user.
        clock: Returns the current time, with a time zone.
        proxy: URL of the proxy for requests to the server. Defaults to the proxy of the client that needs a token, or
            else to the one that the environment sets.
        verify: How the server's certificate is verified; takes the same values as `verify` of `IModelsClient`.
        trust_env: Whether environment variables choose the proxy and certificates.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An argument is empty or out of range, `redirect_uri` is not an http URL of this machine, or
            `authority` is neither an https URL nor on this machine.

    Example:
        ```python
        auth = AuthorizationCode("native-abc")
        if not auth.status().signed_in:
            auth.login()
        with IModelsClient(auth=auth) as client:
            ...
        ```
    """

    redirect_uri: str = attrs.field(default="http://localhost:3000/signin-callback", kw_only=True, validator=not_blank)
    open_browser: Callable[[str], object] | None = attrs.field(default=None, kw_only=True, repr=False)

    @redirect_uri.validator
    def _check_redirect_uri(self, _: object, value: str) -> None:
        parts = urlsplit(value)
        try:
            has_valid_port = parts.port is None or parts.port >= 0
        except ValueError:
            has_valid_port = False
        if parts.scheme != "http" or not is_loopback(parts.hostname) or "@" in parts.netloc or not has_valid_port:
            raise ValueError("redirect_uri must be an http URL on this machine, such as 'http://localhost:3000/…'")
        if parts.query or parts.fragment:
            raise ValueError("redirect_uri must not have a query or a fragment")

    def login(self) -> None:
        """Open the browser, wait until the user has signed in, and store the refresh token.

        Raises:
            AuthError: The user or the server denied access, nobody signed in within `timeout`, the port is in use, no
                browser could be opened, the server did not respond, or the refresh token could not be stored.
            ConfigurationError: The extra `auth` is not installed.
        """
        super().login()

    def _sign_in(self) -> Grant:
        from itwin_imodels._auth.loopback import RedirectListener  # noqa: PLC0415 - imports an HTTP server

        endpoints = self._discovered()
        state = secrets.token_urlsafe(32)
        verifier = Secret(secrets.token_urlsafe(64))

        def expected(query: Mapping[str, str]) -> bool:
            return _same(query.get("state", ""), state) and "code" in query

        with RedirectListener(self.redirect_uri, expected) as listener:
            self._open(self._authorization_url(endpoints, listener.redirect_uri, state, verifier))
            code = self._code(_Redirect(listener.wait(self.timeout)), state, endpoints)
        return self._token_endpoint(endpoints).exchange_code(
            code, redirect_uri=listener.redirect_uri, code_verifier=verifier
        )

    def _authorization_url(self, endpoints: Endpoints, redirect_uri: str, state: str, verifier: Secret) -> str:
        client = import_extra("authlib.oauth2").OAuth2Client(
            None, client_id=self.client_id, scope=self.scope, redirect_uri=redirect_uri, code_challenge_method="S256"
        )
        # A refresh token requires the user's consent (OpenID Connect Core, section 11).
        consent = {"prompt": "consent"} if "offline_access" in self.scope.split() else {}
        url, _ = client.create_authorization_url(
            endpoints.authorize, state=state, code_verifier=verifier.value, **consent
        )
        return str(url)

    def _open(self, url: str) -> None:
        if self.open_browser is not None:
            opened = self.open_browser(url)
        else:
            import webbrowser  # noqa: PLC0415 - needed only for interactive sign-in

            opened = webbrowser.open(url)
        if opened is False:
            raise AuthError("no browser could be opened: pass open_browser=print and open the URL that it prints")
        _LOG.info("waiting up to %g s for the user to sign in at %s", self.timeout, self.authority)

    def _code(self, redirect: "_Redirect", state: str, endpoints: Endpoints) -> Secret:
        if redirect.query is None:
            raise AuthError(f"nobody signed in within {self.timeout:g} s")
        if not _same(redirect.query.get("state", ""), state):
            raise AuthError(
                "the response does not belong to this sign-in (its parameter `state` differs): sign in again"
            )
        if "error" in redirect.query:
            code, description = redirect.query["error"], redirect.query.get("error_description")
            raise refusal(self.authority, code, description, (Secret(state),))
        if "iss" in redirect.query and endpoints.issuer is not None and redirect.query["iss"] != endpoints.issuer:
            raise AuthError(
                f"the response comes from another server, {safe_text(redirect.query['iss'])}: sign in again"
            )
        if not redirect.query.get("code"):
            raise AuthError("the response contains no code: sign in again")
        return Secret(redirect.query["code"])


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
