"""Read the changes in a file as bytes for SQLite's session extension."""

import os
from collections.abc import Iterator

from imodel_files._errors import SessionLimitError
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import open_payload
from imodel_files._session import SessionReader
from imodel_files._summary import count_tables


def read_session(path: str | os.PathLike[str], *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the changes in a changeset file as a changeset of SQLite's session extension.

    `apsw.Changeset`, `apsw.ChangesetBuilder` and `apsw.Rebaser` work on these bytes; `write_changeset` writes them to a
    file. They are checked for validity. They do not include the DDL of the file: see `inspect_changeset`.

    Args:
        path: The changeset file.
        limits: Limits on the size, memory and time that reading the file may take; see `Limits` for the defaults.
            `Limits.memory` limits the size of the result.

    Returns:
        The changes; empty if the file has none.

    Raises:
        ChangesetFileError: The file is not a complete changeset file, its content is malformed, or it exceeds the
            limits.
        OSError: The file cannot be read.
    """
    with open_payload(path, limits) as payload:
        offset = payload.body_offset
        body = bytearray()
        reader = SessionReader(
            _kept(payload.body, body, payload.stream.path, limits), payload.stream.path, offset, limits
        )
        count_tables(reader)
        return bytes(body)


def _kept(blocks: Iterator[bytes], body: bytearray, path: str, limits: Limits) -> Iterator[bytes]:
    for block in blocks:
        body += block
        if len(body) > limits.memory:
            raise SessionLimitError(path, f"the changes exceed {limits.memory} bytes (Limits.memory)")
        yield block
