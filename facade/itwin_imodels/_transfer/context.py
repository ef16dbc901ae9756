"""What all transfers of one operation share."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from attrs import define

from itwin_imodels._core.cancellation import Cancellation, Cancelled
from itwin_imodels._core.secrets import without_query
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.progress import Progress
from itwin_imodels._transfer.refusals import Refused, refusal
from itwin_imodels._transfer.retrying import Patience
from itwin_imodels._transfer.wire import Answer, Call
from itwin_imodels._transfer.wires import Wires

Sleep = Callable[[float], None]


@define(kw_only=True)
class Context:
    """One operation: its settings, its lines, and how it is ended early.

    Attributes:
        sleep_instead: Lets seconds pass in place of the clock; for tests.
    """

    options: TransferOptions
    wires: Wires
    cancellation: Cancellation
    progress: Progress
    sleep_instead: Sleep | None = None

    def sleep(self, seconds: float) -> None:
        """Let time pass; raises `Cancelled` as soon as the operation shall end."""
        if self.sleep_instead is None:
            self.cancellation.sleep(seconds)
        else:
            self.sleep_instead(seconds)
            self.cancellation.check()

    def patience(self, renew: Callable[[], bool], busy: Callable[[], None]) -> Patience:
        """Begin to count failed tries."""
        return Patience(options=self.options, sleep=self.sleep, renew=renew, busy=busy, chance=random.random)

    @contextmanager
    def exchange(self, call: Call) -> Iterator[Answer]:
        """Send a request over a line of its own.

        Raises:
            Cancelled: The operation was ended, which looks like a failure of the connection to the line.
            ConnectionFailed: No answer came, or it ended too early.
        """
        self.cancellation.check()
        begin = time.monotonic()
        try:
            with self.wires.lend(self.cancellation) as wire, wire.send(call) as answer:
                waited = time.monotonic() - begin
                LOGGER.debug("%s %s: %d, %.3f s", call.method, without_query(call.url), answer.status, waited)
                yield answer
        except Cancelled:
            raise
        except Exception:
            self.cancellation.check()
            raise

    @contextmanager
    def success(self, call: Call, *statuses: int) -> Iterator[Answer]:
        """Send a request that has to be answered with one of some statuses.

        Raises:
            Refused: It was not.
            Cancelled: As in `exchange`.
            ConnectionFailed: As in `exchange`.
        """
        with self.exchange(call) as answer:
            if answer.status not in statuses:
                raise refused(answer)
            yield answer


def refused(answer: Answer) -> Refused:
    """Read a refusal."""
    return refusal(answer, datetime.now(UTC))
