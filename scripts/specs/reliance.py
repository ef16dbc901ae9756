"""``spec/reliance.json``: what the facade sends and reads per operation, and its comparison with a definition.

``scripts.reliance`` records the file. Properties are named by their paths: ``lockedObjects[].lockLevel``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scripts.specs.media import is_json, without_parameters
from scripts.specs.walk import Operation, operations, resolved, stated_types
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

RELIANCE = ROOT / "spec" / "reliance.json"

ENTRY = "[]"
_COMBINED = ("allOf", "anyOf", "oneOf")
_UNSPOKEN_HEADERS = frozenset({"accept", "authorization", "content-type"})
_ALL_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_TYPE_OF = {bool: "boolean", dict: "object", float: "number", int: "integer", list: "array", str: "string"}


class Sent(NamedTuple):
    """A parameter or property of a request: the JSON types it can have, and whether every request has it."""

    types: tuple[str, ...]
    always: bool


class Read(NamedTuple):
    """A property of a response: the JSON types that the facade can read, and whether it must be present."""

    types: tuple[str, ...]
    required: bool


class Reliance(NamedTuple):
    """What the facade relies on in one operation."""

    methods: tuple[str, ...]
    query: Mapping[str, Sent] = {}
    headers: Mapping[str, Sent] = {}
    body: Mapping[str, Sent] = {}
    reads: Mapping[str, Read] = {}
    answer_headers: tuple[str, ...] = ()
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
                name: Sent(tuple(each["types"]), each.get("always", False)) for name, each in node.get(part, {}).items()
            }
            for part in ("query", "headers", "body")
        },
        reads={
            name: Read(tuple(each["types"]), each.get("required", False))
            for name, each in node.get("reads", {}).items()
        },
        answer_headers=tuple(node.get("answer_headers", ())),
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
        part: {name: each._asdict() for name, each in getattr(entry, part).items()}
        for part in ("query", "headers", "body", "reads")
    }
    return {**entry._asdict(), **nested}


def problems(document: dict[str, Any], record: Mapping[str, Reliance]) -> list[str]:
    """Return the problems of a definition that lacks something the facade relies on.

    Args:
        document: A definition in OpenAPI 3.1 with the inventory's operation ids, its responses not relaxed.
        record: What the facade relies on.

    Returns:
        One line for each problem: operation, property, facade method, remedy.
    """
    defined = {operation.id: operation for operation in operations(document)}
    found = []
    for name, entry in record.items():
        if name not in defined:
            found.append(f"{name}: the operation is missing, but {_methods(entry)} needs it; {_REMEDY}")
        else:
            found += [
                f"{name}: {what}, but {_methods(entry)} {use}; {_REMEDY}"
                for what, use in _operation(document, defined[name], entry)
            ]
    return found


_REMEDY = (
    "map the new form in the facade's module of this operation and run 'make reliance',"
    " or correct the definition with an overlay in spec/overlays"
)

_Problem = tuple[str, str]


def _methods(entry: Reliance) -> str:
    return ", ".join(entry.methods)


def _operation(document: dict[str, Any], operation: Operation, entry: Reliance) -> Iterator[_Problem]:
    yield from _parameters(document, operation, "query", entry.query)
    yield from _parameters(document, operation, "header", entry.headers)
    yield from _parameters(document, operation, "cookie", {})
    yield from _body(document, operation, entry)
    yield from _reads(document, operation, entry)
    declared = {name.lower() for answer in _successes(document, operation) for name in answer.get("headers", {})}
    for name in entry.answer_headers:
        if name.lower() not in declared:
            yield f"the response header {name} is not in the definition", "reads it"


def _parameters(
    document: dict[str, Any], operation: Operation, place: str, sent: Mapping[str, Sent]
) -> Iterator[_Problem]:
    declared = {each["name"]: each for each in parameters(document, operation) if each.get("in") == place}
    for name, each in sent.items():
        if name not in declared:
            yield f"the {place} parameter {name} is not in the definition", "sends it"
        else:
            yield from _fits(document, declared[name].get("schema", {}), f"the {place} parameter {name}", each)
    for name, node in declared.items():
        if node.get("required") and name.lower() not in _UNSPOKEN_HEADERS and not (name in sent and sent[name].always):
            how = "can leave it out" if name in sent else "never sends it"
            yield f"the {place} parameter {name} is required", how


def _body(document: dict[str, Any], operation: Operation, entry: Reliance) -> Iterator[_Problem]:
    body = resolved(document, operation.node.get("requestBody", {}))
    if entry.content and not any(_takes(media, entry.content) for media in body.get("content", {})):
        yield f"the request body is no longer {entry.content}", "sends it"
    if body.get("required") and not entry.body and not entry.content:
        yield "a request body is required", "never sends one"
    schema = body_schema(document, operation)
    if schema is None:
        if entry.body:
            yield "the definition has no JSON request body", f"sends {', '.join(entry.body)}"
        return
    for path, sent in entry.body.items():
        found = list(schemas_at(document, schema, path))
        if not found:
            yield f"the request property {path} is not in the definition", "sends it"
        else:
            yield from _fits(document, {"anyOf": found}, f"the request property {path}", sent)
    for holder in ("", *(path for path, sent in entry.body.items() if "object" in sent.types)):
        for name in _required(document, list(_at(document, schema, holder))):
            path = f"{holder}.{name}" if holder else name
            if not (path in entry.body and entry.body[path].always):
                how = "can leave it out" if path in entry.body else "never sends it"
                yield f"the request property {path} is required", how


def _takes(declared: str, media: str) -> bool:
    """Return whether a declared media type, which may be a range, includes a media type."""
    return without_parameters(declared) in {media, "*/*", f"{media.partition('/')[0]}/*"}


def _fits(document: dict[str, Any], schema: Any, what: str, sent: Sent) -> Iterator[_Problem]:
    taken = json_types(document, schema)
    taken |= {"integer"} if "number" in taken else set()
    for each in sent.types:
        if each not in taken:
            yield f"{what} accepts {' or '.join(sorted(taken))}", f"sends {each}"


def _reads(document: dict[str, Any], operation: Operation, entry: Reliance) -> Iterator[_Problem]:
    """Yield the values that cannot be read from a response; their members are not reported separately."""
    answers = list(success_schemas(document, operation))
    if entry.reads and not any(json_types(document, answer) for answer in answers):
        yield "the definition has no JSON response", f"reads {len(entry.reads)} properties"
        return
    lost: tuple[str, ...] = ()
    for path, read in entry.reads.items():
        if not path.startswith(lost):
            found = list(_read(document, answers, path, read))
            lost += (f"{path}.", f"{path}{ENTRY}") if found else ()
            yield from found


def _read(document: dict[str, Any], answers: list[Any], path: str, read: Read) -> Iterator[_Problem]:
    found = [schema for answer in answers for schema in schemas_at(document, answer, path)]
    if not found:
        yield f"the response property {path} is not in the definition", "reads it"
        return
    readable = {*read.types, *([] if read.required else ["null"]), *(["integer"] if "number" in read.types else [])}
    for kind in sorted(json_types(document, {"anyOf": found}) - readable):
        if kind != "number" or "integer" not in read.types:
            yield f"the response property {path} can be {kind}", f"reads {' or '.join(read.types)}"


def parameters(document: dict[str, Any], operation: Operation) -> list[dict[str, Any]]:
    """Return the parameters of an operation, including those of its path, with references resolved."""
    shared = resolved(document, document["paths"][operation.path]).get("parameters", [])
    found = [resolved(document, each) for each in (*shared, *operation.node.get("parameters", []))]
    return list({(each.get("in"), each.get("name")): each for each in found}.values())


def body_schema(document: dict[str, Any], operation: Operation) -> Any | None:
    """Return the schema of the JSON body of an operation, or None."""
    body = resolved(document, operation.node.get("requestBody", {}))
    return next(_json_schemas(body), None)


def success_schemas(document: dict[str, Any], operation: Operation) -> Iterator[Any]:
    """Yield the schemas of the JSON responses of an operation."""
    for answer in _successes(document, operation):
        yield from _json_schemas(answer)


def _successes(document: dict[str, Any], operation: Operation) -> Iterator[dict[str, Any]]:
    for status, answer in operation.node.get("responses", {}).items():
        if str(status).startswith("2"):
            yield resolved(document, answer)


def _json_schemas(holder: dict[str, Any]) -> Iterator[Any]:
    for media, content in holder.get("content", {}).items():
        if is_json(without_parameters(media)):
            yield content.get("schema", {})


def schemas_at(document: dict[str, Any], schema: Any, path: str) -> Iterator[Any]:
    """Yield the schemas of a property: one for each alternative that has it.

    Args:
        document: The definition.
        schema: The schema at which the path begins.
        path: The path, such as ``lockedObjects[].lockLevel``; empty for the schema itself.
    """
    for found in _at(document, schema, path):
        yield from _forms(document, found)


def _at(document: dict[str, Any], schema: Any, path: str) -> Iterator[Any]:
    """Yield the schemas of a property as written in the definition, one for each alternative that has it."""
    if not path:
        yield schema
        return
    head, _, rest = path.partition(".")
    name, _, entries = head.partition(ENTRY)
    for form in _forms(document, schema):
        found = form.get("properties", {}).get(name) if name else form
        if found is None:
            continue
        if entries or head.endswith(ENTRY):
            below = f"{entries}.{rest}".strip(".") if entries else rest
            for each in _forms(document, found):
                if _stated(each) != {"null"}:
                    yield from _at(document, each.get("items", {}), below)
        else:
            yield from _at(document, found, rest)


def _forms(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the alternatives of a schema, with references resolved; members of ``allOf`` count as alternatives."""
    node = resolved(document, schema)
    if not isinstance(node, dict):
        return
    members = [member for key in _COMBINED for member in node.get(key, [])]
    if not members or "properties" in node:
        yield node
    for member in members:
        yield from _forms(document, member)


