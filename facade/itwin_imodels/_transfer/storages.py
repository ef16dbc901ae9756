"""The kinds of object storage that links can lead to."""

from itwin_imodels.errors import TransferError
from itwin_imodels.models._links import StorageLink

AZURE = "azure"
GOOGLE = "google"


def checked_storage(link: StorageLink) -> str:
    """Give the kind of storage of a link.

    Raises:
        TransferError: This client does not know it.
    """
    if link.storage_type not in {AZURE, GOOGLE}:
        raise TransferError(
            f"the link leads to a storage of the type {link.storage_type!r}; this client knows azure and google"
        )
    return link.storage_type
