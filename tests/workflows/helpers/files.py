"""New changeset files."""

import os
import struct
from pathlib import Path
from uuid import uuid4

from imodel_files.changesets import write_changeset

_TABLE = b"T\x02\x01\x00t\x00"
_INSERT = b"\x12\x00"


def changeset_file(folder: Path, parent_id: str | None = None, *, size: int = 0) -> Path:
    """Write a changeset file that is named by its id.

    Args:
        folder: Folder of the file.
        parent_id: Id of the parent.
        size: Approximate size in bytes; 0 for the smallest file.
    """
    ddl = f"CREATE TABLE t_{uuid4().hex} (id INTEGER PRIMARY KEY)"
    session = _TABLE + _row(1, os.urandom(size)) if size else b""
    changeset_id = write_changeset(folder, session, parent_id=parent_id, ddl=ddl)
    return folder / f"{changeset_id}.cs"


def chain_of(folder: Path, amount: int, parent_id: str | None = None, *, size: int = 0) -> list[Path]:
    """Write consecutive changeset files."""
    files: list[Path] = []
    for _ in range(amount):
        files.append(changeset_file(folder, files[-1].stem if files else parent_id, size=size))
    return files


def _row(number: int, content: bytes) -> bytes:
    return _INSERT + b"\x01" + struct.pack(">q", number) + b"\x04" + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))
