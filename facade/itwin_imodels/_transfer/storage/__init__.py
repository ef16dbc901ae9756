"""The types of object storage that links refer to. To add one, write its class and add it to `STORAGES`."""

from itwin_imodels._transfer.storage.azure import Azure
from itwin_imodels._transfer.storage.base import Container, Storage
from itwin_imodels._transfer.storage.google import Google
from itwin_imodels.errors import TransferError
from itwin_imodels.models import DirectoryAccess

__all__ = ["STORAGES", "Container", "Storage", "container_of", "storage_of"]

STORAGES: dict[str, Storage] = {each.name: each for each in (Azure(), Google())}
"""The supported types, by `storageType`."""


def storage_of(storage_type: str) -> Storage:
    """Return a type of storage by its name.

    Raises:
        TransferError: This version does not support the type.
    """
    try:
        return STORAGES[storage_type]
    except KeyError:
        supported = " and ".join(sorted(STORAGES))
        raise TransferError(
            f"unsupported storage type {storage_type!r}: this version supports {supported}. Use a newer version"
        ) from None


def container_of(access: DirectoryAccess, database: str) -> Container:
    """Return the container of a checkpoint; see `Storage.container`."""
    return storage_of(access.storage_type).container(access, database)
