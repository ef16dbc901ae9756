"""Rules of pushing changesets: what a file says before anything is sent, and what the service's refusals mean."""

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
from itwin_imodels.errors import IModelsError, IntegrityError, NotFound
from itwin_imodels.models import ChangesetState, ContainingChanges, MinimalChangeset, SynchronizationInfo


@attrs.frozen(kw_only=True)
class PushPlan:
    """What a caller asks for when pushing.

    Attributes:
        imodel_id: The iModel.
        briefcase_id: The briefcase that pushes.
        id: The id that the file is expected to have; only for a single file.
        description: Description of each changeset.
        containing_changes: The kinds of changes.
        synchronization_info: A connector's facts about its source.
        group_id: The changeset group that the changesets belong to.
        release_locks: Whether all locks of the briefcase are released at the end.
        timeout: How long to wait for pushes of others, in seconds.
        progress: Called with the bytes uploaded and those of all files.
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
        """Check what the caller gives."""
        checks.identifier("imodel_id", self.imodel_id)
        checks.seconds("timeout", self.timeout)
        checks.briefcase_id(self.briefcase_id)
        checks.description(self.description)


@attrs.frozen(kw_only=True)
class PreparedChangeset:
    """A changeset whose file has been read.

    Attributes:
        file: Its file.
        content: What the file was when its id was computed.
        id: Its id, computed from the file and the parent.
        parent_id: The changeset before it; empty for the first one.
    """

    file: Path
    content: FileState
    id: str
    parent_id: str

    @property
    def size(self) -> int:
        """Size of the file in bytes."""
        return self.content.size


def prepare(file: str | PathLike[str], parent_id: str | None, changeset_id: str | None = None) -> PreparedChangeset:
    """Read a changeset's file, and compute its id.

    Args:
        file: The file.
        parent_id: The changeset before it; None or empty for the first one.
        changeset_id: The id that it is expected to have.

    Raises:
        InvalidChangesetFile: It is not a changeset file, or does not have that id.
        UnreadableFile: It does not exist, or cannot be read.
        ValueError: An id is invalid.
    """
    path = local_path(file)
    parent = checks.optional_changeset_id("parent_id", parent_id) or ""
    expected = None if changeset_id is None else checks.changeset_id("id", changeset_id)
    with local_files(path):
        content, found = FileState.with_content(path, lambda file: _id_of(file, parent, expected))
    return PreparedChangeset(file=path, content=content, id=found, parent_id=parent)


def _id_of(file: BinaryIO, parent_id: str, expected: str | None) -> str:
    """Compute the id of a changeset file, or check that it is the expected one."""
    if expected is None:
        return compute_changeset_id(file, parent_id)
    verify_changeset(file, id=expected, parent_id=parent_id)
    return expected


def prepare_chain(files: Iterable[str | PathLike[str]], parent_id: str | None) -> list[PreparedChangeset]:
    """Read the files of changesets that follow one another.

    Args:
        files: The files, oldest first.
        parent_id: The changeset before the first of them; None or empty for the baseline.

    Raises:
        InvalidChangesetFile: One is not a changeset file.
        UnreadableFile: One does not exist, or cannot be read.
        ValueError: There are no files, or an id is invalid.
    """
    chain: list[PreparedChangeset] = []
    for file in files:
        chain.append(prepare(file, chain[-1].id if chain else parent_id))
    if not chain:
        raise ValueError("files must not be empty")
    return chain


def is_pushed(found: MinimalChangeset, changeset: PreparedChangeset) -> bool:
    """Return whether a changeset of the service is a prepared one, and has its file."""
    return (
        found.state == ChangesetState.FILE_UPLOADED
        and found.id.lower() == changeset.id
        and found.parent_id.lower() == changeset.parent_id
        and found.file_size == changeset.size
    )


@contextmanager
def changes_noted(changeset: PreparedChangeset, plan: PushPlan) -> Iterator[None]:
    """Add a note to the error of an upload whose file is not what was announced."""
    try:
        yield
    except IntegrityError as error:
        error.add_note(
            f"Changeset {changeset.id} is not in the timeline of iModel {plan.imodel_id}: it waits for its file, and "
            f"the next push of briefcase {plan.briefcase_id} replaces it."
        )
        raise


def is_displaced(error: NotFound) -> bool:
    """Return whether an error means that another user's push replaced one that waited for its file."""
    return error.operation == "changesets.confirm" and error.code == UNKNOWN_CHANGESET


def leaves_nothing(error: IModelsError, first: MinimalChangeset | None) -> bool:
    """Return whether an error has left nothing in a new group that a repeated call would continue.

    Args:
        error: The error.
        first: The first changeset of the group, if it is in the timeline or waits for its file.
    """
    if first is None:
        return True
    return isinstance(error, IntegrityError) and first.state != ChangesetState.FILE_UPLOADED


def ids_to_pull(parent_id: str, newer: Iterable[MinimalChangeset], newest: MinimalChangeset) -> list[str]:
    """Return the ids of changesets to pull, oldest first.

    Args:
        parent_id: The changeset before the first of them; empty for the baseline.
        newer: The changesets.
        newest: The last of them.

    Raises:
        UnexpectedResponse: One is missing.
    """
    chain, found = ParentChain(parent_id), []
    for changeset in newer:
        chain.append(ChangesetFile.of(changeset))
        found.append(changeset.id)
    chain.finish(newest)
    return found


def total_size(changesets: Iterable[PreparedChangeset]) -> int:
    """Return the bytes of the files of changesets."""
    return sum(changeset.size for changeset in changesets)


class SteadyProgress:
    """Reports the progress of pushes with all their attempts: it never decreases, and ends at the total."""

    def __init__(self, callback: ProgressCallback | None, changesets: Sequence[PreparedChangeset]) -> None:
        """Begin at 0 bytes of the files of some changesets."""
        self.callback = None if callback is None else self._report
        self._caller = callback
        self._total = total_size(changesets)
        self._before = 0
        self._reported = 0

    def add(self, size: int) -> None:
        """Report that a changeset of so many bytes is in the timeline."""
        self._report(size, None)
        self._before += size

    def _report(self, done: int, _: int | None) -> None:
        """Report the bytes uploaded of the next changeset."""
        if self._caller is not None and self._before + done > self._reported:
            self._reported = self._before + done
            self._caller(self._reported, self._total)
