"""Indexes are cut into ranges that are read at the same time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._core.paging import Page, index_ranges

ends = st.integers(0, 5000)


@settings(deadline=None)
@given(ends, ends, st.integers(1, 1000), st.booleans())
def test_ranges_cover_every_index_once_and_in_order(after: int, last: int, size: int, descending: bool) -> None:  # noqa: FBT001 - Hypothesis gives it by position
    """The result equals that of one list."""
    ranges = list(index_ranges(after, last, size, descending=descending))
    found = [
        index for start, end in ranges for index in (range(end, start, -1) if descending else range(start + 1, end + 1))
    ]
    expected = list(range(after + 1, last + 1))
    assert found == (expected[::-1] if descending else expected)
    assert all(0 < end - start <= size for start, end in ranges)


def test_a_page_can_be_counted_and_iterated() -> None:
    """A page behaves like its entities."""
    page = Page(("a", "b"), has_next=False)
    assert list(page) == ["a", "b"]
    assert len(page) == 2
