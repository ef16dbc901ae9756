"""Base of the token sources for users who sign in: renewal of tokens, and the store of the refresh token."""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Final

import attrs

from itwin_imodels._auth.checking import not_blank
from itwin_imodels._auth.discovery import Endpoints, discover
from itwin_imodels._auth.errors import LoginRequired
from itwin_imodels._auth.http import checked_url
from itwin_imodels._auth.keeping import Clock, TokenKeeper, now
from itwin_imodels._auth.stores import TokenStore, default_store
from itwin_imodels._auth.token_endpoint import Grant, TokenEndpoint
from itwin_imodels._auth.tokens import AccessToken
from itwin_imodels._core.checks import positive
from itwin_imodels._core.environments import Environment, authority_url, environment_of
from itwin_imodels._core.network import Network, Verify
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import AuthError

_REQUEST_TIMEOUT: Final = 15.0


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


def _authority_of_environment(user: "SignedInUser") -> str:
    return authority_url(user.environment)


@attrs.define(eq=False, on_setattr=attrs.setters.frozen)
class SignedInUser(ABC):
    """Base of the token sources for users. Sources with the same server, application and scope share sign-ins."""

    client_id: str = attrs.field(validator=not_blank)
    scope: str = attrs.field(default="itwin-platform offline_access", kw_only=True, validator=not_blank)
    environment: Environment = attrs.field(default="production", kw_only=True, converter=environment_of)
    authority: str = attrs.field(default=attrs.Factory(_authority_of_environment, takes_self=True), kw_only=True)
    store: TokenStore | None = attrs.field(default=None, kw_only=True, repr=False)
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
        """Wait until the user has signed in, and store the refresh token.

        Raises:
            AuthError: The user or the server denied access, nobody signed in within `timeout`, the server did not
                respond, or the refresh token could not be stored.
            ConfigurationError: The extra `auth` is not installed.
        """
        with self._network.in_use_if_chosen():
            grant = self._sign_in()
            self._keep(grant)
        self._keeper.put(grant.access_token, grant.requested_at)

    def logout(self) -> None:
        """Delete the tokens, and revoke the refresh token if the server supports revocation.

        Raises:
            AuthError: The refresh token could not be read or deleted, or was deleted but not revoked at the server.
            ConfigurationError: The extra `auth` is not installed.
        """
        store = self._store()
        try:
            with store.lock(self._login):
                refresh_token = self._loaded(store)
                store.delete(self._login)
        finally:
            self._keeper.forget()  # afterwards, since a renewal in another thread may end in the meantime
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
            AuthError: The server rejected the request or did not respond, or the refresh token could not be read or
                stored.
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
            grant = self._sign_in()
            self._keep(grant)
            return grant.access_token

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
                grant = self._token_endpoint(self._discovered()).refresh(refresh_token)
            except LoginRequired:
                store.delete(self._login)
                raise
            if grant.refresh_token is not None and grant.refresh_token != refresh_token:
                store.save(self._login, grant.refresh_token.value)
        return grant.access_token

    @abstractmethod
    def _sign_in(self) -> Grant:
        """Sign the user in."""

    def _keep(self, grant: Grant) -> None:
        store = self._store()
        with store.lock(self._login):
            if grant.refresh_token is not None:
                store.save(self._login, grant.refresh_token.value)
            else:
                store.delete(self._login)
