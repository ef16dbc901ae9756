"""Every public method as users call it, with the type of its result.

Nothing here runs: mypy and pyright check it (`make types`).
"""

from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import assert_type

from itwin_imodels import (
    UNCHANGED,
    ApiError,
    AsyncIModelsClient,
    AuthorizationCode,
    ClientCredentials,
    IModelsClient,
    RetryPolicy,
    ShareKey,
    Timeout,
    TransferOptions,
)
from itwin_imodels.auth import AccessToken
from itwin_imodels.errors import ConflictingLock, ErrorDetail, LockConflict, NewerChangesExist
from itwin_imodels.models import (
    BaselineFile,
    Briefcase,
    Changeset,
    ChangesetExtendedData,
    ChangesetGroup,
    ChangesetState,
    Checkpoint,
    ContainerTypes,
    ContainingChanges,
    CopiedIModel,
    CreatedChangeset,
    CreatedIModel,
    CreateOperation,
    CreationMode,
    DownloadedCheckpoint,
    Extent,
    IModel,
    IModelState,
    IModelTemplate,
    ITwin,
    Lock,
    LockHolder,
    LockLevel,
    MinimalBriefcase,
    MinimalChangeset,
    MinimalIModel,
    MinimalNamedVersion,
    MinimalUser,
    MirrorResult,
    NamedVersion,
    NamedVersionState,
    Permission,
    PermissionGrant,
    Point,
    PulledChangeset,
    ReleasedLocks,
    Share,
    StaleBriefcase,
    StorageLink,
    SynchronizationInfo,
    Thumbnail,
    TimelinePoint,
    User,
)
from itwin_imodels.resources import (
    AsyncAuthoringSession,
    AsyncPager,
    AsyncPendingIModel,
    AuthoringSession,
    Page,
    Pager,
    PendingIModel,
)
from itwin_imodels.webhooks import ChangesReady, Event, IModelCreated, IModelDeleted, NamedVersionCreated, parse_event
from itwin_imodels_hub import LocalHub

ID = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
SHA1 = "0123456789abcdef0123456789abcdef01234567"
MOMENT = datetime(2027, 1, 31, tzinfo=UTC)
FOLDER = Path("timeline")
HERE = Point(latitude=48.1, longitude=11.6)


def token() -> str:
    """A function that returns a token."""
    return "token"


async def async_token() -> AccessToken:
    """An asynchronous function that returns a token."""
    return AccessToken("token")


def progress(done: int, total: int | None) -> None:
    """A callback."""


def clients() -> None:
    """All ways to create a client."""
    assert_type(IModelsClient("token"), IModelsClient)
    assert_type(IModelsClient(token, environment="qa", timeout=5, retry=RetryPolicy.never()), IModelsClient)
    assert_type(IModelsClient(ShareKey("key"), base_url="http://127.0.0.1", timeout=Timeout(read=60)), IModelsClient)
    assert_type(IModelsClient(ClientCredentials("id", "secret"), headers={"X-Correlation-Id": "7"}), IModelsClient)
    assert_type(IModelsClient(AuthorizationCode("native-abc123")), IModelsClient)
    assert_type(IModelsClient(transfer=TransferOptions(parallelism=4), timeout=timedelta(seconds=5)), IModelsClient)
    assert_type(IModelsClient.from_env(timeout=5, retry=RetryPolicy(attempts=3)), IModelsClient)
    assert_type(IModelsClient.local(FOLDER, user="ada", seed="demo"), IModelsClient)
    with IModelsClient.local() as client:
        assert_type(client, IModelsClient)
        assert_type(client.hub, LocalHub)
        assert_type(client.base_url, str)
        assert_type(client.with_options(timeout=5, headers={}), IModelsClient)
        client.close()


