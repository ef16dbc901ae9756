"""Files in an account of Azure Blob Storage, or in its emulator."""

from itwin_imodels_hub.blobs.azure_account.settings import AzureStorage, AzureStorageError

__all__ = ["AzureStorage", "AzureStorageError"]
