"""File formats of a definition: JSON or YAML, compressed or not; all are converted to plain JSON text."""

import codecs
import json
import math
import re
import zlib
from typing import Any

import yaml

from scripts.toolkit import ToolError

LIMIT = 32 * 2**20

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WITH_GZIP_HEADER = zlib.MAX_WBITS | 16
_SPACE = b" \t\r\n"
_JSON = re.compile(r'\s*(\{\s*["}]|\[)')
"""Start of JSON text; other text in braces is YAML in flow style, whose keys need no quotation marks."""
_DEPTH = 100
_VALUES = 2_000_000
_TOO_DEEP = f"more than {_DEPTH} levels deep, or containing itself"


class _UnfitError(ValueError):
    """Text that can be parsed but is not a plausible definition; the message contains the reason."""


class _JsonSchemaLoader(yaml.SafeLoader):
    """Reads YAML 1.2 with its JSON schema: no dates, `yes` or `no`, octal numbers or duplicate keys."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Read a mapping and reject duplicate keys."""
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        names = set[str]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                raise yaml.composer.ComposerError(
                    problem=f"{key.value!r} occurs twice in one object", problem_mark=key.start_mark
                )
            names.add(str(key.value))
        return node


_JsonSchemaLoader.yaml_implicit_resolvers = {}
_JsonSchemaLoader.yaml_constructors = {
    tag: make
    for tag, make in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in {"null", "bool", "int", "float", "str", "seq", "map"}
}
for _tag, _form, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9]*)", [*"-0123456789"]),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", [*"-0123456789"]),
    ("merge", r"<<", ["<"]),
):
    _JsonSchemaLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^({_form})$"), _first)


def plain_json(content: bytes, origin: str, limit: int) -> bytes:
    """Return a definition as JSON text in UTF-8 without a byte order mark; JSON is otherwise unchanged.

    Args:
        content: The bytes as received.
        origin: Their origin, for error messages.
        limit: Maximum uncompressed size in bytes.

    Raises:
        ToolError: The content is empty, damaged, compressed in an unsupported way, a web page, in another encoding, or
            neither JSON nor YAML.
    """
    text = _decoded(_uncompressed(content, origin, limit), origin)
    if _JSON.match(text):
        return text.encode()
    return (json.dumps(_yaml(text, origin), indent=2, ensure_ascii=False) + "\n").encode()


def parsed(content: bytes, origin: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ToolError: The text is truncated or not JSON.
    """
    text = _decoded(content, origin)
    try:
        return _sensible(json.loads(text, parse_constant=_no_number, object_pairs_hook=_object))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ToolError(f"{origin}: truncated or not JSON ({place}); fetch it again") from error
    except RecursionError as error:
        raise ToolError(f"{origin}: {_TOO_DEEP}; check the address") from error
    except ValueError as error:
        raise ToolError(f"{origin}: {error}; check the address") from error


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(members)
    if len(result) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise _UnfitError(f"{twice!r} occurs twice in one object")
    return result


def _no_number(name: str) -> float:
    raise _UnfitError(f"{name} is not JSON")


def _sensible(value: Any) -> Any:
    """Return a value unless it is too deep or too large for a definition, or contains numbers that JSON lacks."""
    pending, count = [(value, 0)], 0
    while pending:
        node, depth = pending.pop()
        count += 1
        if depth > _DEPTH:
            raise _UnfitError(_TOO_DEEP)
        if count > _VALUES:
            raise _UnfitError(f"more than {_VALUES:,} values, too much for a definition")
        if isinstance(node, float) and not math.isfinite(node):
            raise _UnfitError("a number that is too large")
        if isinstance(node, dict | list):
            pending += ((each, depth + 1) for each in (node.values() if isinstance(node, dict) else node))
    return value


def _uncompressed(content: bytes, origin: str, limit: int) -> bytes:
    if content.startswith(_ZIP):
        raise ToolError(f"{origin}: a ZIP archive; unpack it and pass the definition inside")
    if not content.startswith(_GZIP):
        return content
    reader = zlib.decompressobj(_WITH_GZIP_HEADER)
    try:
        result = reader.decompress(content, limit + 1)
    except zlib.error as error:
        raise ToolError(f"{origin}: damaged gzip data; fetch it again") from error
    if len(result) > limit:
        raise ToolError(f"{origin}: more than {limit:,} bytes uncompressed, too large for a definition")
    if not reader.eof:
        raise ToolError(f"{origin}: truncated gzip data; fetch it again")
    return result


def _decoded(content: bytes, origin: str) -> str:
    if not content.strip(_SPACE):
        raise ToolError(f"{origin}: empty; fetch it again")
    if content.startswith(_UTF_16) or b"\0" in content[:4]:
        raise ToolError(f"{origin}: UTF-16 or UTF-32 text; save it as UTF-8")
    if content.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE).startswith(b"<"):
        raise ToolError(
            f"{origin}: a web page or XML, not a definition; check the address and whether it asks to sign in"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(f"{origin}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _yaml(text: str, origin: str) -> Any:
    try:
        return _with_text_keys(_sensible(yaml.load(text, _JsonSchemaLoader)))  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "damaged"
        raise ToolError(f"{origin}: neither JSON nor valid YAML ({place}{problem}); fetch it again") from error
    except RecursionError as error:
        raise ToolError(f"{origin}: {_TOO_DEEP}; check the address") from error
    except ValueError as error:
        raise ToolError(f"{origin}: {error}; if the YAML uses aliases, replace them with their values") from error


def _with_text_keys(node: Any) -> Any:
    """Convert keys to strings: statuses such as ``200`` are numbers in YAML, but names in a definition."""
    if isinstance(node, dict):
        return {key if isinstance(key, str) else json.dumps(key): _with_text_keys(value) for key, value in node.items()}
    return [_with_text_keys(each) for each in node] if isinstance(node, list) else node
