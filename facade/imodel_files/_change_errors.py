"""What can go wrong where changes are read as elements, besides errors of changeset files."""

from imodel_files._file_error import FileError


class InvalidIModelError(FileError):
    """A database does not describe classes as an iModel does, is damaged, or exceeds the limits.

    Attributes:
        path: The database.
        reason: What is wrong.
    """

    def __init__(self, path: str, reason: str) -> None:
        """Name the database and what is wrong."""
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        """Return file and reason in one line."""
        return f"{self.path}: {self.reason}"


class ElementIndexError(InvalidIModelError):
    """The index of element changes beside a mirror cannot be used. Delete it: it is created again when needed."""


class MissingChangesetError(FileError):
    """A changeset of the requested range has no file.

    Attributes:
        changeset_id: The changeset.
        reason: What is wrong.
    """

    def __init__(self, changeset_id: str, reason: str) -> None:
        """Name the changeset and what is wrong."""
        super().__init__(changeset_id, reason)
        self.changeset_id = changeset_id
        self.reason = reason

    def __str__(self) -> str:
        """Return changeset and reason in one line."""
        return f"changeset {self.changeset_id}: {self.reason}"


class ChangesetOrderError(FileError):
    """The order of changeset files cannot be found: they do not form one line.

    Attributes:
        reason: What is wrong.
    """

    def __init__(self, reason: str) -> None:
        """Set the reason."""
        super().__init__(reason)
        self.reason = reason
