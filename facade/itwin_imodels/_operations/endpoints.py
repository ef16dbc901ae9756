"""The generated client's request builders. No other module imports the generated client.

Of each endpoint module one function is used: `_get_kwargs`, which is pure. `tests/contract/test_seam.py` holds every
call of the facade against the builders' signatures.
"""

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import attrs

_PACKAGE = "itwin_imodels_api.api"


@attrs.frozen(kw_only=True)
class Request:
    """A request of the API.

    Attributes:
        method: In upper case.
        path: Below the base URL, beginning with a slash, its arguments quoted.
        query: Parameters, not yet encoded.
        headers: Those that the operation itself needs.
        json: A JSON body, if there is one.
        content: A body of bytes, if there is one.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    json: Any | None
    content: bytes | None


@attrs.frozen
class _Body:
    """A body in the form in which the builders take one: they ask JSON for a dictionary and bytes for a payload."""

    payload: Any

    def to_dict(self) -> Any:  # noqa: ANN401 - any JSON
        return self.payload


def build_request(endpoint: str, path: tuple[str, ...], arguments: Mapping[str, object], body: object) -> Request:
    """Build the request of an operation.

    Bodies are dictionaries rather than the generated request models: those models are named after schemas, which a
    new definition may rename, and they reject values that the service already knows and the definition does not yet.
    `spec/reliance.json` holds each property that is sent against the definition instead.

    Args:
        endpoint: Module of the generated client, below its package `api`.
        path: Arguments of the path, in the order of the path: their names differ between definitions.
        arguments: Query parameters and headers by the builder's names.
        body: A mapping for JSON, bytes, or None.
    """
    more = {} if body is None else {"body": _Body(body)}
    made = builder(endpoint)(*path, **arguments, **more)
    return Request(
        method=made["method"].upper(),
        path=made["url"],
        query=made.get("params", {}),
        headers=made.get("headers", {}),
        json=made.get("json"),
        content=made.get("content"),
    )


@cache
def builder(endpoint: str) -> Callable[..., dict[str, Any]]:
    """Return the request builder of an endpoint."""
    build: Callable[..., dict[str, Any]] = importlib.import_module(f"{_PACKAGE}.{endpoint}")._get_kwargs  # noqa: SLF001 - the contract
    return build
