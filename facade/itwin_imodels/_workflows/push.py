"""Rules of pushing changesets: what is known of a file before anything is sent, and what a refusal means."""

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path

import attrs

from imodel_files.changesets import compute_changeset_id, verify_changeset
from itwin_imodels._core import checks
from itwin_imodels._transfer import ProgressCallback
from itwin_imodels.errors import NotFound
from itwin_imodels.models import ChangesetState, ContainingChanges, MinimalChangeset, SynchronizationInfo

UNKNOWN_CHANGESET = "ChangesetNotFound"
"""The service's code for a changeset that it does not know."""


@attrs.frozen(kw_only=True)
class Push:
    """A changeset to push.

    Attributes:
        file: Its file.
        size: Size of the file in bytes.
        id: Its id, as it follows from the file.
        parent_id: The changeset before it; empty for the first one.
    """

    file: Path
    size: int
    id: str
    parent_id: str


@attrs.frozen(kw_only=True)
class PushDetails:
    """What its author says of a changeset.

    Attributes:
        briefcase_id: The briefcase that pushes.
        description: Its description.
        containing_changes: The kinds of changes in it.
        synchronization_info: What a connector says of its source.
        group_id: The changeset group it belongs to.
    """

    briefcase_id: int
    description: str | None = None
    containing_changes: ContainingChanges | int | None = None
    synchronization_info: SynchronizationInfo | None = None
    group_id: str | None = None


def prepared(file: str | PathLike[str], parent_id: str | None, changeset_id: str | None = None) -> Push:
    """Read a changeset's file: its size, and the id that follows from it.

    Args:
        file: The file.
        parent_id: The changeset before it; None or empty for the first one.
        changeset_id: The id it is said to have.

    Raises:
        ChangesetFileError: It is no changeset file, or has not that id.
        OSError: It cannot be read.
        ValueError: An id is none.
    """
    path = Path(file)
    parent = checks.optional_changeset_id("parent_id", parent_id) or ""
    size = path.stat().st_size
    if changeset_id is None:
        return Push(file=path, size=size, id=compute_changeset_id(path, parent), parent_id=parent)
    wanted = checks.changeset_id("id", changeset_id)
    verify_changeset(path, id=wanted, parent_id=parent)
    return Push(file=path, size=size, id=wanted, parent_id=parent)


def prepared_chain(files: Iterable[str | PathLike[str]], parent_id: str | None) -> list[Push]:
    """Read the files of changesets that follow one another.

    Args:
        files: The files, oldest first.
        parent_id: The changeset before the first of them; None or empty for the baseline.

    Raises:
        ChangesetFileError: One is no changeset file.
        OSError: One cannot be read.
        ValueError: There is none, or an id is none.
    """
    chain: list[Push] = []
    for file in files:
        chain.append(prepared(file, chain[-1].id if chain else parent_id))
    if not chain:
        raise ValueError("files must not be empty")
    return chain


def is_same_push(found: MinimalChangeset, push: Push) -> bool:
    """Tell whether a changeset of the timeline is the one that was to be pushed."""
    return (
        found.state == ChangesetState.FILE_UPLOADED
        and found.id.lower() == push.id
        and found.parent_id.lower() == push.parent_id
        and found.file_size == push.size
    )


def is_pushed_aside(error: NotFound) -> bool:
    """Tell whether an error means that another user's push took the place of one that waited for its file."""
    return error.operation == "changesets.confirm" and error.code == UNKNOWN_CHANGESET


def to_pull(newer: Sequence[MinimalChangeset]) -> list[str]:
    """Name changesets to pull, oldest first."""
    return [changeset.id for changeset in sorted(newer, key=lambda changeset: changeset.index)]


class SteadyProgress:
    """Tells how far pushes are, all their tries together: never back, and the total at the end."""

    def __init__(self, callback: ProgressCallback | None, total: int) -> None:
        """Begin at 0 of `total` bytes."""
        self.callback = None if callback is None else self._tell
        self._told_to = callback
        self._total = total
        self._before = 0
        self._told = 0

    def add(self, size: int) -> None:
        """Say that a changeset of so many bytes is in the timeline."""
        self._tell(size, None)
        self._before += size

    def _tell(self, done: int, _: int | None) -> None:
        """Say how far the upload of the next changeset is."""
        if self._told_to is not None and self._before + done > self._told:
            self._told = self._before + done
            self._told_to(self._told, self._total)
