"""The API definition is valid, complete, true to the documented examples and says what it rests on."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from scripts.specs.definition import DEFINITION, load
from scripts.specs.walk import Operation, lookup, operations, pointer_text, resolved

DOCUMENTED = Path(__file__).parent / "data" / "documented-examples.json"

OPERATIONS_BY_TAG = {
    "iModels": 7,
    "Operations": 1,
    "Baseline Files": 2,
    "Briefcases": 5,
    "Changesets": 8,
    "Changeset Groups": 4,
    "Named Versions": 6,
    "Users": 2,
    "Permissions": 5,
    "Locks": 4,
    "Thumbnails": 2,
    "Favorites": 3,
    "Recents": 3,
    "Share": 5,
}
BASES = {
    "documentation",
    "documentation-excerpt",
    "changelog",
    "vendor-client",
    "vendor-client-tests",
    "captured-answer",
    "v1-definition",
    "third-party",
    "simulation",
    "issue-tracker",
    "common",
    "usual",
    "inferred",
}
JSON_TYPE = "application/json"
FORMATS = FormatChecker(formats=["uuid", "date-time"])

Node = dict[str, Any]


class Example(NamedTuple):
    """A JSON example and the address of the schema that it must fit."""

    part: str
    name: str
    value: object
    schema: str


def inside(node: object, *path: str) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield every object in the document, skipping the values of examples."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from inside(item, *path, str(index))
    elif isinstance(node, dict):
        yield path, node
        for key, item in node.items():
            if key not in {"value", "example"} and not (key == "examples" and isinstance(item, list)):
                yield from inside(item, *path, key)


DOC: Node = load()
SCHEMAS: Node = DOC["components"]["schemas"]
OPERATIONS = list(operations(DOC))
BY_ID = {operation.id: operation for operation in OPERATIONS}
DOCUMENTED_EXAMPLES: list[Node] = json.loads(DOCUMENTED.read_text(encoding="utf-8"))
URI = "urn:imodels"
REGISTRY: Registry[Any] = Registry().with_resource(URI, DRAFT202012.create_resource(DOC))

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=list(BY_ID))
each_schema = pytest.mark.parametrize("name", list(SCHEMAS))


def errors_of(value: object, schema: str) -> list[str]:
    """Validate a value against the schema at this address of the document."""
    validator = Draft202012Validator({"$ref": URI + schema}, registry=REGISTRY, format_checker=FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def examples_of(operation: Operation) -> Iterator[Example]:
    """Yield the JSON examples of the request body and of all responses."""
    node = operation.node
    parts = {"request": ("requestBody",)} if "requestBody" in node else {}
    parts |= {status: ("responses", status) for status in node["responses"]}
    for part, where in parts.items():
        media = lookup(node, pointer_text(where)).get("content", {}).get(JSON_TYPE, {})
        schema = pointer_text(("paths", operation.path, operation.method, *where, "content", JSON_TYPE, "schema"))
        for name, example in media.get("examples", {}).items():
            yield Example(part, name, resolved(DOC, example)["value"], schema)


def failures(operation: Operation) -> dict[str, Node]:
    """Pick the error responses."""
    return {status: node for status, node in operation.node["responses"].items() if status >= "400"}


def takes_prefer(operation: Operation) -> bool:
    """Tell whether the caller chooses between a short and a full answer."""
    return any(parameter["name"] == "Prefer" for parameter in operation.node["parameters"])


def test_valid_openapi() -> None:
    """The document is valid OpenAPI 3.1."""
    assert DOC["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(DOC).iter_errors()] == []


def test_file_layout() -> None:
    """The file is plain UTF-8 JSON with two blanks of indentation, fixed key order and a final line break."""
    text = DEFINITION.read_text(encoding="utf-8")
    assert list(DOC) == ["openapi", "info", "servers", "security", "tags", "paths", "components"]
    assert text == json.dumps(DOC, indent=2, ensure_ascii=False) + "\n"


def test_title_and_servers() -> None:
    """Title, version and the three servers are the vendor's."""
    assert (DOC["info"]["title"], DOC["info"]["version"]) == ("iModels", "v2")
    assert [server["url"] for server in DOC["servers"]] == [
        "https://api.bentley.com/imodels",
        "https://qa-api.bentley.com/imodels",
        "https://dev-api.bentley.com/imodels",
    ]
    assert all(server["description"] for server in DOC["servers"])


