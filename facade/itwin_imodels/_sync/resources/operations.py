# Made from facade/itwin_imodels/_aio/resources/operations.py by 'make unasync'. Change that file, not this one.
"""Operations of iModels: how far their creation is."""

from itwin_imodels._operations import imodels as wire
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import (
    CreateOperation,
)

__all__ = ["Operations"]


class Operations(Resource):
    """Work that the service does in the background: `client.operations`."""

    def get(self, imodel_id: str) -> CreateOperation:
        """Tell how far the creation of an iModel is.

        Args:
            imodel_id: The iModel.

        Raises:
            NotFound: There is no such iModel.

        Example:
            ```python
            operation = client.operations.get(imodel_id)
            ```

        Service operation: Get Create iModel Operation Details.
        """
        return self._session.send(wire.get_create_operation(imodel_id))
