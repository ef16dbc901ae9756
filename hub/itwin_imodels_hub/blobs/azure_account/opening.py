"""Connect to a storage account. Requires the Azure library."""

from collections.abc import Iterator
from contextlib import contextmanager

from itwin_imodels_hub.blobs.azure_account.account import Account
from itwin_imodels_hub.blobs.azure_account.links import AzureBlobLinks
from itwin_imodels_hub.blobs.azure_account.places import Containers
from itwin_imodels_hub.blobs.azure_account.store import AzureBlobStore
from itwin_imodels_hub.blobs.contract import OpenBlobs


@contextmanager
def opened_account(connection_string: str, prefix: str) -> Iterator[OpenBlobs]:
    """Connect to a storage account during the block.

    Args:
        connection_string: Connection string with the account key.
        prefix: Prefix of the container names.

    Raises:
        AzureStorageError: The connection string is invalid.
        StorageUnavailableError: The account cannot be reached or rejects the key.
    """
    account, containers = Account.of(connection_string), Containers(prefix)
    with account.service:
        store = AzureBlobStore(account, containers)
        store.prepare()
        place = f"Azure account {account.name}, containers {prefix}"
        yield OpenBlobs(store=store, links=AzureBlobLinks(account, containers), place=place)
