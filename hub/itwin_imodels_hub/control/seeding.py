"""Creation of iTwins and iModels with a given content, bypassing the API."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from attrs import evolve, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.basis.parsed_tables import TableError, record_of
from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.rules.id_formats import is_changeset_id, parse_uuid
from itwin_imodels_hub.rules.permissions import EVERYTHING
from itwin_imodels_hub.store.briefcases import add_briefcase, find_briefcase
from itwin_imodels_hub.store.changesets import UPLOADED, add_changeset
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
from itwin_imodels_hub.store.members import add_owner
from itwin_imodels_hub.store.records import (
    BriefcaseRecord,
    ChangesetRecord,
    CheckpointRecord,
    ITwinRecord,
    NamedVersionRecord,
    NewIModel,
    UserRecord,
)
from itwin_imodels_hub.store.users import all_users, user_by_name
from itwin_imodels_hub.store.versions import BASELINE_DB_NAME, SUCCESSFUL, VISIBLE, add_version, put_checkpoint
from itwin_imodels_hub.work.checkpoints import CheckpointError

DEFAULT_ITWIN = "Local iTwin"
"""Name of the iTwin that every hub has."""

_FIRST_BRIEFCASE = 2


class SeedError(ValueError):
    """A seed is invalid; the message contains the place."""


@frozen(kw_only=True)
class SeedChangeset:
    """A changeset on top of the previous one.

    Attributes:
        id: Changeset id, 40 hexadecimal digits.
        file: Changeset file.
        description: Description.
        containing_changes: Sum of the flags of the kinds of change.
    """

    id: str
    file: Path
    description: str | None = None
    containing_changes: int = 0


@frozen(kw_only=True)
class SeedNamedVersion:
    """A Named Version.

    Attributes:
        name: Name.
        changeset_index: Index of its changeset; 0 is the baseline.
        description: Description.
    """

    name: str
    changeset_index: int = 0
    description: str | None = None


@frozen(kw_only=True)
class SeedCheckpoint:
    """A successful checkpoint, as one file, in blocks, or both.

    Attributes:
        changeset_index: Index of its changeset.
        file: The database file.
        directory: A folder with a manifest and blocks, served unchanged.
        forms: Formats to create from the file: `v1`, the file itself; `v2`, blocks, shared with other checkpoints of
            the iModel; or `both`. None means `v1` if there is a directory, else the setting of the hub.
    """

    changeset_index: int
    file: Path | None = None
    directory: Path | None = None
    forms: Literal["v1", "v2", "both"] | None = None


@frozen(kw_only=True)
class SeedIModel:
    """An initialized iModel.

    Attributes:
        name: Name.
        id: iModel id; None generates one.
        itwin_id: iTwin; None is the default iTwin of the hub.
        description: Description.
        baseline: Baseline file; None is that of empty iModels.
        owner: Short name of the user who created the iModel and pushed its changesets; None is the first user.
        changesets: History; pushed from briefcase 2.
        named_versions: Named Versions.
        checkpoints: Checkpoints besides that of the baseline.
    """

    name: str
    id: str | None = None
    itwin_id: str | None = None
    description: str | None = None
    baseline: Path | None = None
    owner: str | None = None
    changesets: Sequence[SeedChangeset] = ()
    named_versions: Sequence[SeedNamedVersion] = ()
    checkpoints: Sequence[SeedCheckpoint] = ()


DEMO = (
    SeedIModel(
        name="Demo iModel",
        description="A sample iModel that comes with the hub",
        named_versions=(SeedNamedVersion(name="As delivered", description="The baseline"),),
    ),
)
"""The content of the seed `demo`."""


def default_itwin(hub: Hub) -> str:
    """Return the id of the first iTwin of the hub, creating it if there is none."""
    with hub.store.reading() as connection:
        found = all_itwins(connection)
    if found:
        return found[0].id
    with hub.store.alone() as connection:
        found = all_itwins(connection)
        return found[0].id if found else _add_itwin(hub, connection, hub.ids.new(), DEFAULT_ITWIN)


def plant(hub: Hub, seed: SeedIModel) -> str:
    """Create an iModel from a seed.

    Args:
        hub: The hub.
        seed: The content of the iModel.

    Returns:
        The id of the iModel.

    Raises:
        SeedError: The id, the name or a changeset is invalid; nothing is created.
        OSError: A file cannot be read; nothing is created.
    """
    imodel_id = parse_uuid(seed.id) if seed.id else hub.ids.new()
    if imodel_id is None:
        raise SeedError(f"iModel {seed.name}: the id {seed.id!r} is not a UUID")
    _check_history(seed)
    itwin_id = seed.itwin_id or default_itwin(hub)
    hub.jobs.run_due()  # delete remaining blobs of a deleted iModel with this id first
    with hub.store.writing() as connection:
        number, owner = _add_imodel(hub, connection, seed, imodel_id, itwin_id)
    try:
        _add_files(hub, seed, imodel_id)
        checkpoints = _keep_checkpoints(hub, seed, imodel_id, number)
        with hub.store.writing() as connection:
            _add_history(hub, connection, seed, number, owner)
            for checkpoint in checkpoints:
                put_checkpoint(connection, checkpoint)
    except CheckpointError as error:
        _take_back(hub, imodel_id, number)
        raise SeedError(f"iModel {seed.name}: {error}") from error
    except BaseException:
        _take_back(hub, imodel_id, number)
        raise
    return imodel_id


def _take_back(hub: Hub, imodel_id: str, number: int) -> None:
    with hub.store.writing() as connection:
        delete_imodel(connection, number)
    hub.blobs.delete_all(names.folder(imodel_id))


def read_seeds(path: Path) -> list[SeedIModel]:
    """Read iModels from a TOML file; paths in it are relative to the file. `read_itwins` reads its iTwins.

    The file has tables `[[imodels]]` with the attributes of `SeedIModel`, and in them `[[imodels.changesets]]`,
    `[[imodels.named_versions]]` and `[[imodels.checkpoints]]`.

    Raises:
        SeedError: The content is invalid.
        OSError: The file cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := content.keys() - {"imodels", "itwins"}:
            raise TableError(f"unknown {', '.join(sorted(unknown))}; known: imodels, itwins")
        tables = _list_of_tables(content, "imodels", "imodels")
        return [seed_from(table, path.parent, f"imodels[{place}]") for place, table in enumerate(tables)]
    except ValueError as error:
        raise SeedError(f"{path}: {error}") from error


