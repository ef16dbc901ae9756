"""Where a client connects to, from its arguments or from environment variables."""

import os
from collections.abc import Mapping

import attrs

from itwin_imodels._core.environments import api_url
from itwin_imodels._core.origin import checked_base_url
from itwin_imodels.auth import AccessToken, AuthLike, ClientCredentials, ShareKey
from itwin_imodels.errors import ConfigurationError


def base_url_of(base_url: str | None, environment: str | None) -> str:
    """Choose the address of the API.

    Args:
        base_url: The address itself.
        environment: `production`, `qa` or `dev`; production by default.

    Raises:
        ValueError: Both are given, or one is wrong.
    """
    if base_url is not None and environment is not None:
        raise ValueError("base_url and environment exclude each other")
    return api_url(environment or "production") if base_url is None else checked_base_url(base_url)


@attrs.frozen(kw_only=True)
class Connection:
    """Where a client connects to, and how it is let in."""

    base_url: str
    auth: AuthLike = attrs.field(repr=False)


def connection_from_env() -> Connection:
    """Read where to connect to from environment variables.

    Raises:
        ConfigurationError: One is missing or wrong.
    """
    found = {name: value for name, value in os.environ.items() if value}
    try:
        base_url = base_url_of(found.get("IMODELS_BASE_URL"), _environment(found))
    except ValueError as error:
        raise ConfigurationError(f"{error} (read from IMODELS_BASE_URL and IMODELS_ENVIRONMENT)") from None
    return Connection(base_url=base_url, auth=_auth(found))


def _environment(found: Mapping[str, str]) -> str | None:
    return None if "IMODELS_BASE_URL" in found else found.get("IMODELS_ENVIRONMENT")


def _auth(found: Mapping[str, str]) -> AuthLike:
    for name, kind in (("IMODELS_TOKEN", AccessToken), ("IMODELS_SHARE_KEY", ShareKey)):
        if name in found:
            try:
                return kind(found[name])
            except ValueError as error:
                raise ConfigurationError(f"{name}: {error}") from None
    if "IMODELS_CLIENT_ID" in found or "IMODELS_CLIENT_SECRET" in found:
        return ClientCredentials.from_env()
    raise ConfigurationError(
        "no way to be let in: set IMODELS_TOKEN, or IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET, or IMODELS_SHARE_KEY"
    )
