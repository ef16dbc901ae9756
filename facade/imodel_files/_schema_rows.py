"""The rows of a changeset that describe the schema. They are applied before all others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from imodel_files._chain import VerifiedChangeset
from imodel_files._change import Operation, TableHeader
from imodel_files._encoding import encode_change, encode_header
from imodel_files._limits import Limits
from imodel_files._payload import open_payload
from imodel_files._session import SessionReader

CACHE_PREFIX: Final = "ec_cache_"
_SCHEMA_PREFIX: Final = "ec_"
_PROPERTIES: Final = "be_prop"
_SCHEMA_PROPERTIES: Final = frozenset(
    [("be_Db", "SchemaVersion"), ("ec_Db", "SchemaVersion"), ("ec_Db", "localDbInfo"), ("dgndb_Db", "SchemaVersion")]
)
"""Namespaces and names. The native library compares with the last one, although no file has that namespace."""
_FORWARD: Final = (Operation.DELETE, Operation.UPDATE, Operation.INSERT)
"""In this order, a name that moves from one row to another is free when it is needed."""


def can_hold_schema_rows(table: str) -> bool:
    """Return whether some rows of a table describe the schema."""
    return is_schema_table(table) or table.lower() == _PROPERTIES


def is_schema_table(table: str) -> bool:
    """Return whether all rows of a table describe the schema."""
    return table.lower().startswith(_SCHEMA_PREFIX)


def is_schema_row(table: str, key: Sequence[object]) -> bool:
    """Return whether a row describes the schema.

    Args:
        table: The name of the table.
        key: The values of the primary key.
    """
    return is_schema_table(table) or (table.lower() == _PROPERTIES and tuple(key[:2]) in _SCHEMA_PROPERTIES)


def schema_session(changeset: VerifiedChangeset, limits: Limits, *, reverse: bool) -> Iterator[bytes]:
    """Yield the schema rows of a changeset as a separate session: deletes, then updates, then inserts.

    The file is read once for each operation, so that nothing must be kept in memory.

    Args:
        changeset: The changeset.
        limits: Limits for the file.
        reverse: Whether the session will be reversed. The order is then the opposite: inserts, which become deletes,
            come first.
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
    """Yield the header of a table and its changes, if there are any."""
    first = next(changes, None)
    if first is not None:
        yield encode_header(table)
        yield first
        yield from changes
