"""Changes to the definition that must have no effect above the seam.

Each function changes a definition in place; ``MUTATIONS`` names them. ``vendor_style`` is the largest: the same
API as its vendor is likely to publish it.
"""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scripts.specs.correct import in_one_form
from scripts.specs.identity import relative
from scripts.specs.inventory import rows
from scripts.specs.walk import lookup, nodes, operations, resolved

JSON_MEDIA = "application/json"
VENDOR_OVERLAYS = Path(__file__).parent / "vendor-overlays"


def generated_from(document: dict[str, Any]) -> dict[str, Any]:
    """Return the definition in the form that the generator receives, not yet validated."""
    inventory = rows()
    return relative(in_one_form(document, inventory), inventory)


def schemas_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the named schemas."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    return schemas


def extra_optional_answer_property(document: dict[str, Any]) -> None:
    """Add a property to the entities of responses."""
    for name in ("IModel", "Changeset", "Briefcase", "LockedObjects", "NamedVersion", "PagingLinks"):
        schemas_of(document)[name]["properties"]["futureNote"] = {"type": ["string", "null"]}


def extra_required_answer_property(document: dict[str, Any]) -> None:
    """Add a property that is declared as required to the entities of responses."""
    for name in ("IModel", "Changeset", "ChangesetSummary", "Briefcase", "Lock", "Error", "User"):
        schema = schemas_of(document)[name]
        schema["properties"]["futureId"] = {"type": "string", "format": "uuid"}
        schema["required"] = ["futureId", *schema.get("required", [])]


def new_enum_value(document: dict[str, Any]) -> None:
    """Add a value to every named enum."""
    for schema in schemas_of(document).values():
        if "enum" in schema and schema["type"] == "string":
            schema["enum"] = ["futureValue", *schema["enum"]]
            schema.pop("x-enum-varnames", None)


def renamed_schemas(document: dict[str, Any]) -> None:
    """Rename the schemas and titles of responses and requests."""
    for name in ("Changeset", "IModelsRepresentation", "ErrorResponse", "BriefcaseAcquire", "LocksUpdate"):
        schema = schemas_of(document)[f"{name}Entity"] = schemas_of(document).pop(name)
        schema["title"] = f"{name} Entity"
        for _, node in nodes(document):
            if isinstance(node, dict) and node.get("$ref") == f"#/components/schemas/{name}":
                node["$ref"] = f"#/components/schemas/{name}Entity"


def reordered_properties(document: dict[str, Any]) -> None:
    """Reorder properties, required lists and schemas."""
    for _, node in nodes(document["components"]["schemas"]):
        if isinstance(node, dict) and isinstance(node.get("properties"), dict):
            node["properties"] = dict(reversed(node["properties"].items()))
        if isinstance(node, dict) and isinstance(node.get("required"), list):
            node["required"] = node["required"][::-1]
    document["components"]["schemas"] = dict(reversed(schemas_of(document).items()))


def hoisted_inline_schemas(document: dict[str, Any]) -> None:
    """Turn inline schemas of a parameter, of list items and of a union into named ones."""
    locks = document["paths"]["/{id}/locks"]
    level = next(each for each in locks["get"]["parameters"] if each["name"] == "lockLevel")
    conflict = locks["patch"]["responses"]["409"]["content"][JSON_MEDIA]
    object_ids = schemas_of(document)["LockedObjects"]["properties"]["objectIds"]
    for holder, key, name in ((level, "schema", "LevelFilter"), (conflict, "schema", "LocksConflict")):
        schemas_of(document)[name] = holder[key]
        holder[key] = {"$ref": f"#/components/schemas/{name}"}
    schemas_of(document)["ObjectId"] = object_ids["items"]
    object_ids["items"] = {"$ref": "#/components/schemas/ObjectId"}


def inlined_schemas(document: dict[str, Any]) -> None:
    """Inline named schemas of responses and of a request."""
    for name in ("BriefcaseLinks", "ChangesetGroupResponse", "NamedVersionCreate"):
        schema = schemas_of(document).pop(name)
        for _, node in nodes(document):
            if isinstance(node, dict) and node.get("$ref") == f"#/components/schemas/{name}":
                del node["$ref"]
                node.update({**copy.deepcopy(schema), **node})


def new_operation(document: dict[str, Any]) -> None:
    """Add an operation."""
    locks = document["paths"]["/{id}/locks"]["get"]
    document["paths"]["/{id}/weather"] = {"get": {**copy.deepcopy(locks), "operationId": "get-imodel-weather"}}


