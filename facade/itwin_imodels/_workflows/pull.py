"""Rules of pulling changesets: what a range means, how a file is named and checked, how far it is."""

import threading
from collections.abc import Callable
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Final, Literal

import attrs

from imodel_files.changesets import ChangesetFileError, compute_changeset_id
from itwin_imodels._core import checks
from itwin_imodels._transfer import DownloadItem, ProgressCallback
from itwin_imodels._transfer.disk import disk_errors
from itwin_imodels.errors import Forbidden, IntegrityError, UnexpectedResponse
from itwin_imodels.models import Changeset, ChangesetState, MinimalChangeset, StorageLink

Verification = Literal["id", "size"]
"""By what a changeset's file is known to be the right one."""

VERIFICATIONS: Final = ("id", "size")


@attrs.frozen(kw_only=True)
class Wanted:
    """The file that a changeset should have.

    Attributes:
        imodel_id: Its iModel.
        id: Id of the changeset, in lower case.
        parent_id: The changeset before it; empty for the first one.
        index: Its place in the timeline.
        size: Size of the file in bytes.
    """

    imodel_id: str
    id: str
    parent_id: str
    index: int
    size: int

    @property
    def file_name(self) -> str:
        """The name that the file gets."""
        return f"{self.id}.cs"

    def is_right(self, path: Path, verify: Verification) -> bool:
        """Tell whether a file that is there already is the right one.

        Raises:
            TransferError: It cannot be read.
        """
        with disk_errors(path, "read"):
            try:
                if path.stat().st_size != self.size:
                    return False
                return verify == "size" or compute_changeset_id(path, self.parent_id) == self.id
            except (ChangesetFileError, FileNotFoundError):
                return False

    def check(self, path: Path) -> bool:
        """Hold the content of a file that has arrived against the id.

        Raises:
            IntegrityError: It is that of no changeset, or of another one.
            TransferError: It cannot be read.
        """
        with disk_errors(path, "read"):
            try:
                found = compute_changeset_id(path, self.parent_id)
            except ChangesetFileError as error:
                raise IntegrityError(f"the content is not that of a changeset: {error.reason}") from None
        if found != self.id:
            raise IntegrityError(f"the content is that of changeset {found}")
        return True

    def link(self, changeset: Changeset) -> StorageLink:
        """Give the link to the file.

        Raises:
            Forbidden: The service gave none.
        """
        if changeset.download is None:
            raise Forbidden(
                operation="changesets.download",
                entity=f"iModel {self.imodel_id}, changeset {self.id}",
                status=403,
                code="InsufficientPermissions",
                message="The service gave no link to the file, which takes the permission imodels_read.",
            )
        return changeset.download


def wanted(changeset: MinimalChangeset) -> Wanted:
    """Tell which file a changeset should have.

    Raises:
        UnexpectedResponse: Its ids are none, so that no file could safely be named by them.
    """
    try:
        changeset_id = checks.changeset_id("id", changeset.id)
        parent_id = checks.optional_changeset_id("parent_id", changeset.parent_id) or ""
    except (TypeError, ValueError) as error:
        raise UnexpectedResponse(
            f"iModel {changeset.imodel_id}, changeset with index {changeset.index}: {error}"
        ) from None
    return Wanted(
        imodel_id=changeset.imodel_id,
        id=changeset_id,
        parent_id=parent_id,
        index=changeset.index,
        size=changeset.file_size,
    )


def is_in_timeline(changeset: MinimalChangeset) -> bool:
    """Tell whether a changeset has its file, as opposed to one whose push is under way."""
    return changeset.state != ChangesetState.WAITING_FOR_FILE


