"""Pre-signed links: they permit their bearer certain operations on a blob until they expire.

`storage_types` defines their formats, which match those of the real storage services.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, quote

from itwin_imodels_hub.blobs.contract import DirectoryAccess
from itwin_imodels_hub.blobs.name_syntax import split_name
from itwin_imodels_hub.blobs.signing import READ, LinkRefused, Signer
from itwin_imodels_hub.blobs.storage_types.registry import type_named

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")
_MAX_FIELDS = 50


class SignedLinks:
    """Creates and verifies links.

    Attributes:
        account: Name of the storage account: the first segment of each path.
        form: The storage type, which defines the link format.
    """

    def __init__(
        self, key: bytes, now: Callable[[], datetime], storage_type: str = "azure", account: str = "hubstorage"
    ) -> None:
        """Sign links with `key`.

        Args:
            key: Secret of the hub; links survive a restart with the same key.
            now: Clock for the start and expiry of links; returns timezone-aware times.
            storage_type: Link format, `azure` or `google`.
            account: Name of the storage account: the first segment of each path.
        """
        if not key:
            raise ValueError("the signing key is empty")
        self.form = type_named(storage_type)
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("the account name must be 3 to 63 lower-case letters, digits and hyphens")
        self.account = account
        self._signer = Signer(key=key, now=now, account=account)

    @property
    def storage_type(self) -> str:
        """Name of the link format in the API."""
        return self.form.name

    def upload(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Return a link to write a blob; see `blob`."""
        return self.blob(base_url, name, "cw", lifetime)

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Return a link to read a blob; see `blob`."""
        return self.blob(base_url, name, READ, lifetime)

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Return a link to one blob.

        Args:
            base_url: URL at which the storage routes are served.
            name: Name of the blob; for azure it has at least two segments.
            permissions: Letters of `rcwd` (read, create, write, delete) in this order; a google link permits one
                operation.
            lifetime: Lifetime of the link from the current second.

        Returns:
            A unique link.

        Raises:
            ValueError: The name is invalid.
        """
        query = self.form.blob_query(self._signer, split_name(name), permissions, lifetime)
        return f"{base_url.rstrip('/')}/{self.account}/{quote(name)}?{query}"

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Return access for reading and listing everything below a directory.

        Args:
            base_url: URL at which the storage routes are served.
            prefix: Start of the names; a trailing slash is ignored.
            lifetime: Lifetime of the access from the current second.

        Returns:
            The access data for readers of checkpoints.

        Raises:
            ValueError: No valid name starts with the prefix.
        """
        segments = split_name(prefix.removesuffix("/"))
        return DirectoryAccess(
            base_url=f"{base_url.rstrip('/')}/{self.account}",
            account=self.account,
            container=segments[0],
            directory="/".join(segments[1:]),
            token=self.form.directory_token(self._signer, segments, lifetime),
        )

    def verify(self, permission: str, name: str, query: str) -> None:
        """Check that a link permits an operation.

        Args:
            permission: The operation: `r`, `w`, `d` or `l` (list the names that start with `name`).
            name: Name of the blob in the path of the link.
            query: Query of the link as received, without the question mark; fields outside the signature are ignored
                for azure and rejected for google.

        Raises:
            LinkRefused: The link does not permit the operation.
        """
        self.scope(permission, name, query)

    def scope(self, permission: str, name: str, query: str) -> str:
        """Verify a link and return its scope: a blob name, or a directory or container name with a trailing slash.

        Raises:
            LinkRefused: The link does not permit the operation.
        """
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            raise LinkRefused("AuthenticationFailed", "The query has too many fields.") from None
        return self.form.scope(self._signer, permission, name, pairs)