def test_operations_by_tag() -> None:
    """There are 57 operations, each under one of 14 described tags."""
    assert len(OPERATIONS) == 57
    assert all(len(operation.node["tags"]) == 1 for operation in OPERATIONS)
    assert Counter(operation.node["tags"][0] for operation in OPERATIONS) == OPERATIONS_BY_TAG
    assert {tag["name"] for tag in DOC["tags"] if tag["description"]} == set(OPERATIONS_BY_TAG)


def test_operation_ids() -> None:
    """Operation ids are unique and in kebab case."""
    assert len(BY_ID) == len(OPERATIONS)
    assert [name for name in BY_ID if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name)] == []


def test_schema_count() -> None:
    """There are 128 entities and `Prefer`, none of them twice under one title."""
    titles = Counter(schema["title"] for schema in SCHEMAS.values())
    assert len(SCHEMAS) == 129
    assert [title for title, count in titles.items() if count > 1] == []


def test_references() -> None:
    """Every reference leads somewhere, and every component is used."""
    used = {node["$ref"] for _, node in inside(DOC) if isinstance(node.get("$ref"), str)}
    for address in used:
        assert lookup(DOC, address) is not None, address
    schemes = {name for _, node in inside(DOC) for need in node.get("security", []) for name in need}
    used |= {pointer_text(("components", "securitySchemes", name)) for name in schemes}
    kinds = DOC["components"].items()
    assert used == {pointer_text(("components", kind, name)) for kind, named in kinds for name in named}


def test_no_nullable() -> None:
    """Null is a type of its own everywhere; the keyword `nullable` of older OpenAPI does not occur."""
    assert [path for path, node in inside(DOC) if "nullable" in node] == []


@each_schema
def test_schema_described(name: str) -> None:
    """A schema has title and description, its properties are described, and the required ones exist."""
    schema = SCHEMAS[name]
    assert schema["title"]
    assert schema["description"]
    assert [key for key, node in schema.get("properties", {}).items() if not node.get("description")] == []
    assert set(schema.get("required", [])) <= set(schema.get("properties", {}))


@each_schema
def test_schema_examples(name: str) -> None:
    """The examples beside a schema and its properties fit it."""
    address = pointer_text(("components", "schemas", name))
    schema = SCHEMAS[name]
    assert [problem for value in schema.get("examples", []) for problem in errors_of(value, address)] == []
    for key, node in schema.get("properties", {}).items():
        for value in node.get("examples", []):
            assert errors_of(value, f"{address}/properties/{key}") == [], key


@each_schema
def test_nullable_reference(name: str) -> None:
    """A property that may be null or another schema is an `anyOf` of a bare reference and null."""
    for key, node in SCHEMAS[name].get("properties", {}).items():
        if "anyOf" in node:
            reference, null = node["anyOf"]
            assert list(reference) == ["$ref"], key
            assert null == {"type": "null"}, key


@each_operation
def test_operation_described(operation: Operation) -> None:
    """An operation has summary, description and permissions; parameters and responses are described."""
    node = operation.node
    assert node["summary"]
    assert node["description"]
    assert node["x-permission"]
    assert all(name.startswith("imodels_") for name in node["x-permission"])
    assert [p["name"] for p in node["parameters"] if not p.get("description")] == []
    assert [status for status, response in node["responses"].items() if not response.get("description")] == []


@each_operation
def test_path_parameters(operation: Operation) -> None:
    """Each placeholder of the path is declared once, required, and nothing else claims to be in the path."""
    declared = [p for p in operation.node["parameters"] if p["in"] == "path"]
    assert [p["name"] for p in declared] == re.findall(r"{(\w+)}", operation.path)
    assert all(p["required"] for p in declared)


@each_operation
def test_parameter_order(operation: Operation) -> None:
    """Parameters stand in the order path, query, headers; `Authorization` and `Accept` lead the headers."""
    parameters = operation.node["parameters"]
    places = [p["in"] for p in parameters]
    assert places == sorted(places, key=["path", "query", "header"].index)
    headers = [p for p in parameters if p["in"] == "header"]
    assert [(p["name"], p["required"]) for p in headers[:2]] == [("Authorization", True), ("Accept", True)]


@each_operation
def test_parameter_examples(operation: Operation) -> None:
    """The example and the default of a parameter fit its schema."""
    for index, parameter in enumerate(operation.node["parameters"]):
        values = [parameter[key] for key in ("example",) if key in parameter]
        values += [example["value"] for example in parameter.get("examples", {}).values()]
        values += [parameter["schema"][key] for key in ("default",) if key in parameter["schema"]]
        address = pointer_text(("paths", operation.path, operation.method, "parameters", str(index), "schema"))
        assert [problem for value in values for problem in errors_of(value, address)] == [], parameter["name"]


