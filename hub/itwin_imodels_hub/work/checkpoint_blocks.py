"""Checkpoints stored as blocks: those of one iModel share a directory and the blocks they have in common."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from attrs import field, frozen

from imodel_files.cloud_sqlite import (
    MANIFEST_NAME,
    CloudSqliteError,
    Manifest,
    add_database,
    assemble,
    block_name,
    compose_manifest,
    new_manifest,
    parse_manifest,
    used_blocks,
)
from itwin_imodels_hub.blobs import BlobStore

_CONTENT_TYPE = "application/octet-stream"
_MIN_UNUSED_AGE = timedelta(days=1)
"""Minimum age at which an unused block is deleted; newer ones may belong to a draft."""


@frozen(kw_only=True)
class Draft:
    """An unpublished manifest with one more database, whose blocks are already stored.

    Attributes:
        directory: Directory of the manifest.
        manifest: The manifest; None if the current one already contains the database.
        based_on: The manifest to replace; None if the directory had no manifest.
        blocks: Names of the blobs written for this draft.
    """

    directory: str
    manifest: bytes | None
    based_on: bytes | None
    blocks: list[str] = field(factory=list[str])


class CheckpointBlocks:
    """Splits databases into blocks in blob storage, and reassembles them."""

    def __init__(self, blobs: BlobStore, check: Callable[[], None], *, block_size: int, id_size: int) -> None:
        """Store blocks in a blob store.

        Args:
            blobs: The blob store.
            check: Called for each block; may raise to stop.
            block_size: Block size of a new directory, in bytes.
            id_size: Size of block ids, in bytes.
        """
        self._blobs = blobs
        self._check = check
        self._block_size = block_size
        self._id_size = id_size

    def draft(self, directory: str, name: str, file: Path, parent: str | None = None) -> Draft:
        """Store the blocks of a database that are not in the directory yet.

        Args:
            directory: The directory, as the start of blob names, without the trailing slash.
            name: Name of the database. An existing database with this name is left unchanged.
            file: The database.
            parent: Name of a similar database to share blocks with; ignored if it does not exist.

        Returns:
            The draft to `publish`.

        Raises:
            CloudSqliteError: The file cannot be split into blocks, or the manifest is damaged.
        """
        present, based_on = self._manifest(directory)
        written: list[str] = []

        def write(block_id: bytes, content: bytes) -> None:
            self._check()
            blob = f"{directory}/{block_name(block_id)}"
            written.append(blob)
            self._blobs.add(blob, content, content_type=_CONTENT_TYPE)

        if name in present.names:
            return Draft(directory=directory, manifest=None, based_on=based_on)
        try:
            changed = add_database(
                present,
                name,
                file,
                parent=parent if parent in present.names else None,
                write=write,
                read=lambda block_id: self._read(directory, block_id),
            )
        except BaseException:
            self._discard(written)
            raise
        return Draft(directory=directory, manifest=compose_manifest(changed), based_on=based_on, blocks=written)

    def publish(self, draft: Draft) -> bool:
        """Replace the manifest that the draft was based on; the caller must prevent concurrent publishing.

        Returns:
            Whether the draft was published. If not, the manifest had changed: the blocks of the draft are deleted, and
                the caller must create a new draft.
        """
        if draft.manifest is None:
            return True
        blob = f"{draft.directory}/{MANIFEST_NAME}"
        if self._content(blob) != draft.based_on:
            self._discard(draft.blocks)
            return False
        self._blobs.add(blob, draft.manifest, content_type=_CONTENT_TYPE)
        return True

    def assemble(self, directory: str, name: str, target: Path) -> None:
        """Assemble a database from its blocks into a file.

        Raises:
            CloudSqliteError: The database is missing or damaged.
        """
        manifest, _ = self._manifest(directory)

        def read(block_id: bytes) -> bytes:
            self._check()
            return self._read(directory, block_id)

        assemble(manifest, manifest.database(name), read, target)

    def sweep(self, directory: str) -> None:
        """Delete old blocks that no database uses; interrupted drafts leave them behind."""
        named = {f"{directory}/{block_name(each)}" for each in used_blocks(self._manifest(directory)[0])}
        named.add(f"{directory}/{MANIFEST_NAME}")
        for blob in self._blobs.names(f"{directory}/", unchanged_for=_MIN_UNUSED_AGE):
            if blob not in named:
                self._blobs.delete(blob)

    def _manifest(self, directory: str) -> tuple[Manifest, bytes | None]:
        """Return the manifest of a directory and its serialized form, or a new manifest and None if it is missing."""
        content = self._content(f"{directory}/{MANIFEST_NAME}")
        if content is None:
            return new_manifest(block_size=self._block_size, id_size=self._id_size), None
        return parse_manifest(content, source=MANIFEST_NAME), content

    def _content(self, blob: str) -> bytes | None:
        try:
            return self._blobs.read(blob)
        except KeyError:
            return None

    def _read(self, directory: str, block_id: bytes) -> bytes:
        name = block_name(block_id)
        try:
            return self._blobs.read(f"{directory}/{name}")
        except KeyError as error:
            raise CloudSqliteError(name, "the block is missing") from error

    def _discard(self, blobs: list[str]) -> None:
        for blob in blobs:
            self._blobs.delete(blob)
