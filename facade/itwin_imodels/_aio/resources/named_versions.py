"""Named Versions."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._aio.settling import create
from itwin_imodels._core.lost_answers import TimeSpan
from itwin_imodels._core.options import UNCHANGED, Unchanged
from itwin_imodels._operations import named_versions as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels.models import Changeset, MinimalNamedVersion, NamedVersion, NamedVersionState

__all__ = ["AsyncNamedVersions"]


class AsyncNamedVersions(AsyncResource):
    """Named Versions, which are named points in the timeline: `client.named_versions`."""

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        name: str | None = None,
        search: str | None = None,
        state: NamedVersionState | str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[NamedVersion]: ...

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        name: str | None = None,
        search: str | None = None,
        state: NamedVersionState | str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[MinimalNamedVersion]: ...

    def list(
        self,
        imodel_id: str,
        *,
        name: str | None = None,
        search: str | None = None,
        state: NamedVersionState | str | None = None,
        order_by: str | Sequence[str] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[Any]:
        """List the Named Versions of an iModel, including hidden ones.

        Args:
            imodel_id: Id of the iModel.
            name: Only list the Named Version with exactly this name, 1 to 255 characters.
            search: Only list Named Versions with this string in the name or description, 1 to 255 characters. Mutually
                exclusive with `name`.
            state: Only list Named Versions in this state: `visible` or `hidden`.
            order_by: `changeset_index` or `created_date_time`, each optionally with `asc` or `desc`.
            detail: `full`, or `minimal` for id, display name and changeset only.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

        Example:
            ```python
            async for named_version in client.named_versions.list(imodel_id, order_by="changeset_index desc"):
                print(named_version.name, named_version.changeset_index)
            ```

        Service operation: Get iModel Named Versions.
        """
        build = partial(
            wire.list_named_versions,
            imodel_id,
            name=name,
            search=search,
            state=state,
            order_by=order_by,
            detail=detail,
        )
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    async def get(self, imodel_id: str, named_version_id: str) -> NamedVersion:
        """Get a Named Version.

        Args:
            imodel_id: Id of the iModel.
            named_version_id: Id of the Named Version.

        Raises:
            NotFound: The iModel or the Named Version does not exist.

        Example:
            ```python
            named_version = await client.named_versions.get(imodel_id, named_version_id)
            ```

        Service operation: Get iModel Named Version Details.
        """
        return await self._session.send(wire.get(imodel_id, named_version_id))

    async def get_by_name(self, imodel_id: str, name: str) -> NamedVersion | None:
        """Get a Named Version by its name.

        Args:
            imodel_id: Id of the iModel.
            name: The exact name, 1 to 255 characters.

        Returns:
            The Named Version, or None if no Named Version has this name.

        Raises:
            NotFound: The iModel does not exist.
            ValueError: The name is empty or too long.

        Example:
            ```python
            named_version = await client.named_versions.get_by_name(imodel_id, "Design freeze")
            ```

        Service operation: Get iModel Named Versions, with its filter `name`.
        """
        return await self.list(imodel_id, name=name).first()

    async def get_for_changeset(self, changeset: Changeset) -> NamedVersion | None:
        """Get the Named Version of a changeset.

        Args:
            changeset: A changeset returned by `changesets.get()` or a full list.

        Returns:
            The Named Version, or None if the changeset does not have one.

        Raises:
            NotFound: The iModel or the Named Version no longer exists.

        Example:
            ```python
            named_version = await client.named_versions.get_for_changeset(changeset)
            ```

        Service operation: Get iModel Named Version Details.
        """
        if changeset.named_version_id is None:
            return None
        return await self.get(changeset.imodel_id, changeset.named_version_id)

    async def create(
        self, imodel_id: str, name: str, *, changeset_id: str | None = None, description: str | None = None
    ) -> NamedVersion:
        """Create a Named Version of a point in the timeline. The service then generates a checkpoint of that point.

        If the response is lost but the Named Version was created, it is found and returned.

        Args:
            imodel_id: Id of the iModel.
            name: Name of the Named Version, 1 to 255 characters, unique within the iModel.
            changeset_id: Id of the changeset, 40 hexadecimal digits; None for the baseline.
            description: Description of the Named Version, at most 255 characters.

        Returns:
            The Named Version.

        Raises:
            AlreadyExists: The name is already in use, or the changeset already has a Named Version.
            Forbidden: The caller lacks `imodels_write`.
            NotFound: The iModel or the changeset does not exist.
            ValueError: An argument is invalid.

        Example:
            ```python
            await client.named_versions.create(imodel_id, "Design freeze", changeset_id=latest.id)
            ```

        Service operation: Create iModel Named Version.
        """
        call = wire.create(imodel_id, name=name, changeset_id=changeset_id, description=description)
        expected = (changeset_id.lower() if changeset_id else None, description or None)

        async def created(span: TimeSpan) -> Sequence[NamedVersion]:
            return [
                each
                async for each in self.list(imodel_id, name=name)
                if (each.changeset_id, each.description or None) == expected and span.contains(each.created_date_time)
            ]

        return await create(self._session, imodel_id, call, created)

    async def update(
        self,
        imodel_id: str,
        named_version_id: str,
        *,
        name: str | Unchanged = UNCHANGED,
        description: str | Unchanged | None = UNCHANGED,
        state: NamedVersionState | str | Unchanged = UNCHANGED,
    ) -> NamedVersion:
        """Change properties of a Named Version. The properties of omitted arguments keep their values.

        Args:
            imodel_id: Id of the iModel.
            named_version_id: The Named Version.
            name: New name of the Named Version, 1 to 255 characters.
            description: New description of the Named Version, at most 255 characters; None removes it.
            state: `visible` or `hidden`.

        Returns:
            The Named Version after the change.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_write`.
            NotFound: The iModel or the Named Version does not exist.
            ValueError: No change is given, or an argument is invalid.

        Example:
            ```python
            await client.named_versions.update(imodel_id, named_version.id, state="hidden")
            ```

        Service operation: Update iModel Named Version.
        """
        return await self._session.send(
            wire.update(imodel_id, named_version_id, name=name, description=description, state=state)
        )
