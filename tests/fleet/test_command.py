"""`imodels fleet`, as a person or a timer types it."""

import json
from pathlib import Path

import pytest

from itwin_imodels.fleet import FleetReport, save_fleet_picture
from itwin_imodels_hub import LocalHub
from tests.cli.helpers.command import Cli, QuickCli
from tests.fleet.clusters import DaskProcesses
from tests.fleet.conftest import CHANGESETS
from tests.fleet.fleets import Chain, digests
from tests.parts import require_part


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home folder with a profile that names the hub."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.mark.thorough
def test_workers_of_its_own_use_a_profile(
    hub: LocalHub, environment: dict[str, str], copy: Path, home: Path, tmp_path: Path
) -> None:
    """The profile is named, and the token is in the environment; the second run finds nothing new."""
    settings = tmp_path / "config.toml"
    settings.write_text(f'[profiles.production]\nbase_url = "{hub.base_url}"\nitwin_id = "{hub.itwin_id}"\n')
    cli = Cli(home, IMODELS_TOKEN=environment["IMODELS_TOKEN"], IMODELS_CONFIG=str(settings))
    report = tmp_path / "report.json"
    command = ("fleet", "mirror", "--profile", "production", "--to", tmp_path / "copy", "--workers", 1)
    done = cli.ok(*command, "--report", report)
    assert "Bridge 0" in done.out
    assert done.err.count("Dask dashboard") == 1
    assert environment["IMODELS_TOKEN"] not in done.out + done.err
    assert {row["new_changesets"] for row in json.loads(report.read_text())["rows"]} == {CHANGESETS}
    assert digests(tmp_path / "copy") == digests(copy)


def test_status_and_verify(cluster: DaskProcesses, copy: Path, chain: Chain, home: Path) -> None:
    """A missing file is an exit code of 1, and a line that names it."""
    cli = QuickCli(home)
    rows = cli.json("fleet", "status", copy)
    assert {row["changesets"] for row in rows} == {CHANGESETS}
    verify = ("fleet", "verify", copy, "--sample", "10%", "--scheduler", cluster.address)
    assert len(cli.json(*verify)) == len(rows)
    file = next(copy.glob(f"timelines/*/changesets/{chain.first(2)[1].id}.cs"))
    content = file.read_bytes()
    file.unlink()
    try:
        done = cli.run(*verify)
    finally:
        file.write_bytes(content)
    assert done.code == 1
    assert f"1 of {len(rows)} iModels failed" in done.err


def test_what_cannot_begin(home: Path, tmp_path: Path) -> None:
    """A wrong share, names of files, a place without a fleet, and options that workers would not know."""
    cli = QuickCli(home)
    assert "such as 0.05 or 5%" in cli.refused(2, "fleet", "verify", tmp_path, "--sample", "many")
    assert "contains no fleet" in cli.refused(1, "fleet", "status", tmp_path)
    itwin = "11111111-2222-4333-8444-555555555555"
    refused = cli.refused(2, "fleet", "mirror", itwin, "--to", tmp_path, "--environment", "qa")
    assert "IMODELS_ENVIRONMENT" in refused
    for command in (("mirror", itwin, "--to"), ("status",), ("verify",), ("changes",)):
        refused = cli.refused(2, "fleet", *command, tmp_path / "fleet", "--report", "night.csv")
        assert "night.csv: the name of a report must end with .json or .parquet" in refused
    refused = cli.refused(2, "fleet", "mirror", itwin, "--to", tmp_path / "fleet", "--plot", "fleet.pdf")
    assert "fleet.pdf: the name must end with .png or .svg" in refused
    assert not (tmp_path / "fleet").exists()


@pytest.mark.thorough
def test_a_picture(first_run: FleetReport, tmp_path: Path) -> None:
    """It shows the pushes, the sizes and the outcomes."""
    require_part("matplotlib")
    save_fleet_picture(first_run, tmp_path / "fleet.svg")
    assert "pushes per week" in (tmp_path / "fleet.svg").read_text()
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        save_fleet_picture(first_run, tmp_path / "fleet.pdf")
