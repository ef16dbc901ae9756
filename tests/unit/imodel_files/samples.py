"""Real files, if the machine has them."""

import os
from pathlib import Path

import pytest

from scripts.toolkit import ROOT

VARIABLE = "IMODEL_SAMPLES"


def real_files() -> list[Path]:
    """Return all real changeset files on this machine, which may be none."""
    return sorted((_folder() / "changesets").rglob("*.cs"))


def real_manifests() -> list[Path]:
    """Return all real manifests on this machine, which may be none."""
    return sorted((_folder() / "v2-checkpoint").rglob("*manifest.bcv"))


def _folder() -> Path:
    return Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "data")


def samples_folder(name: str = "changesets") -> Path:
    """Return a folder with real files, or skip the test."""
    folder = _folder() / name
    if not folder.is_dir():
        pytest.skip(f"no real files ({name}) on this machine; {VARIABLE} names the folder that holds them")
    return folder
