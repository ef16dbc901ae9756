"""Recognize API definitions: OpenAPI 3 documents, and in particular those of the iModels API."""

import hashlib
from pathlib import Path
from typing import Any

from scripts.specs.form import misshapen
from scripts.specs.formats import LIMIT, parsed, plain_json
from scripts.specs.inventory import INVENTORY, rows
from scripts.specs.matching import matches
from scripts.specs.references import broken_references
from scripts.specs.uplift import to_3_1
from scripts.specs.walk import METHODS, located, operations, pointer_text
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

DEFINITION = ROOT / "spec" / "imodels-v2.openapi.json"
VERSIONS = ("3.0", "3.1")
_REMEDY = "fetch it again, or correct it in a copy and fetch that"


def sha256(content: bytes) -> str:
    """Return the digest that LOCK.toml records for a definition."""
    return hashlib.sha256(content).hexdigest()


def load(path: Path = DEFINITION) -> dict[str, Any]:
    """Read a definition from a file in any supported format.

    Raises:
        ToolError: The file is missing or is not a definition.
    """
    origin = shown(path)
    return recognize(plain_json(read_bytes(path, "the definition"), origin, LIMIT), origin)


def recognize(content: bytes, origin: str) -> dict[str, Any]:
    """Parse a definition and reject anything else.

    Args:
        content: JSON text.
        origin: Origin of the text, for error messages.

    Raises:
        ToolError: The content is truncated, invalid or in another format, or it has broken references or no operations.
    """
    written = _openapi_3(parsed(content, origin), origin)
    for broken in broken_references(written):
        raise ToolError(f"{origin}: {broken}; fetch it again")
    for place, what in misshapen(to_3_1(written)):
        raise ToolError(f"{origin}: {pointer_text(located(written, place))}: {what}; {_REMEDY}")
    document = _without_extensions(written)
    if not any(operations(document)):
        raise ToolError(f"{origin}: #/paths contains no operation; the definition is damaged")
    return document


def _without_extensions(document: dict[str, Any]) -> dict[str, Any]:
    """Return a definition without extensions in places where named items are expected."""
    kept = {path: item for path, item in document.get("paths", {}).items() if not path.startswith("x-")}
    shared = document.get("components", {}).get("pathItems", {})
    for item in (*kept.values(), *shared.values()):
        for operation in (item[method] for method in METHODS if method in item):
            operation["responses"] = {
                status: answer
                for status, answer in operation.get("responses", {}).items()
                if not status.startswith("x-")
            }
    return {**document, "paths": kept}


def _openapi_3(document: Any, origin: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise ToolError(f"{origin}: not an OpenAPI 3 document (a {type(document).__name__}, expected an object)")
    if "swagger" in document:
        raise ToolError(
            f"{origin}: Swagger {document['swagger']} (#/swagger), not OpenAPI 3; export it as OpenAPI 3 or convert it"
        )
    version = document.get("openapi")
    if isinstance(version, float):
        raise ToolError(f"{origin}: #/openapi is the number {version}; write it as text: '{version}.0'")
    if not isinstance(version, str):
        raise ToolError(f"{origin}: not an OpenAPI 3 document (#/openapi is {version!r}); check the address")
    if ".".join(version.split(".")[:2]) not in VERSIONS:
        raise ToolError(
            f"{origin}: OpenAPI {version} (#/openapi) is not supported; export it as {' or '.join(VERSIONS)}"
        )
    return document


def check_api(document: dict[str, Any], origin: str) -> None:
    """Check that a definition describes this API: it must contain at least half of the operations in the inventory.

    Raises:
        ToolError: It is the definition of another API.
    """
    inventory = rows()
    found = {match.row.request for match in matches(document, inventory) if match.row}
    if len(found) * 2 < len(inventory):
        info = document.get("info")
        title = info.get("title") if isinstance(info, dict) else None
        raise ToolError(
            f"{origin}: the definition of another API: #/info/title is {title!r}, and #/paths has {len(found)} of the"
            f" {len(inventory)} operations in {shown(INVENTORY)}; check the address"
        )
