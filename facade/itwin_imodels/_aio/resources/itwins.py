"""iTwins."""

from functools import partial

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._platform import itwins as wire
from itwin_imodels.errors import AmbiguousName
from itwin_imodels.models import ITwin

__all__ = ["AsyncITwins"]

_MAX_NAMESAKES = 10


class AsyncITwins(AsyncResource):
    """iTwins, which contain iModels: `client.itwins`. Uses the iTwins API, at `/itwins` instead of `/imodels`."""

    def list(
        self,
        *,
        name: str | None = None,
        search: str | None = None,
        sub_class: str | None = None,
        include_inactive: bool = False,
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[ITwin]:
        """List the iTwins of which the caller is a member; the service lists at most 10,000.

        Args:
            name: Only list iTwins with exactly this name, 1 to 255 characters.
            search: Only list iTwins with this string in the name or number, 1 to 255 characters. Mutually exclusive
                with `name`.
            sub_class: Only list iTwins of this kind, such as `Project`; separate several kinds by commas.
            include_inactive: Also list iTwins whose status is `Inactive`.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            ValueError: An argument is invalid.
            ConfigurationError: The base URL of the client does not end in `/imodels`, so the URL of the iTwins API is
                unknown. Raised during iteration.

        Example:
            ```python
            async for itwin in client.itwins.list(search="bridge"):
                print(itwin.display_name, itwin.id)
            ```

        Service operation: Get my iTwins, of the iTwins API.
        """
        build = partial(
            wire.list_itwins, name=name, search=search, sub_class=sub_class, include_inactive=include_inactive
        )
        return self._list(lambda top: build(top=top), page_size=page_size, limit=limit)

    async def get(self, itwin_id: str) -> ITwin:
        """Get an iTwin.

        Args:
            itwin_id: Id of the iTwin.

        Raises:
            NotFound: The iTwin does not exist, or the caller may not see it.

        Example:
            ```python
            itwin = await client.itwins.get(itwin_id)
            ```

        Service operation: Get iTwin, of the iTwins API.
        """
        return await self._session.send(wire.get_itwin(itwin_id))

    async def get_by_name(self, name: str) -> ITwin | None:
        """Get an active iTwin by its name.

        Args:
            name: The exact name, 1 to 255 characters.

        Returns:
            The iTwin, or None if the caller is not a member of an active iTwin with this name.

        Raises:
            AmbiguousName: Several iTwins have this name.
            ValueError: The name is empty or too long.

        Example:
            ```python
            itwin = await client.itwins.get_by_name("Sun City")
            ```

        Service operation: Get my iTwins, of the iTwins API, with its filter `displayName`.
        """
        itwins = await self.list(name=name, limit=_MAX_NAMESAKES).all()
        if len(itwins) > 1:
            raise AmbiguousName.of("iTwin", name, [each.id for each in itwins])
        return itwins[0] if itwins else None
