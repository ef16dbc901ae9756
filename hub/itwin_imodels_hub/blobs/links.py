"""Pre-signed links: who holds one may do what it says, to the blob it names, until it ends.

The azure form looks like a shared access signature of Azure Blob Storage and the google form like a V4 signed address
of Google Cloud Storage, so that the clients of both take them. What is signed and how is this module's own.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode
from uuid import uuid4

from itwin_imodels_hub.blobs.name_syntax import split_name

AZURE: Final = "azure"
GOOGLE: Final = "google"

READ: Final = "r"
WRITE: Final = "w"
DELETE: Final = "d"
LIST: Final = "l"

_SERVICE_VERSION = "2021-12-02"
_AZURE_TIME = "%Y-%m-%dT%H:%M:%SZ"
_AZURE_SIGNED = ("sv", "st", "se", "sr", "sdd", "sp", "scid")
_GOOGLE_TIME = "%Y%m%dT%H%M%SZ"
_GOOGLE_METHODS = {READ: "GET", WRITE: "PUT", DELETE: "DELETE"}
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")
_MAX_FIELDS = 50


class LinkRefused(Exception):  # noqa: N818 - reads as what happened, like the codes it carries
    """A link does not allow what was asked of it.

    Attributes:
        code: Error code of the storage service that the link imitates.
        detail: Why, in words that may be told to the client.
    """

    def __init__(self, code: str, detail: str) -> None:
        """Refuse with an error code and the reason."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryAccess:
    """Access to all blobs below a directory. A blob is read at `{base_url}/{base_directory}/{file}?{token}`.

    Attributes:
        base_url: Address of the account, without a trailing slash; the account is part of it.
        account: The account.
        container: The first segment of the directory's name.
        directory: The other segments; empty when the container as a whole was meant.
        token: What to append as query (azure), or to send as `Authorization: Bearer` (google).
    """

    base_url: str
    account: str
    container: str
    directory: str
    token: str = field(repr=False)

    @property
    def base_directory(self) -> str:
        """Container and directory in one."""
        return f"{self.container}/{self.directory}" if self.directory else self.container


