"""Rules of downloading checkpoints: which files are written, what is verified and reported."""

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
    """What one download of a database writes and reads.

    Attributes:
        target: The file to write.
        limit: How long everything may take.
        progress: Called with the bytes.
        check: Whether SQLite checks the whole database at the end.
        keep_block_list: Whether the list of the database's blocks is kept beside the target.
        old: An older database whose equal blocks are reused, if there is one.
        block_list: The list of its blocks, unless that is beside it.
        conflicts: How changes that do not fit are treated when changesets are applied.
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
        """The file that the list of the target's blocks is kept in."""
        return _block_list_file(self.target) if self.keep_block_list else None

    @property
    def old_list(self) -> Path | None:
        """The file with the list of the older database's blocks; it may be missing."""
        if self.old is None or self.block_list is not None:
            return self.block_list
        return _block_list_file(self.old)

    def check_files(self) -> None:
        """Check that the files are not in use.

        Raises:
            InvalidFile: A file is in use, or the older database is not a SQLite database.
            UnreadableFile: The older database cannot be read.
        """
        if self.old is not None:
            check_is_database("database", self.old)
        check_at_rest("target", self.target)

    def progress_of_part(self, *, before: int = 0, after: int = 0, total: int | None = None) -> ProgressCallback | None:
        """Return the progress callback of one part of the download.

        Args:
            before: Bytes of the parts before.
            after: Bytes of the parts after.
            total: Bytes of all parts, if already known.
        """
        progress = self.progress
        if progress is None:
            return None

        def report(done: int, part: int | None) -> None:
            sum_of_parts = None if part is None else before + part + after
            progress(before + done, sum_of_parts if total is None else total)

        return report

    def content_check(self, target: Path, cancellation: Cancellation) -> Callable[[Path], bool]:
        """Return a function that checks a received file before it gets its name.

        Args:
            target: The name. SQLite checks only the file that gets the final name.
            cancellation: Ends the check.
        """

        def check(path: Path) -> bool:
            if not is_database(path):
                return False
            if self.check and target == self.target:
                quick_check(path, cancellation)
            return True

        return check


def outcome(
    settings: DownloadSettings, wanted: TimelinePoint, source: CheckpointSource, done: Downloaded | Assembled
) -> DownloadedCheckpoint:
    """Return the result of a download that ends at its source's point."""
    plain = DownloadedCheckpoint(
        path=settings.target,
        size=done.size,
        changeset_index=source.index,
        changeset_id=source.changeset_id,
        wanted=wanted,
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
    """Check that the block list to keep describes the database.

    Raises:
        ValueError: Changesets are applied to the database, which changes its blocks.
    """
    if apply and keep_block_list:
        raise ValueError("apply and keep_block_list are mutually exclusive: applying changesets changes the blocks")


def _block_list_file(database: Path) -> Path:
    """Return the path of the file beside a database that lists its blocks."""
    return database.with_name(f"{database.name}.blocks")
