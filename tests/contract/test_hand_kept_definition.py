"""Requirements of our own definition beyond validity: layout, texts, examples, and the source of each part.

The vendor's file need not meet them, so these tests run only while the lock says that the definition is ours.
Each test checks one rule and lists all violations.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.spec_format import COPY
from scripts.specs import lock
from scripts.specs.definition import DEFINITION, load
from scripts.specs.layout import laid_out
from scripts.specs.walk import Operation, lookup, operations, pointer_text, resolved
from tests.contract.test_definition import DOCUMENTED
from tests.definition import Schemas

pytestmark = pytest.mark.skipif(not lock.is_ours(), reason="the definition is not the one that we keep by hand")

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
    "documentation-source",
    "changelog",
    "vendor-client",
    "vendor-client-tests",
    "captured-answer",
    "v1-definition",
    "third-party",
    "simulation",
    "common",
    "usual",
    "inferred",
}
WITH_PREFER = {
    "get-itwin-imodels",
    "get-my-favorite-imodels",
    "get-my-recently-used-imodels",
    "get-imodel-briefcases",
    "get-imodel-changesets",
    "get-imodel-named-versions",
    "get-imodel-users",
}
WITHOUT_SKIP = {
    "get-itwin-imodels",
    "get-imodel-briefcases",
    "get-imodel-changesets",
    "get-imodel-named-versions",
    "get-imodel-users",
    "get-imodel-locks",
    "get-imodel-released-locks",
}
JSON_TYPE = "application/json"
DETAILED_ERROR = {"$ref": "#/components/schemas/DetailedErrorResponse"}

Node = dict[str, Any]
Findings = Iterator[str]

DOC: Node = load(COPY)
SCHEMAS: Node = DOC["components"]["schemas"]
OPERATIONS = list(operations(DOC))
BY_ID = {operation.id: operation for operation in OPERATIONS}
FITTING = Schemas(DOC)


class Example(NamedTuple):
    """A JSON example and the address of the schema that it must fit."""

    part: str
    name: str
    value: Any
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


def examples_of(operation: Operation) -> Iterator[Example]:
    """Yield the JSON examples of the request body and of all responses."""
    node = operation.node
    parts = {"request": ("requestBody",)} if "requestBody" in node else {}
    parts |= {status: ("responses", status) for status in node["responses"]}
    for part, where in parts.items():
        media = lookup(node, pointer_text(where)).get("content", {}).get(JSON_TYPE, {})
        schema = pointer_text((*operation.pointer, *where, "content", JSON_TYPE, "schema"))
        for name, example in media.get("examples", {}).items():
            yield Example(part, name, resolved(DOC, example)["value"], schema)


def success(operation: Operation) -> tuple[str, Node]:
    """Return the only success status of an operation and its response."""
    ((status, node),) = [each for each in operation.node["responses"].items() if each[0] < "400"]
    return status, node


def failures(operation: Operation) -> dict[str, Node]:
    """Return the error responses of an operation."""
    return {status: node for status, node in operation.node["responses"].items() if status >= "400"}


def parameters() -> Iterator[tuple[str, Node, str]]:
    """Yield every parameter with its name in a message and the address of its schema."""
    for operation in OPERATIONS:
        for index, parameter in enumerate(operation.node["parameters"]):
            address = pointer_text((*operation.pointer, "parameters", index, "schema"))
            yield f"{operation.id}, {parameter['name']}", parameter, address


def takes_prefer(operation: Operation) -> bool:
    """Return whether the caller can choose between a short and a full response."""
    return any(parameter["name"] == "Prefer" for parameter in operation.node["parameters"])


def is_filled_list(found: object) -> bool:
    """Check whether a basis is a list with something in it."""
    return isinstance(found, list) and bool(found)


def test_the_tests_stand_on_this_definition() -> None:
    """The data of the tests is this file; `make format` copies it."""
    assert COPY.read_bytes() == DEFINITION.read_bytes()


def test_the_file_is_laid_out() -> None:
    """Sections, parameters and statuses are in order, the text is UTF-8 JSON; `make format` writes it so."""
    assert DEFINITION.read_text(encoding="utf-8") == laid_out(DOC)


def test_it_is_valid_openapi() -> None:
    """It is valid OpenAPI 3.1, including examples and defaults."""
    assert [str(error) for error in OpenAPIV31SpecValidator(DOC).iter_errors()] == []


def test_version_title_and_servers() -> None:
    """They are the vendor's."""
    assert (DOC["openapi"], DOC["info"]["title"], DOC["info"]["version"]) == ("3.1.0", "iModels", "v2")
    assert [server["url"] for server in DOC["servers"]] == [
        "https://api.bentley.com/imodels",
        "https://qa-api.bentley.com/imodels",
        "https://dev-api.bentley.com/imodels",
    ]
    assert all(server["description"] for server in DOC["servers"])


