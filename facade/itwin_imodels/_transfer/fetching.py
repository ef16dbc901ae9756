"""The common steps of all downloads: from a part file to the target."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Generic, TypeVar

from itwin_imodels._transfer.context import Context, Sleep
from itwin_imodels._transfer.items import Check
from itwin_imodels._transfer.partial_file import PartialFile

P = TypeVar("P", bound=PartialFile)
R = TypeVar("R")

Opener = Callable[[Path, Sleep, float], AbstractContextManager[P]]


class Fetch(ABC, Generic[P, R]):
    """The download of one file; an existing file is kept if it is valid."""

    def __init__(self, context: Context, target: Path, is_right: Check | None, open_part: Opener[P]) -> None:
        """Create the download.

        Args:
            context: The operation.
            target: The path of the file.
            is_right: Returns whether an existing file may be kept; None replaces it.
            open_part: Opens and locks the part file.
        """
        self._context = context
        self._target = target
        self._open_part = open_part
        self._is_right = is_right
        self._seen: tuple[int, int, int] | None = None

    def run(self) -> R:
        """Download the file, or keep the existing one."""
        size = self._existing_size()
        if size is not None:
            return self._keep(size)
        with self._open_part(self._target, self._context.sleep, self._context.options.deadline) as part:
            size = self._existing_size()  # another download may have just finished it
            if size is not None:
                part.drop()
                return self._keep(size)
            try:
                result = self._fill(part)
            except BaseException:
                if not part.is_resumable:
                    part.drop()
                raise
            self._publish(part, result)
            return result

    def _keep(self, size: int) -> R:
        self._context.progress.learn(size)
        self._context.progress.file().at(size)
        return self._found(size)

    def _existing_size(self) -> int | None:
        """Return the size of an existing file in bytes if it may be kept. An unchanged file is not checked again."""
        if self._is_right is None:
            return None
        try:
            status = self._target.stat()
        except OSError:
            return None
        state = status.st_ino, status.st_size, status.st_mtime_ns
        if state == self._seen:
            return None
        self._seen = state
        is_right = self._context.verify(self._target, status.st_size, self._is_right)
        return status.st_size if is_right else None

    def _publish(self, part: P, _result: R) -> None:
        """Rename the part file to its target."""
        part.publish()

    @abstractmethod
    def _fill(self, part: P) -> R:
        """Download everything into the part file, verify it, and return the result."""

    @abstractmethod
    def _found(self, size: int) -> R:
        """Return the result for an existing file of `size` bytes."""
