"""Extended data of changesets."""

from collections.abc import Mapping, Sequence

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._aio.settling import create
from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._operations import changesets as wire
from itwin_imodels.models import (
    ChangesetExtendedData,
)

__all__ = ["AsyncExtendedData"]


class AsyncExtendedData(AsyncResource):
    """Data of applications kept with changesets: `client.changeset_extended_data`."""

    def list(
        self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None
    ) -> AsyncPager[ChangesetExtendedData]:
        """List the extended data of all changesets that have some.

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
            data = {each.changeset_index: each.data async for each in client.changeset_extended_data.list(imodel_id)}
            ```

        Service operation: Get iModel Changesets Extended Data.
        """
        return self._list(lambda top: wire.list_extended_data(imodel_id, top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, changeset: str | int) -> ChangesetExtendedData:
        """Get the extended data of a changeset.

        Args:
            imodel_id: The iModel.
            changeset: Id or index of the changeset.

        Raises:
            NotFound: There is no such iModel or changeset, or it has no extended data.
            UnexpectedResponse: What is kept is not a JSON object.

        Example:
            ```python
            extended_data = await client.changeset_extended_data.get(imodel_id, 7)
            ```

        Service operation: Get iModel Changeset Extended Data Details.
        """
        return await self._session.send(wire.get_extended_data(imodel_id, changeset))

    async def create(self, imodel_id: str, changeset: str | int, data: Mapping[str, object]) -> ChangesetExtendedData:
        """Keep data with a changeset. This can be done once, by who pushed it.

        If the answer is lost and the changeset has these data, they are returned.

        Args:
            imodel_id: The iModel.
            changeset: Id or index of the changeset.
            data: What has a form in JSON; at most 204,800 bytes of it.

        Returns:
            The data as it is kept.

        Raises:
            AlreadyExists: It has extended data already.
            Forbidden: Somebody else pushed it.
            NotFound: There is no such iModel or changeset.
            TypeError: The data has no form in JSON.
            ValueError: The data is too large.

        Example:
            ```python
            await client.changeset_extended_data.create(imodel_id, 7, {"source": "survey.dgn"})
            ```

        Service operation: Create iModel Changeset Extended Data.
        """
        call = wire.create_extended_data(imodel_id, changeset, data)

        async def created(_: TimeSpan) -> Sequence[ChangesetExtendedData]:
            found = await self.get(imodel_id, changeset)
            return [found] if wire.encoded(found.data) == wire.encoded(data) else []

        return await create(self._session, imodel_id, call, created)
