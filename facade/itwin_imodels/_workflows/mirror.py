"""Rules of keeping a mirror: which files to look at, which to fetch, and what came of it."""

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import attrs

from itwin_imodels._core import checks
from itwin_imodels._mirror.database import MirrorDatabase, MirroredFile, Tip
from itwin_imodels._mirror.schema import FileState, Row, row_of
from itwin_imodels._transfer import Downloaded
from itwin_imodels._transfer.disk import disk_errors
from itwin_imodels._workflows.pull import Account, Chain, Verification, Wanted, is_in_timeline, wanted
from itwin_imodels.errors import MirrorError
from itwin_imodels.models import Changeset

Checking = Literal["none", "size", "id"]
"""How closely files are looked at that were found right before."""

CHECKINGS: Final = ("none", "size", "id")

WINDOW: Final = 1000
"""Changesets that are looked at together: as many as a page of the service has."""

MANY_PAGES: Final = 2
"""Pages of new changesets from which on several are asked for at once."""

_LIST_FROM: Final = 4
"""Missing files of a window from which on their links come from one list, in place of a request for each."""

_RECORD_AT_ONCE: Final = 200


def is_long(tip: Tip | None, newest: Changeset) -> bool:
    """Tell whether so much is new that several pages should be asked for at once."""
    return newest.index - (0 if tip is None else tip.index) > MANY_PAGES * WINDOW


def is_known_tip(tip: Tip | None, newest: Changeset | None) -> bool:
    """Tell whether nothing has been pushed since."""
    if tip is None or newest is None:
        return tip is None and newest is None
    return (tip.index, tip.id) == (newest.index, newest.id.lower())


class News:
    """Makes rows of the changesets that the service lists after those of the mirror, page by page.

    The list begins with the newest changeset of the mirror, by which it is known to be of the same timeline.

    Attributes:
        count: How many there were.
    """

    def __init__(self, imodel_id: str, directory: Path, tip: Tip | None) -> None:
        """Begin.

        Args:
            imodel_id: The iModel.
            directory: The mirror.
            tip: Its newest changeset.
        """
        self._imodel_id = imodel_id
        self._directory = directory
        self._tip = tip
        self._tip_is_known = tip is None
        self._chain = Chain("" if tip is None else tip.id)
        self.count = 0

    @property
    def after_index(self) -> int:
        """Behind which index the list has to begin."""
        return 0 if self._tip is None else self._tip.index - 1

    def rows(self, page: Sequence[Changeset]) -> list[Row]:
        """Take a page.

        Raises:
            MirrorError: It is of another timeline.
            UnexpectedResponse: The changesets do not follow one another.
        """
        changesets = [each for each in page if is_in_timeline(each)]
        if not self._tip_is_known and changesets:
            self._recognize(changesets.pop(0))
        rows = []
        for changeset in changesets:
            file = wanted(changeset)
            self._chain.add(file)
            rows.append(row_of(changeset, file))
        self.count += len(rows)
        return rows

    def end(self) -> None:
        """Take note that there are no more pages.

        Raises:
            MirrorError: The newest changeset of the mirror was not among them.
        """
        if not self._tip_is_known:
            raise self._unlike()

    def _recognize(self, changeset: Changeset) -> None:
        if self._tip is None or (changeset.index, changeset.id.lower()) != (self._tip.index, self._tip.id):
            raise self._unlike()
        self._tip_is_known = True

    def _unlike(self) -> MirrorError:
        known = "" if self._tip is None else f": changeset {self._tip.id} with index {self._tip.index} is not in it"
        return MirrorError(
            f"{self._directory} is not a mirror of the timeline that iModel {self._imodel_id} has now{known}. "
            "Mirror into another directory."
        )


@attrs.frozen
class Work:
    """What has to be done about some files of a mirror.

    Attributes:
        files: Those that have to be verified, or fetched.
        absent: Those of them that are not there.
        right: Bytes of the others, which are as they were when they were found right.
    """

    files: Sequence[MirroredFile]
    absent: frozenset[str]
    right: int

    @property
    def span(self) -> tuple[int, int] | None:
        """The indexes between which the service has to be asked for a list of links; None if that does not pay."""
        indexes = [file.wanted.index for file in self.files if file.wanted.id in self.absent]
        return (indexes[0] - 1, indexes[-1]) if len(indexes) >= _LIST_FROM else None


def work_on(files: Sequence[MirroredFile], directory: Path, verify: Verification, check: Checking) -> Work:
    """Look at files.

    Args:
        files: The files.
        directory: The mirror.
        verify: How they have to be verified.
        check: How closely to look at those that were.

    Raises:
        TransferError: The disk failed.
    """
    todo, absent, right = [], set(), 0
    for file in files:
        sure = file.state is not None and file.state.suffices(verify)
        state = None if sure and check == "none" else _present(directory, file.wanted)
        if sure and (check == "none" or (check == "size" and _is_unchanged(state, file))):
            right += file.wanted.size
            continue
        todo.append(file)
        if state is None:
            absent.add(file.wanted.id)
    return Work(todo, frozenset(absent), right)


def state_of(path: Path, verify: Verification) -> FileState:
    """Tell how a file is that was found right.

    Raises:
        TransferError: The disk failed.
    """
    with disk_errors(path, "read"):
        found = path.stat()
    return FileState(found.st_size, found.st_mtime_ns, verify)


def _present(directory: Path, file: Wanted) -> os.stat_result | None:
    path = directory / file.file_name
    with disk_errors(path, "read"):
        try:
            return path.stat()
        except FileNotFoundError:
            return None


def _is_unchanged(found: os.stat_result | None, file: MirroredFile) -> bool:
    return (
        found is not None
        and file.state is not None
        and (found.st_size, found.st_mtime_ns) == (file.state.size, file.state.mtime_ns)
    )


class Ledger:
    """Writes down which files are there, some at a time, and counts them. The transfer calls it in their order.

    Attributes:
        database: The mirror's.
        verify: How the files are verified.
        account: Counts bytes.
        downloaded: Files that were fetched.
        repaired: Those of them that had been there before.
        received: Bytes that were fetched.
    """

    def __init__(self, database: MirrorDatabase, verify: Verification, account: Account) -> None:
        """Begin.

        Args:
            database: The mirror's.
            verify: How the files are verified.
            account: Counts bytes.
        """
        self.database = database
        self.verify = verify
        self.account = account
        self._expected: deque[MirroredFile] = deque()
        self._states: list[tuple[int, FileState]] = []
        self.downloaded = self.repaired = self.received = 0

    def expect(self, file: MirroredFile) -> None:
        """Take note that a file is next."""
        self._expected.append(file)

    def enter(self, done: Downloaded) -> None:
        """Take note that the next file is there.

        Raises:
            MirrorError: The database failed.
            TransferError: The disk failed.
        """
        file = self._expected.popleft()
        if done.received:
            self.downloaded += 1
            self.repaired += file.state is not None
            self.received += done.received
        self._states.append((file.wanted.index, state_of(done.target, self.verify)))
        if len(self._states) >= _RECORD_AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write down what is not written yet.

        Raises:
            MirrorError: The database failed.
        """
        states, self._states = self._states, []
        if states:
            self.database.record(states)


def checked_checking(check: str) -> Checking:
    """Check how closely files are looked at."""
    found: dict[str, Checking] = {"none": "none", "size": "size", "id": "id"}
    return found[checks.choice("check", check, CHECKINGS)]
