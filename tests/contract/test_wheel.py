"""The tests run on the installed wheel, and the wheel is whole."""

import importlib.metadata
import importlib.util
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import itwin_imodels
from scripts.toolkit import ROOT

PACKAGES = ("itwin_imodels_api", "itwin_imodels", "imodel_files", "itwin_imodels_hub")
IMPORT_THEM = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
DISTRIBUTION = importlib.metadata.distribution("itwin-imodels")
each_package = pytest.mark.parametrize("package", PACKAGES)


def folder_of(package: str) -> Path:
    """Return the folder of a package, without importing it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@each_package
def test_the_installed_package_is_tested_not_the_source(package: str) -> None:
    """Each package comes from the wheel's environment and is marked as typed."""
    folder = folder_of(package)
    assert folder == Path(DISTRIBUTION.locate_file(package)).resolve()
    assert not folder.is_relative_to(ROOT / "facade")
    assert (folder / "py.typed").is_file()


@each_package
def test_every_module_imports_without_a_warning(package: str) -> None:
    """Each module of each package imports in a fresh interpreter in which warnings are errors."""
    names = [package, *(each.name for each in pkgutil.walk_packages([str(folder_of(package))], f"{package}."))]
    command = [sys.executable, "-W", "error", "-c", IMPORT_THEM, *names]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_version_is_written_once() -> None:
    """The version of the distribution is that of the package."""
    assert DISTRIBUTION.version == itwin_imodels.__version__


def test_the_command_is_installed() -> None:
    """The command prints the version."""
    (entry_point,) = DISTRIBUTION.entry_points.select(group="console_scripts", name="imodels")
    assert entry_point.value == "itwin_imodels.cli:main"
    command = Path(sys.executable).with_name("imodels")
    done = subprocess.run([command, "--version"], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["itwin-imodels", itwin_imodels.__version__]


def test_the_command_without_its_extra_says_what_to_install() -> None:
    """A missing extra is named; there is no traceback."""
    code = "import sys; sys.modules['typer'] = None; from itwin_imodels.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "imodels requires the extra 'cli': pip install 'itwin-imodels[cli]'\n"


def test_the_metadata_names_licence_extras_and_python() -> None:
    """The metadata that an index shows are present."""
    metadata = DISTRIBUTION.metadata
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra") or ()) >= {"cli", "hub", "fast", "checkpoint", "all"}
    names = [Path(str(file)).name for file in DISTRIBUTION.files or ()]
    assert "LICENSE" in names
    generated = [str(file) for file in DISTRIBUTION.files or () if str(file).startswith("itwin_imodels_api/")]
    assert "itwin_imodels_api/README.md" in generated


def test_the_core_needs_little() -> None:
    """Without extras the wheel pulls in four libraries."""
    required = [line.split(";")[0] for line in DISTRIBUTION.requires or () if "extra ==" not in line]
    assert sorted(line.split(">")[0].split("<")[0].strip() for line in required) == [
        "attrs",
        "httpx",
        "python-dateutil",
        "tenacity",
    ]
