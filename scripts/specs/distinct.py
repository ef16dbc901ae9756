"""Distinct names in the generated client.

The generator derives names from words of a definition, and different words can become the same name. A definition may
add such a word in a compatible way. Therefore

- every schema gets a title that results in a class of its own,
- if several parameters of an operation, or several properties of an object, get the same name, only one is kept. The
  facade sends no others, and properties that are left out are among the additional properties of the model.
"""

import builtins
import copy
import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scripts.specs.names import attribute_name, class_name, model_module
from scripts.specs.references import is_sample
from scripts.specs.reliance import ENTRY, Reliance
from scripts.specs.walk import Operation, nodes, operations, resolved

TAKEN = frozenset({"body", "cookies", "headers", "params", "quote"})
"""Arguments, variables and imports of the generated functions."""

_MEMBERS = frozenset(
    {"additional_keys", "additional_properties", "cls", "d", "field_dict", "from_dict", "prop", "prop_name", "src_dict"}
    | {"to_dict", "to_multipart"}
)
"""Members and variables of the generated models."""

_USED = frozenset(
    {"Any", "AuthenticatedClient", "BinaryIO", "BytesIO", "Client", "Enum", "File", "FileTypes", "Generator"}
    | {"HTTPStatus", "Literal", "Mapping", "Response", "T", "TextIO", "TypeVar", "Union", "Unset", "UNSET"}
)
"""Names that the generated modules import."""

_CLASS_MAKING = ("properties", "allOf", "enum", "additionalProperties")
_CLASS = re.compile(r"[A-Za-z][A-Za-z0-9]*")

Json = dict[str, Any]


def distinct(document: Json, record: Mapping[str, Reliance]) -> Json:
    """Return a copy of a definition whose names are distinct in the generated client.

    Args:
        document: The definition in OpenAPI 3.1, without shared parts, named by the inventory.
        record: What the facade sends and reads; its parameters and properties are kept.
    """
    result = copy.deepcopy(document)
    for operation in operations(result):
        _keep_distinct_parameters(operation, record.get(operation.id, Reliance(())))
    known = {name for entry in record.values() for name in _property_names(entry)}
    for place, node in list(nodes(result)):
        if isinstance(node, dict) and ("properties" in node or "allOf" in node) and not is_sample(place):
            _keep_distinct_properties(result, node, known)
    _set_titles(result)
    return result


def _keep_distinct_parameters(operation: Operation, entry: Reliance) -> None:
    parameters: list[Json] = operation.node.get("parameters", [])
    sent = {*entry.query, *entry.headers}
    ranked = sorted(parameters, key=lambda each: (each["in"] != "path", each["name"] not in sent))
    names = set(TAKEN)
    kept = [id(each) for each in ranked if _is_new(str(each["name"]), names) or each["in"] == "path"]
    operation.node["parameters"] = [each for each in parameters if id(each) in kept]


def _property_names(entry: Reliance) -> Iterator[str]:
    for path in (*entry.body, *entry.reads):
        yield from path.replace(ENTRY, "").split(".")


def _keep_distinct_properties(document: Json, schema: Json, known: Collection[str]) -> None:
    holders = list(_holders(document, schema))
    names = dict.fromkeys(name for holder in holders for name in holder.get("properties", {}))
    attributes = set(_MEMBERS)
    for name in sorted(names, key=lambda name: name not in known):
        if not _is_new(name, attributes):
            for holder in holders:
                holder.get("properties", {}).pop(name, None)
                if name in holder.get("required", ()):
                    holder["required"].remove(name)


def _holders(document: Json, schema: Json) -> Iterator[Json]:
    """Yield an object and the parts of its ``allOf``."""
    pending, visited = [schema], set[int]()
    while pending:
        node = resolved(document, pending.pop())
        if isinstance(node, dict) and id(node) not in visited:
            visited.add(id(node))
            pending += node.get("allOf", [])
            yield node


def _is_new(word: str, names: set[str]) -> bool:
    """Add the name that the generator derives from a word; return whether it is new."""
    name = attribute_name(word)
    is_new = name not in names
    names.add(name)
    return is_new


def _set_titles(document: Json) -> None:
    """Set the titles of named schemas; the classes of unnamed ones are named for their places."""
    schemas: Json = document.get("components", {}).get("schemas", {})
    for place, node in nodes(document):
        is_unnamed = place and place[0] != "info" and place[:-1] != ("components", "schemas")
        if is_unnamed and isinstance(node, dict) and isinstance(node.get("title"), str) and not is_sample(place):
            del node["title"]
    classes = {name: schema for name, schema in schemas.items() if _makes_class(schema)}
    titles = {name: _usable(schema.get("title")) or name for name, schema in classes.items()}
    counts = Counter(map(model_module, titles.values()))
    taken = set[str]()
    for name, schema in classes.items():
        wanted = titles[name] if counts[model_module(titles[name])] == 1 else name
        wanted = wanted if _usable(wanted) else f"Model {wanted}"
        numbered = (f"{wanted}{number}" if number > 1 else wanted for number in range(1, len(classes) + 1))
        title = next(each for each in numbered if model_module(each) not in taken)
        taken.add(model_module(title))
        schemas[name] = {**schema, "title": title}


def _makes_class(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") == "object" or any(key in schema for key in _CLASS_MAKING))


def _usable(title: object) -> str | None:
    """Return a title that results in the name of a class."""
    if not isinstance(title, str) or "/" in title:
        return None
    name = class_name(title)
    is_reserved = name in _USED or hasattr(builtins, name) or keyword.iskeyword(name)
    return title if _CLASS.fullmatch(name) and not is_reserved else None
