"""The file that has the name of a download already."""

from collections.abc import Callable
from pathlib import Path

from attrs import define

Check = Callable[[Path], bool]
"""Tells whether a file is the right one."""


@define
class Present:
    """Looks whether the file that is there may stay.

    Attributes:
        target: The name.
        is_right: Decides; None lets no file stay.
    """

    target: Path
    is_right: Check | None
    _seen: tuple[int, int, int] | None = None

    def look(self) -> int | None:
        """Give the size of the file, bytes, if it may stay. One that has not changed since is not looked at again."""
        if self.is_right is None:
            return None
        try:
            found = self.target.stat()
        except OSError:
            return None
        state = found.st_ino, found.st_size, found.st_mtime_ns
        if state == self._seen:
            return None
        self._seen = state
        return found.st_size if self.is_right(self.target) else None
