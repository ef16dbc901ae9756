"""What all resources have in common."""

from collections.abc import Callable
from typing import Any

from itwin_imodels._aio.pager import AsyncPager, linked
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._operations.call import Call
from itwin_imodels._operations.common import Listed


class AsyncResource:
    """One kind of entity, and what can be done with it."""

    def __init__(self, session: AsyncSession) -> None:
        """Bind it to a client; the client does this."""
        self._session = session

    def _list(
        self,
        build: Callable[[int], Call[Listed]],
        *,
        page_size: int | None,
        limit: int | None,
        join: Callable[[Any, Any], Any] | None = None,
    ) -> AsyncPager[Any]:
        pager: AsyncPager[Any] = AsyncPager(linked(self._session, build), page_size=page_size, limit=limit, join=join)
        build(1)  # what the caller gave is checked before anything is sent
        return pager
