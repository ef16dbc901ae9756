"""Stable client of the iTwin Platform iModels API.

`IModelsClient` and `AsyncIModelsClient` are the two clients; `itwin_imodels.models` has what they give,
`itwin_imodels.errors` what they raise, `itwin_imodels.auth` the ways to be let in, `itwin_imodels.webhooks` reads
events. Names are imported when they are first used.
"""

import importlib
from typing import TYPE_CHECKING

from itwin_imodels._version import __version__

if TYPE_CHECKING:
    from itwin_imodels._aio.client import AsyncIModelsClient
    from itwin_imodels._core.options import UNCHANGED, RetryPolicy, Timeout, Unchanged
    from itwin_imodels._sync.client import IModelsClient
    from itwin_imodels._transfer.options import TransferOptions
    from itwin_imodels.auth import AuthorizationCode, ClientCredentials, ShareKey
    from itwin_imodels.errors import ApiError, IModelsError

__all__ = [
    "UNCHANGED",
    "ApiError",
    "AsyncIModelsClient",
    "AuthorizationCode",
    "ClientCredentials",
    "IModelsClient",
    "IModelsError",
    "RetryPolicy",
    "ShareKey",
    "Timeout",
    "TransferOptions",
    "Unchanged",
    "__version__",
]

_HOMES = {
    "UNCHANGED": "_core.options",
    "ApiError": "errors",
    "AsyncIModelsClient": "_aio.client",
    "AuthorizationCode": "auth",
    "ClientCredentials": "auth",
    "IModelsClient": "_sync.client",
    "IModelsError": "errors",
    "RetryPolicy": "_core.options",
    "ShareKey": "auth",
    "Timeout": "_core.options",
    "TransferOptions": "_transfer.options",
    "Unchanged": "_core.options",
}


_MODULES = ("auth", "errors", "mirror", "models", "resources", "testing", "webhooks")


def __getattr__(name: str) -> object:
    """Import a name or a public module when it is first used, so that importing the package is cheap."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """All public names."""
    return sorted(__all__)
