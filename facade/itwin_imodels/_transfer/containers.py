"""Where the blocks of a checkpoint are, and what opens them. No I/O."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import parse_qs, quote, urlsplit

from attrs import field, frozen

from itwin_imodels._transfer.headers import AZURE_VERSION
from itwin_imodels._transfer.storages import AZURE, GOOGLE
from itwin_imodels._transfer.wire import Call
from itwin_imodels.errors import TransferError
from itwin_imodels.models._checkpoints import DirectoryAccess
from itwin_imodels.models._links import shown

FOREVER = float("inf")

_LEAST, _MARGIN = 60.0, 300.0
"""Seconds: what an access is used for at least, whatever the clocks say, and before its end it is replaced."""
_GOOGLE_HOST = "storage.googleapis.com"
_GOOGLE_BUCKET = re.compile(
    rf"(?:https:)?//{re.escape(_GOOGLE_HOST)}/projects/_/buckets/([a-z0-9][a-z0-9._-]{{1,220}})/?"
)
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_VISIBLE = re.compile(r"[!-~]*")
_AUTHORIZATION = re.compile(r"(?:[A-Za-z]+ )?[!-~]*")
_KEPT_IN_PATHS = "/%!$&'()*+,;=:@~"


@frozen(kw_only=True)
class Container:
    """A folder in object storage, with what opens it.

    Attributes:
        address: Address of the folder, without a slash at its end.
        database: Name of the database whose blocks are wanted.
        query: What is appended to addresses in it; a secret.
        headers: What is sent along with requests; a secret.
        end: When the access ends, if it tells.
    """

    address: str = field(repr=shown)
    database: str
    query: str = field(default="", repr=False, eq=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False, eq=False)
    end: datetime | None = field(default=None, eq=False)

    def url(self, name: str) -> str:
        """Give the address of an object, with what opens it."""
        return f"{self.address}/{name}?{self.query}" if self.query else f"{self.address}/{name}"

    def call(self, method: str, name: str) -> Call:
        """Make a request for an object."""
        return Call(method=method, url=self.url(name), headers=self.headers)

    def lifetime(self, now: datetime | None = None) -> float:
        """Tell for how many seconds from now it should be used: up to some minutes before its end.

        Args:
            now: The present time, with its zone; the clock's by default.
        """
        if self.end is None:
            return FOREVER
        left = (self.end - (now or datetime.now(UTC))).total_seconds()
        return max(_LEAST, left - min(_MARGIN, left / 2))


def container_of(access: DirectoryAccess, database: str) -> Container:
    """Find a folder of blocks.

    Args:
        access: What the service tells.
        database: Name of the database among the blocks.

    Raises:
        TransferError: It is in a storage of a kind that this client does not know, or the address is none.
    """
    directory = quote(access.base_directory.strip("/"), safe=_KEPT_IN_PATHS)
    if not directory or ".." in directory.split("/"):
        raise TransferError("the service does not tell the folder that the blocks of the checkpoint are in")
    credential = (access.credential or "").strip()
    if access.storage_type == AZURE:
        return _azure(_azure_base(access), directory, credential.removeprefix("?"), database)
    if access.storage_type == GOOGLE:
        return _google(_google_base(access), directory, credential, database)
    raise TransferError(
        f"the blocks of the checkpoint are in a storage of the type {access.storage_type!r}; "
        "this client knows azure and google"
    )


def _azure(base: str, directory: str, token: str, database: str) -> Container:
    if not _VISIBLE.fullmatch(token):
        raise TransferError("the SAS token of the checkpoint has characters that none can have")
    headers = {} if "sv=" in token else AZURE_VERSION
    return Container(address=f"{base}/{directory}", database=database, query=token, headers=headers, end=_end_of(token))


def _google(base: str, directory: str, authorization: str, database: str) -> Container:
    if not _AUTHORIZATION.fullmatch(authorization):
        raise TransferError("the authorization of the checkpoint has characters that none can have")
    if authorization and " " not in authorization:
        authorization = f"Bearer {authorization}"
    if authorization and not _is_safe(base):
        raise TransferError(f"{base} is no https address; the authorization of the checkpoint is not sent there")
    headers = {"authorization": authorization} if authorization else {}
    return Container(address=f"{base}/{directory}", database=database, headers=headers)


def _azure_base(access: DirectoryAccess) -> str:
    if access.base_url.strip():
        return _checked(access.base_url)
    if not _ACCOUNT.fullmatch(access.storage or ""):
        raise TransferError("the service tells neither address nor account of the checkpoint's storage")
    return f"https://{access.storage}.blob.core.windows.net"


def _google_base(access: DirectoryAccess) -> str:
    base = access.base_url.strip()
    if not base:
        return f"https://{_GOOGLE_HOST}"
    bucket = _GOOGLE_BUCKET.fullmatch(base)
    return f"https://{_GOOGLE_HOST}/{bucket.group(1)}" if bucket else _checked(base)


def _checked(base: str) -> str:
    """Insist that an address is one to append a path to."""
    base = base.strip().rstrip("/")
    usable = False
    with suppress(ValueError):
        parts = urlsplit(base)
        plain = parts.username is None and not parts.query and not parts.fragment and "?" not in base
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and plain
    if not usable:
        raise TransferError(f"the address of the checkpoint's storage is none: {shown(base)}")
    return base


def _is_safe(base: str) -> bool:
    """Tell whether nobody on the way reads what is sent."""
    parts = urlsplit(base)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(parts.hostname or "").is_loopback
    return False


def _end_of(token: str) -> datetime | None:
    """Read the end of a shared access signature."""
    with suppress(ValueError, LookupError):
        end = datetime.fromisoformat(parse_qs(token, max_num_fields=100)["se"][0])
        return end if end.tzinfo else end.replace(tzinfo=UTC)
    return None
