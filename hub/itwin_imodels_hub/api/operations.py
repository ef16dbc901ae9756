"""What an operation is, and how a request finds its own."""

from collections.abc import Callable, Sequence
from urllib.parse import unquote

from attrs import frozen

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import Answer, Context

Handler = Callable[[Context], Answer]


@frozen(kw_only=True)
class Operation:
    """An operation of the API.

    Attributes:
        id: Its name in the documentation's addresses.
        method: HTTP method.
        path: Segments below the API's address; those in braces stand for any text.
        handler: What answers it.
        problem: What a 422 answer says on top.
        writes: Whether it needs a transaction that may change anything.
        shared: Whether a share key will do.
        ignores_media_type: Whether its page names no media type.
        takes_picture: Whether its body is a picture, which has a limit of its own.
    """

    id: str
    method: str
    path: tuple[str, ...]
    handler: Handler
    problem: str = ""
    writes: bool = False
    shared: bool = False
    ignores_media_type: bool = False
    takes_picture: bool = False


def segments_of(path: str) -> tuple[str, ...]:
    """Split a path; a slash at its end makes no difference."""
    trimmed = path.removeprefix("/").removesuffix("/")
    return tuple(trimmed.split("/")) if trimmed else ()


class Directory:
    """Operations by method and path."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        """Know these operations."""
        # What is spelled out wins over what stands for any text.
        self._operations = sorted(operations, key=_literals, reverse=True)

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]]:
        """Find the operation that a request is for.

        Args:
            method: HTTP method.
            raw_path: Path below the API's address, not decoded.

        Returns:
            The operation, and the decoded parameters of the path. A slash written as `%2F` is part of a parameter.

        Raises:
            ServiceError: There is none.
        """
        segments = [unquote(segment, errors="replace") for segment in segments_of(raw_path)]
        matching = [
            (operation, found)
            for operation in self._operations
            if (found := _match(operation.path, segments)) is not None
        ]
        # As OpenAPI has it: `/favorites` is never an iModel of that name, whatever the method.
        matching = [pair for pair in matching if _literals(pair[0]) == _literals(matching[0][0])]
        for operation, found in matching:
            if operation.method == method:
                return operation, found
        if matching:
            raise errors.method_not_allowed(sorted({operation.method for operation, _ in matching}))
        raise errors.unknown_address()


def _match(path: tuple[str, ...], segments: Sequence[str]) -> dict[str, str] | None:
    if len(path) != len(segments):
        return None
    found = {}
    for expected, segment in zip(path, segments, strict=True):
        if expected.startswith("{"):
            found[expected.strip("{}")] = segment
        elif expected != segment.lower():
            return None
    return found


def _literals(operation: Operation) -> int:
    return sum(not segment.startswith("{") for segment in operation.path)
