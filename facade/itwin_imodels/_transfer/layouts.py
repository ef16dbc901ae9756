"""The blocks of a database. No I/O."""

from collections.abc import Sequence

from attrs import field, frozen

from imodel_files import cloud_sqlite
from itwin_imodels.errors import IntegrityError


@frozen(kw_only=True)
class Layout:
    """The blocks of a database.

    Attributes:
        database: The name of the database in the manifest.
        block_size: Size of each block in bytes.
        ids: The ids of the blocks, in the order of the file.
    """

    database: str
    block_size: int
    ids: Sequence[bytes] = field(repr=False)

    def title(self, place: int) -> str:
        """Return the name of a block for errors and the log."""
        return f"block {place + 1} of {len(self.ids)} ({cloud_sqlite.block_name(self.ids[place])})"

    def size(self, beginning: bytes) -> int:
        """Return the size of the database in bytes, from its first 100 bytes.

        Raises:
            IntegrityError: The bytes are not a database header, or do not match the number of blocks.
        """
        try:
            return cloud_sqlite.database_size(
                beginning, block_count=len(self.ids), block_size=self.block_size, source=self.database
            )
        except cloud_sqlite.CloudSqliteError as error:
            raise IntegrityError(str(error)) from None


@frozen
class BlockJob:
    """A block, and the positions in the file to write it to."""

    block_id: bytes
    places: Sequence[int]


def jobs_of(ids: Sequence[bytes]) -> list[BlockJob]:
    """Return each distinct block once, in the order of the file."""
    places: dict[bytes, list[int]] = {}
    for place, block_id in enumerate(ids):
        places.setdefault(block_id, []).append(place)
    return [BlockJob(block_id, positions) for block_id, positions in places.items()]


def layout_of(manifest: bytes, database: str) -> Layout:
    """Return the layout of a database in a manifest.

    Raises:
        IntegrityError: The manifest is invalid, or has no database with this name.
    """
    try:
        parsed = cloud_sqlite.parse_manifest(manifest)
        ids = parsed.database(database).block_ids
    except cloud_sqlite.CloudSqliteError as error:
        raise IntegrityError(str(error)) from None
    if not ids:
        raise IntegrityError(f"{cloud_sqlite.MANIFEST_NAME}: database {database!r} has no blocks")
    return Layout(database=database, block_size=parsed.block_size, ids=ids)
