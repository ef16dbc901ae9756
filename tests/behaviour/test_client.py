"""The client itself: creation, views with other options, closing."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from itwin_imodels import IModelsClient, RetryPolicy, Timeout, errors
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import UNKNOWN_ID
from tests.behaviour.helpers.places import LIVE, Place

VARIABLES = ("BASE_URL", "ENVIRONMENT", "TOKEN", "SHARE_KEY", "CLIENT_ID", "CLIENT_SECRET", "SCOPE", "TOKEN_URL")


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Remove all variables from the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(f"IMODELS_{name}", raising=False)
    return monkeypatch


def test_a_view_has_options_of_its_own(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """The view's headers are added to those of the client, which is unchanged; closing the view closes nothing."""
    control.forget_requests()
    view = client.with_options(headers={"X-Correlation-Id": "night-run-7"}, timeout=timedelta(seconds=9))
    nested = view.with_options(headers={"X-Other": "1"}, retry=RetryPolicy.never(), timeout=Timeout(connect=1))
    for each in (view, nested, client):
        assert each.imodels.get(imodel_id).id == imodel_id
    sent = [(each["headers"].get("x-correlation-id"), each["headers"].get("x-other")) for each in control.requests]
    assert sent == [("night-run-7", None), ("night-run-7", "1"), (None, None)]
    with nested:
        pass
    nested.close()
    assert client.imodels.get(imodel_id).id == nested.imodels.get(imodel_id).id


def test_a_closed_client_says_so(open_client: OpenClient, place: Place) -> None:
    """Every call fails with what to do; closing twice is no error."""
    client = open_client(place.auth)
    client.close()
    client.close()
    for attempt in (lambda: client.imodels.get(UNKNOWN_ID), lambda: client.changesets.list(UNKNOWN_ID).all()):
        with pytest.raises(errors.ClientClosed, match="the client is closed: create a new one") as caught:
            attempt()
        assert isinstance(caught.value, RuntimeError)


def test_a_client_shows_where_it_connects_to(place: Place, client: IModelsClient, colour: str) -> None:
    """The representation contains the URL and no credentials."""
    name = "IModelsClient" if colour == "sync" else "AsyncIModelsClient"
    assert repr(client) == f"{name}(base_url={place.base_url!r})"
    assert client.base_url == place.base_url
    with pytest.raises(RuntimeError, match=r"create the client with local\(\)"):
        _ = client.hub


def test_the_environment_makes_a_client(
    no_variables: pytest.MonkeyPatch, place: Place, client_type: type[IModelsClient], imodel_id: str
) -> None:
    """The client is created with a token, or with the credentials of an application."""
    if place.name == LIVE:
        pytest.skip("the live client was made so")
    no_variables.setenv("IMODELS_BASE_URL", place.base_url)
    no_variables.setenv("IMODELS_TOKEN", str(place.auth))
    with client_type.from_env() as client:
        assert client.imodels.get(imodel_id).id == imodel_id
    no_variables.delenv("IMODELS_TOKEN")
    no_variables.setenv("IMODELS_CLIENT_ID", "ada-application")
    no_variables.setenv("IMODELS_CLIENT_SECRET", "ada-secret")
    no_variables.setenv("IMODELS_TOKEN_URL", place.base_url.replace("/imodels", "/connect/token"))
    with client_type.from_env(timeout=20, retry=RetryPolicy.never()) as client:
        assert client.imodels.get(imodel_id).id == imodel_id


def test_a_missing_variable_is_named(no_variables: pytest.MonkeyPatch, client_type: type[IModelsClient]) -> None:
    """The error names the missing or invalid variable."""
    with pytest.raises(errors.ConfigurationError, match="IMODELS_TOKEN"):
        client_type.from_env()
    no_variables.setenv("IMODELS_CLIENT_ID", "x")
    with pytest.raises(errors.ConfigurationError, match="IMODELS_CLIENT_SECRET"):
        client_type.from_env()
    no_variables.setenv("IMODELS_TOKEN", "x")
    no_variables.setenv("IMODELS_ENVIRONMENT", "moon")
    with pytest.raises(errors.ConfigurationError, match=r"moon.*IMODELS_ENVIRONMENT"):
        client_type.from_env()
    no_variables.setenv("IMODELS_ENVIRONMENT", "qa")
    with client_type.from_env() as client:
        assert client.base_url == "https://qa-api.bentley.com/imodels"


