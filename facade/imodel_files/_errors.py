"""What can be wrong with a changeset file."""

from typing import ClassVar

from imodel_files._file_error import FileError


class ChangesetFileError(FileError):
    """A changeset file is not what it should be.

    Attributes:
        path: The file.
        reason: What is wrong, without the place.
        offset: Where, in bytes; None where no one place is to blame.
        place: What the offset counts in: ``"file"`` or ``"payload"``, which is what the file unpacks to.
    """

    place: ClassVar[str] = "file"

    def __init__(self, path: str, reason: str, offset: int | None = None) -> None:
        """Name the file, what is wrong, and where."""
        super().__init__(path, reason, offset)
        self.path = path
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        """One line: file, reason, place."""
        where = "" if self.offset is None else f" (byte {self.offset} of the {self.place})"
        return f"{self.path}: {self.reason}{where}"


class NotAChangesetFileError(ChangesetFileError):
    """The header is not that of an iModel's changeset file."""


class UnsupportedVersionError(ChangesetFileError):
    """It is a changeset file of a format version or kind of compression that is not known."""


class TruncatedFileError(ChangesetFileError):
    """The file ends before its content does."""


class TrailingBytesError(ChangesetFileError):
    """The file goes on after its content has ended."""


class CorruptStreamError(ChangesetFileError):
    """The compressed data are damaged; the offset is where the damaged chunk begins."""


class DictionaryTooLargeError(ChangesetFileError):
    """Unpacking takes a dictionary larger than the limit, or than the memory there is."""


class OutputLimitError(ChangesetFileError):
    """The file unpacks to more than the limits allow."""

    place = "payload"


class PrefixTooLargeError(ChangesetFileError):
    """The part before the changes, which holds the DDL, is larger than the limit."""

    place = "payload"


class MalformedPrefixError(ChangesetFileError):
    """The part before the changes cannot be read."""

    place = "payload"


class MalformedSessionError(ChangesetFileError):
    """The changes are not in the format of SQLite's session extension."""

    place = "payload"


class PatchsetError(MalformedSessionError):
    """The changes are a patchset, which lacks the old values and never makes an iModel's changeset."""


class SessionLimitError(ChangesetFileError):
    """The changes hold a larger value, a longer name or more tables than the limits allow."""

    place = "payload"


class ChangesetIdMismatchError(ChangesetFileError):
    """The content and the parent give another id than the one expected.

    Attributes:
        expected: The id the file was said to have.
        actual: The id that its content and its parent give.
    """

    def __init__(self, path: str, expected: str, actual: str) -> None:
        """Name the file and both ids."""
        super().__init__(path, f"expected the changeset id {expected}, but content and parent give {actual}")
        self.args = (path, expected, actual)
        self.expected = expected
        self.actual = actual


class ChangesetApplyError(ChangesetFileError):
    """A changeset cannot be applied to this database."""


class BrokenChainError(ChangesetApplyError):
    """A changeset does not follow the one before it."""


class ChangesetConflictError(ChangesetApplyError):
    """A change does not fit the database: it holds other values than those the change was made from.

    Attributes:
        changeset_id: The changeset that the change belongs to.
        table: The table.
        operation: ``"insert"``, ``"update"`` or ``"delete"``; what was tried, so when undoing the opposite of what the
            file has.
        key: The values of the primary key.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each describes one aspect of the place
        self, path: str, reason: str, changeset_id: str, table: str, operation: str, key: tuple[object, ...]
    ) -> None:
        """Name the changeset, the change and what is in its way."""
        row = ", ".join(map(repr, key))
        super().__init__(path, f"changeset {changeset_id}: {operation} of {table} ({row}): {reason}")
        self.args = (path, reason, changeset_id, table, operation, key)
        self.changeset_id = changeset_id
        self.table = table
        self.operation = operation
        self.key = key


class ChangesetInvertError(ChangesetFileError):
    """A changeset cannot be inverted: its DDL removes or renames what the rows belong to."""


class ChangesetMergeError(ChangesetFileError):
    """Changesets cannot be merged: their tables changed in between in a way that one changeset cannot express."""


class DatabaseDiffError(ChangesetFileError):
    """The difference of two databases cannot be written as a changeset."""


class ChangeRecordingError(ChangesetFileError):
    """The edits of a database cannot be written as a changeset."""
