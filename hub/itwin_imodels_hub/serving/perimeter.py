"""Middleware for all requests to a hub: trusted proxies and permitted hosts.

A web page whose DNS name resolves to this machine (DNS rebinding) can reach the hub as its own origin. The `Host`
header of its requests contains that name, which is not a host of the hub.
"""

import json
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from itwin_imodels_hub.basis.hosts import address_of, host_of, is_loopback
from itwin_imodels_hub.basis.settings import HubSettings

_MISDIRECTED: Final = 421
_SCHEMES: Final = frozenset({"http", "https"})


class TrustedProxies:
    """ASGI middleware that applies `X-Forwarded-Host` and `X-Forwarded-Proto` from trusted proxies to the request.

    These headers are ignored in requests from other clients.
    """

    def __init__(self, app: ASGIApp, settings: HubSettings) -> None:
        """Wrap an application."""
        self._app = app
        self._networks = [ip_network(each, strict=False) for each in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request under the host and scheme that the client used."""
        if scope["type"] == "http" and _is_in(scope.get("client"), self._networks):
            scope = _as_forwarded(scope)
        await self._app(scope, receive, send)


class KnownHosts:
    """ASGI middleware that rejects requests for hosts that do not belong to the hub."""

    def __init__(self, app: ASGIApp, settings: HubSettings) -> None:
        """Wrap an application."""
        self._app = app
        self._hosts = frozenset(settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request for a known host, or respond with 421."""
        authority = Headers(scope=scope).get("host") if scope["type"] == "http" else None
        if authority is None or self._knows(host_of(authority), scope):
            await self._app(scope, receive, send)
            return
        await _misdirected(host_of(authority))(scope, receive, send)

    def _knows(self, host: str | None, scope: Scope) -> bool:
        """Check whether a host is a loopback host, configured, or the address that received the connection."""
        if host is None:
            return False
        if is_loopback(host) or host in self._hosts:
            return True
        address, server = address_of(host), scope.get("server")
        return address is not None and server is not None and address == address_of(server[0])


def _is_in(client: tuple[str, int] | None, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    address = address_of(client[0]) if client else None
    return address is not None and any(address in network for network in networks)


def _as_forwarded(scope: Scope) -> Scope:
    scope = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=scope)
    host, scheme = headers.get("x-forwarded-host"), headers.get("x-forwarded-proto", "").lower()
    if host is not None and host_of(host) is not None:
        headers["host"] = host
    if scheme in _SCHEMES:
        scope["scheme"] = scheme
    return scope


def _misdirected(host: str | None) -> Response:
    name = "the host of the request" if host is None else f"the host '{host}'"
    option = "" if host is None else f" To serve it, start the hub with --allowed-host {host} or set allowed_hosts."
    error = {"code": "UnknownHost", "message": f"The hub does not serve {name}.{option}"}
    return Response(json.dumps({"error": error}), _MISDIRECTED, media_type="application/json")
