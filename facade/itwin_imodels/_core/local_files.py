"""Errors of local files as errors of this package."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from imodel_files.changesets import ChangesetFileError
from itwin_imodels.errors import InvalidChangesetFile, MissingFile, UnreadableFile


@contextmanager
def local_files(path: PathLike[str] | None = None) -> Iterator[None]:
    """Raise errors of reading files as members of both families: this package's and that of the original error.

    Args:
        path: The file to name if the operating system names none.

    Raises:
        InvalidChangesetFile: A file is not a changeset file, or not the expected one.
        MissingFile: A file does not exist.
        UnreadableFile: A file cannot be read.
    """
    try:
        yield
    except ChangesetFileError as error:
        raise InvalidChangesetFile(error.path, error.reason, error.offset, error.place) from error
    except FileNotFoundError as error:
        raise MissingFile(*_facts(error, path)) from error
    except OSError as error:
        raise UnreadableFile(*_facts(error, path)) from error


def _facts(error: OSError, path: PathLike[str] | None) -> tuple[object, ...]:
    name = error.filename or path
    reason = error.strerror or str(error)
    return (error.errno, reason) if name is None else (error.errno, reason, str(name))
