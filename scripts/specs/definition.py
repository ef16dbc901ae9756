"""Recognising the API definition: is this text an OpenAPI 3 document, and is it one of the iModels API?"""

import hashlib
from pathlib import Path
from typing import Any

from scripts.specs.formats import LIMIT, parsed, plain_json
from scripts.specs.inventory import INVENTORY, rows
from scripts.specs.matching import matches
from scripts.specs.references import broken_references
from scripts.specs.walk import METHODS, operations, pointer_text
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

DEFINITION = ROOT / "spec" / "imodels-v2.openapi.json"
VERSIONS = ("3.0", "3.1")


def sha256(content: bytes) -> str:
    """Return the digest by which LOCK.toml knows a definition."""
    return hashlib.sha256(content).hexdigest()


def load(path: Path = DEFINITION) -> dict[str, Any]:
    """Read a definition from a file, in any of its forms.

    Raises:
        ToolError: The file is missing or is not a definition.
    """
    origin = shown(path)
    return recognise(plain_json(read_bytes(path, "the definition"), origin, LIMIT), origin)


def recognise(content: bytes, origin: str) -> dict[str, Any]:
    """Parse a definition, refusing whatever is not one.

    Args:
        content: JSON text.
        origin: Where it came from, for the error's text.

    Raises:
        ToolError: Cut or broken JSON, another format, no operations, dangling references.
    """
    document = _without_extensions(_openapi_3(parsed(content, origin), origin))
    paths = document.get("paths")
    if not isinstance(paths, dict) or not all(isinstance(item, dict) for item in paths.values()):
        raise ToolError(f"{origin}: #/paths is not an object of path items; the definition is damaged")
    for broken in broken_references(document):
        raise ToolError(f"{origin}: {broken}; fetch it again")
    found = list(operations(document))
    if not found:
        raise ToolError(f"{origin}: #/paths names no operation; the definition is damaged")
    for operation in found:
        if not isinstance(operation.node, dict):
            raise ToolError(f"{origin}: {pointer_text(operation.pointer)} is no object; the definition is damaged")
    return document


def _without_extensions(document: dict[str, Any]) -> dict[str, Any]:
    """Return a definition without the extensions that stand among named things, where a name is expected."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        return document
    kept = {path: item for path, item in paths.items() if not path.startswith("x-")}
    shared = document.get("components", {}).get("pathItems", {}) if isinstance(document.get("components"), dict) else {}
    for item in (each for each in (*kept.values(), *shared.values()) if isinstance(each, dict)):
        for operation in (item[method] for method in METHODS if isinstance(item.get(method), dict)):
            responses = operation.get("responses")
            if isinstance(responses, dict):
                operation["responses"] = {
                    status: answer for status, answer in responses.items() if not str(status).startswith("x-")
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
    if not isinstance(version, str):
        raise ToolError(f"{origin}: not an OpenAPI 3 document (#/openapi is {version!r}); check the address")
    if ".".join(version.split(".")[:2]) not in VERSIONS:
        raise ToolError(
            f"{origin}: OpenAPI {version} (#/openapi) is not supported; export it as {' or '.join(VERSIONS)}"
        )
    return document


def check_api(document: dict[str, Any], origin: str) -> None:
    """Check that a definition is one of this API: by its operations, half of which are enough, and not by its title.

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
