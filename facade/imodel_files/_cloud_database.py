"""Between a database file and its blocks."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from imodel_files._cloud_blocks import LARGEST_BLOCK, SMALLEST_BLOCK, check_block
from imodel_files._cloud_errors import DatabaseFileError, ManifestError
from imodel_files._cloud_manifest import Database, Manifest
from imodel_files._replacing import replacing

_MAGIC: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_UNFINISHED: Final = ("-wal", "-journal")
_SMALLEST_PAGE: Final = 512
_LARGEST_PAGE: Final = 65536


def cut(path: str | os.PathLike[str], block_size: int) -> Iterator[bytes]:
    """Cut a database file into blocks.

    What follows the database's last page in the file does not count; the rest of the last block is filled with zeros.

    Args:
        path: A SQLite database at rest: there is no journal beside it, and nobody writes it meanwhile.
        block_size: Bytes of a block, 512 to 64 MiB.

    Returns:
        The blocks in the order of the file. The file is checked at once and read as they are taken.

    Raises:
        DatabaseFileError: The file is no SQLite database, empty, cut short, or not at rest.
        ValueError: The block size is out of its bounds.
        OSError: The file cannot be read.
    """
    if not SMALLEST_BLOCK <= block_size <= LARGEST_BLOCK:
        raise ValueError(f"block_size is {SMALLEST_BLOCK} to {LARGEST_BLOCK} bytes, not {block_size}")
    path = Path(path)
    check_at_rest(path)
    with path.open("rb") as file:
        size = _stated_size(file.read(_HEADER), os.fspath(path))
        there = os.fstat(file.fileno()).st_size
    if there < size:
        reason = f"truncated: its header states {size} bytes, the file has {there}"
        raise DatabaseFileError(os.fspath(path), reason, there)
    return _blocks(path, size, block_size)


def _blocks(path: Path, size: int, block_size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        for begin in range(0, size, block_size):
            wanted = min(block_size, size - begin)
            content = file.read(wanted)
            if len(content) < wanted:
                raise DatabaseFileError(os.fspath(path), "it became shorter while it was read", begin + len(content))
            yield content.ljust(block_size, b"\0")


def check_at_rest(path: Path) -> None:
    """Insist that a database is whole in its own file, and that nothing is left beside it of an older one.

    Raises:
        DatabaseFileError: There is a journal beside it.
    """
    for suffix in _UNFINISHED:
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise DatabaseFileError(os.fspath(path), f"it is in use or was left unfinished: there is {beside.name}")


def database_size(first_block: bytes | memoryview, *, block_count: int, block_size: int, source: str) -> int:
    """Return the size of the database file in blocks, which only its own header states.

    Args:
        first_block: The first block, or 100 bytes of it at least.
        block_count: How many blocks there are.
        block_size: Bytes of a block.
        source: What errors call the database.

    Returns:
        Bytes of the file: not more than the blocks have, and so many that the last one is needed.

    Raises:
        DatabaseFileError: It is no SQLite database, or one of another size.
    """
    size = _stated_size(bytes(first_block[:_HEADER]), source)
    most = block_count * block_size
    if not most - block_size < size <= most:
        reason = f"its header states {size} bytes, which does not match {block_count} blocks of {block_size} bytes"
        raise DatabaseFileError(source, reason, 28, "number of pages")
    return size


def _stated_size(head: bytes, source: str) -> int:
    """Return the size of a database by its header, in bytes."""
    if not head:
        raise DatabaseFileError(source, "it is empty, so no SQLite database", 0)
    if not head.startswith(_MAGIC):
        raise DatabaseFileError(source, "it does not begin as a SQLite database", 0, "magic")
    if len(head) < _HEADER:
        raise DatabaseFileError(source, "it ends within the header of a SQLite database", len(head), "header")
    page = _number(head, 16, 2)
    page = _LARGEST_PAGE if page == 1 else page
    if not _SMALLEST_PAGE <= page <= _LARGEST_PAGE or page & page - 1:
        raise DatabaseFileError(source, f"pages of {page} bytes", 16, "page size")
    pages = _number(head, 28, 4)
    if pages == 0 or _number(head, 24, 4) != _number(head, 92, 4):
        reason = "its header does not state its size, since a very old SQLite wrote it: VACUUM it with a newer one"
        raise DatabaseFileError(source, reason, 28, "number of pages")
    return page * pages


def _number(head: bytes, at: int, size: int) -> int:
    return int.from_bytes(head[at : at + size], "big")


def assemble(
    manifest: Manifest, database: Database, read: Callable[[bytes], bytes], target: str | os.PathLike[str]
) -> int:
    """Write a database file from its blocks, in order.

    Each block is checked, the file is cut to its real size, and it gets its name only when it is whole; what was there
    is replaced. The content is that of the uploaded file; a block that occurs more than once is read once.

    Args:
        manifest: The manifest.
        database: One of its databases.
        read: Gives the content of a block by its id.
        target: The file to write.

    Returns:
        Bytes of the file.

    Raises:
        BlockError: A block is not what it should be.
        DatabaseFileError: The blocks make no SQLite database, or there is a journal beside the target.
        ManifestError: The database has no blocks.
        OSError: The file cannot be written, or there is no room for it.
    """
    target = Path(target)
    check_at_rest(target)
    if database.is_empty:
        raise ManifestError(manifest.source, f"database {database.name!r} has no blocks", None, "number of blocks")
    with replacing(target) as part, part.open("x+b") as file:
        size = _assembled(manifest, database, read, file)
        file.truncate(size)
    return size


def _assembled(manifest: Manifest, database: Database, read: Callable[[bytes], bytes], file: BinaryIO) -> int:
    block_size = manifest.block_size
    places: dict[bytes, int] = {}
    size = 0
    for number, block_id in enumerate(database.block_ids):
        content = _again(file, places[block_id], block_size) if block_id in places else read(block_id)
        if block_id not in places:
            check_block(content, block_id, block_size)
            places[block_id] = number
        if number == 0:
            size = database_size(content, block_count=database.block_count, block_size=block_size, source=database.name)
            _check_room(file.name, database.block_count * block_size)
        file.seek(number * block_size)
        file.write(content)
    return size


def _again(file: BinaryIO, number: int, block_size: int) -> bytes:
    file.seek(number * block_size)
    return file.read(block_size)


def _check_room(path: str, wanted: int) -> None:
    if shutil.disk_usage(Path(path).parent).free < wanted:
        raise OSError(errno.ENOSPC, f"no room for {wanted} bytes", path)