@each_operation
def test_deprecated_parameters(operation: Operation) -> None:
    """A parameter carries `deprecated` exactly when its description speaks of a deprecation."""
    for parameter in operation.node["parameters"]:
        said = "deprecated" in parameter["description"].lower()
        assert parameter.get("deprecated", False) is said, parameter["name"]


def test_deprecated_skip() -> None:
    """`$skip` is deprecated in the lists that the vendor's changelog moved to `$continuationToken`."""
    deprecated = {
        operation.id
        for operation in OPERATIONS
        for parameter in operation.node["parameters"]
        if parameter["name"] == "$skip" and parameter.get("deprecated")
    }
    assert deprecated == {
        "get-itwin-imodels",
        "get-imodel-briefcases",
        "get-imodel-changesets",
        "get-imodel-named-versions",
        "get-imodel-users",
        "get-imodel-locks",
        "get-imodel-released-locks",
    }


@each_operation
def test_order_by(operation: Operation) -> None:
    """`$orderBy` takes each sortable property with or without a direction, and nothing else."""
    for index, parameter in enumerate(operation.node["parameters"]):
        if parameter["name"] == "$orderBy":
            address = pointer_text(("paths", operation.path, operation.method, "parameters", str(index), "schema"))
            for name in parameter["x-sortable"]:
                for value in (name, f"{name} asc", f"{name} desc"):
                    assert errors_of(value, address) == []
                for value in ("", f"{name} up", f"x{name}", f"{name},", f"{name} asc desc"):
                    assert errors_of(value, address) != [], value


@each_operation
def test_common_failures(operation: Operation) -> None:
    """Every operation can answer 401, and 429 with the number of seconds to wait."""
    responses = operation.node["responses"]
    assert responses["401"]["x-error-codes"] == ["HeaderNotFound", "Unauthorized"]
    assert responses["429"]["x-error-codes"] == ["TooManyRequests", "RateLimitExceeded"]
    assert responses["429"]["headers"]["retry-after"]["schema"]["type"] == "integer"


@each_operation
def test_failures_named(operation: Operation) -> None:
    """An error response names its codes, has one example for each of them, and a detailed schema for 422."""
    given: dict[str, dict[str, Any]] = {}
    for example in examples_of(operation):
        given.setdefault(example.part, {})[example.name] = example.value
    for status, node in failures(operation).items():
        codes = node["x-error-codes"]
        assert len(codes) == len(set(codes)) > 0, status
        shown = {name: value["error"]["code"] for name, value in given[status].items()}
        assert shown == {code: code for code in codes}, status
        detailed = {"$ref": pointer_text(("components", "schemas", "DetailedErrorResponse"))}
        assert (node["content"][JSON_TYPE]["schema"] == detailed) is (status == "422")
        assert set(node.get("x-basis-inferred-codes", [])) <= set(codes), status


@each_operation
def test_failure_details(operation: Operation) -> None:
    """The example of a 422 shows every detail code and inner code that the response names."""
    node = operation.node["responses"].get("422")
    if node is None:
        return
    (example,) = [example for example in examples_of(operation) if example.part == "422"]
    value: Any = example.value
    details = value["error"]["details"]
    assert {detail["code"] for detail in details} == set(node["x-detail-codes"])
    inner = {detail["innerError"]["code"] for detail in details if "innerError" in detail}
    assert inner == set(node.get("x-inner-codes", []))


@each_operation
def test_successes(operation: Operation) -> None:
    """There is one success status, with an example wherever it has a JSON body; 202 tells two addresses."""
    (status,) = [status for status in operation.node["responses"] if status < "400"]
    node = operation.node["responses"][status]
    assert status in {"200", "201", "202", "204"}
    if JSON_TYPE in node.get("content", {}):
        assert any(example.part == status for example in examples_of(operation))
    elif status == "200":
        assert list(node["content"]) == ["image/png"]
    else:
        assert "content" not in node
    headers = ["Location", "Create-iModel-Operation"] if status == "202" else []
    assert list(node.get("headers", {})) == headers


