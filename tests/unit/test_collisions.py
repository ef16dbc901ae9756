"""Different names with the same name in the generated client are reported in pairs if neither can be left out."""

from typing import Any

import pytest

from scripts.specs.collisions import findings
from scripts.specs.walk import pointer_text

Json = dict[str, Any]


def definition(**operations: Json) -> Json:
    """Create a definition; the path of an operation is its name."""
    return {"paths": {f"/{name}": {"get": operation} for name, operation in operations.items()}}


def parameters(*texts: str) -> Json:
    """Create an operation with parameters in the form ``in:name``."""
    pairs = (text.split(":") for text in texts)
    return {"operationId": "get-x", "parameters": [{"name": name, "in": place} for place, name in pairs]}


@pytest.mark.parametrize(
    ("document", "place", "told"),
    [
        (
            definition(x=parameters("path:id", "path:ID")),
            "#/paths/~1x/get",
            "id (path) and ID (path) of get-x become the same argument, id; rename ID (path)",
        ),
        (
            definition(x=parameters("path:body")),
            "#/paths/~1x/get",
            "a local variable and body (path) of get-x become the same argument, body; rename body (path)",
        ),
        (
            definition(x={"operationId": "get-x"}, y={"operationId": "getX"}),
            "#/paths/~1y/get",
            "becomes the module get_x.py, as #/paths/~1x/get does; remove one or change its operationId",
        ),
    ],
)
def test_a_collision_is_named(document: Json, place: str, told: str) -> None:
    """The place of the second name, the first name, what both become and the remedy."""
    assert [f"{pointer_text(at)}: {what}" for at, what in findings(document)] == [f"{place}: {told}"]


def test_names_that_stay_apart_are_left_alone() -> None:
    """Operations may share arguments."""
    document = definition(x=parameters("query:top", "query:$skip"), y={**parameters("query:top"), "operationId": "y"})
    assert list(findings(document)) == []
