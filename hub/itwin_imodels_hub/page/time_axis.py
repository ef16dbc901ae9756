"""The horizontal axis of the chart: its time span, buckets and labels.

Times are in microseconds since 1970, positions are percentages of the width.
"""

from collections.abc import Iterator
from datetime import MAXYEAR, UTC, datetime
from itertools import count
from typing import Final

from attrs import frozen

from itwin_imodels_hub.basis.instants import from_microseconds, to_microseconds
from itwin_imodels_hub.page.formats import MONTHS, day

BARS: Final = 60
"""Maximum number of bars in a chart."""
_MIN_BARS = 15
TICKS: Final = 7

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

    @property
    def whole_period(self) -> str:
        """The period of the whole span as text."""
        begin, last = _moment(self.origin), _moment(self.end - 1)
        if begin.date() == last.date():
            return f"{day(begin)}, {begin:%H:%M} to {last:%H:%M} UTC"
        return f"{day(begin)} to {day(last)}, UTC"

    @property
    def unit(self) -> str:
        """The width of a bucket as text."""
        for size, one, several in ((_DAY, "day", "days"), (_HOUR, "hour", "hours"), (_MINUTE, "minute", "minutes")):
            if self.width >= size:
                return one if self.width == size else f"{self.width // size} {several}"
        return "second" if self.width == _SECOND else f"{self.width // _SECOND} seconds"


@frozen
class Tick:
    """A time label on the horizontal axis; `minor` ones are hidden on small screens."""

    x: float
    label: str
    anchor: str
    minor: bool


def scale_of(first: int, last: int) -> Scale:
    """Return the scale for pushes between two times: round buckets, at most `BARS` of them."""
    width = next(width for width in _bucket_widths() if _buckets(first, last, width) <= BARS)
    buckets = _buckets(first, last, width)
    padding = max(0, _MIN_BARS - buckets)
    return Scale(_floor(first, width) - padding // 2 * width, width, buckets + padding)


def ticks(scale: Scale) -> list[Tick]:
    """Return labels at round times within the span, at most `TICKS` of them."""
    choice = next(choice for choice in _tick_choices(scale) if len(choice) <= TICKS)
    places = [(scale.place(moment), label) for moment, label in choice]
    return [Tick(round(x, 3), label, anchor(x), bool(place % 2)) for place, (x, label) in enumerate(places)]


def _bucket_widths() -> Iterator[int]:
    yield from _WIDTHS
    yield from (_YEAR << doubled for doubled in count())


def _floor(moment: int, width: int) -> int:
    return (moment - _MONDAY) // width * width + _MONDAY


def _buckets(first: int, last: int, width: int) -> int:
    return (_floor(last, width) - _floor(first, width)) // width + 1


def _moment(microseconds: int) -> datetime:
    return from_microseconds(min(max(microseconds, _EARLIEST), _LATEST))


def anchor(x: float, edge: float = _EDGE) -> str:
    """Return the alignment that keeps a label within the chart."""
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
            starts = list(_months(scale, months))
            yield [(at, _month_label(year, month, first=at == starts[0][0])) for at, year, month in starts]
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
    """Yield the start of every `step`-th month within the span; `step` divides 12 or is a multiple of it."""
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
