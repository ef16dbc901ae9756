"""The client of a worker, whose settings and credentials come from its own environment and profiles."""

import os
from collections.abc import Mapping
from typing import Any, Final

import httpx

from itwin_imodels import ClientCredentials, IModelsClient, RetryPolicy, Timeout, TransferOptions
from itwin_imodels._connection.from_env import credential_from_env
from itwin_imodels.auth import AuthLike, AuthorizationCode
from itwin_imodels.errors import ConfigurationError
from itwin_imodels.profiles import VARIABLES, Profiles

_PATIENT: Final = Timeout(total=3600.0)
"""The timeout of a request, including the time it waits for the budget."""
_RETRY: Final = RetryPolicy(attempts=8, longest_wait=60.0, deadline=3600.0)


def open_client(
    connection: str | None, transport: httpx.BaseTransport, transfer: TransferOptions | None = None
) -> IModelsClient:
    """Create a client.

    Args:
        connection: Name of a profile on this machine; None uses only environment variables.
        transport: The transport that sends the requests.
        transfer: Options of transfers; None means `TransferOptions()`.

    Raises:
        ConfigurationError: The profile does not exist, or no credentials are configured.
    """
    settings = _settings(connection)
    base_url = settings.get("base_url")
    return IModelsClient(
        _auth(settings),
        base_url=base_url,
        environment=None if base_url else settings.get("environment"),  # type: ignore[arg-type] # checked by the client
        timeout=_PATIENT,
        retry=_RETRY,
        transfer=transfer,
        transport=transport,
    )


def _settings(connection: str | None) -> Mapping[str, str]:
    """Return the settings: environment variables take precedence over the profile."""
    kept: Mapping[str, str] = {}
    if connection is not None:
        try:
            profile = Profiles.read().chosen(connection)
        except ValueError as error:
            raise ConfigurationError(f"connection {connection!r}: {error}") from None
        kept = {} if profile is None else profile.settings
    if os.environ.get("IMODELS_ENVIRONMENT"):
        kept = {name: value for name, value in kept.items() if name != "base_url"}
    variables = {name: os.environ.get(variable) for name, variable in VARIABLES.items()}
    return {**kept, **{name: value for name, value in variables.items() if value}}


def _auth(settings: Mapping[str, str]) -> AuthLike:
    if (credential := credential_from_env()) is not None:
        return credential
    client_id = settings.get("client_id")
    if client_id is None:
        raise ConfigurationError(
            "no credentials configured on the worker: set IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET there, or "
            "IMODELS_TOKEN"
        )
    if os.environ.get("IMODELS_CLIENT_SECRET"):
        selected = _select(settings, "scope", "token_url", "environment")
        return ClientCredentials(client_id, os.environ["IMODELS_CLIENT_SECRET"].strip(), **selected)
    return AuthorizationCode(client_id, **_select(settings, "scope", "authority", "environment", "redirect_uri"))


def _select(settings: Mapping[str, str], *names: str) -> dict[str, Any]:
    return {name: settings[name] for name in names if name in settings}
