# Made from facade/itwin_imodels/_aio/resources/imodels.py by 'make unasync'. Change that file, not this one.
"""iModels."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._core.options import UNCHANGED, Unchanged
from itwin_imodels._operations import copies
from itwin_imodels._operations import imodels as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels.models import (
    ContainerTypes,
    CopiedIModel,
    CreatedIModel,
    CreationMode,
    Extent,
    IModel,
    IModelState,
    IModelTemplate,
    MinimalIModel,
)

__all__ = ["IModels"]


class IModels(Resource):
    """Operations on iModels: `client.imodels`."""

    @overload
    def list(
        self,
        itwin_id: str,
        *,
        name: str | None = None,
        search: str | None = None,
        state: IModelState | str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[IModel]: ...

    @overload
    def list(
        self,
        itwin_id: str,
        *,
        name: str | None = None,
        search: str | None = None,
        state: IModelState | str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[MinimalIModel]: ...

    def list(
        self,
        itwin_id: str,
        *,
        name: str | None = None,
        search: str | None = None,
        state: IModelState | str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[Any]:
        """List the iModels of an iTwin.

        Args:
            itwin_id: The iTwin.
            name: Only list the iModel with exactly this name, 1 to 255 characters.
            search: Only list iModels with this string in the name or description, 1 to 255 characters. Mutually
                exclusive with `name`.
            state: Only list iModels in this state.
            order_by: `name` or `created_date_time`, each optionally with `asc` or `desc`, such as `"name desc"`.
            detail: `full`, or `minimal` for id and display name only.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            ValueError: An argument is invalid.
            NotFound: The iTwin does not exist. Raised during iteration, like all errors from the service.

        Example:
            ```python
            for imodel in client.imodels.list(itwin_id, order_by="name"):
                print(imodel.name, imodel.state)
            ```

        Service operation: Get iTwin iModels.
        """
        build = partial(
            wire.list_imodels,
            itwin_id=itwin_id,
            name=name,
            search=search,
            state=state,
            order_by=order_by,
            detail=detail,
        )
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    def get(self, imodel_id: str) -> IModel:
        """Get an iModel.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            NotFound: The iModel does not exist, or the caller may not see it.

        Example:
            ```python
            imodel = client.imodels.get(imodel_id)
            ```

        Service operation: Get iModel Details.
        """
        return self._session.send(wire.get(imodel_id))

    def get_by_name(self, itwin_id: str, name: str) -> IModel | None:
        """Get an iModel by its name.

        Args:
            itwin_id: The iTwin.
            name: The exact name, 1 to 255 characters.

        Returns:
            The iModel, or None if no iModel has this name.

        Raises:
            NotFound: The iTwin does not exist.
            ValueError: The name is empty or too long.

        Example:
            ```python
            imodel = client.imodels.get_by_name(itwin_id, "Stadium")
            ```

        Service operation: Get iTwin iModels, with its filter `name`.
        """
        return self.list(itwin_id, name=name).first()

    def create(
        self,
        itwin_id: str,
        name: str,
        *,
        description: str | None = None,
        extent: Extent | None = None,
        creation_mode: CreationMode | str | None = None,
        template: IModelTemplate | None = None,
        baseline_file_size: int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
    ) -> CreatedIModel:
        """Create an iModel: empty, from a template, or from a baseline file that is uploaded afterwards.

        `client.create_imodel()` and its variants also upload the file and wait until the iModel is ready.

        Args:
            itwin_id: The iTwin that the iModel will belong to.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            description: Description of the new iModel, at most 255 characters.
            extent: The area on Earth that it covers.
            creation_mode: The source to create it from; by default determined by the other arguments.
            template: The iModel to create it from.
            baseline_file_size: Size in bytes of the file to create it from, at least 1. Mutually exclusive with
                `template`. Upload the file to the link `upload` of the result, then call `baseline_files.complete()`.
            containers_enabled: The kinds of containers to enable for it.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`.

        Returns:
            The iModel. It is ready once `operations.get()` returns the state `successful`.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: The iTwin, the template or its changeset does not exist.
            NotInitialized: The template is still being created.
            ValueError: An argument is invalid, or two arguments are mutually exclusive.

        Example:
            ```python
            imodel = client.imodels.create(itwin_id, "Bridge", description="North of the river")
            ```

        Service operation: Create iModel.
        """
        return self._session.send(
            wire.create(
                itwin_id=itwin_id,
                name=name,
                description=description,
                extent=extent,
                creation_mode=creation_mode,
                template=template,
                baseline_file_size=baseline_file_size,
                containers_enabled=containers_enabled,
                horizontal_crs_id=horizontal_crs_id,
            )
        )

    def update(
        self,
        imodel_id: str,
        *,
        name: str | Unchanged = UNCHANGED,
        description: str | Unchanged | None = UNCHANGED,
        extent: Extent | Unchanged | None = UNCHANGED,
    ) -> IModel:
        """Change properties of an iModel. The properties of omitted arguments keep their values.

        Args:
            imodel_id: Id of the iModel.
            name: New name of the iModel, 1 to 255 characters.
            description: New description of the iModel, at most 255 characters; None removes it.
            extent: New extent of the iModel; None removes it.

        Returns:
            The iModel after the change.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage`.
            NotFound: The iModel does not exist.
            NotInitialized: The iModel is still being created.
            ValueError: No change is given, or an argument is invalid.

        Example:
            ```python
            client.imodels.update(imodel_id, description="As built")
            ```

        Service operation: Update iModel.
        """
        return self._session.send(wire.update(imodel_id, name=name, description=description, extent=extent))

    def delete(self, imodel_id: str) -> None:
        """Delete an iModel with all its history, irrevocably.

        Args:
            imodel_id: Id of the iModel.

        Raises:
            Forbidden: The caller lacks `imodels_delete` in the iTwin.
            NotFound: The iModel does not exist.

        Example:
            ```python
            client.imodels.delete(imodel_id)
            ```

        Service operation: Delete iModel.
        """
        self._session.send(wire.delete(imodel_id))

    def clone(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
    ) -> CopiedIModel:
        """Start copying an iModel with its baseline and changesets; `client.clone_imodel()` also waits for the copy.

        Args:
            imodel_id: The iModel to copy.
            itwin_id: The iTwin of the copy.
            name: Name of the copy, 1 to 255 characters, unique within the iTwin; defaults to the name of the original.
            description: Description of the copy, at most 255 characters; defaults to the description of the original.
            changeset: Id or index of the last changeset to copy; 0 copies only the baseline. By default, all of them.
            containers_enabled: The kinds of containers to enable for the copy.

        Returns:
            The ids of the copy and the original. The copy is ready once `operations.get()` returns the state
                `successful`.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage` in the iTwin of the original or of the copy.
            NotFound: The iModel, the iTwin or the changeset does not exist.
            NotInitialized: The iModel is still being created.

        Example:
            ```python
            copy = client.imodels.clone(imodel_id, itwin_id, name="Bridge, a copy")
            ```

        Service operation: Clone iModel.
        """
        return self._session.send(
            copies.clone(
                imodel_id,
                itwin_id=itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
            )
        )

    def fork(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        preserve_history: bool | None = None,
    ) -> CopiedIModel:
        """Start forking an iModel, that is, creating a copy that stays linked to it.

        `client.fork_imodel()` also waits for the fork and describes its requirements.

        Args:
            imodel_id: The main iModel.
            itwin_id: The iTwin of the fork.
            name: Name of the fork, 1 to 255 characters, unique within the iTwin; defaults to the name of the main
                iModel.
            description: Description of the fork, at most 255 characters; defaults to the description of the main
                iModel.
            changeset: Id or index of the last changeset to copy; 0 copies only the baseline. By default, all of them.
            containers_enabled: The kinds of containers to enable for the fork.
            preserve_history: Whether to copy the changesets one by one; by default, they are merged into the baseline.

        Returns:
            The ids of the fork and the main iModel. The fork is ready once `operations.get()` returns the state
                `successful`.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage` in the iTwin of the main iModel or of the fork.
            NotFound: The iModel, the iTwin or the changeset does not exist.
            NotInitialized: The iModel is still being created.

        Example:
            ```python
            fork = client.imodels.fork(imodel_id, itwin_id, name="Bridge, variant B", preserve_history=True)
            ```

        Service operation: Fork iModel.
        """
        return self._session.send(
            copies.fork(
                imodel_id,
                itwin_id=itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
                preserve_history=preserve_history,
            )
        )
