"""The change to a row, and the table it belongs to."""

from enum import StrEnum
from typing import Final

import attrs

from imodel_files._fields import Value

INSERT_CODE: Final = 18
UPDATE_CODE: Final = 23
DELETE_CODE: Final = 9


class Operation(StrEnum):
    """The operation of a change to a row."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


INSERT, UPDATE, DELETE = Operation.INSERT, Operation.UPDATE, Operation.DELETE
"""For inner loops: in Python 3.11, access to a member through its class takes fifteen times as long."""
OPERATIONS: Final = {INSERT_CODE: INSERT, UPDATE_CODE: UPDATE, DELETE_CODE: DELETE}


@attrs.frozen
class TableHeader:
    """The header of a group of changes, all to one table.

    Attributes:
        name: The name of the table.
        column_count: Number of columns.
        key_columns: Indexes of the primary key columns, in the key's order.
    """

    name: str
    column_count: int
    key_columns: tuple[int, ...]


@attrs.frozen(weakref_slot=False)  # `_session._Draft` must have the same layout
class Change:
    """A change to one row.

    Attributes:
        table: The name of the table.
        operation: The operation on the row.
        indirect: Whether a trigger or a foreign key made the change, rather than the user.
        key_columns: Indexes of the primary key columns, in the key's order.
        old: The values before, one for each column in order; None for an insert. An update has values only for the key
            and the columns that change; the others are `NO_VALUE`.
        new: The values after; None for a delete. An update has values only for the columns that change.
    """

    table: str
    operation: Operation
    indirect: bool
    key_columns: tuple[int, ...]
    old: tuple[Value, ...] | None
    new: tuple[Value, ...] | None

    @property
    def key(self) -> tuple[Value, ...]:
        """The primary key values that identify the row: the old ones, or the new ones for an insert."""
        values = self.new if self.old is None else self.old
        return tuple(values[index] for index in self.key_columns) if values is not None else ()
