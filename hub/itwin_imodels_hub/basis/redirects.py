"""Rules for the redirect URIs of sign-ins."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

LONGEST: Final = 2048

_LOOPBACK = re.compile(
    r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
)
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]+")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ACTIVE = frozenset({"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"})
_PORT_MAXIMUM = 65_535


def is_loopback(uri: str) -> bool:
    """Check whether a redirect URI is a loopback address, that is, on the machine of the browser.

    Any port (RFC 8252, section 7.3) and any path are accepted; user, query and fragment are not.
    """
    match = _LOOPBACK.fullmatch(uri)
    return match is not None and len(uri) <= LONGEST and 0 < int(match["port"] or 80) <= _PORT_MAXIMUM


def can_be_registered(uri: str) -> bool:
    """Check whether a redirect URI can be registered: absolute, without user and fragment, no scheme in `_ACTIVE`."""
    if len(uri) > LONGEST or not _URI.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    if parts.scheme in {"http", "https"}:
        return _HOST.fullmatch(parts.netloc) is not None
    return parts.scheme not in _ACTIVE and "@" not in parts.netloc


def may_redirect(uri: str, registered: Collection[str]) -> bool:
    """Check whether a browser may be redirected to a URI.

    Args:
        uri: The redirect URI from the client.
        registered: Permitted URIs, compared character by character.
    """
    return uri in registered or is_loopback(uri)


def form_target(uri: str) -> str:
    """Return the content security policy source of a URI: its origin, or its scheme if it has no usable origin."""
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"} or "[" in parts.netloc:
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}"
