"""Measure the cost of reading elements, compared with reading the rows of the same file, and the speed of a history.

The changeset has 10,000 rows: inserts, updates of elements that the database contains, both kinds together, and updates
of elements that only an earlier changeset contains, which then has to be read as well. Both processor times of a ratio
are measured in the same round; the figure is the median of the rounds, which must be at most 3. Then the history of an
element over a mirror of 10,000 changesets is read twice: the first time builds the index, and the second one must take
less than a second. The exit status reports whether the bounds are met.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "facade")]

from imodel_files.changes import ChangeReader  # noqa: E402 - found by the paths above
from imodel_files.changesets import iter_changes  # noqa: E402
from tests.unit.imodel_files.plant import Plant, Statement, element, geometry, label, update  # noqa: E402

ROUNDS = 15
ELEMENTS = 5_000
"""Number of elements; each has two rows."""
TIMELINE = 10_000
RATIO_BOUND = 3.0
SECONDS_BOUND = 1.0


def main() -> None:
    """Measure and print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        held = print_ratios(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        held &= print_history(Path(folder))
    sys.exit(not held)


def print_ratios(folder: Path) -> bool:
    """Print the cost of elements, and return whether the bounds are met."""
    plant = Plant(folder)
    inserted = plant.push(*(each for number in ids() for each in (element(number), geometry(number, js1=number))))
    updated = plant.push(*(each for number in ids() for each in (label(number, "new"), moved(number))))
    half = len(ids()) // 2
    changed = (each for number in ids()[:half] for each in (label(number, "newer"), moved(number + 7)))
    added = (each for number in range(1 << 42, (1 << 42) + half) for each in (element(number), geometry(number)))
    mixed = plant.push(*changed, *added)
    cases = (
        ("inserts", inserted, plant.baseline),
        ("updates", updated, plant.tip),
        ("inserts and updates", mixed, plant.tip),
        ("updates of elements that the database lacks", updated, plant.baseline),
    )
    held = True
    for name, file, database in cases:
        after = plant.ids.index(file.stem)
        with ChangeReader(plant.folder, database) as reader:
            rounds = [seconds(partial(elements, reader, after)) / seconds(partial(read, file)) for _ in range(ROUNDS)]
        ratio = statistics.median(rounds)
        held &= ratio <= RATIO_BOUND
        print(f"elements, {name:45}{ratio:6.2f} times the rows alone, bound {RATIO_BOUND}")
    return held


def print_history(folder: Path) -> bool:
    """Print the time for the history of an element, and return whether the bound is met."""
    plant = Plant(folder, element(1), geometry(1), *(element(number) for number in range(2, 102)))
    for number in range(TIMELINE):
        plant.push(label(2 + number % 100, f"{number}"))
    mirror = Mirror(plant)
    with ChangeReader(mirror, plant.baseline) as reader:
        first, again = (seconds(lambda: count(reader.history("0x2")), time.perf_counter) for _ in range(2))
    print(f"history over {TIMELINE} changesets: {first:.1f} s to build the index, then {again:.3f} s")
    return again <= SECONDS_BOUND


@attrs.frozen
class Pushed:
    """A changeset, as a mirror returns it."""

    id: str
    parent_id: str
    index: int
    creator_id: str | None = None
    push_date_time: None = None


@attrs.frozen
class Mirrored:
    """A changeset of a mirror with its file."""

    changeset: Pushed
    path: Path


class Mirror:
    """The part of a mirror that a reader requires."""

    def __init__(self, plant: Plant) -> None:
        """Mirror all changesets of a plant."""
        self.directory = plant.folder
        chain = enumerate(zip(plant.ids, ["", *plant.ids], strict=False), 1)
        self._all = [
            Mirrored(Pushed(each, parent, index), plant.folder / f"{each}.cs") for index, (each, parent) in chain
        ]

    def changesets(self, *, after: str | int | None = None, until: str | int | None = None) -> Iterator[Mirrored]:
        """Yield the changesets of a range of indexes."""
        yield from self._all[int(after or 0) : int(until or len(self._all))]

    def get(self, changeset: str | int) -> Mirrored:
        """Return the changeset with an index."""
        return self._all[int(changeset) - 1]


def elements(reader: ChangeReader, after: int) -> None:
    """Read the elements of the changeset after an index."""
    count(reader.elements(after=after, until=after + 1))


def ids() -> range:
    """Return the ids of the elements."""
    return range(0x20000000001, 0x20000000001 + ELEMENTS)


def moved(number: int) -> Statement:
    """Move an element."""
    return update("bis_GeometricElement3d", number, Origin_X=number % 1000 / 8)


def read(path: Path) -> None:
    """Read the rows of a file."""
    count(iter_changes(path))


def count(things: Iterator[object]) -> int:
    """Count and discard items."""
    return sum(1 for _ in things)


def seconds(action: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds that one call takes: processor time, or the time of another clock."""
    begin = clock()
    action()
    return clock() - begin


if __name__ == "__main__":
    main()
