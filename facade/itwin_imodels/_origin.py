"""Whether an address belongs to the API, so that it may be sent the token."""

from urllib.parse import SplitResult, urljoin, urlsplit

from itwin_imodels._secrets import without_query
from itwin_imodels.errors import UnexpectedResponse

_PORTS = {"http": 80, "https": 443}


def checked_base_url(value: str) -> str:
    """Check the address of an API.

    Raises:
        ValueError: It is no http address, or has a user, a query or a fragment.
    """
    if not isinstance(value, str):
        raise TypeError(f"base_url must be text, not {type(value).__name__}")
    parts = urlsplit(value.strip())
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"base_url must begin with https:// or http:// and name a host, not {value!r}")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("base_url must have no user, query or fragment")
    return value.strip().rstrip("/")


def own_link(base_url: str, link: str) -> str:
    """Check that a link of an answer leads to the API itself.

    Args:
        base_url: Where the API begins.
        link: The link, absolute or relative to that.

    Returns:
        The absolute link.

    Raises:
        UnexpectedResponse: It leads elsewhere: following it would give the token away.
    """
    absolute = urljoin(f"{base_url}/", link)
    own, other = urlsplit(base_url), urlsplit(absolute)
    inside = other.path == own.path or other.path.startswith(f"{own.path}/")
    if _origin(own) != _origin(other) or other.username is not None or not inside or "/../" in f"{other.path}/":
        raise UnexpectedResponse(
            f"the service links to {without_query(absolute)}, which is not below {base_url}; it is not followed,"
            " because the access token would go there"
        )
    return absolute


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme, parts.hostname, _PORTS.get(parts.scheme) if port is None else port
