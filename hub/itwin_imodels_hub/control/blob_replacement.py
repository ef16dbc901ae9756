"""Replace several blobs atomically."""

import filecmp
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from itwin_imodels_hub.blobs import BlobStore, names


class BlobReplacement:
    """Replaces several blobs in a `with` block; if the block fails, the previous content is restored.

    The previous content is saved under names that no iModel uses. The blobs that the block has written are deleted
    before the previous content is restored, so that restoring also succeeds on a full disk.
    """

    def __init__(self, blobs: BlobStore) -> None:
        """Replace blobs of a store."""
        self._blobs = blobs
        self._folder = names.folder(str(uuid4()))
        self._saved: dict[str, str] = {}
        self._added: list[str] = []

    def __enter__(self) -> Self:
        """Start recording changes."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Restore the previous content if the block failed, and delete the saved copies."""
        if kind is not None:
            self._restore()
        self._blobs.delete_all(self._folder)

    def put(self, name: str, source: Path) -> None:
        """Copy a local file into the store, as a new blob or in place of one with different content."""
        size = self._blobs.size(name)
        if size is None:
            self._added.append(name)
        elif size == source.stat().st_size and self._has_content(name, source):
            return
        else:
            saved = f"{self._folder}{len(self._saved)}"
            self._blobs.copy(name, saved)
            self._saved[name] = saved
        self._blobs.add_file(name, source)

    def _has_content(self, name: str, source: Path) -> bool:
        with self._blobs.local(name) as path:
            return filecmp.cmp(path, source, shallow=False)

    def _restore(self) -> None:
        for name in (*self._added, *self._saved):
            self._blobs.delete(name)
        for name, saved in self._saved.items():
            self._blobs.copy(saved, name)
