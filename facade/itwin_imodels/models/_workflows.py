"""What workflows give."""

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
    """A briefcase whose locks are in the way.

    Attributes:
        briefcase_id: The briefcase.
        object_ids: The objects it holds.
        briefcase: Its details, such as the device; None when it is gone by now.
        owner: The user who acquired it; None when it is gone by now.
    """

    briefcase_id: int
    object_ids: tuple[str, ...] = attrs.field(repr=lambda ids: f"<{len(ids)} ids>")
    briefcase: Briefcase | None = None
    owner: User | None = None


@attrs.frozen(kw_only=True)
class StaleBriefcase:
    """A briefcase that seems to be lost.

    Attributes:
        briefcase: The briefcase.
        lock: Its locks; None when it holds none.
        freed: Whether it was freed; never in a dry run.
        error: What kept it from being freed.
    """

    briefcase: Briefcase
    lock: Lock | None
    freed: bool = False
    error: Exception | None = attrs.field(default=None, eq=False)

    @property
    def lock_count(self) -> int:
        """How many objects it has locked."""
        return 0 if self.lock is None else self.lock.count


@attrs.frozen(kw_only=True)
class TimelinePoint:
    """A point of an iModel's timeline: its baseline, or one of its changesets.

    Attributes:
        imodel_id: The iModel.
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
        """Whether it is the baseline, where the timeline begins."""
        return self.index == 0


@attrs.frozen(kw_only=True)
class DownloadedCheckpoint:
    """A database that was downloaded.

    Attributes:
        path: Where it is.
        size: Its size in bytes.
        changeset_index: Index of the changeset that it is at; 0 is the baseline.
        changeset_id: Id of that changeset; empty for the baseline.
        wanted: The point of the timeline that was asked for; the database may be at an earlier one.
        applied: How many changesets were applied to the checkpoint.
        kind: In which form the checkpoint was taken: `v1` (one file) or `v2` (blocks).
        downloaded_bytes: Bytes that were received for the checkpoint, repeated ones included; 0 when it was there.
        blocks: Of how many blocks it was made; 0 for one file.
        downloaded_blocks: How many of them were received. One that occurs more than once is received once.
        reused_blocks: How many of them were there: in the older database, or from an interrupted download.
        reused_bytes: How many bytes those have.
        block_list: The file with the list of its blocks, if it was kept.
        report: What happened while changesets were applied; None if none were.
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
        """Whether it is at the point that was asked for."""
        return self.changeset_index == self.wanted.index


@attrs.frozen(kw_only=True)
class PulledChangeset:
    """A changeset and its file.

    Attributes:
        changeset: The changeset, without the link to download, which soon expires.
        path: Its file.
    """

    changeset: Changeset
    path: Path


@attrs.frozen(kw_only=True)
class MirroredChangeset:
    """A changeset as a local mirror has it.

    Attributes:
        changeset: The changeset.
        path: Its file; None while the mirror has none.
        application: The application by which it was pushed.
        synchronization_info: What its author says of its source.
    """

    changeset: MinimalChangeset
    path: Path | None
    application: Application | None = None
    synchronization_info: SynchronizationInfo | None = None


@attrs.frozen(kw_only=True)
class MirrorResult:
    """What a run of `mirror_timeline` came to.

    Attributes:
        imodel_id: The iModel.
        directory: The mirror.
        database: Its database.
        changesets: Changesets in the mirror.
        new_changesets: Those of them that were not in it before.
        downloaded_files: Files that were fetched.
        repaired_files: Those of them that were in the mirror before, but were gone or wrong.
        downloaded_bytes: Bytes that were fetched.
    """

    imodel_id: str
    directory: Path
    database: Path
    changesets: int
    new_changesets: int
    downloaded_files: int
    repaired_files: int
    downloaded_bytes: int
