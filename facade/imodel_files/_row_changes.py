"""What two changes of one row are together, in SQLite's session format, by the rules of its change groups.

A change is the two bytes that it begins with, and its fields: as many as the table has columns, twice as many for an
update. Fields are compared as bytes, as SQLite compares them: 1 and 1.0 differ.
"""

from collections.abc import Sequence
from typing import Final

from imodel_files._fields import UNDEFINED, skip_fields
from imodel_files._session import DELETE_CODE, INSERT_CODE, UPDATE_CODE

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
"""A first and a second change that no row can see; only changes that did not fit give them."""


def merge_changes(first: bytes, second: bytes, columns: int, keys: frozenset[int]) -> bytes | None:
    """Return the change that has the effect of two changes of one row; None if they have none.

    A second change that is impossible after the first is ignored. The result is indirect if both are.

    Args:
        first: The earlier change.
        second: The later change.
        columns: How many columns the table has.
        keys: The columns of its primary key.
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
    """Return the upper fields, and the lower ones where there are none."""
    return [below if above == _SAME else above for below, above in zip(lower, upper, strict=True)]


def update_of(old: Sequence[bytes], new: Sequence[bytes], keys: frozenset[int], indirect: int) -> bytes | None:
    """Return the update from old to new values of a row; None if they are equal.

    Args:
        old: The fields before.
        new: The fields after.
        keys: The columns of the primary key.
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
    """Return a change with the fields of columns that its table gained after it.

    Args:
        change: The change.
        columns: How many columns it has.
        values: What a row that is older than the new columns has in each of them.
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
