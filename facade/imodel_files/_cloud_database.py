"""Split database files into blocks, and assemble them."""

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
    """Split a database file into blocks.

    Bytes after the last page of the database are ignored; the last block is padded with zeros.

    Args:
        path: A SQLite database that is not in use: it has no journal, and no process writes to it.
        block_size: Size of a block, 512 bytes to 64 MiB.

    Returns:
        The blocks in order. The file is checked immediately, and read while the blocks are consumed.

    Raises:
        DatabaseFileError: The file is not a SQLite database, is empty or truncated, or is in use.
        ValueError: `block_size` is out of range.
        OSError: The file cannot be read.
    """
    if not SMALLEST_BLOCK <= block_size <= LARGEST_BLOCK:
        raise ValueError(f"block_size must be {SMALLEST_BLOCK} to {LARGEST_BLOCK} bytes, not {block_size}")
    path = Path(path)
    check_at_rest(path)
    with path.open("rb") as file:
        size = _stated_size(file.read(_HEADER), os.fspath(path))
        actual = os.fstat(file.fileno()).st_size
    if actual < size:
        reason = f"the file is truncated: its header states {size} bytes, but it has {actual}"
        raise DatabaseFileError(os.fspath(path), reason, actual)
    return _blocks(path, size, block_size)


def _blocks(path: Path, size: int, block_size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        for begin in range(0, size, block_size):
            wanted = min(block_size, size - begin)
            content = file.read(wanted)
            if len(content) < wanted:
                raise DatabaseFileError(
                    os.fspath(path), "the file was truncated while it was being read", begin + len(content)
                )
            yield content.ljust(block_size, b"\0")


def check_at_rest(path: Path) -> None:
    """Check that a database is complete without a journal, and that no journal of a previous file is left.

    Raises:
        DatabaseFileError: There is a journal next to it.
    """
    for suffix in _UNFINISHED:
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise DatabaseFileError(
                os.fspath(path), f"the database is in use or was not closed properly: {beside.name} exists"
            )


def database_size(first_block: bytes | memoryview, *, block_count: int, block_size: int, source: str) -> int:
    """Return the size of a database file that is stored in blocks. Only its header contains the size.

    Args:
        first_block: The first block, or at least its first 100 bytes.
        block_count: Number of blocks.
        block_size: Size of a block in bytes.
        source: The name of the database in errors.

    Returns:
        The size in bytes: at most the total size of the blocks, and large enough to require the last one.

    Raises:
        DatabaseFileError: The block is not the start of a SQLite database, or the size does not match the blocks.
    """
    size = _stated_size(bytes(first_block[:_HEADER]), source)
    most = block_count * block_size
    if not most - block_size < size <= most:
        reason = f"its header states {size} bytes, which does not match {block_count} blocks of {block_size} bytes"
        raise DatabaseFileError(source, reason, 28, "number of pages")
    return size


def _stated_size(head: bytes, source: str) -> int:
    """Return the size of a database in bytes, according to its header."""
    if not head:
        raise DatabaseFileError(source, "not a SQLite database: the file is empty", 0)
    if not head.startswith(_MAGIC):
        raise DatabaseFileError(source, "not a SQLite database: unrecognized header", 0, "magic")
    if len(head) < _HEADER:
        raise DatabaseFileError(source, "the file is truncated: its SQLite header is incomplete", len(head), "header")
    page = _number(head, 16, 2)
    page = _LARGEST_PAGE if page == 1 else page
    if not _SMALLEST_PAGE <= page <= _LARGEST_PAGE or page & page - 1:
        raise DatabaseFileError(source, f"invalid page size of {page} bytes", 16, "page size")
    pages = _number(head, 28, 4)
    if pages == 0 or _number(head, 24, 4) != _number(head, 92, 4):
        reason = (
            "its header does not contain the size, because a very old version of SQLite wrote the file: run VACUUM with"
            " a newer version"
        )
        raise DatabaseFileError(source, reason, 28, "number of pages")
    return page * pages


def _number(head: bytes, at: int, size: int) -> int:
    return int.from_bytes(head[at : at + size], "big")


def assemble(
    manifest: Manifest, database: Database, read: Callable[[bytes], bytes], target: str | os.PathLike[str]
) -> int:
    """Write a database file from its blocks.

    Each block is checked, and the file is truncated to its real size. It is renamed to `target` only when it is
    complete; an existing file is replaced. The content is that of the original file up to its last page. A block that
    occurs more than once is read once.

    Args:
        manifest: The manifest.
        database: One of the databases in the manifest.
        read: Returns the content of a block by its id.
        target: The file to write.

    Returns:
        The size of the file in bytes.

    Raises:
        BlockError: A block does not have the required length or content.
        DatabaseFileError: The blocks are not a SQLite database, or there is a journal next to the target.
        ManifestError: The database has no blocks.
        OSError: The file cannot be written, or the disk is full.
    """
    target = Path(target)
    check_at_rest(target)
    if database.is_empty:
        raise ManifestError(manifest.source, f"database {database.name!r} has no blocks", None, "number of blocks")
    with replacing(target) as part, part.open("x+b") as file:
        size = _write_blocks(manifest, database, read, file)
        file.truncate(size)
    return size


def _write_blocks(manifest: Manifest, database: Database, read: Callable[[bytes], bytes], file: BinaryIO) -> int:
    block_size = manifest.block_size
    places: dict[bytes, int] = {}
    size = 0
    for number, block_id in enumerate(database.block_ids):
        content = _read_back(file, places[block_id], block_size) if block_id in places else read(block_id)
        if block_id not in places:
            check_block(content, block_id, block_size)
            places[block_id] = number
        if number == 0:
            size = database_size(content, block_count=database.block_count, block_size=block_size, source=database.name)
            _check_room(file.name, database.block_count * block_size)
        file.seek(number * block_size)
        file.write(content)
    return size


def _read_back(file: BinaryIO, number: int, block_size: int) -> bytes:
    file.seek(number * block_size)
    return file.read(block_size)


def _check_room(path: str, wanted: int) -> None:
    if shutil.disk_usage(Path(path).parent).free < wanted:
        raise OSError(errno.ENOSPC, f"not enough free disk space for {wanted} bytes", path)
