"""A changeset group that is open for the duration of a block."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from itwin_imodels._aio.resources.changeset_groups import AsyncChangesetGroups
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.settling import settle
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import AsyncLook
from itwin_imodels._workflows import push as rules
from itwin_imodels.errors import IModelsError
from itwin_imodels.models import Changeset, ChangesetGroup, ChangesetGroupState

__all__ = ["AsyncOpenGroup"]


class AsyncOpenGroup:
    """A changeset group that is open for the duration of a block."""

    def __init__(self, session: AsyncSession, imodel_id: str) -> None:
        """Select the iModel."""
        self._groups = AsyncChangesetGroups(session)
        self._imodel_id = imodel_id

    @asynccontextmanager
    async def opened(
        self,
        description: str | None,
        left_open: ChangesetGroup | None = None,
        *,
        first: AsyncLook[Changeset | None] | None = None,
    ) -> AsyncGenerator[ChangesetGroup]:
        """Create a group, and close it as completed at the end.

        After an error, it stays open, unless `first` shows that no repeated call would use it.

        Args:
            description: Description of a new group.
            left_open: The existing group to use instead of a new one.
            first: Returns the first changeset of a new group; None if only the caller knows the changesets.
        """
        group = left_open or await self._groups.create(self._imodel_id, description=description)
        try:
            yield group
            await self._close(group)
        except BaseException as error:
            if rules.may_be_open(error) and (
                first is None
                or not isinstance(error, IModelsError)
                or not await self._is_abandoned(group, error, first)
            ):
                error.add_note(
                    f"Changeset group {group.id} of iModel {self._imodel_id} is still open: push the remaining "
                    "changesets into it, or close it with client.changeset_groups.close()."
                )
            raise

    async def _is_abandoned(
        self, group: ChangesetGroup, error: IModelsError, first: AsyncLook[Changeset | None]
    ) -> bool:
        """Close a group unless a repeated call would use it after this error; return whether it is closed."""
        try:
            if not rules.is_group_unusable(error, await first()):
                return False
            await self._close(group)
        except IModelsError as failure:
            LOGGER.info("closing changeset group %s failed: %s", group.id, type(failure).__name__)
            return False
        return True

    async def _close(self, group: ChangesetGroup) -> None:
        async def closed() -> ChangesetGroup | None:
            current = await self._groups.get(self._imodel_id, group.id)
            return current if current.state == ChangesetGroupState.COMPLETED else None

        await settle(lambda: self._groups.close(self._imodel_id, group.id), closed)