def seed_from(table: object, folder: Path, place: str = "iModel") -> SeedIModel:
    """Create a seed from a parsed TOML or JSON table.

    Args:
        table: The table.
        folder: Base folder of relative paths.
        place: Location of the table, for error messages.

    Raises:
        TableError: The table is not a valid `SeedIModel`.
    """
    if not isinstance(table, dict):
        raise TableError(f"{place}: {table!r} is not a table")
    values = _with_paths(table, folder)
    kinds = {"changesets": SeedChangeset, "named_versions": SeedNamedVersion, "checkpoints": SeedCheckpoint}
    for key, kind in kinds.items():
        tables = _list_of_tables(table, key, f"{place}.{key}")
        values[key] = [
            record_of(kind, _with_paths(each, folder), f"{place}.{key}[{number}]") for number, each in enumerate(tables)
        ]
    return record_of(SeedIModel, values, place)


def _list_of_tables(table: dict[str, object], key: str, place: str) -> list[dict[str, object]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TableError(f"{place}: {found!r} is not a list of tables")
    return found


def _with_paths(table: dict[str, object], folder: Path) -> dict[str, object]:
    files = ("file", "baseline", "directory")
    return {key: folder / value if key in files and isinstance(value, str) else value for key, value in table.items()}


def _check_history(seed: SeedIModel) -> None:
    ids = [changeset.id for changeset in seed.changesets]
    for each in ids:
        if not is_changeset_id(each):
            raise SeedError(f"iModel {seed.name}: the changeset id {each!r} is not 40 lower-case hexadecimal digits")
    if len(set(ids)) != len(ids):
        raise SeedError(f"iModel {seed.name}: two changesets have the same id")
    places = [each.changeset_index for each in seed.named_versions]
    for index in (*places, *(each.changeset_index for each in seed.checkpoints)):
        if not 0 <= index <= len(ids):
            raise SeedError(f"iModel {seed.name}: no changeset has index {index}")
    named = [each.name for each in seed.named_versions]
    if len(set(places)) != len(places) or len(set(named)) != len(named):
        raise SeedError(f"iModel {seed.name}: two Named Versions have the same name or changeset")
    _check_checkpoints(seed)


def _check_checkpoints(seed: SeedIModel) -> None:
    stored = [each.changeset_index for each in seed.checkpoints]
    if len(set(stored)) != len(stored):
        raise SeedError(f"iModel {seed.name}: a changeset has two checkpoints; give one with file and directory")
    for each in seed.checkpoints:
        place = f"iModel {seed.name}: the checkpoint of changeset {each.changeset_index}"
        if each.file is None and each.directory is None:
            raise SeedError(f"{place} requires a file or a directory")
        if each.file is None and each.forms is not None:
            raise SeedError(f"{place} has forms but no file")
        if each.directory is not None and each.forms in {"v2", "both"}:
            raise SeedError(f"{place} has a directory of blocks; its forms must be v1")


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
    owner = user_by_name(connection, seed.owner) if seed.owner else all_users(connection)[0]
    if owner is None:
        raise SeedError(f"iModel {seed.name}: unknown user {seed.owner!r}")
    if itwin_by_id(connection, itwin_id) is None:
        raise SeedError(f"iModel {seed.name}: unknown iTwin {itwin_id!r}")
    if name_taken(connection, itwin_id, seed.name):
        raise SeedError(f"iModel {seed.name}: the iTwin already has an iModel of this name")
    if imodel_by_id(connection, imodel_id) is not None:
        raise SeedError(f"iModel {seed.name}: the id {imodel_id} is already in use")
    imodel = NewIModel(
        id=imodel_id,
        itwin_id=itwin_id,
        name=seed.name,
        description=seed.description,
        state="notInitialized",
        created_at=hub.clock.now(),
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


def _keep_checkpoints(hub: Hub, seed: SeedIModel, imodel_id: str, number: int) -> list[CheckpointRecord]:
    """Store the checkpoints in their formats; each reuses blocks of the previous one."""
    ids = ["", *(changeset.id for changeset in seed.changesets)]
    seeds = sorted(seed.checkpoints, key=lambda each: each.changeset_index)
    kept: list[CheckpointRecord] = []
    if not seeds or seeds[0].changeset_index:
        kept.append(hub.checkpoints.keep_baseline(imodel_id, number))
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
            record = hub.checkpoints.keep(imodel_id, record, each.file, forms, kept[-1].db_name if kept else None)
        if each.directory is not None:
            record = evolve(record, directory=names.checkpoint_directory(imodel_id, each.changeset_index))
        kept.append(record)
    return kept


def _add_history(hub: Hub, connection: Connection, seed: SeedIModel, number: int, owner: UserRecord) -> None:
    imodel = imodel_by_number(connection, number)
    if imodel is None:
        raise SeedError(f"iModel {seed.name}: the iModel was deleted in the meantime")
    size = hub.blobs.size(names.baseline(imodel.id)) or 0
    values = {
        "state": INITIALIZED,
        "creation_state": SUCCESSFUL,
        "baseline_state": INITIALIZED,
        "baseline_size": size,
        "next_changeset_index": len(seed.changesets) + 1,
        "last_push_at": hub.clock.now() if seed.changesets else None,
    }
    if seed.changesets and find_briefcase(connection, number, _FIRST_BRIEFCASE) is None:
        add_briefcase(connection, _briefcase(hub, number, owner, size))
        values["next_briefcase_id"] = _FIRST_BRIEFCASE + 1
    change_imodel(connection, number, values)
    ids = ["", *(changeset.id for changeset in seed.changesets)]
    for index, changeset in enumerate(seed.changesets, start=1):
        file_size = hub.blobs.size(names.changeset(imodel.id, changeset.id)) or 0
        add_changeset(connection, _changeset(hub, number, owner, changeset, (index, ids[index - 1], file_size)))
    for version in seed.named_versions:
        add_version(connection, _version(hub, number, owner, version, ids[version.changeset_index] or None))


def _briefcase(hub: Hub, number: int, owner: UserRecord, size: int) -> BriefcaseRecord:
    return BriefcaseRecord(
        imodel_number=number,
        briefcase_id=_FIRST_BRIEFCASE,
        owner_id=owner.id,
        acquired_at=hub.clock.now(),
        device_name=None,
        file_size=size,
        application_id=owner.application_id,
        application_name=owner.application_name,
    )


def _changeset(
    hub: Hub, number: int, owner: UserRecord, seed: SeedChangeset, place: tuple[int, str, int]
) -> ChangesetRecord:
    index, parent_id, file_size = place
    return ChangesetRecord(
        imodel_number=number,
        changeset_index=index,
        changeset_id=seed.id,
        parent_id=parent_id,
        state=UPLOADED,
        description=seed.description,
        containing_changes=seed.containing_changes,
        file_size=file_size,
        briefcase_id=_FIRST_BRIEFCASE,
        group_id=None,
        creator_id=owner.id,
        pushed_at=hub.clock.now(),
        application_id=owner.application_id,
        application_name=owner.application_name,
        synchronization=None,
    )


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
        created_at=hub.clock.now(),
        creator_id=owner.id,
        application_id=owner.application_id,
        application_name=owner.application_name,
    )
