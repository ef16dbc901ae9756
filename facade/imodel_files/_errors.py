"""Errors about changeset files."""

from typing import ClassVar

from imodel_files._file_error import FileError


class ChangesetFileError(FileError):
    """A changeset file is invalid, or an operation on it failed.

    Attributes:
        path: The path of the file.
        reason: What is wrong, without the position.
        offset: The position of the error in bytes; None if there is no single position.
        place: What the offset refers to: ``"file"``, or ``"payload"``, which is the decompressed content.
    """

    place: ClassVar[str] = "file"

    def __init__(self, path: str, reason: str, offset: int | None = None) -> None:
        """Create the error for a file, a reason and an optional position."""
        super().__init__(path, reason, offset)
        self.path = path
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        """Return the file, the reason and the position on one line."""
        where = "" if self.offset is None else f" (byte {self.offset} of the {self.place})"
        return f"{self.path}: {self.reason}{where}"


class NotAChangesetFileError(ChangesetFileError):
    """The file does not have the header of an iModel changeset file."""


class UnsupportedVersionError(ChangesetFileError):
    """The changeset file has an unsupported format version or compression."""


class TruncatedFileError(ChangesetFileError):
    """The file is truncated."""


class TrailingBytesError(ChangesetFileError):
    """The file has extra bytes after its content."""


class CorruptStreamError(ChangesetFileError):
    """The compressed data are damaged; the offset is that of the damaged chunk or of the invalid dictionary size."""


class DictionaryTooLargeError(ChangesetFileError):
    """Decompression requires a dictionary that exceeds the limit or the available memory."""


class OutputLimitError(ChangesetFileError):
    """The decompressed content exceeds the limits."""

    place = "payload"


class PrefixTooLargeError(ChangesetFileError):
    """The schema part, which contains the DDL, exceeds the limit."""

    place = "payload"


class MalformedPrefixError(ChangesetFileError):
    """The schema part is malformed."""

    place = "payload"


class MalformedSessionError(ChangesetFileError):
    """The changes are not in the format of SQLite's session extension."""

    place = "payload"


class PatchsetError(MalformedSessionError):
    """The changes are a patchset. A patchset lacks the old values, so it cannot be an iModel changeset."""


class SessionLimitError(ChangesetFileError):
    """A row, a table name, the number of tables or the size of the changes exceeds the limits."""

    place = "payload"


class ChangesetIdMismatchError(ChangesetFileError):
    """The id computed from the content and the parent differs from the expected one.

    Attributes:
        expected: The expected id.
        actual: The id computed from the content and the parent.
    """

    def __init__(self, path: str, expected: str, actual: str) -> None:
        """Create the error for a file and both ids."""
        super().__init__(
            path, f"expected changeset id {expected}, but the id computed from its content and parent is {actual}"
        )
        self.args = (path, expected, actual)
        self.expected = expected
        self.actual = actual


class ChangesetApplyError(ChangesetFileError):
    """A changeset cannot be applied to the database."""


class BrokenChainError(ChangesetApplyError):
    """A changeset does not follow the preceding one."""


class ChangesetConflictError(ChangesetApplyError):
    """A change conflicts with the content of the database.

    Attributes:
        changeset_id: The id of the changeset with the change.
        table: The name of the table.
        operation: The attempted operation: ``"insert"``, ``"update"`` or ``"delete"``. When a changeset is reversed,
            this is the opposite of the operation in the file. ``"foreign key"`` if rows would refer to missing rows.
        key: The values of the row's primary key; for a foreign key, the rowid of one such row, if known.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each describes one aspect of the place
        self, path: str, reason: str, changeset_id: str, table: str, operation: str, key: tuple[object, ...]
    ) -> None:
        """Create the error for a change and the reason for the conflict."""
        row = f" ({', '.join(map(repr, key))})" if key else ""
        super().__init__(path, f"changeset {changeset_id}: {operation} of {table}{row}: {reason}")
        self.args = (path, reason, changeset_id, table, operation, key)
        self.changeset_id = changeset_id
        self.table = table
        self.operation = operation
        self.key = key


class ChangesetInvertError(ChangesetFileError):
    """A changeset cannot be inverted, because its DDL removes or renames what its rows belong to."""


class ChangesetMergeError(ChangesetFileError):
    """Changesets cannot be merged, because one changeset cannot express how their tables changed in between."""


class DatabaseDiffError(ChangesetFileError):
    """The difference between two databases cannot be written as a changeset."""


class ChangeRecordingError(ChangesetFileError):
    """The edits to a database cannot be written as a changeset."""
