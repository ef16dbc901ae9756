# Made from facade/itwin_imodels/_aio/resources/base.py by 'make unasync'. Change that file, not this one.
"""The base class of all resources."""

from collections.abc import Callable
from typing import Any

from itwin_imodels._operations.call import Call
from itwin_imodels._operations.common import Listed
from itwin_imodels._sync.pager import Pager, linked_pages
from itwin_imodels._sync.session import Session


class Resource:
    """The operations on one kind of entity."""

    def __init__(self, session: Session) -> None:
        """Create the resource of a client; only the client calls this."""
        self._session = session

    def _list(
        self,
        build: Callable[[int], Call[Listed]],
        *,
        page_size: int | None,
        limit: int | None,
        join: Callable[[Any, Any], Any] | None = None,
    ) -> Pager[Any]:
        pager: Pager[Any] = Pager(linked_pages(self._session, build), page_size=page_size, limit=limit, join=join)
        build(1)  # check the arguments before any request is sent
        return pager
