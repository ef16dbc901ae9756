"""Changeset groups."""

from collections.abc import Sequence

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._aio.settling import create
from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._operations import changesets as wire
from itwin_imodels.models import (
    ChangesetGroup,
)

__all__ = ["AsyncChangesetGroups"]


class AsyncChangesetGroups(AsyncResource):
    """Changesets that belong together: `client.changeset_groups`."""

    def list(
        self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None
    ) -> AsyncPager[ChangesetGroup]:
        """List the changeset groups of an iModel.

        Args:
            imodel_id: The iModel.
            page_size: Entities of one request, 1 to 1000.
            limit: Entities in total at most.

        Returns:
            A list that is read while it is iterated.

        Raises:
            NotFound: There is no such iModel; raised while iterating, as every error of the service.
            ValueError: An argument is out of its bounds.

        Example:
            ```python
            open_groups = [each async for each in client.changeset_groups.list(imodel_id) if each.state == "inProgress"]
            ```

        Service operation: Get iModel Changeset Groups.
        """
        return self._list(lambda top: wire.list_groups(imodel_id, top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, group_id: str) -> ChangesetGroup:
        """Get a changeset group.

        Args:
            imodel_id: The iModel.
            group_id: The group.

        Raises:
            NotFound: There is no such iModel or group.

        Example:
            ```python
            group = await client.changeset_groups.get(imodel_id, group_id)
            ```

        Service operation: Get iModel Changeset Group Details.
        """
        return await self._session.send(wire.get_group(imodel_id, group_id))

    async def create(self, imodel_id: str, *, description: str | None = None) -> ChangesetGroup:
        """Open a changeset group; changesets are then pushed with its id.

        Args:
            imodel_id: The iModel.
            description: Its description, at most 255 characters.

        Returns:
            The group, which takes changesets.

        Raises:
            Forbidden: It needs `imodels_write`.
            NotFound: There is no such iModel.

        Example:
            ```python
            group = await client.changeset_groups.create(imodel_id, description="Nightly synchronization")
            ```

        Service operation: Create iModel Changeset Group.
        """
        call = wire.create_group(imodel_id, description=description)

        async def created(span: TimeSpan) -> Sequence[ChangesetGroup]:
            return [
                each
                async for each in self.list(imodel_id)
                if description and each.description == description and span.contains(each.created_date_time)
            ]

        return await create(self._session, imodel_id, call, created)

    async def close(self, imodel_id: str, group_id: str) -> ChangesetGroup:
        """Close a changeset group as completed; it takes no more changesets.

        Args:
            imodel_id: The iModel.
            group_id: The group.

        Returns:
            The group as it is now.

        Raises:
            Conflict: It is closed already (`ChangesetGroupIsClosed`), or the iModel is not initialized.
            Forbidden: It needs `imodels_write`.
            NotFound: There is no such iModel or group.

        Example:
            ```python
            await client.changeset_groups.close(imodel_id, group.id)
            ```

        Service operation: Update iModel Changeset Group.
        """
        return await self._session.send(wire.close_group(imodel_id, group_id))
