"""Create iTwins and iModels with predefined content, bypassing the API."""

from datetime import datetime

from attrs import evolve
from sqlalchemy import Connection

from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.control.seeds import (
    FIRST_BRIEFCASE,
    SeedBriefcase,
    SeedError,
    SeedIModel,
    SeedNamedVersion,
    check_history,
)
from itwin_imodels_hub.rules.id_formats import parse_object_id, parse_uuid
from itwin_imodels_hub.rules.locks import LockLevel
from itwin_imodels_hub.rules.permissions import EVERYTHING
from itwin_imodels_hub.store.briefcases import add_briefcase
from itwin_imodels_hub.store.changesets import IN_PROGRESS, UPLOADED, add_changeset, add_group
from itwin_imodels_hub.store.imodels import (
    INITIALIZED,
    add_imodel,
    change_imodel,
    connect_user,
    delete_imodel,
    fold,
    imodel_by_id,
    imodel_by_number,
    name_taken,
)
from itwin_imodels_hub.store.itwins import add_itwin, all_itwins, itwin_by_id
from itwin_imodels_hub.store.locks import hold
from itwin_imodels_hub.store.members import add_owner
from itwin_imodels_hub.store.records import (
    BriefcaseRecord,
    ChangesetRecord,
    CheckpointRecord,
    GroupRecord,
    ITwinRecord,
    NamedVersionRecord,
    NewIModel,
    UserRecord,
)
from itwin_imodels_hub.store.users import all_users, user_by_name
from itwin_imodels_hub.store.versions import BASELINE_DB_NAME, SUCCESSFUL, VISIBLE, add_version, put_checkpoint
from itwin_imodels_hub.work.checkpoints import CheckpointError

DEFAULT_ITWIN = "Local iTwin"
"""Name of the iTwin that is created if a hub has none."""


def default_itwin(hub: Hub) -> str:
    """Return the id of the first iTwin of the hub; create one if the hub has no iTwin."""
    with hub.store.reading() as connection:
        itwins = all_itwins(connection)
    if itwins:
        return itwins[0].id
    with hub.store.alone() as connection:
        itwins = all_itwins(connection)
        return itwins[0].id if itwins else _add_itwin(hub, connection, hub.ids.new(), DEFAULT_ITWIN)


def plant(hub: Hub, seed: SeedIModel) -> str:
    """Create an iModel from a seed.

    Args:
        hub: The hub.
        seed: The content of the iModel.

    Returns:
        The id of the iModel.

    Raises:
        SeedError: The seed is invalid; nothing is created.
        OSError: A file cannot be read; nothing is created.
    """
    imodel_id = parse_uuid(seed.id) if seed.id else hub.ids.new()
    if imodel_id is None:
        raise SeedError(f"iModel {seed.name}: the id {seed.id!r} is not a UUID")
    check_history(seed)
    itwin_id = seed.itwin_id.lower() if seed.itwin_id else default_itwin(hub)
    hub.jobs.run_due()  # delete remaining blobs of a deleted iModel with this id first
    with hub.store.writing() as connection:
        number, owner = _add_imodel(hub, connection, seed, imodel_id, itwin_id)
    try:
        _add_files(hub, seed, imodel_id)
        checkpoints = _store_checkpoints(hub, seed, imodel_id, number)
        with hub.store.writing() as connection:
            _add_history(hub, connection, seed, number, owner)
            for checkpoint in checkpoints:
                put_checkpoint(connection, checkpoint)
    except CheckpointError as error:
        _undo(hub, imodel_id, number)
        raise SeedError(f"iModel {seed.name}: {error}") from error
    except BaseException:
        _undo(hub, imodel_id, number)
        raise
    return imodel_id


def _undo(hub: Hub, imodel_id: str, number: int) -> None:
    with hub.store.writing() as connection:
        delete_imodel(connection, number)
    hub.blobs.delete_all(names.folder(imodel_id))


