"""Combine two changes to a row in SQLite's session format, by the rules of SQLite's change groups.

A change consists of two bytes and its fields: one field for each column, two for each column of an update. Fields are
compared as bytes, as in SQLite: 1 and 1.0 differ.
"""

from collections.abc import Sequence
from typing import Final

from imodel_files._change import DELETE_CODE, INSERT_CODE, UPDATE_CODE
from imodel_files._fields import UNDEFINED, skip_fields

HEAD_BYTES: Final = 2
_SAME: Final = bytes([UNDEFINED])
_IMPOSSIBLE: Final = frozenset(
    [
        (INSERT_CODE, INSERT_CODE),
        (UPDATE_CODE, INSERT_CODE),
        (DELETE_CODE, UPDATE_CODE),
        (DELETE_CODE, DELETE_CODE),
    ]
)
"""Sequences of operations that are impossible for one row; only conflicting changes lead to them."""


def merge_changes(first: bytes, second: bytes, columns: int, keys: frozenset[int]) -> bytes | None:
    """Return the change that has the effect of two changes to a row; None if they have no effect.

    A second change that is impossible after the first one is ignored. The result is indirect if both changes are.

    Args:
        first: The earlier change.
        second: The later change.
        columns: Number of columns of the table.
        keys: Indexes of the primary key columns.
    """
    codes = first[0], second[0]
    if codes in _IMPOSSIBLE:
        return first
    if codes == (INSERT_CODE, DELETE_CODE):
        return None
    indirect = first[1] & second[1]
    before, after = split_fields(first), split_fields(second)
    if codes == (INSERT_CODE, UPDATE_CODE):
        return bytes((INSERT_CODE, indirect)) + b"".join(_overlaid(before, after[columns:]))
    if codes == (UPDATE_CODE, DELETE_CODE):
        return bytes((DELETE_CODE, indirect)) + b"".join(_overlaid(after, before[:columns]))
    if codes == (DELETE_CODE, INSERT_CODE):
        return update_of(before, after, keys, indirect)
    old, new = _overlaid(after[:columns], before[:columns]), _overlaid(before[columns:], after[columns:])
    return update_of(old, new, keys, indirect)


def _overlaid(lower: Sequence[bytes], upper: Sequence[bytes]) -> list[bytes]:
    """Return the upper fields, or the lower ones where the upper ones are undefined."""
    return [below if above == _SAME else above for below, above in zip(lower, upper, strict=True)]


def update_of(old: Sequence[bytes], new: Sequence[bytes], keys: frozenset[int], indirect: int) -> bytes | None:
    """Return the update from old to new values of a row; None if they are equal.

    Args:
        old: The fields before.
        new: The fields after.
        keys: Indexes of the primary key columns.
        indirect: 1 if the update is indirect, else 0.
    """
    changed = [index not in keys and before != new[index] for index, before in enumerate(old)]
    if not any(changed):
        return None
    kept = [
        before if differs or index in keys else _SAME
        for index, (before, differs) in enumerate(zip(old, changed, strict=True))
    ]
    made = [after if differs else _SAME for after, differs in zip(new, changed, strict=True)]
    return bytes((UPDATE_CODE, indirect)) + b"".join(kept) + b"".join(made)


def extend_change(change: bytes, columns: int, values: Sequence[bytes]) -> bytes:
    """Return a change, extended by the fields of columns that its table gained later.

    Args:
        change: The change.
        columns: Number of columns of the change.
        values: The values of an existing row in the new columns.
    """
    if change[0] != UPDATE_CODE:
        return change + b"".join(values)
    fields = split_fields(change)
    same = _SAME * len(values)
    return change[:HEAD_BYTES] + b"".join(fields[:columns]) + same + b"".join(fields[columns:]) + same


def split_fields(change: bytes) -> list[bytes]:
    """Return the fields of a well-formed change."""
    fields = []
    place: int | None = HEAD_BYTES
    while place is not None and place < len(change):
        begin, place = place, skip_fields(change, place, 1)
        fields.append(change[begin:place])
    return fields
