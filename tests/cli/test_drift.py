"""Commands record where the service's responses differ from the definition, if the environment enables it."""

import json
from pathlib import Path

from tests.behaviour.helpers.control import HubControl
from tests.cli.conftest import History
from tests.cli.helpers.command import Cli


def test_a_command_records(quick: Cli, control: HubControl, history: History, tmp_path: Path) -> None:
    """The result is the same, and each command adds to the counts of earlier ones."""
    folder = tmp_path / "drift"
    expected = quick.ok("imodel", "show", history.imodel_id)
    for _ in range(2):
        control.answer(418, {"error": {"code": "Teapot", "message": "secret-text"}})
        recording = quick.with_(IMODELS_RECORD_DRIFT=str(folder))
        assert recording.run("imodel", "show", history.imodel_id).code != 0
    assert recording.ok("imodel", "show", history.imodel_id) == expected
    lines = [json.loads(line) for line in (folder / "drift.jsonl").read_text("utf-8").splitlines()]
    found = {(each["kind"], each["detail"], each["count"]) for each in lines}
    assert ("unknown code", "Teapot", 2) in found
    assert "secret" not in "".join(path.read_text("utf-8") for path in folder.iterdir())
