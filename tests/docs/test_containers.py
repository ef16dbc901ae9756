"""The containers of a hub with PostgreSQL and Azurite, as far as they can be checked without building them."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tomllib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from itwin_imodels import IModelsClient
from itwin_imodels.cli.hub import app
from itwin_imodels_hub.blobs.azure_account.settings import VARIABLES
from scripts.toolkit import ROOT
from tests.docs.pages import Page
from tests.hub.npm import node_packages
from tests.parts import require_part
from tests.postgres import common_folder, shared_cluster

FILES = ROOT / "examples" / "hub"
COMPOSE: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text(encoding="utf-8"))
CONTAINERFILE = (FILES / "Containerfile").read_text(encoding="utf-8")
SECONDS = 240
KEY = b64encode(b"a key for this test").decode()

SERVICE_KEYS = {
    "build",
    "command",
    "depends_on",
    "environment",
    "healthcheck",
    "image",
    "init",
    "network_mode",
    "ports",
    "restart",
    "stop_grace_period",
    "volumes",
}
"""Those of the Compose specification that are used."""


def stages() -> dict[str, list[tuple[str, str]]]:
    """Return the instructions of each stage of the Containerfile."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^#.*\n", "", CONTAINERFILE)).splitlines()
    found: dict[str, list[tuple[str, str]]] = {}
    for line in filter(None, lines):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            current = found.setdefault(rest.partition(" AS ")[2], [])
        current.append((instruction, rest))
    return found


def entry_point(stage: str) -> list[str]:
    """Return the program of a stage and its arguments."""
    (found,) = [rest for instruction, rest in stages()[stage] if instruction == "ENTRYPOINT"]
    return list(json.loads(found))


def filled(value: str) -> str:
    """Return a value of the compose file as the engine fills it from `.env`."""
    known = {"POSTGRES_PASSWORD": "a password", "AZURITE_KEY": KEY}
    return re.sub(r"\$\{(\w+):\?\}", lambda match: known[match[1]], value)


def test_the_file_has_the_form_of_compose() -> None:
    """The file has only known keys, the objects to which services refer exist, and images name no registry."""
    services, volumes, known = COMPOSE["services"], COMPOSE["volumes"], stages()
    assert set(COMPOSE) == {"name", "services", "volumes"}
    for service in services.values():
        assert set(service) <= SERVICE_KEYS
        assert len({"build", "image"} & set(service)) == 1
        assert set(service.get("healthcheck", {})) <= {"test", "interval"}
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in services[other]
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(volumes)
        if build := service.get("build"):
            assert set(build) == {"context", "dockerfile", "target"}
            assert (FILES / build["context"]).resolve() == ROOT
            assert ROOT / build["dockerfile"] == FILES / "Containerfile"
            assert build["target"] in known
    assert services["hub"]["network_mode"] == "service:azurite"
    images = [rest.partition(" ")[0] for stage in known.values() for name, rest in stage if name == "FROM"]
    assert [each for each in [*images, services["postgres"]["image"]] if "/" in each] == []


def test_secrets_come_from_the_environment_and_nothing_is_open_to_others() -> None:
    """Ports are those of this machine, both secrets are required, and the page says so."""
    assert [port.split(":")[0] for each in COMPOSE["services"].values() for port in each.get("ports", [])] == [
        "127.0.0.1"
    ] * 2
    text, page = (FILES / "compose.yaml").read_text(encoding="utf-8"), Page("team-hub.md").text
    wanted = set(re.findall(r"\$\{(\w+)", text))
    assert wanted == {"POSTGRES_PASSWORD", "AZURITE_KEY"}
    assert set(re.findall(r"\$\{\w+(:\?)?\}", text)) == {":?"}
    assert all(name in page for name in wanted)