def test_a_local_client_brings_its_hub(client_type: type[IModelsClient], tmp_path: Path) -> None:
    """The hub is closed with the client; data in a folder is available again."""
    with client_type.local(tmp_path, seed="demo") as client:
        assert client.hub.control_secret is None
        assert httpx.get(f"{client.hub.url}/_hub/time", timeout=240).status_code == 404
        imodel = client.imodels.list(client.hub.itwin_id).first()
        assert imodel is not None
        assert imodel.name == "Demo iModel"
        hub = client.hub
    with client_type.local(tmp_path, user="grace") as again:
        assert again.imodels.get(imodel.id).name == "Demo iModel"
        assert again.hub is not hub
    with pytest.raises(ValueError, match="unknown user 'nobody': the hub has tokens for ada"):
        client_type.local(user="nobody")


def test_arguments_are_checked_before_anything_is_sent(client: IModelsClient, control: HubControl) -> None:
    """Each mistake names the argument and its bounds."""
    for attempt, kind, message in (
        (lambda: client.imodels.get(""), ValueError, "imodel_id must not be empty"),
        (lambda: client.imodels.get(7), TypeError, "imodel_id must be a string"),  # type: ignore[arg-type]
        (lambda: client.imodels.create("x", " "), ValueError, "name must not be empty"),
        (lambda: client.imodels.create("x", "n" * 256), ValueError, "256 characters; at most 255"),
        (lambda: client.imodels.create("x", "n", description="d" * 256), ValueError, "description"),
        (lambda: client.imodels.update("x"), ValueError, "nothing to update"),
        (lambda: client.imodels.list("x", page_size=1001), ValueError, "page_size must be 1 to 1000"),
        (lambda: client.imodels.list("x", limit=-1), ValueError, "limit must be at least 0"),
        (lambda: client.imodels.list("x", name="a", search="a"), ValueError, "mutually exclusive"),
        (
            lambda: client.imodels.list("x", order_by="size"),
            ValueError,
            "invalid order_by 'size': expected one or more of 'name'",
        ),
        (lambda: client.imodels.list("x", detail="tiny"), ValueError, "detail must be"),  # type: ignore[call-overload]
        (lambda: client.changesets.get("x", "12"), ValueError, "40 hexadecimal digits"),
        (lambda: client.changesets.list("x", concurrency=17), ValueError, "concurrency must be 1 to 16"),
        (lambda: client.changesets.list("x", after_index=-1), ValueError, "after_index must be at least 0"),
        (lambda: client.briefcases.get("x", 1), ValueError, "briefcase_id must be 2 to"),
        (lambda: client.briefcases.acquire("x", device_name="d" * 256), ValueError, "device_name"),
        (lambda: client.locks.update("x", 2), ValueError, "nothing to lock or release"),
        (lambda: client.locks.update("x", 2, exclusive=["31"]), ValueError, "must contain ids such as '0x1f'"),
        (lambda: client.locks.update("x", 2, exclusive="0x1"), TypeError, "not a single string"),
        (
            lambda: client.locks.update("x", 2, exclusive=["0x1"], shared=["0X1".lower()]),
            ValueError,
            "listed in both exclusive and shared",
        ),
        (lambda: client.locks.list("x", level="none"), ValueError, "level must be one of"),
        (lambda: client.thumbnails.upload("x", b"\xff\xd8\xff" + bytes(5 << 20)), ValueError, "at most 5242880"),
        (lambda: client.shares.create("x", "n", expires_at="soon"), ValueError, "not a valid date and time"),
        (lambda: client.changeset_extended_data.create("x", 1, {"a": {1}}), TypeError, "not JSON-serializable"),
    ):
        with pytest.raises(kind, match=message):
            attempt()
    assert control.requests == []
