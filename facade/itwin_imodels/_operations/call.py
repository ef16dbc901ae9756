"""A call to the API: the operation, its arguments, and how to read the response."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import attrs

from itwin_imodels._core.secrets import masked
from itwin_imodels._operations.endpoints import Request, build_request
from itwin_imodels.errors import UnexpectedResponse

T = TypeVar("T")

_SUCCESS = range(200, 300)
_REMEDY = (
    "Check base_url, and whether a proxy sent the response. If neither is the cause, report the problem to the operator"
    " of the service."
)


@attrs.frozen(kw_only=True)
class ServiceResponse:
    """A response from the service, whatever its status."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    """Omitted from `repr`, since it may contain signed links and keys."""


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """A call to one operation.

    Attributes:
        name: Name of the client's method, such as `locks.update`.
        endpoint: Module of the generated client, relative to its package `api`.
        entity: The entity that it concerns, for error messages.
        path: Arguments of the path, in order, because their names differ between versions of the definition.
        arguments: Query parameters and headers, by the names that the generated builder uses.
        body: A mapping to send as JSON, bytes, or None.
        headers: Headers that the generated builder does not support.
        is_idempotent: Whether sending it twice has the same effect as sending it once, although its method suggests
            otherwise.
        advice: How to check whether it was carried out, if the response is lost and it must not be sent again.
        read: Converts the response to the result for the caller.
    """

    name: str
    endpoint: str
    entity: str = ""
    path: tuple[str, ...] = ()
    arguments: Mapping[str, object] = attrs.field(factory=dict)
    body: Mapping[str, object] | bytes | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    is_idempotent: bool = False
    advice: str = ""
    read: Callable[[ServiceResponse], T]

    def request(self) -> Request:
        """Build the request."""
        return build_request(self.endpoint, self.path, self.arguments, self.body)

    def base_url(self, imodels_url: str) -> str:
        """Return the base URL of the API that the operation belongs to, given that of the iModels API."""
        return imodels_url

    def result(self, answer: ServiceResponse) -> T:
        """Convert the response to the result.

        Raises:
            UnexpectedResponse: The response does not conform to the API.
        """
        try:
            return self.read(answer)
        except UnexpectedResponse as error:
            failure = str(error)
        # Raised outside the except block, because local variables of the reader hold the content of the response.
        about = f" on {self.entity}" if self.entity else ""
        raise UnexpectedResponse(
            f"{self.name}{about}: the response does not conform to the API: {failure}. {_REMEDY}",
            status=answer.status,
            body=masked(answer.content[:500].decode("utf-8", "replace")),
        )


def without_none(**arguments: object) -> dict[str, object]:
    """Return the arguments that are not None."""
    return {name: value for name, value in arguments.items() if value is not None}


def read_no_content(answer: ServiceResponse) -> None:
    """Read a response without content.

    Raises:
        UnexpectedResponse: It has content, so something other than the API may have sent it.
    """
    if answer.status in _SUCCESS and answer.content.strip():
        raise UnexpectedResponse(f"the body should be empty, but has {len(answer.content)} bytes")
