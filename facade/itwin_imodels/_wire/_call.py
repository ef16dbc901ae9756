"""One call of the API: which generated function, with which arguments, and how its answer is read."""

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Generic, TypeVar

import attrs

from itwin_imodels._secrets import masked
from itwin_imodels.errors import UnexpectedResponse

T = TypeVar("T")


class Body(dict[str, object]):
    """A JSON body. The generated functions take whatever gives itself as a dictionary."""

    def to_dict(self) -> dict[str, object]:
        """Itself."""
        return self


@attrs.frozen
class File:
    """A body of bytes. Looks to the generated functions like their own, without importing it before it is needed."""

    payload: bytes


@attrs.frozen(kw_only=True)
class Answer:
    """An answer of the service that is no error."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """A call of one operation.

    Attributes:
        name: What the caller called, such as `locks.update`.
        endpoint: Module of the generated function, below the package `api`.
        entity: What it is about, for error texts.
        path: Arguments of the path, in the order of the path: their names differ between definitions.
        arguments: Arguments by name.
        headers: Headers that the generated function does not know of.
        harmless: Whether sending it twice is the same as sending it once, although its method does not say so.
        read: Makes of the answer what the caller gets.
    """

    name: str
    endpoint: str
    entity: str = ""
    path: tuple[str, ...] = ()
    arguments: Mapping[str, object] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    harmless: bool = False
    read: Callable[[Answer], T]

    @property
    def function(self) -> ModuleType:
        """The generated module with the function in both colours."""
        return _module(self.endpoint)

    def result(self, answer: Answer) -> T:
        """Read the answer.

        Raises:
            UnexpectedResponse: It is not what the API promises.
        """
        try:
            return self.read(answer)
        except UnexpectedResponse as error:
            about = f" on {self.entity}" if self.entity else ""
            shown = answer.content[:500].decode("utf-8", "replace")
            message = f"{self.name}{about}: the answer is not what the API promises: {error}"
            raise UnexpectedResponse(message, status=answer.status, body=masked(shown)) from error.__cause__


def given(**arguments: object) -> dict[str, object]:
    """Leave out what is None."""
    return {name: value for name, value in arguments.items() if value is not None}


def nothing(_: Answer) -> None:
    """Read an answer without content."""


@cache
def _module(endpoint: str) -> ModuleType:
    return importlib.import_module(f"itwin_imodels_api.api.{endpoint}")
