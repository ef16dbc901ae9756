"""Errors about block-based checkpoints."""

from collections.abc import Iterable
from typing import Final

from imodel_files._file_error import FileError

_NAMES_SHOWN: Final = 20


class CloudSqliteError(FileError):
    """A file of a block-based checkpoint, or a database to be stored as one, is invalid.

    Attributes:
        source: The name of the file: a manifest, a block or a database.
        reason: What is wrong, without the position.
        offset: The position in the file, in bytes; None if there is no single position.
        field: The name of the invalid field, such as ``"block size"``; None if there is no single field.
    """

    def __init__(self, source: str, reason: str, offset: int | None = None, field: str | None = None) -> None:
        """Create the error for a file, a reason and an optional position."""
        super().__init__(source, reason, offset, field)
        self.source = source
        self.reason = reason
        self.offset = offset
        self.field = field

    def __str__(self) -> str:
        """Return the file, the reason and the position on one line."""
        place = "" if self.offset is None else f"byte {self.offset}"
        where = ", ".join(filter(None, (self.field, place)))
        return f"{self.source}: {self.reason}" + (f" ({where})" if where else "")


class ManifestError(CloudSqliteError):
    """A manifest cannot be read, written or changed as requested."""


class BlockError(CloudSqliteError):
    """A block does not have the content that its manifest and its id require."""


class DatabaseFileError(CloudSqliteError):
    """A file is not a SQLite database that can be split into blocks, or blocks do not form one."""


class DatabaseNotFoundError(CloudSqliteError):
    """The manifest has no database with this name.

    Attributes:
        name: The requested name.
        names: The available names.
    """

    def __init__(self, source: str, name: str, names: Iterable[str]) -> None:
        """Create the error for a manifest, the requested name and the available names."""
        self.name = name
        self.names = tuple(names)
        shown = ", ".join(map(repr, self.names[:_NAMES_SHOWN])) or "none"
        more = len(self.names) - _NAMES_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        super().__init__(source, f"no database named {name!r}; available: {shown}{rest}", None, "name")
        self.args = (source, name, self.names)
