"""Background work: tasks for the asynchronous client, threads for the synchronous one."""

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
"""Maximum number of concurrent background threads."""


async def async_blocking(function: Callable[..., T], *arguments: object) -> T:
    """Run a blocking function, such as one that reads a large file, without blocking the event loop."""
    import asyncio  # noqa: PLC0415 - not needed by the synchronous client

    return await asyncio.to_thread(function, *arguments)


def blocking(function: Callable[..., T], *arguments: object) -> T:
    """Run a blocking function."""
    return function(*arguments)


class AsyncPending(Generic[T]):
    """Background work in a task."""

    def __init__(self, task: "asyncio.Task[T]") -> None:
        """Wrap a task."""
        self._task = task

    async def result(self) -> T:
        """Wait for the work and return its result."""
        return await self._task

    async def cancel(self) -> None:
        """Cancel the work and wait until it has ended, ignoring its outcome."""
        import asyncio  # noqa: PLC0415 - not needed by the synchronous client

        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class AsyncBackground:
    """Starter of background tasks."""

    def start(self, function: Callable[..., Coroutine[Any, Any, T]], *arguments: object) -> AsyncPending[T]:
        """Start some work."""
        import asyncio  # noqa: PLC0415 - not needed by the synchronous client

        return AsyncPending(asyncio.create_task(function(*arguments)))

    def close(self) -> None:
        """Do nothing: each task is owned by its starter."""


class Pending(Generic[T]):
    """Background work in a thread."""

    def __init__(self, future: "Future[T]", work: Callable[[], T]) -> None:
        """Wrap the future of some work."""
        self._future: Future[T] | None = future
        self._work = work
        on_fork(self, Pending._forget_thread)

    def result(self) -> T:
        """Wait for the work and return its result. A forked child, which lacks the thread, repeats the work."""
        return self._work() if self._future is None else self._future.result()

    def cancel(self) -> None:
        """Cancel the work if it has not started; otherwise let it finish unobserved."""
        if self._future is not None:
            self._future.cancel()

    def _forget_thread(self) -> None:
        self._future = None


class Background:
    """Starter of background work in threads, which are created on first use."""

    def __init__(self) -> None:
        """Create a starter without threads."""
        self._renew()
        on_fork(self, Background._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def start(self, function: Callable[..., T], *arguments: object) -> Pending[T]:
        """Start some work, which must be safe to repeat."""
        work = partial(function, *arguments)
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="itwin-imodels")
            return Pending(self._executor.submit(copy_context().run, work), work)

    def close(self) -> None:
        """Cancel work that has not started, and wait for the rest."""
        with self._lock:
            if self._executor is not None:
                self._executor.shutdown(wait=True, cancel_futures=True)
                self._executor = None
