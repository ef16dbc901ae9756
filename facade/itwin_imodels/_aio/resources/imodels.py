"""iModels."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._core.options import UNCHANGED, Unchanged
from itwin_imodels._operations import imodels as wire
from itwin_imodels._operations.common import Detail
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

__all__ = ["AsyncIModels"]


class AsyncIModels(AsyncResource):
    """iModels: `client.imodels`."""

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
    ) -> AsyncPager[IModel]: ...

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
    ) -> AsyncPager[MinimalIModel]: ...

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
    ) -> AsyncPager[Any]:
        """List the iModels of an iTwin.

        Args:
            itwin_id: The iTwin.
            name: Only the one with this name, 1 to 255 characters.
            search: Only those with this text in name or description, 1 to 255 characters; not together with `name`.
            state: Only those in this state.
            order_by: `name` or `created_date_time`, each with `asc` or `desc`, such as `"name desc"`.
            detail: `full`, or `minimal` for id and display name alone.
            page_size: Entities of one request, 1 to 1000.
            limit: Entities in total at most.

        Returns:
            A list that is read while it is iterated.

        Raises:
            ValueError: An argument is out of its bounds.
            ValidationFailed: There is no such iTwin; raised while iterating, as every error of the service.

        Example:
            ```python
            async for imodel in client.imodels.list(itwin_id, order_by="name"):
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

    async def get(self, imodel_id: str) -> IModel:
        """Get an iModel.

        Args:
            imodel_id: Its id.

        Raises:
            NotFound: There is no such iModel, or the caller may not see it.

        Example:
            ```python
            imodel = await client.imodels.get(imodel_id)
            ```

        Service operation: Get iModel Details.
        """
        return await self._session.send(wire.get(imodel_id))

    async def get_by_name(self, itwin_id: str, name: str) -> IModel | None:
        """Get the iModel that has a name.

        Args:
            itwin_id: The iTwin.
            name: The whole name, 1 to 255 characters.

        Returns:
            The iModel, or None when there is none with this name.

        Raises:
            NotFound: There is no such iTwin.
            ValueError: The name is empty or too long.

        Example:
            ```python
            imodel = await client.imodels.get_by_name(itwin_id, "Stadium")
            ```

        Service operation: Get iTwin iModels, with its filter `name`.
        """
        return await self.list(itwin_id, name=name).first()

    async def create(
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

        Args:
            itwin_id: The iTwin it will belong to.
            name: Its name, 1 to 255 characters, unique in the iTwin.
            description: Its description, at most 255 characters.
            extent: The part of the Earth that it covers.
            creation_mode: From what it is created; follows from the other arguments when left out.
            template: The iModel to create it from.
            baseline_file_size: Size in bytes of the file to create it from; not together with `template`. The file goes
                to the answer's `upload`, then `baseline_files.complete()` tells the service.
            containers_enabled: The kinds of containers it shall have.
            horizontal_crs_id: Id of its coordinate system, such as `EPSG:3857`.

        Returns:
            The iModel. It can be worked on once `operations.get()` says `successful`.

        Raises:
            AlreadyExists: The name is taken.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: There is no such iTwin or template.
            ValueError: An argument is out of its bounds, or two exclude each other.

        Example:
            ```python
            imodel = await client.imodels.create(itwin_id, "Bridge", description="North of the river")
            ```

        Service operation: Create iModel.
        """
        return await self._session.send(
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

    async def update(
        self,
        imodel_id: str,
        *,
        name: str | Unchanged = UNCHANGED,
        description: str | Unchanged | None = UNCHANGED,
        extent: Extent | Unchanged | None = UNCHANGED,
    ) -> IModel:
        """Change an iModel. What is left out stays as it is.

        Args:
            imodel_id: The iModel.
            name: Its new name, 1 to 255 characters.
            description: Its new description, at most 255 characters; None removes it.
            extent: Its new extent; None removes it.

        Returns:
            The iModel as it is now.

        Raises:
            AlreadyExists: The name is taken.
            Forbidden: It needs `imodels_manage`.
            NotFound: There is no such iModel.
            ValueError: Nothing is to be changed, or an argument is out of its bounds.

        Example:
            ```python
            await client.imodels.update(imodel_id, description="As built")
            ```

        Service operation: Update iModel.
        """
        return await self._session.send(wire.update(imodel_id, name=name, description=description, extent=extent))

    async def delete(self, imodel_id: str) -> None:
        """Delete an iModel with all its history, for good.

        Args:
            imodel_id: The iModel.

        Raises:
            Forbidden: It needs `imodels_delete`.
            NotFound: There is no such iModel.

        Example:
            ```python
            await client.imodels.delete(imodel_id)
            ```

        Service operation: Delete iModel.
        """
        await self._session.send(wire.delete(imodel_id))

    async def clone(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
    ) -> CopiedIModel:
        """Begin to copy an iModel with its baseline and changesets.

        Args:
            imodel_id: The iModel to copy.
            itwin_id: The iTwin of the copy.
            name: Name of the copy, 1 to 255 characters; by default that of the original.
            description: Description of the copy, at most 255 characters; by default that of the original.
            changeset: Id or index of the last changeset to copy; 0 copies the baseline alone; by default all.
            containers_enabled: The kinds of containers the copy shall have.

        Returns:
            The copy's id. It can be worked on once `operations.get()` says `successful`.

        Raises:
            AlreadyExists: The name is taken.
            NotFound: There is no such iModel, iTwin or changeset.

        Example:
            ```python
            copy = await client.imodels.clone(imodel_id, itwin_id, name="Bridge, a copy")
            ```

        Service operation: Clone iModel.
        """
        return await self._session.send(
            wire.clone(
                imodel_id,
                itwin_id=itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
            )
        )

    async def fork(
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
        """Begin to fork an iModel: a copy that stays related to its main iModel.

        Args:
            imodel_id: The main iModel.
            itwin_id: The iTwin of the fork.
            name: Name of the fork, 1 to 255 characters; by default that of the main iModel.
            description: Description of the fork, at most 255 characters; by default that of the main iModel.
            changeset: Id or index of the last changeset to take; 0 takes the baseline alone; by default all.
            containers_enabled: The kinds of containers the fork shall have.
            preserve_history: Whether the changesets are copied one by one instead of being merged into the baseline.

        Returns:
            The fork's id. It can be worked on once `operations.get()` says `successful`.

        Raises:
            AlreadyExists: The name is taken.
            NotFound: There is no such iModel, iTwin or changeset.

        Example:
            ```python
            fork = await client.imodels.fork(imodel_id, itwin_id, name="Bridge, variant B", preserve_history=True)
            ```

        Service operation: Fork iModel.
        """
        return await self._session.send(
            wire.fork(
                imodel_id,
                itwin_id=itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
                preserve_history=preserve_history,
            )
        )
