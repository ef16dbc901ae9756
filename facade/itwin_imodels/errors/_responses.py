"""Responses that are missing or invalid."""

from itwin_imodels.errors._general import IModelsError


class ConnectionFailed(IModelsError):
    """No response was received: no network, an unknown host or a broken connection.

    Attributes:
        reached: Whether the request may have reached the service, and may therefore have been carried out.
    """

    def __init__(self, message: str, *, reached: bool = True) -> None:
        """Create an error."""
        super().__init__(message)
        self.reached = reached


class RequestTimeout(ConnectionFailed):
    """No response was received in time."""


class UnexpectedResponse(IModelsError):
    """A response does not conform to the API: not JSON, a missing member, a link to another host, an endless list.

    Attributes:
        status: HTTP status of the response; 0 if unknown.
        body: At most the first 500 bytes of the response body as text, with secrets masked.
    """

    def __init__(self, message: str, *, status: int = 0, body: str = "") -> None:
        """Create an error."""
        super().__init__(message)
        self.status = status
        self.body = body