def imodels(client: IModelsClient) -> None:
    """Methods for iModels and their creation."""
    assert_type(client.imodels.list(ID, search="Br", state=IModelState.INITIALIZED, order_by=["name"]), Pager[IModel])
    assert_type(client.imodels.list(ID, name="Bridge", state="initialized", order_by="name desc"), Pager[IModel])
    assert_type(client.imodels.list(ID, detail="full", page_size=10, limit=5), Pager[IModel])
    assert_type(client.imodels.list(ID, detail="minimal"), Pager[MinimalIModel])
    assert_type(client.imodels.get(ID), IModel)
    assert_type(client.imodels.get_by_name(ID, "Bridge"), IModel | None)
    assert_type(client.imodels.create(ID, "Bridge", extent=Extent(south_west=HERE, north_east=HERE)), CreatedIModel)
    assert_type(client.imodels.create(ID, "Bridge", creation_mode=CreationMode.EMPTY), CreatedIModel)
    assert_type(client.imodels.create(ID, "Bridge", template=IModelTemplate(imodel_id=ID)), CreatedIModel)
    assert_type(client.imodels.create(ID, "Bridge", containers_enabled=ContainerTypes.CODE_STORE), CreatedIModel)
    assert_type(client.imodels.update(ID, name="Bridge", description=None, extent=UNCHANGED), IModel)
    assert_type(client.imodels.clone(ID, ID, changeset=7), CopiedIModel)
    assert_type(client.imodels.fork(ID, ID, changeset=SHA1, preserve_history=True), CopiedIModel)
    client.imodels.delete(ID)
    assert_type(client.operations.get(ID), CreateOperation)
    assert_type(client.baseline_files.get(ID), BaselineFile)
    assert_type(client.baseline_files.complete(ID), BaselineFile)
    assert_type(client.thumbnails.download(ID, size="large"), Thumbnail)
    client.thumbnails.upload(ID, b"")
    assert_type(client.favorites.list(ID), Pager[IModel])
    assert_type(client.favorites.list(ID, detail="minimal"), Pager[MinimalIModel])
    client.favorites.add(ID)
    client.favorites.remove(ID)
    assert_type(client.recents.list(ID), Pager[IModel])
    assert_type(client.recents.list(ID, detail="minimal"), Pager[MinimalIModel])
    client.recents.add(ID)
    client.recents.remove(ID)


def timelines(client: IModelsClient) -> None:
    """Methods for changesets, their groups and data, Named Versions and checkpoints."""
    assert_type(client.changesets.list(ID, after_index=1, last_index=9, order_by="index desc"), Pager[Changeset])
    assert_type(client.changesets.list(ID, detail="minimal", concurrency=8), Pager[MinimalChangeset])
    changeset = client.changesets.get(ID, 7)
    assert_type(changeset, Changeset)
    assert_type(client.changesets.get(ID, SHA1), Changeset)
    assert_type(client.changesets.latest(ID), Changeset | None)
    info = SynchronizationInfo(task_id="1", changed_files=["a.dgn"])
    changes = ContainingChanges.SCHEMA | ContainingChanges.DEFINITION
    created = client.changesets.create(
        ID,
        changeset_id=SHA1,
        parent_id=None,
        briefcase_id=2,
        file_size=7,
        containing_changes=changes,
        synchronization_info=info,
    )
    assert_type(created, CreatedChangeset)
    assert_type(created.upload, StorageLink | None)
    assert_type(client.changesets.confirm(ID, created.id, briefcase_id=2), Changeset)
    assert_type(client.changeset_groups.list(ID), Pager[ChangesetGroup])
    assert_type(client.changeset_groups.get(ID, ID), ChangesetGroup)
    assert_type(client.changeset_groups.create(ID, description="Nightly"), ChangesetGroup)
    assert_type(client.changeset_groups.close(ID, ID), ChangesetGroup)
    assert_type(client.changeset_extended_data.list(ID), Pager[ChangesetExtendedData])
    assert_type(client.changeset_extended_data.get(ID, 7), ChangesetExtendedData)
    assert_type(client.changeset_extended_data.create(ID, 7, {"a": [1, None]}), ChangesetExtendedData)
    assert_type(client.named_versions.list(ID, search="freeze", order_by="changeset_index"), Pager[NamedVersion])
    assert_type(client.named_versions.list(ID, detail="minimal"), Pager[MinimalNamedVersion])
    named_version = client.named_versions.get(ID, ID)
    assert_type(named_version, NamedVersion)
    assert_type(client.named_versions.get_by_name(ID, "Design freeze"), NamedVersion | None)
    assert_type(client.named_versions.get_for_changeset(changeset), NamedVersion | None)
    assert_type(client.named_versions.create(ID, "Design freeze", changeset_id=SHA1), NamedVersion)
    assert_type(client.named_versions.update(ID, ID, state=NamedVersionState.HIDDEN), NamedVersion)
    assert_type(client.changesets.get_for_named_version(named_version), Changeset | None)
    briefcase = client.briefcases.get(ID, 2)
    assert_type(client.checkpoints.get(ID, 0), Checkpoint)
    assert_type(client.checkpoints.latest(ID), Checkpoint)
    assert_type(client.checkpoints.get_for_briefcase(briefcase), Checkpoint)
    assert_type(client.checkpoints.get_for_changeset(changeset), Checkpoint | None)
    assert_type(client.checkpoints.get_for_named_version(ID, named_version), Checkpoint)
    assert_type(client.checkpoints.create_for_named_version(ID, ID), Checkpoint)


