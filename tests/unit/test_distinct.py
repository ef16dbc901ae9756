"""Names of a definition result in distinct names of the generated client; what the facade uses is kept."""

import copy
from typing import Any

import pytest

from scripts.specs.distinct import distinct
from scripts.specs.names import class_name, model_module
from scripts.specs.reliance import Read, Reliance, Sent
from tests.contract.mutations import generated_from
from tests.examples import DEFINITION

Json = dict[str, Any]

OBJECT: Json = {"type": "object"}
SENT = Sent(("string",), always=False)


def operation(*texts: str) -> Json:
    """Create a definition of an operation with parameters in the form ``in:name``."""
    pairs = (text.split(":") for text in texts)
    parameters = [{"name": name, "in": place} for place, name in pairs]
    return {"paths": {"/x": {"get": {"operationId": "get-x", "parameters": parameters}}}}


def schemas(**found: Json) -> Json:
    """Create a definition of schemas."""
    return {"paths": {}, "components": {"schemas": found}}


def properties(*names: str, **more: Any) -> Json:
    """Create an object."""
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}, **more}


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [
        (["query:$top", "query:top"], ["query:$top"]),
        (["query:top", "query:$top"], ["query:top"]),
        (["query:Filter", "query:$filter", "query:_filter"], ["query:$filter", "query:_filter"]),
        (["header:prefer", "query:Prefer"], ["header:prefer"]),
        (["header:ID", "query:$skip", "path:id"], ["query:$skip", "path:id"]),
        (["query:params", "header:Headers", "cookie:cookies", "query:body", "query:quote", "query:a"], ["query:a"]),
        (["path:body", "query:client"], ["path:body", "query:client"]),
    ],
)
def test_of_equal_arguments_that_of_the_facade_is_kept(parameters: list[str], kept: list[str]) -> None:
    """Otherwise the first one; parameters of the path are always kept."""
    record = {"get-x": Reliance((), query={"$filter": SENT}, headers={"prefer": SENT})}
    found = distinct(operation(*parameters), record)["paths"]["/x"]["get"]["parameters"]
    assert [f"{each['in']}:{each['name']}" for each in found] == kept


def test_of_equal_attributes_that_of_the_facade_is_kept() -> None:
    """The others are among the additional properties of the model, and no longer required."""
    document = schemas(
        S=properties(
            *("created_date_time", "createdDateTime", "to_dict", "additionalProperties", "_links", "links"),
            required=["created_date_time"],
        ),
        T={"allOf": [properties("fileSize"), {"$ref": "#/components/schemas/U"}]},
        U=properties("FileSize", "id"),
        V={**OBJECT, "example": properties("aB", "a_b")},
        W={"allOf": [{"$ref": "#/components/schemas/W"}, properties("id"), properties("id")]},
    )
    before = copy.deepcopy(document)
    record = {"get-x": Reliance((), reads={"s[].createdDateTime": Read(("string",), required=True)})}
    found = distinct(document, record)["components"]["schemas"]
    assert document == before
    assert list(found["S"]["properties"]) == ["createdDateTime", "_links", "links"]
    assert found["S"]["required"] == []
    assert found["T"]["allOf"][0]["properties"].keys() | found["U"]["properties"].keys() == {"fileSize", "id"} or (
        found["T"]["allOf"][0]["properties"].keys() | found["U"]["properties"].keys() == {"FileSize", "id"}
    )
    assert found["V"]["example"] == before["components"]["schemas"]["V"]["example"]
    assert list(found["W"]["allOf"][1]["properties"]) == ["id"]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"Changeset": None, "Lock": "The Lock"}, {"Changeset": "Changeset", "Lock": "The Lock"}),
        ({"Changeset": "Response", "Lock": "Response"}, {"Changeset": "Changeset", "Lock": "Lock"}),
        ({"Changeset": "lock", "Lock": None}, {"Changeset": "Changeset", "Lock": "Lock"}),
        ({"Changeset": None, "CHANGESET": None}, {"Changeset": "Changeset", "CHANGESET": "CHANGESET2"}),
        ({"A": "", "B": "…", "C": "日本", "D": "a/b"}, {"A": "A", "B": "B", "C": "C", "D": "D"}),
        ({"A": "None", "B": "class", "C": "Any", "D": "list"}, {"A": "A", "B": "class", "C": "C", "D": "list"}),
        ({"Any": None, "File": "Response", "_x": "2nd"}, {"Any": "Model Any", "File": "Model File", "_x": "_x"}),
    ],
)
def test_every_schema_has_a_class_of_its_own(titles: dict[str, str | None], expected: dict[str, str]) -> None:
    """Titles that several schemas have, or that result in no usable name, are replaced."""
    document = schemas(
        **{name: {**OBJECT, "title": title} if title is not None else OBJECT for name, title in titles.items()}
    )
    found = {name: each["title"] for name, each in distinct(document, {})["components"]["schemas"].items()}
    assert found == expected
    assert all(class_name(title).isidentifier() for title in found.values())
    assert len({model_module(title) for title in found.values()}) == len(found)


def test_titles_of_unnamed_schemas_are_dropped() -> None:
    """A property may be called title, and examples are data."""
    inner = {**properties("title"), "title": "X", "example": {"title": "T"}}
    document = {"info": {"title": "iModels"}} | schemas(
        S={**OBJECT, "properties": {"a": inner, "title": {"title": "X"}}}
    )
    found = distinct(document, {})
    assert found["info"] == {"title": "iModels"}
    assert found["components"]["schemas"]["S"]["properties"] == {
        "a": {**properties("title"), "example": {"title": "T"}},
        "title": {},
    }


def test_our_definition_keeps_its_names() -> None:
    """Nothing is left out, and every title stays."""
    before, after = (each["components"]["schemas"] for each in (DEFINITION, generated_from(DEFINITION)))
    for name, schema in before.items():
        assert after[name].get("title", name) == schema.get("title", name)
        assert list(after[name].get("properties", {})) == list(schema.get("properties", {}))
