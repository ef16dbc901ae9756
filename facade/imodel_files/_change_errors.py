"""Errors about reading the changes to elements, other than those of changeset files."""

from imodel_files._file_error import FileError


class InvalidIModelError(FileError):
    """A database does not describe classes the way an iModel does, is damaged, or exceeds the limits.

    Attributes:
        path: The path of the database.
        reason: What is wrong.
    """

    def __init__(self, path: str, reason: str) -> None:
        """Create the error for a database and a reason."""
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        """Return the path and the reason on one line."""
        return f"{self.path}: {self.reason}"


class ElementIndexError(InvalidIModelError):
    """A mirror's index of element changes cannot be used; the message says whether to delete it."""


class _ChangesetError(FileError):
    """The base of errors about a changeset.

    Attributes:
        changeset_id: The changeset id.
        reason: What is wrong.
    """

    def __init__(self, changeset_id: str, reason: str) -> None:
        """Create the error for a changeset and a reason."""
        super().__init__(changeset_id, reason)
        self.changeset_id = changeset_id
        self.reason = reason

    def __str__(self) -> str:
        """Return the changeset and the reason on one line."""
        return f"changeset {self.changeset_id}: {self.reason}"


class MissingChangesetError(_ChangesetError):
    """A changeset of the requested range has no file.

    Attributes:
        changeset_id: The changeset id.
        reason: What is wrong.
    """


class ReshapedTableError(_ChangesetError):
    """The columns that a changeset contains are unknown, because DDL drops a column of a table or replaces the table.

    Attributes:
        changeset_id: The changeset id.
        reason: What is wrong.
    """


class ChangesetOrderError(FileError):
    """Changeset files cannot be ordered, because they do not form a single timeline.

    Attributes:
        reason: What is wrong.
    """

    def __init__(self, reason: str) -> None:
        """Set the reason."""
        super().__init__(reason)
        self.reason = reason
