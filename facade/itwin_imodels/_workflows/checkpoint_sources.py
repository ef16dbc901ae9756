"""Rules for choosing the database to download: a single-file or block-based checkpoint, or the baseline file."""

from pathlib import Path
from typing import Final, Literal

import attrs

from itwin_imodels._transfer.storage import Container, container_of
from itwin_imodels._workflows.checkpoint_wait import place_of
from itwin_imodels._workflows.databases import is_database, is_whole
from itwin_imodels.errors import OperationFailed, UnexpectedResponse
from itwin_imodels.models import BaselineFile, Checkpoint, CheckpointState, StorageLink

Kind = Literal["auto", "v1", "v2"]
"""The accepted forms of a checkpoint: one file (v1), blocks (v2), or both with a preference for one file (auto)."""

FormOfCheckpoint = Literal["v1", "v2"]

_KINDS: Final = ("auto", "v1", "v2")
_FORMS: Final = {"auto": "as one file or as blocks", "v1": "as one file", "v2": "as blocks"}


@attrs.frozen(kw_only=True)
class CheckpointSource:
    """A database that can be downloaded, as one file or as blocks.

    Attributes:
        imodel_id: Id of the iModel.
        index: Index of the changeset that the database is at; 0 is the baseline.
        changeset_id: Id of that changeset; empty for the baseline.
        size: Size of the database in bytes; None if unknown.
        link: Link to the file; None if the blocks are downloaded.
        container: Access to the blocks; None if the file is downloaded.
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
        """The form in which the database is downloaded."""
        return "v1" if self.container is None else "v2"

    def is_complete(self, path: Path) -> bool:
        """Return whether an existing file that is named after this database is complete."""
        if self.container is not None:
            return is_whole(path)
        return is_database(path) and self.size in {None, path.stat().st_size}


def checked_kind(value: str) -> Kind:
    """Check the value of the argument `kind`, and return it."""
    for kind in _KINDS:
        if value == kind:
            return kind
    raise ValueError(f"kind must be one of {', '.join(_KINDS)}, not {value!r}")


def source_of(checkpoint: Checkpoint, kind: Kind) -> CheckpointSource | None:
    """Return the source of a checkpoint in an accepted form; None if it is not available.

    Raises:
        TransferError: The blocks are in a type of storage that this client does not support.
    """
    if checkpoint.state != CheckpointState.SUCCESSFUL:
        return None
    link = None if kind == "v2" else checkpoint.download
    container = None if kind == "v1" or link is not None else _container(checkpoint)
    if link is None and container is None:
        return None
    return CheckpointSource(
        imodel_id=checkpoint.imodel_id,
        index=checkpoint.changeset_index,
        changeset_id=(checkpoint.changeset_id or "").lower(),
        size=checkpoint.size or None,
        link=link,
        container=container,
    )


def exact_source_of(checkpoint: Checkpoint, kind: Kind) -> CheckpointSource:
    """Return the source of a checkpoint in an accepted form.

    Raises:
        OperationFailed: The checkpoint is not available in this form.
        TransferError: See `source_of`.
    """
    source = source_of(checkpoint, kind)
    if source is None:
        raise OperationFailed(
            f"the checkpoint of {place_of(checkpoint)} is not available {_FORMS[kind]}{_other_form(checkpoint, kind)}",
            state=str(checkpoint.state),
        )
    return source


def check_accepts_one_file(imodel_id: str, kind: Kind) -> None:
    """Check that the baseline file is accepted in place of a checkpoint.

    Raises:
        OperationFailed: Only blocks are accepted.
    """
    if kind == "v2":
        raise OperationFailed(
            f"iModel {imodel_id} has no block-based checkpoint at or before the requested point; download a single "
            "file instead"
        )


def source_of_baseline(file: BaselineFile) -> CheckpointSource:
    """Return the source of a baseline file.

    Raises:
        OperationFailed: The service returned no link to it.
    """
    if file.download is None:
        raise OperationFailed(
            f"iModel {file.imodel_id} has no usable checkpoint, and its baseline file cannot be downloaded "
            f"(state {file.state}); if it is initialized, you may lack the permission imodels_read",
            state=str(file.state),
        )
    return CheckpointSource(
        imodel_id=file.imodel_id,
        index=0,
        changeset_id="",
        size=file.file_size or None,
        link=file.download,
        is_baseline_file=True,
    )


def check_before(what: str, index: int, bound: int) -> int:
    """Check that a step back leads to a lower index, so that the search ends.

    Args:
        what: Name of the entity at the index, for the message.
        index: The index.
        bound: The index that it must be below.

    Raises:
        UnexpectedResponse: It is not below the bound.
    """
    if index >= bound:
        raise UnexpectedResponse(f"{what} has index {index}; an index below {bound} was requested")
    return index


def _container(checkpoint: Checkpoint) -> Container | None:
    """Return the container of the blocks; None if the folder or the name of the database is missing."""
    access, name = checkpoint.directory_access, checkpoint.db_name
    if access is None or not name or not access.base_directory.strip("/ "):
        return None
    return container_of(access, name)


def _other_form(checkpoint: Checkpoint, kind: Kind) -> str:
    if kind == "v1" and checkpoint.directory_access is not None:
        return ", only as blocks"
    if kind == "v2" and checkpoint.download is not None:
        return ", only as one file"
    return ""
