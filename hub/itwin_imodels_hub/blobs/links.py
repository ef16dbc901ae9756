"""Pre-signed links: who holds one may do what it says, to the blob it names, until it expires.

Their forms are those of `storage_types`, so that the clients of each storage take them.
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
    """Makes links and checks them.

    Attributes:
        account: Name of the storage account: the first segment of each path.
        form: The type of storage whose form they have.
    """

    def __init__(
        self, key: bytes, now: Callable[[], datetime], storage_type: str = "azure", account: str = "hubstorage"
    ) -> None:
        """Sign with `key`.

        Args:
            key: Secret of the hub; links outlive a restart when it does.
            now: Clock that links begin and expire by; returns aware times.
            storage_type: Form of the links, `azure` or `google`.
            account: Name of the storage account: the first segment of each path.
        """
        if not key:
            raise ValueError("An empty key signs nothing.")
        self.form = type_named(storage_type)
        if not _ACCOUNT.fullmatch(account):
            raise ValueError("The account has 3 to 63 lower-case letters, digits and hyphens.")
        self.account = account
        self._signer = Signer(key=key, now=now, account=account)

    @property
    def storage_type(self) -> str:
        """Form of the links, as the API names it."""
        return self.form.name

    def upload(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to write a blob; see `blob`."""
        return self.blob(base_url, name, "cw", lifetime)

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to read a blob; see `blob`."""
        return self.blob(base_url, name, READ, lifetime)

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Make a link to one blob.

        Args:
            base_url: Address under which the storage routes are served.
            name: The blob; in the azure form it has at least two segments.
            permissions: Letters out of `rcwd` (read, create, write, delete) in this order; a google link takes one act.
            lifetime: How long the link is valid, counted from the current second.

        Returns:
            A link unlike any other.

        Raises:
            ValueError: No blob can have this name.
        """
        query = self.form.blob_query(self._signer, split_name(name), permissions, lifetime)
        return f"{base_url.rstrip('/')}/{self.account}/{quote(name)}?{query}"

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Give access to read and list everything below a directory.

        Args:
            base_url: Address under which the storage routes are served.
            prefix: The directory, as the beginning of names; a trailing slash is ignored.
            lifetime: How long the access is valid, counted from the current second.

        Returns:
            The parts that a reader of checkpoints is told.

        Raises:
            ValueError: No blob can have a name below this prefix.
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
        """Check that a link permits an act.

        Args:
            permission: The act: `r`, `w`, `d` or `l` (list what begins with `name`).
            name: The blob that the path of the link names.
            query: The link's query as received, without the question mark; fields that belong to no signature are
                ignored in the azure form and refused in the google form.

        Raises:
            LinkRefused: It does not.
        """
        self.scope(permission, name, query)

    def scope(self, permission: str, name: str, query: str) -> str:
        """Check like `verify` and return what the link is for: a blob, or a directory or container and a slash.

        Raises:
            LinkRefused: The act is not permitted.
        """
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            raise LinkRefused("AuthenticationFailed", "The query has too many fields.") from None
        return self.form.scope(self._signer, permission, name, pairs)
