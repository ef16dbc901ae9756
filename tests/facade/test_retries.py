"""Which requests are repeated and how often, counted at the hub."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import new_imodel, picture
from tests.behaviour.helpers.places import Place

pytestmark = pytest.mark.usefixtures("at_once")

Call = Callable[[IModelsClient, str], object]

CALLS: dict[str, tuple[str, Call]] = {
    "GET": ("GET", lambda client, imodel_id: client.imodels.get(imodel_id)),
    "PUT": ("PUT", lambda client, imodel_id: client.thumbnails.upload(imodel_id, picture("PNG"))),
    "DELETE": ("DELETE", lambda client, imodel_id: client.favorites.remove(imodel_id)),
    "PATCH that says how it shall be": (
        "PATCH",
        lambda client, imodel_id: client.imodels.update(imodel_id, description="B"),
    ),
    "POST": ("POST", lambda client, imodel_id: client.changeset_groups.create(imodel_id)),
    "PATCH that cannot be done twice": (
        "PATCH",
        lambda client, imodel_id: client.changeset_groups.close(imodel_id, imodel_id),
    ),
}
REPEATABLE = list(CALLS)[:4]
SINGLE = list(CALLS)[4:]


def counted(control: HubControl, method: str) -> int:
    """How many requests of a method the hub received."""
    return sum(each["method"] == method for each in control.requests)


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    """Our own log lines of a level."""
    return [each.getMessage() for each in caplog.records if each.name == "itwin_imodels" and each.levelno == level]


LONG_AGO = "Wed, 21 Oct 2015 07:28:00 GMT"

PASSING: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 502, "body": "<html>Bad gateway</html>"},
    {"status": 503},
    {"status": 504},
    {"status": 520},
    {"status": 408},
]
NOT_ACTED: list[dict[str, Any]] = [
    {"status": 429, "headers": {"retry-after": "1"}},
    {"status": 429, "headers": {"retry-after": LONG_AGO}},
    {"status": 429},
    {"status": 503, "headers": {"retry-after": "2"}},
    {"status": 503, "headers": {"retry-after": LONG_AGO}},
]


@pytest.mark.thorough(keep=40)
@pytest.mark.parametrize("name", REPEATABLE)
@pytest.mark.parametrize("fault", [*PASSING, *NOT_ACTED], ids=str)
def test_what_can_be_repeated_is(
    client: IModelsClient, control: HubControl, imodel_id: str, name: str, fault: dict[str, Any]
) -> None:
    """After two temporary failures, the third attempt succeeds."""
    method, call = CALLS[name]
    control.answer(**{"body": "", **fault}, method=method, times=2)
    call(client, imodel_id)
    assert counted(control, method) == 3


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_what_may_have_been_done_is_not_repeated(
    client: IModelsClient, control: HubControl, imodel_id: str, name: str, fault: dict[str, Any]
) -> None:
    """The service may have acted, so the error is raised after one attempt."""
    method, call = CALLS[name]
    control.answer(**{"body": "", **fault}, method=method, times=2)
    with pytest.raises(errors.ApiError) as caught:
        call(client, imodel_id)
    assert (caught.value.status, counted(control, method)) == (fault["status"], 1)


@pytest.mark.parametrize("fault", NOT_ACTED, ids=str)
def test_what_the_service_has_not_done_is_repeated(
    client: IModelsClient, control: HubControl, imodel_id: str, fault: dict[str, Any]
) -> None:
    """Requests that create are repeated if the service reports that it did not act."""
    method, call = CALLS["POST"]
    control.answer(**{"body": "", **fault}, method=method, times=2)
    call(client, imodel_id)
    assert counted(control, method) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422, 300, 418])
def test_a_refusal_is_final(client: IModelsClient, control: HubControl, imodel_id: str, status: int) -> None:
    """Requests that would be rejected again are not repeated."""
    control.answer(status, times=2)
    with pytest.raises(errors.ApiError):
        client.imodels.get(imodel_id)
    assert counted(control, "GET") == 1


@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_the_last_error_arrives_after_so_many_attempts(
    client: IModelsClient, control: HubControl, imodel_id: str, attempts: int
) -> None:
    """There are no more attempts than in the policy."""
    control.answer(500, {"error": {"code": "Unknown", "message": "Down."}}, times=10)
    patient = client.with_options(retry=RetryPolicy(attempts=attempts))
    with pytest.raises(errors.ServerError, match="Down"):
        patient.imodels.get(imodel_id)
    assert counted(control, "GET") == attempts


@pytest.mark.parametrize("action", ["drop", "drop_after", "cut"])
def test_a_broken_connection_is_made_anew(
    client: IModelsClient, control: HubControl, imodel_id: str, action: str
) -> None:
    """Reading is repeated if the connection breaks before, instead of or during the response."""
    control.fault(action=action, method="GET", times=2, cut_at=10)
    assert client.imodels.get(imodel_id).id == imodel_id
    assert counted(control, "GET") == 3


@pytest.mark.parametrize(("action", "made"), [("drop", 0), ("drop_after", 1), ("cut", 1)])
def test_nothing_is_created_twice(
    client: IModelsClient, control: HubControl, itwin_id: str, action: str, made: int
) -> None:
    """After a broken connection, the outcome is unknown, so creating is not repeated."""
    with new_imodel(client, itwin_id) as imodel_id:
        control.fault(action=action, method="POST", cut_at=10)
        with pytest.raises(errors.ConnectionFailed) as caught:
            client.briefcases.acquire(imodel_id)
        assert caught.value.reached
        assert f"briefcases.acquire failed on iModel {imodel_id}" in str(caught.value)
        assert len(client.briefcases.list(imodel_id).all()) == made


@pytest.mark.parametrize("name", ["GET", "POST"])
def test_nobody_there(open_client: OpenClient, caplog: pytest.LogCaptureFixture, imodel_id: str, name: str) -> None:
    """A connection that was never made can be tried again, whatever was to be sent."""
    caplog.set_level(logging.INFO, "itwin_imodels")
    client = open_client("secret-token", base_url="http://127.0.0.1:9/imodels")
    with pytest.raises(errors.ConnectionFailed) as caught:
        CALLS[name][1](client, imodel_id)
    assert not caught.value.reached
    assert "http://127.0.0.1:9/imodels" in str(caught.value)
    assert "Check the network and base_url" in str(caught.value)
    assert len(lines(caplog, logging.INFO)) == 3
    assert "secret-token" not in caplog.text


def test_a_stalled_answer_ends_in_time(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """Within the time that was set, with a word on what helps."""
    control.fault(delay=1.5, method="GET")
    hasty = client.with_options(timeout=0.1, retry=RetryPolicy.never())
    with pytest.raises(errors.RequestTimeout, match="a longer timeout may help") as caught:
        hasty.imodels.get(imodel_id)
    assert caught.value.reached


def test_a_timeout_is_repeated_where_it_can_be(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """Reading is, creating is not."""
    hasty = client.with_options(timeout=0.5)
    control.fault(delay=1, method="GET")
    assert hasty.imodels.get(imodel_id).id == imodel_id
    control.fault(delay=1, method="POST")
    with pytest.raises(errors.RequestTimeout):
        hasty.changeset_groups.create(imodel_id)
    assert counted(control, "POST") <= 1


def test_each_attempt_is_logged_without_secrets(
    client: IModelsClient, control: HubControl, imodel_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    """There is one INFO line for each retry, and one DEBUG line for each request."""
    caplog.set_level(logging.DEBUG)
    control.answer(503, "Bearer ada-token https://x.example/y?sig=abc", headers={"retry-after": "3"}, times=2)
    client.changesets.list(imodel_id, page_size=7).all()
    first, second = lines(caplog, logging.INFO)
    assert first.startswith(f"changesets.list failed on iModel {imodel_id}: status 503")
    assert "attempt 2 of 4" in first
    assert "attempt 3 of 4" in second
    requests = lines(caplog, logging.DEBUG)
    assert [" ".join(each.split()[:3]) for each in requests] == [
        f"GET /imodels/{imodel_id}/changesets: {status}" for status in (503, 503, 200)
    ]
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("itwin_imodels"))
    assert "ada-token" not in caplog.text
    assert "sig=" not in ours


def test_an_error_shows_no_secrets_that_came_back(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """If a gateway repeats the request in its response, the error omits credentials and signatures."""
    text = "Authorization: Bearer ada-token; see https://x.example/y?sv=1&sig=abc%3D and Basic YTpi"
    body = {"error": {"code": "Odd", "message": text, "details": [{"code": "B", "message": text}]}}
    control.answer(409, body)
    with pytest.raises(errors.Conflict) as caught:
        client.imodels.get(imodel_id)
    error = caught.value
    for shown in (str(error), repr(error), error.body, error.message, *map(str, error.details)):
        assert "ada-token" not in shown
        assert "sig=" not in shown
        assert "YTpi" not in shown


def test_a_refused_token_is_replaced_once(
    open_client: OpenClient, control: HubControl, place: Place, imodel_id: str
) -> None:
    """A token function is called for another token, and the request is repeated."""
    given: list[str] = []

    def token() -> str:
        given.append("expired" if not given else str(place.auth))
        return given[-1]

    assert open_client(token).imodels.get(imodel_id).id == imodel_id
    assert (len(given), counted(control, "GET")) == (2, 2)


def test_a_token_refused_twice_is_an_error(open_client: OpenClient, control: HubControl, imodel_id: str) -> None:
    """If the next token is rejected too, the error is raised; a fixed token is not tried again."""
    given: list[str] = []

    def token() -> str:
        given.append(f"expired-{len(given)}")
        return given[-1]

    with pytest.raises(errors.Unauthorized) as caught:
        open_client(token).imodels.get(imodel_id)
    assert (len(given), counted(control, "GET")) == (2, 2)
    assert "expired-" not in str(caught.value)
    control.forget_requests()
    with pytest.raises(errors.Unauthorized):
        open_client("expired").imodels.get(imodel_id)
    assert counted(control, "GET") == 1


def test_a_deletion_without_an_answer_is_done(client: IModelsClient, control: HubControl, imodel_id: str) -> None:
    """If the repeated request finds nothing to delete, the deletion succeeded."""
    briefcase = client.briefcases.acquire(imodel_id)
    share = client.shares.create(imodel_id, "Review", expires_at=datetime.now(UTC) + timedelta(days=1))
    for delete in (
        lambda: client.briefcases.release(imodel_id, briefcase.briefcase_id),
        lambda: client.shares.revoke(imodel_id, share.id),
    ):
        control.forget_requests()
        control.fault(method="DELETE", action="drop_after")
        delete()
        assert counted(control, "DELETE") == 2


def test_what_was_never_there_cannot_be_deleted(client: IModelsClient, imodel_id: str) -> None:
    """If the first response reports that the entity does not exist, the error is raised."""
    with pytest.raises(errors.NotFound, match="BriefcaseNotFound"):
        client.briefcases.release(imodel_id, 77)
