"""The base class of all errors about files."""


class FileError(ValueError):
    """A file, or content to be written to a file, is invalid.

    All errors of this package about the content of files derive from it. If a file cannot be read or written, an
    `OSError` is raised instead; for an invalid argument, a plain `ValueError`.

    Attributes:
        reason: What is wrong, without the position.
    """

    reason: str
