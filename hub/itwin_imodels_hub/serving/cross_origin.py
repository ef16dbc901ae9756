"""Cross-origin requests (CORS): web pages of the origins in the setting `allowed_origins` may call the hub.

They may call the APIs, the storage links, and the token endpoint with its metadata. No script from another origin can
read the sign-in pages, the status page or the control API.
"""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from itwin_imodels_hub.basis.settings import HubSettings

_OPEN: Final = ("/imodels", "/itwins", "/accesscontrol", "/webhooks", "/storage", "/connect", "/.well-known")
_PAGES: Final = ("/connect/authorize", "/connect/device")
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_EXPOSED: Final = ("Location", "Create-iModel-Operation", "Retry-After", "*")
"""`*` exposes the remaining headers, because no request carries cookies."""


class CrossOrigin:
    """ASGI middleware that lets pages of the allowed origins read responses, and responds to their preflights."""

    def __init__(self, app: ASGIApp, settings: HubSettings) -> None:
        """Wrap an application."""
        self._app = app
        self._shared: ASGIApp = CORSMiddleware(
            app,
            allow_origins=settings.allowed_origins,
            allow_methods=_METHODS,
            allow_headers=("*",),
            expose_headers=_EXPOSED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        app = self._shared if scope["type"] == "http" and _is_open(scope["path"]) else self._app
        await app(scope, receive, send)


def _is_open(path: str) -> bool:
    return _is_below(path, *_OPEN) and not _is_below(path, *_PAGES)


def _is_below(path: str, *prefixes: str) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)