def _add_itwin(hub: Hub, connection: Connection, itwin_id: str, name: str) -> str:
    creator = all_users(connection)[0]
    itwin = ITwinRecord(
        id=itwin_id,
        display_name=name,
        number=itwin_id,
        class_name="Endeavor",
        sub_class="Project",
        type_name=None,
        data_center_location=hub.settings.data_center_location,
        created_at=hub.clock.now(),
        creator_id=creator.id,
        organization=creator.organization,
    )
    add_itwin(connection, itwin)
    if EVERYTHING.issubset(creator.permissions):
        add_owner(connection, itwin_id, creator.id)
    return itwin_id


def _add_imodel(
    hub: Hub, connection: Connection, seed: SeedIModel, imodel_id: str, itwin_id: str
) -> tuple[int, UserRecord]:
    owner = _user(connection, seed, seed.owner) if seed.owner else all_users(connection)[0]
    if itwin_by_id(connection, itwin_id) is None:
        raise SeedError(f"iModel {seed.name}: unknown iTwin {itwin_id!r}")
    if name_taken(connection, itwin_id, seed.name):
        raise SeedError(f"iModel {seed.name}: the iTwin already has an iModel with this name")
    if imodel_by_id(connection, imodel_id) is not None:
        raise SeedError(f"iModel {seed.name}: the id {imodel_id} is already in use")
    imodel = NewIModel(
        id=imodel_id,
        itwin_id=itwin_id,
        name=seed.name,
        description=seed.description,
        state="notInitialized",
        created_at=seed.created_at or hub.clock.now(),
        creator_id=owner.id,
        creation_state="scheduled",
        baseline_state="initializationScheduled",
        baseline_size=0,
    )
    number = add_imodel(connection, imodel)
    connect_user(connection, number, owner.id, hub.clock.now())
    return number, owner


def _add_files(hub: Hub, seed: SeedIModel, imodel_id: str) -> None:
    hub.blobs.add_file(names.baseline(imodel_id), seed.baseline or hub.empty_imodel())
    for changeset in seed.changesets:
        hub.blobs.add_file(names.changeset(imodel_id, changeset.id), changeset.file)
    for checkpoint in seed.checkpoints:
        if checkpoint.directory is not None:
            directory = names.checkpoint_directory(imodel_id, checkpoint.changeset_index)
            for file in sorted(each for each in checkpoint.directory.iterdir() if each.is_file()):
                hub.blobs.add_file(f"{directory}/{file.name}", file)


def _store_checkpoints(hub: Hub, seed: SeedIModel, imodel_id: str, number: int) -> list[CheckpointRecord]:
    """Store the checkpoints in their formats; each reuses blocks of the previous one."""
    ids = ["", *(changeset.id for changeset in seed.changesets)]
    seeds = sorted(seed.checkpoints, key=lambda each: each.changeset_index)
    kept: list[CheckpointRecord] = []
    if not seeds or seeds[0].changeset_index:
        kept.append(hub.checkpoints.store_baseline(imodel_id, number))
    for each in seeds:
        record = CheckpointRecord(
            imodel_number=number,
            changeset_index=each.changeset_index,
            changeset_id=ids[each.changeset_index] or None,
            state=SUCCESSFUL,
            db_name=f"{ids[each.changeset_index]}.bim" if each.changeset_index else BASELINE_DB_NAME,
        )
        if each.file is not None:
            forms = each.forms or ("v1" if each.directory else None)
            record = hub.checkpoints.store_existing(
                imodel_id, record, each.file, forms, kept[-1].db_name if kept else None
            )
        if each.directory is not None:
            record = evolve(record, directory=names.checkpoint_directory(imodel_id, each.changeset_index))
        kept.append(record)
    return kept


def _user(connection: Connection, seed: SeedIModel, name: str) -> UserRecord:
    user = user_by_name(connection, name)
    if user is None:
        raise SeedError(f"iModel {seed.name}: unknown user {name!r}")
    return user


