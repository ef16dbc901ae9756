"""Ways for a client to be let in: what its parameter `auth` takes."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels.auth._authorization_code import AuthorizationCode, LoginStatus
    from itwin_imodels.auth._client_credentials import ClientCredentials
    from itwin_imodels.auth._errors import LoginRequired
    from itwin_imodels.auth._stores import FileTokenStore, KeyringTokenStore, TokenStore
    from itwin_imodels.auth._tokens import AccessToken, AuthLike, ShareKey, TokenSource

__all__ = [
    "AccessToken",
    "AuthLike",
    "AuthorizationCode",
    "ClientCredentials",
    "FileTokenStore",
    "KeyringTokenStore",
    "LoginRequired",
    "LoginStatus",
    "ShareKey",
    "TokenSource",
    "TokenStore",
]

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "_authorization_code": ("AuthorizationCode", "LoginStatus"),
            "_client_credentials": ("ClientCredentials",),
            "_errors": ("LoginRequired",),
            "_stores": ("FileTokenStore", "KeyringTokenStore", "TokenStore"),
            "_tokens": ("AccessToken", "AuthLike", "ShareKey", "TokenSource"),
        },
    )


def __dir__() -> list[str]:
    """All public names."""
    return sorted(__all__)
