"""Lists with pages in advance and in parallel: the number of requests, and of pages in memory."""

import time
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import IModelsClient, RetryPolicy, errors
from tests.behaviour.helpers.driving import client_class
from tests.facade.timelines import NEWEST, Timeline

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"


def open_on(timeline: Timeline, colour: str, portal: BlockingPortal) -> IModelsClient:
    """A client of a timeline."""
    client: IModelsClient = client_class(colour, portal)(
        "x", transport=httpx.MockTransport(timeline), retry=RetryPolicy.never()
    )
    return client


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("order_by", ["index", "index desc"])
@pytest.mark.parametrize("concurrency", [2, 5, 16])
def test_no_more_pages_are_held_than_asked_for(
    colour: str, portal: BlockingPortal, order_by: str, concurrency: int
) -> None:
    """The number of pages in advance is limited however slowly the list is used, and nothing is missing at the end."""
    timeline = Timeline()
    with open_on(timeline, colour, portal) as client:
        pager = client.changesets.list(
            IMODEL,
            page_size=5,
            order_by=order_by,  # type: ignore[arg-type]
            concurrency=concurrency,
            detail="minimal",
        )
        found: list[int] = []
        for page in pager.pages():
            found += [each.index for each in page]
            used = len(found) // 5
            assert timeline.asked <= 1 + used + concurrency  # one request tells which index is the last
    expected = list(range(1, NEWEST + 1))
    assert found == (expected if order_by == "index" else expected[::-1])
    assert timeline.most_at_once <= concurrency


def test_a_list_left_early_asks_for_no_more(colour: str, portal: BlockingPortal) -> None:
    """Requests that have not been sent are not sent any more."""
    timeline = Timeline()
    with open_on(timeline, colour, portal) as client:
        pager = iter(client.changesets.list(IMODEL, page_size=1, concurrency=4))
        assert next(pager).index == 1
        pager.close()  # type: ignore[attr-defined] # a generator
        assert timeline.asked <= 1 + 4
        assert len(client.changesets.list(IMODEL, page_size=100, limit=7, concurrency=4).all()) == 7
    assert timeline.asked <= 2 * (1 + 4)  # of the first list too: what was on its way when it was left may come later


def test_nothing_is_fetched_ahead_that_a_limit_leaves_out(colour: str, portal: BlockingPortal) -> None:
    """The first entity, the newest one, and a list with a limit send only the required requests."""
    timeline = Timeline()
    with open_on(timeline, colour, portal) as client:
        pager = client.changesets.list(IMODEL, page_size=10)
        first, latest = pager.first(), client.changesets.latest(IMODEL)
        assert first is not None
        assert latest is not None
        assert (first.index, latest.index) == (1, NEWEST)
        assert len(client.changesets.list(IMODEL, page_size=10, limit=20).all()) == 20
        assert len(client.changesets.list(IMODEL, page_size=10, limit=15).all()) == 15
    assert timeline.asked == 1 + 1 + 2 + 2


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("order_by", ["index", "index desc"])
@pytest.mark.parametrize("bounds", [{}, {"after_index": 3, "last_index": 396}, {"last_index": NEWEST + 9}])
def test_long_lists_are_read_in_parallel_by_default(
    colour: str, portal: BlockingPortal, order_by: str, bounds: dict[str, int]
) -> None:
    """There is at most one request more than pages, and all changesets are in order."""
    timeline = Timeline()
    with open_on(timeline, colour, portal) as client:
        pager = client.changesets.list(
            IMODEL,
            page_size=10,
            order_by=order_by,  # type: ignore[arg-type]
            **bounds,  # type: ignore[arg-type]
        )
        found = [each.index for each in pager]
    expected = list(range(bounds.get("after_index", 0) + 1, min(bounds.get("last_index", NEWEST), NEWEST) + 1))
    assert found == (expected if order_by == "index" else expected[::-1])
    assert timeline.asked <= 1 + NEWEST / 10
    assert timeline.most_at_once <= 16


@pytest.mark.parametrize("order_by", ["index", "index desc"])
def test_a_list_is_parallel_if_the_service_is_late(portal: BlockingPortal, order_by: str) -> None:
    """Waiting for the second page takes longer than reading it."""
    timeline = Timeline(delay=0.1)
    with open_on(timeline, "sync", portal) as client:
        assert len(client.changesets.list(IMODEL, page_size=20, order_by=order_by).all()) == NEWEST  # type: ignore[call-overload]
    assert 3 <= timeline.most_at_once <= 16


@pytest.mark.parametrize("order_by", ["index", "index desc"])
def test_a_list_is_sequential_if_the_service_is_fast(
    colour: str, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch, order_by: str
) -> None:
    """Reading the second page takes all of its time. The newest changeset is requested together with it."""
    monkeypatch.setattr("time.thread_time", time.perf_counter)
    timeline = Timeline()
    with open_on(timeline, colour, portal) as client:
        assert len(client.changesets.list(IMODEL, page_size=20, order_by=order_by).all()) == NEWEST  # type: ignore[call-overload]
    assert timeline.most_at_once <= 2
    assert timeline.asked <= 1 + NEWEST / 20


@pytest.mark.parametrize("limit", [None, 350])
@pytest.mark.parametrize("concurrency", [1, 4, "auto"])
def test_pushes_in_the_meantime_do_not_shift_a_descending_list(
    colour: str, portal: BlockingPortal, concurrency: Any, limit: int | None
) -> None:
    """The list goes on below its last page, wherever the links of the service continue."""
    timeline = Timeline(grows=True)
    with open_on(timeline, colour, portal) as client:
        pager = client.changesets.list(
            IMODEL, page_size=20, order_by="index desc", concurrency=concurrency, limit=limit
        )
        indexes = [each.index for each in pager]
    assert indexes[0] > NEWEST
    assert indexes == list(range(indexes[0], 0, -1))[:limit]


@pytest.mark.parametrize("order_by", ["index", "index desc"])
def test_a_list_of_one_page_costs_one_request(colour: str, portal: BlockingPortal, order_by: str) -> None:
    """The newest changeset is not requested."""
    timeline = Timeline()
    with open_on(timeline, colour, portal) as client:
        found = client.changesets.list(IMODEL, order_by=order_by).all()  # type: ignore[call-overload]
    assert (len(found), timeline.asked) == (NEWEST, 1)


@pytest.mark.parametrize("concurrency", [8, "auto"])
def test_an_error_amid_a_parallel_list_arrives_in_its_place(
    colour: str, portal: BlockingPortal, concurrency: Any
) -> None:
    """The entities before it are returned first."""
    timeline = Timeline(broken_at=32)
    found = []
    with open_on(timeline, colour, portal) as client, pytest.raises(errors.NotFound) as caught:  # noqa: PT012
        for changeset in client.changesets.list(IMODEL, page_size=10, concurrency=concurrency):
            found.append(changeset.index)  # noqa: PERF401 - what came before the error counts
    assert found == list(range(1, 31))
    assert caught.value.operation == "changesets.list"
