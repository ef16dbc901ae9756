"""The net effect of several changes to a row. No I/O."""

from typing import Any, Final

import attrs

from imodel_files._change import DELETE, INSERT, UPDATE, Change
from imodel_files._fields import NO_VALUE


class Gone:
    """The type of `GONE`."""


GONE: Final = Gone()
"""Represents a row that was inserted and then deleted, which has no effect."""


@attrs.frozen
class Replaced:
    """A deleted instance, and an instance of a different class that was inserted with the same id.

    Attributes:
        deleted: The row that was deleted.
        inserted: The row that was inserted.
    """

    deleted: Change
    inserted: Change


Net = Change | Replaced | Gone
_Values = tuple[Any, ...]


def combined(before: Net, after: Change, class_column: int | None = None) -> Net:
    """Combine two changes to the same row into one.

    Real timelines contain changes that contradict earlier ones. As with the native library, the last one wins, but
    after a deletion, only an insertion has an effect.

    Args:
        before: The effect of the earlier changes.
        after: The change that follows.
        class_column: The column that contains the class of an instance; None if no column does.
    """
    if isinstance(before, Gone):
        return after if after.operation is INSERT else before
    if isinstance(before, Replaced):
        inserted = combined(before.inserted, after)
        return combined(before.deleted, inserted, class_column) if isinstance(inserted, Change) else before.deleted
    indirect = before.indirect and after.indirect
    if before.operation is INSERT:
        return _after_insert(before, after, indirect=indirect)
    if before.operation is UPDATE:
        return _after_update(before, after, indirect=indirect)
    if after.operation is not INSERT:
        return attrs.evolve(before, indirect=indirect)
    is_same_class = _class_of(before.old, class_column) == _class_of(after.new, class_column)
    return _updated(before, after, indirect=indirect) if is_same_class else Replaced(before, after)


def _after_insert(before: Change, after: Change, *, indirect: bool) -> Net:
    if after.operation is DELETE:
        return GONE
    row = _padded(before.new or (), len(after.new or ()), None)
    return attrs.evolve(before, indirect=indirect, new=_overlaid(row, after.new or ()))


def _after_update(before: Change, after: Change, *, indirect: bool) -> Change:
    old, new = before.old or (), before.new or ()
    if after.operation is DELETE:
        return attrs.evolve(after, indirect=indirect, old=_overlaid(after.old or (), old))
    if after.operation is INSERT:
        replaced = without_keys(after.new or (), before.key_columns)
        return attrs.evolve(before, indirect=indirect, new=_overlaid(new, replaced))
    first_old = _overlaid(after.old or (), old)
    return _trimmed(attrs.evolve(before, indirect=indirect, old=first_old, new=_overlaid(new, after.new or ())))


def plain(net: Change | Replaced) -> Change:
    """Return the change to a row; for a replaced row, an update."""
    if isinstance(net, Change):
        return net
    return _updated(net.deleted, net.inserted, indirect=net.deleted.indirect and net.inserted.indirect)


def _class_of(values: _Values | None, class_column: int | None) -> Any:  # noqa: ANN401 - any SQLite value
    return None if values is None or class_column is None or class_column >= len(values) else values[class_column]


def _updated(before: Change, after: Change, *, indirect: bool) -> Change:
    """Return the update that a delete and an insert of a row amount to."""
    size = max(len(before.old or ()), len(after.new or ()))
    old, new = _padded(before.old or (), size, None), _padded(after.new or (), size, None)
    return _trimmed(
        Change(before.table, UPDATE, indirect, before.key_columns, old, without_keys(new, before.key_columns))
    )


def _trimmed(change: Change) -> Change:
    """Remove the values that an update does not change."""
    new = change.new or ()
    old = _padded(change.old or (), len(new), NO_VALUE)
    same = list(map(_is_same, old, new))
    keys = change.key_columns
    return attrs.evolve(
        change,
        old=tuple(
            value if index in keys or not (same[index] or new[index] is NO_VALUE) else NO_VALUE
            for index, value in enumerate(old)
        ),
        new=tuple(NO_VALUE if same[index] else value for index, value in enumerate(new)),
    )


def _is_same(old: Any, new: Any) -> bool:  # noqa: ANN401 - any values of SQLite
    """Return whether two values are stored identically; -0.0 and 0.0 are not."""
    return type(old) is type(new) and (str(old) == str(new) if isinstance(old, float) else bool(old == new))


def _overlaid(below: _Values, above: _Values) -> _Values:
    """Merge values: use those of `above`, and those of `below` where `above` has none."""
    size = max(len(below), len(above))
    pairs = zip(_padded(below, size, NO_VALUE), _padded(above, size, NO_VALUE), strict=True)
    return tuple(low if high is NO_VALUE else high for low, high in pairs)


def without_keys(values: _Values, keys: tuple[int, ...]) -> _Values:
    """Remove the key from the new values of an update, which has the key only among its old values."""
    return tuple(NO_VALUE if index in keys else value for index, value in enumerate(values))


def _padded(values: _Values, size: int, filler: Any) -> _Values:  # noqa: ANN401 - any SQLite value
    """Extend the values of a row that has gained columns since."""
    return values + (filler,) * (size - len(values))
