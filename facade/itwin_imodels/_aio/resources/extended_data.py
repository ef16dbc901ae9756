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
    """Extended data that applications attach to changesets: `client.changeset_extended_data`."""

    def list(
        self, imodel_id: str, *, page_size: int | None = None, limit: int | None = None
    ) -> AsyncPager[ChangesetExtendedData]:
        """List the extended data of an iModel. Changesets without extended data are not listed.

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
            data = {each.changeset_index: each.data async for each in client.changeset_extended_data.list(imodel_id)}
            ```

        Service operation: Get iModel Changesets Extended Data.
        """
        return self._list(lambda top: wire.list_extended_data(imodel_id, top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, changeset: str | int) -> ChangesetExtendedData:
        """Get the extended data of a changeset.

        Args:
            imodel_id: Id of the iModel.
            changeset: Id or index of the changeset.

        Raises:
            NotFound: The iModel or the changeset does not exist, or the changeset has no extended data.
            UnexpectedResponse: The data is not a JSON object.

        Example:
            ```python
            extended_data = await client.changeset_extended_data.get(imodel_id, 7)
            ```

        Service operation: Get iModel Changeset Extended Data Details.
        """
        return await self._session.send(wire.get_extended_data(imodel_id, changeset))

    async def create(self, imodel_id: str, changeset: str | int, data: Mapping[str, object]) -> ChangesetExtendedData:
        """Attach data to a changeset. Only the user who pushed the changeset can do this, and only once.

        If the response is lost but the changeset then has this data, the data is returned.

        Args:
            imodel_id: Id of the iModel.
            changeset: Id or index of the changeset.
            data: JSON-serializable data, at most 204,800 bytes as JSON. If the service applies this limit to the base64
                form that is sent, it accepts at most 153,600 bytes of JSON.

        Returns:
            The data, as stored by the service.

        Raises:
            AlreadyExists: The changeset already has extended data.
            Forbidden: Another user pushed the changeset, or the caller lacks `imodels_write`.
            NotFound: The iModel or the changeset does not exist.
            TypeError: The data is not JSON-serializable.
            ValueError: The data is too large.

        Example:
            ```python
            await client.changeset_extended_data.create(imodel_id, 7, {"source": "survey.dgn"})
            ```

        Service operation: Create iModel Changeset Extended Data.
        """
        call = wire.create_extended_data(imodel_id, changeset, data)

        async def created(_: TimeSpan) -> Sequence[ChangesetExtendedData]:
            present = await self.get(imodel_id, changeset)
            return [present] if wire.encoded(present.data) == wire.encoded(data) else []

        return await create(self._session, imodel_id, call, created)
