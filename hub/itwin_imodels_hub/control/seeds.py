"""Seeds: descriptions of iModels with predefined content, in TOML, JSON or Python."""

import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from attrs import Attribute, field, frozen
from attrs.validators import ge

from itwin_imodels_hub.basis.parsed_tables import TableError, record_of
from itwin_imodels_hub.rules.id_formats import is_changeset_id, parse_object_id
from itwin_imodels_hub.rules.locks import LockLevel

FIRST_BRIEFCASE: Final = 2
"""Id of the first briefcase of an iModel."""

_FILES: Final = ("file", "baseline", "directory")
_TIMES: Final = ("created_at", "acquired_at", "pushed_at")


def _aware(_: object, attribute: "Attribute[datetime | None]", value: datetime | None) -> None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{attribute.name}: the UTC offset is missing; write 2026-01-31T12:00:00Z, for example")


class SeedError(ValueError):
    """A seed is invalid; the message contains the location."""


@frozen(kw_only=True)
class SeedChangeset:
    """A changeset on top of the previous one.

    Attributes:
        id: Changeset id, 40 lower-case hexadecimal digits.
        file: Changeset file.
        description: Description.
        containing_changes: Sum of the flags for the kinds of changes.
        briefcase_id: The briefcase that pushed it, whose owner is the author; briefcase 2 always exists.
        group: Description of its changeset group; changesets with equal descriptions are in the same group.
        pushed_at: Time of the push; None is the time of seeding.
    """

    id: str
    file: Path
    description: str | None = None
    containing_changes: int = 0
    briefcase_id: int = FIRST_BRIEFCASE
    group: str | None = None
    pushed_at: datetime | None = field(default=None, validator=_aware)


@frozen(kw_only=True)
class SeedNamedVersion:
    """A Named Version.

    Attributes:
        name: Name.
        changeset_index: Index of its changeset; 0 is the baseline.
        description: Description.
        created_at: Time of its creation; None is the time of seeding.
    """

    name: str
    changeset_index: int = 0
    description: str | None = None
    created_at: datetime | None = field(default=None, validator=_aware)


@frozen(kw_only=True)
class SeedBriefcase:
    """A briefcase with its locks.

    Attributes:
        id: Briefcase id, at least 2.
        owner: Short name of its owner; None is the owner of the iModel.
        device_name: Name of the device.
        acquired_at: Time of the acquisition; None is the time of seeding.
        exclusive: Ids of objects on which it has an exclusive lock.
        shared: Ids of objects on which it has a shared lock.
    """

    id: int = field(validator=ge(FIRST_BRIEFCASE))
    owner: str | None = None
    device_name: str | None = None
    acquired_at: datetime | None = field(default=None, validator=_aware)
    exclusive: Sequence[str] = ()
    shared: Sequence[str] = ()


@frozen(kw_only=True)
class SeedCheckpoint:
    """A successful checkpoint, as one file, as blocks, or both.

    Attributes:
        changeset_index: Index of its changeset.
        file: The database file.
        directory: A folder with a manifest and blocks, served unchanged.
        forms: Formats to create from the file: `v1`, the file itself; `v2`, blocks, which checkpoints of the iModel
            share; or `both`. None means `v1` if there is a directory, otherwise the setting of the hub.
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
        baseline: Baseline file; None is the baseline of empty iModels.
        owner: Short name of the user who created the iModel and its Named Versions, and who owns the briefcases without
            an `owner`; None is the first user by name.
        created_at: Time of the creation; None is the time of seeding.
        briefcases: Briefcases with their locks, in addition to briefcase 2, which exists if there are changesets.
        changesets: Changesets, in order.
        open_group: Description of the changeset group that stays open; all other groups are completed.
        named_versions: Named Versions.
        checkpoints: Checkpoints; the one of the baseline is created unless the list contains it.
    """

    name: str
    id: str | None = None
    itwin_id: str | None = None
    description: str | None = None
    baseline: Path | None = None
    owner: str | None = None
    created_at: datetime | None = field(default=None, validator=_aware)
    briefcases: Sequence[SeedBriefcase] = ()
    open_group: str | None = None
    changesets: Sequence[SeedChangeset] = ()
    named_versions: Sequence[SeedNamedVersion] = ()
    checkpoints: Sequence[SeedCheckpoint] = ()


