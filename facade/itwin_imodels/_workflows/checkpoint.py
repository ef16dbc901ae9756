"""Rules of downloading checkpoints: where the files go, what is told, and how changesets are applied to them."""

import importlib
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import attrs

from imodel_files.changesets import ChainLink, apply_changesets
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import Assembled, Cancellation, Downloaded, ProgressCallback
from itwin_imodels._transfer.disk import disk_errors
from itwin_imodels._transfer.failures import cancellation_errors, errors_about
from itwin_imodels._workflows.checkpoint_sources import Source, place_of
from itwin_imodels._workflows.databases import check_at_rest, is_database, quick_check
from itwin_imodels.errors import ConfigurationError, OperationFailed
from itwin_imodels.models import Checkpoint, CheckpointState, DownloadedCheckpoint, TimelinePoint

NO_CHECKPOINT = "CheckpointNotFound"
"""The service's code when a changeset has no checkpoint."""

_EXTRA = "applying changesets needs the extra 'checkpoint': pip install 'itwin-imodels[checkpoint]'"
_MADE = "made.bim"
_FAILED = frozenset({CheckpointState.FAILED.value, CheckpointState.NOT_GENERATED.value})


@attrs.frozen(kw_only=True)
class Download:
    """What a download was asked to be.

    Attributes:
        wanted: The point of the timeline.
        target: The file to write.
        limit: How long its transfers may take.
        progress: Told of the bytes.
        check: Whether SQLite looks through the whole database in the end.
        list_file: Where the list of the database's blocks is kept, if it is.
        old: A database that blocks are taken from where they are the same, if there is one.
        old_list: The list of its blocks, if there is one.
    """

    wanted: TimelinePoint
    target: Path
    limit: TimeLimit
    progress: ProgressCallback | None
    check: bool = False
    list_file: Path | None = None
    old: Path | None = None
    old_list: Path | None = None

    def shown(self, *, before: int = 0, after: int = 0, total: int | None = None) -> ProgressCallback | None:
        """Make the callback of one part of the download.

        Args:
            before: Bytes of the parts before.
            after: Bytes of the parts after.
            total: Bytes of all parts, if they are known already.
        """
        progress = self.progress
        if progress is None:
            return None

        def told(done: int, part: int | None) -> None:
            learned = None if part is None else before + part + after
            progress(before + done, learned if total is None else total)

        return told


def outcome(download: Download, source: Source, done: Downloaded | Assembled) -> DownloadedCheckpoint:
    """Tell what became of a download that ends at its checkpoint."""
    plain = DownloadedCheckpoint(
        path=download.target,
        size=done.size,
        changeset_index=source.index,
        changeset_id=source.changeset_id,
        wanted=download.wanted,
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
        block_list=download.list_file,
    )


def block_list_file(database: Path) -> Path:
    """Name the file beside a database that tells which blocks it was made of."""
    return database.with_name(f"{database.name}.blocks")


def check_old_database(path: Path) -> None:
    """Insist that a file can be updated.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no SQLite database, or in use.
    """
    if not is_database(path):
        raise ValueError(f"database {path} is no SQLite database")
    check_at_rest("database", path)


def check_of(download: Download, target: Path, cancellation: Cancellation) -> Callable[[Path], bool]:
    """Give what tells whether a file that has arrived may have its name.

    Args:
        download: What is asked for.
        target: The name. SQLite looks through what gets the name of the download itself.
        cancellation: Ends that.
    """

    def check(path: Path) -> bool:
        if not is_database(path):
            return False
        if download.check and target == download.target:
            quick_check(path, cancellation)
        return True

    return check


def is_over(checkpoint: Checkpoint) -> bool:
    """Tell whether the making of a checkpoint has come to its end. States that are new to this client go on."""
    return checkpoint.state == CheckpointState.SUCCESSFUL or checkpoint.state in _FAILED


def check_made(checkpoint: Checkpoint) -> Checkpoint:
    """Insist that a checkpoint has been made.

    Raises:
        OperationFailed: It has not.
    """
    if checkpoint.state in _FAILED:
        raise OperationFailed(
            f"the checkpoint of {place_of(checkpoint)} was not made (state {checkpoint.state}); "
            "client.checkpoints.create_for_named_version() asks for it anew",
            state=str(checkpoint.state),
        )
    return checkpoint


def check_can_apply() -> None:
    """Insist that changesets can be applied here.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        apsw = importlib.import_module("apsw")
    except ImportError as error:
        raise ConfigurationError(_EXTRA) from error
    if not hasattr(apsw, "Changeset"):
        raise ConfigurationError(f"{_EXTRA}; the apsw that is installed lacks SQLite's session extension")


def work_folder(target: Path, imodel_id: str) -> Path:
    """Name the folder beside a target that holds what its making takes."""
    return target.with_name(f"{target.name}.work") / quote(imodel_id, safe="")


def remove_work(folder: Path) -> None:
    """Remove what the making of a target took; what cannot be removed does no harm."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def database_name(source: Source) -> str:
    """Name the file of a database to apply changesets to. What has the same name is the same."""
    return f"{source.changeset_id or 'baseline'}.bim"


def apply_to(
    database: Path, source: Source, links: Sequence[ChainLink], download: Download, *, cancellation: Cancellation
) -> int:
    """Make the database at the last of some changesets, and give its size in bytes.

    It is made beside the database that it is made from, and moved to the target in the end.

    Raises:
        Cancelled: The work was ended, if no other reason was given.
        ChangesetFileError: A changeset does not fit.
        IntegrityError: It was to be checked, and SQLite finds faults.
        ValueError: The target is in use by now.
    """
    target = download.target
    made = database.with_name(_MADE)
    with cancellation_errors(cancellation):
        apply_changesets(
            database, links, made, parent_id=source.changeset_id, progress=lambda _done, _total: cancellation.check()
        )
        if download.check:
            with errors_about(f"making of {target.name}"):
                quick_check(made, cancellation)
    size = made.stat().st_size
    check_at_rest("target", target)
    with disk_errors(target, "written"):
        made.replace(target)
    return size
