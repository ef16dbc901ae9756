"""Making changeset files from the bytes of SQLite's session extension."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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
"""What compressing a page takes; the size that the file declares, that of the native writer, is larger."""
_END: Final = b"\0"


def write_changeset(  # noqa: PLR0913 - each is a fact about the changeset
    path: str | os.PathLike[str],
    session_bytes: bytes | bytearray | memoryview,
    *,
    parent_id: str | None,
    ddl: str | None = None,
    has_schema_changes: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> str:
    """Make a changeset file of what SQLite's session extension recorded.

    The file is packed page by page as the native writer does it. The same input gives the same bytes with the same
    version of liblzma. It is written under another name and renamed when it is whole; what was there is replaced.

    Args:
        path: The file to write, or an existing folder in which it gets the name ``<id>.cs``.
        session_bytes: A changeset of the session extension, no patchset; may be empty.
        parent_id: The id of the changeset before it, 40 hex digits; ``""`` or None for the first one of an iModel.
        ddl: SQL statements that change tables and indexes, joined by semicolons. Empty is the same as None.
        has_schema_changes: Whether the schema is changed; with DDL it always is.
        limits: What a reader will allow.

    Returns:
        The changeset's id.

    Raises:
        MalformedSessionError: The bytes are not a changeset of the session extension; a `PatchsetError` where they are
            a patchset. Its offset counts in them.
        ChangesetFileError: They, or the DDL, are not within the limits.
        ValueError: The parent's id is not 40 hex digits, or the DDL has a lone surrogate.
        OSError: The file cannot be written.
    """
    parent_bytes(parent_id)
    body = memoryview(session_bytes).cast("B")
    name = os.fspath(path)
    count_tables(SessionReader(_pages(body), name, 0, limits))
    prefix = _prefix(ddl, has_schema_changes=has_schema_changes)
    if len(prefix) >= limits.prefix:
        raise PrefixTooLargeError(name, f"a prefix of {len(prefix) + 1} bytes; the limit is {limits.prefix}", 0)
    computation = IdComputation(parent_id, prefix)
    computation.update(body)
    changeset_id = computation.result()
    target = Path(path) / f"{changeset_id}.cs" if Path(path).is_dir() else Path(path)
    whole_prefix = prefix + _END if prefix else b""
    with replacing(target) as part, part.open("xb") as file:
        file.write(HEADER.pack(HEADER.size, MARKER, VERSION, LZMA2) + bytes([DICTIONARY_BYTE]))
        for page in (len(whole_prefix).to_bytes(LENGTH_BYTES, "big"), whole_prefix, *_pages(body)):
            file.write(_packed(page))
        file.write(_END)
    return changeset_id


def _pages(body: memoryview) -> Iterator[bytes]:
    for begin in range(0, len(body), _PAGE):
        yield bytes(body[begin : begin + _PAGE])


def _prefix(ddl: str | None, *, has_schema_changes: bool) -> bytes:
    if not ddl and not has_schema_changes:
        return b""
    members = {SCHEMA_MEMBER: True, **({DDL_MEMBER: ddl} if ddl else {})}
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def _packed(page: bytes) -> bytes:
    """Compress a page so that it depends on none before it, without an end."""
    if not page:
        return b""
    lzma = lzma_module()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": _PAGE_DICTIONARY}]
    packed: bytes = lzma.compress(page, format=lzma.FORMAT_RAW, filters=filters)
    return packed.removesuffix(_END)
