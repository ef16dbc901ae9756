"""Holding every answer of the hub against the API definition."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DEFINITION = Path(__file__).parents[3] / "spec" / "imodels-v2.openapi.json"

OURS = {
    # Codes that the hub sends where the definition lists none for the case.
    ("update-imodel-changeset", "DataConflict"),
    ("update-imodel-role-permissions", "DataConflict"),
    ("update-imodel-user-permissions", "DataConflict"),
}
FRAMEWORK = {"ResourceNotFound", "MethodNotAllowed", "RequestTimeout"}
"""Codes of answers that belong to no operation, or whose form the definition leaves open."""


@cache
def definition() -> dict[str, Any]:
    """Read the definition."""
    return dict(json.loads(DEFINITION.read_text()))


@cache
def _registry() -> Registry[Any]:
    empty: Registry[Any] = Registry()
    resource = Resource.from_contents(definition(), default_specification=DRAFT202012)
    registry: Registry[Any] = empty.with_resource("urn:definition", resource)
    return registry


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
    pointer, operation = found
    status = str(response.status_code)
    if response.status_code == 413 and status not in operation["responses"]:
        return  # a body over the limit of the hub, not of the operation
    assert status in operation["responses"], f"status not defined: {where}"
    _check_body(response, f"{pointer}/responses/{status}", operation["responses"][status], where)
    _check_codes(response, operation["operationId"], operation["responses"][status], where)


def find_operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Find the operation of a request, and where it stands in the definition."""
    segments = [unquote(part) for part in path.removeprefix("/imodels").strip("/").split("/")]
    best = None
    for template, operations in definition()["paths"].items():
        parts = template.strip("/").split("/")
        fits = len(parts) == len(segments) and all(
            part.startswith("{") or part == segment for part, segment in zip(parts, segments, strict=True)
        )
        if fits and method.lower() in operations:
            weight = sum(not part.startswith("{") for part in parts)
            if best is None or weight > best[0]:
                pointer = re.sub("/", "~1", template.replace("~", "~0"))
                best = (weight, f"#/paths/{pointer}/{method.lower()}", operations[method.lower()])
    return None if best is None else best[1:]


def _check_body(response: httpx.Response, pointer: str, defined: dict[str, Any], where: str) -> None:
    content = defined.get("content", {})
    if not content:
        assert not response.content, f"body not defined: {where}"
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in content, f"media type not defined: {where}"
    if media_type != "application/json":
        return
    escaped = media_type.replace("/", "~1")
    schema = {"$ref": f"urn:definition{pointer}/content/{escaped}/schema"}
    validator = Draft202012Validator(schema, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(response.json())]
    assert not problems, f"{problems} in {where}"
    _check_form(response)


def _check_form(response: httpx.Response) -> None:
    """Check what the schemas of lists leave open: the form is the preferred one."""
    body = response.json()
    if response.is_error or "iModels" not in body:
        return
    full = response.request.headers.get("prefer") == "return=representation"
    assert all(("state" in item) == full for item in body["iModels"])


def _check_codes(response: httpx.Response, operation_id: str, defined: dict[str, Any], where: str) -> None:
    if not response.is_error:
        return
    error = response.json()["error"]
    if (operation_id, error["code"]) not in OURS:
        assert error["code"] in defined.get("x-error-codes", [error["code"]]), f"code not defined: {where}"
    assert bool(error.get("details")) == (response.status_code == 422), where
