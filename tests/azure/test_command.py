"""``imodels hub`` with files in an account."""

import signal
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from itwin_imodels import IModelsClient
from itwin_imodels_hub import LocalHub
from tests.azurite import KEY, Azurite
from tests.hub.test_serve import IMODELS, SECONDS, Serve, serve  # noqa: F401 - a fixture
from tests.workflows.helpers.bench import downloaded
from tests.workflows.helpers.files import changeset_file

VARIABLES = ("IMODELS_HUB_AZURE_CONNECTION_STRING", "AZURE_STORAGE_CONNECTION_STRING")


@pytest.fixture(params=VARIABLES)
def environment(request: pytest.FixtureRequest, azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> str:
    """The account is named by either variable."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(request.param, azurite.connection_string)
    return str(request.param)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the hub to its end."""
    command = [*IMODELS, "hub", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


@pytest.mark.thorough(keep=1)
def test_a_hub_is_served_ended_and_served_again(
    serve: Serve,  # noqa: F811
    environment: str,
    azurite: Azurite,
    tmp_path: Path,
) -> None:
    """Its files are in the account; the other commands need the option, too."""
    config = tmp_path / "hub.toml"
    containers = environment.split("_", 1)[0].lower()
    config.write_text(f'[storage]\nkind = "azure"\ncontainers = "{containers}"\n')
    options = ("--data-dir", tmp_path / "hub", "--config", config)
    served = serve("--json", "--port", "0", "--seed", "demo", *options)
    file = changeset_file(tmp_path)
    announcement = served.announcement
    with IModelsClient(announcement["tokens"]["ada"], base_url=announcement["base_url"]) as client:
        imodel = client.create_imodel(announcement["itwin_id"], "Empty")
        briefcase_id = client.briefcases.acquire(imodel.id).briefcase_id
        client.push_changeset(imodel.id, file, briefcase_id=briefcase_id, parent_id=None)
    status, _, messages = served.end(signal.SIGINT)
    assert (status, KEY in messages, "sig=" in messages) == (0, False, False)
    names = azurite.blobs()[f"{containers}-imodel-{imodel.id}"]
    assert f"changesets/{file.stem}.cs" in names

    again = serve("--json", "--port", "0", "--storage", "azure", *options).announcement
    with IModelsClient(again["tokens"]["ada"], base_url=again["base_url"]) as client:
        assert downloaded(client.changesets.get(imodel.id, file.stem).download) == file.read_bytes()


@pytest.mark.thorough
@pytest.mark.parametrize("environment", VARIABLES[1:], indirect=True)
def test_other_commands(environment: str, azurite: Azurite, tmp_path: Path) -> None:
    """A hub that is not running is dumped, emptied, filled again and seeded, where its files are."""
    del environment
    config, seeds, state, folder = (tmp_path / name for name in ("hub.toml", "seed.toml", "state.zip", "hub"))
    containers = f"command{uuid4().hex[:8]}"
    config.write_text(f'[storage]\nkind = "azure"\ncontainers = "{containers}"\n')
    seeds.write_text('[[imodels]]\nname = "Seeded"\n')
    with LocalHub(folder):
        pass
    there = ("--data-dir", folder, "--config", config)
    seeded = run("seed", seeds, *there)
    imodel_id = seeded.stdout.partition("\t")[0]
    container = f"{containers}-imodel-{imodel_id}"
    assert (seeded.returncode, container in azurite.blobs()) == (0, True), seeded.stderr
    elsewhere = run("dump", state, "--data-dir", folder)
    assert (elsewhere.returncode, state.exists()) == (1, False)
    assert (
        f"the files of this hub are stored in Azure account devstoreaccount1, containers {containers}"
        in elsewhere.stderr
    )
    assert run("reset", "--yes", *there, "--storage", "folder").returncode == 1
    assert container in azurite.blobs()
    assert run("dump", state, *there).returncode == 0
    assert run("reset", "--yes", *there).returncode == 0
    assert container not in azurite.blobs()
    assert run("load", state, "--yes", *there).returncode == 0
    assert f"baseline/{imodel_id}.bim" in azurite.blobs()[container]


def test_without_an_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which variable to set, and that other link formats are not available."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    lines = run("serve", "--storage", "azure", "--port", "0", "--data-dir", tmp_path / "hub").stderr.splitlines()
    (line,) = lines
    assert line.startswith("imodels hub serve: no connection string configured for storage in Azure: ")
    assert line.endswith(f": set {VARIABLES[0]} or {VARIABLES[1]}")
    refused = run("serve", "--storage", "azure", "--links", "google", "--port", "0", "--data-dir", ":memory:")
    assert (refused.returncode, "not google" in refused.stderr) == (1, True)