def _add_history(hub: Hub, connection: Connection, seed: SeedIModel, number: int, owner: UserRecord) -> None:
    imodel = imodel_by_number(connection, number)
    if imodel is None:
        raise SeedError(f"iModel {seed.name}: the iModel was deleted in the meantime")
    now = hub.clock.now()
    size = hub.blobs.size(names.baseline(imodel.id)) or 0
    owners = _add_briefcases(connection, seed, number, owner, (now, size))
    values = {
        "state": INITIALIZED,
        "creation_state": SUCCESSFUL,
        "baseline_state": INITIALIZED,
        "baseline_size": size,
        "next_briefcase_id": max(owners, default=FIRST_BRIEFCASE - 1) + 1,
        "next_changeset_index": len(seed.changesets) + 1,
        "last_push_at": (seed.changesets[-1].pushed_at or now) if seed.changesets else None,
    }
    change_imodel(connection, number, values)
    groups = _add_groups(hub, connection, seed, number, owners)
    ids = ["", *(changeset.id for changeset in seed.changesets)]
    for index, changeset in enumerate(seed.changesets, start=1):
        author = owners[changeset.briefcase_id]
        record = ChangesetRecord(
            imodel_number=number,
            changeset_index=index,
            changeset_id=changeset.id,
            parent_id=ids[index - 1],
            state=UPLOADED,
            description=changeset.description,
            containing_changes=changeset.containing_changes,
            file_size=hub.blobs.size(names.changeset(imodel.id, changeset.id)) or 0,
            briefcase_id=changeset.briefcase_id,
            group_id=groups[changeset.group] if changeset.group else None,
            creator_id=author.id,
            pushed_at=changeset.pushed_at or now,
            application_id=author.application_id,
            application_name=author.application_name,
            synchronization=None,
        )
        add_changeset(connection, record)
    for version in seed.named_versions:
        add_version(connection, _version(hub, number, owner, version, ids[version.changeset_index] or None))


def _add_briefcases(
    connection: Connection, seed: SeedIModel, number: int, owner: UserRecord, defaults: tuple[datetime, int]
) -> dict[int, UserRecord]:
    """Add the briefcases with their locks, and return their owners."""
    now, size = defaults
    briefcases = {each.id: each for each in seed.briefcases}
    if seed.changesets:
        briefcases.setdefault(FIRST_BRIEFCASE, SeedBriefcase(id=FIRST_BRIEFCASE))
    owners = {}
    for briefcase_id, each in sorted(briefcases.items()):
        user = owners[briefcase_id] = _user(connection, seed, each.owner) if each.owner else owner
        record = BriefcaseRecord(
            imodel_number=number,
            briefcase_id=briefcase_id,
            owner_id=user.id,
            acquired_at=each.acquired_at or now,
            device_name=each.device_name,
            file_size=size,
            application_id=user.application_id,
            application_name=user.application_name,
        )
        add_briefcase(connection, record)
        connect_user(connection, number, user.id, record.acquired_at)
        levels = dict.fromkeys(each.shared, LockLevel.SHARED) | dict.fromkeys(each.exclusive, LockLevel.EXCLUSIVE)
        hold(connection, number, briefcase_id, {parse_object_id(key) or key: level for key, level in levels.items()})
    return owners


def _add_groups(
    hub: Hub, connection: Connection, seed: SeedIModel, number: int, owners: dict[int, UserRecord]
) -> dict[str, str]:
    """Add the changeset groups, and return their ids by description."""
    first = {each.group: each for each in reversed(seed.changesets) if each.group}
    added = {}
    for description, changeset in sorted(first.items(), key=lambda each: seed.changesets.index(each[1])):
        group = GroupRecord(
            id=hub.ids.new(),
            imodel_number=number,
            state=IN_PROGRESS if description == seed.open_group else "completed",
            description=description,
            creator_id=owners[changeset.briefcase_id].id,
            created_at=changeset.pushed_at or hub.clock.now(),
        )
        add_group(connection, group)
        added[description] = group.id
    return added


def _version(
    hub: Hub, number: int, owner: UserRecord, seed: SeedNamedVersion, changeset_id: str | None
) -> NamedVersionRecord:
    return NamedVersionRecord(
        id=hub.ids.new(),
        imodel_number=number,
        name=seed.name,
        description=seed.description,
        folded=fold(seed.name, seed.description),
        changeset_id=changeset_id,
        changeset_index=seed.changeset_index,
        state=VISIBLE,
        created_at=seed.created_at or hub.clock.now(),
        creator_id=owner.id,
        application_id=owner.application_id,
        application_name=owner.application_name,
    )
