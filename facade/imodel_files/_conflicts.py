"""Changes that do not fit the database: what is in the way, and what is done about it."""

import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, Literal, TypeAlias

import attrs

from imodel_files._fields import NO_VALUE, Value

ConflictPolicy: TypeAlias = Literal["native", "strict"]
"""What is done about conflicts unless a handler decides: `native` what the vendor's library does, `strict` nothing."""


class ConflictCause(StrEnum):
    """Why a change does not fit."""

    DATA = "data"
    """The row to update or delete has other values than those the change was made from."""
    NOT_FOUND = "not_found"
    """The row to update or delete is missing."""
    EXISTS = "exists"
    """There is a row with the key of the row to insert."""
    CONSTRAINT = "constraint"
    """A constraint of the database, such as a unique index, forbids the change."""
    FOREIGN_KEY = "foreign_key"
    """After all changes, rows refer to missing rows."""


class ConflictAction(StrEnum):
    """What is done about a change that does not fit."""

    REPLACE = "replace"
    """Apply the change over what is in the way; possible for `ConflictCause.DATA` and `ConflictCause.EXISTS`."""
    SKIP = "skip"
    """Leave the change out."""
    ABORT = "abort"
    """Raise `ChangesetConflictError`; nothing is written."""


REASONS: Final = {
    ConflictCause.DATA: "the row has other values than those the change was made from",
    ConflictCause.NOT_FOUND: "there is no such row",
    ConflictCause.EXISTS: "there is such a row already",
    ConflictCause.CONSTRAINT: "a constraint of the database forbids it",
    ConflictCause.FOREIGN_KEY: "rows would refer to rows that are not there",
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
    """A column in which a change does not fit.

    Attributes:
        name: Its name.
        found: The value in the database; `NO_VALUE` if there is no such row.
        old: The value that the change was made from; `NO_VALUE` for an insert, or where the change holds none.
        new: The value after the change; `NO_VALUE` for a delete, or where the change holds none.
    """

    name: str
    found: Value
    old: Value
    new: Value


@attrs.frozen(kw_only=True)
class Conflict:
    """A change that does not fit.

    Attributes:
        changeset_id: Its changeset.
        path: The changeset's file.
        table: Its table; empty for `ConflictCause.FOREIGN_KEY`, which concerns the changeset as a whole.
        operation: ``"insert"``, ``"update"`` or ``"delete"``: what is tried, so when undoing, the opposite of what the
            file has; empty for `ConflictCause.FOREIGN_KEY`.
        is_indirect: Whether a trigger or a foreign key made the change, rather than the user.
        key: The values of the primary key; empty where a text in it is not UTF-8.
        cause: Why it does not fit.
        action: What is done about it. For a handler: what is done unless it decides otherwise.
        columns: For `ConflictCause.DATA` and `ConflictCause.EXISTS` the columns that differ, otherwise those that the
            change has values for. Empty where a text in the row or the change is not UTF-8.
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
"""Decides about a conflict; None leaves it to the policy."""


def policy_action(policy: ConflictPolicy, cause: ConflictCause) -> ConflictAction:
    """Return what a policy does."""
    return _NATIVE[cause] if policy == "native" else ConflictAction.ABORT


def check_action(action: ConflictAction, cause: ConflictCause) -> ConflictAction:
    """Return an action of a handler.

    Raises:
        ValueError: It is not possible for this cause.
    """
    checked = ConflictAction(action)
    if checked is ConflictAction.REPLACE and cause not in _CAN_REPLACE:
        raise ValueError(f"on_conflict: cannot replace where the cause is {cause.value!r}; skip or abort")
    return checked


def is_in_effect(new: Sequence[Value] | None, found: Sequence[Value] | None) -> bool:
    """Return whether a row has all values that an insert or update gives it already."""
    if new is None or found is None:
        return False
    return all(value is NO_VALUE or is_same(value, there) for value, there in zip(new, found, strict=False))


def is_same(one: Value, other: Value) -> bool:
    """Return whether two values are the same to SQLite's session extension, where 1 and 1.0 differ."""
    return type(one) is type(other) and one == other


def differing_columns(
    names: Sequence[str], old: Sequence[Value] | None, new: Sequence[Value] | None, found: Sequence[Value] | None
) -> tuple[ConflictColumn, ...]:
    """Return the columns in which a row is not what a change needs; without a row, those the change has values for.

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
