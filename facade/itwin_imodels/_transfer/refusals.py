"""Refusals of the storage: what their answers say, and what it means. No I/O."""

import re
from datetime import datetime
from typing import Final

from itwin_imodels._core.retrying import retry_after_seconds
from itwin_imodels._transfer.wire import Answer, read_some
from itwin_imodels.errors import TransferError

_CODE = re.compile(rb"<Code>([A-Za-z]{1,64})</Code>")
_CODE_NAME = re.compile(r"[A-Za-z]{1,64}")
_LONGEST_BODY = 16 << 10

_BUSY: Final = frozenset({429, 503})
_PASSING: Final = frozenset({408, 425, 429})
_LINK_STATUSES: Final = frozenset({401, 403, 404, 410})
_LINK_CODES: Final = frozenset({"ExpiredToken", "AuthenticationFailed"})
_SERVER_ERRORS: Final = range(500, 600)
_NEVER: Final = frozenset({501, 505})  # what the storage cannot do now, it cannot do later


class Refused(TransferError):  # noqa: N818 - named like the other errors, by what happened
    """The storage answered something else than success.

    Attributes:
        status: HTTP status.
        code: The storage's code, such as `BlobNotFound`; empty without one.
        retry_after: Seconds after which the storage asks to try again.
    """

    def __init__(self, status: int, code: str = "", retry_after: float | None = None) -> None:
        """Put the facts together."""
        super().__init__(f"the storage answered {status}{f' ({code})' if code else ''}")
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def busy(self) -> bool:
        """Whether the storage has too much to do."""
        return self.status in _BUSY

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in _PASSING or (self.status in _SERVER_ERRORS and self.status not in _NEVER)

    @property
    def about_link(self) -> bool:
        """Whether another link may help."""
        return self.status in _LINK_STATUSES or self.code in _LINK_CODES

    @property
    def expired(self) -> bool:
        """Whether the link does not hold, as opposed to leading nowhere."""
        return self.status in {401, 403} or self.code in _LINK_CODES


def refusal(answer: Answer, now: datetime) -> Refused:
    """Read a refusal. Nothing but its code is kept of the body, which may repeat what was sent.

    Args:
        answer: The answer, its body unread.
        now: The present time, with its zone.
    """
    code = answer.header("x-ms-error-code") or ""
    if not _CODE_NAME.fullmatch(code):
        found = _CODE.search(read_some(answer, _LONGEST_BODY))
        code = found.group(1).decode() if found else ""
    return Refused(answer.status, code, retry_after_seconds(answer.header("retry-after"), now))
