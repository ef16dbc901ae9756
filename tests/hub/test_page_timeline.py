"""The rules for the timeline's picture, for any times and any pushes."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels_hub.basis.instants import to_microseconds
from itwin_imodels_hub.page.formats import ago, size
from itwin_imodels_hub.page.time_axis import BARS, TICKS, scale_of, ticks
from itwin_imodels_hub.page.timeline import AUTHORS, LEVELS, PLOT, TOP, Mark, Tally, draw, levels

SECOND = 1_000_000
EARLIEST = to_microseconds(datetime.min.replace(tzinfo=UTC))
LATEST = to_microseconds(datetime.max.replace(tzinfo=UTC))

moments = st.integers(EARLIEST, LATEST)
spans = st.one_of(
    st.tuples(moments, moments),
    st.tuples(moments, st.integers(0, 10**13)).map(lambda pair: (pair[0], min(pair[0] + pair[1], LATEST))),
    moments.map(lambda moment: (moment, moment)),
).map(sorted)
names = st.builds(
    lambda letter, length: letter * length, st.sampled_from(["a", "\u05e9", "\U0001f3d7\ufe0f"]), st.integers(1, 255)
)


def micros(*parts: int) -> int:
    """Count the microseconds to a time in UTC."""
    return to_microseconds(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type,misc] # year, month, day and so on


@given(spans)
def test_the_scale_has_room_for_all(span: list[int]) -> None:
    """First and last push are within, buckets are neither too many nor wider than they must be."""
    first, last = span
    scale = scale_of(first, last)
    assert 1 <= scale.buckets <= BARS
    assert scale.origin <= first <= last < scale.end
    assert scale.width % SECOND == 0
    assert scale.width <= max(SECOND, 7 * (last - first))
    assert 0 <= scale.bucket(first) <= scale.bucket(last) < scale.buckets


@given(spans, st.lists(moments, max_size=6))
def test_places_keep_the_order(span: list[int], others: list[int]) -> None:
    """A later time is never further left, and all places are within the picture."""
    scale = scale_of(*span)
    places = [scale.place(moment) for moment in sorted(others)]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)
    for moment in others:
        assert 0 <= scale.bucket(moment) < scale.buckets


@given(spans)
def test_ticks(span: list[int]) -> None:
    """They are few, ordered, within the picture, and labeled differently from their neighbors."""
    found = ticks(scale_of(*span))
    assert len(found) <= TICKS
    assert [tick.x for tick in found] == sorted({tick.x for tick in found})
    assert all(0 <= tick.x <= 100 for tick in found)
    assert all(one.label != two.label for one, two in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ((2026, 11, 27, 22, 0, 1), (2026, 11, 27, 22, 0, 9), ["22:00:00", "22:00:05", "22:00:10"]),
        ((2026, 11, 26, 20), (2026, 11, 27, 20), ["27 Nov", "06:00", "12:00", "18:00"]),
        ((2026, 3, 1), (2026, 3, 20), ["2 Mar", "9 Mar", "16 Mar"]),
        ((2025, 11, 3), (2026, 10, 20), ["Jan 2026", "Mar", "May", "Jul", "Sep"]),
        ((2012, 1, 1), (2026, 1, 1), ["2015", "2020", "2025"]),
    ],
)
def test_ticks_are_round(first: tuple[int, ...], last: tuple[int, ...], labels: list[str]) -> None:
    """Each length of time has its own kind of labels."""
    assert [tick.label for tick in ticks(scale_of(micros(*first), micros(*last)))] == labels


@given(st.integers(0, 10**12))
def test_levels(most: int) -> None:
    """They are few and even, and the last is the first that is not below the largest amount."""
    found = levels(most)
    assert len(found) <= LEVELS
    assert (found == []) == (most == 0)
    if found:
        assert found == [found[0] * number for number in range(1, len(found) + 1)]
        assert found[-1] >= most > found[-1] - found[0]


tallies = st.lists(
    st.tuples(st.integers(0, 14), st.text(min_size=1, max_size=3), st.integers(1, 10**6)), max_size=60
).map(lambda found: [Tally(*each) for each in found])


@given(tallies)
def test_every_push_is_drawn_once(found: list[Tally]) -> None:
    """Bars and authors have the same sum as what was counted; no bar leaves the picture; heights follow the amounts."""
    picture = draw(scale_of(0, 0), found, [], {})
    total = sum(each.pushes for each in found)
    assert sum(bar.pushes for bar in picture.bars) == total
    assert sum(author.pushes for author in picture.authors) == total
    assert len(picture.authors) <= AUTHORS + 1
    assert [author.pushes for author in picture.authors[:AUTHORS]] == sorted(
        (author.pushes for author in picture.authors[:AUTHORS]), reverse=True
    )
    for place, author in enumerate(picture.authors):
        assert sum(bar.by_author[place] for bar in picture.bars) == author.pushes
    for bar in picture.bars:
        assert sum(bar.by_author) == bar.pushes
        height = sum(part.height for part in bar.segments)
        assert 1.9 <= height <= PLOT + 0.1
        assert all(TOP - 0.1 <= part.y <= picture.ground for part in bar.segments)
        assert 0 <= bar.x <= bar.x + bar.width <= 100
    for one in picture.bars:
        for two in picture.bars:
            if one.pushes >= two.pushes:
                tolerance = 0.01 * (len(one.segments) + len(two.segments))
                assert sum(part.height for part in one.segments) >= sum(p.height for p in two.segments) - tolerance


@given(spans, st.lists(st.tuples(moments, names, st.integers(1, 9)), max_size=40))
def test_flags(span: list[int], found: list[tuple[int, str, int]]) -> None:
    """Every Named Version is counted at a flag; flags and labels keep their distance; labels are short."""
    marks = [Mark(*each) for each in found]
    flags = draw(scale_of(*span), [], marks, {}).flags
    counted = 0
    for flag in flags:
        _, found_more, more = flag.title.rpartition(" and ")
        counted += 1 + (int(more.removesuffix(" more")) if found_more and more.endswith(" more") else 0)
        assert len(flag.label) <= 18
    assert counted == sum(mark.amount for mark in marks)
    assert all(two.x - one.x >= 3.99 for one, two in itertools.pairwise(flags))
    labelled = [flag.x for flag in flags if flag.label]
    assert all(two - one >= 19.99 for one, two in itertools.pairwise(labelled))


def test_ten_and_forty_thousand() -> None:
    """A short history has bars of seconds, a long one of weeks; both fit."""
    short = scale_of(micros(2026, 1, 1, 12), micros(2026, 1, 1, 12, 0, 40))
    long = scale_of(micros(2025, 1, 1), micros(2026, 1, 1))
    assert (short.width, long.width) == (SECOND, 7 * 86_400 * SECOND)
    assert draw(short, [], [], {}).unit == "second"
    assert draw(long, [], [], {}).unit == "7 days"
    assert long.period(0) == "30 Dec 2024 to 5 Jan 2025"


NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (44, "just now"),
        (45, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_400, "1 day ago"),
        (29 * 86_400, "29 days ago"),
        (31 * 86_400, "1 month ago"),
        (800 * 86_400, "2 years ago"),
        (-7200, "in 2 h"),
    ],
)
def test_relative_times(seconds: int, words: str) -> None:
    """They are shown in their largest unit."""
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_sizes() -> None:
    """Bytes are shown in the largest unit that fits."""
    assert [size(count) for count in (0, 1023, 1024, 5 << 20, 3 << 40, 1 << 60)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "5.0 MiB",
        "3.0 TiB",
        "1048576.0 TiB",
    ]
