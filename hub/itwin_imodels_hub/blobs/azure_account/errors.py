"""Configuration errors of a storage account."""


class AzureStorageError(RuntimeError):
    """The account cannot be used as configured; the message says what to change and contains no secret."""
