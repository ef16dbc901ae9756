"""Indexes are split into ranges that are read at the same time."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._core.paging import IndexRanges, Page

AHEAD = 8
"""Number of ranges that are requested before the content of the first one is known."""


def read(indexes: Sequence[int], size: int, most: int, ranges: IndexRanges) -> tuple[list[int], int]:
    """Return the indexes in the order of the ranges, and the number of requests.

    Args:
        indexes: The existing indexes.
        size: Entities per page that are requested.
        most: Entities per page that the service sends.
        ranges: The ranges.
    """
    found: list[int] = []
    waiting, requests = [], 0
    coming = iter(ranges)
    while True:
        while len(waiting) < AHEAD and (range_ := next(coming, None)) is not None:
            waiting.append(range_)
        if not waiting:
            return found, requests
        after, last = waiting.pop(0)
        inside = [index for index in indexes if after < index <= last]
        pages = max(-(-len(inside) // min(size, most)), 1)
        requests += pages
        found += inside
        ranges.learn(pages, len(inside))


numbers = st.integers(1, 5000)


@settings(deadline=None)
@given(st.sets(numbers), numbers, numbers, st.integers(1, 1000), st.integers(1, 1000), st.booleans())
def test_ranges_cover_every_index_once_and_in_order(  # noqa: PLR0913, PLR0917 - Hypothesis gives them by position
    indexes: set[int],
    after: int,
    last: int,
    size: int,
    most: int,
    descending: bool,  # noqa: FBT001
) -> None:
    """The result equals that of one list, whatever the gaps and the pages of the service."""
    ordered = sorted(indexes, reverse=descending)
    ranges = IndexRanges(after, last, size, descending=descending)
    found, _ = read(ordered, size, most, ranges)
    assert found == [index for index in ordered if after < index <= last]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("step", "requests"), [(1, 100), (3, 200), (1000, 300), (1_000_000, 400)])
def test_gaps_do_not_multiply_the_requests(step: int, requests: int, descending: bool) -> None:  # noqa: FBT001
    """Without gaps, there is a request for each page; with gaps, there are at most four times as many."""
    indexes = range(step, 1000 * step + 1, step)[:: -1 if descending else 1]
    ranges = IndexRanges(0, 1000 * step, 10, descending=descending)
    found, count = read(indexes, 10, 10, ranges)
    assert found == list(indexes)
    assert 100 <= count <= requests


def test_a_gap_amid_a_timeline() -> None:
    """It costs some requests, and the ranges behind it are narrow again."""
    indexes = [*range(1, 1001), *range(10_000_000, 10_001_000)]
    found, count = read(indexes, 10, 10, IndexRanges(0, indexes[-1], 10, descending=False))
    assert found == indexes
    assert 200 <= count <= 400


def test_a_page_can_be_counted_and_iterated() -> None:
    """A page behaves like its entities."""
    page = Page(("a", "b"), has_next=False)
    assert list(page) == ["a", "b"]
    assert len(page) == 2
