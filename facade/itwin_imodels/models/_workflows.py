"""Results of the client's workflows."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import attrs

from itwin_imodels.models._application import Application
from itwin_imodels.models._briefcases import Briefcase
from itwin_imodels.models._changesets import Changeset, MinimalChangeset, SynchronizationInfo
from itwin_imodels.models._locks import Lock
from itwin_imodels.models._people import User

if TYPE_CHECKING:
    from imodel_files.changesets import ApplyReport


@attrs.frozen(kw_only=True)
class LockHolder:
    """A briefcase that holds conflicting locks.

    Attributes:
        briefcase_id: Number of the briefcase.
        object_ids: Ids of the conflicting objects that it has locked.
        briefcase: Its details, such as the device; None if it no longer exists.
        owner: The user who acquired it; None if the briefcase or the user no longer exists.
    """

    briefcase_id: int
    object_ids: tuple[str, ...] = attrs.field(repr=lambda ids: f"<{len(ids)} ids>")
    briefcase: Briefcase | None = None
    owner: User | None = None


@attrs.frozen(kw_only=True)
class StaleBriefcase:
    """A briefcase that matches the criteria of `release_stale_locks()`.

    Attributes:
        briefcase: The briefcase.
        lock: Its locks; None if it holds no locks.
        freed: Whether its locks were released, and the briefcase too if requested; False in a dry run.
        error: The error that prevented the release; None if no error occurred.
    """

    briefcase: Briefcase
    lock: Lock | None
    freed: bool = False
    error: Exception | None = attrs.field(default=None, eq=False)

    @property
    def lock_count(self) -> int:
        """Number of objects that it has locked."""
        return 0 if self.lock is None else self.lock.count


@attrs.frozen(kw_only=True)
class TimelinePoint:
    """A point in an iModel's timeline: its baseline, or one of its changesets.

    Attributes:
        imodel_id: Id of the iModel.
        index: Index of the changeset; 0 is the baseline.
        changeset_id: Id of the changeset; empty for the baseline.
        changeset: The changeset; None for the baseline.
    """

    imodel_id: str
    index: int
    changeset_id: str
    changeset: Changeset | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def is_baseline(self) -> bool:
        """Whether it is the baseline, the beginning of the timeline."""
        return self.index == 0


@attrs.frozen(kw_only=True)
class DownloadedCheckpoint:
    """A downloaded database.

    Attributes:
        path: Path of the database.
        size: Its size in bytes.
        changeset_index: Index of the last changeset that it contains; 0 is the baseline.
        changeset_id: Id of that changeset; empty for the baseline.
        wanted: The requested point in the timeline; the database may be at an earlier one.
        applied: Number of changesets that were applied to the checkpoint.
        kind: Form in which the checkpoint was downloaded: `v1` (one file) or `v2` (blocks).
        downloaded_bytes: Bytes received for the checkpoint, including retries; 0 if all data was already present.
        blocks: Number of blocks in the database; 0 if it was downloaded as one file or already existed.
        downloaded_blocks: Number of blocks received. A block that occurs several times is received once.
        reused_blocks: Number of blocks taken from the older database or an interrupted download.
        reused_bytes: Total size of the reused blocks in bytes.
        block_list: Path of the list of its blocks; None if it was not kept.
        report: Outcome of applying the changesets; None if no changesets were applied.
    """

    path: Path
    size: int
    changeset_index: int
    changeset_id: str
    wanted: TimelinePoint
    applied: int = 0
    kind: Literal["v1", "v2"] = "v1"
    downloaded_bytes: int = 0
    blocks: int = 0
    downloaded_blocks: int = 0
    reused_blocks: int = 0
    reused_bytes: int = 0
    block_list: Path | None = None
    report: "ApplyReport | None" = None

    @property
    def is_exact(self) -> bool:
        """Whether the database is at the requested point."""
        return self.changeset_index == self.wanted.index


@attrs.frozen(kw_only=True)
class PulledChangeset:
    """A changeset and its downloaded file.

    Attributes:
        changeset: The changeset, without its download link, which expires soon.
        path: Path of its file.
    """

    changeset: Changeset
    path: Path


@attrs.frozen(kw_only=True)
class MirroredChangeset:
    """A changeset in a local mirror.

    Attributes:
        changeset: The changeset.
        path: Path of its file; None if the mirror does not contain it.
        application: The application through which it was pushed; None if unknown.
        synchronization_info: The synchronization run of the connector that produced it; None if there is none.
    """

    changeset: MinimalChangeset
    path: Path | None
    application: Application | None = None
    synchronization_info: SynchronizationInfo | None = None


@attrs.frozen(kw_only=True)
class MirrorResult:
    """The outcome of a call to `mirror_timeline()`.

    Attributes:
        imodel_id: Id of the iModel.
        directory: Folder of the mirror.
        database: Path of its database.
        changesets: Number of changesets in the mirror.
        new_changesets: Number of changesets that this call added.
        downloaded_files: Number of files that this call downloaded.
        repaired_files: Number of downloaded files that replaced missing or damaged files of the mirror.
        downloaded_bytes: Number of bytes that this call downloaded.
    """

    imodel_id: str
    directory: Path
    database: Path
    changesets: int
    new_changesets: int
    downloaded_files: int
    repaired_files: int
    downloaded_bytes: int


class ConflictCause(StrEnum):
    """Why an author's changes conflict with those of others."""

    SAME_INSTANCE = "sameInstance"
    """Both sides changed the same properties of an instance or row, or one side deleted what the other changed or
    deleted.
    """
    DELETED_CONTAINER = "deletedContainer"
    """One side deleted the parent or the model of an element that the other side inserted or updated, the element of
    such an aspect or model, or the source or target of such a relationship.
    """
    SAME_CODE = "sameCode"
    """The sides assigned the same code, regardless of the case of ASCII letters, to different elements."""


