"""Cancel the calls of a synchronous client from another thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Self

from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels.errors import Cancelled

__all__ = ["CancellationToken"]


class CancellationToken:
    """Cancels the calls that a synchronous client makes in a `with` block, from any other thread.

    The calls raise `Cancelled`: transfers and waits raise it at once; a request in progress raises it as soon as its
    connection has been cut. Partial files are kept, so that repeating the call resumes it. Tasks of an asynchronous
    client are cancelled with asyncio instead.

    Several threads may use the same token, and blocks may be nested. A token stays cancelled.

    Example:
        ```python
        token = CancellationToken()
        timer = threading.Timer(600, token.cancel)
        timer.start()
        with token:
            client.pull_changesets(imodel_id, directory)
        timer.cancel()
        ```
    """

    def __init__(self) -> None:
        """Create a token that is not cancelled."""
        self._cancellation = Cancellation()
        self._outer = threading.local()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel()` was called."""
        return self._cancellation.cancelled

    def cancel(self) -> None:
        """Cancel all calls in blocks of this token, now and later. Safe to call from any thread, and repeatedly."""
        self._cancellation.cancel()

    def __enter__(self) -> Self:
        """Begin a block.

        Raises:
            Cancelled: This token, or that of an enclosing block, is cancelled.
        """
        outer = self._outer.__dict__.setdefault("tokens", [])
        outer.append(_current.set((*_current.get(), self._cancellation)))
        try:
            check_cancelled()
        except Cancelled:
            _current.reset(outer.pop())
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the block."""
        _current.reset(self._outer.tokens.pop())


_current: ContextVar[tuple[Cancellation, ...]] = ContextVar("itwin_imodels_cancellation", default=())
"""The cancellations of all blocks around a call."""


def check_cancelled() -> None:
    """Raise `Cancelled` if the calls of this block are cancelled."""
    if _is_cancelled():
        raise cancelled_error()


def raise_if_cancelled(error: Exception) -> None:
    """Raise `Cancelled` if this block was cancelled, in place of the error of a request whose connection was cut.

    Args:
        error: The error, whose notes state whether the service may have carried out the request.
    """
    if _is_cancelled():
        cancelled = cancelled_error()
        for note in getattr(error, "__notes__", ()):
            cancelled.add_note(note)
        raise cancelled from error


@contextmanager
def cleaning_up() -> Iterator[None]:
    """Do not cancel the calls of a block, which undo what a cancelled call has begun."""
    outer = _current.set(())
    try:
        yield
    finally:
        _current.reset(outer)


@contextmanager
def async_cleaning_up() -> Iterator[None]:
    """Do the same in a task, where a cancel scope of anyio would otherwise cancel each call of the block again."""
    from anyio import CancelScope  # noqa: PLC0415 - httpx requires it; not needed by the synchronous client

    with CancelScope(shield=True):
        yield


def sleep_until_cancelled(seconds: float) -> bool:
    """Inside a token's block, sleep for the given time and return True; outside any block, return False immediately.

    Raises:
        Cancelled: The token was cancelled.
    """
    if not _current.get():
        return False
    woken = threading.Event()
    with calling_when_cancelled(woken.set):
        woken.wait(seconds)
    check_cancelled()
    return True


def _is_cancelled() -> bool:
    return any(each.cancelled for each in _current.get())


@contextmanager
def calling_when_cancelled(function: Callable[[], None]) -> Iterator[None]:
    """Call a function when the calls of this block are cancelled."""
    with ExitStack() as registered:
        for each in _current.get():
            registered.enter_context(each.calling(function))
        yield


def cancelled_error() -> Cancelled:
    """Return a new error, since an exception must not be shared between threads."""
    return Cancelled("the call was cancelled. What was received is kept: repeat the call to resume.")
