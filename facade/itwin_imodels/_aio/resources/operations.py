"""Background operations of the service: creating iModels."""

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import copies as wire
from itwin_imodels.models import (
    CreateOperation,
)

__all__ = ["AsyncOperations"]


class AsyncOperations(AsyncResource):
    """Background operations of the service: `client.operations`."""

    async def get(self, imodel_id: str) -> CreateOperation:
        """Get the state of the creation of an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            operation = await client.operations.get(imodel_id)
            ```

        Service operation: Get Create iModel Operation Details.
        """
        return await self._session.send(wire.get_create_operation(imodel_id))
