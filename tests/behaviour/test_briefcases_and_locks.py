"""Briefcases and their locks."""

from datetime import UTC, datetime, timedelta

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.errors import ConflictingLock
from itwin_imodels.models import Briefcase, LockLevel, MinimalBriefcase
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import UNKNOWN_CHANGESET, push, push_many


def ids(first: int, amount: int) -> list[str]:
    """Object ids in a row."""
    return [f"{number:#x}" for number in range(first, first + amount)]


def test_a_briefcase_is_acquired_and_released(client: IModelsClient, imodel_id: str) -> None:
    """A briefcase has a number from 2, an owner and a device; after its release, its number is not reused."""
    briefcase = client.briefcases.acquire(imodel_id, device_name="ci-7 Größe")
    assert type(briefcase) is Briefcase
    assert (briefcase.briefcase_id, briefcase.device_name, briefcase.imodel_id) == (2, "ci-7 Größe", imodel_id)
    assert abs(datetime.now(UTC) - briefcase.acquired_date_time) < timedelta(days=1)
    assert client.briefcases.get(imodel_id, 2) == briefcase
    owner = client.users.get_owner(briefcase)
    assert (owner.id, owner.imodel_id) == (briefcase.owner_id, imodel_id)
    client.briefcases.release(imodel_id, 2)
    with pytest.raises(errors.NotFound) as caught:
        client.briefcases.get(imodel_id, 2)
    assert (caught.value.code, caught.value.entity) == ("BriefcaseNotFound", f"iModel {imodel_id}, briefcase 2")
    assert client.briefcases.acquire(imodel_id).briefcase_id == 3


def test_briefcases_are_listed(client: IModelsClient, imodel_id: str) -> None:
    """Briefcases are listed in either order, short or full, and by owner."""
    acquired = [client.briefcases.acquire(imodel_id, device_name=name) for name in ("a", None, "c")]
    listed = client.briefcases.list(imodel_id, order_by="acquired_date_time", page_size=2).all()
    assert listed == acquired
    assert client.briefcases.list(imodel_id, order_by="acquired_date_time desc").all() == acquired[::-1]
    assert len(client.briefcases.list(imodel_id, owner_id="me").all()) == 3
    assert client.briefcases.list(imodel_id, owner_id=acquired[0].owner_id, limit=2).all() == acquired[:2]
    assert client.briefcases.list(imodel_id, owner_id="nobody").all() == []
    short = client.briefcases.list(imodel_id, detail="minimal").all()
    assert {type(each) for each in short} == {MinimalBriefcase}
    assert [each.briefcase_id for each in short] == [2, 3, 4]


def test_a_briefcase_leads_to_a_checkpoint(client: IModelsClient, imodel_id: str) -> None:
    """A working copy begins with the newest checkpoint: at first that of the baseline."""
    checkpoint = client.checkpoints.get_for_briefcase(client.briefcases.acquire(imodel_id))
    assert (checkpoint.changeset_index, checkpoint.changeset_id, checkpoint.imodel_id) == (0, None, imodel_id)


def test_somebody_elses_briefcase_is_listed_under_its_owner(
    client: IModelsClient, other: IModelsClient, imodel_id: str
) -> None:
    """The filter distinguishes the briefcases of several users."""
    own, theirs = client.briefcases.acquire(imodel_id), other.briefcases.acquire(imodel_id)
    assert client.briefcases.list(imodel_id, owner_id="me").all() == [own]
    assert client.briefcases.list(imodel_id, owner_id=theirs.owner_id).all() == [theirs]


