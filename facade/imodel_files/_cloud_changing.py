"""Add databases to a container and remove them."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import attrs

from imodel_files._cloud_blocks import block_digest, block_key, md5, new_id_of
from imodel_files._cloud_database import cut
from imodel_files._cloud_errors import ManifestError
from imodel_files._cloud_lists import BlockList
from imodel_files._cloud_manifest import Database, DeletedBlock, Manifest, check_manifest_size, name_bytes

_MAX_DATABASE_ID: Final = (1 << 32) - 1


def add_database(  # noqa: PLR0913 - the parts of the container are independent
    manifest: Manifest,
    name: str,
    path: str | os.PathLike[str],
    *,
    parent: str | None = None,
    write: Callable[[bytes, bytes], object],
    read: Callable[[bytes], bytes] | None = None,
) -> Manifest:
    """Split a database file into blocks and add it to a manifest.

    Existing blocks are not written again. If ids have 24 or more bytes, existing blocks of every database are
    recognized by their MD5. If ids are shorter, each block is compared only with the parent's block at the same
    position, which requires `read`. Write the new manifest after this function returns. Until then the container is
    unchanged, except for blocks that no database uses.

    Args:
        manifest: The current manifest.
        name: Name of the new database, 1 to 127 bytes in UTF-8; must be unique.
        path: A SQLite database that is not in use.
        parent: Name of a database that the new one resembles. The list of blocks is then stored as changes to the
            parent's list, which makes the manifest smaller. None stores the whole list.
        write: Called with the id and the content of each new block.
        read: Returns the content of a block by its id; used only if ids are shorter than 24 bytes. If it is then None,
            every block is written.

    Returns:
        The new manifest.

    Raises:
        ManifestError: The name is invalid or in use, the database ids are exhausted, or the manifest would become too
            large.
        DatabaseNotFoundError: `parent` does not exist.
        DatabaseFileError: The file is not a SQLite database, is empty or truncated, or is in use.
        OSError: The file cannot be read.
    """
    if not name_bytes(name, manifest.source):
        raise ManifestError(manifest.source, "a database must have a name", None, "name")
    if name in manifest.names:
        raise ManifestError(manifest.source, f"a database named {name!r} already exists", None, "name")
    database_id = max([manifest.largest_database_id, *(each.id for each in manifest.databases)]) + 1
    if database_id > _MAX_DATABASE_ID:
        raise ManifestError(manifest.source, "the database ids are exhausted", 20, "largest database id")
    base = manifest.database(parent) if parent is not None else None
    store = _Store(manifest, base, write, read)
    ids = [store.put(number, content) for number, content in enumerate(cut(path, manifest.block_size))]
    added = Database(
        id=database_id,
        parent_id=base.id if base else 0,
        version=1,
        name=name,
        blocks=BlockList.changed(base.blocks, ids) if base else BlockList.whole(ids, manifest.id_size),
    )
    changed = attrs.evolve(manifest, largest_database_id=database_id, databases=(*manifest.databases, added))
    check_manifest_size(changed, _lists_size(changed))
    return changed


class _Store:
    """Stores the blocks of a new database: reuses the id of an equal block, or else writes the block."""

    def __init__(
        self,
        manifest: Manifest,
        base: Database | None,
        write: Callable[[bytes, bytes], object],
        read: Callable[[bytes], bytes] | None,
    ) -> None:
        self._id_size = manifest.id_size
        self._write = write
        self._read = read
        self._parent_ids = base.block_ids if base else ()
        self._known = {digest: each for each in used_blocks(manifest) if (digest := block_digest(each)) is not None}
        self._has_digests = block_digest(bytes(self._id_size)) is not None

    def put(self, number: int, content: bytes) -> bytes:
        digest = md5(content) if self._has_digests else b""
        parent_id = self._parent_ids[number] if number < len(self._parent_ids) else None
        if parent_id is not None and self._has_content(parent_id, content, digest):
            return parent_id
        if (known := self._known.get(digest)) is not None:
            return known
        block_id = new_id_of(digest, self._id_size)
        self._write(block_id, content)
        if digest:
            self._known[digest] = block_id
        return block_id

    def _has_content(self, block_id: bytes, content: bytes, digest: bytes) -> bool:
        """Return whether a block has this content, according to its digest or by reading it."""
        if digest:
            return block_digest(block_id) == digest
        return self._read is not None and self._read(block_id) == content


def remove_database(manifest: Manifest, name: str, *, now: datetime) -> Manifest:
    """Remove a database from a manifest.

    Its children get whole lists of blocks and no parent; blocks that no other database uses are added to the delete
    list.

    Args:
        manifest: The current manifest.
        name: Name of the database to remove.
        now: The time for the delete list, with a time zone; truncated to milliseconds.

    Returns:
        The new manifest.

    Raises:
        DatabaseNotFoundError: The database does not exist.
        ManifestError: The manifest would become too large, because the children get whole lists.
        ValueError: `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("`now` must have a time zone")
    removed = manifest.database(name)
    kept = attrs.evolve(manifest, databases=tuple(_without(manifest, removed)))
    in_use = used_blocks(kept) | {each.block_id for each in manifest.deleted}
    unused = [each for each in dict.fromkeys(removed.block_ids) if each not in in_use]
    moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
    deleted = (DeletedBlock(block_id=each, deleted_at=moment) for each in unused)
    return attrs.evolve(kept, deleted=(*manifest.deleted, *deleted))


def _without(manifest: Manifest, removed: Database) -> Iterator[Database]:
    """Yield the other databases. If a list changes, the lists that are based on it change, too."""
    children = [each for each in manifest.databases if each.parent_id == removed.id]
    added = sum(each.block_count * manifest.id_size - len(each.blocks.packed) for each in children)
    check_manifest_size(manifest, _lists_size(manifest) + added)
    lists: dict[int, BlockList] = {}
    for each in manifest.databases:
        if each.id == removed.id:
            continue
        parent_id, blocks = each.parent_id, each.blocks
        if parent_id == removed.id:
            parent_id, blocks = 0, BlockList.whole(each.block_ids, manifest.id_size)
        elif parent_id in lists and lists[parent_id] is not blocks.base:
            blocks = attrs.evolve(blocks, base=lists[parent_id])
        lists[each.id] = blocks
        yield attrs.evolve(each, parent_id=parent_id, blocks=blocks)


def _lists_size(manifest: Manifest) -> int:
    return sum(len(each.blocks.packed) for each in manifest.databases)


def used_blocks(manifest: Manifest) -> set[bytes]:
    """Return the ids of all blocks that the databases of a manifest use."""
    return {block_id for database in manifest.databases for block_id in database.blocks.own_ids()}


def shared_blocks(one: Database, other: Database) -> int:
    """Return the number of blocks that two databases share; equal blocks within a database count once.

    If ids have 24 or more bytes, blocks of equal content count as the same, so that databases of different containers
    with the same block size can be compared. If ids are shorter, only blocks with the same id do.
    """
    return len(block_keys(one) & block_keys(other))


def block_keys(database: Database) -> set[bytes]:
    """Return keys that identify the content of a database's blocks: the MD5s if the ids contain them, else the ids."""
    return set(map(block_key, database.block_ids))
