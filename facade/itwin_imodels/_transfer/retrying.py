"""Whether and when to retry failed attempts."""

import random
import time
from collections.abc import Callable
from math import inf
from typing import TypeVar

import attrs
from attrs import define, field, frozen

from itwin_imodels._core.backoff import TRANSFER
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.refusals import Refused
from itwin_imodels._transfer.upload_source import SourceChangedError
from itwin_imodels.errors import ConnectionFailed, IntegrityError

T = TypeVar("T")


class Changed(Exception):  # noqa: N818 - not an error: the download starts again
    """The file in the storage is no longer the partly downloaded one."""


@frozen(kw_only=True)
class Circumstances:
    """The circumstances of a failed attempt.

    Attributes:
        tries: Number of failed attempts since the last progress, including this one.
        idle: Seconds since the last progress.
        mismatches: Number of times that the content was wrong, including this one.
        renewed: Whether a new link was obtained.
        link_age: Seconds since the link was obtained.
    """

    tries: int = 1
    idle: float = 0.0
    mismatches: int = 0
    renewed: bool = False
    link_age: float = inf


def wait_after(
    error: BaseException, circumstances: Circumstances, options: TransferOptions, chance: Callable[[], float]
) -> float | None:
    """Return how long to wait after a failed attempt.

    Args:
        error: The error of the attempt.
        circumstances: The circumstances of the attempt.
        options: The settings.
        chance: Returns a random number from 0 to 1.

    Returns:
        Seconds to wait before the next attempt; None to give up.
    """
    is_over = circumstances.tries > options.retries or circumstances.idle >= options.deadline
    if is_over or isinstance(error, SourceChangedError):
        return None
    if isinstance(error, IntegrityError):
        return 0.0 if circumstances.mismatches <= 1 else None
    backoff = attrs.evolve(TRANSFER, chance=chance)
    if isinstance(error, Refused) and error.about_link:
        youth = options.link_patience - circumstances.link_age if error.premature else 0.0
        return 0.0 if circumstances.renewed else backoff.wait_within(youth, circumstances.tries)
    if isinstance(error, Changed) and circumstances.tries == 1:
        return 0.0
    if not isinstance(error, Changed | ConnectionFailed) and not (isinstance(error, Refused) and error.transient):
        return None
    asked = error.retry_after if isinstance(error, Refused) else None
    wait = backoff.wait(circumstances.tries, asked=asked)
    return wait if circumstances.idle + wait < options.deadline else None


def _infinite() -> float:
    return inf


@define
class Patience:
    """Repeats a piece of work until it succeeds or its retries are exhausted."""

    options: TransferOptions
    sleep: Callable[[float], None]
    renew: Callable[[], bool]
    """Obtains a new link after one was rejected; returns whether there is one."""
    busy: Callable[[], None]
    """Called when the storage is busy."""
    link_age: Callable[[], float] = _infinite
    """Returns the age of the rejected link in seconds."""
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    _tries: int = 0
    _mismatches: int = 0
    _moved: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start counting."""
        self._moved = self.clock()

    def progressed(self) -> None:
        """Record progress, which restarts the limits."""
        self._tries = 0
        self._moved = self.clock()

    def keep_trying(self, work: Callable[[], T], what: str) -> T:
        """Repeat a piece of work until it succeeds or another attempt is useless.

        Args:
            work: The work; each call continues from the current position.
            what: Description of the work for the log.

        Raises:
            Exception: The error of the last attempt.
        """
        self.progressed()  # so that earlier work and waits do not count
        while True:
            try:
                return work()
            except Exception as error:
                wait = self._wait_after(error)
                if wait is None:
                    raise
                text = "%s: attempt %d failed: %s; retrying in %.1f s"
                LOGGER.info(text, what, self._tries, error, wait, extra={"retry_in": wait})
            self.sleep(wait)

    def _wait_after(self, error: BaseException) -> float | None:
        self._tries += 1
        self._mismatches += isinstance(error, IntegrityError)
        renewed = False
        if isinstance(error, Refused):
            if error.busy:
                self.busy()
            renewed = error.about_link and self._tries <= self.options.retries and self.renew()
        idle = self.clock() - self._moved
        circumstances = Circumstances(
            tries=self._tries, idle=idle, mismatches=self._mismatches, renewed=renewed, link_age=self.link_age()
        )
        return wait_after(error, circumstances, self.options, self.chance)
