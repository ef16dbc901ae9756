"""The parts of a push that send no requests: reading the changeset files, and interpreting errors."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import attrs

from imodel_files.changesets import compute_changeset_id, verify_changeset
from itwin_imodels._core import checks
from itwin_imodels._core.local_files import local_files, local_path
from itwin_imodels._transfer import FileState, ProgressCallback
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._workflows.pull import ParentChain
from itwin_imodels._workflows.timeline_end import UNKNOWN_CHANGESET
from itwin_imodels.errors import ApiError, IModelsError, IntegrityError, NotFound
from itwin_imodels.models import ChangesetState, ContainingChanges, MinimalChangeset, SynchronizationInfo


@attrs.frozen(kw_only=True)
class PushPlan:
    """The options of a push; see `client.push_changeset()` and `client.push_changesets()`.

    Attributes:
        imodel_id: Id of the iModel.
        briefcase_id: Id of the briefcase that pushes, at least 2.
        id: The expected id of the file, only for a single file; None skips this check.
        description: Description of each changeset, at most 255 characters; None for no description.
        containing_changes: The kinds of changes; None leaves this to the service.
        synchronization_info: The synchronization run and source files of a connector; None records nothing.
        group_id: Id of the changeset group to add the changesets to; None for no group.
        release_locks: Whether to release all locks of the briefcase at the end.
        timeout: Seconds that each changeset waits while other briefcases push.
        progress: Called with the number of bytes uploaded and the total size of the files; None reports nothing.
    """

    imodel_id: str
    briefcase_id: int
    id: str | None = None
    description: str | None = None
    containing_changes: ContainingChanges | int | None = None
    synchronization_info: SynchronizationInfo | None = None
    group_id: str | None = None
    release_locks: bool = False
    timeout: float = 300.0
    progress: ProgressCallback | None = None

    def __attrs_post_init__(self) -> None:
        """Check the ids of the iModel and the briefcase, the timeout and the description."""
        checks.identifier("imodel_id", self.imodel_id)
        checks.seconds("timeout", self.timeout)
        checks.briefcase_id(self.briefcase_id)
        checks.description(self.description)


@attrs.frozen(kw_only=True)
class PreparedChangeset:
    """A changeset whose file has been read.

    Attributes:
        file: Its file.
        announced_state: State of the file when the id was computed, with the digests of its content.
        id: Its id, computed from the file and the parent.
        parent_id: Id of the changeset before it; empty for the first one.
    """

    file: Path
    announced_state: FileState
    id: str
    parent_id: str

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return self.announced_state.size


def prepare(file: str | PathLike[str], parent_id: str | None, changeset_id: str | None = None) -> PreparedChangeset:
    """Read a changeset file, and compute its id.

    Args:
        file: The file.
        parent_id: Id of the changeset before it; None or empty for the first one.
        changeset_id: The expected id; None skips this check.

    Raises:
        InvalidChangesetFile: The file is not a changeset file, or its id is not the expected one.
        UnreadableFile: The file does not exist or cannot be read.
        ValueError: An id is invalid.
    """
    path = local_path(file)
    parent = checks.optional_changeset_id("parent_id", parent_id) or ""
    expected = None if changeset_id is None else checks.changeset_id("id", changeset_id)
    with local_files(path):
        state, actual_id = FileState.with_content(path, lambda file: _id_of(file, parent, expected))
    return PreparedChangeset(file=path, announced_state=state, id=actual_id, parent_id=parent)


def _id_of(file: BinaryIO, parent_id: str, expected: str | None) -> str:
    """Compute the id of a changeset file, or check that it is the expected one."""
    if expected is None:
        return compute_changeset_id(file, parent_id)
    verify_changeset(file, id=expected, parent_id=parent_id)
    return expected


def prepare_chain(files: Iterable[str | PathLike[str]], parent_id: str | None) -> list[PreparedChangeset]:
    """Read the files of a chain of changesets.

    Args:
        files: The files, oldest first.
        parent_id: Id of the changeset before the first file; None or empty for the baseline.

    Raises:
        InvalidChangesetFile: A file is not a changeset file.
        UnreadableFile: A file does not exist or cannot be read.
        ValueError: There are no files, or the parent's id is invalid.
    """
    chain: list[PreparedChangeset] = []
    for file in files:
        chain.append(prepare(file, chain[-1].id if chain else parent_id))
    if not chain:
        raise ValueError("`files` must not be empty")
    return chain


def is_pushed(candidate: MinimalChangeset, changeset: PreparedChangeset) -> bool:
    """Return whether a changeset that the service reports is the prepared one and its file is uploaded."""
    return (
        candidate.state == ChangesetState.FILE_UPLOADED
        and candidate.id.lower() == changeset.id
        and candidate.parent_id.lower() == changeset.parent_id
        and candidate.file_size == changeset.size
    )


@contextmanager
def explain_changed_file(changeset: PreparedChangeset, plan: PushPlan) -> Iterator[None]:
    """Add a note to the error for a file that changed after its changeset was announced."""
    try:
        yield
    except IntegrityError as error:
        error.add_note(
            f"Changeset {changeset.id} is not in the timeline of iModel {plan.imodel_id}: it is waiting for its file, "
            f"and the next push of briefcase {plan.briefcase_id} replaces it."
        )
        raise


def is_displaced(error: NotFound) -> bool:
    """Return whether an error means that another user's push replaced the changeset that was waiting for its file."""
    return error.operation == "changesets.confirm" and error.code == UNKNOWN_CHANGESET


