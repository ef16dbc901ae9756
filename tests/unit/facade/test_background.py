"""Background work of both clients."""

import asyncio
import threading
from contextvars import ContextVar

import pytest

from itwin_imodels._core.background import WORKERS, AsyncBackground, Background

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


def test_a_thread_gives_the_result_or_the_failure() -> None:
    """The caller that waits for it gets the result or the error."""
    background = Background()
    assert background.start(divmod, 7, 2).result() == (3, 1)
    with pytest.raises(ZeroDivisionError):
        background.start(divmod, 7, 0).result()
    background.close()


def test_a_task_gives_the_result_or_the_failure() -> None:
    """The caller that waits for it gets the result or the error."""

    async def divided(number: int, by: int) -> tuple[int, int]:
        await asyncio.sleep(0)
        return divmod(number, by)

    async def scenario() -> None:
        background = AsyncBackground()
        assert await background.start(divided, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await background.start(divided, 7, 0).result()
        background.close()

    asyncio.run(scenario())


def test_threads_work_at_the_same_time_in_the_context_of_their_starter() -> None:
    """Spans and the like belong to who began the work."""
    background = Background()
    meeting = threading.Barrier(4, timeout=10)

    def work() -> str:
        meeting.wait()
        return WHO.get()

    token = WHO.set("ada")
    pending = [background.start(work) for _ in range(4)]
    WHO.reset(token)
    assert [each.result() for each in pending] == ["ada"] * 4
    background.close()


def test_no_thread_is_made_before_there_is_work() -> None:
    """Closing without work has no effect."""
    before = set(threading.enumerate())
    background = Background()
    background.close()
    background.close()
    assert not [each for each in set(threading.enumerate()) - before if each.name.startswith("itwin-imodels")]


def test_closing_gives_up_what_has_not_begun_and_waits_for_the_rest() -> None:
    """No thread is left."""
    background = Background()
    begun = threading.Semaphore(0)
    go_on = threading.Event()
    done: list[int] = []
    workers: set[threading.Thread] = set()

    def work(number: int) -> None:
        workers.add(threading.current_thread())
        begun.release()
        go_on.wait(10)
        done.append(number)

    pending = [background.start(work, number) for number in range(WORKERS + 5)]
    for _ in range(WORKERS):
        assert begun.acquire(timeout=10)
    pending[-1].cancel()
    pending[0].cancel()  # it has begun: nobody waits for it any more
    closing = threading.Thread(target=background.close)
    closing.start()
    go_on.set()
    closing.join()
    assert sorted(done) == list(range(WORKERS))
    assert not [each for each in workers if each.is_alive()]


def test_a_task_that_is_given_up_is_over_afterwards() -> None:
    """This applies to a task that runs, is complete or has failed; its error is discarded."""

    async def scenario() -> None:
        background = AsyncBackground()
        over: list[str] = []

        async def wait() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                over.append("waiting")

        async def fail() -> None:
            raise ZeroDivisionError

        for pending in (background.start(wait), background.start(fail), background.start(asyncio.sleep, 0)):
            await asyncio.sleep(0.01)
            await pending.cancel()
        assert over == ["waiting"]
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


def test_who_gives_up_work_can_be_cancelled_meanwhile() -> None:
    """The cancellation is not lost in that of the work."""

    async def scenario() -> None:
        background = AsyncBackground()
        leave = asyncio.Event()

        async def stubborn() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                await leave.wait()

        pending = background.start(stubborn)
        await asyncio.sleep(0)
        giving_up = asyncio.create_task(pending.cancel())
        await asyncio.sleep(0)
        giving_up.cancel()
        await asyncio.sleep(0)
        leave.set()
        with pytest.raises(asyncio.CancelledError):
            await giving_up

    asyncio.run(scenario())
