"""Run blocking transfers in a separate thread, and wait for that thread or await it.

Both classes have the same methods, so that synchronous code can be generated from asynchronous code. An instance is
created for each operation.
"""

import asyncio
import concurrent.futures
import contextvars
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar, cast

from itwin_imodels._core.cancellation import Cancellation, Cancelled
from itwin_imodels._core.cancelling import async_cleaning_up, calling_when_cancelled, cancelled_error
from itwin_imodels._transfer.crew import GRACE

P = ParamSpec("P")
T = TypeVar("T")

_GRACE = GRACE + 1.0
"""Seconds after which a cancelled transfer is abandoned: a thread cannot be woken up while it looks up a host,
connects, or waits for a disk. It ends after that without any further effect."""

_POLL = 0.2
"""Interval in seconds at which the waiting thread wakes up, so that it handles signals on every system."""


def _retrieve_outcome(outcome: "asyncio.Future[Any]") -> None:
    """Retrieve the outcome of an abandoned future, so that asyncio does not warn about it."""
    if not outcome.cancelled():
        outcome.exception()


def _started(
    function: Callable[..., T], *arguments: object, **options: object
) -> tuple["concurrent.futures.Future[T]", threading.Thread]:
    """Call a function in a daemon thread."""
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
    context = contextvars.copy_context()

    def work() -> None:
        try:
            result = context.run(function, *arguments, **options)
        except BaseException as error:  # noqa: BLE001 - raised by the waiting thread
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    thread = threading.Thread(target=work, name="transfer", daemon=True)
    thread.start()
    return outcome, thread


class AsyncRunner:
    """Runs a transfer for a task. When the task is cancelled, the runner waits for the transfer to end.

    Attributes:
        cancellation: Cancels the transfer.
    """

    def __init__(self, cancellation: Cancellation | None = None) -> None:
        """Create the runner of an operation in the running event loop."""
        self.cancellation = cancellation or Cancellation()
        self._loop = asyncio.get_running_loop()
        self._iterators: list[Any] = []

    async def run(self, function: Callable[..., T], *arguments: object, **options: object) -> T:
        """Run a transfer; `cancellation` is added to its arguments.

        Raises:
            BaseException: Any exception of the transfer.
        """
        outcome = asyncio.wrap_future(_started(function, *arguments, cancellation=self.cancellation, **options)[0])
        try:
            return await asyncio.shield(outcome)
        except asyncio.CancelledError:
            self.cancellation.cancel()
            outcome.add_done_callback(_retrieve_outcome)
            with async_cleaning_up():
                await asyncio.wait([outcome], timeout=_GRACE)
            raise
        finally:
            with async_cleaning_up():
                await self._close_iterators()

    async def _close_iterators(self) -> None:
        for iterator in self._iterators:
            if hasattr(iterator, "aclose"):
                with suppress(RuntimeError):  # an abandoned thread still waits for it
                    await iterator.aclose()

    def call(self, function: Callable[P, Awaitable[T]]) -> Callable[P, T]:
        """Return a function that the transfer can call in place of a coroutine function."""

        async def awaited(*arguments: P.args, **options: P.kwargs) -> T:
            return await function(*arguments, **options)

        def called(*arguments: P.args, **options: P.kwargs) -> T:
            self.cancellation.check()
            future = asyncio.run_coroutine_threadsafe(awaited(*arguments, **options), self._loop)
            with self.cancellation.calling(lambda: cast("None", future.cancel())):
                try:
                    return future.result()
                except concurrent.futures.CancelledError:
                    self.cancellation.check()
                    raise

        return called

    def iterate(self, items: AsyncIterable[T]) -> Iterator[T]:
        """Return an iterator that the transfer can use in place of an asynchronous one."""
        iterator = aiter(items)
        self._iterators.append(iterator)
        end = object()

        async def following() -> T | object:
            return await anext(iterator, end)

        take = self.call(following)
        while (item := take()) is not end:
            yield cast("T", item)


class Runner:
    """Runs a transfer for a thread. When the thread is interrupted, the runner waits for the transfer to end.

    Attributes:
        cancellation: Cancels the transfer.
    """

    def __init__(self, cancellation: Cancellation | None = None) -> None:
        """Create the runner of an operation."""
        self.cancellation = cancellation or Cancellation()

    def run(self, function: Callable[..., T], *arguments: object, **options: object) -> T:
        """Run a transfer; `cancellation` is added to its arguments.

        Raises:
            BaseException: Any exception of the transfer.
        """
        with calling_when_cancelled(lambda: self.cancellation.cancel(cancelled_error())):
            return self._waited_for(function, *arguments, **options)

    def _waited_for(self, function: Callable[..., T], *arguments: object, **options: object) -> T:
        outcome, thread = _started(function, *arguments, cancellation=self.cancellation, **options)
        try:
            while thread.is_alive() and not self.cancellation.cancelled:
                thread.join(_POLL)
        except BaseException:  # Ctrl-C
            self.cancellation.cancel()
            thread.join(_GRACE)
            raise
        thread.join(_GRACE)
        if thread.is_alive():
            raise self.cancellation.reason or Cancelled("the transfer was cancelled")
        return outcome.result()

    def call(self, function: Callable[P, T]) -> Callable[P, T]:
        """Return the function, which the transfer can call directly."""
        return function

    def iterate(self, items: Iterable[T]) -> Iterator[T]:
        """Return an iterator for the transfer."""
        return iter(items)
