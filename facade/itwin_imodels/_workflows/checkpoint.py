"""Rules of downloading checkpoints: which files are written, what is verified and reported."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Self

import attrs

from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import Assembled, Cancellation, Downloaded, ProgressCallback
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource
from itwin_imodels._workflows.databases import check_at_rest, is_database, quick_check
from itwin_imodels.models import DownloadedCheckpoint, TimelinePoint


@attrs.frozen(kw_only=True)
class DownloadSettings:
    """What one download of a database writes and reads.

    Attributes:
        target: The file to write.
        limit: How long the transfers may take.
        progress: Called with the bytes.
        check: Whether SQLite checks the whole database at the end.
        list_file: The file that the list of the database's blocks is kept in, if wanted.
        old: An older database whose equal blocks are reused, if there is one.
        old_list: The list of its blocks; the file may be missing.
    """

    target: Path
    limit: TimeLimit
    progress: ProgressCallback | None
    check: bool = False
    list_file: Path | None = None
    old: Path | None = None
    old_list: Path | None = None

    @classmethod
    def for_download(
        cls,
        target: str | PathLike[str],
        limit: TimeLimit,
        progress: ProgressCallback | None,
        *,
        check: bool,
        keep_block_list: bool,
    ) -> Self:
        """Return the settings of a download."""
        path = Path(target)
        list_file = block_list_file(path) if keep_block_list else None
        return cls(target=path, limit=limit, progress=progress, check=check, list_file=list_file)

    @classmethod
    def for_update(
        cls,
        database: str | PathLike[str],
        limit: TimeLimit,
        progress: ProgressCallback | None,
        *,
        target: str | PathLike[str] | None,
        block_list: str | PathLike[str] | None,
        check: bool,
    ) -> Self:
        """Return the settings of a download that reuses the blocks of an older database."""
        old = Path(database)
        path = old if target is None else Path(target)
        return cls(
            target=path,
            limit=limit,
            progress=progress,
            check=check,
            list_file=block_list_file(path),
            old=old,
            old_list=block_list_file(old) if block_list is None else Path(block_list),
        )

    def check_files(self) -> None:
        """Check that the files are not in use.

        Raises:
            OSError: The older database cannot be read.
            ValueError: A file is in use, or the older database is not a SQLite database.
        """
        if self.old is not None:
            if not is_database(self.old):
                raise ValueError(f"database {self.old} is not a SQLite database")
            check_at_rest("database", self.old)
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


def block_list_file(database: Path) -> Path:
    """Return the path of the file beside a database that lists its blocks."""
    return database.with_name(f"{database.name}.blocks")


def check_can_keep_block_list(*, apply: bool, keep_block_list: bool) -> None:
    """Check that the block list to keep describes the database.

    Raises:
        ValueError: Changesets are applied to the database, which changes its blocks.
    """
    if apply and keep_block_list:
        raise ValueError("apply and keep_block_list exclude each other: applying changesets changes the blocks")
