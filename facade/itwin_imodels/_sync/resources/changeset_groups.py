# Made from facade/itwin_imodels/_aio/resources/changeset_groups.py by 'make unasync'. Change that file, not this one.
"""Changeset groups."""

from collections.abc import Sequence

from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._operations import changesets as wire
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels._sync.settling import create
from itwin_imodels.models import (
    ChangesetGroup,
)

__all__ = ["ChangesetGroups"]


class ChangesetGroups(Resource):
    """Groups of changesets that were pushed for one purpose: `client.changeset_groups`."""

    def list(self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None) -> Pager[ChangesetGroup]:
        """List the changeset groups of an iModel.

        Args:
            imodel_id: Id of the iModel.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

        Example:
            ```python
            open_groups = [each for each in client.changeset_groups.list(imodel_id) if each.state == "inProgress"]
            ```

        Service operation: Get iModel Changeset Groups.
        """
        return self._list(lambda top: wire.list_groups(imodel_id, top=top), page_size=page_size, limit=limit)

    def get(self, imodel_id: str, group_id: str) -> ChangesetGroup:
        """Get a changeset group.

        Args:
            imodel_id: Id of the iModel.
            group_id: The group.

        Raises:
            NotFound: The iModel or the group does not exist.

        Example:
            ```python
            group = client.changeset_groups.get(imodel_id, group_id)
            ```

        Service operation: Get iModel Changeset Group Details.
        """
        return self._session.send(wire.get_group(imodel_id, group_id))

    def create(self, imodel_id: str, *, description: str | None = None) -> ChangesetGroup:
        """Create a changeset group. Pass its id to pushes as `group_id`; `client.changeset_group()` also closes it.

        If the response is lost, the group with this description that was created in the meantime is returned. If there
        is no description or there are several such groups, the error is raised.

        Args:
            imodel_id: Id of the iModel.
            description: Description of the group, at most 255 characters.

        Returns:
            The group, which accepts changesets.

        Raises:
            Forbidden: The caller lacks `imodels_write`.
            NotFound: The iModel does not exist.
            NotInitialized: The iModel is still being created.

        Example:
            ```python
            group = client.changeset_groups.create(imodel_id, description="Nightly synchronization")
            ```

        Service operation: Create iModel Changeset Group.
        """
        call = wire.create_group(imodel_id, description=description)

        def created(span: TimeSpan) -> Sequence[ChangesetGroup]:
            return [
                each
                for each in self.list(imodel_id)
                if description and each.description == description and span.contains(each.created_date_time)
            ]

        return create(self._session, imodel_id, call, created)

    def close(self, imodel_id: str, group_id: str) -> ChangesetGroup:
        """Close a changeset group as completed; no more changesets can be added to it.

        Args:
            imodel_id: Id of the iModel.
            group_id: The group.

        Returns:
            The group after the change.

        Raises:
            Conflict: The group is already closed (`ChangesetGroupIsClosed`).
            Forbidden: The caller lacks `imodels_write`.
            NotFound: The iModel or the group does not exist.
            NotInitialized: The iModel is still being created.

        Example:
            ```python
            client.changeset_groups.close(imodel_id, group.id)
            ```

        Service operation: Update iModel Changeset Group.
        """
        return self._session.send(wire.close_group(imodel_id, group_id))
