"""Interactive sign-in of a user with a browser."""

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import attrs

from itwin_imodels._auth.checking import not_blank
from itwin_imodels._auth.discovery import Endpoints, discover
from itwin_imodels._auth.errors import LoginRequired
from itwin_imodels._auth.extra import needed
from itwin_imodels._auth.http import checked_url, is_loopback, shown
from itwin_imodels._auth.keeping import Clock, TokenKeeper, now
from itwin_imodels._auth.stores import TokenStore, default_store
from itwin_imodels._auth.token_endpoint import Grant, TokenEndpoint, refusal
from itwin_imodels._auth.tokens import AccessToken
from itwin_imodels._core.checks import positive
from itwin_imodels._core.environments import Environment, authority_url, environment_of
from itwin_imodels._core.network import Network, Verify
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError

_REQUEST_TIMEOUT: Final = 15.0
_LOG = logging.getLogger("itwin_imodels.auth")


@attrs.frozen(kw_only=True)
class LoginStatus:
    """Whether a user is signed in.

    Attributes:
        signed_in: Whether tokens can be obtained without a browser, as far as this is known without a request to the
            server.
        access_token_expires_at: When the cached access token expires; None if there is none or its expiry is unknown.
        kept_in: The store that holds the refresh token, such as `KeyringTokenStore()`.
    """

    signed_in: bool
    access_token_expires_at: datetime | None
    kept_in: str


@attrs.frozen
class _Redirect:
    """The redirect that the browser followed; its `repr` omits the code."""

    query: Mapping[str, str] | None = attrs.field(repr=False)


def _authority_of_environment(code: "AuthorizationCode") -> str:
    return authority_url(code.environment)