class Links:
    """Makes links and checks them."""

    def __init__(
        self, key: bytes, now: Callable[[], datetime], storage_type: str = AZURE, account: str = "hubstorage"
    ) -> None:
        """Sign with `key`.

        Args:
            key: Secret of the hub; links outlive a restart when it does.
            now: Clock that links begin and end by; gives aware times.
            storage_type: Form of the links, `azure` or `google`.
            account: Name of the storage account: the first segment of each path.
        """
        if not key:
            raise ValueError("An empty key signs nothing.")
        if storage_type not in {AZURE, GOOGLE}:
            raise ValueError(f"There is no storage type {storage_type!r}; there are azure and google.")
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("The account has 3 to 63 lower-case letters, digits and hyphens.")
        self._key = key
        self._now = now
        self.storage_type = storage_type
        self.account = account

    def upload(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to write a blob.

        Args:
            base_url: Address under which the storage routes are served.
            name: The blob; in the azure form it has at least two segments.
            lifetime: How long the link holds, counted from the current second.

        Returns:
            A link unlike any other.

        Raises:
            ValueError: No blob can have this name.
        """
        return self.blob(base_url, name, "cw", lifetime)

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to read a blob; see `upload`."""
        return self.blob(base_url, name, READ, lifetime)

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Make a link to one blob.

        Args:
            base_url: Address under which the storage routes are served.
            name: The blob; in the azure form it has at least two segments.
            permissions: Letters out of `rcwd` (read, create, write, delete) in this order; a google link takes one act.
            lifetime: How long the link holds, counted from the current second.

        Returns:
            A link unlike any other.

        Raises:
            ValueError: No blob can have this name.
        """
        segments = split_name(name)
        if self.storage_type == GOOGLE:
            query = self._google_query(name, permissions[-1], lifetime)
        elif len(segments) > 1:
            query = self._azure_query(name, "b", 0, permissions, lifetime)
        else:
            raise ValueError("A blob needs a container: its name has at least two segments.")
        return f"{base_url.rstrip('/')}/{self.account}/{quote(name)}?{query}"

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Give access to read and list everything below a directory.

        Args:
            base_url: Address under which the storage routes are served.
            prefix: The directory, as the beginning of names; a trailing slash is ignored.
            lifetime: How long the access holds, counted from the current second.

        Returns:
            The parts that a reader of checkpoints is told.

        Raises:
            ValueError: No blob can have a name below this prefix.
        """
        container, *directories = split_name(prefix.removesuffix("/"))
        resource = "/".join((container, *directories))
        return DirectoryAccess(
            base_url=f"{base_url.rstrip('/')}/{self.account}",
            account=self.account,
            container=container,
            directory="/".join(directories),
            token=self._azure_query(resource, "d" if directories else "c", len(directories), READ + LIST, lifetime),
        )

    def verify(self, method_permission: str, name: str, query: str) -> None:
        """Check that a link allows an act.

        Args:
            method_permission: The act: `r`, `w`, `d` or `l` (list what begins with `name`).
            name: The blob that the path of the link names.
            query: The link's query as received, without the question mark; fields that belong to no signature are
                ignored in the azure form and refused in the google form.

        Raises:
            LinkRefused: It does not.
        """
        self.scope(method_permission, name, query)

    def scope(self, permission: str, name: str, query: str) -> str:
        """Check like `verify` and say what the link is for: a blob, or a directory or container and a slash.

        Raises:
            LinkRefused: The act is not allowed.
        """
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            raise LinkRefused("AuthenticationFailed", "The query has too many fields.") from None
        fields = dict(pairs)
        if self.storage_type == GOOGLE and "sig" not in fields:
            return self._google_scope(permission, name, pairs)
        if any(sum(key == signed for key, _ in pairs) > 1 for signed in (*_AZURE_SIGNED, "sig")):
            raise LinkRefused("AuthenticationFailed", "A field of the signature is given twice.")
        return self._azure_scope(permission, name, fields)

    def _azure_query(self, resource: str, kind: str, depth: int, permissions: str, lifetime: timedelta) -> str:
        start = self._now().astimezone(UTC).replace(microsecond=0)
        fields = {
            "sv": _SERVICE_VERSION,
            "st": start.strftime(_AZURE_TIME),
            "se": (start + lifetime).strftime(_AZURE_TIME),
            "sr": kind,
            **({"sdd": str(depth)} if kind == "d" else {}),
            "sp": permissions,
            "scid": str(uuid4()),
        }
        return urlencode({**fields, "sig": self._azure_signature(resource, fields)}, quote_via=quote, safe="")

    def _azure_signature(self, resource: str, fields: Mapping[str, str]) -> str:
        values = [fields.get(name, "") for name in _AZURE_SIGNED]
        return b64encode(self._hmac(f"/blob/{self.account}/{resource}", *values)).decode()

    def _azure_scope(self, permission: str, name: str, fields: Mapping[str, str]) -> str:
        resource = _azure_resource(name, fields)
        if not hmac.compare_digest(fields.get("sig", "").encode(), self._azure_signature(resource, fields).encode()):
            raise LinkRefused("AuthenticationFailed", "Signature did not match.")
        # From here on all fields are as this class wrote them.
        start, end, now = _parse(fields["st"], _AZURE_TIME), _parse(fields["se"], _AZURE_TIME), self._now()
        if not start <= now < end:
            frame = f"Start [{start}] - Expiry [{end}] - Current [{now}]"
            raise LinkRefused("AuthenticationFailed", f"Signature not valid in the specified time frame: {frame}")
        scope = resource if fields["sr"] == "b" else f"{resource}/"
        if permission not in fields["sp"] or (permission != LIST and not name.startswith(scope)):
            raise LinkRefused(
                "AuthorizationPermissionMismatch",
                f"The link allows {fields['sp']} on {scope}, not {permission} on {name}.",
            )
        return scope

    def _google_query(self, name: str, permission: str, lifetime: timedelta) -> str:
        start = self._now().astimezone(UTC)
        fields = {
            "X-Goog-Algorithm": "GOOG4-HMAC-SHA256",
            "X-Goog-Credential": f"{self.account}/{start:%Y%m%d}/auto/storage/goog4_request",
            "X-Goog-Date": start.strftime(_GOOGLE_TIME),
            "X-Goog-Expires": str(int(lifetime.total_seconds())),
            "X-Goog-SignedHeaders": "host",
            "nonce": uuid4().hex,
        }
        signature = self._google_signature(name, permission, list(fields.items()))
        return urlencode({**fields, "X-Goog-Signature": signature}, quote_via=quote, safe="")

    def _google_signature(self, name: str, permission: str, fields: list[tuple[str, str]]) -> str:
        canonical = urlencode(sorted(fields), quote_via=quote, safe="")
        return self._hmac(_GOOGLE_METHODS[permission], f"/{self.account}/{name}", canonical).hex()

    def _google_scope(self, permission: str, name: str, pairs: list[tuple[str, str]]) -> str:
        given = "".join(value for key, value in pairs if key == "X-Goog-Signature")
        signed = [(key, value) for key, value in pairs if key != "X-Goog-Signature"]
        if permission not in _GOOGLE_METHODS:
            raise LinkRefused("AccessDenied", "A signed address of one object lists nothing.")
        if not hmac.compare_digest(given.encode(), self._google_signature(name, permission, signed).encode()):
            raise LinkRefused("SignatureDoesNotMatch", "The signature is not that of this method, address and query.")
        fields = dict(signed)
        start = _parse(fields["X-Goog-Date"], _GOOGLE_TIME)
        if not start <= self._now() < start + timedelta(seconds=int(fields["X-Goog-Expires"])):
            raise LinkRefused("ExpiredToken", f"The address was signed at {start} for {fields['X-Goog-Expires']} s.")
        return name

    def _hmac(self, *lines: str) -> bytes:
        # Each form has its own number of lines, so a line break in a value gives a text that was never signed.
        return hmac.digest(self._key, "\n".join(lines).encode(), sha256)


def _azure_resource(name: str, fields: Mapping[str, str]) -> str:
    """Say which resource a signature of this kind would have to be of, for the blob or prefix `name`."""
    kind, depth = fields.get("sr"), fields.get("sdd", "")
    if kind == "b":
        return name
    if kind == "c":
        return name.split("/", 1)[0]
    if kind == "d" and re.fullmatch("[1-9][0-9]?", depth):
        return "/".join(name.split("/")[: int(depth) + 1])
    raise LinkRefused("AuthenticationFailed", "The query holds no signature of this service.")


def _parse(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)
