"""Write changeset files from the bytes of SQLite's session extension."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from imodel_files._container import DICTIONARY_BYTE, HEADER, LZMA2, MARKER, VERSION, lzma_module
from imodel_files._errors import PrefixTooLargeError
from imodel_files._ids import IdComputation, parent_bytes
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import DDL_MEMBER, LENGTH_BYTES, SCHEMA_MEMBER
from imodel_files._replacing import replacing
from imodel_files._session import SessionReader
from imodel_files._summary import count_tables

_PAGE: Final = 1 << 16
_PAGE_DICTIONARY: Final = 2 * _PAGE
"""The dictionary size for compressing a page. The file declares the larger size that the native library declares."""
_END: Final = b"\0"


@attrs.frozen
class WrittenChangeset:
    """A changeset file that was created from other changesets or from databases.

    Attributes:
        path: The path of the file.
        id: The changeset id.
        parent_id: The id of its parent; empty for the first changeset.
        notes: What the file does not express, one sentence for each fact.
    """

    path: str
    id: str
    parent_id: str
    notes: tuple[str, ...] = ()


def write_changeset(  # noqa: PLR0913 - the parts of a changeset
    path: str | os.PathLike[str],
    session_bytes: bytes | bytearray | memoryview,
    *,
    parent_id: str | None,
    ddl: str | None = None,
    has_schema_changes: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> str:
    """Write a changeset file from the changes that SQLite's session extension recorded.

    The file is compressed page by page, the way the native library does it. The same input results in the same bytes
    with the same version of liblzma. The file is written under another name and renamed when it is complete; an
    existing file is replaced.

    Args:
        path: The file to write, or an existing folder, in which the file is named ``<id>.cs``.
        session_bytes: A changeset of the session extension, not a patchset; may be empty.
        parent_id: The id of its parent, 40 hex digits; ``""`` or None for the first changeset of an iModel.
        ddl: SQL statements that change tables and indexes, joined by semicolons. An empty string is treated as None.
        has_schema_changes: Whether the changeset changes the schema; always true with DDL.
        limits: Limits that readers of the file will apply.

    Returns:
        The changeset id.

    Raises:
        MalformedSessionError: The bytes are not a changeset of the session extension; `PatchsetError` if they are a
            patchset. The offset refers to these bytes.
        ChangesetFileError: The changes or the DDL exceed the limits.
        ValueError: The parent's id is not 40 hex digits, or the DDL contains a lone surrogate.
        OSError: The file cannot be written.
    """
    parent_bytes(parent_id)
    body = memoryview(session_bytes).cast("B")
    count_tables(SessionReader(pages(body), os.fspath(path), 0, limits))
    return write_body(
        path, pages(body), parent_id=parent_id, ddl=ddl, has_schema_changes=has_schema_changes, limits=limits
    ).id


def write_body(  # noqa: PLR0913 - the parameters of `write_changeset`
    path: str | os.PathLike[str],
    blocks: Iterable[bytes],
    *,
    parent_id: str | None,
    ddl: str | None,
    has_schema_changes: bool,
    limits: Limits,
    confirm: Callable[[WrittenChangeset], None] | None = None,
) -> WrittenChangeset:
    """Write a changeset file from blocks of valid changes, without holding them in memory.

    Args:
        path: See `write_changeset`.
        blocks: The changes.
        parent_id: See `write_changeset`.
        ddl: See `write_changeset`.
        has_schema_changes: See `write_changeset`.
        limits: See `write_changeset`.
        confirm: Called when the file is complete. If it raises an error, the previous file is restored.

    Raises:
        PrefixTooLargeError: The DDL exceeds the limits.
        ValueError: The parent's id is not 40 hex digits, or the DDL contains a lone surrogate.
        OSError: The file cannot be written.
    """
    from tempfile import TemporaryFile  # noqa: PLC0415 - saves memory unless files are written

    name = os.fspath(path)
    prefix = _prefix(ddl, has_schema_changes=has_schema_changes)
    if len(prefix) >= limits.prefix:
        raise PrefixTooLargeError(name, f"the prefix has {len(prefix) + 1} bytes; the limit is {limits.prefix}", 0)
    folder = Path(path) if Path(path).is_dir() else None
    computation = IdComputation(parent_id, prefix)
    whole_prefix = prefix + _END if prefix else b""
    with TemporaryFile(dir=folder or Path(path).parent) as packed:
        packed.write(HEADER.pack(HEADER.size, MARKER, VERSION, LZMA2) + bytes([DICTIONARY_BYTE]))
        packed.write(_packed(len(whole_prefix).to_bytes(LENGTH_BYTES, "big")) + _packed(whole_prefix))
        for page in _paged(blocks):
            computation.update(page)
            packed.write(_packed(page))
        packed.write(_END)
        packed.seek(0)
        changeset_id = computation.result()
        target = folder / f"{changeset_id}.cs" if folder else Path(path)
        written = WrittenChangeset(os.fspath(target), changeset_id, (parent_id or "").lower())
        with replacing(target, confirm and partial(confirm, written)) as part, part.open("xb") as file:
            shutil.copyfileobj(packed, file)
    return written


def pages(body: memoryview) -> Iterator[bytes]:
    """Yield recorded bytes in blocks of at most 64 KiB."""
    for begin in range(0, len(body), _PAGE):
        yield bytes(body[begin : begin + _PAGE])


def _paged(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield blocks of any size as pages, all of which are full except the last."""
    page = bytearray()
    for block in blocks:
        page += block
        while len(page) >= _PAGE:
            yield bytes(page[:_PAGE])
            del page[:_PAGE]
    if page:
        yield bytes(page)


def _prefix(ddl: str | None, *, has_schema_changes: bool) -> bytes:
    if not ddl and not has_schema_changes:
        return b""
    members = {SCHEMA_MEMBER: True, **({DDL_MEMBER: ddl} if ddl else {})}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _packed(page: bytes) -> bytes:
    """Compress a page independently of previous pages, without an end marker."""
    if not page:
        return b""
    lzma = lzma_module()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": _PAGE_DICTIONARY}]
    packed: bytes = lzma.compress(page, format=lzma.FORMAT_RAW, filters=filters)
    return packed.removesuffix(_END)
