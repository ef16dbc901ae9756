"""Whether an address belongs to the API, so that it may be sent the token."""

from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from itwin_imodels._core.secrets import without_query
from itwin_imodels.errors import UnexpectedResponse

_PORTS = {"http": 80, "https": 443}


def checked_base_url(value: str) -> str:
    """Check the address of an API.

    Raises:
        TypeError: It is no text.
        ValueError: It is no http address, or has a user, a query or a fragment.
    """
    if not isinstance(value, str):
        raise TypeError(f"base_url must be text, not {type(value).__name__}")
    url = value.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("base_url must begin with https:// or http:// and name a host, and its port if it has one")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("base_url must have no user, query or fragment")
    return url


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
    try:
        absolute = urljoin(f"{base_url}/", link)
        own = _is_below(urlsplit(base_url), urlsplit(absolute))
    except ValueError:  # it is no address at all
        absolute, own = link, False
    if not own:
        raise UnexpectedResponse(
            f"the service links to {without_query(absolute)}, which is not below {base_url}; it is not followed,"
            " because the access token would go there"
        )
    return absolute


def _is_below(own: SplitResult, other: SplitResult) -> bool:
    path = f"{unquote(other.path)}/".replace("\\", "/")
    inside = path.startswith(f"{unquote(own.path)}/") and "/../" not in path
    return inside and other.username is None and _origin(own) == _origin(other)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, _PORTS.get(parts.scheme) if parts.port is None else parts.port
