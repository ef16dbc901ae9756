"""Ways for a client to be let in: what its parameter `auth` takes."""

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
