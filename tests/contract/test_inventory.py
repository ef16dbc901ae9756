"""The inventory of operations agrees with the definition, the generated package, the facade and the hub."""

import importlib
import importlib.util
from functools import reduce
from pathlib import Path

import pytest

import itwin_imodels
from itwin_imodels_hub.api.routes import OPERATIONS
from scripts.specs.definition import load
from scripts.specs.inventory import Row, rows
from scripts.specs.walk import operations
from scripts.toolkit import ToolError

ROWS = rows()
HANDLERS = {operation.id: operation.handler for operation in OPERATIONS}
each_row = pytest.mark.parametrize("row", ROWS, ids=[row.operation_id for row in ROWS])


def test_the_inventory_names_every_operation_once_and_no_other() -> None:
    """A new operation of the definition needs a row; a row of a removed one has to go."""
    assert sorted(row.operation_id for row in ROWS) == sorted(operation.id for operation in operations(load()))


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
def test_the_generated_module_calls_in_both_colours(row: Row) -> None:
    """Each operation's module has the two functions that the seam calls."""
    module = importlib.import_module(f"itwin_imodels_api.{row.module}")
    assert callable(module.sync_detailed)
    assert callable(module.asyncio_detailed)


@each_row
def test_the_facade_has_the_method_that_the_row_names(row: Row) -> None:
    """A row's facade method exists on both clients; where there is none, the row says why."""
    if row.facade_method is None:
        assert row.facade_missing
        return
    for client in ("IModelsClient", "AsyncIModelsClient"):
        made = getattr(itwin_imodels, client)(base_url="http://127.0.0.1:1")
        assert callable(reduce(getattr, row.facade_method.split("."), made))


@each_row
def test_the_hub_has_the_handler_that_the_row_names(row: Row) -> None:
    """A row's hub handler answers the operation; where there is none, the row says why."""
    if row.hub_handler is None:
        assert row.hub_missing
        return
    module, function = row.hub_handler.rsplit(".", 1)
    assert HANDLERS[row.operation_id] is getattr(importlib.import_module(f"itwin_imodels_hub.{module}"), function)


def test_the_hub_serves_what_the_definition_has() -> None:
    """The hub's table of operations agrees with the definition on method and path, and serves no other."""
    served = {operation.id: (operation.method, operation.path) for operation in OPERATIONS}
    defined = {
        operation.id: (
            operation.method.upper(),
            tuple(operation.path.strip("/").split("/")) if operation.path != "/" else (),
        )
        for operation in operations(load())
    }
    assert served == defined


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a", "not valid TOML"),
        ('[a]\nfacade.missing = "x"\nhub.missing = "x"', "give module"),
        ('[a]\nmodule = "m"\nhub.missing = "x"', "or say why"),
        ('[a]\nmodule = "m"\nfacade.missing = "x"\nfacade.method = "y"\nhub.missing = "x"', "or say why"),
        ('[a]\nmodule = "m"\nfacade.missing = ""\nhub.handler = "y"', "or say why"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    """A row without a place and without a reason stops whoever reads the inventory."""
    path = tmp_path / "operations.toml"
    path.write_text(text)
    with pytest.raises(ToolError, match=complaint) as caught:
        rows(path)
    assert "operations.toml" in str(caught.value)
