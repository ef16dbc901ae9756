"""The inventory of operations matches the definition, the generated package, the facade and the hub.

A new operation exists only in the definition. It gets a row that says so, and no test fails.
"""

import copy
import importlib
import importlib.util
import json
import re
import shutil
from functools import reduce
from pathlib import Path

import pytest

import itwin_imodels
from itwin_imodels_hub.api.routes import OPERATIONS
from scripts import inventory
from scripts.specs.inventory import INVENTORY, Row, rows
from scripts.specs.matching import matches, request_of
from scripts.toolkit import ToolError
from tests.definition import committed
from tests.examples import DEFINITION

ROWS = rows()
HANDLERS = {operation.id: operation.handler for operation in OPERATIONS}
each_row = pytest.mark.parametrize("row", ROWS, ids=[row.operation_id for row in ROWS])


def test_the_definition_has_every_operation_of_the_inventory() -> None:
    """An operation that is missing, or has another method or path, breaks the facade and the hub."""
    assert sorted({row.request for row in ROWS} - {match.request for match in matches(committed(), ROWS)}) == []


def test_every_operation_of_the_definition_has_a_row() -> None:
    """`make inventory` adds those that are missing, and where they are implemented."""
    assert inventory.main(["--check"]) == 0


def test_every_generated_module_belongs_to_one_row() -> None:
    """The inventory names all endpoint modules of the generated package."""
    package = importlib.util.find_spec("itwin_imodels_api")
    assert package is not None
    assert package.origin is not None
    root = Path(package.origin).parent
    made = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in root.glob("api/*/*.py")
        if path.stem != "__init__"
    }
    assert {row.module for row in ROWS} == made


@each_row
def test_the_facade_has_the_method_that_the_row_names(row: Row) -> None:
    """A row's facade method exists on both clients, or the row has a reason."""
    if row.facade_method is None:
        assert row.facade_missing
        return
    for client in ("IModelsClient", "AsyncIModelsClient"):
        made = getattr(itwin_imodels, client)(base_url="http://127.0.0.1:1")
        assert callable(reduce(getattr, row.facade_method.split("."), made))


@each_row
def test_the_hub_has_the_handler_that_the_row_names(row: Row) -> None:
    """A row's hub handler implements the operation, or the row has a reason."""
    if row.hub_handler is None:
        assert row.hub_missing
        return
    module, function = row.hub_handler.rsplit(".", 1)
    assert HANDLERS[row.operation_id] is getattr(importlib.import_module(f"itwin_imodels_hub.{module}"), function)


def test_the_hub_serves_what_the_inventory_says() -> None:
    """The hub's table of operations agrees with the inventory on method and path, and serves no other."""
    served = {each.id: request_of(each.method, f"/{'/'.join(each.path)}") for each in OPERATIONS}
    assert served == {row.operation_id: row.request for row in ROWS if row.hub_handler}


def test_a_new_operation_gets_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A complete row is appended once, which says that the operation is new; the other rows are unchanged."""
    document, path = copy.deepcopy(DEFINITION), tmp_path / "operations.toml"
    document["paths"]["/{id}/test-only/{name}.{type}/"] = {
        "get": {"operationId": "getTestOnly", "tags": ["Test Things"]}
    }
    definition = tmp_path / "definition.json"
    definition.write_text(json.dumps(document), encoding="utf-8")
    shutil.copy(INVENTORY, path)
    arguments = ["--definition", str(definition), "--inventory", str(path)]
    with pytest.raises(ToolError, match=r"operations\.toml: operations without a row: 1; run 'make inventory'"):
        inventory.main([*arguments, "--check"])
    assert inventory.main(arguments) == 0
    added = """\
[get-test-only]
request = "GET /{}/test-only/{}.{}"
module = "api.test_things.get_test_only"
facade.missing = "new"
hub.missing = "new"
"""
    assert path.read_text(encoding="utf-8") == f"{INVENTORY.read_text(encoding='utf-8')}\n{added}"
    assert added in capsys.readouterr().out
    assert inventory.main([*arguments, "--check"]) == 0


def test_an_implemented_operation_is_not_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The methods and handlers of all rows are recorded again."""
    text, path = INVENTORY.read_text(encoding="utf-8"), tmp_path / "operations.toml"
    path.write_text(re.sub('(facade|hub)[.](method|handler) = ".+"', r'\1.missing = "new"', text), encoding="utf-8")
    with pytest.raises(ToolError, match=f"recorded as missing: {2 * len(ROWS)}; run 'make inventory'"):
        inventory.main(["--inventory", str(path), "--check"])
    assert inventory.main(["--inventory", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == text
    assert '[get-imodel-locks] facade.method = "locks.list"\n' in capsys.readouterr().out


@pytest.mark.parametrize("form", ["# why\nfacade.missing = 'new'", "facade = { missing = 'new' }"])
def test_a_row_that_cannot_be_completed_is_named(tmp_path: Path, form: str) -> None:
    """Such a row is valid, but the tool cannot edit it, and does not claim that it did."""
    text, path = INVENTORY.read_text(encoding="utf-8"), tmp_path / "operations.toml"
    path.write_text(text.replace('facade.method = "locks.list"', form), encoding="utf-8")
    with pytest.raises(ToolError, match=r"\[get-imodel-locks\]: write facade\.missing in a line of its own"):
        inventory.main(["--inventory", str(path)])


def test_a_moved_operation_is_not_new(tmp_path: Path) -> None:
    """An operation with the id of a row and another request needs a changed row, not a second one."""
    document = copy.deepcopy(DEFINITION)
    document["paths"]["/{id}/held-locks"] = {"get": document["paths"]["/{id}/locks"].pop("get")}
    definition = tmp_path / "definition.json"
    definition.write_text(json.dumps(document), encoding="utf-8")
    message = (
        r"\[get-imodel-locks\] is GET /\{\}/locks, but GET /\{\}/held-locks in the definition; correct each request"
    )
    with pytest.raises(ToolError, match=message):
        inventory.main(["--definition", str(definition), "--check"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a", "not valid TOML"),
        ('[a]\nfacade.missing = "x"\nhub.missing = "x"', "module, request, facade and hub are required"),
        ('[a]\nmodule = "m"\nhub.missing = "x"', "or the reasons why"),
        (
            '[a]\nmodule = "m"\nfacade.missing = "x"\nfacade.method = "y"\nhub.missing = "x"',
            "or the reasons why they are missing",
        ),
        ('[a]\nmodule = "m"\nfacade.missing = ""\nhub.handler = "y"', "or the reasons why they are missing"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    """A row without a method or a reason is an error."""
    path = tmp_path / "operations.toml"
    path.write_text(text)
    with pytest.raises(ToolError, match=complaint) as caught:
        rows(path)
    assert "operations.toml" in str(caught.value)
