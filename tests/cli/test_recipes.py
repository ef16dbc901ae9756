"""The recipes of the page run as they stand there."""

import re
import shlex
import subprocess
import sys
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


def test_the_recipes(cli: Cli, client: IModelsClient, place: Place, tmp_path: Path) -> None:
    """One after another, as an operator would; the last changeset is where they lead."""
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
    (file,) = changeset_files(work, 1)
    file.rename(work / "changes.cs")
    environment = {**cli.environment, "PATH": f"{programs}:{cli.environment['PATH']}"}
    for recipe in RECIPES:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", recipe],  # noqa: S607 - whichever the system has
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            cwd=work,
        )
        assert done.returncode == 0, done.stderr
    assert (work / "ids.txt").read_text().split() == [file.stem]
    assert (work / "changesets" / file.name).exists()
    imodel = client.imodels.get_by_name(place.itwin_id, "Bridge")
    assert imodel is not None
    client.imodels.delete(imodel.id)
