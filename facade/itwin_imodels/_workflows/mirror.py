"""Rules for mirrors: which changesets are new, which files to verify or download, and what to record."""

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._mirror.database import FileRecord, MirrorDatabase, Tip
from itwin_imodels._mirror.schema import Row, VerifiedState, row_of
from itwin_imodels._transfer import Downloaded
from itwin_imodels._transfer.changeset_file import ChangesetFile, Verification
from itwin_imodels._workflows.pull import ParentChain
from itwin_imodels._workflows.timeline_end import is_pushed
from itwin_imodels.errors import MirrorError
from itwin_imodels.models import Changeset

Recheck = Literal["none", "size", "id"]
"""How previously verified files are checked again."""

RECHECKS: Final = ("none", "size", "id")

WINDOW: Final = 1000
"""Number of changesets whose files are checked together: the maximum page size of the service."""

_MIN_LISTED: Final = 4
"""If at least this many files of a window are missing, their links are requested as one list, not one by one."""

_BATCH_SIZE: Final = 200
"""Number of files after which the ledger writes to the database."""


def is_current(tip: Tip | None, newest: Changeset | None) -> bool:
    """Return whether no changeset has been pushed since the last update of the mirror."""
    if tip is None or newest is None:
        return tip is None and newest is None
    return (tip.index, tip.id) == (newest.index, newest.id.lower())


class NewChangesets:
    """Converts the new changesets of the service to rows of the mirror's database, page by page.

    The pages begin with the newest changeset of the mirror, to prove that the service still has the same timeline.

    Attributes:
        count: Number of new changesets so far.
    """

    def __init__(self, imodel_id: str, directory: Path, tip: Tip | None) -> None:
        """Start before the first page.

        Args:
            imodel_id: Id of the iModel.
            directory: Folder of the mirror.
            tip: The newest changeset of the mirror; None if it is empty.
        """
        self._imodel_id = imodel_id
        self._directory = directory
        self._tip = tip
        self._tip_is_confirmed = tip is None
        self._chain = ParentChain("" if tip is None else tip.id)
        self.count = 0

    @property
    def after_index(self) -> int:
        """Index after which the list must begin."""
        return 0 if self._tip is None else self._tip.index - 1

    def rows(self, page: Sequence[Changeset]) -> list[Row]:
        """Return the rows of the new changesets of the next page.

        Raises:
            MirrorError: The page belongs to another timeline.
            UnexpectedResponse: The changesets do not follow one another.
        """
        changesets = [each for each in page if is_pushed(each)]
        if not self._tip_is_confirmed and changesets:
            self._confirm_tip(changesets.pop(0))
        rows = []
        for changeset in changesets:
            file = ChangesetFile.of(changeset)
            self._chain.append(file)
            rows.append(row_of(changeset, file))
        self.count += len(rows)
        return rows

    def finish(self, newest: Changeset | None) -> None:
        """Check that the pages contained the newest changeset of the mirror and the newest one of the service.

        Args:
            newest: The newest changeset of the service; None if there is none.

        Raises:
            MirrorError: The newest changeset of the mirror is missing.
            UnexpectedResponse: The newest changeset of the service is missing.
        """
        if not self._tip_is_confirmed:
            raise self._other_timeline()
        if newest is not None:
            self._chain.finish(newest)

    def _confirm_tip(self, changeset: Changeset) -> None:
        if self._tip is None or (changeset.index, changeset.id.lower()) != (self._tip.index, self._tip.id):
            raise self._other_timeline()
        self._tip_is_confirmed = True

    def _other_timeline(self) -> MirrorError:
        reason = (
            "" if self._tip is None else f": the timeline lacks changeset {self._tip.id} with index {self._tip.index}"
        )
        return MirrorError(
            f"{self._directory} is not a mirror of the current timeline of iModel {self._imodel_id}{reason}. "
            "Mirror into another directory."
        )


@attrs.frozen
class PendingFiles:
    """The files of a window that are not known to be intact.

    Attributes:
        files: The files to verify or download.
        missing: Changeset ids of the files that do not exist.
        verified_size: Total size of the other files in the window in bytes.
    """

    files: Sequence[FileRecord]
    missing: frozenset[str]
    verified_size: int

    @property
    def link_range(self) -> tuple[int, int] | None:
        """The range of indexes for which links are requested as one list; None to request them one by one."""
        indexes = [each.file.index for each in self.files if each.file.id in self.missing]
        return (indexes[0] - 1, indexes[-1]) if len(indexes) >= _MIN_LISTED else None


def pending_files(
    window: Sequence[FileRecord], directory: Path, verification: Verification, recheck: Recheck
) -> PendingFiles:
    """Return which files in a window must be verified or downloaded.

    Args:
        window: The files.
        directory: Folder of the mirror.
        verification: How the files are verified.
        recheck: How previously verified files are checked again.

    Raises:
        TransferError: A file could not be read.
    """
    files, missing, verified_size = [], set(), 0
    for each in window:
        is_verified = each.state is not None and each.state.suffices(verification)
        status = None if is_verified and recheck == "none" else _stat(directory / each.file.name)
        if is_verified and (recheck == "none" or (recheck == "size" and _is_unchanged(status, each.state))):
            verified_size += each.file.size
            continue
        files.append(each)
        if status is None:
            missing.add(each.file.id)
    return PendingFiles(files, frozenset(missing), verified_size)


def state_of(path: Path, verification: Verification) -> VerifiedState:
    """Return the state of a file that has been verified.

    Raises:
        TransferError: The file could not be read.
    """
    with disk_errors(path, "read"):
        status = path.stat()
    return VerifiedState(status.st_size, status.st_mtime_ns, verification)


def _stat(path: Path) -> os.stat_result | None:
    with disk_errors(path, "read"):
        try:
            return path.stat()
        except FileNotFoundError:
            return None


def _is_unchanged(status: os.stat_result | None, state: VerifiedState | None) -> bool:
    return (
        status is not None
        and state is not None
        and (status.st_size, status.st_mtime_ns) == (state.size, state.mtime_ns)
    )


class MirrorLedger:
    """Records the files that the transfer has verified or downloaded, and counts them.

    The transfer reports the files in the order in which they were expected.

    Attributes:
        downloaded: Number of files that were downloaded.
        repaired: Number of downloaded files that had been verified before.
        received: Number of bytes that were downloaded.
    """

    def __init__(self, database: MirrorDatabase, verification: Verification) -> None:
        """Start without files.

        Args:
            database: The database of the mirror.
            verification: How the files are verified.
        """
        self._database = database
        self._verification = verification
        self._expected: deque[FileRecord] = deque()
        self._states: list[tuple[int, VerifiedState]] = []
        self.downloaded = self.repaired = self.received = 0

    def expect(self, file: FileRecord) -> None:
        """Add the file that the transfer processes next."""
        self._expected.append(file)

    def record(self, done: Downloaded) -> None:
        """Record the next expected file, which is now verified.

        Raises:
            MirrorError: The database failed.
            TransferError: The file could not be read.
        """
        expected = self._expected.popleft()
        if done.received:
            self.downloaded += 1
            self.repaired += expected.state is not None
            self.received += done.received
        self._states.append((expected.file.index, state_of(done.target, self._verification)))
        if len(self._states) >= _BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write the records to the database.

        Raises:
            MirrorError: The database failed.
        """
        states, self._states = self._states, []
        if states:
            self._database.record(states)


def valid_recheck(check: str) -> Recheck:
    """Check the value of the argument `check`."""
    choices: dict[str, Recheck] = {"none": "none", "size": "size", "id": "id"}
    return choices[checks.choice("check", check, RECHECKS)]
