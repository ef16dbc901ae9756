"""Operations of iModels: how far their creation is."""

from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import imodels as wire
from itwin_imodels.models import (
    CreateOperation,
)

__all__ = ["AsyncOperations"]


class AsyncOperations(AsyncResource):
    """Work that the service does in the background: `client.operations`."""

    async def get(self, imodel_id: str) -> CreateOperation:
        """Tell how far the creation of an iModel is.

        Args:
            imodel_id: The iModel.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            operation = await client.operations.get(imodel_id)
            ```

        Service operation: Get Create iModel Operation Details.
        """
        return await self._session.send(wire.get_create_operation(imodel_id))