def briefcases(client: IModelsClient) -> None:
    """Methods for briefcases and locks."""
    assert_type(client.briefcases.list(ID, owner_id="me", order_by="acquired_date_time"), Pager[Briefcase])
    assert_type(client.briefcases.list(ID, detail="minimal"), Pager[MinimalBriefcase])
    briefcase = client.briefcases.get(ID, 2)
    assert_type(briefcase, Briefcase)
    assert_type(client.briefcases.acquire(ID, device_name="ci-7"), Briefcase)
    client.briefcases.release(ID, 2)
    assert_type(client.locks.list(ID, briefcase_id=2, level=LockLevel.SHARED), Pager[Lock])
    assert_type(client.locks.update(ID, 2, exclusive=["0x1"], shared={"0x2"}, release=("0x3",)), Lock)
    assert_type(client.locks.release_chunk(ID, 2, changeset_id=SHA1), bool)
    assert_type(client.locks.list_released(ID, after_changeset_index=7), Pager[ReleasedLocks])
    assert_type(client.users.get_owner(briefcase), User)


def people(client: IModelsClient, imodel: IModel) -> None:
    """Users, permissions and shares."""
    assert_type(client.itwins.list(search="a"), Pager[ITwin])
    assert_type(client.itwins.get(ID), ITwin)
    assert_type(client.itwins.get_by_name("Plant"), ITwin | None)
    assert_type(client.users.list(ID, order_by="surname desc"), Pager[User])
    assert_type(client.users.list(ID, detail="minimal"), Pager[MinimalUser])
    assert_type(client.users.get(ID, ID), User)
    assert_type(client.users.get_creator(imodel), User | None)
    grant = PermissionGrant(id=ID, permissions=["imodels_read", Permission.WRITE])
    assert_type(client.permissions.get(ID), tuple[Permission | str, ...])
    assert_type(client.permissions.get_roles(ID), tuple[PermissionGrant, ...])
    assert_type(client.permissions.update_roles(ID, [grant]), tuple[PermissionGrant, ...])
    assert_type(client.permissions.get_users(ID), tuple[PermissionGrant, ...])
    assert_type(client.permissions.update_users(ID, [grant]), tuple[PermissionGrant, ...])
    assert_type(client.shares.list(ID), Pager[Share])
    assert_type(client.shares.get(ID, ID), Share)
    assert_type(client.shares.create(ID, "Review", expires_at="2027-01-31", permission=Permission.READ), Share)
    assert_type(client.shares.update(ID, ID, expires_at=MOMENT), Share)
    client.shares.revoke(ID, ID)


