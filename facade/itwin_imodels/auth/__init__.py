"""Authentication methods of a client: the types that its argument `auth` accepts."""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names

if TYPE_CHECKING:
    from itwin_imodels._auth.authorization_code import AuthorizationCode
    from itwin_imodels._auth.client_credentials import ClientCredentials
    from itwin_imodels._auth.device_code import DeviceCode, DevicePrompt
    from itwin_imodels._auth.errors import LoginRequired
    from itwin_imodels._auth.signed_in_user import LoginStatus
    from itwin_imodels._auth.stores import FileTokenStore, KeyringTokenStore, TokenStore
    from itwin_imodels._auth.tokens import AccessToken, AuthLike, ShareKey, TokenSource

__all__ = [
    "AccessToken",
    "AuthLike",
    "AuthorizationCode",
    "ClientCredentials",
    "DeviceCode",
    "DevicePrompt",
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
        "itwin_imodels._auth",
        {
            "authorization_code": ("AuthorizationCode",),
            "client_credentials": ("ClientCredentials",),
            "device_code": ("DeviceCode", "DevicePrompt"),
            "errors": ("LoginRequired",),
            "signed_in_user": ("LoginStatus",),
            "stores": ("FileTokenStore", "KeyringTokenStore", "TokenStore"),
            "tokens": ("AccessToken", "AuthLike", "ShareKey", "TokenSource"),
        },
        __name__,
    )


def __dir__() -> list[str]:
    """Return all public names."""
    return sorted(__all__)
