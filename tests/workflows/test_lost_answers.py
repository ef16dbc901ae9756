"""Creations whose response is lost: the created entity is found, or the error says how to find it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen

from itwin_imodels import IModelsClient, errors
from tests.workflows.helpers.bench import Bench
from tests.workflows.helpers.meddling import LOSSES, meddling

ACQUIRE = {"method": "POST", "path": "/briefcases$"}
EXPIRY = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)


@frozen(kw_only=True)
class Creation:
    """A call that creates something in an iModel.

    Attributes:
        path: Regular expression that matches the path of its request.
        create: Makes the call.
        present: Returns everything of the kind.
        advice: What the note of an error names.
    """

    path: str
    create: Callable[[IModelsClient, Bench], Any]
    present: Callable[[Bench], list[Any]]
    advice: str


def _present_data(bench: Bench) -> list[Any]:
    try:
        return [bench.client.changeset_extended_data.get(bench.imodel_id, 1)]
    except errors.NotFound:
        return []


CREATIONS: Mapping[str, Creation] = {
    "named version": Creation(
        path="/namedversions$",
        create=lambda client, bench: client.named_versions.create(
            bench.imodel_id, "Freeze", changeset_id=bench.timeline[0].id.upper(), description="May"
        ),
        present=lambda bench: bench.client.named_versions.list(bench.imodel_id).all(),
        advice="client.named_versions.get_by_name()",
    ),
    "share": Creation(
        path="/shares$",
        create=lambda client, bench: client.shares.create(bench.imodel_id, "Review", expires_at=EXPIRY),
        present=lambda bench: bench.client.shares.list(bench.imodel_id).all(),
        advice="client.shares.list()",
    ),
    "group": Creation(
        path="/changesetgroups$",
        create=lambda client, bench: client.changeset_groups.create(bench.imodel_id, description="Nightly"),
        present=lambda bench: bench.client.changeset_groups.list(bench.imodel_id).all(),
        advice="client.changeset_groups.list()",
    ),
    "extended data": Creation(
        path="/extendeddata$",
        create=lambda client, bench: client.changeset_extended_data.create(bench.imodel_id, 1, {"a": [1, "ü"]}),
        present=_present_data,
        advice="client.changeset_extended_data.get()",
    ),
    "briefcase": Creation(
        path="/briefcases$",
        create=lambda client, bench: client.briefcases.acquire(bench.imodel_id, device_name="ci-7"),
        present=lambda bench: named(bench, "ci-7"),
        advice="client.briefcases.list(imodel_id, owner_id='me')",
    ),
}


def named(bench: Bench, device_name: str | None) -> list[Any]:
    """Return the briefcases of a device."""
    return [each for each in bench.client.briefcases.list(bench.imodel_id) if each.device_name == device_name]


def losing(bench: Bench, colour: str, path: str, *, loss: str = "reset", times: int = 1) -> IModelsClient:
    """Open a client that loses responses to POST requests."""
    return bench.open_client(transport=meddling(colour, "POST", path, LOSSES[loss], times=times))


def notes(error: BaseException) -> str:
    """Return the notes of an error."""
    return "\n".join(getattr(error, "__notes__", []))


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", CREATIONS)
def test_what_was_created_is_returned(bench: Bench, colour: str, kind: str, loss: str) -> None:
    """It is created once, and returned with all its properties."""
    creation = CREATIONS[kind]
    bench.push(bench.file())
    created = creation.create(losing(bench, colour, creation.path, loss=loss), bench)
    assert creation.present(bench) == [created]


@pytest.mark.parametrize("kind", CREATIONS)
def test_what_was_not_created_is_an_error_that_says_how_to_find_out(bench: Bench, kind: str) -> None:
    """The connection broke before the service acted, which the client cannot know; it does not ask a second time."""
    creation = CREATIONS[kind]
    bench.push(bench.file())
    bench.fault(method="POST", path=creation.path, action="drop")
    with pytest.raises(errors.ConnectionFailed) as caught:
        creation.create(bench.client, bench)
    assert creation.advice in notes(caught.value)
    assert f"iModel {bench.imodel_id}" in notes(caught.value)
    assert creation.present(bench) == []
    assert creation.create(bench.client, bench) == creation.present(bench)[0]


@pytest.mark.parametrize("kind", CREATIONS)
def test_where_looking_fails_the_first_error_is_raised(bench: Bench, colour: str, kind: str) -> None:
    """The error has the note."""
    creation = CREATIONS[kind]
    bench.push(bench.file())
    client = losing(bench, colour, creation.path, loss="gateway")
    latest = bench.timeline  # what the calls need to know before
    bench.fault(method="GET", path="^/imodels/[^/]+$", action="answer", status=403, times=9)
    with pytest.raises(errors.ServerError) as caught:
        creation.create(client, bench)
    assert latest
    assert creation.advice in notes(caught.value)


def test_entities_of_others_are_left_alone(bench: Bench, colour: str) -> None:
    """An entity of the same name that is older, different or ambiguous is neither returned nor released."""
    client, imodel_id = bench.client, bench.imodel_id
    bench.hub.control.advance(timedelta(hours=-1))
    old = client.briefcases.acquire(imodel_id, device_name="ci-7")
    old_group = client.changeset_groups.create(imodel_id, description="Nightly")
    bench.hub.control.advance(timedelta(hours=1))
    assert losing(bench, colour, "/briefcases$").briefcases.acquire(imodel_id, device_name="ci-7") != old
    assert len(named(bench, "ci-7")) == 2
    group = losing(bench, colour, "/changesetgroups$").changeset_groups.create(imodel_id, description="Nightly")
    assert group.id != old_group.id


def test_a_briefcase_that_cannot_be_told_apart_is_not_released(bench: Bench, colour: str, other: IModelsClient) -> None:
    """It has no device name, shares its device name with another one, or has locks: it may be in use."""
    theirs = other.briefcases.acquire(bench.imodel_id, device_name="ci-7")
    first = bench.client.briefcases.acquire(bench.imodel_id, device_name="ci-7")
    with pytest.raises(errors.ConnectionFailed) as caught:
        losing(bench, colour, "/briefcases$").briefcases.acquire(bench.imodel_id, device_name="ci-7")
    assert "use or release it" in notes(caught.value)
    assert len(named(bench, "ci-7")) == 3
    assert {theirs, first} <= set(named(bench, "ci-7"))
    with pytest.raises(errors.ConnectionFailed):
        losing(bench, colour, "/briefcases$").briefcases.acquire(bench.imodel_id)
    assert len(named(bench, None)) == 1
    busy = bench.client.briefcases.acquire(bench.imodel_id, device_name="ci-8")
    bench.client.acquire_locks(bench.imodel_id, busy.briefcase_id, exclusive=["0x1"])
    bench.fault(**ACQUIRE, action="drop")
    with pytest.raises(errors.ConnectionFailed):
        bench.client.briefcases.acquire(bench.imodel_id, device_name="ci-8")
    assert named(bench, "ci-8") == [busy]


def test_a_named_version_of_another_is_not_taken_for_the_own(bench: Bench) -> None:
    """The name alone is not enough."""
    bench.client.named_versions.create(bench.imodel_id, "Freeze", description="June")
    bench.fault(method="POST", path="/namedversions$", action="drop")
    with pytest.raises(errors.ConnectionFailed):
        bench.client.named_versions.create(bench.imodel_id, "Freeze", description="May")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_session_whose_acquisition_is_lost_leaves_no_briefcase(bench: Bench, colour: str, loss: str) -> None:
    """The session uses another briefcase, and releases it at the end."""
    client = losing(bench, colour, "/briefcases$", loss=loss)
    file = bench.file()
    with client.authoring_session(bench.imodel_id, device_name="ci-7") as session:
        session.push(file)
        assert named(bench, "ci-7") == [session.briefcase]
    assert named(bench, "ci-7") == []
    bench.assert_holds([file])


def test_a_briefcase_is_acquired_twice_at_most(bench: Bench, colour: str) -> None:
    """If the second response is lost too, the error says that no briefcase remains."""
    client = losing(bench, colour, "/briefcases$", times=2)
    with pytest.raises(errors.ConnectionFailed) as caught:
        client.briefcases.acquire(bench.imodel_id, device_name="ci-7")
    assert "which the request had acquired, was released" in notes(caught.value)
    assert named(bench, "ci-7") == []


def test_a_briefcase_that_cannot_be_released_is_named(bench: Bench, colour: str) -> None:
    """The error is that of the acquisition."""
    bench.fault(method="DELETE", path="/briefcases/", action="answer", status=403)
    with pytest.raises(errors.ServerError, match=r"briefcases\.acquire") as caught:
        losing(bench, colour, "/briefcases$", loss="gateway").briefcases.acquire(bench.imodel_id, device_name="ci-7")
    assert "use or release it" in notes(caught.value)
    assert len(named(bench, "ci-7")) == 1