def workflows(client: IModelsClient, conflict: LockConflict, named_version: NamedVersion) -> None:
    """Methods of the client itself."""
    assert_type(client.push_changeset(ID, FOLDER / "a.cs", briefcase_id=2, parent_id=None), Changeset)
    assert_type(client.push_changesets(ID, [FOLDER / "a.cs"], briefcase_id=2, parent_id=SHA1), list[Changeset])
    with client.changeset_group(ID, "Nightly") as group:
        assert_type(group, ChangesetGroup)
    with client.authoring_session(ID, device_name="ci-7") as session:
        assert_type(session, AuthoringSession)
        assert_type(session.briefcase, Briefcase)
        assert_type(session.changeset_id, str)
        assert_type(session.lock(exclusive=["0x1"]), Lock)
        assert_type(session.push("a.cs", description="Walls"), Changeset)
        assert_type(session.release_locks(), int)
    assert_type(client.acquire_locks(ID, 2, exclusive=["0x1"], timeout=60), Lock)
    client.release_locks(ID, 2, ["0x1"])
    assert_type(client.release_all_locks(ID, 2, changeset_id=SHA1), int)
    assert_type(client.abandon_all_locks(ID, 2), int)
    assert_type(client.lock_holders(ID, conflict), list[LockHolder])
    assert_type(client.release_stale_locks(ID, older_than=timedelta(days=30)), list[StaleBriefcase])
    assert_type(client.mirror_timeline(ID, FOLDER, progress=progress), MirrorResult)
    assert_type(client.pull_changesets(ID, FOLDER, after=0, until=SHA1), list[PulledChangeset])
    assert_type(client.revert_timeline(ID, FOLDER, to=0, briefcase_id=2), Changeset | None)
    assert_type(client.changeset_at(ID, latest=True), TimelinePoint)
    assert_type(client.create_imodel(ID, "Bridge"), IModel)
    pending = client.begin_create_imodel(ID, "Bridge")
    assert_type(pending, PendingIModel)
    assert_type(pending.state(), str)
    assert_type(pending.wait(timeout=60), IModel)
    assert_type(client.create_imodel_from_baseline(ID, "Bridge", FOLDER / "a.bim"), IModel)
    assert_type(client.begin_create_imodel_from_baseline(ID, "Bridge", "a.bim"), PendingIModel)
    assert_type(client.create_imodel_from_template(ID, "Bridge", ID), IModel)
    assert_type(client.begin_create_imodel_from_template(ID, "Bridge", ID), PendingIModel)
    assert_type(client.clone_imodel(ID, ID), IModel)
    assert_type(client.begin_clone_imodel(ID, ID), PendingIModel)
    assert_type(client.fork_imodel(ID, ID, changeset=7), IModel)
    assert_type(client.begin_fork_imodel(ID, ID), PendingIModel)
    assert_type(client.wait_for_imodel(ID, timeout=60), IModel)
    assert_type(client.wait_for_checkpoint(ID, named_version=named_version), Checkpoint)
    assert_type(client.download_checkpoint(ID, FOLDER / "tip.bim", preceding=True), DownloadedCheckpoint)
    assert_type(client.download_checkpoint(ID, FOLDER / "tip.bim", kind="v2", check=True), DownloadedCheckpoint)
    assert_type(client.update_checkpoint(ID, FOLDER / "tip.bim", target="new.bim"), DownloadedCheckpoint)


def lists(client: IModelsClient) -> None:
    """All ways to read a list."""
    found = client.changesets.list(ID)
    for changeset in found:
        assert_type(changeset, Changeset)
        assert_type(changeset.state, ChangesetState | str)
        assert_type(changeset.push_date_time, datetime | None)
        assert_type(changeset.extra, Mapping[str, object])
    assert_type(found.pages(), Generator[Page[Changeset]])
    for page in found.pages():
        assert_type(page, Page[Changeset])
        assert_type(page.items, tuple[Changeset, ...])
        assert_type(page.has_next, bool)
    assert_type(found.first(), Changeset | None)
    assert_type(found.all(), list[Changeset])


