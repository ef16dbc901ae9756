"""Timeouts for the responses to uploads. No I/O.

After the last byte is handed over, much of the body may still be in buffers of this machine or of a proxy, and its
progress cannot be observed. The connection then seems idle, but it is not.
"""

from typing import Final

from attrs import frozen

_SLOWEST: Final = 32 << 10
"""Minimum expected rate in bytes per second at which a buffered body is sent."""


@frozen(kw_only=True)
class AnswerTimeout:
    """Timeouts for responses.

    Attributes:
        idle: Seconds without any progress after which the response to a request without a body times out.
        longest: Maximum number of seconds until the head of a response has arrived.
    """

    idle: float
    longest: float

    def after(self, size: int, seconds: float) -> float:
        """Return the seconds to wait for a response after a body was handed over.

        Args:
            size: Size of the body in bytes.
            seconds: Duration of the handover: on a slow line, sending the buffered rest takes at most this long.
        """
        return max(self.idle, min(self.longest, self.idle + max(seconds, size / _SLOWEST)))
