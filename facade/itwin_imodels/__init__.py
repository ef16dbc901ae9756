"""Stable client for the iTwin Platform iModels API.

`IModelsClient` and `AsyncIModelsClient` are the two clients. `itwin_imodels.models` contains the types that they
return, `itwin_imodels.errors` the exceptions that they raise, `itwin_imodels.auth` the ways to authenticate, and
`itwin_imodels.webhooks` the receiving side of events. Names are imported on first use.
"""

from typing import TYPE_CHECKING

from itwin_imodels._core.lazy import lazy_names
from itwin_imodels._version import __version__

if TYPE_CHECKING:
    from itwin_imodels._aio.client import AsyncIModelsClient
    from itwin_imodels._core.cancelling import CancellationToken
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
    "CancellationToken",
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

if not TYPE_CHECKING:
    __getattr__ = lazy_names(
        __name__,
        {
            "_aio.client": ("AsyncIModelsClient",),
            "_core.cancelling": ("CancellationToken",),
            "_core.options": ("UNCHANGED", "RetryPolicy", "Timeout", "Unchanged"),
            "_sync.client": ("IModelsClient",),
            "_transfer.options": ("TransferOptions",),
            "auth": ("AuthorizationCode", "ClientCredentials", "ShareKey"),
            "errors": ("ApiError", "IModelsError"),
            "mirror": (),
            "models": (),
            "profiles": (),
            "resources": (),
            "testing": (),
            "webhooks": (),
        },
    )


def __dir__() -> list[str]:
    """Return all public names."""
    return sorted(__all__)
