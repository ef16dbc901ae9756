"""The operations of the API, and an index to find the one for a request."""

from collections.abc import Callable, Sequence
from urllib.parse import unquote

from attrs import frozen

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.context import ApiResponse, Context

Handler = Callable[[Context], ApiResponse]


@frozen(kw_only=True)
class Operation:
    """An operation of the API.

    Attributes:
        id: Operation id, as in the URLs of the documentation.
        method: HTTP method.
        path: Path segments below the base URL of the API; those in braces are parameters.
        handler: Function that processes the request.
        problem: Top-level message of a 422 response.
        error_code: Error code of a 422 response.
        writes: Whether the operation needs a transaction that can write.
        accepts_share_key: Whether a share key is accepted.
        ignores_media_type: Whether the body is parsed as JSON regardless of its media type.
        body_is_picture: Whether the body is a picture, which has a separate size limit.
    """

    id: str
    method: str
    path: tuple[str, ...]
    handler: Handler
    problem: str = ""
    error_code: str = "InvalidiModelsRequest"
    writes: bool = False
    accepts_share_key: bool = False
    ignores_media_type: bool = False
    body_is_picture: bool = False


def segments_of(path: str) -> tuple[str, ...]:
    """Split a path into segments; a trailing slash is ignored."""
    trimmed = path.removeprefix("/").removesuffix("/")
    return tuple(trimmed.split("/")) if trimmed else ()


def operation_of(
    slug: str, request: str, handler: Handler, problem: str = "", *, error_code: str = "InvalidiModelsRequest"
) -> Operation:
    """Return the operation of a method and a path, such as `POST /{id}/clone`; all methods except `GET` write.

    Args:
        slug: Operation id.
        request: Method and path.
        handler: Function that processes the request.
        problem: Top-level message of a 422 response.
        error_code: Error code of a 422 response.
    """
    method, path = request.split()
    return Operation(
        id=slug,
        method=method,
        path=segments_of(path),
        handler=handler,
        problem=problem,
        error_code=error_code,
        writes=method != "GET",
    )


class Directory:
    """Index of operations by method and path."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        """Create the index."""
        # Literal segments take precedence over parameters.
        self._operations = sorted(operations, key=_literals, reverse=True)

    def find(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation for a request.

        Args:
            method: HTTP method.
            raw_path: Path below the base URL of the API, percent-encoded.

        Returns:
            The operation and the decoded path parameters. An encoded slash (`%2F`) is part of a parameter.

        Raises:
            ServiceError: No operation matches.
        """
        segments = [unquote(segment, errors="replace") for segment in segments_of(raw_path)]
        matching = [
            (operation, parameters)
            for operation in self._operations
            if (parameters := _match(operation.path, segments)) is not None
        ]
        # As in OpenAPI, `/favorites` never matches `/{id}`, regardless of the method.
        matching = [pair for pair in matching if _literals(pair[0]) == _literals(matching[0][0])]
        for operation, parameters in matching:
            if operation.method == method:
                return operation, parameters
        if matching:
            raise errors.method_not_allowed(sorted({operation.method for operation, _ in matching}))
        raise errors.unknown_address()


def _match(path: tuple[str, ...], segments: Sequence[str]) -> dict[str, str] | None:
    if len(path) != len(segments):
        return None
    parameters = {}
    for expected, segment in zip(path, segments, strict=True):
        if expected.startswith("{"):
            parameters[expected.strip("{}")] = segment
        elif expected != segment.lower():
            return None
    return parameters


def _literals(operation: Operation) -> int:
    return sum(not segment.startswith("{") for segment in operation.path)
