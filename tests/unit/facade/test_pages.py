"""Pages of a list follow one another up to an end."""

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._operations.call import ServiceResponse
from itwin_imodels._operations.changesets import list_changesets
from itwin_imodels._operations.common import Listed, page_reader
from itwin_imodels._operations.pages import PageTrail
from itwin_imodels.errors import UnexpectedResponse
from scripts.facade_calls import IMODEL


def page(*content: str, link: str | None = None) -> Listed:
    """A page with entities of these ids."""
    body = {"users": [{"id": each, "_links": {}} for each in content], "_links": {"next": link and {"href": link}}}
    read = page_reader("users", lambda fields: fields.text("id"))
    return read(ServiceResponse(status=200, headers={}, content=json.dumps(body).encode()))


def appended(trail: PageTrail, *pages: Listed) -> None:
    """Continue with pages; the last one is rejected."""
    for each in pages[:-1]:
        trail.append(each)
    with pytest.raises(UnexpectedResponse, match=r"^users\.list on iModel x: page \d+ of the list ") as caught:
        trail.append(pages[-1])
    assert str(caught.value).endswith(
        "Read the list again; if that fails too, report the problem to the operator of the service."
    )


def trail(**bounds: int) -> PageTrail:
    """A list that has begun."""
    return PageTrail("users.list", "iModel x", **bounds)


def test_what_came_before_does_not_come_again() -> None:
    """Neither a URL nor entities may be repeated, regardless of their links."""
    appended(trail(), page("a", link="1"), page("b", link="2"), page("c", link="1"))
    appended(trail(), page("a", link="1"), page("b", link="2"), page("a", link="3"))
    appended(trail(), page("a", link="1"), page("a"))
    appended(trail(), page(link="1"), page(link="1"))


def test_ever_new_empty_pages_are_too_many() -> None:
    """Some in a row are accepted."""
    empty = (page(link=str(number)) for number in count())
    some = trail(max_empty=3)
    for link in "abc":
        some.append(next(empty))
        some.append(next(empty))
        some.append(page(link, link=link))
    appended(some, next(empty), next(empty), next(empty))
    ended = trail(max_empty=3)
    for each in (next(empty), next(empty), page()):
        ended.append(each)


def test_a_list_has_a_bound() -> None:
    """This applies even if each page is new."""
    appended(trail(max_pages=3), page("a", link="1"), page("b", link="2"), page("c", link="3"))
    whole = trail(max_pages=3)
    for each in (page("a", link="1"), page("b", link="2"), page("c")):
        whole.append(each)


def test_the_same_entity_on_two_pages_is_not_a_repetition() -> None:
    """New entities move others to the next page."""
    shifted = trail()
    for each in (page("a", "b", link="1"), page("b", "c", link="2"), page("c")):
        shifted.append(each)


def changesets(*indexes: int, order_by: str | None = None, **bounds: Any) -> Listed:
    """A page of a timeline."""
    call = list_changesets(
        IMODEL,
        **{"after_index": None, "last_index": None, "detail": "minimal", "top": 5, **bounds},
        order_by=order_by,
    )
    items = [
        {"id": f"{index:040x}", "index": index, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2}
        for index in indexes
    ]
    body = json.dumps({"changesets": items, "_links": {"next": {"href": str(indexes)}}})
    return call.result(ServiceResponse(status=200, headers={}, content=body.encode()))


@given(st.sets(st.integers(4, 9)), st.booleans(), st.data())
def test_changesets_are_in_order(indexes: set[int], descending: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn
    """Gaps are accepted; any other order, and an index twice, are rejected."""
    bounds: dict[str, Any] = {"after_index": 3, "last_index": 9, "order_by": "index desc" if descending else "index"}
    right = sorted(indexes, reverse=descending)
    assert [each.index for each in changesets(*right, **bounds).items] == right  # type: ignore[attr-defined]
    wrong = data.draw(st.permutations([*right, *right[:1]]))
    if wrong:
        with pytest.raises(
            UnexpectedResponse, match=r"changesets\.list on iModel .*: it contains index \d after index \d"
        ):
            changesets(*wrong, **bounds)


@pytest.mark.parametrize(
    ("index", "bounds"),
    [(3, {"after_index": 3}), (10, {"last_index": 9}), (0, {}), (-1, {}), (1, {"last_index": 0})],
)
def test_changesets_are_within_their_bounds(index: int, bounds: dict[str, int]) -> None:
    """The baseline, index 0, is not a changeset."""
    with pytest.raises(UnexpectedResponse, match=f"it contains index {index}, which is not above "):
        changesets(index, **bounds)


@pytest.mark.parametrize(
    ("pages", "order_by"), [(((1, 2), (2, 3)), None), (((1, 3), (2, 4)), "index"), (((4, 3), (3, 2)), "index desc")]
)
def test_changesets_go_on_where_the_page_before_ended(pages: tuple[tuple[int, ...], ...], order_by: str | None) -> None:
    """An overlap is rejected, in both orders."""
    timeline = PageTrail("changesets.list", "iModel x")
    first, second = (changesets(*each, order_by=order_by) for each in pages)
    timeline.append(first)
    with pytest.raises(
        UnexpectedResponse, match=r"page 2 of the list begins with index \d, but the previous page ended"
    ):
        timeline.append(second)
