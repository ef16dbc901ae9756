"""Configuration of blob storage in Azure."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import Attribute, field, frozen

from itwin_imodels_hub.blobs.azure_account.errors import AzureStorageError
from itwin_imodels_hub.blobs.azure_account.places import check_prefix
from itwin_imodels_hub.blobs.contract import OpenBlobs

VARIABLES = ("IMODELS_HUB_AZURE_CONNECTION_STRING", "AZURE_STORAGE_CONNECTION_STRING")
"""Environment variables for the connection string; the first one that is set applies."""


def _prefix(_: object, __: "Attribute[str]", value: str) -> None:
    check_prefix(value)


@frozen(kw_only=True)
class AzureStorage:
    """Blob storage in an Azure account instead of the data folder.

    Example:
        ```python
        from itwin_imodels_hub import AzureStorage

        storage = AzureStorage(containers="bridges")  # connection string from the environment
        ```

    Attributes:
        containers: Prefix of the container names: at most 19 lower-case letters, digits and single hyphens. Each iModel
            has a container, and uploads share another. Hubs that share an account require different prefixes.
        connection_string: Connection string with the account key, as shown in the Azure portal, or the one of the
            emulator. None uses the environment: `IMODELS_HUB_AZURE_CONNECTION_STRING`, otherwise
            `AZURE_STORAGE_CONNECTION_STRING`.
    """

    containers: str = field(default="hub", validator=_prefix)
    connection_string: str | None = field(default=None, repr=False)

    @contextmanager
    def opened(self, form: str = "azure") -> Iterator[OpenBlobs]:
        """Connect to the account during the block.

        Args:
            form: Required link format.

        Raises:
            ValueError: The link format is not `azure`.
            AzureStorageError: The connection string is missing or invalid, or the extra is not installed.
            StorageUnavailableError: The account cannot be reached or rejects the key.
        """
        if form != "azure":
            raise ValueError(f"storage in Azure requires the storage_type azure, not {form}")
        connection_string = self.connection_string or next(filter(None, map(os.environ.get, VARIABLES)), None)
        if connection_string is None:
            raise AzureStorageError(
                f"no connection string configured for storage in Azure: set {VARIABLES[0]} or {VARIABLES[1]}"
            )
        try:
            from itwin_imodels_hub.blobs.azure_account.opening import opened_account  # noqa: PLC0415 - the extra may be missing
        except ModuleNotFoundError as error:
            raise AzureStorageError(
                "storage in Azure requires the extra 'hub-azure': pip install 'itwin-imodels[hub-azure]'"
            ) from error
        with opened_account(connection_string, self.containers) as blobs:
            yield blobs