def test_locks_are_taken_raised_and_released(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """The response contains the levels of the objects; released locks are not listed."""
    lock = client.locks.update(imodel_id, briefcase_id, exclusive=["0x1f"], shared=["0x1", "0xAB"])
    assert (lock.briefcase_id, lock.exclusive, set(lock.shared)) == (briefcase_id, ("0x1f",), {"0x1", "0xab"})
    (held,) = client.locks.list(imodel_id)
    assert (held.exclusive, set(held.shared), held.count) == (("0x1f",), {"0x1", "0xab"}, 3)
    client.locks.update(imodel_id, briefcase_id, exclusive=["0x1"], release=["0xab", "0x1f"])
    (held,) = client.locks.list(imodel_id)
    assert dict(held.objects) == {LockLevel.EXCLUSIVE: ("0x1",)}
    client.locks.update(imodel_id, briefcase_id, release=["0x1"])
    assert client.locks.list(imodel_id).all() == []


def test_locks_are_filtered(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Locks are filtered by briefcase and by level."""
    second = client.briefcases.acquire(imodel_id).briefcase_id
    client.locks.update(imodel_id, briefcase_id, exclusive=["0x1"], shared=["0x2"])
    client.locks.update(imodel_id, second, shared=["0x2"])
    assert [each.briefcase_id for each in client.locks.list(imodel_id)] == [briefcase_id, second]
    (held,) = client.locks.list(imodel_id, briefcase_id=second)
    assert (held.briefcase_id, held.shared) == (second, ("0x2",))
    (held,) = client.locks.list(imodel_id, level=LockLevel.EXCLUSIVE)
    assert (held.briefcase_id, held.exclusive, held.shared) == (briefcase_id, ("0x1",), ())
    assert client.locks.list(imodel_id, briefcase_id=9, level="shared").all() == []


def test_more_ids_than_a_request_takes_are_split(
    client: IModelsClient, control: HubControl, imodel_id: str, briefcase_id: int
) -> None:
    """2,500 ids are sent in three requests, with the result of a single one."""
    wanted = ids(1, 2000), ids(5000, 500)
    control.forget_requests()
    lock = client.locks.update(imodel_id, briefcase_id, exclusive=wanted[0], shared=wanted[1])
    assert [each["method"] for each in control.requests] == ["PATCH"] * 3
    assert (set(lock.exclusive), set(lock.shared)) == (set(wanted[0]), set(wanted[1]))
    (held,) = client.locks.list(imodel_id)
    assert (set(held.exclusive), set(held.shared)) == (set(wanted[0]), set(wanted[1]))


@pytest.mark.parametrize("page_size", [1, 3, 1000])
def test_pages_of_locks_are_merged_across_briefcases(
    client: IModelsClient, imodel_id: str, briefcase_id: int, page_size: int
) -> None:
    """A page may end within a briefcase; the list still has one entry for each briefcase."""
    second = client.briefcases.acquire(imodel_id).briefcase_id
    client.locks.update(imodel_id, briefcase_id, exclusive=ids(1, 4), shared=ids(50, 3))
    client.locks.update(imodel_id, second, exclusive=ids(100, 2), shared=ids(50, 2))
    found = client.locks.list(imodel_id, page_size=page_size).all()
    assert [(each.briefcase_id, set(each.exclusive), set(each.shared)) for each in found] == [
        (briefcase_id, set(ids(1, 4)), set(ids(50, 3))),
        (second, set(ids(100, 2)), set(ids(50, 2))),
    ]
    first = client.locks.list(imodel_id, page_size=page_size).first()
    assert first is not None
    assert (first.briefcase_id, first.count) == (briefcase_id, 7)
    assert client.locks.list(imodel_id, page_size=page_size, limit=1).all() == found[:1]
    counts = [sum(lock.count for lock in page) for page in client.locks.list(imodel_id, page_size=page_size).pages()]
    assert sum(counts) == 11
    assert max(counts) <= page_size


def test_a_conflict_names_the_holders(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """The error lists objects, levels and briefcases; no object of the request is locked."""
    second = client.briefcases.acquire(imodel_id).briefcase_id
    client.locks.update(imodel_id, briefcase_id, exclusive=["0x1"], shared=["0x2"])
    with pytest.raises(errors.LockConflict) as caught:
        client.locks.update(imodel_id, second, exclusive=["0x2", "0x3"], shared=["0x1"])
    error = caught.value
    assert (error.status, error.code, error.operation) == (409, "ConflictWithAnotherUser", "locks.update")
    assert {each.object_id: each for each in error.conflicting_locks} == {
        "0x1": ConflictingLock(object_id="0x1", level="exclusive", briefcase_ids=(briefcase_id,)),
        "0x2": ConflictingLock(object_id="0x2", level="shared", briefcase_ids=(briefcase_id,)),
    }
    assert f"0x1: exclusive lock of briefcase {briefcase_id}" in str(error)
    assert "release" in str(error)
    assert client.locks.list(imodel_id, briefcase_id=second).all() == []


def test_locks_want_the_newest_changeset(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Objects that have changed must be pulled before they can be locked; released locks list them."""
    first = push(client, imodel_id, briefcase_id)
    client.locks.update(imodel_id, briefcase_id, exclusive=["0x7"], shared=["0x8"], changeset_id=first.id)
    second = push(client, imodel_id, briefcase_id, first.id)
    client.locks.update(imodel_id, briefcase_id, release=["0x7", "0x8"], changeset_id=second.id)
    with pytest.raises(errors.NewerChangesExist) as caught:
        client.locks.update(imodel_id, briefcase_id, exclusive=["0x7"], changeset_id=first.id)
    assert (caught.value.code, caught.value.object_ids) == ("NewerChangesExist", ("0x7",))
    assert "changed since: 0x7" in str(caught.value)
    released = client.locks.list_released(imodel_id, after_changeset_index=1, page_size=1).all()
    assert ("0x7",) in [each.object_ids for each in released if each.level is LockLevel.EXCLUSIVE]
    assert client.locks.list_released(imodel_id, after_changeset_index=2).all() == []


def test_locks_are_released_in_chunks(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Each call releases some locks and reports whether it was the last one."""
    client.locks.update(imodel_id, briefcase_id, exclusive=ids(1, 1500))
    assert client.locks.release_chunk(imodel_id, briefcase_id) is False
    assert client.locks.release_chunk(imodel_id, briefcase_id) is True
    assert client.locks.list(imodel_id).all() == []
    with pytest.raises(errors.NotFound) as caught:
        client.locks.release_chunk(imodel_id, briefcase_id)
    assert caught.value.code == "LockNotFound"


def test_locks_go_with_their_briefcase(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """A released briefcase has no locks."""
    client.locks.update(imodel_id, briefcase_id, exclusive=["0x1"])
    client.briefcases.release(imodel_id, briefcase_id)
    assert client.locks.list(imodel_id).all() == []


def test_missing_parts_of_a_lock_are_reported(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """An unknown briefcase, changeset or lock."""
    push_many(client, imodel_id, briefcase_id, 1)
    for options, code in (
        ({"briefcase_id": 9, "exclusive": ["0x1"]}, "BriefcaseNotFound"),
        ({"briefcase_id": briefcase_id, "exclusive": ["0x1"], "changeset_id": UNKNOWN_CHANGESET}, "ChangesetNotFound"),
        ({"briefcase_id": briefcase_id, "release": ["0x1"]}, "LockNotFound"),
    ):
        with pytest.raises(errors.NotFound) as caught:
            client.locks.update(imodel_id, **options)  # type: ignore[arg-type]
        assert caught.value.code == code
