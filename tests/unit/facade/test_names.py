"""Importing the package is fast: names are loaded on first use, and large modules when they are required."""

import importlib
import subprocess
import sys

import pytest

import itwin_imodels

HEAVY = ("httpx", "itwin_imodels_api", "authlib", "tenacity", "itwin_imodels_hub", "attrs", "dateutil", "asyncio")


def loaded_after(statement: str) -> set[str]:
    """Return the loaded modules after a statement in a new interpreter."""
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    """HTTP, generated code, authentication and the hub are not loaded."""
    loaded = loaded_after("import itwin_imodels")
    assert not loaded & set(HEAVY)
    ours = {"itwin_imodels", "itwin_imodels._version", "itwin_imodels._core", "itwin_imodels._core.lazy"}
    assert {name for name in loaded if name.startswith("itwin_imodels")} == ours


def test_a_client_does_not_load_what_calls_need() -> None:
    """The generated code is loaded by the first call, the hub by `local()`, and sign-in on use."""
    loaded = loaded_after("from itwin_imodels import AsyncIModelsClient, IModelsClient; IModelsClient(auth='token')")
    assert not [name for name in loaded if name.startswith("itwin_imodels_api")]
    assert not loaded & {
        "authlib",
        "itwin_imodels_hub",
        "keyring",
        "sqlalchemy",
        "starlette",
        "typer",
        "apsw",
    }


@pytest.mark.parametrize("name", itwin_imodels.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """The same each time."""
    assert getattr(itwin_imodels, name) is getattr(itwin_imodels, name)
    assert name in dir(itwin_imodels)


def test_everything_can_be_imported_at_once() -> None:
    """A star import works."""
    names: dict[str, object] = {}
    exec("from itwin_imodels import *", names)  # noqa: S102 - there is no other way inside a function
    assert set(itwin_imodels.__all__) <= set(names)


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("name", ["auth", "errors", "mirror", "models", "resources", "webhooks"])
def test_the_public_modules_come_with_the_package(name: str) -> None:
    """They need no separate import."""
    code = f"import itwin_imodels; assert itwin_imodels.{name}.__all__"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_does_not_exist_is_reported() -> None:
    """The error is that of any module."""
    with pytest.raises(AttributeError, match="module 'itwin_imodels' has no attribute 'Client'"):
        itwin_imodels.Client  # noqa: B018 - the access is what fails
    with pytest.raises(ImportError, match="cannot import name 'Client'"):
        exec("from itwin_imodels import Client")  # noqa: S102 - as above


@pytest.mark.parametrize("name", ["auth", "errors", "models", "resources"])
def test_a_public_module_can_be_imported(name: str) -> None:
    """It can be imported by its name."""
    assert importlib.import_module(f"itwin_imodels.{name}").__all__
