"""Error responses of the storage protocols."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - an error of the protocol, not of the program
    """A request is rejected with an error response.

    Attributes:
        status: HTTP status code.
        code: Error code of the storage service.
        message: Error message.
        headers: Additional headers of the response.
        detail: Reason why a link was rejected, or None.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None, detail: str | None = None
    ) -> None:
        """Reject a request with a status, a code and a message."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.detail = detail
