"""``spec/reliance.json``: what the facade sends and reads per operation, and its comparison with a definition.

``scripts.reliance`` records the file. Properties are named by their paths: ``lockedObjects[].lockLevel``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scripts.specs.endpoints import path_names, read_endpoint
from scripts.specs.media import JSON
from scripts.specs.shapes import Shape, Shapes, parent
from scripts.specs.walk import Operation, operations, resolved
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

RELIANCE = ROOT / "spec" / "reliance.json"

ENTRY = "[]"
_ALL_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_ALWAYS_WRITTEN = ("types", "always", "required")
_SENT_JSON = f".body {JSON}"
_READ_JSON = f".answer {JSON}"


class Sent(NamedTuple):
    """A parameter or property of a request: its possible JSON types, whether every request has it, fixed values."""

    types: tuple[str, ...]
    always: bool
    values: tuple[str, ...] = ()


class Read(NamedTuple):
    """A property of a response.

    Attributes:
        types: The JSON types that the facade can read.
        required: Whether it must be present in a response.
        sometimes: Whether only some calls require it, depending on the requested detail.
        values: The values that the facade expects.
    """

    types: tuple[str, ...]
    required: bool
    sometimes: bool = False
    values: tuple[str, ...] = ()


class Reliance(NamedTuple):
    """What the facade relies on in one operation.

    The ``answer`` is "none" if the facade rejects a response with a body, and "bytes" if the body is not JSON.
    """

    methods: tuple[str, ...]
    query: Mapping[str, Sent] = {}
    headers: Mapping[str, Sent] = {}
    body: Mapping[str, Sent] = {}
    reads: Mapping[str, Read] = {}
    answer_headers: tuple[str, ...] = ()
    answer: str | None = None
    content: str | None = None


def load(path: Path = RELIANCE) -> dict[str, Reliance]:
    """Read the record.

    Raises:
        ToolError: The record is missing or was not written by ``make reliance``.
    """
    content = read_bytes(path, "the record of what the facade relies on")
    try:
        return {name: _entry(node) for name, node in json.loads(content).items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ToolError(f"{shown(path)}: not readable ({error}); run 'make reliance'") from error


def _entry(node: Mapping[str, Any]) -> Reliance:
    return Reliance(
        methods=tuple(node["methods"]),
        **{
            part: {
                name: Sent(tuple(each["types"]), each.get("always", False), tuple(each.get("values", ())))
                for name, each in node.get(part, {}).items()
            }
            for part in ("query", "headers", "body")
        },
        reads={
            name: Read(
                tuple(each["types"]),
                each.get("required", False),
                each.get("sometimes", False),
                tuple(each.get("values", ())),
            )
            for name, each in node.get("reads", {}).items()
        },
        answer_headers=tuple(node.get("answer_headers", ())),
        answer=node.get("answer"),
        content=node.get("content"),
    )


def dump(record: Mapping[str, Reliance]) -> bytes:
    """Return the record as the content of its file: one property per line."""
    return (_block({name: _block(_parts(each), "  ") for name, each in record.items()}, " ") + "\n").encode()


def _parts(entry: Reliance) -> dict[str, str]:
    return {
        key: _block({name: json.dumps(each) for name, each in value.items()}, "   ")
        if isinstance(value, dict)
        else json.dumps(value)
        for key, value in _plain(entry).items()
        if value
    }


def _block(members: Mapping[str, str], indent: str) -> str:
    inside = ",\n".join(f"{indent}{json.dumps(name)}: {text}" for name, text in members.items())
    return f"{{\n{inside}\n{indent[1:]}}}"


def _plain(entry: Reliance) -> dict[str, Any]:
    nested = {
        part: {
            name: {key: value for key, value in each._asdict().items() if value or key in _ALWAYS_WRITTEN}
            for name, each in getattr(entry, part).items()
        }
        for part in ("query", "headers", "body", "reads")
    }
    return {**entry._asdict(), **nested}


def problems(document: dict[str, Any], record: Mapping[str, Reliance]) -> list[str]:
    """Return the problems of a definition that lacks something the facade relies on.

    Args:
        document: A definition in OpenAPI 3.1 with the inventory's operation ids, its responses not relaxed.
        record: What the facade relies on.

    Returns:
        One line for each problem: operation, property, facade method, remedy. A header that is sent with every request
            is reported once.
    """
    defined = {operation.id: operation for operation in operations(document)}
    found, excluded = [], dict[str, list[str]]()
    for name, entry in record.items():
        if name not in defined:
            found.append(f"{name}: the operation is missing, but {_methods(entry)} needs it; {_REMEDY}")
        else:
            found += [
                f"{name}: {what}, but {_methods(entry)} {use}; {_REMEDY}"
                for what, use in _operation(document, defined[name], entry)
            ]
            for what in _excluded_headers(document, defined[name], entry):
                excluded.setdefault(what, []).append(name)
    for what, (name, *others) in excluded.items():
        more = f" and {len(others)} more operations" if others else ""
        found.append(f"{name}{more}: {what}, but {_methods(record[name])} sends it; {_REMEDY_OF_HEADERS}")
    return found


_REMEDY = (
    "map the new form in the facade's module of this operation and run 'make reliance',"
    " or correct the definition with an overlay in spec/overlays"
)

_REMEDY_OF_HEADERS = (
    "send an accepted value (itwin_imodels._aio.exchange has the headers of every request) and run 'make reliance',"
    " or correct the definition with an overlay in spec/overlays"
)

_Problem = tuple[str, str]


def _methods(entry: Reliance) -> str:
    return ", ".join(entry.methods)


def _operation(document: dict[str, Any], operation: Operation, entry: Reliance) -> Iterator[_Problem]:
    shapes = read_endpoint(document, operation, path_names(operation)).shapes
    yield from _request(shapes, ".query", "the query parameter", entry.query)
    own = {name: each for name, each in entry.headers.items() if f".value.{name.lower()}" not in shapes}
    yield from _request(shapes, ".header", "the header parameter", own)
    yield from _request(shapes, ".cookie", "the cookie parameter", {})
    yield from _body(document, operation, entry, shapes)
    yield from _answer(shapes, entry)
    yield from _reads(shapes, entry)
    for name in entry.answer_headers:
        if f".answer header.{name.lower()}" not in shapes:
            yield f"the response header {name} is not in the definition", "reads it"


def _excluded_headers(document: dict[str, Any], operation: Operation, entry: Reliance) -> Iterator[str]:
    """Yield the headers of all requests whose values an operation does not accept."""
    shapes = read_endpoint(document, operation, path_names(operation)).shapes
    for name, each in entry.headers.items():
        shape = shapes.get(f".value.{name.lower()}")
        if shape and (excluded := shape.excluded(each.values)):
            yield f"the header {name} does not accept {' or '.join(excluded)}"


def _request(shapes: Shapes, root: str, what: str, items: Mapping[str, Sent]) -> Iterator[_Problem]:
    """Yield the values of one part of a request that are not accepted, then the required ones that may be missing."""
    sent = {_below(root, name.lower() if root == ".header" else name): (name, each) for name, each in items.items()}
    for path, (name, each) in sent.items():
        if path not in shapes:
            yield f"{what} {name} is not in the definition", "sends it"
            continue
        if excluded := shapes[path].excluded(each.values):
            yield f"{what} {name} does not accept {' or '.join(excluded)}", "sends it"
        taken = shapes[path].types or _ALL_TYPES
        for kind in each.types:
            if kind not in taken and not (kind == "integer" and "number" in taken):
                yield f"{what} {name} accepts {' or '.join(sorted(taken))}", f"sends {kind}"
    holders = {root, *(path for path, (_, each) in sent.items() if "object" in each.types)}
    for path, shape in shapes.items():
        if shape.required and _holder(shapes, path) in holders and not (path in sent and sent[path][1].always):
            how = "can leave it out" if path in sent else "never sends it"
            yield f"{what} {path.removeprefix(root).removeprefix('.')} is required", how


def _below(root: str, name: str) -> str:
    return f"{root}{name}" if name.startswith(ENTRY) else f"{root}.{name}"


def _holder(shapes: Shapes, path: str) -> str:
    """Return the path of the value that contains another, whose name may contain dots; empty if there is none."""
    while (path := parent(path)) and path not in shapes:
        pass
    return path


def _body(document: dict[str, Any], operation: Operation, entry: Reliance, shapes: Shapes) -> Iterator[_Problem]:
    body = resolved(document, operation.node.get("requestBody", {}))
    if not entry.body:
        if body.get("required") and not entry.content:
            yield "a request body is required", "never sends one"
    elif _SENT_JSON in shapes:
        yield from _request(shapes, _SENT_JSON, "the request property", entry.body)
    else:
        yield "the definition has no JSON request body", f"sends {', '.join(entry.body)}"


def _answer(shapes: Shapes, entry: Reliance) -> Iterator[_Problem]:
    """Yield a problem if there is a body where the facade expects none, or no bytes where it reads them."""
    bodies = [path for path in shapes if path.startswith(".answer ") and not path.startswith(".answer header")]
    if entry.answer == "none" and bodies:
        yield "the response has a body", "rejects it"
    if entry.answer == "bytes" and all(path.startswith(_READ_JSON) for path in bodies):
        yield "the definition has no response of bytes", "reads it"


def _reads(shapes: Shapes, entry: Reliance) -> Iterator[_Problem]:
    """Yield the values that cannot be read from a response; their members are not reported separately."""
    if entry.reads and _READ_JSON not in shapes:
        yield "the definition has no JSON response", f"reads {len(entry.reads)} properties"
        return
    lost: tuple[str, ...] = ()
    for name, read in entry.reads.items():
        if name.startswith(lost):
            continue
        shape = shapes.get(_below(_READ_JSON, name))
        unreadable = set() if shape is None else _unreadable(shape, read)
        if shape is None:
            yield f"the response property {name} is not in the definition", "reads it"
        elif unreadable:
            yield (
                f"the response property {name} can be {' or '.join(sorted(unreadable))}",
                f"reads {' or '.join(read.types)}",
            )
        elif shape.partial and read.required and not read.sometimes:
            yield f"the response property {name} is missing in one of the alternatives of the response", "requires it"
        elif gone := shape.excluded(read.values):
            yield f"the response property {name} can no longer be {' or '.join(gone)}", "waits for it"
        if shape is None or unreadable:
            lost += (f"{name}.", f"{name}{ENTRY}")


def _unreadable(shape: Shape, read: Read) -> set[str]:
    """Return the JSON types that a value can have but the facade cannot read."""
    readable = {*read.types, *([] if read.required else ["null"]), *(["integer"] if "number" in read.types else [])}
    return set(shape.types or _ALL_TYPES) - readable
