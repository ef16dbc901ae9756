"""Data for ``imodels checkpoint inspect``, read from block-based checkpoints in local folders."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from imodel_files.cloud_sqlite import (
    LARGEST_MANIFEST,
    MANIFEST_NAME,
    CloudSqliteError,
    Database,
    Manifest,
    block_digest,
    block_keys,
    block_name,
    database_size,
    parse_manifest,
    used_blocks,
)
from itwin_imodels.cli.rows import BlockContainer, BlockDatabase, SharedBlocks, UnusedBlock

_BLOCK_SUFFIX: Final = ".bcv"
_SQLITE_HEADER: Final = 100


@dataclass(frozen=True)
class Container:
    """A manifest and the blocks next to it.

    Attributes:
        path: Path of the manifest.
        manifest: Parsed manifest.
    """

    path: Path
    manifest: Manifest

    @cached_property
    def at_hand(self) -> frozenset[bytes]:
        """Ids of the block files next to the manifest that have the size of a block."""
        with os.scandir(self.path.parent) as entries:
            names = [each.name for each in entries if self._is_block(each)]
        return frozenset(filter(None, map(_id_of, names)))

    def _is_block(self, entry: "os.DirEntry[str]") -> bool:
        return (
            entry.name.endswith(_BLOCK_SUFFIX)
            and entry.is_file()
            and entry.stat().st_size == self.manifest.block_size
            and len(entry.name) == 2 * self.manifest.id_size + len(_BLOCK_SUFFIX)
        )


def _id_of(name: str) -> bytes | None:
    """Return the id in the name of a block file; None if there is no id."""
    try:
        block_id = bytes.fromhex(name.removesuffix(_BLOCK_SUFFIX))
    except ValueError:
        return None
    return block_id if block_name(block_id) == name else None


def read_container(place: Path) -> Container:
    """Read a manifest, given by its path or its folder.

    Raises:
        CloudSqliteError: The file is not a manifest, or is damaged.
        OSError: The file cannot be read.
    """
    path = place / MANIFEST_NAME if place.is_dir() else place
    with path.open("rb") as file:
        content = file.read(LARGEST_MANIFEST + 1)
    return Container(path, parse_manifest(content, source=str(path)))


def summary(container: Container) -> BlockContainer:
    """Return a summary of a container."""
    manifest = container.manifest
    used = used_blocks(manifest)
    return BlockContainer(
        path=container.path,
        block_size=manifest.block_size,
        id_size=manifest.id_size,
        largest_database_id=manifest.largest_database_id,
        databases=manifest.names,
        blocks=len(used),
        block_bytes=len(used) * manifest.block_size,
        missing_blocks=len(used - container.at_hand),
        deleted_blocks=len(manifest.deleted),
        unused_blocks=len(container.at_hand - used),
    )


def databases(container: Container) -> Iterator[BlockDatabase]:
    """Yield a description of each database."""
    manifest = container.manifest
    names = {each.id: each.name for each in manifest.databases}
    for database in manifest.databases:
        size, problem = _size(container, database)
        yield BlockDatabase(
            id=database.id,
            name=database.name,
            parent=names.get(database.parent_id),
            version=database.version,
            blocks=database.block_count,
            block_bytes=database.block_count * manifest.block_size,
            changes=database.blocks.entries if database.parent_id else None,
            missing_blocks=len(set(database.block_ids) - container.at_hand),
            size=size,
            problem=problem,
        )


def _size(container: Container, database: Database) -> tuple[int | None, str | None]:
    """Return the size of a database, if known, and its problem, if any."""
    if database.is_absent:
        return None, "deleted"
    if database.is_empty:
        return None, "it has no blocks"
    first = database.block_ids[0]
    if first not in container.at_hand:
        return None, None
    with (container.path.parent / block_name(first)).open("rb") as file:
        head = file.read(_SQLITE_HEADER)
    block_size = container.manifest.block_size
    try:
        return database_size(head, block_count=database.block_count, block_size=block_size, source=""), None
    except CloudSqliteError as error:
        return None, error.reason


def shared_within(container: Container) -> Iterator[SharedBlocks]:
    """Compare each pair of databases of a container."""
    present = _existing(container)
    for number, database in enumerate(present):
        yield from _shared(container, database, present[number + 1 :])


def shared_between(container: Container, other: Container) -> Iterator[SharedBlocks]:
    """Compare each database of one container with each database of another."""
    for database in _existing(container):
        yield from _shared(container, database, _existing(other), other)


def comparison_notes(container: Container, other: Container) -> Iterator[str]:
    """Yield notes on limitations of a comparison of two containers."""
    one, two = container.manifest, other.manifest
    if one.block_size != two.block_size:
        yield f"The containers share no blocks: their block sizes differ ({one.block_size} and {two.block_size} bytes)."
    elif block_digest(bytes(one.id_size)) is None or block_digest(bytes(two.id_size)) is None:
        yield "The block ids contain no checksum: blocks are compared by id, and ids of separate uploads never match."


def deleted_blocks(container: Container) -> Iterator[UnusedBlock]:
    """Yield the blocks of the delete list."""
    for each in container.manifest.deleted:
        yield UnusedBlock(block=block_name(each.block_id), deleted_at=each.deleted_at)


def _existing(container: Container) -> list[Database]:
    return [each for each in container.manifest.databases if not each.is_absent]


def _shared(
    container: Container, database: Database, others: list[Database], elsewhere: Container | None = None
) -> Iterator[SharedBlocks]:
    """Compare a database with others of the same container or, if given, of `elsewhere`."""
    block_size = (elsewhere or container).manifest.block_size
    is_comparable = block_size == container.manifest.block_size
    have = block_keys(database) if is_comparable else set()
    for other in others:
        other_keys = block_keys(other)
        missing = len(other_keys - have)
        yield SharedBlocks(
            database=database.name,
            other=other.name,
            shared=len(other_keys) - missing,
            to_fetch=missing,
            bytes_to_fetch=missing * block_size,
        )
