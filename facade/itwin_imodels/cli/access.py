"""Credentials of a command: those from the environment, or else the user's sign-in."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from itwin_imodels import auth
from itwin_imodels.cli.settings import Settings
from itwin_imodels.errors import AuthError

if TYPE_CHECKING:
    from itwin_imodels.auth import AuthLike, AuthorizationCode, ClientCredentials, DeviceCode

TOKEN: Final = "IMODELS_TOKEN"  # noqa: S105 - the name of a variable
SHARE_KEY: Final = "IMODELS_SHARE_KEY"
CLIENT_SECRET: Final = "IMODELS_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_NO_CREDENTIALS: Final = (
    "no credentials are configured. Sign in with 'imodels auth login --client-id ID', set IMODELS_TOKEN, or set "
    "IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET for a service."
)
SECRETS: Final = (TOKEN, SHARE_KEY, CLIENT_SECRET)
"""Environment variables that contain credentials. The first one that is set is used."""


def access(settings: Settings) -> "AuthLike":
    """Return the credentials for a command.

    Raises:
        AuthError: No credentials are configured.
        ValueError: A setting is invalid.
    """
    token, share_key = os.environ.get(TOKEN), os.environ.get(SHARE_KEY)
    if token:
        return token
    if share_key:
        return auth.ShareKey(share_key.strip())
    if os.environ.get(CLIENT_SECRET):
        return client_credentials(settings)
    if settings["client_id"] is None:
        raise AuthError(_NO_CREDENTIALS)
    return sign_in(settings)


def client_credentials(settings: Settings) -> "ClientCredentials":
    """Return the credentials of a service application.

    Raises:
        ValueError: A setting is missing or invalid.
    """
    client_id = settings["client_id"]
    if client_id is None:
        raise ValueError(f"{CLIENT_SECRET} is set, but IMODELS_CLIENT_ID is not: set it to the id of the application")
    arguments = {"scope": settings["scope"], "token_url": settings["token_url"], "environment": settings["environment"]}
    return auth.ClientCredentials(
        client_id,
        os.environ[CLIENT_SECRET].strip(),
        **{name: value for name, value in arguments.items() if value},  # type: ignore[arg-type] # validated there
    )


def sign_in(settings: Settings, **more: object) -> "AuthorizationCode":
    """Return the interactive sign-in of a user.

    Args:
        settings: The effective settings.
        more: Additional arguments of `AuthorizationCode`.

    Raises:
        ValueError: A setting is missing or invalid.
    """
    client_id, arguments = _sign_in_arguments(settings, {"redirect_uri": settings["redirect_uri"], **more})
    return auth.AuthorizationCode(client_id, **arguments)  # type: ignore[arg-type] # validated there


def device_sign_in(settings: Settings, **more: object) -> "DeviceCode":
    """Return the sign-in of a user on another device; afterwards, `sign_in` finds the stored tokens.

    Args:
        settings: The effective settings.
        more: Additional arguments of `DeviceCode`.

    Raises:
        ValueError: A setting is missing or invalid.
    """
    client_id, arguments = _sign_in_arguments(settings, more)
    return auth.DeviceCode(client_id, **arguments)  # type: ignore[arg-type] # validated there


def _sign_in_arguments(settings: Settings, more: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    client_id = settings["client_id"]
    if client_id is None:
        raise ValueError(
            "no client application is configured for sign-in: use --client-id, set IMODELS_CLIENT_ID, or run "
            "'imodels config set client_id ID'"
        )
    arguments = {
        "scope": settings["scope"],
        "authority": settings["authority"],
        "environment": settings["environment"],
        **more,
    }
    return client_id, {name: value for name, value in arguments.items() if value is not None}
