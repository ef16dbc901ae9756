"""The recipes of the page run unchanged."""

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from itwin_imodels import IModelsClient
from scripts.toolkit import ROOT
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import changeset_files
from tests.cli.helpers.command import IMODELS, Cli
from tests.workflows.helpers.databases import database

RECIPES = re.findall(r"```sh\n# recipe\n(.*?)```", (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"), re.DOTALL)
JQ = """import json, sys
text, place = sys.stdin.read().strip(), 0
while place < len(text):
    value, place = json.JSONDecoder().raw_decode(text, place)
    print(value[sys.argv[2].lstrip(".")])
    place += 1
"""


def push_others(client: IModelsClient, itwin_id: str, files: Sequence[Path], parent_id: str) -> None:
    """Push more changesets as another user."""
    imodel = client.imodels.get_by_name(itwin_id, "Bridge")
    assert imodel is not None
    briefcase = client.briefcases.acquire(imodel.id)
    client.push_changesets(imodel.id, files, briefcase_id=briefcase.briefcase_id, parent_id=parent_id)
    client.briefcases.release(imodel.id, briefcase.briefcase_id)


def test_the_recipes(cli: Cli, client: IModelsClient, place: Place, tmp_path: Path) -> None:
    """The recipes run one after another; the last changeset is the expected one."""
    assert len(RECIPES) == 4
    programs = tmp_path / "bin"
    programs.mkdir()
    (tmp_path / "jq.py").write_text(JQ)
    for name, command in (("imodels", IMODELS), ("jq", [sys.executable, str(tmp_path / "jq.py")])):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        program.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    database(work / "bridge.bim")
    files = changeset_files(tmp_path, 5)
    files[0].rename(work / "changes.cs")
    environment = {**cli.environment, "PATH": f"{programs}:{cli.environment['PATH']}"}
    for number, recipe in enumerate(RECIPES):
        if number == 1:
            push_others(client, place.itwin_id, files[1:], files[0].stem)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", recipe],  # noqa: S607 - whichever the system has
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            cwd=work,
        )
        assert done.returncode == 0, done.stderr
    assert (work / "ids.txt").read_text().split() == [file.stem for file in files]
    assert all((work / "changesets" / file.name).exists() for file in files)
    imodel = client.imodels.get_by_name(place.itwin_id, "Bridge")
    assert imodel is not None
    client.imodels.delete(imodel.id)
