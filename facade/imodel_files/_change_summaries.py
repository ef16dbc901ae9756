"""Counting changed elements by class. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import attrs

from imodel_files._change_instances import ElementChange, TimelineChangeset
from imodel_files._session import Operation


@attrs.frozen(kw_only=True)
class ClassSummary:
    """How many elements of a class changed.

    Attributes:
        class_name: The class, such as ``BisCore:PhysicalPartition``; its id if the database has no such class, None if
            even that is unknown.
        inserted: Elements inserted.
        updated: Elements updated.
        deleted: Elements deleted.
        touched: Those of the updated of which only the time stamp `LastMod` changed.
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
        """All changed elements."""
        return self.inserted + self.updated + self.deleted


def summarized(elements: Iterable[ElementChange], changeset: TimelineChangeset | None) -> Iterator[ClassSummary]:
    """Yield the summary of each class, by name."""
    counts: defaultdict[str, Counter[Operation]] = defaultdict(Counter)
    touched = Counter[str]()
    for each in elements:
        name = each.class_name or each.class_id or ""
        counts[name][each.operation] += 1
        touched[name] += each.is_touched_only
    for name, found in sorted(counts.items()):
        yield ClassSummary(
            class_name=name or None,
            inserted=found[Operation.INSERT],
            updated=found[Operation.UPDATE],
            deleted=found[Operation.DELETE],
            touched=touched[name],
            changeset=changeset,
        )
