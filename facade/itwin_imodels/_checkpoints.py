"""Rules of downloading checkpoints: which will do, where the files go, and how changesets are applied to them."""

import importlib
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import attrs

from imodel_files.changesets import ChainLink, apply_changesets
from itwin_imodels._databases import check_at_rest, is_database
from itwin_imodels._time_limit import TimeLimit
from itwin_imodels._transfer import Cancellation, ProgressCallback
from itwin_imodels._transfer.disk import told_of_disk
from itwin_imodels._transfer.failures import told_of_cancellation
from itwin_imodels.errors import ConfigurationError, OperationFailed, UnexpectedResponse
from itwin_imodels.models import BaselineFile, Checkpoint, CheckpointState, StorageLink, TimelinePoint

NO_CHECKPOINT = "CheckpointNotFound"
"""The service's code when a changeset has no checkpoint."""

_EXTRA = "applying changesets needs the extra 'checkpoint': pip install 'itwin-imodels[checkpoint]'"
_MADE = "made.bim"
_FAILED = frozenset({CheckpointState.FAILED.value, CheckpointState.NOT_GENERATED.value})


@attrs.frozen(kw_only=True)
class Source:
    """A database that can be downloaded.

    Attributes:
        imodel_id: Its iModel.
        index: Index of the changeset it is at; 0 is the baseline.
        changeset_id: Id of that changeset; empty for the baseline.
        size: Its size in bytes, if it is known.
        link: Where it is.
        is_baseline_file: Whether it is the baseline file itself, not a checkpoint.
    """

    imodel_id: str
    index: int
    changeset_id: str
    size: int | None
    link: StorageLink
    is_baseline_file: bool = False

    def is_right(self, path: Path) -> bool:
        """Tell whether a file that has this database's own name is whole."""
        return is_database(path) and self.size in {None, path.stat().st_size}


@attrs.frozen(kw_only=True)
class Download:
    """What a download was asked to be.

    Attributes:
        wanted: The point of the timeline.
        target: The file to write.
        limit: How long its transfers may take.
        progress: Told of the bytes.
    """

    wanted: TimelinePoint
    target: Path
    limit: TimeLimit
    progress: ProgressCallback | None

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
            f"the checkpoint of {_place(checkpoint)} was not made (state {checkpoint.state}); "
            "client.checkpoints.create_for_named_version() asks for it anew",
            state=str(checkpoint.state),
        )
    return checkpoint


def source_of(checkpoint: Checkpoint) -> Source | None:
    """Give where a checkpoint can be had as one file; None when it cannot."""
    if checkpoint.state != CheckpointState.SUCCESSFUL or checkpoint.download is None:
        return None
    return Source(
        imodel_id=checkpoint.imodel_id,
        index=checkpoint.changeset_index,
        changeset_id=(checkpoint.changeset_id or "").lower(),
        size=checkpoint.size or None,
        link=checkpoint.download,
    )


def exact_source_of(checkpoint: Checkpoint) -> Source:
    """Give where a checkpoint can be had as one file.

    Raises:
        OperationFailed: It cannot.
    """
    source = source_of(checkpoint)
    if source is None:
        raise OperationFailed(
            f"the checkpoint of {_place(checkpoint)} cannot be had as one file, only in blocks",
            state=str(checkpoint.state),
        )
    return source


def source_of_baseline(file: BaselineFile) -> Source:
    """Give where the baseline file is.

    Raises:
        OperationFailed: It cannot be had.
    """
    if file.download is None:
        raise OperationFailed(
            f"iModel {file.imodel_id} has no checkpoint as one file, and its baseline file cannot be had either "
            f"(state {file.state}); downloads need imodels_read",
            state=str(file.state),
        )
    return Source(
        imodel_id=file.imodel_id,
        index=0,
        changeset_id="",
        size=file.file_size or None,
        link=file.download,
        is_baseline_file=True,
    )


def check_before(what: str, index: int, bound: int) -> int:
    """Insist that a step back leads back, so that an end is reached.

    Raises:
        UnexpectedResponse: It does not.
    """
    if index >= bound:
        raise UnexpectedResponse(f"{what} is at index {index}; one below {bound} was asked for")
    return index


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
    database: Path, source: Source, links: Sequence[ChainLink], target: Path, *, cancellation: Cancellation
) -> int:
    """Make the database at the last of some changesets, and give its size in bytes.

    It is made beside the database that it is made from, and moved to the target in the end.

    Raises:
        Cancelled: The work was ended, if no other reason was given.
        ChangesetFileError: A changeset does not fit.
        ValueError: The target is in use by now.
    """
    made = database.with_name(_MADE)
    with told_of_cancellation(cancellation):
        apply_changesets(
            database, links, made, parent_id=source.changeset_id, progress=lambda _done, _total: cancellation.check()
        )
    size = made.stat().st_size
    check_at_rest("target", target)
    with told_of_disk(target, "written"):
        made.replace(target)
    return size


def _place(checkpoint: Checkpoint) -> str:
    if not checkpoint.changeset_index:
        return f"the baseline of iModel {checkpoint.imodel_id}"
    return f"changeset {checkpoint.changeset_id} (index {checkpoint.changeset_index}) of iModel {checkpoint.imodel_id}"
