"""Checks that a URL belongs to the API and may receive the access token."""

from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from itwin_imodels._core.secrets import without_query
from itwin_imodels.errors import UnexpectedResponse

_PORTS = {"http": 80, "https": 443}


def checked_base_url(value: str) -> str:
    """Check the base URL of an API, and return it without trailing slashes.

    Raises:
        TypeError: The URL is not a string.
        ValueError: It is not an http or https URL, or has user information, a query or a fragment.
    """
    if not isinstance(value, str):
        raise TypeError(f"base_url must be a string, not {type(value).__name__}")
    url = value.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("base_url must begin with https:// or http://, followed by a host and an optional valid port")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("base_url must not have a user, query or fragment")
    return url


def own_link(base_url: str, link: str) -> str:
    """Check that a link in a response leads to the API itself.

    Args:
        base_url: Base URL of the API.
        link: The link, absolute or relative to the base URL.

    Returns:
        The absolute link.

    Raises:
        UnexpectedResponse: It leads elsewhere, so that following it would disclose the token.
    """
    try:
        absolute = urljoin(f"{base_url}/", link)
        own = _is_below(urlsplit(base_url), urlsplit(absolute))
    except ValueError:  # not a URL
        absolute, own = link, False
    if not own:
        raise UnexpectedResponse(
            f"the service returned a link to {without_query(absolute)}, which is not below {base_url}; it was not"
            " followed, because that would disclose the access token"
        )
    return absolute


def _is_below(own: SplitResult, other: SplitResult) -> bool:
    path = f"{unquote(other.path)}/".replace("\\", "/")
    inside = path.startswith(f"{unquote(own.path)}/") and "/../" not in path
    return inside and other.username is None and _origin(own) == _origin(other)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, _PORTS.get(parts.scheme) if parts.port is None else parts.port
