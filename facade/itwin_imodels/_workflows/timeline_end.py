"""Rules of where a timeline ends, so that a list of changesets that ends before is not taken for the whole."""

from collections.abc import Sequence
from typing import Final, TypeVar

from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import ChangesetState, MinimalChangeset

T = TypeVar("T", bound=MinimalChangeset)

LOOK_BACK: Final = 10
"""Number of the newest changesets among which one has its file: only the push under way waits for its own."""

UNKNOWN_CHANGESET: Final = "ChangesetNotFound"
"""The service's code for a changeset that it does not know."""


def is_pushed(changeset: MinimalChangeset) -> bool:
    """Return whether the push of a changeset is complete, so that it has a file."""
    return changeset.state != ChangesetState.WAITING_FOR_FILE


def newest_pushed(newest: Sequence[T]) -> T | None:
    """Return the first of some changesets whose push is complete; None if there are no changesets.

    Args:
        newest: At most `LOOK_BACK` changesets, newest first.

    Raises:
        UnexpectedResponse: So many of them wait for their files that nobody knows which one is the end.
    """
    found = next((each for each in newest if is_pushed(each)), None)
    if found is None and len(newest) >= LOOK_BACK:
        raise UnexpectedResponse(
            f"iModel {newest[0].imodel_id}: the newest {len(newest)} changesets all wait for their files, although one "
            "can be pushed at a time. Report it to the service."
        )
    return found


def ends_early(changeset: MinimalChangeset, end: str) -> UnexpectedResponse:
    """Return the error for a list of changesets that lacks its last one.

    Args:
        changeset: The changeset that the list must end with.
        end: What it ends with instead, in words.
    """
    return UnexpectedResponse(
        f"iModel {changeset.imodel_id}: the list of changesets ends with {end}, but the service has changeset "
        f"{changeset.index} ({changeset.id}). Try again; if that fails too, report it to the service."
    )


def empty_page(imodel_id: str) -> UnexpectedResponse:
    """Return the error for a list of the newest changesets that has an empty page, so that it may lack the newest."""
    return UnexpectedResponse(
        f"iModel {imodel_id}: a page of the newest changesets is empty, but links to another one. Try again; if that "
        "fails too, report it to the service."
    )


class TimelineContents:
    """Looks whether a list of a part of a timeline has the newest changeset, if that belongs to it."""

    def __init__(
        self, newest: MinimalChangeset | None, *, after_index: int | None = None, last_index: int | None = None
    ) -> None:
        """Start before the first page.

        Args:
            newest: The newest changeset when the list began.
            after_index: The list begins after this index.
            last_index: The list ends with this index.
        """
        belongs = (
            newest is not None
            and is_pushed(newest)
            and newest.index > (after_index or 0)
            and (last_index is None or newest.index <= last_index)
        )
        self._missing = newest if belongs else None
        self._greatest = 0

    def add(self, positions: tuple[int, int] | None) -> None:
        """Continue with a page whose first and last changeset are at some positions; None if it is empty."""
        self._greatest = max(self._greatest, *map(abs, positions or (0, 0)))

    def check(self) -> None:
        """Check that the list had the newest changeset.

        Raises:
            UnexpectedResponse: It did not.
        """
        if self._missing is not None and self._greatest < self._missing.index:
            raise ends_early(self._missing, f"index {self._greatest}" if self._greatest else "none")
