"""How a command is let in: by what the environment says, else by the sign-in of a person."""

import os
from typing import Final

from itwin_imodels.auth import AuthLike, AuthorizationCode, ClientCredentials, LoginRequired, ShareKey
from itwin_imodels.cli.settings import Settings

TOKEN: Final = "IMODELS_TOKEN"  # noqa: S105 - the name of a variable
SHARE_KEY: Final = "IMODELS_SHARE_KEY"
CLIENT_SECRET: Final = "IMODELS_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_NOBODY: Final = "nobody is signed in, and no application is named to sign in with (--client-id)"
SECRETS: Final = (TOKEN, SHARE_KEY, CLIENT_SECRET)
"""Environment variables that hold secrets. The first that is set lets the command in."""


def access(settings: Settings) -> AuthLike:
    """Choose how to be let in.

    Raises:
        LoginRequired: Nothing says how.
        ValueError: A setting is not allowed.
    """
    token, share_key = os.environ.get(TOKEN), os.environ.get(SHARE_KEY)
    if token:
        return token
    if share_key:
        return ShareKey(share_key)
    if os.environ.get(CLIENT_SECRET):
        return client_credentials(settings)
    if settings["client_id"] is None:
        raise LoginRequired(_NOBODY)
    return sign_in(settings)


def client_credentials(settings: Settings) -> ClientCredentials:
    """Let a service application in by its secret.

    Raises:
        ValueError: A setting is missing or not allowed.
    """
    client_id = settings["client_id"]
    if client_id is None:
        raise ValueError(f"{CLIENT_SECRET} is set, but no application: set IMODELS_CLIENT_ID too")
    given = {"scope": settings["scope"], "token_url": settings["token_url"], "environment": settings["environment"]}
    return ClientCredentials(
        client_id,
        os.environ[CLIENT_SECRET],
        **{name: value for name, value in given.items() if value},  # type: ignore[arg-type] # checked there
    )


def sign_in(settings: Settings, **more: object) -> AuthorizationCode:
    """Give what signs a person in.

    Args:
        settings: What holds.
        more: Further arguments of `AuthorizationCode`.

    Raises:
        ValueError: A setting is missing or not allowed.
    """
    client_id = settings["client_id"]
    if client_id is None:
        raise ValueError(
            "which application signs you in? Name it with --client-id or IMODELS_CLIENT_ID, or keep it: "
            "imodels config set client_id ID"
        )
    given = {
        "scope": settings["scope"],
        "redirect_uri": settings["redirect_uri"],
        "authority": settings["authority"],
        "environment": settings["environment"],
        **more,
    }
    return AuthorizationCode(
        client_id,
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type] # checked there
    )