async def async_clients() -> None:
    """All ways to create an asynchronous client."""
    assert_type(AsyncIModelsClient("token"), AsyncIModelsClient)
    assert_type(
        AsyncIModelsClient(async_token, environment="qa", timeout=5, retry=RetryPolicy.never()), AsyncIModelsClient
    )
    assert_type(
        AsyncIModelsClient(ShareKey("key"), base_url="http://127.0.0.1", timeout=Timeout(read=60)), AsyncIModelsClient
    )
    assert_type(
        AsyncIModelsClient(ClientCredentials("id", "secret"), headers={"X-Correlation-Id": "7"}), AsyncIModelsClient
    )
    assert_type(
        AsyncIModelsClient(transfer=TransferOptions(parallelism=4), timeout=timedelta(seconds=5)), AsyncIModelsClient
    )
    assert_type(AsyncIModelsClient.from_env(timeout=5, retry=RetryPolicy(attempts=3)), AsyncIModelsClient)
    assert_type(AsyncIModelsClient.local(FOLDER, user="ada", seed="demo"), AsyncIModelsClient)
    async with AsyncIModelsClient.local() as client:
        assert_type(client, AsyncIModelsClient)
        assert_type(client.hub, LocalHub)
        assert_type(client.base_url, str)
        assert_type(client.with_options(timeout=5, headers={}), AsyncIModelsClient)
        await client.aclose()


async def async_imodels(client: AsyncIModelsClient) -> None:
    """Asynchronous methods for iModels and their creation."""
    assert_type(
        client.imodels.list(ID, search="Br", state=IModelState.INITIALIZED, order_by=["name"]), AsyncPager[IModel]
    )
    assert_type(client.imodels.list(ID, name="Bridge", state="initialized", order_by="name desc"), AsyncPager[IModel])
    assert_type(client.imodels.list(ID, detail="full", page_size=10, limit=5), AsyncPager[IModel])
    assert_type(client.imodels.list(ID, detail="minimal"), AsyncPager[MinimalIModel])
    assert_type(await client.imodels.get(ID), IModel)
    assert_type(await client.imodels.get_by_name(ID, "Bridge"), IModel | None)
    assert_type(
        await client.imodels.create(ID, "Bridge", extent=Extent(south_west=HERE, north_east=HERE)), CreatedIModel
    )
    assert_type(await client.imodels.create(ID, "Bridge", creation_mode=CreationMode.EMPTY), CreatedIModel)
    assert_type(await client.imodels.create(ID, "Bridge", template=IModelTemplate(imodel_id=ID)), CreatedIModel)
    assert_type(await client.imodels.create(ID, "Bridge", containers_enabled=ContainerTypes.CODE_STORE), CreatedIModel)
    assert_type(await client.imodels.update(ID, name="Bridge", description=None, extent=UNCHANGED), IModel)
    assert_type(await client.imodels.clone(ID, ID, changeset=7), CopiedIModel)
    assert_type(await client.imodels.fork(ID, ID, changeset=SHA1, preserve_history=True), CopiedIModel)
    await client.imodels.delete(ID)
    assert_type(await client.operations.get(ID), CreateOperation)
    assert_type(await client.baseline_files.get(ID), BaselineFile)
    assert_type(await client.baseline_files.complete(ID), BaselineFile)
    assert_type(await client.thumbnails.download(ID, size="large"), Thumbnail)
    await client.thumbnails.upload(ID, b"")
    assert_type(client.favorites.list(ID), AsyncPager[IModel])
    assert_type(client.favorites.list(ID, detail="minimal"), AsyncPager[MinimalIModel])
    await client.favorites.add(ID)
    await client.favorites.remove(ID)
    assert_type(client.recents.list(ID), AsyncPager[IModel])
    assert_type(client.recents.list(ID, detail="minimal"), AsyncPager[MinimalIModel])
    await client.recents.add(ID)
    await client.recents.remove(ID)


