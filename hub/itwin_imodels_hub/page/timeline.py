"""The chart of a history: pushes over time, by author.

Times are in microseconds since 1970. Horizontal positions are percentages of the width, so that the chart scales but
its text does not; vertical positions are in pixels.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, UTC, datetime
from itertools import count
from typing import Final

from attrs import evolve, frozen

from itwin_imodels_hub.basis.instants import from_microseconds, to_microseconds
from itwin_imodels_hub.page.formats import MONTHS, day

BARS: Final = 60
"""Maximum number of bars in a chart."""
_FEWEST_BARS = 15
AUTHORS: Final = 7
"""Number of authors with a separate colour; all others share one."""
TICKS: Final = 7
LEVELS: Final = 4

TOP: Final = 44
PLOT: Final = 170
BOTTOM: Final = 26

_SECOND = 1_000_000
_MINUTE, _HOUR, _DAY = 60 * _SECOND, 3600 * _SECOND, 86_400 * _SECOND
_MONDAY = 4 * _DAY
_YEAR = 364 * _DAY
_WIDTHS = (
    *(each * _SECOND for each in (1, 5, 15, 30)),
    *(each * _MINUTE for each in (1, 5, 15, 30)),
    *(each * _HOUR for each in (1, 3, 6, 12)),
    *(each * _DAY for each in (1, 7, 28, 91)),
)
_TICK_WIDTHS = (
    *(each * _SECOND for each in (1, 2, 5, 10, 15, 30)),
    *(each * _MINUTE for each in (1, 2, 5, 10, 15, 30)),
    *(each * _HOUR for each in (1, 2, 3, 6, 12)),
    *(each * _DAY for each in (1, 2, 7, 14)),
)
_MONTH_STEPS = (1, 2, 3, 6)
_EARLIEST = to_microseconds(datetime.min.replace(tzinfo=UTC))
_LATEST = to_microseconds(datetime.max.replace(tzinfo=UTC))
_MIN_HEIGHT = 2.0
_FLAGS_APART = 4.0
_LABEL_APART = 20.0
_LABEL_LENGTH = 18
_EDGE = 5.0


@frozen
class Scale:
    """The time span of the chart, divided into buckets of equal width."""

    origin: int
    width: int
    buckets: int

    @property
    def end(self) -> int:
        """End of the last bucket."""
        return self.origin + self.width * self.buckets

    def bucket(self, moment: int) -> int:
        """Return the bucket of a time; times outside the span belong to the first or last bucket."""
        return min(max((moment - self.origin) // self.width, 0), self.buckets - 1)

    def place(self, moment: int) -> float:
        """Return the position of a time, in percent of the width."""
        return min(max((moment - self.origin) * 100 / (self.end - self.origin), 0.0), 100.0)

    def begin_of(self, bucket: int) -> datetime:
        """Return the start of a bucket."""
        return _moment(self.origin + bucket * self.width)

    def period(self, bucket: int) -> str:
        """Return the period of a bucket as text."""
        begin = self.begin_of(bucket)
        if self.width < _DAY:
            return f"{day(begin)}, {begin:%H:%M:%S}" if self.width < _MINUTE else f"{day(begin)}, {begin:%H:%M}"
        last = _moment(self.origin + (bucket + 1) * self.width - _DAY)
        return day(begin) if self.width == _DAY else f"{day(begin)} to {day(last)}"


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
    """An entry of the legend; the last colour may represent several authors."""

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
class Tick:
    """A time label on the horizontal axis; `minor` ones are hidden on small screens."""

    x: float
    label: str
    anchor: str
    minor: bool


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


def scale_of(first: int, last: int) -> Scale:
    """Return the scale for pushes between two times: round buckets, at most `BARS` of them."""
    width = next(width for width in _bucket_widths() if _buckets(first, last, width) <= BARS)
    buckets = _buckets(first, last, width)
    air = max(0, _FEWEST_BARS - buckets)
    return Scale(_floor(first, width) - air // 2 * width, width, buckets + air)


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
        period=_whole_period(scale),
        unit=_unit(scale.width),
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


def ticks(scale: Scale) -> list[Tick]:
    """Return labels at round times within the span, at most `TICKS` of them."""
    found = next(found for found in _tick_choices(scale) if len(found) <= TICKS)
    places = [(scale.place(moment), label) for moment, label in found]
    return [Tick(round(x, 3), label, _anchor(x), bool(place % 2)) for place, (x, label) in enumerate(places)]


def _bucket_widths() -> Iterator[int]:
    yield from _WIDTHS
    yield from (_YEAR << doubled for doubled in count())


def _floor(moment: int, width: int) -> int:
    return (moment - _MONDAY) // width * width + _MONDAY


def _buckets(first: int, last: int, width: int) -> int:
    return (_floor(last, width) - _floor(first, width)) // width + 1


def _moment(microseconds: int) -> datetime:
    return from_microseconds(min(max(microseconds, _EARLIEST), _LATEST))


def _whole_period(scale: Scale) -> str:
    begin, last = _moment(scale.origin), _moment(scale.end - 1)
    if begin.date() == last.date():
        return f"{day(begin)}, {begin:%H:%M} to {last:%H:%M} UTC"
    return f"{day(begin)} to {day(last)}, UTC"


def _unit(width: int) -> str:
    for size, one, several in ((_DAY, "day", "days"), (_HOUR, "hour", "hours"), (_MINUTE, "minute", "minutes")):
        if width >= size:
            return one if width == size else f"{width // size} {several}"
    return "second" if width == _SECOND else f"{width // _SECOND} seconds"


def _authors(tallies: Iterable[Tally], names: Mapping[str, str]) -> tuple[tuple[Author, ...], dict[str, int]]:
    """Assign a colour to each of the authors with the most pushes, and one to all others."""
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
    """Return the flags; the newest ones are labelled first, others only if there is enough room."""
    flags: list[Flag] = []
    labelled = float("inf")
    for x, mark in _gathered(scale, marks):
        more = f" and {mark.amount - 1} more" if mark.amount > 1 else ""
        fits = labelled - x >= _LABEL_APART
        labelled = x if fits else labelled
        flags.append(Flag(round(x, 3), f"{mark.name}{more}", _shortened(mark.name) if fits else "", _anchor(x, 10)))
    return flags[::-1]


def _gathered(scale: Scale, marks: Iterable[Mark]) -> list[tuple[float, Mark]]:
    """Return the marks with their positions, newest first; marks too close to a newer one are merged into it."""
    gathered: list[tuple[float, Mark]] = []
    for mark in sorted(marks, key=lambda mark: -mark.moment):
        x = scale.place(mark.moment)
        if gathered and gathered[-1][0] - x < _FLAGS_APART:
            place, newer = gathered[-1]
            gathered[-1] = (place, evolve(newer, amount=newer.amount + mark.amount))
        else:
            gathered.append((x, mark))
    return gathered


def _shortened(name: str) -> str:
    return name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…"


def _anchor(x: float, edge: float = _EDGE) -> str:
    if x < edge:
        return "start"
    return "end" if x > 100 - edge else "middle"


def _tick_choices(scale: Scale) -> Iterator[list[tuple[int, str]]]:
    span = scale.end - scale.origin
    for width in _TICK_WIDTHS:
        if span // width <= TICKS:
            first = _floor(max(scale.origin, _EARLIEST) + width - 1, width)
            yield [(each, _tick_label(each, width)) for each in range(first, min(scale.end, _LATEST) + 1, width)]
    for months in _MONTH_STEPS:
        if span // (months * 30 * _DAY) <= TICKS * 2:
            found = list(_months(scale, months))
            yield [(at, _month_label(year, month, first=at == found[0][0])) for at, year, month in found]
    for power in count():
        for digit in (1, 2, 5):
            years = digit * 10**power
            if span // (years * _YEAR) <= TICKS * 2:
                yield [(at, str(year)) for at, year, _ in _months(scale, 12 * years)]


def _tick_label(moment: int, width: int) -> str:
    at = _moment(moment)
    if width >= _DAY or (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"{at.day} {MONTHS[at.month - 1]}"
    return f"{at:%H:%M:%S}" if width < _MINUTE else f"{at:%H:%M}"


def _month_label(year: int, month: int, *, first: bool) -> str:
    return f"{MONTHS[month]} {year}" if first or not month else MONTHS[month]


def _months(scale: Scale, step: int) -> Iterator[tuple[int, int, int]]:
    """Yield the starts of months within the span; `step` divides or is a multiple of 12."""
    begin = _moment(scale.origin)
    first = (begin.year * 12 + begin.month - 1) // step * step
    for number in count(first, step):
        year, month = divmod(number, 12)
        if year < 1:
            continue
        if year > MAXYEAR:
            return
        at = to_microseconds(datetime(year, month + 1, 1, tzinfo=UTC))
        if at > scale.end:
            return
        if at >= scale.origin:
            yield at, year, month
