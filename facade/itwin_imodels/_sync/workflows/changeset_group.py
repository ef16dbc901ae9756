# Made from facade/itwin_imodels/_aio/workflows/changeset_group.py by 'make unasync'. Change that file, not this one.
"""A changeset group that is open for the duration of a block."""

from collections.abc import Generator
from contextlib import contextmanager

from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import Look
from itwin_imodels._sync.resources.changeset_groups import ChangesetGroups
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.settling import settle
from itwin_imodels._workflows import push as rules
from itwin_imodels.errors import IModelsError
from itwin_imodels.models import Changeset, ChangesetGroup, ChangesetGroupState

__all__ = ["OpenGroup"]


class OpenGroup:
    """A changeset group that is open for the duration of a block."""

    def __init__(self, session: Session, imodel_id: str) -> None:
        """Select the iModel."""
        self._groups = ChangesetGroups(session)
        self._imodel_id = imodel_id

    @contextmanager
    def opened(
        self,
        description: str | None,
        left_open: ChangesetGroup | None = None,
        *,
        first: Look[Changeset | None] | None = None,
    ) -> Generator[ChangesetGroup]:
        """Create a group, and close it as completed at the end.

        After an error, it stays open, unless `first` shows that no repeated call would use it.

        Args:
            description: Description of a new group.
            left_open: The existing group to use instead of a new one.
            first: Returns the first changeset of a new group; None if only the caller knows the changesets.
        """
        group = left_open or self._groups.create(self._imodel_id, description=description)
        try:
            yield group
            self._close(group)
        except BaseException as error:
            if rules.may_be_open(error) and (
                first is None or not isinstance(error, IModelsError) or not self._is_abandoned(group, error, first)
            ):
                error.add_note(
                    f"Changeset group {group.id} of iModel {self._imodel_id} is still open: push the remaining "
                    "changesets into it, or close it with client.changeset_groups.close()."
                )
            raise

    def _is_abandoned(self, group: ChangesetGroup, error: IModelsError, first: Look[Changeset | None]) -> bool:
        """Close a group unless a repeated call would use it after this error; return whether it is closed."""
        try:
            if not rules.is_group_unusable(error, first()):
                return False
            self._close(group)
        except IModelsError as failure:
            LOGGER.info("closing changeset group %s failed: %s", group.id, type(failure).__name__)
            return False
        return True

    def _close(self, group: ChangesetGroup) -> None:
        def closed() -> ChangesetGroup | None:
            current = self._groups.get(self._imodel_id, group.id)
            return current if current.state == ChangesetGroupState.COMPLETED else None

        settle(lambda: self._groups.close(self._imodel_id, group.id), closed)
