"""The origin (scheme and host) of the hub as the client sees it."""

import re

from starlette.requests import Request

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


def origin_of(request: Request) -> str:
    """Return the scheme and host of a request, taking `X-Forwarded-*` headers of a proxy into account."""
    scheme = request.headers.get("x-forwarded-proto", "").lower()
    if scheme not in {"http", "https"}:
        scheme = request.url.scheme
    for host in (request.headers.get("x-forwarded-host"), request.headers.get("host")):
        if host is not None and _HOST.fullmatch(host):
            return f"{scheme}://{host}"
    name, port = request.scope.get("server") or ("localhost", None)
    return f"{scheme}://{name}" if port is None else f"{scheme}://{name}:{port}"
