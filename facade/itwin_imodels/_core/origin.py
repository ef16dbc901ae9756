"""Checks that a URL belongs to the API and may receive the access token."""

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit

from itwin_imodels._core.secrets import without_query
from itwin_imodels.errors import UnexpectedResponse

_PORTS = {"http": 80, "https": 443}


def checked_base_url(value: str) -> str:
    """Check the base URL of an API, and return it without trailing slashes.

    Raises:
        TypeError: The URL is not a string.
        ValueError: The URL is not an http or https URL, or has user information, a query or a fragment.
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
        UnexpectedResponse: The link leads elsewhere, and following it would disclose the token.
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


def is_same_list(url: str, path: str, query: Mapping[str, object], link: str) -> bool:
    """Return whether a link to the next page belongs to the list that was requested.

    The path must be the same. Ids in the query, such as `iTwinId`, must be the same or missing, because a continuation
    token may replace them. Letter case, escaping, a trailing slash and other parameters may differ.

    Args:
        url: Base URL of the API.
        path: Path of the list, relative to `url`.
        query: Query parameters of the list.
        link: The absolute link.
    """
    own, other = urlsplit(f"{url}{path}"), urlsplit(link)
    if _normal(own.path) != _normal(other.path):
        return False
    ids = {name.casefold(): str(value).casefold() for name, value in query.items() if name.endswith("Id")}
    return all(value.casefold() == ids.get(name.casefold(), value.casefold()) for name, value in parse_qsl(other.query))


def _normal(path: str) -> str:
    return unquote(path).rstrip("/").casefold()


def _is_below(own: SplitResult, other: SplitResult) -> bool:
    path = f"{unquote(other.path)}/".replace("\\", "/")
    inside = path.startswith(f"{unquote(own.path)}/") and "/../" not in path
    return inside and other.username is None and _origin(own) == _origin(other)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, _PORTS.get(parts.scheme) if parts.port is None else parts.port
