"""Databases that are added to a container and taken from it."""

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

_LARGEST_ID: Final = (1 << 32) - 1


def add_database(  # noqa: PLR0913 - each is a fact about the database or where its blocks are
    manifest: Manifest,
    name: str,
    path: str | os.PathLike[str],
    *,
    parent: str | None = None,
    write: Callable[[bytes, bytes], object],
    read: Callable[[bytes], bytes] | None = None,
) -> Manifest:
    """Cut a database file into blocks and add it to a manifest.

    Blocks that are there already are not written again. With ids of 24 bytes or more their MD5 shows which: those of
    every database count. With shorter ids only those at the same places of the parent count, and to compare them takes
    `read`. Write the new manifest when this has returned; until then the container is as it was, but for blocks that
    no database uses.

    Args:
        manifest: The manifest as it is.
        name: Name of the new database, 1 to 127 bytes in UTF-8; not that of another one.
        path: A SQLite database at rest.
        parent: Name of a database that the new one resembles. Its list of blocks is then written as changes to the
            parent's; that makes the manifest smaller.
        write: Called with id and content of each new block.
        read: Gives the content of a block by its id.

    Returns:
        The new manifest.

    Raises:
        ManifestError: The name cannot be taken, there are no numbers left, or the manifest would become too large.
        DatabaseNotFoundError: There is no such parent.
        DatabaseFileError: The file is no SQLite database, empty, cut short, or not at rest.
        OSError: The file cannot be read.
    """
    if not name_bytes(name, manifest.source):
        raise ManifestError(manifest.source, "a database needs a name", None, "name")
    if name in manifest.names:
        raise ManifestError(manifest.source, f"there is a database {name!r} already", None, "name")
    database_id = max([manifest.largest_database_id, *(each.id for each in manifest.databases)]) + 1
    if database_id > _LARGEST_ID:
        raise ManifestError(manifest.source, "there are no numbers left for databases", 20, "largest database id")
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
    """Gives each block of a new database the id of an equal one, or writes it."""

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
        self._at_places = base.block_ids if base else ()
        self._known = {digest: each for each in used_blocks(manifest) if (digest := block_digest(each)) is not None}
        self._has_digests = block_digest(bytes(self._id_size)) is not None

    def put(self, number: int, content: bytes) -> bytes:
        there = self._at_places[number] if number < len(self._at_places) else None
        digest = md5(content) if self._has_digests else b""
        known = there if there is not None and self._is(there, content, digest) else self._known.get(digest)
        if known is not None:
            return known
        block_id = new_id_of(digest, self._id_size)
        self._write(block_id, content)
        if digest:
            self._known[digest] = block_id
        return block_id

    def _is(self, block_id: bytes, content: bytes, digest: bytes) -> bool:
        """Whether a block has this content, as far as its id shows."""
        if digest:
            return block_digest(block_id) == digest
        return self._read is not None and self._read(block_id) == content


def remove_database(manifest: Manifest, name: str, *, now: datetime) -> Manifest:
    """Remove a database from a manifest.

    Its children get whole lists of blocks and no parent; blocks that no other database uses go to the delete list.

    Args:
        manifest: The manifest as it is.
        name: Name of the database.
        now: The time for the delete list, with a time zone; it is kept to the millisecond.

    Returns:
        The new manifest.

    Raises:
        DatabaseNotFoundError: There is no such database.
        ManifestError: The manifest would become too large, as the lists of children become whole.
        ValueError: The time has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    removed = manifest.database(name)
    kept = attrs.evolve(manifest, databases=tuple(_without(manifest, removed)))
    in_use = used_blocks(kept) | {each.block_id for each in manifest.deleted}
    unused = [each for each in dict.fromkeys(removed.block_ids) if each not in in_use]
    moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
    deleted = (DeletedBlock(block_id=each, deleted_at=moment) for each in unused)
    return attrs.evolve(kept, deleted=(*manifest.deleted, *deleted))


def _without(manifest: Manifest, removed: Database) -> Iterator[Database]:
    """Return the other databases; a list that changes is followed by those that are changes to it."""
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
    """Count the blocks that two databases have in common; equal blocks within one database count once.

    With ids of 24 bytes or more, blocks of equal content count as the same, so that databases of different containers
    can be compared if these have the same block size. With shorter ids, blocks of the same id do.
    """
    return len(block_keys(one) & block_keys(other))


def block_keys(database: Database) -> set[bytes]:
    """Return what distinguishes the content of a database's blocks: the MD5 if the ids contain it, else the ids."""
    return set(map(block_key, database.block_ids))
