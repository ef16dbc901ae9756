"""Where real files are, on machines that have them."""

import os
from pathlib import Path

import pytest

from scripts.toolkit import ROOT

VARIABLE = "IMODEL_SAMPLES"


def real_files() -> list[Path]:
    """All real changeset files there are on this machine, perhaps none."""
    return sorted((_folder() / "changesets").rglob("*.cs"))


def real_manifests() -> list[Path]:
    """All real manifests there are on this machine, perhaps none."""
    return sorted((_folder() / "v2-checkpoint").rglob("*manifest.bcv"))


def _folder() -> Path:
    return Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "data")


def samples_folder(name: str = "changesets") -> Path:
    """A folder with real files; the calling test is skipped where there is none."""
    folder = _folder() / name
    if not folder.is_dir():
        pytest.skip(f"no real files ({name}) on this machine; {VARIABLE} names the folder that holds them")
    return folder
