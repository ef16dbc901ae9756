"""The meaning of rejections by the storage. No I/O."""

import re
from typing import Final

from attrs import frozen

from itwin_imodels._transfer.wire import StorageResponse, read_beginning
from itwin_imodels.errors import TransferError

CODE_NAME: Final = re.compile(r"[A-Za-z]{1,64}")

_CODE = re.compile(rb"<Code>([A-Za-z]{1,64})</Code>")
_LONGEST_BODY = 16 << 10

_BUSY: Final = frozenset({429, 503})
_TRANSIENT: Final = frozenset({408, 425, 429})
_EXPIRED: Final = frozenset({401, 403})
_MISSING: Final = frozenset({404, 410})
_SERVER_ERRORS: Final = range(500, 600)
_NEVER: Final = frozenset({501, 505})  # retrying an unsupported request is useless


@frozen(kw_only=True)
class RefusalCodes:
    """The meaning of a storage type's error codes, in addition to HTTP statuses.

    Attributes:
        expired: The link has expired or is invalid.
        busy: The storage is overloaded.
        transient: The same request may succeed later.
        premature: The link may not be valid yet, because the storage's clock is behind the service's.
    """

    expired: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    transient: frozenset[str] = frozenset()
    premature: frozenset[str] = frozenset()


NO_CODES: Final = RefusalCodes()
"""No codes: only the HTTP status matters."""


class Refused(TransferError):  # noqa: N818 - named like the other errors, by what happened
    """The storage rejected a request.

    Attributes:
        status: HTTP status.
        code: The storage's error code, such as `BlobNotFound`; empty if there is none.
        retry_after: Seconds after which the storage asks clients to retry; None if it does not specify them.
        busy: Whether the storage is overloaded.
        transient: Whether the same request may succeed later.
        expired: Whether the link has expired or is invalid, as opposed to pointing to a missing object.
        about_link: Whether a new link may help.
        premature: Whether the rejection may mean that a new link is not valid yet.
    """

    def __init__(
        self, status: int, code: str = "", retry_after: float | None = None, *, codes: RefusalCodes = NO_CODES
    ) -> None:
        """Create the exception for a status and a code."""
        super().__init__(f"the storage responded with status {status}{f' ({code})' if code else ''}")
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.busy = status in _BUSY or code in codes.busy
        self.transient = (
            status in _TRANSIENT
            or (status in _SERVER_ERRORS and status not in _NEVER)
            or code in codes.busy | codes.transient
        )
        self.expired = status in _EXPIRED or code in codes.expired
        self.premature = code in codes.premature
        self.about_link = self.expired or status in _MISSING


def error_code_in(response: StorageResponse) -> str:
    """Return the code in the XML body of an error; empty if there is none.

    The rest of the body is discarded, because it may repeat parts of the request.
    """
    match = _CODE.search(read_beginning(response, _LONGEST_BODY))
    return match.group(1).decode() if match else ""
