"""The chart for a history: pushes over time, by author.

Horizontal positions are percentages of the width, so that the chart scales but its text does not; vertical positions
are in pixels.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final

from attrs import evolve, frozen

from itwin_imodels_hub.page.time_axis import Scale, Tick, anchor, ticks

AUTHORS: Final = 7
"""Number of authors with a separate color; all others share one."""
LEVELS: Final = 4

TOP: Final = 44
PLOT: Final = 170
BOTTOM: Final = 26

_MIN_HEIGHT = 2.0
_MIN_FLAG_DISTANCE = 4.0
_MIN_LABEL_DISTANCE = 20.0
_LABEL_LENGTH = 18


@frozen
class Tally:
    """The number of changesets that an author pushed in a bucket."""

    bucket: int
    author: str
    pushes: int


@frozen
class Mark:
    """The Named Versions in a bucket: name and time of the newest one, and their number."""

    moment: int
    name: str
    amount: int


@frozen
class Author:
    """An entry of the legend; the last color may represent several authors."""

    colour: int
    name: str
    pushes: int


@frozen
class Segment:
    """The part of a bar that belongs to one author."""

    colour: int
    y: float
    height: float


@frozen
class Bar:
    """The pushes in a bucket."""

    x: float
    width: float
    period: str
    pushes: int
    by_author: tuple[int, ...]
    segments: tuple[Segment, ...]


@frozen
class Level:
    """A count label on the vertical axis."""

    y: float
    label: int


@frozen
class Flag:
    """The position of Named Versions; the label is empty if there is no room for it."""

    x: float
    title: str
    label: str
    anchor: str


@frozen
class Picture:
    """The complete chart."""

    height: int
    ground: int
    period: str
    unit: str
    authors: tuple[Author, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    levels: tuple[Level, ...]
    flags: tuple[Flag, ...]


def draw(scale: Scale, tallies: Sequence[Tally], marks: Iterable[Mark], names: Mapping[str, str]) -> Picture:
    """Return the chart.

    Args:
        scale: The time span to show.
        tallies: Pushes per author and bucket.
        marks: The Named Versions.
        names: Names of the authors by id.
    """
    authors, colours = _authors(tallies, names)
    pushes = [Counter[int]() for _ in range(scale.buckets)]
    for tally in tallies:
        pushes[tally.bucket][colours[tally.author]] += tally.pushes
    most = max((each.total() for each in pushes), default=0)
    steps = levels(most)
    full = steps[-1] if steps else 1
    return Picture(
        height=TOP + PLOT + BOTTOM,
        ground=TOP + PLOT,
        period=scale.whole_period,
        unit=scale.unit,
        authors=authors,
        bars=tuple(_bar(scale, bucket, each, full, len(authors)) for bucket, each in enumerate(pushes) if each.total()),
        ticks=tuple(ticks(scale)),
        levels=tuple(Level(round(TOP + PLOT * (1 - step / full), 2), step) for step in steps),
        flags=tuple(_flags(scale, marks)),
    )


def levels(most: int) -> list[int]:
    """Return round counts up to the first one that reaches the maximum."""
    if most <= 0:
        return []
    step = next(
        digit * 10**power for power in count() for digit in (1, 2, 5) if -(-most // (digit * 10**power)) <= LEVELS
    )
    return list(range(step, most + step, step))


def _authors(tallies: Iterable[Tally], names: Mapping[str, str]) -> tuple[tuple[Author, ...], dict[str, int]]:
    """Assign a color to each of the authors with the most pushes, and one to all others."""
    totals = Counter[str]()
    for tally in tallies:
        totals[tally.author] += tally.pushes
    ranked = sorted(totals, key=lambda author: (-totals[author], author))
    colours = {author: min(rank, AUTHORS) for rank, author in enumerate(ranked)}
    authors = [Author(rank, names.get(author, author), totals[author]) for rank, author in enumerate(ranked[:AUTHORS])]
    others = ranked[AUTHORS:]
    if others:
        name = names.get(others[0], others[0]) if len(others) == 1 else f"{len(others)} others"
        authors.append(Author(AUTHORS, name, sum(totals[author] for author in others)))
    return tuple(authors), colours


def _bar(scale: Scale, bucket: int, pushes: Counter[int], full: int, authors: int) -> Bar:
    total = pushes.total()
    unit = max(PLOT * total / full, _MIN_HEIGHT) / total
    segments = []
    y = float(TOP + PLOT)
    for colour in sorted(pushes):
        y -= pushes[colour] * unit
        segments.append(Segment(colour, round(y, 2), round(pushes[colour] * unit, 2)))
    width = 100 / scale.buckets
    return Bar(
        x=round(bucket * width + width * 0.1, 3),
        width=round(width * 0.8, 3),
        period=scale.period(bucket),
        pushes=total,
        by_author=tuple(pushes[colour] for colour in range(authors)),
        segments=tuple(segments),
    )


def _flags(scale: Scale, marks: Iterable[Mark]) -> list[Flag]:
    """Return the flags; the newest ones are labeled first, others only if there is enough room."""
    flags: list[Flag] = []
    last_label_x = float("inf")
    for x, mark in _gathered(scale, marks):
        more = f" and {mark.amount - 1} more" if mark.amount > 1 else ""
        fits = last_label_x - x >= _MIN_LABEL_DISTANCE
        last_label_x = x if fits else last_label_x
        flags.append(Flag(round(x, 3), f"{mark.name}{more}", _shortened(mark.name) if fits else "", anchor(x, 10)))
    return flags[::-1]


def _gathered(scale: Scale, marks: Iterable[Mark]) -> list[tuple[float, Mark]]:
    """Return the marks with their positions, newest first; marks too close to a newer one are merged into it."""
    gathered: list[tuple[float, Mark]] = []
    for mark in sorted(marks, key=lambda mark: -mark.moment):
        x = scale.place(mark.moment)
        if gathered and gathered[-1][0] - x < _MIN_FLAG_DISTANCE:
            place, newer = gathered[-1]
            gathered[-1] = (place, evolve(newer, amount=newer.amount + mark.amount))
        else:
            gathered.append((x, mark))
    return gathered


def _shortened(name: str) -> str:
    return name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…"