def _required(document: dict[str, Any], schemas: list[Any]) -> list[str]:
    """Return the properties that all alternatives require in a request."""
    common = [_required_by(document, schema) for schema in schemas]
    return sorted(set.intersection(*common)) if common else []


def _required_by(document: dict[str, Any], schema: Any) -> set[str]:
    """Return the properties that an object requires: directly, through its composition, or in every alternative."""
    node = resolved(document, schema)
    if not isinstance(node, dict):
        return set()
    found = {name for name in node.get("required", []) if not _is_read_only(document, node, name)}
    found |= {name for member in node.get("allOf", []) for name in _required_by(document, member)}
    alternatives = [
        _required_by(document, member)
        for key in ("anyOf", "oneOf")
        for member in node.get(key, [])
        if json_types(document, member) != {"null"}
    ]
    return found | (set.intersection(*alternatives) if alternatives else set())


def _is_read_only(document: dict[str, Any], node: dict[str, Any], name: str) -> bool:
    found = resolved(document, node.get("properties", {}).get(name))
    return isinstance(found, dict) and found.get("readOnly") is True


def json_types(document: dict[str, Any], schema: Any) -> set[str]:
    """Return the JSON types that a schema permits."""
    return {kind for form in _forms(document, schema) for kind in _stated(form) or _ALL_TYPES}


def _stated(form: dict[str, Any]) -> set[str]:
    stated = set(stated_types(form))
    if not stated and "properties" in form:
        stated = {"object"}
    if not stated and "enum" in form:
        stated = {_TYPE_OF.get(type(value), "null") for value in form["enum"]}
    return stated | ({"null"} if form.get("nullable") else set())
