"""Access to the request builders of the generated client, which no other module imports.

Only one function of each endpoint module is used: `_get_kwargs`, which is pure. `tests/contract/test_seam.py` checks
every call of the facade against the signatures of the builders.
"""

import importlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import attrs

_PACKAGE = "itwin_imodels_api.api"


@attrs.frozen(kw_only=True)
class Request:
    """A request to the API.

    Attributes:
        method: HTTP method in upper case.
        path: Path relative to the base URL, with a leading slash and quoted arguments.
        query: Query parameters, not yet encoded.
        headers: Headers required by the operation itself.
        json: Body to send as JSON; None if there is none.
        content: Body of bytes; None if there is none.
    """

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    json: Any | None
    content: bytes | None


@attrs.frozen
class _Body:
    """A body in the form that the builders expect: `to_dict` for JSON, `payload` for bytes."""

    payload: Any

    def to_dict(self) -> Any:  # noqa: ANN401 - any JSON
        return self.payload


def build_request(endpoint: str, path: tuple[str, ...], arguments: Mapping[str, object], body: object) -> Request:
    """Build the request of an operation.

    Bodies are dictionaries rather than generated request models. The models are named after schemas, which a new
    definition may rename, and they reject values that the service supports but the definition does not yet list.
    Instead, `make reliance-check` checks each property that is sent (`spec/reliance.json`) against the definition.

    Args:
        endpoint: Module of the generated client, relative to its package `api`.
        path: Arguments of the path, in order, because their names differ between versions of the definition.
        arguments: Query parameters and headers, by the names that the builder uses.
        body: A mapping to send as JSON, bytes, or None.
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


def answers_contract() -> Mapping[str, Any]:
    """Return the schemas of all responses in the definition: operations by module, and named schemas."""
    from importlib.resources import files  # noqa: PLC0415 - slow to import and rarely needed

    text = files("itwin_imodels_api").joinpath("answers.json").read_bytes()
    contract: Mapping[str, Any] = json.loads(text)
    return contract


@cache
def builder(endpoint: str) -> Callable[..., dict[str, Any]]:
    """Return the request builder of an endpoint."""
    build: Callable[..., dict[str, Any]] = importlib.import_module(f"{_PACKAGE}.{endpoint}")._get_kwargs  # noqa: SLF001 - covered by a contract test
    return build