def test_operations_by_tag() -> None:
    """There are 57 operations, each with one of 14 described tags."""
    assert len(OPERATIONS) == 57
    assert all(len(operation.node["tags"]) == 1 for operation in OPERATIONS)
    assert Counter(operation.node["tags"][0] for operation in OPERATIONS) == OPERATIONS_BY_TAG
    assert {tag["name"] for tag in DOC["tags"] if tag["description"]} == set(OPERATIONS_BY_TAG)


def test_operation_ids() -> None:
    """Operation ids are unique and in kebab case."""
    assert len(BY_ID) == len(OPERATIONS)
    assert [name for name in BY_ID if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name)] == []


def test_schema_count() -> None:
    """There are 128 entities and `Prefer`, with different titles."""
    titles = Counter(schema["title"] for schema in SCHEMAS.values())
    assert len(SCHEMAS) == 129
    assert [title for title, count in titles.items() if count > 1] == []


def test_every_component_is_used() -> None:
    """Each is used by a reference, or as a security scheme."""
    used = {node["$ref"] for _, node in inside(DOC) if isinstance(node.get("$ref"), str)}
    schemes = {name for _, node in inside(DOC) for need in node.get("security", []) for name in need}
    used |= {pointer_text(("components", "securitySchemes", name)) for name in schemes}
    kinds = DOC["components"].items()
    assert used == {pointer_text(("components", kind, name)) for kind, named in kinds for name in named}


def without_nullable() -> Findings:
    """Null is a separate type everywhere; the keyword `nullable` of older OpenAPI does not occur."""
    yield from (pointer_text(path) for path, node in inside(DOC) if "nullable" in node)


def described_schemas() -> Findings:
    """A schema has a title and a description, its properties have descriptions, and the required ones exist."""
    for name, schema in SCHEMAS.items():
        properties = schema.get("properties", {})
        yield from (f"{name}: no {key}" for key in ("title", "description") if not schema.get(key))
        yield from (f"{name}.{key}: no description" for key, node in properties.items() if not node.get("description"))
        yield from (
            f"{name}.{key}: required but missing" for key in schema.get("required", []) if key not in properties
        )


def fitting_examples_of_schemas() -> Findings:
    """The examples of a schema and its properties conform to it."""
    for name, schema in SCHEMAS.items():
        address = pointer_text(("components", "schemas", name))
        places = {address: schema}
        places |= {f"{address}/properties/{key}": node for key, node in schema.get("properties", {}).items()}
        for place, node in places.items():
            yield from (
                f"{place}: {each}" for value in node.get("examples", []) for each in FITTING.errors(value, place)
            )


def nullable_references() -> Findings:
    """A property that may be null or another schema is an `anyOf` of a bare reference and null."""
    for name, schema in SCHEMAS.items():
        for key, node in schema.get("properties", {}).items():
            reference, *others = node.get("anyOf", [{"$ref": ""}, {"type": "null"}])
            if list(reference) != ["$ref"] or others != [{"type": "null"}]:
                yield f"{name}.{key}"


def described_operations() -> Findings:
    """An operation has summary, description and permissions; parameters and responses are described."""
    for operation in OPERATIONS:
        node = operation.node
        yield from (
            f"{operation.id}: no {key}" for key in ("summary", "description", "x-permission") if not node.get(key)
        )
        yield from (f"{operation.id}: {name}" for name in node["x-permission"] if not name.startswith("imodels_"))
        yield from (f"{operation.id}, {p['name']}" for p in node["parameters"] if not p.get("description"))
        yield from (f"{operation.id}, {s}" for s, each in node["responses"].items() if not each.get("description"))


def declared_path_parameters() -> Findings:
    """Each placeholder of the path is declared once, as required, and no other path parameter is declared."""
    for operation in OPERATIONS:
        declared = [p for p in operation.node["parameters"] if p["in"] == "path"]
        if [p["name"] for p in declared] != re.findall(r"{(\w+)}", operation.path):
            yield f"{operation.id}: other parameters than in {operation.path}"
        yield from (f"{operation.id}, {p['name']}: not required" for p in declared if not p["required"])


def required_headers() -> Findings:
    """Every operation requires the `Authorization` and `Accept` headers."""
    for operation in OPERATIONS:
        headers = {p["name"]: p["required"] for p in operation.node["parameters"] if p["in"] == "header"}
        yield from (f"{operation.id}, {name}" for name in ("Authorization", "Accept") if headers.get(name) is not True)


