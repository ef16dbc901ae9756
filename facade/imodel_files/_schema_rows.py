"""Rows of a changeset that describe the schema, which are applied before all others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from imodel_files._chain import VerifiedChangeset
from imodel_files._encoding import encode_change, encode_header
from imodel_files._limits import Limits
from imodel_files._payload import open_payload
from imodel_files._session import Operation, SessionReader, TableHeader

CACHE_PREFIX: Final = "ec_cache_"
_SCHEMA_PREFIX: Final = "ec_"
_PROPERTIES: Final = "be_prop"
_SCHEMA_PROPERTIES: Final = frozenset(
    [("be_Db", "SchemaVersion"), ("ec_Db", "SchemaVersion"), ("ec_Db", "localDbInfo"), ("dgndb_Db", "SchemaVersion")]
)
"""Name space and name. The last one is what the native library compares with; no file has that name space."""
_FORWARD: Final = (Operation.DELETE, Operation.UPDATE, Operation.INSERT)
"""So a name that moves from one row to another is free when it is needed."""


def can_hold_schema_rows(table: str) -> bool:
    """Return whether some rows of a table describe the schema."""
    return is_schema_table(table) or table.lower() == _PROPERTIES


def is_schema_table(table: str) -> bool:
    """Return whether all rows of a table describe the schema."""
    return table.lower().startswith(_SCHEMA_PREFIX)


def is_schema_row(table: str, key: Sequence[object]) -> bool:
    """Return whether a row describes the schema.

    Args:
        table: Its table.
        key: The values of its primary key.
    """
    return is_schema_table(table) or (table.lower() == _PROPERTIES and tuple(key[:2]) in _SCHEMA_PROPERTIES)


def schema_session(changeset: VerifiedChangeset, limits: Limits, *, reverse: bool) -> Iterator[bytes]:
    """Yield the schema rows of a changeset as a session of their own: deletes, then updates, then inserts.

    The file is read once for each of them, so that nothing has to be kept.

    Args:
        changeset: The changeset.
        limits: Bounds of its file.
        reverse: Whether the session is undone; then the order is the opposite, and inserts, which are undone by
            deletes, come first.
    """
    for operation in reversed(_FORWARD) if reverse else _FORWARD:
        yield from _rows(changeset, limits, operation)


def _rows(changeset: VerifiedChangeset, limits: Limits, operation: Operation) -> Iterator[bytes]:
    with open_payload(changeset.path, limits) as payload:
        reader = SessionReader(payload.body, changeset.path, payload.body_offset, limits, "surrogateescape")
        while (table := reader.next_table()) is not None:
            if not can_hold_schema_rows(table.name):
                reader.count_changes(table, Counter())
                continue
            wanted = (
                encode_change(change)
                for change in reader.read_changes(table)
                if change.operation is operation and is_schema_row(change.table, change.key)
            )
            yield from _group(table, wanted)


def _group(table: TableHeader, changes: Iterator[bytes]) -> Iterator[bytes]:
    """Put the header of a table before its changes, if there are any."""
    first = next(changes, None)
    if first is not None:
        yield encode_header(table)
        yield first
        yield from changes
