"""Work that goes on while its starter does something else: tasks for the asynchronous client, threads for the other."""

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from itwin_imodels._core.forks import on_fork

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

WORKERS = 32
"""How much goes on at once at most."""


async def async_blocking(function: Callable[..., T], *arguments: object) -> T:
    """Run a function that takes its time, such as one that reads a large file, without holding up the event loop."""
    import asyncio  # noqa: PLC0415 - the synchronous client does without

    return await asyncio.to_thread(function, *arguments)


def blocking(function: Callable[..., T], *arguments: object) -> T:
    """Run a function that takes its time."""
    return function(*arguments)


class AsyncPending(Generic[T]):
    """Work under way in a task."""

    def __init__(self, task: "asyncio.Task[T]") -> None:
        """Wrap a task."""
        self._task = task

    async def result(self) -> T:
        """Wait until it is done."""
        return await self._task

    async def cancel(self) -> None:
        """Give it up and wait until it is over, whatever comes of it."""
        import asyncio  # noqa: PLC0415 - the synchronous client does without

        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class AsyncBackground:
    """Starts tasks."""

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *arguments: object) -> AsyncPending[T]:
        """Begin a piece of work."""
        import asyncio  # noqa: PLC0415 - the synchronous client does without

        return AsyncPending(asyncio.create_task(function(*arguments)))

    def close(self) -> None:
        """Nothing is held: each task belongs to who started it."""


class Pending(Generic[T]):
    """Work under way in a thread."""

    def __init__(self, future: "Future[T]", work: Callable[[], T]) -> None:
        """Wrap a future of some work."""
        self._future: Future[T] | None = future
        self._work = work
        on_fork(self, Pending._forget_thread)

    def result(self) -> T:
        """Wait until it is done. A forked child, which has not got the thread, does it again."""
        return self._work() if self._future is None else self._future.result()

    def cancel(self) -> None:
        """Give it up: if it has not begun, it never does; else nobody waits for it."""
        if self._future is not None:
            self._future.cancel()

    def _forget_thread(self) -> None:
        self._future = None


class Background:
    """Starts work in threads, which it makes when they are first needed."""

    def __init__(self) -> None:
        """Begin without threads."""
        self._renew()
        on_fork(self, Background._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def start(self, function: Callable[..., T], *arguments: object) -> Pending[T]:
        """Begin a piece of work, which must be harmless to repeat."""
        work = partial(function, *arguments)
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="itwin-imodels")
            return Pending(self._executor.submit(copy_context().run, work), work)

    def close(self) -> None:
        """Give up what has not begun and wait for the rest."""
        with self._lock:
            if self._executor is not None:
                self._executor.shutdown(wait=True, cancel_futures=True)
                self._executor = None
