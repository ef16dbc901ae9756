"""A common interface of both clients that also covers their context managers."""

from typing import Any

from anyio.from_thread import BlockingPortal

from itwin_imodels import AsyncIModelsClient, IModelsClient
from tests.behaviour.helpers.driving import Blocking


class Driven(Blocking):
    """An asynchronous object or context manager, used as if it were its synchronous twin."""

    def __enter__(self) -> Any:
        """Enter the object."""
        entered = self._portal.call(self._target.__aenter__)
        return self if entered is self._target else self._wrapped(entered)

    def __exit__(self, *failure: object) -> Any:
        """Exit the object."""
        return self._portal.call(self._target.__aexit__, *failure)

    def _wrapped(self, value: Any) -> Any:
        found = super()._wrapped(value)
        if isinstance(found, Blocking):
            return Driven(self._portal, found._target)
        return Driven(self._portal, found) if hasattr(found, "__aenter__") else found


def client_class(colour: str, portal: BlockingPortal) -> Any:
    """Return the class of the client in a color, with its constructors."""
    return IModelsClient if colour == "sync" else Driven(portal, AsyncIModelsClient)