async def async_timelines(client: AsyncIModelsClient) -> None:
    """Methods for changesets, their groups and data, Named Versions and checkpoints."""
    assert_type(client.changesets.list(ID, after_index=1, last_index=9, order_by="index desc"), AsyncPager[Changeset])
    assert_type(client.changesets.list(ID, detail="minimal", concurrency=8), AsyncPager[MinimalChangeset])
    changeset = await client.changesets.get(ID, 7)
    assert_type(changeset, Changeset)
    assert_type(await client.changesets.get(ID, SHA1), Changeset)
    assert_type(await client.changesets.latest(ID), Changeset | None)
    info = SynchronizationInfo(task_id="1", changed_files=["a.dgn"])
    changes = ContainingChanges.SCHEMA | ContainingChanges.DEFINITION
    created = await client.changesets.create(
        ID,
        changeset_id=SHA1,
        parent_id=None,
        briefcase_id=2,
        file_size=7,
        containing_changes=changes,
        synchronization_info=info,
    )
    assert_type(created, CreatedChangeset)
    assert_type(created.upload, StorageLink | None)
    assert_type(await client.changesets.confirm(ID, created.id, briefcase_id=2), Changeset)
    assert_type(client.changeset_groups.list(ID), AsyncPager[ChangesetGroup])
    assert_type(await client.changeset_groups.get(ID, ID), ChangesetGroup)
    assert_type(await client.changeset_groups.create(ID, description="Nightly"), ChangesetGroup)
    assert_type(await client.changeset_groups.close(ID, ID), ChangesetGroup)
    assert_type(client.changeset_extended_data.list(ID), AsyncPager[ChangesetExtendedData])
    assert_type(await client.changeset_extended_data.get(ID, 7), ChangesetExtendedData)
    assert_type(await client.changeset_extended_data.create(ID, 7, {"a": [1, None]}), ChangesetExtendedData)
    assert_type(client.named_versions.list(ID, search="freeze", order_by="changeset_index"), AsyncPager[NamedVersion])
    assert_type(client.named_versions.list(ID, detail="minimal"), AsyncPager[MinimalNamedVersion])
    named_version = await client.named_versions.get(ID, ID)
    assert_type(named_version, NamedVersion)
    assert_type(await client.named_versions.get_by_name(ID, "Design freeze"), NamedVersion | None)
    assert_type(await client.named_versions.get_for_changeset(changeset), NamedVersion | None)
    assert_type(await client.named_versions.create(ID, "Design freeze", changeset_id=SHA1), NamedVersion)
    assert_type(await client.named_versions.update(ID, ID, state=NamedVersionState.HIDDEN), NamedVersion)
    assert_type(await client.changesets.get_for_named_version(named_version), Changeset | None)
    briefcase = await client.briefcases.get(ID, 2)
    assert_type(await client.checkpoints.get(ID, 0), Checkpoint)
    assert_type(await client.checkpoints.latest(ID), Checkpoint)
    assert_type(await client.checkpoints.get_for_briefcase(briefcase), Checkpoint)
    assert_type(await client.checkpoints.get_for_changeset(changeset), Checkpoint | None)
    assert_type(await client.checkpoints.get_for_named_version(ID, named_version), Checkpoint)
    assert_type(await client.checkpoints.create_for_named_version(ID, ID), Checkpoint)