@attrs.define(eq=False, on_setattr=attrs.setters.frozen)
class AuthorizationCode:
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
        proxy: URL of the proxy for requests to the server. By default that of the client that needs a token, or else
            that of the environment.
        verify: How the certificate of the server is verified, as for a client.
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

    client_id: str = attrs.field(validator=not_blank)
    redirect_uri: str = attrs.field(default="http://localhost:3000/signin-callback", kw_only=True, validator=not_blank)
    scope: str = attrs.field(default="itwin-platform offline_access", kw_only=True, validator=not_blank)
    environment: Environment = attrs.field(default="production", kw_only=True, converter=environment_of)
    authority: str = attrs.field(default=attrs.Factory(_authority_of_environment, takes_self=True), kw_only=True)
    store: TokenStore | None = attrs.field(default=None, kw_only=True, repr=False)
    open_browser: Callable[[str], object] | None = attrs.field(default=None, kw_only=True, repr=False)
    timeout: float = attrs.field(default=300.0, kw_only=True, repr=False, validator=positive)
    interactive: bool = attrs.field(default=False, kw_only=True, repr=False)
    clock: Clock = attrs.field(default=now, kw_only=True, repr=False)
    proxy: str | None = attrs.field(default=None, kw_only=True, repr=False)
    verify: Verify = attrs.field(default=True, kw_only=True, repr=False)
    trust_env: bool = attrs.field(default=True, kw_only=True, repr=False)
    _keeper: TokenKeeper = attrs.field(init=False, repr=False)
    _network: Network = attrs.field(init=False, repr=False)
    _endpoints: Endpoints | None = attrs.field(init=False, default=None, repr=False, on_setattr=attrs.setters.NO_OP)
    _chosen_store: TokenStore | None = attrs.field(init=False, default=None, repr=False, on_setattr=attrs.setters.NO_OP)

    @redirect_uri.validator
    def _check_redirect_uri(self, _: object, value: str) -> None:
        parts = urlsplit(value)
        try:
            port_is_one = parts.port is None or parts.port >= 0
        except ValueError:
            port_is_one = False
        if parts.scheme != "http" or not is_loopback(parts.hostname) or "@" in parts.netloc or not port_is_one:
            raise ValueError("redirect_uri must be an http URL of this machine, such as 'http://localhost:3000/…'")
        if parts.query or parts.fragment:
            raise ValueError("redirect_uri must not have a query or a fragment")

    @authority.validator
    def _check_authority(self, _: object, value: str) -> None:
        checked_url("authority", value)

    @_keeper.default
    def _make_keeper(self) -> TokenKeeper:
        return TokenKeeper(self._fetch, self.clock)

    @_network.default
    def _make_network(self) -> Network:
        return Network.of(self.proxy, self.verify, trust_env=self.trust_env)

    def login(self) -> None:
        """Open the browser, wait until the user has signed in, and store the refresh token.

        Raises:
            AuthError: The user or the server denied access, nobody signed in within `timeout`, the port is in use, no
                browser could be opened, or the server did not respond.
            ConfigurationError: The extra `auth` is not installed.
        """
        with self._network.in_use_if_chosen():
            grant = self._sign_in()
        self._keeper.put(grant.access_token, grant.obtained)

    def logout(self) -> None:
        """Delete the tokens, and revoke the refresh token if the server supports it.

        Raises:
            AuthError: The refresh token cannot be deleted, or it was deleted but could not be revoked at the server.
            ConfigurationError: The extra `auth` is not installed.
        """
        self._keeper.forget()
        store = self._store()
        with store.lock(self._login):
            refresh_token = self._loaded(store)
            store.delete(self._login)
        if refresh_token is None:
            return
        try:
            with self._network.in_use_if_chosen():
                endpoints = self._discovered()
                if endpoints.revoke is not None:
                    self._token_endpoint(endpoints).revoke(endpoints.revoke, refresh_token)
        except AuthError as error:
            raise AuthError(f"signed out on this machine, but the refresh token was not revoked: {error}") from error

    def status(self) -> LoginStatus:
        """Return whether a user is signed in, without a request to the server.

        Raises:
            AuthError: The refresh token cannot be read.
            ConfigurationError: The extra `auth` is not installed.
        """
        store = self._store()
        token = self._keeper.valid()
        return LoginStatus(
            signed_in=token is not None or store.load(self._login) is not None,
            access_token_expires_at=token.expires_at if token else None,
            kept_in=repr(store),
        )

    def get_token(self, *, refresh: bool = False) -> AccessToken:
        """Return a valid token, requesting one from the server if necessary.

        Args:
            refresh: Whether the service rejected the current token, so that a new one must be obtained.

        Returns:
            The token.

        Raises:
            AuthError: The server rejected the request or did not respond.
            LoginRequired: No user is signed in, or the sign-in has expired, and `interactive` is False.
            ConfigurationError: The extra `auth` is not installed.
        """
        return self._keeper.get(refresh=refresh)

    def peek(self) -> AccessToken | None:
        """Return the cached token without blocking.

        Returns:
            The token, or None if `get_token` must be called.
        """
        return self._keeper.peek()

    @property
    def _login(self) -> str:
        return f"{self.authority.rstrip('/')} {self.client_id} {' '.join(sorted(self.scope.split()))}"

    def _store(self) -> TokenStore:
        if self._chosen_store is None:
            self._chosen_store = default_store() if self.store is None else self.store
        return self._chosen_store

    def _loaded(self, store: TokenStore) -> Secret | None:
        token = store.load(self._login)
        return None if token is None else Secret(token)

    def _discovered(self) -> Endpoints:
        if self._endpoints is None:
            self._endpoints = discover(self.authority, _REQUEST_TIMEOUT)
        return self._endpoints

    def _token_endpoint(self, endpoints: Endpoints) -> TokenEndpoint:
        return TokenEndpoint(endpoints.token, self.client_id, timeout=_REQUEST_TIMEOUT, clock=self.clock)

    def _fetch(self) -> AccessToken:
        with self._network.in_use_if_chosen():
            try:
                return self._renewed()
            except LoginRequired:
                if not self.interactive:
                    raise
            return self._sign_in().access_token

    def _renewed(self) -> AccessToken:
        store = self._store()
        with store.lock(self._login):
            refresh_token = self._loaded(store)
            if refresh_token is None:
                raise LoginRequired(
                    f"nobody is signed in to {self.client_id} at {self.authority}: call login() first, or pass "
                    "interactive=True"
                )
            try:
                grant = self._token_endpoint(self._discovered()).with_refresh_token(refresh_token)
            except LoginRequired:
                store.delete(self._login)
                raise
            if grant.refresh_token is not None and grant.refresh_token != refresh_token:
                store.save(self._login, grant.refresh_token.value)
        return grant.access_token

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
        grant = self._token_endpoint(endpoints).with_code(
            code, redirect_uri=listener.redirect_uri, code_verifier=verifier
        )
        self._keep(grant)
        return grant

    def _authorization_url(self, endpoints: Endpoints, redirect_uri: str, state: str, verifier: Secret) -> str:
        client = needed("authlib.oauth2").OAuth2Client(
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
            raise AuthError("the response does not belong to this sign-in (its state differs): sign in again")
        if "error" in redirect.query:
            code, description = redirect.query["error"], redirect.query.get("error_description")
            raise refusal(self.authority, code, description, (Secret(state),))
        if "iss" in redirect.query and endpoints.issuer is not None and redirect.query["iss"] != endpoints.issuer:
            raise AuthError(f"the response comes from another server, {shown(redirect.query['iss'])}: sign in again")
        if not redirect.query.get("code"):
            raise AuthError("the response contains no code: sign in again")
        return Secret(redirect.query["code"])

    def _keep(self, grant: Grant) -> None:
        store = self._store()
        with store.lock(self._login):
            if grant.refresh_token is not None:
                store.save(self._login, grant.refresh_token.value)
            else:
                store.delete(self._login)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
