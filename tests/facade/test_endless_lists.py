"""Lists whose pages repeat, go in circles, never end or end early, with both clients."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import IModelsClient, RetryPolicy, errors
from tests.behaviour.helpers.driving import client_class

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
MOST_REQUESTS = 60

Pages = Callable[[dict[str, str], int], tuple[list[int], str | None]]
"""Makes a page of the query and of the number of requests so far: its indexes, and the query of the next page."""


class Service:
    """Responds with given lists, and counts the requests."""

    def __init__(self, pages: Pages) -> None:
        """Begin."""
        self._pages = pages
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond to a request."""
        self.asked += 1
        assert self.asked < MOST_REQUESTS, "the list has no end"
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        indexes, further = self._pages(query, self.asked)
        changesets = [
            {"id": f"{index:040x}", "index": index, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2}
            for index in indexes
        ]
        locks = [
            {"briefcaseId": 2, "lockedObjects": [{"lockLevel": "shared", "objectIds": [f"{index:#x}"]}]}
            for index in indexes
        ]
        links = {"next": further and {"href": f"{request.url.path}?{further}"}}
        body = {"changesets": changesets, "locks": locks, "users": [{"id": str(each)} for each in indexes]}
        return httpx.Response(200, content=json.dumps({**body, "_links": links}).encode())


def circle(_: dict[str, str], number: int) -> tuple[list[int], str | None]:
    """Two pages that link to each other."""
    return ([1], "page=b") if number % 2 else ([2], "page=a")


def self_link(_: dict[str, str], __: int) -> tuple[list[int], str | None]:
    """A page that links to itself."""
    return [3], "page=self"


def nothing_for_ever(_: dict[str, str], number: int) -> tuple[list[int], str | None]:
    """Empty pages, each with a new address."""
    return [], f"page={number}"


def same_for_ever(_: dict[str, str], number: int) -> tuple[list[int], str | None]:
    """The same entity under ever new addresses."""
    return [1], f"page={number}"


def answer_newest(pages: Pages) -> Pages:
    """Create the fifth changeset the newest, whatever the pages are."""
    return lambda query, number: ([5], None) if "desc" in query.get("$orderBy", "") else pages(query, number)


def open_on(service: Service, colour: str, portal: BlockingPortal) -> IModelsClient:
    """A client of a service."""
    client: IModelsClient = client_class(colour, portal)(
        "x", transport=httpx.MockTransport(service), retry=RetryPolicy.never()
    )
    return client


@pytest.mark.parametrize("pages", [circle, self_link, nothing_for_ever, same_for_ever])
@pytest.mark.parametrize(
    "read",
    [
        lambda client: client.changesets.list(IMODEL).all(),
        lambda client: client.changesets.list(IMODEL, concurrency=4, page_size=2).all(),
        lambda client: client.locks.list(IMODEL).all(),
        lambda client: client.users.list(IMODEL, detail="minimal").all(),
    ],
    ids=["changesets", "changesets in parallel", "locks", "users"],
)
def test_a_list_without_end_is_rejected(
    colour: str, portal: BlockingPortal, read: Callable[[Any], object], pages: Pages
) -> None:
    """After a few requests."""
    service = Service(answer_newest(pages))
    with (
        open_on(service, colour, portal) as client,
        pytest.raises(errors.UnexpectedResponse, match=r"\.list on iModel"),
    ):
        read(client)


@pytest.mark.parametrize("page_size", [1, 2, 1000])
def test_a_list_in_parallel_that_ends_early_is_rejected(colour: str, portal: BlockingPortal, page_size: int) -> None:
    """A list without the newest changeset, which is known, is incomplete."""

    def until_two(query: dict[str, str], _: int) -> tuple[list[int], str | None]:
        first, last = int(query.get("afterIndex", "0")) + 1, int(query.get("lastIndex", "99"))
        return [index for index in (1, 2) if first <= index <= last], None

    service = Service(answer_newest(until_two))
    with open_on(service, colour, portal) as client:
        bounded = client.changesets.list(IMODEL, concurrency=2, page_size=page_size, last_index=2)
        assert [each.index for each in bounded] == [1, 2]
        with pytest.raises(errors.UnexpectedResponse, match=r"ends with index 2, but the service has changeset 5 "):
            client.changesets.list(IMODEL, concurrency=2, page_size=page_size).all()


def test_a_list_of_several_pages_that_ends_early_is_rejected(colour: str, portal: BlockingPortal) -> None:
    """This is the default for lists with more than one page."""

    def two_pages(query: dict[str, str], _: int) -> tuple[list[int], str | None]:
        return ([2], None) if "page" in query else ([1], "page=2")

    service = Service(answer_newest(two_pages))
    with (
        open_on(service, colour, portal) as client,
        pytest.raises(errors.UnexpectedResponse, match=r"ends with index 2, but the service has changeset 5 "),
    ):
        client.changesets.list(IMODEL, page_size=1).all()