def may_be_open(error: BaseException) -> bool:
    """Return whether a group may still be open after an error: others may have closed it, or deleted the iModel."""
    return not (isinstance(error, ApiError) and error.code in {"ChangesetGroupIsClosed", "iModelNotFound"})


def is_group_unusable(error: IModelsError, first: MinimalChangeset | None) -> bool:
    """Return whether a new group has no changeset that a repeated call could resume after an error.

    Args:
        error: The error.
        first: The first changeset of the group, if it is in the timeline or waiting for its file; otherwise None.
    """
    if first is None:
        return True
    return isinstance(error, IntegrityError) and first.state != ChangesetState.FILE_UPLOADED


def ids_to_pull(parent_id: str, newer: Iterable[MinimalChangeset], newest: MinimalChangeset) -> list[str]:
    """Return the ids of the changesets to pull, oldest first.

    Args:
        parent_id: Id of the changeset before them; empty for the baseline.
        newer: The changesets, oldest first.
        newest: The last of them.

    Raises:
        UnexpectedResponse: A changeset is missing.
    """
    chain, ids = ParentChain(parent_id), []
    for changeset in newer:
        chain.append(ChangesetFile.of(changeset))
        ids.append(changeset.id)
    chain.finish(newest)
    return ids


def total_size(changesets: Iterable[PreparedChangeset]) -> int:
    """Return the total size of the files of changesets in bytes."""
    return sum(changeset.size for changeset in changesets)


class SteadyProgress:
    """Reports the progress of pushes across all attempts: it never decreases, and ends at the total."""

    def __init__(self, callback: ProgressCallback | None, changesets: Sequence[PreparedChangeset]) -> None:
        """Start at 0 bytes.

        Args:
            callback: Called with the number of bytes uploaded and the total size of the files; None reports nothing.
            changesets: The changesets to push.
        """
        self.callback = None if callback is None else self._report
        self._caller = callback
        self._total = total_size(changesets)
        self._before = 0
        self._reported = 0

    def add(self, size: int) -> None:
        """Report that the next changeset, of a given size in bytes, is in the timeline."""
        self._report(size, None)
        self._before += size

    def _report(self, done: int, _: int | None) -> None:
        """Report the number of bytes uploaded for the next changeset."""
        if self._caller is not None and self._before + done > self._reported:
            self._reported = self._before + done
            self._caller(self._reported, self._total)
