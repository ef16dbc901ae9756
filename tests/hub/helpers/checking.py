"""Checking every response of the hub against the API definition."""

from functools import cache
from urllib.parse import unquote

import httpx

from scripts.specs.walk import Operation, operations
from tests.definition import Schemas, answer_key, error_codes, is_json, known

OURS = {
    # Codes that the hub sends where the definition lists none for the case.
    ("update-imodel-changeset", "DataConflict"),
    ("update-imodel-role-permissions", "DataConflict"),
    ("update-imodel-user-permissions", "DataConflict"),
}
FRAMEWORK = {"ResourceNotFound", "MethodNotAllowed", "RequestTimeout"}
"""Codes of answers that belong to no operation, or whose form the definition leaves open."""


@cache
def _schemas() -> Schemas:
    return Schemas(known())


def check(response: httpx.Response) -> None:
    """Fail unless a response conforms to the definition of its operation."""
    path = response.request.url.raw_path.decode().partition("?")[0]
    if not path.startswith("/imodels"):
        return
    response.read()
    where = f"{response.request.method} {path}: {response.status_code} {response.text[:2000]}"
    assert response.status_code < 500, where
    if response.is_error and response.json()["error"]["code"] in FRAMEWORK:
        return
    operation = find_operation(response.request.method, path)
    assert operation is not None, where
    if response.status_code == 413 and not error_codes(operation.id, 413):
        return  # a body over the limit of the hub, not of the operation
    key = answer_key(operation.node["responses"], str(response.status_code))
    assert key is not None, f"status not defined: {where}"
    _check_body(response, operation, key, where)
    _check_codes(response, operation.id, where)


def find_operation(method: str, path: str) -> Operation | None:
    """Return the operation of a request."""
    segments = [unquote(part) for part in path.removeprefix("/imodels").strip("/").split("/")]
    found = [
        each
        for each in operations(known())
        if each.method == method.lower() and _fits(each.path.strip("/").split("/"), segments)
    ]
    return min(found, key=lambda each: each.path.count("{"), default=None)


def _fits(parts: list[str], segments: list[str]) -> bool:
    return len(parts) == len(segments) and all(
        part.startswith("{") or part == segment for part, segment in zip(parts, segments, strict=True)
    )


def _check_body(response: httpx.Response, operation: Operation, key: str, where: str) -> None:
    defined = operation.node["responses"][key]
    content = [media_type.partition(";")[0] for media_type in defined.get("content", {})]
    if not content:
        assert not response.content, f"body not defined: {where}"
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in content, f"media type not defined: {where}"
    if not is_json(media_type):
        return
    for address in _schemas().addresses(defined, *operation.pointer, "responses", key):
        problems = _schemas().errors(response.json(), address)
        assert not problems, f"{problems} in {where}"
    _check_form(response)


def _check_form(response: httpx.Response) -> None:
    """Check that entities of lists have the preferred form, which the schemas do not require."""
    body = response.json()
    if response.is_error or "iModels" not in body:
        return
    full = response.request.headers.get("prefer") == "return=representation"
    assert all(("state" in item) == full for item in body["iModels"])


def _check_codes(response: httpx.Response, operation_id: str, where: str) -> None:
    if not response.is_error:
        return
    error = response.json()["error"]
    if (operation_id, error["code"]) not in OURS:
        assert error["code"] in error_codes(operation_id, response.status_code), f"code not defined: {where}"
    assert bool(error.get("details")) == (response.status_code == 422), where
