"""The files of examples/fleet, as far as they can be checked without a container engine or a cluster."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import typer
import yaml

from itwin_imodels.cli.fleet import app
from scripts.toolkit import ROOT
from tests.parts import find_command, require_part

FILES = ROOT / "examples" / "fleet"
COMPOSE: dict[str, Any] = yaml.safe_load((FILES / "compose.yaml").read_text(encoding="utf-8"))
CONTAINERFILE = (FILES / "Containerfile").read_text(encoding="utf-8")


def options_of(words: list[str]) -> dict[str, Any]:
    """Parse the words of an `imodels fleet` command, and return its options."""
    group: Any = typer.main.get_command(app)
    assert words[:2] == ["imodels", "fleet"]
    with group.commands[words[2]].make_context(words[2], words[3:]) as context:
        return dict(context.params)


def test_the_services_refer_to_what_there_is() -> None:
    """Stages, volumes and services; ports are those of this machine; the scheduler has no credentials."""
    services = COMPOSE["services"]
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", CONTAINERFILE, re.MULTILINE))
    for service in services.values():
        assert service["build"]["target"] in stages
        assert (FILES / service["build"]["context"]).resolve() == ROOT
        assert ROOT / service["build"]["dockerfile"] == FILES / "Containerfile"
        assert {each.partition(":")[0] for each in service.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert all("healthcheck" in services[other] for other in service.get("depends_on", {}))
        assert all(each.startswith("127.0.0.1:") for each in service.get("ports", []))
    assert "environment" not in services["scheduler"]
    assert options_of(services["run"]["command"])["url"] == "abfs://archive/imodels"
    assert services["worker"]["command"][:3] == ["dask", "worker", "tcp://scheduler:8786"]


def test_the_images_are_made_of_what_there_is() -> None:
    """Extras that exist, and the version of Azurite that the tests know."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for wanted in re.findall(r"\*\.whl\)\[([a-z,-]+)\]", CONTAINERFILE):
        assert set(wanted.split(",")) <= set(extras)
    lock = json.loads((ROOT / "tests" / "transfer" / "node" / "package-lock.json").read_text(encoding="utf-8"))
    assert f"azurite@{lock['packages']['node_modules/azurite']['version']} " in CONTAINERFILE


def test_the_manifests_run_commands_that_there_are() -> None:
    """A cluster of Dask's operator, and a job every night that is not started twice."""
    cluster, job = yaml.safe_load_all((FILES / "kubernetes.yaml").read_text(encoding="utf-8"))
    assert (cluster["kind"], job["kind"], job["spec"]["concurrencyPolicy"]) == ("DaskCluster", "CronJob", "Forbid")
    parts = cluster["spec"]["scheduler"]["spec"]["containers"] + cluster["spec"]["worker"]["spec"]["containers"]
    assert [each["args"][:2] for each in parts] == [["dask", "scheduler"], ["dask", "worker"]]
    assert [bool(each.get("envFrom")) for each in parts] == [False, True]
    (driver,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    scheduler = options_of(driver["command"])["scheduler"]
    assert scheduler == f"tcp://{cluster['metadata']['name']}-scheduler:8786"


def test_the_units_are_valid(tmp_path: Path) -> None:
    """The check of systemd accepts service and timer, and their commands exist."""
    text = (FILES / "imodels-fleet.service").read_text(encoding="utf-8")
    for command in re.findall(r"^ExecStart=/opt/imodels-fleet/bin/(imodels .*)$", text, re.MULTILINE):
        assert options_of(command.split())
    require_part("systemd")
    program = shutil.which("true") or ""
    (tmp_path / "imodels-fleet.service").write_text(text.replace("/opt/imodels-fleet/bin/imodels", program))
    shutil.copy(FILES / "imodels-fleet.timer", tmp_path)
    units = [str(tmp_path / f"imodels-fleet.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        [str(find_command("systemd-analyze")), "verify", *units],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")
