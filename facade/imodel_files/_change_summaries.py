"""Count changed elements by class. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import attrs

from imodel_files._change import Operation
from imodel_files._change_instances import ElementChange, TimelineChangeset


@attrs.frozen(kw_only=True)
class ClassSummary:
    """The numbers of changed elements of a class.

    Attributes:
        class_name: The name of the class, such as ``BisCore:PhysicalPartition``; its id if the database has no such
            class; None if the id is unknown, too.
        inserted: Number of inserted elements.
        updated: Number of updated elements.
        deleted: Number of deleted elements.
        touched: Number of updated elements of which only the timestamp `LastMod` changed.
        changeset: The changeset; None for a net effect.
    """

    class_name: str | None
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    touched: int = 0
    changeset: TimelineChangeset | None = None

    @property
    def total(self) -> int:
        """The number of changed elements."""
        return self.inserted + self.updated + self.deleted


def summarized(elements: Iterable[ElementChange], changeset: TimelineChangeset | None) -> Iterator[ClassSummary]:
    """Yield a summary for each class, ordered by name."""
    counts: defaultdict[str, Counter[Operation]] = defaultdict(Counter)
    touched = Counter[str]()
    for each in elements:
        name = each.class_name or each.class_id or ""
        counts[name][each.operation] += 1
        touched[name] += each.is_touched_only
    for name, by_operation in sorted(counts.items()):
        yield ClassSummary(
            class_name=name or None,
            inserted=by_operation[Operation.INSERT],
            updated=by_operation[Operation.UPDATE],
            deleted=by_operation[Operation.DELETE],
            touched=touched[name],
            changeset=changeset,
        )
