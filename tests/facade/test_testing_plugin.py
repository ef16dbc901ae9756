"""The pytest plugin in the tests of an application, which run in a separate process."""

import importlib
import os
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from itwin_imodels import testing
from scripts.toolkit import ROOT

pytest_plugins = ["pytester"]

INSTALLED = any(each.name == "itwin_imodels" for each in entry_points(group="pytest11"))
PLUGIN = ("-p", "itwin_imodels" if INSTALLED else "itwin_imodels.testing")
"""Where the package is not installed but lies on the path, pytest has to be given the plugin."""

PATH = os.pathsep.join(str(Path(each).resolve()) for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each)

APPLICATION = """
import asyncio
import sqlite3
import time
from contextlib import closing

import pytest

from itwin_imodels import AsyncIModelsClient, IModelsClient, errors
from itwin_imodels.testing import no_waiting
from itwin_imodels_hub import Fault, LocalHub

NAME = "Bridge"


def register(client, itwin_id):
    return client.imodels.create(itwin_id, NAME).id


@pytest.mark.parametrize("time_round", [1, 2])
def test_each_test_has_a_hub_of_its_own(imodels_client, imodels_hub, time_round):
    assert isinstance(imodels_client, IModelsClient)
    assert isinstance(imodels_hub, LocalHub)
    assert imodels_client.imodels.list(imodels_hub.itwin_id).all() == []
    register(imodels_client, imodels_hub.itwin_id)


def test_an_imodel_is_ready_at_once(imodels_client, imodels_hub):
    imodel_id = register(imodels_client, imodels_hub.itwin_id)
    assert imodels_client.operations.get(imodel_id).state == "successful"
    assert imodels_client.briefcases.acquire(imodel_id).briefcase_id == 2


def test_the_asynchronous_client_works_on_any_loop(async_imodels_client, imodels_client, imodels_hub):
    assert isinstance(async_imodels_client, AsyncIModelsClient)
    imodel_id = register(imodels_client, imodels_hub.itwin_id)

    async def name():
        return (await async_imodels_client.imodels.get(imodel_id)).name

    async def names():
        return [each.name async for each in async_imodels_client.imodels.list(imodels_hub.itwin_id)]

    assert asyncio.run(name()) == NAME
    assert asyncio.run(names()) == [NAME]


def test_the_asynchronous_client_may_be_closed(async_imodels_client):
    async def use():
        async with async_imodels_client as client:
            with pytest.raises(errors.NotFound):
                await client.imodels.get("x")

    asyncio.run(use())


@pytest.mark.anyio
async def test_under_a_plugin_for_asynchronous_tests(async_imodels_client, imodels_hub):
    imodel = await async_imodels_client.imodels.create(imodels_hub.itwin_id, NAME)
    assert (await async_imodels_client.imodels.get(imodel.id)).name == NAME


@pytest.fixture
def anyio_backend():
    return "asyncio"


def test_no_wait_takes_time(imodels_client, imodels_hub, no_imodels_waiting):
    imodels_hub.control.faults.add(Fault.rate_limited(retry_after=30, times=2))
    begun = time.monotonic()
    assert imodels_client.imodels.list(imodels_hub.itwin_id).all() == []
    assert time.monotonic() - begun < 30


def test_no_wait_of_a_transfer_takes_time(imodels_client, imodels_hub, no_imodels_waiting, tmp_path):
    file = tmp_path / "baseline.bim"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE t (x)")
    imodels_hub.control.faults.add(Fault.rate_limited(path="^/storage/", retry_after=30))
    begun = time.monotonic()
    imodels_client.create_imodel_from_baseline(imodels_hub.itwin_id, NAME, file)
    assert time.monotonic() - begun < 30


def test_waits_end_at_once_in_a_block_alone(imodels_client, imodels_hub):
    for _ in range(2):
        imodels_hub.control.faults.add(Fault.rate_limited(retry_after=50))
        begun = time.monotonic()
        with no_waiting():
            imodels_client.imodels.list(imodels_hub.itwin_id).all()
        assert time.monotonic() - begun < 30
    imodels_hub.control.faults.add(Fault.rate_limited(retry_after=1))
    begun = time.monotonic()
    imodels_client.imodels.list(imodels_hub.itwin_id).all()
    assert time.monotonic() - begun >= 1
"""

UNRELATED = """
import sys


def test_nothing_of_ours_is_imported():
    ours = {name for name in sys.modules if name.startswith(("itwin_imodels", "imodel_files"))}
    plain = {"itwin_imodels", "itwin_imodels._version", "itwin_imodels.testing"}
    assert ours <= plain | {"itwin_imodels._core", "itwin_imodels._core.lazy"}
    assert not {"httpx", "attrs", "tenacity", "sqlalchemy", "starlette", "asyncio"} & set(sys.modules)
"""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return an absolute path, because the tests of an application run in another folder."""
    if PATH:
        monkeypatch.setenv("PYTHONPATH", PATH)


def test_the_fixtures_serve_an_application(pytester: pytest.Pytester) -> None:
    """Each fixture works as described, and leaves nothing open that causes a warning."""
    pytester.makepyfile(APPLICATION)
    result = pytester.runpytest_subprocess(*PLUGIN, "-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=9)


def test_the_fixtures_are_listed(pytester: pytest.Pytester) -> None:
    """Each fixture has a description of one line."""
    result = pytester.runpytest_subprocess(*PLUGIN, "--fixtures")
    result.stdout.fnmatch_lines_random(
        [
            "imodels_hub -- *",
            "imodels_client -- *",
            "async_imodels_client -- *",
            "no_imodels_waiting -- *",
        ]
    )
    result.stdout.fnmatch_lines(["*Yield a hub for one test*"])


def test_other_runs_pay_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no fixture is used, neither the client nor the hub nor their dependencies are imported."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(UNRELATED)
    result = pytester.runpytest_subprocess(*PLUGIN, "-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)


def test_without_pytest_it_says_what_it_needs() -> None:
    """Importing the module without pytest raises a clear error."""
    code = "import sys; sys.modules['pytest'] = None\nimport itwin_imodels.testing"
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=dict(os.environ), timeout=60
    )
    assert done.returncode == 1
    assert "itwin_imodels.testing requires pytest: pip install pytest" in done.stderr


def test_pytest_finds_the_plugin() -> None:
    """The package names its module to pytest, and the module has what it promises."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (name,) = project["entry-points"]["pytest11"].values()
    module = importlib.import_module(name)
    assert module is testing
    assert all(hasattr(module, each) for each in module.__all__)
