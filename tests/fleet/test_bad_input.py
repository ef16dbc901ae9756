"""Invalid input is reported in one line before anything is written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import Budget, fleet_status, mirror_fleet
from tests.fleet.clusters import DaskProcesses

ITWIN = "11111111-2222-4333-8444-555555555555"
NOBODY = "tcp://127.0.0.1:1"
"""The address of no scheduler."""


def refused(target: str, **options: object) -> str:
    """Return the message of a run that does not begin."""
    with pytest.raises(FleetError) as caught:
        mirror_fleet(itwin_ids=[ITWIN], target=target, **options)  # type: ignore[arg-type] # as the tests give them
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    """Its place is a file."""
    file = tmp_path / "file"
    file.write_text("")
    assert f"target file://{file} cannot be written" in refused(str(file))
    assert f"target file://{file} cannot be read" in refused(str(file), dry_run=True, scheduler=NOBODY)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"format": "itwin-imodels-fleet", "version": 2}, "format version 2"),
        ({"format": "another"}, "does not describe a fleet"),
    ],
)
def test_a_target_of_another_format(tmp_path: Path, content: dict[str, object], message: str) -> None:
    """A newer version of the format, and something else."""
    (tmp_path / "fleet.json").write_text(json.dumps(content))
    assert message in refused(str(tmp_path))
    assert message in refused(str(tmp_path), dry_run=True, scheduler=NOBODY)
    assert [each.name for each in tmp_path.iterdir()] == ["fleet.json"]
    with pytest.raises(FleetError, match=message):
        fleet_status(str(tmp_path))


def test_a_target_without_a_fleet(tmp_path: Path) -> None:
    """Only mirroring creates one."""
    with pytest.raises(FleetError, match="contains no fleet"):
        fleet_status(str(tmp_path))


@pytest.mark.parametrize("url", ["ftp://host/fleet", "abfs://user:secret@account/fleet", "abfs://c@a/f?sig=secret"])
def test_a_target_of_an_unknown_kind_or_with_credentials(url: str) -> None:
    """The message repeats no credentials."""
    with pytest.raises(ValueError, match="target") as caught:
        mirror_fleet(itwin_ids=[ITWIN], target=url)
    assert "secret" not in str(caught.value)


def test_a_scheduler_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is not in use."""
    monkeypatch.setattr("itwin_imodels.fleet.scheduler.CONNECT_TIMEOUT", "100ms")
    assert "scheduler tcp://127.0.0.1:9 cannot be reached" in refused(str(tmp_path), scheduler="tcp://127.0.0.1:9")


def test_a_scheduler_with_another_version(tmp_path: Path) -> None:
    """The message names both versions."""
    processes = DaskProcesses(tmp_path, {})
    try:
        processes.start(0, is_other_version=True)
        message = refused(str(tmp_path / "copy"), scheduler=processes.address)
    finally:
        processes.stop()
    assert "the scheduler at tcp://127.0.0.1:" in message
    assert "has itwin-imodels 0.0.0, but the driver has" in message


def test_a_budget_is_at_least_one() -> None:
    """This applies to both kinds of budget."""
    for name in ("api_calls", "downloads"):
        with pytest.raises(ValueError, match=name):
            Budget(**{name: 0})


def test_without_the_extra_the_message_names_it(tmp_path: Path) -> None:
    """On the command line, whose help needs no extra."""
    code = "import sys; sys.modules['distributed'] = None; from itwin_imodels.cli import main; main()"
    command = [sys.executable, "-c", code, "fleet", "status", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == "imodels: fleets require the extra 'fleet': pip install 'itwin-imodels[fleet]'"