@attrs.frozen(kw_only=True)
class ChangeConflict:
    """A conflict between an author's changes and those that others have pushed in the meantime.

    Attributes:
        cause: Why they conflict.
        kind: The kind of instance in conflict: `element`, `aspect`, `model`, `relationship`, `other` or `row`.
        id: Its id, such as `0x20000000001`; for a row, its table and key.
        class_name: Its class; None if unknown.
        element_id: Id of the element itself, of the element that the aspect or model belongs to, or of the source of
            the relationship; None for rows and other instances.
        own: The operation of the author: `insert`, `update` or `delete`.
        other: The operation of the others: `insert`, `update` or `delete`.
        other_id: Id of the second instance involved; the same as `id` if both sides changed the same instance.
        properties: Properties that both sides changed, for `sameInstance`.
    """

    cause: ConflictCause
    kind: str
    id: str
    class_name: str | None
    element_id: str | None
    own: str
    other: str
    other_id: str
    properties: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class PullCheck:
    """The changesets that others have pushed since the work began, and their conflicts with the author's changes.

    Attributes:
        pulled: The changesets of others and their files, oldest first.
        conflicts: The conflicts.
        has_schema_changes: Whether a changeset of either side changes the schema. If so, rows of changed tables may not
            be comparable, and an empty list of conflicts proves nothing.
    """

    pulled: tuple[PulledChangeset, ...]
    conflicts: tuple[ChangeConflict, ...]
    has_schema_changes: bool

    @property
    def changeset_id(self) -> str | None:
        """Id of the newest pulled changeset, on which the next push must be based; None if nothing was pulled."""
        return self.pulled[-1].changeset.id if self.pulled else None

    @property
    def element_ids(self) -> tuple[str, ...]:
        """Ids of the elements in conflict, without duplicates."""
        return tuple(dict.fromkeys(each.element_id for each in self.conflicts if each.element_id is not None))
