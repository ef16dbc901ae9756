"""A common interface of both clients, so that each scenario is written once.

A scenario reads like synchronous code. On the asynchronous client, its calls are awaited, and its iterations run, on an
event loop in another thread.
"""

import inspect
from collections.abc import Iterator
from typing import Any, Self

from anyio.from_thread import BlockingPortal

from itwin_imodels import AsyncIModelsClient, IModelsClient

COLOURS = ("sync", "async")

_ASYNCHRONOUS = "itwin_imodels._aio"


class Blocking:
    """An asynchronous object, used as if it were its synchronous twin."""

    def __init__(self, portal: BlockingPortal, target: Any) -> None:
        """Drive an object on the event loop of a portal."""
        self._portal = portal
        self._target = target

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the object; ``close`` calls its ``aclose``."""
        name = "aclose" if name == "close" and hasattr(self._target, "aclose") else name
        return self._wrapped(getattr(self._target, name))

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the method, and await its result."""
        return self._wrapped(self._target(*arguments, **options))

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the object; leaving the loop early also ends its iteration."""
        iterator = aiter(self._target)
        try:
            while found := self._portal.call(_next, iterator):
                yield found[0]
        finally:
            self._portal.call(iterator.aclose)

    def __enter__(self) -> Self:
        """Enter the object."""
        self._portal.call(self._target.__aenter__)
        return self

    def __exit__(self, *failure: object) -> None:
        """Exit the object."""
        self._portal.call(self._target.__aexit__, *failure)

    def __repr__(self) -> str:
        """Return the `repr` of the object."""
        return repr(self._target)

    def _wrapped(self, value: Any) -> Any:
        if inspect.isawaitable(value):
            return self._wrapped(self._portal.call(_result, value))
        home = value.__module__ if inspect.isclass(value) else type(value).__module__
        ours = inspect.isroutine(value) or inspect.isasyncgen(value) or home.startswith(_ASYNCHRONOUS)
        return Blocking(self._portal, value) if ours else value


async def _next(iterator: Any) -> tuple[Any, ...]:
    async for item in iterator:
        return (item,)
    return ()


async def _result(awaitable: Any) -> Any:
    return await awaitable


def client_class(colour: str, portal: BlockingPortal) -> Any:
    """Return the class of the client in a color, with its constructors."""
    return IModelsClient if colour == "sync" else Blocking(portal, AsyncIModelsClient)
