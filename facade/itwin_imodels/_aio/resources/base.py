"""The base class of all resources."""

from collections.abc import Callable
from typing import Any

from itwin_imodels._aio.pager import AsyncPager, linked_pages
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._operations.call import Call
from itwin_imodels._operations.common import Listed


class AsyncResource:
    """The operations on one kind of entity."""

    def __init__(self, session: AsyncSession) -> None:
        """Create the resource of a client; only the client calls this."""
        self._session = session

    def _list(
        self,
        build: Callable[[int], Call[Listed]],
        *,
        page_size: int | None,
        limit: int | None,
        join: Callable[[Any, Any], Any] | None = None,
    ) -> AsyncPager[Any]:
        pager: AsyncPager[Any] = AsyncPager(
            linked_pages(self._session, build), page_size=page_size, limit=limit, join=join
        )
        build(1)  # check the arguments before any request is sent
        return pager