def read_seeds(path: Path) -> list[SeedIModel]:
    """Read iModels from a TOML file; paths in it are relative to the file. `read_itwins` reads its iTwins.

    The file has tables `[[imodels]]` with the attributes of `SeedIModel`, and in them `[[imodels.briefcases]]`,
    `[[imodels.changesets]]`, `[[imodels.named_versions]]` and `[[imodels.checkpoints]]`.

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
    values = _converted(table, folder)
    kinds = {
        "briefcases": SeedBriefcase,
        "changesets": SeedChangeset,
        "named_versions": SeedNamedVersion,
        "checkpoints": SeedCheckpoint,
    }
    for key, kind in kinds.items():
        tables = _list_of_tables(table, key, f"{place}.{key}")
        values[key] = [
            record_of(kind, _converted(each, folder), f"{place}.{key}[{number}]") for number, each in enumerate(tables)
        ]
    return record_of(SeedIModel, values, place)


def _list_of_tables(table: dict[str, object], key: str, place: str) -> list[dict[str, object]]:
    tables = table.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise TableError(f"{place}: {tables!r} is not a list of tables")
    return tables


def _converted(table: dict[str, object], folder: Path) -> dict[str, object]:
    """Convert the strings that contain paths or, in JSON, times."""
    values = dict(table)
    for key, value in table.items():
        if isinstance(value, str) and key in _FILES:
            values[key] = folder / value
        elif isinstance(value, str) and key in _TIMES:
            values[key] = _moment(value)
    return values


def _moment(text: str) -> datetime | str:
    """Parse a time; return an invalid one unchanged, so that `record_of` rejects it."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def check_history(seed: SeedIModel) -> None:
    """Check that the parts of a seed are consistent.

    Raises:
        SeedError: Two parts contradict each other, or one refers to a part that does not exist.
    """
    ids = [changeset.id for changeset in seed.changesets]
    for each in ids:
        if not is_changeset_id(each):
            raise SeedError(f"iModel {seed.name}: the changeset id {each!r} must be 40 lower-case hexadecimal digits")
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
    _check_briefcases(seed)


def _check_checkpoints(seed: SeedIModel) -> None:
    stored = [each.changeset_index for each in seed.checkpoints]
    if len(set(stored)) != len(stored):
        raise SeedError(
            f"iModel {seed.name}: a changeset has two checkpoints; use one checkpoint with both file and directory"
        )
    for each in seed.checkpoints:
        place = f"iModel {seed.name}: the checkpoint of changeset {each.changeset_index}"
        if each.file is None and each.directory is None:
            raise SeedError(f"{place} requires a file or a directory")
        if each.file is None and each.forms is not None:
            raise SeedError(f"{place} sets `forms` but no `file`")
        if each.directory is not None and each.forms in {"v2", "both"}:
            raise SeedError(f"{place} has a directory with blocks: `forms` must be 'v1'")


def _check_briefcases(seed: SeedIModel) -> None:
    numbers = [each.id for each in seed.briefcases]
    if len(set(numbers)) != len(numbers):
        raise SeedError(f"iModel {seed.name}: two briefcases have the same id")
    for changeset in seed.changesets:
        if changeset.briefcase_id not in {FIRST_BRIEFCASE, *numbers}:
            raise SeedError(
                f"iModel {seed.name}: a changeset refers to briefcase {changeset.briefcase_id}, which is not defined"
            )
    held: dict[str, list[LockLevel]] = {}
    for each in seed.briefcases:
        for level, object_ids in ((LockLevel.EXCLUSIVE, each.exclusive), (LockLevel.SHARED, each.shared)):
            for text in object_ids:
                object_id = parse_object_id(text)
                if object_id is None:
                    raise SeedError(f"iModel {seed.name}: {text!r} is not a valid object id, such as 0x1f")
                held.setdefault(object_id, []).append(level)
    for object_id, levels in held.items():
        if LockLevel.EXCLUSIVE in levels and len(levels) > 1:
            raise SeedError(
                f"iModel {seed.name}: the locks on {object_id} conflict: an exclusive lock excludes all others"
            )