def fitting_values_of_parameters() -> Findings:
    """The example and the default of a parameter fit its schema."""
    for place, parameter, address in parameters():
        values = [parameter[key] for key in ("example",) if key in parameter]
        values += [example["value"] for example in parameter.get("examples", {}).values()]
        values += [parameter["schema"][key] for key in ("default",) if key in parameter["schema"]]
        yield from (f"{place}: {error}" for value in values for error in FITTING.errors(value, address))


def deprecated_parameters() -> Findings:
    """A parameter carries `deprecated` exactly when its description speaks of a deprecation."""
    for place, parameter, _ in parameters():
        if parameter.get("deprecated", False) is not ("deprecated" in parameter["description"].lower()):
            yield place


def orders() -> Findings:
    """`$orderBy` accepts each sortable property with or without a direction, and nothing else."""
    for place, parameter, address in parameters():
        if parameter["name"] == "$orderBy":
            for name in parameter["x-sortable"]:
                taken = (name, f"{name} asc", f"{name} desc")
                refused = ("", f"{name} up", f"x{name}", f"{name},", f"{name} asc desc")
                yield from (f"{place}: refuses {each!r}" for each in taken if FITTING.errors(each, address))
                yield from (f"{place}: takes {each!r}" for each in refused if not FITTING.errors(each, address))


def common_failures() -> Findings:
    """Every operation can respond with 401, and with 429 and the number of seconds to wait."""
    for operation in OPERATIONS:
        responses = operation.node["responses"]
        if responses["401"]["x-error-codes"] != ["HeaderNotFound", "Unauthorized"]:
            yield f"{operation.id}, 401"
        if responses["429"]["x-error-codes"] != ["TooManyRequests", "RateLimitExceeded"]:
            yield f"{operation.id}, 429"
        if responses["429"]["headers"]["retry-after"]["schema"]["type"] != "integer":
            yield f"{operation.id}, 429, retry-after"


def named_failures() -> Findings:
    """An error response has its codes, an example for each, and a detailed schema for 422."""
    for operation in OPERATIONS:
        given: dict[str, Node] = {}
        for example in examples_of(operation):
            given.setdefault(example.part, {})[example.name] = example.value
        for status, node in failures(operation).items():
            codes = node["x-error-codes"]
            shown = {name: value["error"]["code"] for name, value in given[status].items()}
            if not codes or len(codes) != len(set(codes)) or shown != {code: code for code in codes}:
                yield f"{operation.id}, {status}: codes {codes}, examples {shown}"
            if (node["content"][JSON_TYPE]["schema"] == DETAILED_ERROR) is not (status == "422"):
                yield f"{operation.id}, {status}: schema"
            if not set(node.get("x-basis-inferred-codes", [])) <= set(codes):
                yield f"{operation.id}, {status}: inferred codes that it does not name"


def detailed_failures() -> Findings:
    """The example of a 422 shows every detail code and inner code that the response names."""
    for operation in OPERATIONS:
        node = operation.node["responses"].get("422")
        if node is None:
            continue
        shown = [each.value["error"]["details"] for each in examples_of(operation) if each.part == "422"]
        details = [detail for each in shown for detail in each]
        inner = {detail["innerError"]["code"] for detail in details if "innerError" in detail}
        if len(shown) != 1 or {detail["code"] for detail in details} != set(node["x-detail-codes"]):
            yield f"{operation.id}: detail codes"
        if inner != set(node.get("x-inner-codes", [])):
            yield f"{operation.id}: inner codes"


def successes() -> Findings:
    """There is one success status, with an example for each JSON body; 202 has two URLs."""
    for operation in OPERATIONS:
        status, node = success(operation)
        content = list(node.get("content", {}))
        headers = ["Location", "Create-iModel-Operation"] if status == "202" else []
        if status not in {"200", "201", "202", "204"} or list(node.get("headers", {})) != headers:
            yield f"{operation.id}, {status}: another status or other headers"
        if JSON_TYPE in content:
            if all(example.part != status for example in examples_of(operation)):
                yield f"{operation.id}, {status}: no example"
        elif content != (["image/png"] if status == "200" else []):
            yield f"{operation.id}, {status}: another content"


def examples_of_requests() -> Findings:
    """A JSON request body has at least one example."""
    for operation in OPERATIONS:
        body = operation.node.get("requestBody", {}).get("content", {})
        if JSON_TYPE in body and not any(example.part == "request" for example in examples_of(operation)):
            yield operation.id


