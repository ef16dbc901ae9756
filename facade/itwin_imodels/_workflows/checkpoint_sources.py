"""Rules of where a checkpoint can be had: as one file or in blocks."""

from pathlib import Path
from typing import Final, Literal

import attrs

from itwin_imodels._transfer.storage import Container, container_of
from itwin_imodels._workflows.databases import is_database, is_whole
from itwin_imodels.errors import OperationFailed, UnexpectedResponse
from itwin_imodels.models import BaselineFile, Checkpoint, CheckpointState, StorageLink

Kind = Literal["auto", "v1", "v2"]
"""In which form a checkpoint is taken: as one file (v1), in blocks (v2), or as one file where there is one."""

FormOfCheckpoint = Literal["v1", "v2"]

_KINDS: Final = ("auto", "v1", "v2")
_FORMS: Final = {"auto": "as one file or in blocks", "v1": "as one file", "v2": "in blocks"}


@attrs.frozen(kw_only=True)
class Source:
    """A database that can be downloaded, as one file or in blocks.

    Attributes:
        imodel_id: Its iModel.
        index: Index of the changeset it is at; 0 is the baseline.
        changeset_id: Id of that changeset; empty for the baseline.
        size: Its size in bytes, if it is known.
        link: Where it is as one file.
        container: Where its blocks are, if it is not taken as one file.
        is_baseline_file: Whether it is the baseline file itself, not a checkpoint.
    """

    imodel_id: str
    index: int
    changeset_id: str
    size: int | None
    link: StorageLink | None = None
    container: Container | None = None
    is_baseline_file: bool = False

    @property
    def kind(self) -> FormOfCheckpoint:
        """In which form it is taken."""
        return "v1" if self.container is None else "v2"

    def is_right(self, path: Path) -> bool:
        """Tell whether a file that has this database's own name is whole."""
        if self.container is not None:
            return is_whole(path)
        return is_database(path) and self.size in {None, path.stat().st_size}


def checked_kind(value: str) -> Kind:
    """Check in which form a checkpoint shall be taken."""
    for kind in _KINDS:
        if value == kind:
            return kind
    raise ValueError(f"kind must be one of {', '.join(_KINDS)}, not {value!r}")


def source_of(checkpoint: Checkpoint, kind: Kind) -> Source | None:
    """Give where a checkpoint can be had in a form; None when it cannot.

    Raises:
        TransferError: It can, but its blocks are in a storage that this client does not know.
    """
    if checkpoint.state != CheckpointState.SUCCESSFUL:
        return None
    link = None if kind == "v2" else checkpoint.download
    container = None if kind == "v1" or link is not None else _container(checkpoint)
    if link is None and container is None:
        return None
    return Source(
        imodel_id=checkpoint.imodel_id,
        index=checkpoint.changeset_index,
        changeset_id=(checkpoint.changeset_id or "").lower(),
        size=checkpoint.size or None,
        link=link,
        container=container,
    )


def exact_source_of(checkpoint: Checkpoint, kind: Kind) -> Source:
    """Give where a checkpoint can be had in a form.

    Raises:
        OperationFailed: It cannot.
        TransferError: As `source_of`.
    """
    source = source_of(checkpoint, kind)
    if source is None:
        raise OperationFailed(
            f"the checkpoint of {place_of(checkpoint)} cannot be had {_FORMS[kind]}{_other_form(checkpoint, kind)}",
            state=str(checkpoint.state),
        )
    return source


def check_baseline_file_will_do(imodel_id: str, kind: Kind) -> None:
    """Insist that the baseline file, which is one file, may be taken when there is no checkpoint.

    Raises:
        OperationFailed: It may not.
    """
    if kind == "v2":
        raise OperationFailed(
            f"iModel {imodel_id} has no checkpoint in blocks at that point, nor before it; kind='auto' takes others"
        )


def source_of_baseline(file: BaselineFile) -> Source:
    """Give where the baseline file is.

    Raises:
        OperationFailed: It cannot be had.
    """
    if file.download is None:
        raise OperationFailed(
            f"iModel {file.imodel_id} has no checkpoint to take, and its baseline file cannot be had either "
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


def place_of(checkpoint: Checkpoint) -> str:
    """Name the point of the timeline that a checkpoint is of."""
    if not checkpoint.changeset_index:
        return f"the baseline of iModel {checkpoint.imodel_id}"
    return f"changeset {checkpoint.changeset_id} (index {checkpoint.changeset_index}) of iModel {checkpoint.imodel_id}"


def _container(checkpoint: Checkpoint) -> Container | None:
    """Give where the blocks are; without folder or name of the database they cannot be found."""
    access, name = checkpoint.directory_access, checkpoint.db_name
    if access is None or not name or not access.base_directory.strip("/ "):
        return None
    return container_of(access, name)


def _other_form(checkpoint: Checkpoint, kind: Kind) -> str:
    if kind == "v1" and checkpoint.directory_access is not None:
        return ", only in blocks; kind='auto' takes those"
    if kind == "v2" and checkpoint.download is not None:
        return ", only as one file; kind='auto' takes that"
    return ""
