"""Users, permissions and shares."""

from datetime import UTC, datetime, timedelta

import pytest

from itwin_imodels import IModelsClient, ShareKey, errors
from itwin_imodels.models import MinimalUser, Permission, PermissionGrant, User
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.making import UNKNOWN_ID, fetched, push_many

EVERYTHING = {Permission.WEBVIEW, Permission.READ, Permission.WRITE, Permission.MANAGE}
ROLE = "11111111-0000-4000-8000-000000000000"


def in_days(days: int) -> datetime:
    """A time from now on, without parts of a second."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def test_users_have_statistics(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """The statistics count pushed changesets, Named Versions and locks."""
    (changeset,) = push_many(client, imodel_id, briefcase_id, 1)
    client.named_versions.create(imodel_id, "A", changeset_id=changeset.id)
    client.locks.update(imodel_id, briefcase_id, exclusive=["0x1"])
    assert changeset.creator_id is not None
    user = client.users.get(imodel_id, changeset.creator_id)
    assert type(user) is User
    statistics = user.statistics
    assert statistics is not None
    assert (statistics.pushed_changesets_count, statistics.created_versions_count) == (1, 1)
    assert (statistics.briefcases_count, statistics.last_changeset_push_date) == (1, changeset.push_date_time)
    assert any(each.owns_locks and each.owns_exclusive_root_element_lock for each in statistics.applications)
    with pytest.raises(errors.NotFound) as caught:
        client.users.get(imodel_id, UNKNOWN_ID)
    assert caught.value.code == "UserNotFound"


def test_users_are_listed(client: IModelsClient, other: IModelsClient, imodel_id: str) -> None:
    """Users are listed in either order of their names, short or full."""
    other.imodels.get(imodel_id)
    ascending = client.users.list(imodel_id, order_by=["given_name", "surname desc"], page_size=1).all()
    assert len(ascending) == 2
    assert [each.id for each in client.users.list(imodel_id, order_by="given_name desc")] == [
        each.id for each in ascending[::-1]
    ]
    assert {type(each) for each in client.users.list(imodel_id, detail="minimal", limit=1)} == {MinimalUser}


def test_the_caller_learns_the_own_permissions(client: IModelsClient, viewer: IModelsClient, imodel_id: str) -> None:
    """Each caller gets what applies."""
    assert set(client.permissions.get(imodel_id)) >= EVERYTHING
    assert viewer.permissions.get(imodel_id) == (Permission.WEBVIEW,)


def test_roles_are_given_permissions(
    client: IModelsClient, other: IModelsClient, administrator: IModelsClient, imodel_id: str
) -> None:
    """The permissions of a role replace those of the iTwin; an empty grant removes the role's permissions."""
    assert client.permissions.get_roles(imodel_id) == ()
    grant = PermissionGrant(id=ROLE, permissions=[Permission.WEBVIEW, "imodels_read"])
    assert administrator.permissions.update_roles(imodel_id, [grant]) == (grant,)
    assert administrator.permissions.get_roles(imodel_id) == (grant,)
    assert administrator.imodels.get(imodel_id).is_secured
    assert other.permissions.get(imodel_id) == (Permission.WEBVIEW,)  # as everybody who manages the iTwin
    with pytest.raises(errors.Forbidden):
        other.imodels.update(imodel_id, description="no")
    with pytest.raises(errors.Conflict) as caught:
        administrator.permissions.update_users(imodel_id, [PermissionGrant(id=UNKNOWN_ID, permissions=[])])
    assert caught.value.code == "DataConflict"
    assert administrator.permissions.update_roles(imodel_id, [PermissionGrant(id=ROLE, permissions=[])]) == ()
    assert not client.imodels.get(imodel_id).is_secured
    assert Permission.MANAGE in other.permissions.get(imodel_id)


