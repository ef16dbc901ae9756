"""Holding every answer of the hub against the API definition."""

from functools import cache
from urllib.parse import unquote

import httpx

from scripts.specs.matching import Match
from scripts.specs.walk import Operation, resolved
from tests.definition import Schemas, answer_key, by_id, error_codes, is_json, known

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


@cache
def _operations() -> dict[str, Match]:
    return by_id(known())


def check(response: httpx.Response) -> None:
    """Fail unless an answer is one that the definition has for its operation."""
    path = response.request.url.raw_path.decode().partition("?")[0]
    if not path.startswith("/imodels"):
        return
    response.read()
    where = f"{response.request.method} {path}: {response.status_code} {response.text[:2000]}"
    assert response.status_code < 500, where
    if response.is_error and response.json()["error"]["code"] in FRAMEWORK:
        return
    found = find_operation(response.request.method, path)
    assert found is not None, where
    operation_id, operation = found
    if response.status_code == 413 and not error_codes(operation_id, 413):
        return  # a body over the limit of the hub, not of the operation
    key = answer_key(operation.node["responses"], str(response.status_code))
    assert key is not None, f"status not defined: {where}"
    _check_body(response, operation, key, where)
    _check_codes(response, operation_id, where)


def find_operation(method: str, path: str) -> tuple[str, Operation] | None:
    """Return the operation of a request, and its id."""
    segments = [unquote(part) for part in path.removeprefix("/imodels").strip("/").split("/")]
    found = [
        (template.count("{}"), operation_id, operation)
        for operation_id, (operation, request, _) in _operations().items()
        for defined, _, template in [request.partition(" ")]
        if defined == method and _fits(template.strip("/").split("/"), segments)
    ]
    return min(found, key=lambda each: each[0])[1:] if found else None


def _fits(parts: list[str], segments: list[str]) -> bool:
    return len(parts) == len(segments) and all(
        part in {"{}", segment} for part, segment in zip(parts, segments, strict=True)
    )


def _check_body(response: httpx.Response, operation: Operation, key: str, where: str) -> None:
    defined = operation.node["responses"][key]
    content = [media_type.partition(";")[0] for media_type in resolved(known(), defined).get("content", {})]
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
    """Check what the schemas of lists leave open: the form is the preferred one."""
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
