"""Configuration errors of a storage account."""


class AzureStorageError(RuntimeError):
    """The account cannot be used as configured; the message explains what to change and contains no secret."""