@pytest.mark.usefixtures("administrator")  # where there is none, a mistake would shut everybody out
def test_users_are_given_permissions(client: IModelsClient, other: IModelsClient, imodel_id: str) -> None:
    """Grants of other users stay as they are."""
    other.imodels.get(imodel_id)
    first, second = client.users.list(imodel_id, order_by="given_name")
    manages = PermissionGrant(id=first.id, permissions=[Permission.WEBVIEW, Permission.MANAGE])
    reads = PermissionGrant(id=second.id, permissions=(Permission.READ,))
    assert client.permissions.get_users(imodel_id) == ()
    assert client.permissions.update_users(imodel_id, [manages]) == (manages,)
    assert set(client.permissions.update_users(imodel_id, [reads])) == {manages, reads}
    assert set(client.permissions.get_users(imodel_id)) == {manages, reads}
    assert other.permissions.get(imodel_id) == (Permission.WEBVIEW, Permission.READ)


def test_a_share_lets_anybody_read(
    client: IModelsClient, open_client: OpenClient, imodel_id: str, briefcase_id: int
) -> None:
    """The key works without an account until it is revoked, and is not shown anywhere."""
    push_many(client, imodel_id, briefcase_id, 1)
    until = in_days(7)
    share = client.shares.create(imodel_id, "Review", expires_at=until, permission=Permission.READ)
    assert (share.name, share.expires_at, share.permission) == ("Review", until, Permission.READ)
    assert share.share_key is not None
    assert share.share_key not in repr(share)
    assert client.shares.get(imodel_id, share.id).expires_at == until

    guest = open_client(ShareKey(share.share_key))
    assert guest.imodels.get(imodel_id).id == imodel_id
    assert fetched(guest.changesets.get(imodel_id, 1).download)
    assert share.share_key not in repr(guest)

    client.shares.revoke(imodel_id, share.id)
    with pytest.raises(errors.Unauthorized) as caught:
        guest.imodels.get(imodel_id)
    assert share.share_key not in str(caught.value)
    with pytest.raises(errors.NotFound):
        client.shares.get(imodel_id, share.id)


def test_shares_are_listed_and_prolonged(client: IModelsClient, imodel_id: str) -> None:
    """Times are datetimes or strings; without a zone they are in UTC."""
    first = client.shares.create(imodel_id, "A", expires_at=in_days(3))
    later = in_days(9)
    second = client.shares.create(imodel_id, "B", expires_at=later.replace(tzinfo=None).isoformat(" "))
    assert (first.permission, second.expires_at) == (Permission.WEBVIEW, later)
    assert {each.id for each in client.shares.list(imodel_id, page_size=1)} == {first.id, second.id}
    assert client.shares.update(imodel_id, first.id, expires_at=later).expires_at == later
    with pytest.raises(errors.ValidationFailed) as caught:
        client.shares.update(imodel_id, first.id, expires_at=in_days(400))
    assert [(each.code, each.target) for each in caught.value.details] == [("InvalidValue", "expiresAt")]


def test_who_may_only_look_is_refused(
    client: IModelsClient, viewer: IModelsClient, imodel_id: str, briefcase_id: int
) -> None:
    """Downloads have no link and changes are forbidden, with a hint what to ask for."""
    push_many(client, imodel_id, briefcase_id, 1)
    assert viewer.changesets.get(imodel_id, 1).download is None
    for attempt in (
        lambda: viewer.briefcases.acquire(imodel_id),
        lambda: viewer.imodels.update(imodel_id, name="B"),
        lambda: viewer.imodels.delete(imodel_id),
        lambda: viewer.shares.create(imodel_id, "A", expires_at=in_days(1)),
        lambda: viewer.thumbnails.upload(imodel_id, b"\xff\xd8\xff"),
    ):
        with pytest.raises(errors.Forbidden) as caught:
            attempt()
        assert (caught.value.status, caught.value.code) == (403, "InsufficientPermissions")
        assert "permissions.get()" in str(caught.value)