def test_the_hub_starts_with_options_and_variables_that_it_has() -> None:
    """Those of `imodels hub serve`."""
    program, *words = [*entry_point("hub"), *COMPOSE["services"]["hub"]["command"]]
    assert (program, words[:2]) == ("imodels", ["hub", "serve"])
    group: Any = typer.main.get_command(app)
    command = group.commands["serve"]
    with command.make_context("serve", words[2:]) as context:
        assert (context.params["storage"], context.params["workers"]) == ("azure", 2)
        assert str(context.params["host"]) == str(IPv4Address(0))
    variables = {each.envvar for each in command.params if each.envvar}
    assert set(COMPOSE["services"]["hub"]["environment"]) <= {*variables, *VARIABLES, "PGPASSWORD"}


def test_the_images_are_made_of_what_there_is(tmp_path: Path) -> None:
    """The copied files build the wheel, the extras exist, and Azurite has the version that the tests use."""
    for instruction, rest in stages()["wheel"]:
        if instruction == "COPY":
            *sources, target = rest.split()
            for source in sources:
                place = tmp_path / ("" if target == "./" else target)
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, place)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(tmp_path)]
    done = subprocess.run(build, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "dist").glob("*.whl"))) == 1
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (wanted,) = re.findall(r"\*\.whl\)\[([a-z,-]+)\]", CONTAINERFILE)
    assert set(wanted.split(",")) <= set(extras)
    lock = json.loads((ROOT / "tests" / "transfer" / "node" / "package-lock.json").read_text(encoding="utf-8"))
    assert f"azurite@{lock['packages']['node_modules/azurite']['version']} " in CONTAINERFILE


@pytest.mark.thorough
def test_the_three_work_together(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """The commands and variables of the containers, run on this machine: a client creates an iModel from a file."""
    require_part("postgresql")
    require_part("node")
    ports = free_ports(2)
    services = COMPOSE["services"]
    (tmp_path / "files").mkdir()
    baseline = tmp_path / "bridge.bim"
    with closing(sqlite3.connect(baseline)) as content:
        content.execute("CREATE TABLE t (a)")
    azurite = node_packages(ROOT / "tests" / "transfer" / "node") / "azurite" / "dist" / "src" / "blob" / "main.js"
    _, *options = entry_point("azurite")
    emulator = [shutil.which("node") or "node", str(azurite), *options, "--blobPort", str(ports[0])]
    emulator[emulator.index("/data")] = str(tmp_path / "files")
    command = [*entry_point("hub"), *services["hub"]["command"], "--json", "--port", str(ports[1])]
    command[command.index("/data")] = str(tmp_path / "data")
    command[:1] = [sys.executable, "-c", "from itwin_imodels.cli import main; main()"]
    with shared_cluster(common_folder(tmp_path_factory)) as cluster, cluster.database() as database:
        environment = {name: filled(value) for name, value in services["hub"]["environment"].items()}
        environment["IMODELS_HUB_DATABASE"] = database
        connection = environment["AZURE_STORAGE_CONNECTION_STRING"]
        environment["AZURE_STORAGE_CONNECTION_STRING"] = connection.replace(":10000/", f":{ports[0]}/")
        accounts = {"AZURITE_ACCOUNTS": filled(services["azurite"]["environment"]["AZURITE_ACCOUNTS"])}
        with ExitStack() as containers:
            files = containers.enter_context(running(emulator, accounts))
            while "successfully listens" not in line_of(files):
                pass
            announcement = json.loads(line_of(containers.enter_context(running(command, environment))))
            url = announcement["base_url"].replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the published one
            with IModelsClient(base_url=url, auth=announcement["tokens"]["ada"]) as client:
                imodel = client.create_imodel_from_baseline(announcement["itwin_id"], "Bridge", baseline)
                assert client.baseline_files.get(imodel.id).file_size == baseline.stat().st_size


def line_of(process: "subprocess.Popen[str]") -> str:
    """Return the next line that a process prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the process has ended"
    return line


def free_ports(count: int) -> list[int]:
    """Return free ports of this machine."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Run a program for the duration of the block."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **environment}
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
