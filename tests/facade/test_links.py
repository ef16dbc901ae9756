"""Links to further pages: followed within the API only, since the token goes along."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels_hub import LocalHub
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.places import Place

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"


@pytest.fixture(scope="module")
def servers(place: Place) -> Iterator[tuple[str, LocalHub]]:
    """The address of the API, and another server, which must not get anything."""
    with LocalHub() as stranger:
        yield place.base_url, stranger


def group(number: int) -> dict[str, object]:
    """An entity of a list."""
    return {"id": str(number), "state": "completed", "createdDateTime": "2024-02-01T11:13:36Z"}


def listed(index: int) -> dict[str, object]:
    """A changeset of a list."""
    return {"id": f"{index:040x}", "index": index, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2}


@pytest.mark.thorough(keep=24)
@pytest.mark.parametrize("concurrency", [1, 2])
@pytest.mark.parametrize(
    "link",
    [
        "{stranger}/imodels/x/changesetgroups?$skip=1",
        "//127.0.0.1:{stranger_port}/imodels/x",
        "http://127.0.0.1:{stranger_port}@127.0.0.1:{port}/imodels/x",
        "http://127.0.0.1:{port}@127.0.0.1:{stranger_port}/imodels/x",
        "http://user@127.0.0.1:{port}/imodels/x",
        "http://localhost:{port}/imodels/x",
        "http://127.0.0.1/imodels/x",
        "https://127.0.0.1:{port}/imodels/x",
        "http://127.0.0.1:{port}/imodelsX/x",
        "http://127.0.0.1:{port}/imodels/../itwins",
        "http://127.0.0.1:{port}/imodels/%2e%2e/itwins",
        "http://127.0.0.1:{port}/imodels\\..\\itwins",
        "http://127.0.0.1:{port}/itwins",
        "ftp://127.0.0.1:{port}/imodels/x",
        "http://127.0.0.1:port/imodels/x",
        "http://[::1/imodels/x",
        "javascript:alert(1)",
    ],
)
def test_a_link_to_elsewhere_is_not_followed(
    client: IModelsClient, control: HubControl, servers: tuple[str, LocalHub], link: str, concurrency: int
) -> None:
    """Entities before it are returned, the link raises an error, and nothing is sent to it."""
    base_url, stranger = servers
    ports = {"port": urlsplit(base_url).port, "stranger_port": urlsplit(stranger.url).port}
    href = link.format(stranger=stranger.url, **ports)
    links = {"next": {"href": href}}
    control.answer(200, {"changesets": [listed(1)], "_links": links}, times=2)
    pages = iter(client.changesets.list(IMODEL, concurrency=concurrency).pages())
    with pytest.raises(errors.UnexpectedResponse) as caught:  # noqa: PT012 - the first page is as it should be
        assert [each.index for each in next(pages)] == [1]
        next(pages)
    assert "ada-token" not in str(caught.value)
    assert stranger.control.log.requests == ()
    assert {each["path"] for each in control.requests} == {f"/imodels/{IMODEL}/changesets"}


@pytest.mark.parametrize(
    "link",
    [
        "/imodels/00000000-0000-0000-0000-000000000001/changesets?$skip=1",
        f"/imodels/{IMODEL}/changesetgroups?$skip=1",
        f"/imodels/{IMODEL}?$skip=1",
        "/imodels?iTwinId=1&$skip=1",
    ],
)
def test_the_next_page_of_another_list_is_not_requested(client: IModelsClient, control: HubControl, link: str) -> None:
    """A list never continues with the entities of another one."""
    body = {"changesetGroups": [group(1)], "changesets": [listed(1)], "_links": {"next": {"href": link}}}
    other = "changesets" if "changesetgroups" in link else "changesetGroups"
    read = client.changesets.list if other == "changesets" else client.changeset_groups.list
    control.answer(200, body)
    with pytest.raises(errors.UnexpectedResponse, match="a link to the next page that belongs to another list"):
        read(IMODEL).all()
    assert not [each for each in control.requests if "skip" in each["query"]]  # the newest changeset may be requested


def test_the_next_page_of_another_itwin_is_not_requested(client: IModelsClient, control: HubControl) -> None:
    """Only the query distinguishes the lists of two iTwins."""
    control.answer(200, {"iModels": [], "_links": {"next": {"href": "/imodels?$skip=1&itwinid=other"}}})
    with pytest.raises(errors.UnexpectedResponse, match="belongs to another list"):
        client.imodels.list("own").all()
    assert len(control.requests) == 1


def test_the_next_page_may_be_spelled_differently(client: IModelsClient, control: HubControl) -> None:
    """Upper case, percent encoding and a final slash do not make it another list."""
    href = f"/imodels/{IMODEL.upper()}/Changeset%47roups/?$skip=1"
    control.answer(200, {"changesetGroups": [group(1)], "_links": {"next": {"href": href}}})
    control.answer(200, {"changesetGroups": [group(2)], "_links": {"next": None}})
    assert [each.id for each in client.changeset_groups.list(IMODEL)] == ["1", "2"]
    control.answer(200, {"iModels": [], "_links": {"next": {"href": "/imodels?$skip=1&itwinid=OWN"}}})
    control.answer(200, {"iModels": [], "_links": {"next": None}})
    assert client.imodels.list("own").all() == []


def test_a_list_that_goes_in_circles_ends(client: IModelsClient, control: HubControl, place: Place) -> None:
    """A page that links to itself raises an error."""
    href = f"{place.base_url}/{IMODEL}/changesetgroups?$skip=1"
    control.answer(200, {"changesetGroups": [group(1)], "_links": {"next": {"href": href}}}, times=100)
    with pytest.raises(errors.UnexpectedResponse, match="has the same entities as an earlier page"):
        client.changeset_groups.list(IMODEL).all()
    assert len(control.requests) <= 4


def test_relative_links_are_followed(client: IModelsClient, control: HubControl) -> None:
    """Relative links stay within the API, with the same headers and an unchanged query."""
    first = f"{IMODEL}/users?$skip=1&$top=1&x=%2Fa+b"
    second = f"/imodels/{IMODEL}/users?$skip=2"
    for link, number in ((first, 1), (second, 2), (None, 3)):
        user = {"id": str(number), "displayName": "x"}
        control.answer(200, {"users": [user], "_links": {"next": {"href": link} if link else None}})
    assert [each.id for each in client.users.list(IMODEL)] == ["1", "2", "3"]
    requests = control.requests
    assert [each["query"] for each in requests][1:] == ["$skip=1&$top=1&x=%2Fa+b", "$skip=2"]
    assert {each["headers"]["prefer"] for each in requests} == {"return=representation"}


@pytest.mark.parametrize("links", [{}, {"next": None}])
def test_a_list_without_a_next_link_ends(client: IModelsClient, control: HubControl, links: object) -> None:
    """The link may be null or missing."""
    control.answer(200, {"changesetGroups": [group(1)], "_links": links})
    assert len(client.changeset_groups.list(IMODEL).all()) == 1


@pytest.mark.parametrize("links", [None, {"next": {}}, {"next": {"href": None}}, {"next": "x"}, 5])
def test_a_list_does_not_end_at_links_of_another_kind(
    client: IModelsClient, control: HubControl, links: object
) -> None:
    """What cannot be read may be the way to the rest of the list."""
    control.answer(200, {"changesetGroups": [group(1)], "_links": links})
    with pytest.raises(errors.UnexpectedResponse, match="_links"):
        client.changeset_groups.list(IMODEL).all()