def fitting_examples() -> Findings:
    """Every example of a request or response conforms to its schema, including formats."""
    for operation in OPERATIONS:
        for part, name, value, schema in examples_of(operation):
            yield from (f"{operation.id}, {part}, {name}: {error}" for error in FITTING.errors(value, schema))


def documented_examples() -> Findings:
    """An example of the vendor's documentation is in the definition, unchanged, where it belongs."""
    for documented in DOCUMENTED:
        examples = examples_of(BY_ID[documented["operation"]])
        if documented["value"] not in [example.value for example in examples if example.part == documented["part"]]:
            yield f"{documented['operation']}, {documented['part']}"


def preferred_forms() -> Findings:
    """With `Prefer`, there are a short and a full example, and the short one does not conform to the full form."""
    for operation in OPERATIONS:
        status, node = success(operation)
        forms = node.get("content", {}).get(JSON_TYPE, {}).get("schema", {}).get("anyOf", [])
        if bool(forms) is not takes_prefer(operation):
            yield f"{operation.id}: two forms without `Prefer`, or one with it"
        elif forms:
            examples = {each.name: each.value for each in examples_of(operation) if each.part == status}
            full, short = (form["$ref"] for form in forms)
            if set(examples) != {"minimal", "representation"}:
                yield f"{operation.id}: not one example of each form"
            elif (
                FITTING.errors(examples["minimal"], short)
                or FITTING.errors(examples["representation"], full)
                or not FITTING.errors(examples["minimal"], full)
            ):
                yield f"{operation.id}: the examples do not fit their forms, or do not tell them apart"


def bases() -> Findings:
    """An operation, each of its responses, and a schema say what they rest on."""
    for operation in OPERATIONS:
        if not is_filled_list(operation.node["x-basis"]):
            yield operation.id
        responses = operation.node["responses"].items()
        yield from (f"{operation.id}, {status}" for status, node in responses if not isinstance(node["x-basis"], str))
    yield from (name for name, schema in SCHEMAS.items() if not is_filled_list(schema["x-basis"]))


def bases_in_known_words() -> Findings:
    """Each basis is one of the words that the README explains."""
    for path, node in inside(DOC):
        for key in ("x-basis", "x-basis-security"):
            given = node.get(key, [])
            unknown = set([given] if isinstance(given, str) else given) - BASES
            yield from (f"{pointer_text(path)}: {word}" for word in unknown)


def bases_of_bounds() -> Findings:
    """A basis for single bounds only speaks of bounds that the schema has."""
    for path, node in inside(DOC):
        if "x-basis-bounds" in node and not (node["x-basis"] and set(node["x-basis-bounds"]) <= set(node)):
            yield pointer_text(path)


def share_keys() -> Findings:
    """A share key permits only reading operations on one iModel, marked as inferred."""
    for operation in OPERATIONS:
        node = operation.node
        if "security" not in node and "x-basis-security" not in node:
            continue
        if not (
            node.get("security") == [{"OAuth2": ["itwin-platform"]}, {"ShareKey": []}]
            and operation.method == "get"
            and operation.path.startswith("/{id}")
            and "/shares" not in operation.path
            and set(node["x-permission"]) <= {"imodels_webview", "imodels_read"}
            and node.get("x-basis-security") == ["inferred"]
            and "inferred" in node["x-basis"]
        ):
            yield operation.id


RULES: tuple[Callable[[], Findings], ...] = (
    without_nullable,
    described_schemas,
    fitting_examples_of_schemas,
    nullable_references,
    described_operations,
    declared_path_parameters,
    required_headers,
    fitting_values_of_parameters,
    deprecated_parameters,
    orders,
    common_failures,
    named_failures,
    detailed_failures,
    successes,
    examples_of_requests,
    fitting_examples,
    documented_examples,
    preferred_forms,
    bases,
    bases_in_known_words,
    bases_of_bounds,
    share_keys,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_breaks(rule: Callable[[], Findings]) -> None:
    """The definition meets the rule in the docstring."""
    assert list(rule()) == []


def test_the_readme_explains_every_basis() -> None:
    """Each word has a row in its table."""
    readme = (DEFINITION.parent / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", readme, re.MULTILINE)) >= BASES


def test_deprecated_skip() -> None:
    """`$skip` is deprecated in the lists that the vendor's changelog moved to `$continuationToken`."""
    skips = [
        place for place, parameter, _ in parameters() if parameter["name"] == "$skip" and "deprecated" in parameter
    ]
    assert {place.partition(",")[0] for place in skips} == WITHOUT_SKIP


def test_prefer_operations() -> None:
    """The lists of iModels, briefcases, changesets, Named Versions and users support `Prefer`."""
    assert {operation.id for operation in OPERATIONS if takes_prefer(operation)} == WITH_PREFER
