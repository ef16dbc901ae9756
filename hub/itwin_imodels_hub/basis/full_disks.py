"""Recognize errors caused by a full disk, regardless of the layer that reports them."""

import errno
import sqlite3
from typing import Final

_ERRNOS: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_SQLSTATE: Final = "53100"
"""PostgreSQL: `disk_full`."""


def is_disk_full(error: BaseException) -> bool:
    """Check whether the cause of an error is a full disk, an exhausted quota or a file size limit."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps the errors of drivers
    if isinstance(cause, OSError):
        return cause.errno in _ERRNOS
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    if getattr(cause, "result", None) == sqlite3.SQLITE_FULL:  # of APSW
        return True
    return getattr(cause, "sqlstate", None) == _SQLSTATE
