"""The manifest of a container: its databases and their blocks."""

from datetime import datetime
from typing import Final

import attrs

from imodel_files._cloud_blocks import LARGEST_BLOCK, LARGEST_ID, SMALLEST_BLOCK, SMALLEST_ID
from imodel_files._cloud_errors import DatabaseNotFoundError, ManifestError
from imodel_files._cloud_lists import BlockList

MANIFEST_NAME: Final = "manifest.bcv"
LARGEST_MANIFEST: Final = 64 << 20
"""Maximum size of a manifest in bytes; enough for millions of blocks."""
LONGEST_NAME: Final = 127
"""Maximum length of a database name, in bytes of UTF-8."""


@attrs.frozen(kw_only=True)
class DeletedBlock:
    """A block that no database uses any longer and that may be deleted.

    Attributes:
        block_id: The id of the block.
        deleted_at: When it became unused, to the millisecond; None for an orphan that a cleanup found.
    """

    block_id: bytes
    deleted_at: datetime | None


@attrs.frozen(kw_only=True)
class Database:
    """A database listed in a manifest, created by `parse_manifest` and `add_database`.

    Databases are equal if all attributes and blocks are equal, regardless of how a manifest stores the blocks.

    Attributes:
        id: The number of the database, at least 1.
        parent_id: The number of the database whose list of blocks is the base of this one's; 0 for none.
        version: 1 after the first upload, incremented by each upload of changes.
        name: The name, which is case-sensitive.
        is_flagged: Bit 31 of the block count in the manifest; see `is_absent`.
        blocks: The blocks as the manifest stores them; most callers need `block_ids`.
    """

    id: int
    parent_id: int
    version: int
    name: str
    is_flagged: bool = False
    blocks: BlockList = attrs.field(repr=False, eq=False)

    @property
    def block_ids(self) -> tuple[bytes, ...]:
        """The ids of the blocks in the order of the file; an id may occur more than once.

        Each access may resolve the list again; keep it in a variable.
        """
        return self.blocks.ids

    @property
    def block_count(self) -> int:
        """The number of blocks."""
        return self.blocks.count

    @property
    def is_empty(self) -> bool:
        """Whether the database has no blocks. Such a database cannot be opened: the checkpoint is invalid."""
        return self.blocks.count == 0

    @property
    def is_absent(self) -> bool:
        """Whether a writer deleted the database but did not upload the deletion; readers ignore such a database."""
        return self.is_flagged and not self.is_empty

    def __eq__(self, other: object) -> bool:
        """Compare the other attributes and the resolved lists of blocks."""
        if not isinstance(other, Database):
            return NotImplemented
        return _facts(self) == _facts(other) and self.block_ids == other.block_ids

    def __hash__(self) -> int:
        """Return a hash that is equal for equal databases."""
        return hash(_facts(self))


def _facts(database: Database) -> tuple[object, ...]:
    return (database.id, database.parent_id, database.version, database.name, database.is_flagged, database.block_count)


@attrs.frozen(kw_only=True)
class Manifest:
    """The manifest of a container.

    Attributes:
        block_size: Size of every block in bytes.
        id_size: Size of every block id in bytes.
        largest_database_id: The largest number that a database of the container has ever had.
        databases: The databases in the order of their numbers.
        deleted: Blocks that may be deleted.
        source: The name of the manifest in errors; ignored in comparisons.
    """

    block_size: int
    id_size: int
    largest_database_id: int = 0
    databases: tuple[Database, ...] = ()
    deleted: tuple[DeletedBlock, ...] = ()
    source: str = attrs.field(default=MANIFEST_NAME, eq=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the databases that are not absent."""
        return tuple(database.name for database in self.databases if not database.is_absent)

    def database(self, name: str) -> Database:
        """Return the database with the given name; names are case-sensitive.

        Raises:
            DatabaseNotFoundError: No database has this name; the error lists the available names.
        """
        for database in self.databases:
            if database.name == name and not database.is_absent:
                return database
        raise DatabaseNotFoundError(self.source, name, self.names)


def new_manifest(*, block_size: int = 4 << 20, id_size: int = 16) -> Manifest:
    """Return the manifest of a container without databases.

    Args:
        block_size: Size of every block, 512 bytes to 64 MiB.
        id_size: Size of every block id in bytes, 12 to 32. Ids of 24 or more bytes begin with the MD5 of the block, so
            that readers can verify blocks and writers can find existing ones.

    Returns:
        The manifest.

    Raises:
        ManifestError: A size is out of range.

    Example:
        >>> new_manifest(block_size=65536, id_size=24).databases
        ()
    """
    check_sizes(MANIFEST_NAME, block_size, id_size)
    return Manifest(block_size=block_size, id_size=id_size)


def check_manifest_size(manifest: Manifest, size: int) -> None:
    """Check that a manifest of `size` bytes may be written.

    Raises:
        ManifestError: It is too large.
    """
    if size > LARGEST_MANIFEST:
        raise ManifestError(
            manifest.source, f"it has {size} bytes; a manifest may have at most {LARGEST_MANIFEST}", None, "length"
        )


def name_bytes(name: str, source: str, offset: int | None = None) -> bytes:
    """Encode the name of a database.

    Raises:
        ManifestError: The name is invalid.
    """
    try:
        content = name.encode()
    except UnicodeEncodeError as error:
        raise ManifestError(source, f"the name {name!r} cannot be written as UTF-8", offset, "name") from error
    if len(content) > LONGEST_NAME:
        reason = f"the name {name!r} has {len(content)} bytes in UTF-8; the limit is {LONGEST_NAME}"
        raise ManifestError(source, reason, offset, "name")
    if b"\0" in content:
        raise ManifestError(source, f"the name {name!r} contains NUL", offset, "name")
    return content


def check_sizes(source: str, block_size: int, id_size: int) -> None:
    """Check the sizes of blocks and their ids.

    Raises:
        ManifestError: A size is out of range.
    """
    if not SMALLEST_BLOCK <= block_size <= LARGEST_BLOCK:
        reason = f"a block must have {SMALLEST_BLOCK} to {LARGEST_BLOCK} bytes, not {block_size}"
        raise ManifestError(source, reason, 4, "block size")
    if not SMALLEST_ID <= id_size <= LARGEST_ID:
        reason = f"an id must have {SMALLEST_ID} to {LARGEST_ID} bytes, not {id_size}"
        raise ManifestError(source, reason, 16, "id size")
