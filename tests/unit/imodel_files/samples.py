"""Where real changeset files are, on machines that have them."""

import os
from pathlib import Path

import pytest

from scripts.toolkit import ROOT

VARIABLE = "IMODEL_SAMPLES"


def real_files() -> list[Path]:
    """All real changeset files there are on this machine, perhaps none."""
    return sorted(_folder().rglob("*.cs"))


def _folder() -> Path:
    return Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "data") / "changesets"


def samples_folder() -> Path:
    """The folder with the real files; the calling test is skipped where there is none."""
    folder = _folder()
    if not folder.is_dir():
        pytest.skip(f"no real changeset files on this machine; {VARIABLE} names the folder that holds them")
    return folder
