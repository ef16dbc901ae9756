"""Paths passed by callers, and conversion of errors about local files to errors of this package."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from os import PathLike
from pathlib import Path
from typing import cast

from imodel_files.changesets import ChangesetFileError
from itwin_imodels.errors import InvalidChangesetFile, InvalidFile, MissingFile, UnreadableFile

_KINDS = {
    stat.S_IFDIR: (errno.EISDIR, os.strerror(errno.EISDIR)),
    stat.S_IFIFO: (errno.EINVAL, "it is a pipe (FIFO), not a regular file"),
    stat.S_IFSOCK: (errno.EINVAL, "it is a socket, not a regular file"),
    stat.S_IFCHR: (errno.EINVAL, "it is a device, not a regular file"),
    stat.S_IFBLK: (errno.EINVAL, "it is a device, not a regular file"),
}
_OTHER = (errno.EINVAL, "it is not a regular file")


def local_path(path: str | PathLike[str]) -> Path:
    """Return the path passed by a caller. A leading `~` of a string is replaced by the home folder.

    Path objects are not changed: their creator decides whether to expand `~`.

    Raises:
        InvalidFile: The path contains a NUL character.
    """
    if "\0" in str(path):
        raise InvalidFile(f"invalid path {str(path)!r}: it contains a NUL character. Remove the character.")
    if isinstance(path, str):
        return Path(os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser() fails for unknown users
    return Path(path)


def require_regular(path: Path) -> os.stat_result:
    """Return the stat result of a regular file. Reading anything else could block or never end.

    Raises:
        OSError: The path is not a regular file, does not exist, or is not accessible.
    """
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        number, reason = _KINDS.get(stat.S_IFMT(state.st_mode), _OTHER)
        raise OSError(number, reason, str(path))
    return state


@contextmanager
def local_files(path: PathLike[str] | None = None) -> Iterator[None]:
    """Convert errors from reading files to errors of this package, which are still `OSError` or `ChangesetFileError`.

    Args:
        path: The file to report if the original error names none.

    Raises:
        InvalidChangesetFile: A file is not a changeset file, is not the expected one, or does not match the database.
        MissingFile: A file does not exist.
        UnreadableFile: A file cannot be read.
    """
    try:
        yield
    except ChangesetFileError as error:
        raise _rebuilt(type(error), error.args, vars(error)) from error
    except FileNotFoundError as error:
        raise MissingFile(*_facts(error, path)) from error
    except OSError as error:
        raise UnreadableFile(*_facts(error, path)) from error


def _facts(error: OSError, path: PathLike[str] | None) -> tuple[object, ...]:
    name = error.filename or path
    reason = error.strerror or str(error)
    return (error.errno, reason) if name is None else (error.errno, reason, str(name))


def _rebuilt(
    kind: type[ChangesetFileError], arguments: tuple[object, ...], facts: Mapping[str, object]
) -> InvalidChangesetFile:
    both = _both(kind)  # type: ignore[arg-type] # mypy considers exception classes unhashable
    error = both.__new__(both, *arguments)
    vars(error).update(facts)
    return error


@cache
def _both(kind: type[ChangesetFileError]) -> type[InvalidChangesetFile]:
    """Return a subclass of both `InvalidChangesetFile` and one of the classes in `imodel_files`."""

    def reduce(self: InvalidChangesetFile) -> tuple[object, ...]:
        """Support pickling, since the class cannot be imported by name."""
        return _rebuilt, (kind, self.args, {**vars(self)})

    members = {"__doc__": kind.__doc__, "__module__": __name__, "__reduce__": reduce}
    return cast("type[InvalidChangesetFile]", type(kind.__name__, (InvalidChangesetFile, kind), members))
