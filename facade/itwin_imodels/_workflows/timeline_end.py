"""Rules that detect lists of changesets that end before the end of the timeline."""

from collections.abc import Sequence
from typing import Final, TypeVar

from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import ChangesetState, MinimalChangeset

T = TypeVar("T", bound=MinimalChangeset)

LOOK_BACK: Final = 10
"""How many of the newest changesets to search for a pushed one; only the push in progress should lack a file."""

UNKNOWN_CHANGESET: Final = "ChangesetNotFound"
"""The service's error code for a missing changeset."""


def is_pushed(changeset: MinimalChangeset) -> bool:
    """Return whether the push of a changeset is complete, so that it has a file."""
    return changeset.state != ChangesetState.WAITING_FOR_FILE


def newest_pushed(newest: Sequence[T]) -> T | None:
    """Return the newest of the given changesets whose push is complete; None if there is none.

    Args:
        newest: At most `LOOK_BACK` changesets, newest first.

    Raises:
        UnexpectedResponse: All `LOOK_BACK` changesets are waiting for their files, so the end is unknown.
    """
    found = next((each for each in newest if is_pushed(each)), None)
    if found is None and len(newest) >= LOOK_BACK:
        raise UnexpectedResponse(
            f"iModel {newest[0].imodel_id}: the newest {len(newest)} changesets are all waiting for their files, "
            "although only one can be pushed at a time. Report this to the operator of the service."
        )
    return found


def early_end_error(changeset: MinimalChangeset, end: str | None) -> UnexpectedResponse:
    """Return the error for a list of changesets that lacks its last one.

    Args:
        changeset: The changeset that the list must end with.
        end: Description of the actual end, such as `index 7`; None if the list is empty.
    """
    end_of_list = "is empty" if end is None else f"ends with {end}"
    return UnexpectedResponse(
        f"iModel {changeset.imodel_id}: the list of changesets {end_of_list}, but the service has changeset "
        f"{changeset.index} ({changeset.id}). Try again; if this persists, report it to the operator of the service."
    )


def empty_page_error(imodel_id: str) -> UnexpectedResponse:
    """Return the error for an empty page in a list of the newest changesets, which may therefore be incomplete."""
    return UnexpectedResponse(
        f"iModel {imodel_id}: a page of the newest changesets is empty, but links to another page. Try again; if this "
        "persists, report it to the operator of the service."
    )


class TimelineContents:
    """Checks that the list of a part of a timeline contains the newest changeset if it belongs to the part."""

    def __init__(
        self, newest: MinimalChangeset | None, *, after_index: int | None = None, last_index: int | None = None
    ) -> None:
        """Create the check before the first page.

        Args:
            newest: The newest changeset at the time of the first request; None if there was none.
            after_index: Index after which the list begins; None means 0.
            last_index: Last index of the list; None means no bound.
        """
        belongs = (
            newest is not None
            and is_pushed(newest)
            and newest.index > (after_index or 0)
            and (last_index is None or newest.index <= last_index)
        )
        self._missing = newest if belongs else None
        self._highest = 0

    def add(self, positions: tuple[int, int] | None) -> None:
        """Add a page, given the positions of its first and last changeset; None if it is empty."""
        self._highest = max(self._highest, *map(abs, positions or (0, 0)))

    def check(self) -> None:
        """Check that the list contained the newest changeset.

        Raises:
            UnexpectedResponse: The newest changeset is missing.
        """
        if self._missing is not None and self._highest < self._missing.index:
            raise early_end_error(self._missing, f"index {self._highest}" if self._highest else None)
