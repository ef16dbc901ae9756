"""One call of the API: which operation, with which arguments, and how its answer is read."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import attrs

from itwin_imodels._core.secrets import masked
from itwin_imodels._operations.endpoints import Request, build_request
from itwin_imodels.errors import UnexpectedResponse

T = TypeVar("T")

_SUCCESS = range(200, 300)
_REMEDY = "Check that base_url is the API's and that no proxy answers in its place; else report it to the service."


@attrs.frozen(kw_only=True)
class Answer:
    """An answer of the service that is no error."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    content: bytes = attrs.field(repr=False)
    """May hold signed links and keys, so no `repr` shows it."""


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """A call of one operation.

    Attributes:
        name: What the caller called, such as `locks.update`.
        endpoint: Module of the generated client, below its package `api`.
        entity: What it is about, for error texts.
        path: Arguments of the path, in the order of the path: their names differ between definitions.
        arguments: Query parameters and headers by the names of the generated builder.
        body: A mapping for JSON, bytes, or None.
        headers: Headers that the generated builder does not know of.
        harmless: Whether sending it twice is the same as sending it once, although its method does not say so.
        advice: How to find out whether it was carried out, if its answer is lost and it must not be sent again.
        read: Makes of the answer what the caller gets.
    """

    name: str
    endpoint: str
    entity: str = ""
    path: tuple[str, ...] = ()
    arguments: Mapping[str, object] = attrs.field(factory=dict)
    body: Mapping[str, object] | bytes | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    harmless: bool = False
    advice: str = ""
    read: Callable[[Answer], T]

    def request(self) -> Request:
        """Build the request."""
        return build_request(self.endpoint, self.path, self.arguments, self.body)

    def result(self, answer: Answer) -> T:
        """Read the answer.

        Raises:
            UnexpectedResponse: It is not what the API promises.
        """
        try:
            return self.read(answer)
        except UnexpectedResponse as error:
            failure = str(error)
        # Raised out here, since the variables of the reader hold what the answer does.
        about = f" on {self.entity}" if self.entity else ""
        raise UnexpectedResponse(
            f"{self.name}{about}: the answer is not what the API promises: {failure}. {_REMEDY}",
            status=answer.status,
            body=masked(answer.content[:500].decode("utf-8", "replace")),
        )


def given(**arguments: object) -> dict[str, object]:
    """Leave out what is None."""
    return {name: value for name, value in arguments.items() if value is not None}


def nothing(answer: Answer) -> None:
    """Read an answer without content.

    Raises:
        UnexpectedResponse: It has content, so that something other than the API may have sent it.
    """
    if answer.status in _SUCCESS and answer.content.strip():
        raise UnexpectedResponse(f"it should be empty, not {len(answer.content)} bytes")
