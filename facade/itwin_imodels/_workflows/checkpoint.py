"""Rules for checkpoint downloads: the files to write, the checks and the result."""

from collections.abc import Callable
from pathlib import Path

import attrs
from attrs.converters import optional

from imodel_files.changesets import ConflictPolicy
from itwin_imodels._core.local_files import local_path
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import Assembled, Cancellation, Downloaded, ProgressCallback
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource
from itwin_imodels._workflows.databases import check_at_rest, check_is_database, is_database, quick_check
from itwin_imodels.models import DownloadedCheckpoint, TimelinePoint


@attrs.frozen(kw_only=True)
class DownloadSettings:
    """The files and options of one download of a database.

    Attributes:
        target: The file to write.
        limit: Time limit for the whole download.
        progress: Called with the number of bytes present and the total.
        check: Whether to run SQLite's quick check on the whole database at the end.
        keep_block_list: Whether to keep the list of the database's blocks next to the target.
        old: An older database whose unchanged blocks are reused; None reuses no blocks.
        block_list: The file that lists the blocks of the older database; None means the one next to it.
        conflicts: What to do with conflicting changes when changesets are applied.
    """

    target: Path = attrs.field(converter=local_path)
    limit: TimeLimit
    progress: ProgressCallback | None = None
    check: bool = False
    keep_block_list: bool = False
    old: Path | None = attrs.field(default=None, converter=optional(local_path))
    block_list: Path | None = attrs.field(default=None, converter=optional(local_path))
    conflicts: ConflictPolicy = "native"

    @property
    def list_file(self) -> Path | None:
        """The file in which to keep the list of the target's blocks; None if it is not kept."""
        return _block_list_file(self.target) if self.keep_block_list else None

    @property
    def old_list(self) -> Path | None:
        """The file, possibly missing, that lists the blocks of the older database; None without such a database."""
        if self.old is None or self.block_list is not None:
            return self.block_list
        return _block_list_file(self.old)

    def check_files(self) -> None:
        """Check that the files are not in use.

        Raises:
            InvalidFile: A file is in use, or the older database is not a SQLite database.
            UnreadableFile: The older database cannot be read, or the target is not accessible.
        """
        if self.old is not None:
            check_is_database("database", self.old)
        check_at_rest("target", self.target)

    def progress_of_part(self, *, before: int = 0, after: int = 0, total: int | None = None) -> ProgressCallback | None:
        """Return the progress callback of one part of the download.

        Args:
            before: Size of the earlier parts in bytes.
            after: Size of the later parts in bytes.
            total: Size of all parts in bytes; None if not yet known.
        """
        progress = self.progress
        if progress is None:
            return None

        def report(done: int, part: int | None) -> None:
            sum_of_parts = None if part is None else before + part + after
            progress(before + done, sum_of_parts if total is None else total)

        return report

    def content_check(self, target: Path, cancellation: Cancellation) -> Callable[[Path], bool]:
        """Return a function that checks whether a received file is a valid database, before it is renamed.

        Args:
            target: The new name of the file. Only if it is the final target, SQLite's quick check is run, and the
                target must not be in use.
            cancellation: Cancels the check.
        """

        def check(path: Path) -> bool:
            if not is_database(path):
                return False
            if target == self.target:
                if self.check:
                    quick_check(path, cancellation)
                check_at_rest("target", target)
            return True

        return check


def outcome(
    settings: DownloadSettings, point: TimelinePoint, source: CheckpointSource, done: Downloaded | Assembled
) -> DownloadedCheckpoint:
    """Return the result of a download to which no changesets were applied."""
    plain = DownloadedCheckpoint(
        path=settings.target,
        size=done.size,
        changeset_index=source.index,
        changeset_id=source.changeset_id,
        wanted=point,
        kind=source.kind,
        downloaded_bytes=done.received,
    )
    if isinstance(done, Downloaded):
        return plain
    return attrs.evolve(
        plain,
        blocks=done.blocks,
        downloaded_blocks=done.fetched,
        reused_blocks=done.reused,
        reused_bytes=min(done.size, done.reused * done.block_size),
        block_list=settings.list_file,
    )


def check_can_keep_block_list(*, apply: bool, keep_block_list: bool) -> None:
    """Check that a download does not both apply changesets and keep the block list.

    Raises:
        ValueError: It does both.
    """
    if apply and keep_block_list:
        raise ValueError("apply and keep_block_list are mutually exclusive: applying changesets changes the blocks")


def _block_list_file(database: Path) -> Path:
    """Return the path of the file next to a database that lists its blocks."""
    return database.with_name(f"{database.name}.blocks")
