"""Write manifests and other small files that several runs may replace."""

import hashlib
from collections.abc import Callable

import attrs

from itwin_imodels.fleet.copies import parse_manifest
from itwin_imodels.fleet.layout import manifest_path
from itwin_imodels.fleet.manifest import Manifest, merged
from itwin_imodels.fleet.target import ChangedMeanwhileError, Target


class ManifestFile:
    """The manifest of an iModel in a target, which other runs may advance at the same time.

    Attributes:
        manifest: The manifest as it was last read or written, with the changes to commit; empty if there was none.
    """

    def __init__(self, target: Target, imodel_id: str) -> None:
        """Read the manifest.

        Raises:
            FleetError: The manifest is invalid or has a newer format.
        """
        self._target = target
        self._path = manifest_path(imodel_id)
        self._version: str | None = None
        self.manifest = Manifest(imodel_id=imodel_id)
        self._read()

    def commit(self, manifest: Manifest) -> bool:
        """Write the manifest, combined with any changes that another run has written in the meantime.

        Returns:
            Whether no other run has written the manifest in the meantime.
        """
        proposed, is_alone = manifest, True
        while True:
            try:
                self._version = self._target.replace(self._path, proposed.to_bytes(), self._version)
            except ChangedMeanwhileError:
                is_alone = False
                self._read()
                proposed = merged(manifest, self.manifest)
            else:
                self.manifest = proposed
                return is_alone

    def write_whole(self, path: str, data: bytes) -> None:
        """Replace a small file unless the manifest states that it already has this content. `commit` must follow."""
        digest = hashlib.sha256(data).hexdigest()
        if self.manifest.digests.get(path) != digest:
            replace_file(self._target, path, lambda _: data)
            self.manifest = attrs.evolve(self.manifest, digests={**self.manifest.digests, path: digest})

    def _read(self) -> None:
        content = self._target.read(self._path)
        self._version = None if content is None else content.version
        if content is not None:
            self.manifest = parse_manifest(self._target, self.manifest.imodel_id, content.data)


def replace_file(target: Target, path: str, content: Callable[[bytes | None], bytes]) -> None:
    """Replace a small file, and retry if another run replaces it at the same time.

    Args:
        target: The target.
        path: The path of the file in the target.
        content: Returns the new content, given the current one, which is None if the file is missing.
    """
    while True:
        present = target.read(path)
        data = content(None if present is None else present.data)
        if present is not None and data == present.data:
            return
        try:
            target.replace(path, data, None if present is None else present.version)
        except ChangedMeanwhileError:
            continue
        return
