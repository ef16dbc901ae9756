"""Links with shared access signatures for the account."""

from datetime import timedelta
from typing import Final

from itwin_imodels_hub.blobs.azure_account.account import Account
from itwin_imodels_hub.blobs.azure_account.places import Containers
from itwin_imodels_hub.blobs.contract import DirectoryAccess
from itwin_imodels_hub.blobs.name_syntax import split_name


class AzureBlobLinks:
    """Creates links to blobs in an account; the links expire in real time, regardless of the clock of the hub."""

    storage_type: Final = "azure"

    def __init__(self, account: Account, containers: Containers) -> None:
        """Sign links with the key of an account."""
        self._account = account
        self._containers = containers

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Return a link to one blob; see `BlobLinks`."""
        del base_url
        return self._account.blob_link(self._containers.place(name), permissions, lifetime)

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Return a link to read a blob; see `BlobLinks`."""
        return self.blob(base_url, name, "r", lifetime)

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Return access for reading and listing a directory; see `BlobLinks`.

        Only accounts with a hierarchical namespace support signatures for a directory, so the token covers the
        container, which contains only confirmed blobs of the same iModel.
        """
        del base_url
        # Only blobs have a place: use the place of a blob in the directory.
        folder, *directories = split_name(prefix.removesuffix("/"))
        container = self._containers.place(f"{folder}/any").container
        return DirectoryAccess(
            base_url=self._account.url,
            account=self._account.name,
            container=container,
            directory="/".join(directories),
            token=self._account.container_token(container, lifetime),
        )
