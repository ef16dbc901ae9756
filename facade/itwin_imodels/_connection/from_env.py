"""The URL and credentials of a client, from environment variables."""

import os

import attrs

from itwin_imodels._connection.address import base_url_of
from itwin_imodels.auth import AccessToken, AuthLike, ClientCredentials, ShareKey
from itwin_imodels.errors import ConfigurationError


@attrs.frozen(kw_only=True)
class Connection:
    """The URL of the API, and the credentials of the client."""

    base_url: str
    auth: AuthLike = attrs.field(repr=False)


def connection_from_env() -> Connection:
    """Read the URL and credentials from environment variables.

    Raises:
        ConfigurationError: A variable is missing or invalid.
    """
    base_url = _variable("IMODELS_BASE_URL")
    try:
        base_url = base_url_of(base_url, None if base_url else _variable("IMODELS_ENVIRONMENT"))
    except ValueError as error:
        name = "IMODELS_BASE_URL" if base_url else "IMODELS_ENVIRONMENT"
        raise ConfigurationError(f"{error} (read from {name})") from None
    return Connection(base_url=base_url, auth=credential_from_env() or _application())


def credential_from_env() -> AccessToken | ShareKey | None:
    """Return the access token or the share key from the environment; None if it contains neither.

    Raises:
        ConfigurationError: The variable is invalid.
    """
    for name, kind in (("IMODELS_TOKEN", AccessToken), ("IMODELS_SHARE_KEY", ShareKey)):
        if _variable(name):
            return _credential(name, kind)
    return None


def _application() -> AuthLike:
    if _variable("IMODELS_CLIENT_ID") or _variable("IMODELS_CLIENT_SECRET"):
        return ClientCredentials.from_env()
    raise ConfigurationError(
        "no credentials configured: set IMODELS_TOKEN, or IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET, or "
        "IMODELS_SHARE_KEY"
    )


def _credential(name: str, kind: type[AccessToken | ShareKey]) -> AccessToken | ShareKey:
    try:
        return kind(os.environ[name].strip())
    except ValueError as error:
        failure = str(error)
    raise ConfigurationError(f"{name}: {failure}")  # not in the except block: no credential in its context


def _variable(name: str) -> str | None:
    return os.environ.get(name) or None
