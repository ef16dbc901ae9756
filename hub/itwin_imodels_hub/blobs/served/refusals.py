"""The answer when the storage does not do what it was asked."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - an answer of the protocol, not a fault of the program
    """A request is answered with an error.

    Attributes:
        status: HTTP status.
        code: Error code of the storage service.
        message: What went wrong, for people.
        headers: Further headers of the answer.
        detail: Why a link was refused, if that is what happened.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None, detail: str | None = None
    ) -> None:
        """Refuse with a status, a code and a message."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
        self.detail = detail
