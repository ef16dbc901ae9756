"""The origin (scheme and host) under which a client calls the hub."""

from starlette.requests import Request

from itwin_imodels_hub.basis.hosts import host_of


def origin_of(request: Request) -> str:
    """Return the scheme and host of a request."""
    scheme = request.url.scheme
    authority = request.headers.get("host")
    if authority is not None and host_of(authority) is not None:
        return f"{scheme}://{authority}"
    name, port = request.scope.get("server") or ("localhost", None)
    return f"{scheme}://{name}" if port is None else f"{scheme}://{name}:{port}"