@each_operation
def test_request_examples(operation: Operation) -> None:
    """A JSON request body has at least one example."""
    body = operation.node.get("requestBody")
    if body is not None and JSON_TYPE in body["content"]:
        assert any(example.part == "request" for example in examples_of(operation))


@each_operation
def test_examples_fit(operation: Operation) -> None:
    """Every example of a request or response fits the schema beside it, formats included."""
    for example in examples_of(operation):
        assert errors_of(example.value, example.schema) == [], (example.part, example.name)


@pytest.mark.parametrize(
    "documented",
    DOCUMENTED_EXAMPLES,
    ids=[f"{entry['operation']}-{entry['part']}" for entry in DOCUMENTED_EXAMPLES],
)
def test_documented_example(documented: Node) -> None:
    """An example of the vendor's documentation is in the definition, unchanged, where it belongs."""
    examples = examples_of(BY_ID[documented["operation"]])
    values = [example.value for example in examples if example.part == documented["part"]]
    assert documented["value"] in values


def test_documented_examples_count() -> None:
    """All 40 examples of the five documentation pages are held against the definition."""
    assert Counter(entry["operation"] for entry in DOCUMENTED_EXAMPLES) == {
        "release-imodel-locks-chunk": 9,
        "get-imodel-locks": 5,
        "update-imodel-changeset-group": 8,
        "acquire-imodel-briefcase": 9,
        "update-imodel-changeset": 9,
    }


@each_operation
def test_prefer(operation: Operation) -> None:
    """With `Prefer` there is a short and a full example, and the short one does not fit the full form."""
    (status,) = [status for status in operation.node["responses"] if status < "400"]
    media = operation.node["responses"][status].get("content", {}).get(JSON_TYPE, {})
    if not takes_prefer(operation):
        assert "anyOf" not in media.get("schema", {})
        return
    examples = {example.name: example for example in examples_of(operation) if example.part == status}
    assert set(examples) == {"minimal", "representation"}
    full, short = (schema["$ref"] for schema in media["schema"]["anyOf"])
    assert errors_of(examples["minimal"].value, short) == []
    assert errors_of(examples["minimal"].value, full) != []
    assert errors_of(examples["representation"].value, full) == []


def test_prefer_operations() -> None:
    """The lists of iModels, briefcases, changesets, Named Versions and users take `Prefer`."""
    assert {operation.id for operation in OPERATIONS if takes_prefer(operation)} == {
        "get-itwin-imodels",
        "get-my-favorite-imodels",
        "get-my-recently-used-imodels",
        "get-imodel-briefcases",
        "get-imodel-changesets",
        "get-imodel-named-versions",
        "get-imodel-users",
    }


@each_operation
def test_operation_basis(operation: Operation) -> None:
    """An operation and each of its responses say what they rest on."""
    assert operation.node["x-basis"]
    assert isinstance(operation.node["x-basis"], list)
    for status, response in operation.node["responses"].items():
        assert isinstance(response["x-basis"], str), status


@each_schema
def test_schema_basis(name: str) -> None:
    """A schema says what it rests on."""
    assert SCHEMAS[name]["x-basis"]
    assert isinstance(SCHEMAS[name]["x-basis"], list)


def test_basis_vocabulary() -> None:
    """Wherever a basis is given, it is one of the words that the README explains."""
    for path, node in inside(DOC):
        for key in ("x-basis", "x-basis-security"):
            given = node.get(key, [])
            assert set([given] if isinstance(given, str) else given) <= BASES, path
    readme = (DEFINITION.parent / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z0-9-]+)` \|", readme, re.MULTILINE))
    assert explained >= BASES


def test_basis_of_bounds() -> None:
    """A basis for single bounds only speaks of bounds that the schema has."""
    for path, node in inside(DOC):
        if "x-basis-bounds" in node:
            assert node["x-basis"], path
            assert set(node["x-basis-bounds"]) <= set(node), path


@each_operation
def test_security(operation: Operation) -> None:
    """A share key opens reading operations on one iModel, marked as concluded, and nothing else."""
    security = operation.node.get("security")
    if security is None:
        assert "x-basis-security" not in operation.node
        return
    assert security == [{"OAuth2": ["itwin-platform"]}, {"ShareKey": []}]
    assert operation.method == "get"
    assert operation.path.startswith("/{id}")
    assert "/shares" not in operation.path
    assert set(operation.node["x-permission"]) <= {"imodels_webview", "imodels_read"}
    assert operation.node["x-basis-security"] == ["inferred"]
    assert "inferred" in operation.node["x-basis"]
