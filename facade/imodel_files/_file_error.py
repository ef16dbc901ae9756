"""The base of every error about a file."""


class FileError(ValueError):
    """A file, or what should become one, is invalid.

    Every error of this package about the content of a file is one. A file that cannot be read or written is an
    `OSError`; an invalid argument is a plain `ValueError`.

    Attributes:
        reason: What is wrong, without the place.
    """

    reason: str
