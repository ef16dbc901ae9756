"""The first commands of the page run unchanged on the demo."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from itwin_imodels_hub import LocalHub
from scripts.toolkit import ROOT
from tests.cli.helpers.command import IMODELS

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE.partition("## First steps")[2], re.DOTALL)[1]


def test_the_first_steps(tmp_path: Path) -> None:
    """Each works, and shows something."""
    program = tmp_path / "imodels"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(IMODELS)} "$@"\n')
    program.chmod(0o755)
    with LocalHub(seed="demo") as hub:
        commands = COMMANDS.replace("http://127.0.0.1:8650/imodels", hub.base_url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],  # noqa: S607 - whichever the system has
            check=False,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "IMODELS_CONFIG": str(tmp_path / "config.toml"),
                "IMODELS_PROFILE": "local",
                "ITWIN_ID": hub.itwin_id,
                "COLUMNS": "140",
                "PYTHONPATH": os.pathsep.join(path for path in map(os.path.abspath, sys.path) if path),
            },
            cwd=tmp_path,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr
    for shown in ("Demo iModel", "2 ", "Superstructure complete", "drawing-office-1", "site-laptop", "Bridge:Girder"):
        assert shown in done.stdout, shown
