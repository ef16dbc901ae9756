"""A target in a folder, which all workers access by the same path."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from filelock import FileLock

from itwin_imodels.fleet.target import ChangedMeanwhileError, Content, StoredFile

_INCOMING: Final = ".incoming"
"""Folder of incomplete files; an interrupted run can leave some."""

_LOCKS: Final = ".locks"


class FolderTarget:
    """A folder. Complete files are renamed into place; lock files protect files that are replaced."""

    def __init__(self, folder: Path) -> None:
        """Create the target; the folder is created by the first write."""
        self._folder = folder.expanduser().absolute()

    @property
    def url(self) -> str:
        """The URL of the target."""
        return f"file://{self._folder}"

    @property
    def stale_version(self) -> str:
        """A version that no file has, to test conditional writes."""
        return "0"

    def files(self, folder: str) -> Iterator[StoredFile]:
        """Yield the files directly in a folder; none if the folder does not exist."""
        with suppress(FileNotFoundError), os.scandir(self._folder / folder) as entries:
            yield from filter(None, map(_stored, entries))

    def read(self, path: str) -> Content | None:
        """Read a small file; return None if it is missing."""
        try:
            data = (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None
        return Content(data, _version(data))

    def replace(self, path: str, data: bytes, version: str | None) -> str:
        """Write a small file if it is unchanged since it was read."""
        with self._locked(path):
            content = self.read(path)
            if (content and content.version) != version:
                raise ChangedMeanwhileError(path)
            with self._incoming() as part:
                part.write_bytes(data)
                self._finish(part, path)
        return _version(data)

    def put(self, files: Mapping[str, Path]) -> None:
        """Copy local files; each appears only once it is complete."""
        for path, local in files.items():
            with self._incoming() as part:
                shutil.copyfile(local, part)
                self._finish(part, path)

    def get(self, paths: Sequence[str], folder: Path) -> list[Path]:
        """Copy files to a local folder, and return the paths of the copies in the same order."""
        return [Path(shutil.copyfile(self._folder / path, folder / Path(path).name)) for path in paths]

    def _finish(self, part: Path, path: str) -> None:
        final = self._folder / path
        try:
            part.replace(final)
        except FileNotFoundError:
            final.parent.mkdir(parents=True, exist_ok=True)
            part.replace(final)

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        folder = self._folder / _INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / uuid4().hex
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, path: str) -> Iterator[None]:
        folder = self._folder / _LOCKS
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{path.replace('/', '.')}.lock"):
            yield


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _stored(entry: "os.DirEntry[str]") -> StoredFile | None:
    """Describe a file; return None if it is a folder, or has been deleted since the folder was read."""
    try:
        status = entry.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return StoredFile(entry.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
