"""What can be wrong with the settings of an account."""


class AzureStorageError(RuntimeError):
    """The account cannot be used as configured; the message says what to change and contains no secret."""
