"""How long to wait for the answer to an upload. No I/O.

When the last byte has been handed over, much of the body may still be in the buffers of this machine or of a proxy, and
travel on at a rate that nobody here can see. Nothing moves then, but the connection is not idle.
"""

from typing import Final

from attrs import frozen

_SLOWEST: Final = 32 << 10
"""Bytes per second at which a body in buffers is expected to travel at least."""


@frozen(kw_only=True)
class AnswerTimeout:
    """How long to wait for answers.

    Attributes:
        idle: Seconds in which nothing moves, and after which an answer to a request without a body is given up.
        longest: Seconds after which every answer is given up.
    """

    idle: float
    longest: float

    def after(self, size: int, seconds: float) -> float:
        """Return the seconds to wait for an answer after a body has been handed over.

        Args:
            size: Bytes of the body.
            seconds: How long that took: on a slow line, what is left in buffers does not take longer.
        """
        return max(self.idle, min(self.longest, self.idle + max(seconds, size / _SLOWEST)))