async def async_briefcases(client: AsyncIModelsClient) -> None:
    """Asynchronous methods for briefcases and locks."""
    assert_type(client.briefcases.list(ID, owner_id="me", order_by="acquired_date_time"), AsyncPager[Briefcase])
    assert_type(client.briefcases.list(ID, detail="minimal"), AsyncPager[MinimalBriefcase])
    briefcase = await client.briefcases.get(ID, 2)
    assert_type(briefcase, Briefcase)
    assert_type(await client.briefcases.acquire(ID, device_name="ci-7"), Briefcase)
    await client.briefcases.release(ID, 2)
    assert_type(client.locks.list(ID, briefcase_id=2, level=LockLevel.SHARED), AsyncPager[Lock])
    assert_type(await client.locks.update(ID, 2, exclusive=["0x1"], shared={"0x2"}, release=("0x3",)), Lock)
    assert_type(await client.locks.release_chunk(ID, 2, changeset_id=SHA1), bool)
    assert_type(client.locks.list_released(ID, after_changeset_index=7), AsyncPager[ReleasedLocks])
    assert_type(await client.users.get_owner(briefcase), User)


async def async_people(client: AsyncIModelsClient, imodel: IModel) -> None:
    """Users, permissions and shares."""
    assert_type(client.itwins.list(search="a"), AsyncPager[ITwin])
    assert_type(await client.itwins.get(ID), ITwin)
    assert_type(await client.itwins.get_by_name("Plant"), ITwin | None)
    assert_type(client.users.list(ID, order_by="surname desc"), AsyncPager[User])
    assert_type(client.users.list(ID, detail="minimal"), AsyncPager[MinimalUser])
    assert_type(await client.users.get(ID, ID), User)
    assert_type(await client.users.get_creator(imodel), User | None)
    grant = PermissionGrant(id=ID, permissions=["imodels_read", Permission.WRITE])
    assert_type(await client.permissions.get(ID), tuple[Permission | str, ...])
    assert_type(await client.permissions.get_roles(ID), tuple[PermissionGrant, ...])
    assert_type(await client.permissions.update_roles(ID, [grant]), tuple[PermissionGrant, ...])
    assert_type(await client.permissions.get_users(ID), tuple[PermissionGrant, ...])
    assert_type(await client.permissions.update_users(ID, [grant]), tuple[PermissionGrant, ...])
    assert_type(client.shares.list(ID), AsyncPager[Share])
    assert_type(await client.shares.get(ID, ID), Share)
    assert_type(await client.shares.create(ID, "Review", expires_at="2027-01-31", permission=Permission.READ), Share)
    assert_type(await client.shares.update(ID, ID, expires_at=MOMENT), Share)
    await client.shares.revoke(ID, ID)


