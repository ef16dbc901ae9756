"""Conflicts between changes and a database, and their resolution."""

import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, Literal, TypeAlias

import attrs

from imodel_files._fields import NO_VALUE, Value

ConflictPolicy: TypeAlias = Literal["native", "strict"]
"""How to resolve conflicts without a handler.

``native``: as the native library of iTwin.js does; ``strict``: abort at the first conflict.
"""


class ConflictCause(StrEnum):
    """Why a change conflicts with the database."""

    DATA = "data"
    """The row to update or delete does not have the values that the change expects."""
    NOT_FOUND = "not_found"
    """The row to update or delete is missing."""
    EXISTS = "exists"
    """A row with the key of the row to insert already exists."""
    CONSTRAINT = "constraint"
    """The change violates a constraint of the database, such as a unique index."""
    FOREIGN_KEY = "foreign_key"
    """After all changes, rows refer to missing rows."""


class ConflictAction(StrEnum):
    """How to resolve a conflict."""

    REPLACE = "replace"
    """Apply the change despite the conflict; possible for `ConflictCause.DATA` and `ConflictCause.EXISTS`."""
    SKIP = "skip"
    """Skip the change."""
    ABORT = "abort"
    """Raise `ChangesetConflictError`; nothing is written."""


REASONS: Final = {
    ConflictCause.DATA: "the row does not have the values that the change expects",
    ConflictCause.NOT_FOUND: "the row is missing",
    ConflictCause.EXISTS: "the row already exists",
    ConflictCause.CONSTRAINT: "it violates a constraint of the database",
    ConflictCause.FOREIGN_KEY: "rows would refer to missing rows",
}
_NATIVE: Final = {
    ConflictCause.DATA: ConflictAction.REPLACE,
    ConflictCause.NOT_FOUND: ConflictAction.SKIP,
    ConflictCause.EXISTS: ConflictAction.REPLACE,
    ConflictCause.CONSTRAINT: ConflictAction.SKIP,
    ConflictCause.FOREIGN_KEY: ConflictAction.ABORT,
}
_CAN_REPLACE: Final = frozenset({ConflictCause.DATA, ConflictCause.EXISTS})


@attrs.frozen(kw_only=True)
class ConflictColumn:
    """A column of a conflicting change.

    Attributes:
        name: The name of the column.
        found: The value in the database; `NO_VALUE` if the row is missing, or for `ConflictCause.CONSTRAINT`.
        old: The value that the change expects; `NO_VALUE` for an insert, or if the change does not contain it.
        new: The value after the change; `NO_VALUE` for a delete, or if the change does not contain it.
    """

    name: str
    found: Value
    old: Value
    new: Value


@attrs.frozen(kw_only=True)
class Conflict:
    """A change that conflicts with the database.

    Attributes:
        changeset_id: The id of the changeset.
        path: The path of the changeset file.
        table: The name of the table; empty for `ConflictCause.FOREIGN_KEY`, which concerns the changeset as a whole.
        operation: The attempted operation: ``"insert"``, ``"update"`` or ``"delete"``. When a changeset is reversed,
            this is the opposite of the operation in the file. Empty for `ConflictCause.FOREIGN_KEY`.
        is_indirect: Whether a trigger or a foreign key made the change, rather than the user.
        key: The values of the primary key; empty for `ConflictCause.FOREIGN_KEY`, or if the key cannot be read because
            a string is not valid UTF-8.
        cause: The cause of the conflict.
        action: How the conflict was resolved. In a handler: how it will be resolved unless the handler decides
            otherwise.
        columns: For `ConflictCause.DATA` and `ConflictCause.EXISTS`, the columns that differ; otherwise those for which
            the change has values. Empty for `ConflictCause.FOREIGN_KEY`, or if the row or the change contains a string
            that is not valid UTF-8.
    """

    changeset_id: str
    path: str | os.PathLike[str]
    table: str
    operation: str
    is_indirect: bool
    key: tuple[Value, ...]
    cause: ConflictCause
    action: ConflictAction
    columns: tuple[ConflictColumn, ...] = ()


ConflictHandler: TypeAlias = Callable[[Conflict], ConflictAction | None]
"""Returns how to resolve a conflict; None applies the policy."""


def policy_action(policy: ConflictPolicy, cause: ConflictCause) -> ConflictAction:
    """Return how a policy resolves a conflict."""
    return _NATIVE[cause] if policy == "native" else ConflictAction.ABORT


def check_action(action: ConflictAction, cause: ConflictCause) -> ConflictAction:
    """Return the action that a handler chose, after checking it.

    Raises:
        ValueError: The action is impossible for this cause.
    """
    checked = ConflictAction(action)
    if checked is ConflictAction.REPLACE and cause not in _CAN_REPLACE:
        raise ValueError(
            f"on_conflict returned 'replace' for the cause {cause.value!r}, for which only 'skip' and 'abort' are"
            " possible"
        )
    return checked


def is_in_effect(new: Sequence[Value] | None, found: Sequence[Value] | None) -> bool:
    """Return whether a row already has all values that an insert or update would write."""
    if not new or not found:
        return False
    return all(value is NO_VALUE or is_same(value, there) for value, there in zip(new, found, strict=False))


def is_same(one: Value, other: Value) -> bool:
    """Return whether SQLite's session extension considers two values equal; 1 and 1.0 differ."""
    return type(one) is type(other) and one == other


def differing_columns(
    names: Sequence[str], old: Sequence[Value] | None, new: Sequence[Value] | None, found: Sequence[Value] | None
) -> tuple[ConflictColumn, ...]:
    """Return the columns whose values differ from those a change expects; without a row, all columns of the change.

    Args:
        names: The columns of the table.
        old: The values before the change, if it has any.
        new: The values after the change, if it has any.
        found: The values of the row in the database, if there is one.
    """
    expected = old or new or ()
    columns = []
    for index, value in enumerate(expected):
        there = NO_VALUE if found is None else found[index]
        after = NO_VALUE if new is None else new[index]
        has_value = value is not NO_VALUE or after is not NO_VALUE
        if has_value and not (found is not None and (value is NO_VALUE or is_same(value, there))):
            before = NO_VALUE if old is None else value
            columns.append(ConflictColumn(name=names[index], found=there, old=before, new=after))
    return tuple(columns)
