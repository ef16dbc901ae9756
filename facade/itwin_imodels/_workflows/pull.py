"""Rules for pulls: the bounds of a range, and the order of the changesets in it."""

from pathlib import Path
from typing import Final

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.disk import disk_errors
from itwin_imodels._transfer.changeset_file import ChangesetFile, Verification
from itwin_imodels._workflows.timeline_end import early_end_error
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import Changeset, MinimalChangeset

VERIFICATIONS: Final = ("id", "size")


class ParentChain:
    """Checks that each changeset follows the one before it."""

    def __init__(self, parent_id: str | None = None) -> None:
        """Start before the first changeset.

        Args:
            parent_id: Id of the changeset that the first one must follow; empty for the baseline, None if unknown.
        """
        self._parent_id = parent_id

    @property
    def has_begun(self) -> bool:
        """Whether the parent of the next changeset is known."""
        return self._parent_id is not None

    def append(self, file: ChangesetFile) -> None:
        """Continue with the file of the next changeset.

        Raises:
            UnexpectedResponse: The changeset does not follow the one before it.
        """
        if self._parent_id is not None and file.parent_id != self._parent_id:
            raise UnexpectedResponse(
                f"iModel {file.imodel_id}: the parent of changeset {file.index} is "
                f"{file.parent_id or 'the baseline'}, but {self._parent_id or 'the baseline'} precedes it in the list "
                "of changesets. Try again; if this persists, report it to the operator of the service."
            )
        self._parent_id = file.id

    def finish(self, newest: MinimalChangeset) -> None:
        """Check that the chain ends with the newest changeset of its range.

        Raises:
            UnexpectedResponse: It ends earlier.
        """
        if self._parent_id != newest.id.lower():
            raise early_end_error(newest, f"changeset {self._parent_id}" if self._parent_id else None)


def check_parent_before(parent: MinimalChangeset, after_index: int) -> None:
    """Check that the parent of the first listed changeset of a range is before the range.

    Raises:
        UnexpectedResponse: The parent is in the range, so the list lacks it.
    """
    if parent.index > after_index:
        raise UnexpectedResponse(
            f"iModel {parent.imodel_id}: the list of changesets after index {after_index} lacks changeset "
            f"{parent.index} ({parent.id}), the parent of its first changeset. Try again; if this persists, report it "
            "to the operator of the service."
        )


@attrs.frozen(kw_only=True)
class IndexRange:
    """A part of a timeline.

    Attributes:
        after_index: Index after which the range begins.
        last_index: Last index of the range; None means the end of the timeline.
        last: The changeset with the last index; None if unknown.
        parent_id: Id of the changeset before the range; empty for the baseline, None if unknown.

    Raises:
        ValueError: The range ends before it begins.
    """

    after_index: int = 0
    last_index: int | None = None
    last: Changeset | None = None
    parent_id: str | None = None

    def __attrs_post_init__(self) -> None:
        """Check the order of the bounds."""
        if self.last_index is not None and self.last_index < self.after_index:
            raise ValueError(
                f"the range ends before it begins: `until` has index {self.last_index}, `after` has index "
                f"{self.after_index}"
            )


def check_bounds(*bounds: str | int | None) -> None:
    """Check the bounds of a range; None and the empty string are valid.

    Raises:
        TypeError: A bound is neither an id nor an index.
        ValueError: A bound is an invalid id or index.
    """
    for bound in bounds:
        if bound is not None and bound != "":
            checks.changeset(bound)


def make_directory(directory: Path) -> None:
    """Create a folder unless it exists.

    Raises:
        TransferError: The folder cannot be created.
    """
    with disk_errors(directory, "created"):
        directory.mkdir(parents=True, exist_ok=True)


def checked_verification(verify: str) -> Verification:
    """Check the value of the argument `verify`."""
    return "id" if checks.choice("verify", verify, VERIFICATIONS) == "id" else "size"
