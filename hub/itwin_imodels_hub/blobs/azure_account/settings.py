"""Which account the files are in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import Attribute, field, frozen

from itwin_imodels_hub.blobs.azure_account.errors import AzureStorageError
from itwin_imodels_hub.blobs.azure_account.places import check_prefix
from itwin_imodels_hub.blobs.contract import OpenBlobs

VARIABLES = ("IMODELS_HUB_AZURE_CONNECTION_STRING", "AZURE_STORAGE_CONNECTION_STRING")
"""Where the connection string is looked for, the first that is set."""


def _prefix(_: object, __: "Attribute[str]", value: str) -> None:
    check_prefix(value)


@frozen(kw_only=True)
class AzureStorage:
    """Files in an account of Azure Blob Storage, in place of the hub's own folder.

    Example:
        ```python
        from itwin_imodels_hub import AzureStorage

        storage = AzureStorage(containers="bridges")  # LocalHub(folder, storage=storage) asks the environment
        ```

    Attributes:
        containers: What the names of the containers begin with, at most 19 lower-case letters, digits and single
            hyphens. Each iModel has a container, what is being uploaded another. Hubs that share an account need
            different ones.
        connection_string: Names account and key, as the Azure portal shows it, or the emulator. By default that of
            the environment: `IMODELS_HUB_AZURE_CONNECTION_STRING`, else `AZURE_STORAGE_CONNECTION_STRING`.
    """

    containers: str = field(default="hub", validator=_prefix)
    connection_string: str | None = field(default=None, repr=False)

    @contextmanager
    def opened(self, form: str = "azure") -> Iterator[OpenBlobs]:
        """Connect for as long as the block lasts.

        Args:
            form: Form of the links that is wanted.

        Raises:
            ValueError: Links to files in Azure have another form than that.
            AzureStorageError: There is no connection string, it cannot be used, or the extra is not installed.
            StorageUnavailableError: The account cannot be reached, or refuses the key.
        """
        if form != "azure":
            raise ValueError(f"storage_type: files in Azure have links of its form, not {form}")
        connection_string = self.connection_string or next(filter(None, map(os.environ.get, VARIABLES)), None)
        if connection_string is None:
            raise AzureStorageError(
                f"Files in Azure need the connection string of an account: set {VARIABLES[0]} or {VARIABLES[1]}."
            )
        try:
            from itwin_imodels_hub.blobs.azure_account.opening import opened_account  # noqa: PLC0415 - the extra may be missing
        except ModuleNotFoundError as error:
            raise AzureStorageError(
                "Files in Azure need the extra 'hub-azure': pip install 'itwin-imodels[hub-azure]'"
            ) from error
        with opened_account(connection_string, self.containers) as blobs:
            yield blobs
