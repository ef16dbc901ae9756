"""What can be wrong with a checkpoint in blocks."""

from collections.abc import Iterable
from typing import Final

from imodel_files._file_error import FileError

_NAMES_SHOWN: Final = 20


class CloudSqliteError(FileError):
    """A file of a checkpoint in blocks, or a database that shall become one, is not what it should be.

    Attributes:
        source: The file: a manifest, a block or a database.
        reason: What is wrong, without the place.
        offset: Where in the file, in bytes; None where no one place is to blame.
        field: What stands there, such as ``"block size"``; None where no one field is to blame.
    """

    def __init__(self, source: str, reason: str, offset: int | None = None, field: str | None = None) -> None:
        """Name the file, what is wrong, and where."""
        super().__init__(source, reason, offset, field)
        self.source = source
        self.reason = reason
        self.offset = offset
        self.field = field

    def __str__(self) -> str:
        """One line: file, reason, place."""
        place = "" if self.offset is None else f"byte {self.offset}"
        where = ", ".join(filter(None, (self.field, place)))
        return f"{self.source}: {self.reason}" + (f" ({where})" if where else "")


class ManifestError(CloudSqliteError):
    """A manifest cannot be read, written, or used so."""


class BlockError(CloudSqliteError):
    """A block has not the content that its manifest and its name promise."""


class DatabaseFileError(CloudSqliteError):
    """A file is no SQLite database that blocks could be made of, or blocks do not make one."""


class DatabaseNotFoundError(CloudSqliteError):
    """The manifest has no database of this name.

    Attributes:
        name: The name that was looked for.
        names: The names there are.
    """

    def __init__(self, source: str, name: str, names: Iterable[str]) -> None:
        """Name the manifest, the name and those there are."""
        self.name = name
        self.names = tuple(names)
        shown = ", ".join(map(repr, self.names[:_NAMES_SHOWN])) or "none"
        more = len(self.names) - _NAMES_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        super().__init__(source, f"it has no database {name!r}; there are {shown}{rest}", None, "name")
        self.args = (source, name, self.names)