async def async_workflows(client: AsyncIModelsClient, conflict: LockConflict, named_version: NamedVersion) -> None:
    """Methods of the client itself."""
    assert_type(await client.push_changeset(ID, FOLDER / "a.cs", briefcase_id=2, parent_id=None), Changeset)
    assert_type(await client.push_changesets(ID, [FOLDER / "a.cs"], briefcase_id=2, parent_id=SHA1), list[Changeset])
    async with client.changeset_group(ID, "Nightly") as group:
        assert_type(group, ChangesetGroup)
    async with client.authoring_session(ID, device_name="ci-7") as session:
        assert_type(session, AsyncAuthoringSession)
        assert_type(session.briefcase, Briefcase)
        assert_type(session.changeset_id, str)
        assert_type(await session.lock(exclusive=["0x1"]), Lock)
        assert_type(await session.push("a.cs", description="Walls"), Changeset)
        assert_type(await session.release_locks(), int)
    assert_type(await client.acquire_locks(ID, 2, exclusive=["0x1"], timeout=60), Lock)
    await client.release_locks(ID, 2, ["0x1"])
    assert_type(await client.release_all_locks(ID, 2, changeset_id=SHA1), int)
    assert_type(await client.abandon_all_locks(ID, 2), int)
    assert_type(await client.lock_holders(ID, conflict), list[LockHolder])
    assert_type(await client.release_stale_locks(ID, older_than=timedelta(days=30)), list[StaleBriefcase])
    assert_type(await client.mirror_timeline(ID, FOLDER, progress=progress), MirrorResult)
    assert_type(await client.pull_changesets(ID, FOLDER, after=0, until=SHA1), list[PulledChangeset])
    assert_type(await client.revert_timeline(ID, FOLDER, to=0, briefcase_id=2), Changeset | None)
    assert_type(await client.changeset_at(ID, latest=True), TimelinePoint)
    assert_type(await client.create_imodel(ID, "Bridge"), IModel)
    pending = await client.begin_create_imodel(ID, "Bridge")
    assert_type(pending, AsyncPendingIModel)
    assert_type(await pending.state(), str)
    assert_type(await pending.wait(timeout=60), IModel)
    assert_type(await client.create_imodel_from_baseline(ID, "Bridge", FOLDER / "a.bim"), IModel)
    assert_type(await client.begin_create_imodel_from_baseline(ID, "Bridge", "a.bim"), AsyncPendingIModel)
    assert_type(await client.create_imodel_from_template(ID, "Bridge", ID), IModel)
    assert_type(await client.begin_create_imodel_from_template(ID, "Bridge", ID), AsyncPendingIModel)
    assert_type(await client.clone_imodel(ID, ID), IModel)
    assert_type(await client.begin_clone_imodel(ID, ID), AsyncPendingIModel)
    assert_type(await client.fork_imodel(ID, ID, changeset=7), IModel)
    assert_type(await client.begin_fork_imodel(ID, ID), AsyncPendingIModel)
    assert_type(await client.wait_for_imodel(ID, timeout=60), IModel)
    assert_type(await client.wait_for_checkpoint(ID, named_version=named_version), Checkpoint)
    assert_type(await client.download_checkpoint(ID, FOLDER / "tip.bim", preceding=True), DownloadedCheckpoint)
    assert_type(await client.download_checkpoint(ID, FOLDER / "tip.bim", kind="v2", check=True), DownloadedCheckpoint)
    assert_type(await client.update_checkpoint(ID, FOLDER / "tip.bim", target="new.bim"), DownloadedCheckpoint)


async def async_lists(client: AsyncIModelsClient) -> None:
    """All ways to read an asynchronous list."""
    found = client.changesets.list(ID)
    async for changeset in found:
        assert_type(changeset, Changeset)
        assert_type(changeset.state, ChangesetState | str)
        assert_type(changeset.push_date_time, datetime | None)
        assert_type(changeset.extra, Mapping[str, object])
    assert_type(found.pages(), AsyncGenerator[Page[Changeset]])
    async for page in found.pages():
        assert_type(page, Page[Changeset])
        assert_type(page.items, tuple[Changeset, ...])
        assert_type(page.has_next, bool)
    assert_type(await found.first(), Changeset | None)
    assert_type(await found.all(), list[Changeset])


def events(body: bytes, header: str | None) -> None:
    """All types of events."""
    event = parse_event(body, header, "secret")
    assert_type(event, Event)
    assert_type(event.enqueued_date_time, datetime)
    assert_type((event.event_type, event.itwin_id, event.message_id, event.webhook_id), tuple[str, str, str, str])
    assert_type((event.content, event.extra), tuple[Mapping[str, object], Mapping[str, object]])
    if isinstance(event, NamedVersionCreated):
        assert_type((event.named_version_id, event.changeset_id), tuple[str, str | None])
    if isinstance(event, ChangesReady):
        assert_type((event.imodel_id, event.changeset_id, event.changeset_index), tuple[str, str, int])
    if isinstance(event, IModelCreated | IModelDeleted):
        assert_type((event.imodel_id, event.user_id), tuple[str, str | None])


def failures(error: ApiError, conflict: LockConflict, newer: NewerChangesExist) -> None:
    """Attributes of errors."""
    assert_type((error.status, error.code, error.message, error.target), tuple[int, str, str, str | None])
    assert_type(error.details, tuple[ErrorDetail, ...])
    assert_type(error.retry_after, float | None)
    assert_type(error.has("iModelNotFound"), bool)
    assert_type(error.hint, str)
    assert_type(conflict.conflicting_locks, tuple[ConflictingLock, ...])
    assert_type(newer.object_ids, tuple[str, ...])
