"""Recognising the API definition: is this byte string the iModels API as an OpenAPI 3 document?"""

import hashlib
import json
from pathlib import Path
from typing import Any

from scripts.specs.references import broken_references
from scripts.specs.walk import operations, pointer_text
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

DEFINITION = ROOT / "spec" / "imodels-v2.openapi.json"
TITLE = "iModels"


def sha256(content: bytes) -> str:
    """The digest by which LOCK.toml knows a definition."""
    return hashlib.sha256(content).hexdigest()


def load(path: Path = DEFINITION) -> dict[str, Any]:
    """Read a definition from a file.

    Raises:
        ToolError: The file is missing or is not a definition of this API.
    """
    return recognise(read_bytes(path, "the definition"), shown(path))


def recognise(content: bytes, origin: str) -> dict[str, Any]:
    """Parse a definition, refusing whatever is not one.

    Args:
        content: The bytes as they came.
        origin: Where they came from, for the error's text.

    Raises:
        ToolError: HTML, cut or broken JSON, another format, another API, no operations, dangling references.
    """
    document = _parsed(content, origin)
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        raise ToolError(f"{origin}: not an OpenAPI 3 document (#/openapi is {version!r}); fetch the JSON definition")
    info = document.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    if title != TITLE:
        raise ToolError(f"{origin}: the definition of another API (#/info/title is {title!r}, expected {TITLE!r})")
    paths = document.get("paths")
    if not isinstance(paths, dict) or not all(isinstance(item, dict) for item in paths.values()):
        raise ToolError(f"{origin}: #/paths is not an object of path items; the definition is damaged")
    found = list(operations(document))
    if not found:
        raise ToolError(f"{origin}: #/paths names no operation; the definition is damaged")
    for operation in found:
        if not isinstance(operation.node, dict):
            raise ToolError(f"{origin}: {pointer_text(operation.pointer)} is no object; the definition is damaged")
    for broken in broken_references(document):
        raise ToolError(f"{origin}: {broken}; fetch it again")
    return document


def _parsed(content: bytes, origin: str) -> dict[str, Any]:
    if not content.strip():
        raise ToolError(f"{origin}: empty; fetch it again")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise ToolError(
            f"{origin}: a web page or XML, not a definition; check the address and whether it asks to sign in"
        )
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ToolError(f"{origin}: not UTF-8 text (byte {error.start}); fetch it again") from error
    except json.JSONDecodeError as error:
        raise ToolError(
            f"{origin}: truncated or not JSON (line {error.lineno}, column {error.colno}: {error.msg}); fetch it again"
        ) from error
    if not isinstance(document, dict):
        raise ToolError(f"{origin}: not an OpenAPI 3 document (JSON {type(document).__name__}, expected an object)")
    return document
