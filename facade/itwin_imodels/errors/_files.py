"""Errors about files: local files, transfers and mirrors."""

from imodel_files.changesets import ChangesetFileError
from itwin_imodels.errors._general import IModelsError


class FileError(IModelsError):
    """A local file cannot be used."""


class UnreadableFile(FileError, OSError):
    """A file cannot be read, for example because it is a folder, access is denied, or the disk failed.

    The attributes are those of an `OSError`: `errno`, `strerror`, `filename`.
    """

    def __str__(self) -> str:
        """Return the file and the reason."""
        if self.filename is None:
            return super().__str__()
        return f"cannot read {self.filename}: {self.strerror}"


class MissingFile(UnreadableFile, FileNotFoundError):
    """A file does not exist."""


class InvalidFile(FileError, ValueError):
    """A path or the content of a file is invalid, such as a baseline file that is not a SQLite database."""


class InvalidChangesetFile(InvalidFile, ChangesetFileError):
    """A file is not a changeset file, is not the expected one, or does not match the database.

    An error that a client method raises is also an instance of the specific class in `imodel_files.changesets`, such as
    `ChangesetIdMismatchError`, and has its attributes.
    """


class TransferError(IModelsError):
    """A file could not be uploaded or downloaded."""


class LinkExpired(TransferError):
    """The storage rejected the link: it has expired or is invalid."""


class LinkMissing(TransferError):
    """The service returned no link to a file. The caller may lack permission to read the iModel."""


class IntegrityError(TransferError):
    """The size or the content of a transferred file is not as expected."""


class MirrorError(IModelsError):
    """A mirror cannot be used: it belongs to another timeline, has another schema version, or its database failed."""
