"""Validation of the URLs of checkpoints in object storage, before anything is sent to them. No I/O."""

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from itwin_imodels._core.secrets import shown_url
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

_KEPT_IN_PATHS = "/%!$&'()*+,;=:@~"


def checked_directory(access: DirectoryAccess) -> str:
    """Return the folder of a checkpoint, quoted for a URL.

    Raises:
        TransferError: The folder is missing or invalid.
    """
    directory = quote(access.base_directory.strip("/"), safe=_KEPT_IN_PATHS)
    if not directory or ".." in directory.split("/"):
        raise TransferError(f"the folder of the checkpoint's blocks is missing or invalid: {access.base_directory!r}")
    return directory


def checked_base_url(url: str) -> str:
    """Return the URL of a container without a trailing slash, so that a path can be appended.

    Raises:
        TransferError: The URL is invalid.
    """
    url = url.strip().rstrip("/")
    usable = False
    with suppress(ValueError):
        parts = urlsplit(url)
        plain = parts.username is None and not parts.query and not parts.fragment and "?" not in url
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and plain
    if not usable:
        raise TransferError(f"invalid checkpoint storage URL: {shown_url(url)}")
    return url


def is_private(url: str) -> bool:
    """Return whether no third party can read what is sent to a URL: it uses https, or is on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(parts.hostname or "").is_loopback
    return False