def new_operation_of_another_kind(document: dict[str, Any]) -> None:
    """Add an operation with new kinds of content: forms, XML, lists without pages, mixed values."""
    weather = copy.deepcopy(document["paths"]["/{id}/locks"]["get"])
    schemas_of(document)["Weather"] = {
        "type": "object",
        "properties": {
            "wind": {"enum": ["none", 1, 2.5, True]},
            "anything": True,
            "place": {"type": "object", "properties": {"name": {"type": "string"}}},
            "elsewhere": {"$ref": "#/components/schemas/Weather/properties/place"},
        },
    }
    days = {"type": "array", "items": {"type": "string"}}
    weather |= {
        "operationId": "report-imodel-weather",
        "parameters": [
            *(each for each in weather["parameters"] if each["in"] == "path"),
            {"name": "days", "in": "query", "explode": False, "schema": days},
            {"name": "places", "in": "query", "style": "pipeDelimited", "explode": False, "schema": days},
        ],
        "requestBody": {
            "content": {
                "multipart/form-data": {"schema": {"type": "object", "properties": {"picture": {"type": "string"}}}}
            }
        },
    }
    weather["responses"]["200"]["content"] = {
        "application/xml": {"schema": {"$ref": "#/components/schemas/Weather"}},
        "text/calendar": {"schema": {"type": "string"}},
    }
    weather["responses"]["201"] = {
        "description": "The report.",
        "content": {JSON_MEDIA: {"schema": {"$ref": "#/components/schemas/Weather"}}},
    }
    document["paths"]["/{id}/weather/reports"] = {"post": weather}


def new_error_statuses(document: dict[str, Any]) -> None:
    """Add the statuses 410 and 503 to every operation."""
    for operation in operations(document):
        gone = copy.deepcopy(operation.node["responses"]["401"])
        operation.node["responses"] |= {"410": gone, "503": {"description": "Not now."}}


def new_optional_query_parameter(document: dict[str, Any]) -> None:
    """Add a filter to every list, as the first parameter and with a default."""
    parameter = {"name": "$filter", "in": "query", "required": False, "schema": {"type": "string", "default": "all"}}
    for operation in operations(document):
        if any(each.get("name") == "$top" for each in operation.node["parameters"]):
            place = sum(each["in"] == "path" for each in operation.node["parameters"])
            operation.node["parameters"].insert(place, copy.deepcopy(parameter))


def vendor_style(document: dict[str, Any]) -> None:
    """Write the same API as the vendor is likely to: OpenAPI 3.0, loose, with a spelling mistake.

    ``nullable: true``, links that may be null without a declaration, nothing required in responses, inline enums, no
    extensions of ours, a path parameter with another name for one method, one list property misspelled.
    """
    document["openapi"] = "3.0.1"
    for _, node in [*nodes(document)]:
        if isinstance(node, dict):
            _say_null_as_3_0(node)
            for key in [key for key in node if key.startswith("x-") and key != "x-technical-preview"]:
                del node[key]
    for schema in _answer_schemas(document):
        schema.pop("required", None)
    _inline_enums(document)
    properties = schemas_of(document)["BriefcasesRepresentation"]["properties"]
    properties["Briefcases"] = properties.pop("briefcases")
    both = document["paths"]["/{id}/changesets/{changeset}"]
    update = both.pop("patch")
    next(each for each in update["parameters"] if each["name"] == "changeset")["name"] = "changesetId"
    document["paths"]["/{id}/changesets/{changesetId}"] = {"patch": update}


def _say_null_as_3_0(node: dict[str, Any]) -> None:
    if isinstance(node.get("type"), list):
        node["type"] = next(each for each in node["type"] if each != "null")
        node["nullable"] = True
    if {"type": "null"} in node.get("anyOf", []):
        (member,) = (each for each in node.pop("anyOf") if each != {"type": "null"})
        node.update(member)
        if not str(member.get("$ref")).endswith("Link"):
            node["nullable"] = True


