"""Links with shared access signatures of the account."""

from datetime import timedelta
from typing import Final

from itwin_imodels_hub.blobs.azure_account.account import Account
from itwin_imodels_hub.blobs.azure_account.places import Containers
from itwin_imodels_hub.blobs.contract import DirectoryAccess
from itwin_imodels_hub.blobs.name_syntax import split_name


class AzureBlobLinks:
    """Makes links to the blobs of an account. They expire by real time, whatever the hub's clock says."""

    storage_type: Final = "azure"

    def __init__(self, account: Account, containers: Containers) -> None:
        """Sign with the key of the account."""
        self._account = account
        self._containers = containers

    def blob(self, base_url: str, name: str, permissions: str, lifetime: timedelta) -> str:
        """Make a link to one blob; see `BlobLinks`."""
        del base_url
        return self._account.blob_link(self._containers.place(name), permissions, lifetime)

    def download(self, base_url: str, name: str, lifetime: timedelta) -> str:
        """Make a link to read a blob; see `BlobLinks`."""
        return self.blob(base_url, name, "r", lifetime)

    def directory(self, base_url: str, prefix: str, lifetime: timedelta) -> DirectoryAccess:
        """Grant reading and listing of a directory; see `BlobLinks`.

        Only accounts with a hierarchical namespace can sign for a directory, so the token is one for the container, in
        which nothing is but confirmed files of the one iModel.
        """
        del base_url
        # A directory has no place of its own: take that of a blob in it.
        folder, *directories = split_name(prefix.removesuffix("/"))
        container = self._containers.place(f"{folder}/any").container
        return DirectoryAccess(
            base_url=self._account.url,
            account=self._account.name,
            container=container,
            directory="/".join(directories),
            token=self._account.container_token(container, lifetime),
        )
