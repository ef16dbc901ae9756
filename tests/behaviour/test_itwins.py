"""iTwins, which the client finds by name, by part of a name and by id."""

import uuid
from collections.abc import Callable

import httpx
import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import ITwin
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import tls
from tests.behaviour.helpers.making import UNKNOWN_ID, new_name
from tests.behaviour.helpers.places import Place

NewITwin = Callable[[str], str]


@pytest.fixture
def new_itwin(place: Place) -> NewITwin:
    """Return a function that creates an iTwin with the iTwins API and returns its id."""
    if place.control is None:
        pytest.skip(f"{place.name}: no iTwins are created there")

    def create(name: str) -> str:
        answer = httpx.post(
            f"{place.base_url.removesuffix('/imodels')}/itwins",
            json={"displayName": name, "class": "Thing", "subClass": "Asset"},
            headers={"Authorization": f"Bearer {place.auth}"},
            verify=tls(),
            timeout=240,
        )
        return str(answer.raise_for_status().json()["iTwin"]["id"])

    return create


def test_an_itwin_is_read_and_found_by_name(client: IModelsClient, new_itwin: NewITwin) -> None:
    """The result has all properties that the service reports."""
    name = new_name("Größe / 2 & more")
    itwin_id = new_itwin(name)
    itwin = client.itwins.get(itwin_id)
    assert type(itwin) is ITwin
    assert (itwin.id, itwin.display_name, itwin.number) == (itwin_id, name, itwin_id)
    assert (itwin.class_name, itwin.sub_class, itwin.status) == ("Thing", "Asset", "Active")
    assert itwin.created_date_time is not None
    assert dict(itwin.extra) == {}
    assert client.itwins.get_by_name(name) == itwin
    assert client.itwins.get_by_name(new_name("Nobody's")) is None
    with pytest.raises(errors.NotFound) as caught:
        client.itwins.get(UNKNOWN_ID)
    assert (caught.value.code, caught.value.entity) == ("iTwinNotFound", f"iTwin {UNKNOWN_ID}")


def test_itwins_are_listed_page_by_page(client: IModelsClient, new_itwin: NewITwin) -> None:
    """The list is the same for any page size; filters apply on every page."""
    mark = uuid.uuid4().hex
    ids = [new_itwin(f"Itwin {number} {mark}") for number in range(5)]
    assert [each.id for each in client.itwins.list(search=mark.upper(), page_size=2)] == ids
    assert [each.id for each in client.itwins.list(search=mark, limit=3)] == ids[:3]
    assert client.itwins.list(search=mark, sub_class="Project").all() == []
    assert len(client.itwins.list(search=mark, sub_class="Project,Asset", include_inactive=True).all()) == 5
    assert set(ids) <= {each.id for each in client.itwins.list(page_size=2)}


def test_a_name_of_several_itwins_identifies_none(client: IModelsClient, new_itwin: NewITwin) -> None:
    """The service permits duplicate names; the error lists the ids."""
    name = new_name("Twice")
    ids = [new_itwin(name) for _ in range(2)]
    with pytest.raises(errors.AmbiguousName, match=f"several iTwins are named '{name}'") as caught:
        client.itwins.get_by_name(name)
    assert sorted(caught.value.ids) == sorted(ids)


def test_only_members_see_an_itwin(open_client: OpenClient, place: Place, new_itwin: NewITwin) -> None:
    """For other users, the service reports that the iTwin does not exist."""
    assert place.control is not None
    itwin_id = new_itwin(new_name())
    stranger = open_client(place.control.add_user("nobody-much"))
    with pytest.raises(errors.NotFound):
        stranger.itwins.get(itwin_id)
    assert stranger.itwins.list().all() == []


def test_invalid_filters_are_refused(client: IModelsClient) -> None:
    """Before a request is sent."""
    with pytest.raises(ValueError, match="mutually exclusive"):
        client.itwins.list(name="A", search="B")
    with pytest.raises(ValueError, match="sub_class"):
        client.itwins.list(sub_class="")
    with pytest.raises(ValueError, match="itwin_id"):
        client.itwins.get("")


def test_the_url_of_the_itwins_api_follows_from_that_of_the_imodels_api(open_client: OpenClient) -> None:
    """If it does not, no request is sent."""
    elsewhere = open_client("token", base_url="https://gateway.example/models")
    with pytest.raises(errors.ConfigurationError, match="does not end in /imodels"):
        elsewhere.itwins.get_by_name("Plant")