def item(
    file: Wanted,
    folder: Path,
    verify: Verification,
    *,
    link: StorageLink | None,
    fresh_link: Callable[[], StorageLink],
) -> DownloadItem:
    """Prepare the download of a changeset's file.

    Args:
        file: The file.
        folder: Where it goes.
        verify: By what it is known to be the right one.
        link: Where it is; None asks for a link, if the file is not there yet.
        fresh_link: Gets another link.
    """
    return DownloadItem(
        target=folder / file.file_name,
        link=link,
        size=file.size,
        fresh_link=fresh_link,
        check=file.check if verify == "id" else None,
        is_right=partial(file.is_right, verify=verify),
    )


class Chain:
    """Sees to it that each changeset follows the one before it."""

    def __init__(self, parent_id: str | None = None) -> None:
        """Begin.

        Args:
            parent_id: The changeset that the first one has to follow; empty for the baseline, None if it is not known.
        """
        self._parent_id = parent_id

    def add(self, changeset: Wanted) -> None:
        """Go on with a changeset.

        Raises:
            UnexpectedResponse: It does not follow the one before it.
        """
        if self._parent_id is not None and changeset.parent_id != self._parent_id:
            raise UnexpectedResponse(
                f"iModel {changeset.imodel_id}: changeset {changeset.index} is said to follow "
                f"{changeset.parent_id or 'the baseline'}, but {self._parent_id or 'the baseline'} is before it"
            )
        self._parent_id = changeset.id


@attrs.frozen(kw_only=True)
class Span:
    """A part of a timeline.

    Attributes:
        after_index: The index that it begins behind; None at the beginning.
        last_index: The last index in it; None at the end.
        parent_id: The changeset that its first one follows, if that is known; empty for the baseline.
    """

    after_index: int | None = None
    last_index: int | None = None
    parent_id: str | None = None

    def checked(self) -> "Span":
        """Give it.

        Raises:
            ValueError: It ends before it begins.
        """
        if self.last_index is not None and self.last_index < (self.after_index or 0):
            raise ValueError(f"until (index {self.last_index}) is before after (index {self.after_index})")
        return self


@attrs.frozen(kw_only=True)
class Pull:
    """What is pulled where.

    Attributes:
        imodel_id: The iModel.
        span: The part of its timeline.
        folder: Where the files go.
        verify: By what they are known to be the right ones.
    """

    imodel_id: str
    span: Span
    folder: Path
    verify: Verification


class Account:
    """Tells how far it is when the total becomes known only on the way. Safe to use from any thread."""

    def __init__(self, progress: ProgressCallback | None, total: int | None = None) -> None:
        """Begin with what is known of the total, in bytes."""
        self._progress = progress
        self._lock = threading.Lock()
        self._total = total
        self._found = 0
        self._awaited = 0
        self._told: tuple[int, int | None] | None = None

    @property
    def callback(self) -> ProgressCallback | None:
        """What the transfer is given."""
        return None if self._progress is None else self._tell

    def await_bytes(self, size: int) -> None:
        """Count a file that is to come."""
        with self._lock:
            self._awaited += size

    def found_bytes(self, size: int) -> None:
        """Count files of which the transfer hears nothing."""
        with self._lock:
            self._found += size

    def complete(self) -> None:
        """Take note that all files are counted."""
        with self._lock:
            self._total = self._awaited + self._found

    def end(self) -> None:
        """Tell that everything is there, if it was not told yet."""
        with self._lock:
            self._total = self._awaited + self._found
            told = self._told == (self._total, self._total)
        if not told:
            self._tell(self._awaited, None)

    def _tell(self, done: int, _: int | None) -> None:
        if self._progress is not None:
            with self._lock:
                self._told = done + self._found, self._total
            self._progress(*self._told)


def checked_directory(directory: str | PathLike[str]) -> Path:
    """Make a folder, if it is not there.

    Raises:
        TransferError: It cannot be made.
    """
    path = Path(directory)
    with disk_errors(path, "made"):
        path.mkdir(parents=True, exist_ok=True)
    return path


def checked_verification(verify: str) -> Verification:
    """Check by what files are verified."""
    return "id" if checks.choice("verify", verify, VERIFICATIONS) == "id" else "size"
