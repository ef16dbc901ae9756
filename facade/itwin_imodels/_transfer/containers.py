"""Where the blocks of a checkpoint are."""

from itwin_imodels._transfer.storage import storage_of
from itwin_imodels._transfer.storage.base import Container
from itwin_imodels.models._checkpoints import DirectoryAccess

__all__ = ["Container", "container_of"]


def container_of(access: DirectoryAccess, database: str) -> Container:
    """Return the container of a checkpoint.

    Args:
        access: As the service describes it.
        database: Name of the database among the blocks.

    Raises:
        TransferError: The type of storage is not supported, or the description is invalid.
    """
    return storage_of(access.storage_type).container(access, database)
