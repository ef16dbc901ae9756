# Made from facade/itwin_imodels/_aio/resources/operations.py by 'make unasync'. Change that file, not this one.
"""Background operations of the service: creating iModels."""

from itwin_imodels._operations import copies as wire
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import (
    CreateOperation,
)

__all__ = ["Operations"]


class Operations(Resource):
    """Background operations of the service: `client.operations`."""

    def get(self, imodel_id: str) -> CreateOperation:
        """Get the state of the creation of an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist.

        Example:
            ```python
            operation = client.operations.get(imodel_id)
            ```

        Service operation: Get Create iModel Operation Details.
        """
        return self._session.send(wire.get_create_operation(imodel_id))
