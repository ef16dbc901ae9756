"""Releasing the locks and briefcases of lost devices."""

import json
from datetime import timedelta
from typing import Any
from unicodedata import normalize

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels._workflows import lock
from itwin_imodels.models import StaleBriefcase
from tests.workflows.helpers.bench import CHUNK, Bench, ids
from tests.workflows.test_locking import writing_user

MONTH = timedelta(days=30)


@pytest.fixture
def lost(bench: Bench, other: IModelsClient) -> dict[str, int]:
    """Create briefcases of two users on several devices, two of which hold locks; return them by device."""
    found = {"desk": bench.briefcase_id}
    for client, device in ((bench.client, "ci-1"), (other, "CI-2"), (other, "Lap[top] 7"), (other, "")):
        found[device] = client.briefcases.acquire(bench.imodel_id, device_name=device or None).briefcase_id
    bench.client.acquire_locks(bench.imodel_id, found["ci-1"], exclusive=ids(1, 3))
    other.acquire_locks(bench.imodel_id, found["CI-2"], shared=ids(10, 1200))
    bench.hub.control.log.clear()
    return found


def freed(bench: Bench, **options: Any) -> list[StaleBriefcase]:
    """Release stale briefcases, or list them."""
    return bench.client.release_stale_locks(bench.imodel_id, **options)


def test_at_first_nothing_is_changed(bench: Bench, lost: dict[str, int]) -> None:
    """The call only lists what it would release."""
    found = freed(bench, device="ci-*")
    assert [each.briefcase.briefcase_id for each in found] == [lost["ci-1"], lost["CI-2"]]
    assert [each.lock_count for each in found] == [3, 1200]
    assert not any(each.freed or each.error for each in found)
    assert {each.partition(" ")[0] for each in bench.asked} == {"GET"}
    assert len(bench.client.briefcases.list(bench.imodel_id).all()) == 5


def test_the_age_counts_by_the_clock_of_the_service_too(bench: Bench, lost: dict[str, int]) -> None:
    """A request of the iModel returns it."""
    assert len(freed(bench, older_than=timedelta(0))) == len(lost)
    assert "GET " in bench.asked


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize(
    ("options", "devices"),
    [
        ({"owner": "me"}, ["desk", "ci-1"]),
        ({"owner": "GRACE.hopper@example.com"}, ["CI-2", "Lap[top] 7", ""]),
        ({"device": "ci-?"}, ["ci-1", "CI-2"]),
        ({"device": "lap[top] 7"}, ["Lap[top] 7"]),
        ({"device": "p"}, []),
        ({"device": ""}, [""]),
        ({"older_than": timedelta(0)}, ["desk", "ci-1", "CI-2", "Lap[top] 7", ""]),
        ({"older_than": MONTH}, []),
        ({"older_than": timedelta.max}, []),
        ({"owner": "me", "device": "ci*"}, ["ci-1"]),
        ({"owner": "me", "device": "ci*", "older_than": MONTH}, []),
        ({"owner": "00000000-0000-4000-8000-000000000000"}, []),
    ],
)
def test_each_filter_counts(bench: Bench, lost: dict[str, int], options: dict[str, Any], devices: list[str]) -> None:
    """Alone and together; letters of either case are the same."""
    if "@" in options.get("owner", ""):
        grace = next(user for user in bench.client.users.list(bench.imodel_id) if user.given_name == "Grace")
        options = {**options, "owner": (grace.email or "").upper()}
    found = {each.briefcase.briefcase_id for each in freed(bench, **options)}
    assert found == {lost[device] for device in devices}


def test_named_briefcases_are_selected(bench: Bench, lost: dict[str, int]) -> None:
    """Other criteria apply, too; an id out of bounds is rejected before any request."""
    found = freed(bench, briefcase_ids=[lost["ci-1"], lost["desk"]], device="ci-*", dry_run=False)
    assert [(each.briefcase.briefcase_id, each.freed) for each in found] == [(lost["ci-1"], True)]
    assert freed(bench, briefcase_ids=[]) == []
    with pytest.raises(ValueError, match="briefcase_id must be"):
        freed(bench, briefcase_ids=[1])


def test_the_owner_is_found_by_id(bench: Bench, lost: dict[str, int]) -> None:
    """The id is that in the briefcases."""
    owner_id = bench.client.briefcases.get(bench.imodel_id, lost["CI-2"]).owner_id
    assert len(freed(bench, owner=owner_id)) == 3


def test_an_unknown_address_is_reported(bench: Bench) -> None:
    """The address is more likely misspelled than inactive."""
    with pytest.raises(errors.NameNotFound, match=r"e-mail address 'nobody@example\.com' has worked with iModel"):
        freed(bench, owner="nobody@example.com")


