"""The interface that every kind of storage for a fleet's files implements."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import attrs

from itwin_imodels._core.secrets import masked


class ChangedMeanwhileError(Exception):
    """A file has changed since it was read: another run has replaced it."""


@attrs.frozen
class Content:
    """The content of a file.

    Attributes:
        data: The bytes of the file.
        version: The version to pass to `Target.replace`.
    """

    data: bytes
    version: str


@attrs.frozen
class StoredFile:
    """A file in a folder.

    Attributes:
        name: The name of the file.
        size: Size in bytes.
        modified: The time of the last change.
    """

    name: str
    size: int
    modified: datetime


class Target(Protocol):
    """The storage of all files of a fleet. Paths are relative, with forward slashes."""

    @property
    def url(self) -> str:
        """The URL of the target."""
        ...

    @property
    def stale_version(self) -> str:
        """A version that no file has, to test conditional writes."""
        ...

    def files(self, folder: str) -> Iterator[StoredFile]:
        """Yield the files directly in a folder; none if the folder does not exist."""
        ...

    def read(self, path: str) -> Content | None:
        """Read a small file; return None if it is missing."""
        ...

    def replace(self, path: str, data: bytes, version: str | None) -> str:
        """Write a small file if it is unchanged since it was read.

        Args:
            path: The path of the file.
            data: The new content.
            version: Version of the content that was read; None if the file was missing.

        Returns:
            The version of the new content.

        Raises:
            ChangedMeanwhileError: The file does not have this version.
        """
        ...

    def put(self, files: Mapping[str, Path]) -> None:
        """Copy local files; each appears only once it is complete.

        Args:
            files: The local files, by their paths in the target.
        """
        ...

    def get(self, paths: Sequence[str], folder: Path) -> list[Path]:
        """Copy files to a local folder, and return the paths of the copies in the same order.

        Raises:
            FileNotFoundError: A file is missing.
        """
        ...


def reason_of(error: BaseException) -> str:
    """Return the type and the message of an error on one line, without credentials."""
    text = masked(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text[:500]}" if text else type(error).__name__
