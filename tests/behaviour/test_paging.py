"""Lists: read while they are iterated, page by page, ahead of their use, in parallel."""

from itertools import islice

import pytest

from itwin_imodels import IModelsClient, errors
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import UNKNOWN_ID, Timeline, push, push_many


def sent(control: HubControl) -> list[str]:
    """Queries of the requests since the log was begun."""
    return [each["query"] for each in control.requests]


def test_nothing_is_sent_before_the_first_use(client: IModelsClient, control: HubControl, timeline: Timeline) -> None:
    """Creating a list sends no request, and each iteration reads it again."""
    pager = client.changesets.list(timeline.imodel_id)
    assert sent(control) == []
    assert len(pager.all()) == len(list(pager)) == 7
    assert len(sent(control)) == 2
    with pytest.raises(errors.NotFound):
        client.changesets.list(UNKNOWN_ID).all()


def test_pages_are_as_the_service_gives_them(client: IModelsClient, timeline: Timeline) -> None:
    """Each page has its entities and reports whether another one follows."""
    pages = list(client.changesets.list(timeline.imodel_id, page_size=3).pages())
    assert [[each.index for each in page] for page in pages] == [[1, 2, 3], [4, 5, 6], [7]]
    assert [page.has_next for page in pages] == [True, True, False]
    assert [len(page) for page in pages] == [3, 3, 1]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(0, []), (1, [[1]]), (3, [[1, 2, 3]]), (5, [[1, 2, 3], [4, 5]]), (99, [[1, 2, 3], [4, 5, 6], [7]])],
)
def test_a_limit_ends_the_list(
    client: IModelsClient, timeline: Timeline, limit: int, expected: list[list[int]]
) -> None:
    """The list has at most the requested number of entities, and its last page reports that it is the last."""
    pager = client.changesets.list(timeline.imodel_id, page_size=3, limit=limit)
    pages = list(pager.pages())
    assert [[each.index for each in page] for page in pages] == expected
    assert [page.has_next for page in pages] == [True] * (len(pages) - 1) + [False] * bool(pages)
    assert [each.index for each in pager] == [index for page in expected for index in page]


def test_a_limit_asks_for_no_more_than_it_needs(client: IModelsClient, control: HubControl, timeline: Timeline) -> None:
    """A small limit requests a small page, and nothing more."""
    assert len(client.changesets.list(timeline.imodel_id, limit=2).all()) == 2
    (query,) = sent(control)
    assert "top=2" in query


def test_the_first_is_got_with_one_request(client: IModelsClient, control: HubControl, timeline: Timeline) -> None:
    """The request is for one entity; the result is None if there is none."""
    first = client.changesets.list(timeline.imodel_id, after_index=2).first()
    assert first is not None
    assert first.index == 3
    (query,) = sent(control)
    assert "top=1" in query
    assert client.changesets.list(timeline.imodel_id, after_index=7).first() is None
    assert client.changesets.list(timeline.imodel_id, limit=0).first() is None


def test_the_next_page_is_fetched_while_one_is_used(
    client: IModelsClient, control: HubControl, timeline: Timeline
) -> None:
    """Exactly one page is requested in advance; a list that is left early sends no further requests."""
    pager = iter(client.changesets.list(timeline.imodel_id, page_size=1, concurrency=1))
    next(pager)
    while len(sent(control)) < 2:
        pass  # the second request is on its way although nobody has asked for its entity
    assert [each.index for each in islice(pager, 2)] == [2, 3]
    pager.close()  # type: ignore[attr-defined] # a generator
    assert len(sent(control)) <= 4


def test_an_error_on_a_later_page_arrives_there(client: IModelsClient, control: HubControl, timeline: Timeline) -> None:
    """The entities before it are returned first."""
    control.answer(404, {"error": {"code": "iModelNotFound", "message": "Gone."}}, skip=1)
    pager = iter(client.changesets.list(timeline.imodel_id, page_size=3))
    assert [each.index for each in islice(pager, 3)] == [1, 2, 3]
    with pytest.raises(errors.NotFound) as caught:
        next(pager)
    assert caught.value.operation == "changesets.list"


@pytest.mark.parametrize("order_by", ["index", "index desc"])
def test_gaps_between_indexes_do_not_matter(
    client: IModelsClient, control: HubControl, imodel_id: str, briefcase_id: int, order_by: str
) -> None:
    """Indexes can have gaps; the parallel list equals the sequential one."""
    pushed = push_many(client, imodel_id, briefcase_id, 1)
    for amount in (1, 2):
        for _ in range(amount):  # an announced changeset takes an index, and is given up by the next one
            announced = client.briefcases.acquire(imodel_id).briefcase_id
            control.advance(3600)
            client.changesets.create(
                imodel_id,
                changeset_id=f"{announced:040x}",
                parent_id=pushed[-1].id,
                briefcase_id=announced,
                file_size=1,
            )
            client.briefcases.release(imodel_id, announced)
        control.advance(3600)
        pushed.append(push(client, imodel_id, briefcase_id, pushed[-1].id))
    indexes = [each.index for each in pushed]
    assert indexes[-1] > len(indexes)
    expected = indexes if order_by == "index" else indexes[::-1]
    for concurrency in (1, 3):
        for size in (2, 1000):
            pager = client.changesets.list(
                imodel_id,
                order_by=order_by,  # type: ignore[arg-type]
                page_size=size,
                concurrency=concurrency,
            )
            assert [each.index for each in pager] == expected


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_is_pushed_while_listing_is_listed(
    client: IModelsClient, imodel_id: str, briefcase_id: int, concurrency: int
) -> None:
    """An ascending list continues up to the newest changeset at its end; one with a last index ends there."""
    pushed = push_many(client, imodel_id, briefcase_id, 4)
    ascending = iter(client.changesets.list(imodel_id, page_size=1, concurrency=concurrency))
    bounded = iter(client.changesets.list(imodel_id, page_size=1, last_index=4, concurrency=concurrency))
    begun = [[next(each).index] for each in (ascending, bounded)]
    push(client, imodel_id, briefcase_id, pushed[-1].id)
    found = [first + [each.index for each in rest] for first, rest in zip(begun, (ascending, bounded), strict=True)]
    assert found == [[1, 2, 3, 4, 5], [1, 2, 3, 4]]


def test_a_push_does_not_disturb_a_descending_list(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """A list that is read in ranges has no duplicates and no gaps."""
    pushed = push_many(client, imodel_id, briefcase_id, 4)
    descending = iter(client.changesets.list(imodel_id, page_size=1, order_by="index desc", concurrency=2))
    assert next(descending).index == 4
    push(client, imodel_id, briefcase_id, pushed[-1].id)
    assert [each.index for each in descending] == [3, 2, 1]