def _answer_schemas(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pending = [
        media["schema"]
        for operation in operations(document)
        for response in operation.node["responses"].values()
        for media in response.get("content", {}).values()
    ]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        for _, each in nodes(node):
            target = resolved(document, each) if isinstance(each, dict) else None
            if isinstance(target, dict) and id(target) not in seen:
                seen.add(id(target))
                pending.append(target)
                if isinstance(target.get("properties"), dict):
                    yield target


def _inline_enums(document: dict[str, Any]) -> None:
    for _, node in [*nodes(document)]:
        reference = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(reference, str) and "enum" in (schema := lookup(document, reference)):
            del node["$ref"]
            node.update({key: schema[key] for key in ("type", "enum")} | node)
    for name in [name for name, schema in schemas_of(document).items() if "enum" in schema]:
        del schemas_of(document)[name]


def everything(document: dict[str, Any]) -> None:
    """Make all compatible changes at once, in the vendor's style."""
    for mutation in COMPATIBLE:
        mutation(document)
    vendor_style(document)


def referenced_parts(document: dict[str, Any]) -> None:
    """Move parameters, bodies, responses and headers to ``components``, or next to the methods that share them."""
    components = document["components"]
    for operation in operations(document):
        node = operation.node
        node["parameters"] = [
            _hoisted(components, "parameters", f"{each['in']}_{each['name'].strip('$')}", each)
            for each in node["parameters"]
        ]
        if "requestBody" in node:
            node["requestBody"] = _hoisted(components, "requestBodies", operation.id, node["requestBody"])
        for status, response in node["responses"].items():
            for name, header in response.get("headers", {}).items():
                response["headers"][name] = _hoisted(components, "headers", name, header)
            node["responses"][status] = _hoisted(components, "responses", f"{operation.id}-{status}", response)
    for path, item in document["paths"].items():
        _share_parameters([item[key] for key in item], item)
        if "checkpoint" in path:
            document["paths"][path] = _hoisted(components, "pathItems", path, item)


def _hoisted(components: dict[str, Any], section: str, name: str, part: dict[str, Any]) -> dict[str, Any]:
    """Move a part to a section, under another name if that one is taken, and return the reference to it."""
    shared = components.setdefault(section, {})
    name = re.sub(r"[^\w-]+", "_", name)
    while shared.setdefault(name, part) != part:
        name += "_"
    return {"$ref": f"#/components/{section}/{name}"}


def _share_parameters(methods: list[dict[str, Any]], item: dict[str, Any]) -> None:
    common = [each for each in methods[0]["parameters"] if all(each in method["parameters"] for method in methods)]
    for method in methods:
        method["parameters"] = [each for each in method["parameters"] if each not in common]
    item["parameters"] = common


def renamed_path_parameters(document: dict[str, Any]) -> None:
    """Rename the id of an iModel in paths, and that of a changeset in one method."""
    paths: dict[str, Any] = {}
    for operation in operations(document):
        names = {"id": "imodelId"} | ({"changeset": "changesetIdOrIndex"} if operation.method == "patch" else {})
        path = operation.path
        for parameter in operation.node["parameters"]:
            if parameter["in"] == "path" and parameter["name"] in names:
                path = path.replace(f"{{{parameter['name']}}}", f"{{{names[parameter['name']]}}}")
                parameter["name"] = names[parameter["name"]]
        paths.setdefault(path, {})[operation.method] = operation.node
    document["paths"] = paths


def base_path_inside(document: dict[str, Any]) -> None:
    """Move the base path from the URLs of the servers to each path."""
    document["paths"] = {f"/imodels{path}".rstrip("/"): item for path, item in document["paths"].items()}
    for server in document["servers"]:
        server["url"] = server["url"].removesuffix("/imodels")


def no_tags(document: dict[str, Any]) -> None:
    """Remove the tags of all operations."""
    document.pop("tags", None)
    for operation in operations(document):
        operation.node.pop("tags", None)


def two_tags(document: dict[str, Any]) -> None:
    """Add a second tag to operations, before the first one."""
    for operation in operations(document):
        operation.node["tags"].insert(0, "iTwin Platform")


def renamed_tags(document: dict[str, Any]) -> None:
    """Rename the tags."""
    for operation in operations(document):
        operation.node["tags"] = [f"{tag} (v2)" for tag in operation.node["tags"]]


def other_operation_ids(document: dict[str, Any]) -> None:
    """Change some operationIds, as API Management generates them, and remove others."""
    for number, operation in enumerate(operations(document)):
        if number % 3:
            operation.node["operationId"] = f"5f1a0{number:x}"
        else:
            del operation.node["operationId"]


def no_security(document: dict[str, Any]) -> None:
    """Remove the security of all operations."""
    document.pop("security", None)
    for operation in operations(document):
        operation.node.pop("security", None)


def charset_media(document: dict[str, Any]) -> None:
    """Add the charset to JSON bodies and responses."""
    _rename_json(document, lambda media: {"application/json; charset=utf-8": media})


def two_json_media(document: dict[str, Any]) -> None:
    """Add further JSON media types to bodies and responses."""
    names = ("application/vnd.bentley.itwin-platform.v2+json", "text/json", JSON_MEDIA, "application/*+json")
    _rename_json(document, lambda media: dict.fromkeys(names, media))


def _rename_json(document: dict[str, Any], made: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    for operation in operations(document):
        for body in (operation.node.get("requestBody", {}), *operation.node["responses"].values()):
            if JSON_MEDIA in body.get("content", {}):
                body["content"] = made(body["content"].pop(JSON_MEDIA)) | body["content"]


def other_title(document: dict[str, Any]) -> None:
    """Change the title of the API."""
    document["info"]["title"] = "iTwin Platform - iModels API"


def closed_answers(document: dict[str, Any]) -> None:
    """Declare that objects of responses have no other properties."""
    for schema in _answer_schemas(document):
        schema["additionalProperties"] = False


def other_case_of_headers(document: dict[str, Any]) -> None:
    """Write the names of headers in lower case, also beside the ones that the path declares in upper case."""
    for operation in operations(document):
        item = document["paths"][operation.path]
        for parameter in operation.node["parameters"]:
            if parameter["in"] == "header":
                item.setdefault("parameters", []).append({**parameter, "name": parameter["name"].upper()})
                parameter["name"] = parameter["name"].lower()
        for response in operation.node["responses"].values():
            response["headers"] = {name.lower(): header for name, header in response.get("headers", {}).items()}
    for item in document["paths"].values():
        shared = {each["name"]: each for each in item.get("parameters", ())}
        item["parameters"] = [{**each, "required": False} for each in shared.values()]


def wordy_schemas(document: dict[str, Any]) -> None:
    """Add redundant parts to schemas: annotations beside references, required properties as alternatives."""
    for _, node in list(nodes(document["components"]["schemas"])):
        for name, member in (node.get("properties") or {}).items() if isinstance(node, dict) else ():
            if isinstance(member, dict) and "$ref" in member:
                node["properties"][name] = {"allOf": [{"$ref": member["$ref"]}, {"description": "Described here."}]}
    schemas_of(document)["IModel"]["anyOf"] = [{"required": ["id"]}, {"description": "Any."}]
    schemas_of(document)["BriefcaseAcquire"]["oneOf"] = [{"description": "Any."}]


def another_version_beside_it(document: dict[str, Any]) -> None:
    """Add the paths of another version."""
    for path, item in list(document["paths"].items()):
        document["paths"][f"/v1{path}"] = copy.deepcopy(item)
    for operation in operations(document):
        if operation.path.startswith("/v1"):
            operation.node["operationId"] += "-v1"


def apim_export(document: dict[str, Any]) -> None:
    """Write the same API as an export of Azure API Management: OpenAPI 3.0, shared parts, everything loose.

    Ids are UUIDs, every query parameter has a default, bodies are optional, with several JSON types, one more error
    status, generated operationIds, and tags with the name of the API.
    """
    vendor_style(document)
    _correct_spelling(document)
    for operation in operations(document):
        operation.node.get("requestBody", {}).pop("required", None)
        operation.node["responses"] |= {"403": {"description": "Forbidden"}, "415": {"description": "Unsupported"}}
        for parameter in operation.node["parameters"]:
            if parameter["in"] == "query":
                parameter["schema"].setdefault("default", "")
            if parameter["in"] == "path":
                parameter["schema"] = {"type": "string", "format": "uuid", "default": ""}
    for form in (two_json_media, closed_answers, renamed_path_parameters, other_operation_ids, renamed_tags, two_tags):
        form(document)
    for form in (no_security, other_title, base_path_inside, referenced_parts):
        form(document)


def _correct_spelling(document: dict[str, Any]) -> None:
    properties = schemas_of(document)["BriefcasesRepresentation"]["properties"]
    properties["briefcases"] = properties.pop("Briefcases")


SPELLINGS = (
    referenced_parts,
    base_path_inside,
    no_tags,
    two_tags,
    renamed_tags,
    other_operation_ids,
    no_security,
    charset_media,
    two_json_media,
    other_title,
    closed_answers,
)

FORMS = (
    *SPELLINGS,
    renamed_path_parameters,
    other_case_of_headers,
    wordy_schemas,
    another_version_beside_it,
    apim_export,
)

COMPATIBLE = (
    extra_optional_answer_property,
    extra_required_answer_property,
    new_enum_value,
    reordered_properties,
    hoisted_inline_schemas,
    inlined_schemas,
    renamed_schemas,
    new_operation,
    new_operation_of_another_kind,
    new_error_statuses,
    new_optional_query_parameter,
)