@pytest.mark.parametrize(
    "options",
    [{}, {"dry_run": False}, {"older_than": timedelta(days=-1)}, {"owner": " "}],
)
def test_something_must_tell_what_is_stale(bench: Bench, options: dict[str, Any]) -> None:
    """Otherwise, no request is sent."""
    with pytest.raises(ValueError, match=r"no criteria for stale briefcases|must not be"):
        freed(bench, **options)
    assert bench.asked == []


def test_locks_and_briefcases_are_freed(bench: Bench, lost: dict[str, int]) -> None:
    """Those that fit, and no others; a manager frees those of others."""
    found = freed(bench, device="ci-*", dry_run=False)
    assert [(each.freed, each.error) for each in found] == [(True, None)] * 2
    left = {each.briefcase_id for each in bench.client.briefcases.list(bench.imodel_id)}
    assert left == set(lost.values()) - {lost["ci-1"], lost["CI-2"]}
    assert bench.client.locks.list(bench.imodel_id).all() == []


def test_a_briefcase_that_another_job_released_is_freed(bench: Bench, lost: dict[str, int]) -> None:
    """Its owner or another nightly job was faster; that is no failure."""
    gone = json.dumps({"error": {"code": "BriefcaseNotFound", "message": "Requested Briefcase is not available."}})
    bench.fault(**CHUNK, action="answer", status=404, body=gone)
    found = freed(bench, device="ci-*", dry_run=False)
    assert [(each.freed, each.error) for each in found] == [(True, None)] * 2
    assert len(lost) == len(bench.client.briefcases.list(bench.imodel_id).all()) + 1


def test_accents_of_devices_are_compared_in_one_form(bench: Bench) -> None:
    """Apple reports a host name with separate accents."""
    bench.client.briefcases.acquire(bench.imodel_id, device_name=normalize("NFD", "Büro-Mac"))
    assert len(freed(bench, device=normalize("NFC", "BÜRO-*"))) == 1


def test_locks_alone_are_freed(bench: Bench, lost: dict[str, int]) -> None:
    """Briefcases are kept; one without locks is not changed."""
    found = freed(bench, older_than=timedelta(0), dry_run=False, release_briefcases=False)
    assert {each.briefcase.briefcase_id for each in found if each.freed} == {lost["ci-1"], lost["CI-2"]}
    assert len(bench.client.briefcases.list(bench.imodel_id).all()) == 5
    assert bench.client.locks.list(bench.imodel_id).all() == []


def test_locks_are_abandoned(bench: Bench, lost: dict[str, int]) -> None:
    """A lost device has pushed nothing, so nobody has to pull its changes."""
    bench.push(bench.file())
    freed(bench, device="ci-1", dry_run=False)
    bench.client.acquire_locks(bench.imodel_id, lost["desk"], exclusive=["0x1"])


def test_what_one_may_not_free_keeps_nothing_from_being_freed(bench: Bench, lost: dict[str, int]) -> None:
    """Its entry has the error."""
    writer = bench.open_client(writing_user(bench.hub))
    own = writer.briefcases.acquire(bench.imodel_id, device_name="ci-9").briefcase_id
    found = writer.release_stale_locks(bench.imodel_id, device="ci-*", dry_run=False)
    told = {each.briefcase.briefcase_id: (each.freed, type(each.error)) for each in found}
    refused = (False, errors.Forbidden)
    assert told == {lost["ci-1"]: refused, lost["CI-2"]: refused, own: (True, type(None))}
    left = {each.briefcase_id for each in bench.client.briefcases.list(bench.imodel_id)}
    assert left == set(lost.values())


@pytest.mark.thorough
@pytest.mark.usefixtures("lost")
def test_a_service_without_an_end_keeps_nothing_from_being_freed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its entry has the error, too."""
    monkeypatch.setattr(lock, "MAX_CHUNKS", 5)
    endless = {"status": 200, "body": '{"isLastChunk": false}', "headers": {"content-type": "application/json"}}
    bench.fault(**CHUNK, action="answer", times=5, **endless)
    first, second = freed(bench, device="ci-*", dry_run=False)
    assert (first.freed, type(first.error)) == (False, errors.OperationFailed)
    assert (second.freed, second.error) == (True, None)


def test_an_imodel_that_is_not_there_is_reported(bench: Bench) -> None:
    """This includes dry runs."""
    with pytest.raises(errors.NotFound):
        bench.client.release_stale_locks("f" * 36, device="ci-*")
