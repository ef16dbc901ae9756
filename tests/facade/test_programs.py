"""Whole programs end without a warning, and may run for long without growing."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from itwin_imodels_hub import LocalHub, SeedChangeset, SeedIModel
from tests.facade import programs
from tests.workflows.helpers.files import chain_of

COUNT = 4
STRICT = ("-X", "dev", "-W", "error")


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A hub with a timeline."""
    changesets = [SeedChangeset(id=file.stem, file=file) for file in chain_of(tmp_path_factory.mktemp("files"), COUNT)]
    with LocalHub() as hub:
        imodel_id = hub.control.create_imodel(SeedIModel(name="Programs", changesets=changesets))
        yield {"base_url": hub.base_url, "token": hub.token("ada"), "imodel_id": imodel_id, "count": COUNT}


def run(name: str, task: dict[str, Any], *options: str) -> str:
    """Run a program, check that it prints no warning, and return its output."""
    command = [sys.executable, *options, "-m", programs.__name__, name, json.dumps(task)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("name", ["closed", "exited", "loops"])
def test_a_program_ends_without_a_warning(name: str, task: dict[str, Any], tmp_path: Path) -> None:
    """This includes lists that are left early, in development mode with warnings as errors."""
    assert not run(name, {**task, "folder": str(tmp_path)}, *STRICT)


def test_a_program_that_closes_nothing_ends(task: dict[str, Any], tmp_path: Path) -> None:
    """Neither threads nor connections keep the program running."""
    assert not run("left_open", {**task, "folder": str(tmp_path)})


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("name", ["long_lived", "long_lived_tasks"])
def test_a_program_does_not_grow(name: str, task: dict[str, Any], tmp_path: Path) -> None:
    """The numbers of threads and of open files are bounded by what works at once, not by how long it works."""
    # Connections are opened while more calls happen to work at once; a leak would open at least one in each call.
    counts = json.loads(run(name, {**task, "folder": str(tmp_path)}, *STRICT))
    assert len(counts) == programs.ROUNDS
    for kind in zip(*counts, strict=True):
        before, after = kind[: programs.ROUNDS // 2], kind[programs.ROUNDS // 2 :]
        assert median(after) <= median(before) + 4 * programs.AT_ONCE, counts
