"""Authentication of a service application with its client secret."""

import os
from collections.abc import Mapping
from typing import Final, Self

import attrs

from itwin_imodels._auth.checking import not_blank
from itwin_imodels._auth.http import checked_url
from itwin_imodels._auth.keeping import Clock, TokenKeeper, now
from itwin_imodels._auth.token_endpoint import TokenEndpoint
from itwin_imodels._auth.tokens import AccessToken
from itwin_imodels._core.checks import positive
from itwin_imodels._core.environments import Environment, authority_url, environment_of
from itwin_imodels._core.network import Network, Verify
from itwin_imodels._core.secrets import Secret
from itwin_imodels.errors import ConfigurationError

_REQUIRED: Final = {"client_id": "IMODELS_CLIENT_ID", "client_secret": "IMODELS_CLIENT_SECRET"}  # names of variables
_OPTIONAL: Final = {"scope": "IMODELS_SCOPE", "environment": "IMODELS_ENVIRONMENT", "token_url": "IMODELS_TOKEN_URL"}


def _token_url_of_environment(credentials: "ClientCredentials") -> str:
    return f"{authority_url(credentials.environment)}/connect/token"


@attrs.frozen(eq=False)
class ClientCredentials:
    """Token source for a service application (OAuth 2.0 client credentials).

    A token is requested on first use, cached, and replaced at most one minute before it expires. One object can be
    shared by many clients, synchronous and asynchronous, in many threads. Requires the extra `auth`.

    Args:
        client_id: Id of the application, as shown in its registration.
        client_secret: Secret of the application.
        scope: Scopes of the token, separated by spaces.
        environment: `production`, `qa` or `dev`; selects the authorization server.
        token_url: URL of another token endpoint, such as that of the local hub; takes precedence over `environment`.
        timeout: Seconds for each phase of a request to the server; greater than 0.
        clock: Returns the current time, with a time zone.
        proxy: URL of the proxy for requests to the server. Defaults to the proxy of the client that needs a token, or
            else to the one that the environment sets.
        verify: How the server's certificate is verified; takes the same values as `verify` of `IModelsClient`.
        trust_env: Whether environment variables choose the proxy and certificates.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An argument is empty or out of range, or `token_url` is neither an https URL nor on this machine.

    Example:
        ```python
        with IModelsClient(auth=ClientCredentials("service-abc", os.environ["SECRET"])) as client:
            ...
        ```
    """

    client_id: str = attrs.field(validator=not_blank)
    client_secret: str = attrs.field(repr=False, validator=not_blank)
    scope: str = attrs.field(default="itwin-platform", kw_only=True, validator=not_blank)
    environment: Environment = attrs.field(default="production", kw_only=True, converter=environment_of)
    token_url: str = attrs.field(default=attrs.Factory(_token_url_of_environment, takes_self=True), kw_only=True)
    timeout: float = attrs.field(default=15.0, kw_only=True, repr=False, validator=positive)
    clock: Clock = attrs.field(default=now, kw_only=True, repr=False)
    proxy: str | None = attrs.field(default=None, kw_only=True, repr=False)
    verify: Verify = attrs.field(default=True, kw_only=True, repr=False)
    trust_env: bool = attrs.field(default=True, kw_only=True, repr=False)
    _keeper: TokenKeeper = attrs.field(init=False, repr=False)
    _network: Network = attrs.field(init=False, repr=False)

    @token_url.validator
    def _check_token_url(self, _: object, value: str) -> None:
        checked_url("token_url", value)

    @_keeper.default
    def _make_keeper(self) -> TokenKeeper:
        return TokenKeeper(self._fetch, self.clock)

    @_network.default
    def _make_network(self) -> Network:
        return Network.of(self.proxy, self.verify, trust_env=self.trust_env)

    @classmethod
    def from_env(cls) -> Self:
        """Create credentials from environment variables.

        `IMODELS_CLIENT_ID` and `IMODELS_CLIENT_SECRET` are required; `IMODELS_SCOPE`, `IMODELS_ENVIRONMENT` and
        `IMODELS_TOKEN_URL` are optional.

        Raises:
            ConfigurationError: A variable is missing or invalid.
        """
        missing = [variable for variable in _REQUIRED.values() if not _value(os.environ, variable)]
        if missing:
            raise ConfigurationError(
                f"set {' and '.join(missing)}: both the id and the secret of the service application are required"
            )
        try:
            return cls(**_arguments(os.environ))  # type: ignore[arg-type]  # all values are strings
        except ValueError as error:
            failure = str(error)
        variables = ", ".join(filter(lambda name: _value(os.environ, name), _OPTIONAL.values()))
        raise ConfigurationError(f"{failure}; see {variables}")  # not in the except block: no secrets in its context

    def get_token(self, *, refresh: bool = False) -> AccessToken:
        """Return a valid token, requesting one from the server if necessary.

        Args:
            refresh: Whether the service rejected the current token, so that a new one must be obtained.

        Returns:
            The token.

        Raises:
            AuthError: The server rejected the request or did not respond.
            ConfigurationError: The extra `auth` is not installed.
        """
        return self._keeper.get(refresh=refresh)

    def peek(self) -> AccessToken | None:
        """Return the cached token without blocking.

        Returns:
            The token, or None if `get_token` must be called.
        """
        return self._keeper.peek()

    def _fetch(self) -> AccessToken:
        secret = Secret(self.client_secret)
        endpoint = TokenEndpoint(self.token_url, self.client_id, secret, timeout=self.timeout, clock=self.clock)
        with self._network.in_use_if_chosen():
            return endpoint.request_with_client_credentials(self.scope).access_token


def _arguments(variables: Mapping[str, str]) -> dict[str, str]:
    values = {name: _value(variables, variable) for name, variable in (_REQUIRED | _OPTIONAL).items()}
    return {name: value for name, value in values.items() if value}


def _value(variables: Mapping[str, str], name: str) -> str:
    return variables.get(name, "").strip()
