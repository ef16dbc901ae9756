"""The wheel and the source distribution: the same bytes each time, in order, and at home in every Python we name."""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import footprint
from scripts import environment, wheel
from scripts.toolkit import ROOT, ToolError

PARTS = ("facade", "generated", "hub", "spec", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore")
MOMENT = "1700000000"
LARGEST_WHEEL = 1_500_000
LARGEST_CORE = 15_000_000
"""Bytes, about twice what it is."""
MOST_DEPENDENCIES = 14
"""Direct and indirect ones; there are 11."""

IMPORT_THEM = """
import imodel_files.changesets, itwin_imodels, itwin_imodels.errors, itwin_imodels.mirror, itwin_imodels.models
import itwin_imodels.fleet, itwin_imodels.profiles, itwin_imodels.webhooks
itwin_imodels.IModelsClient("token", base_url="http://127.0.0.1:1/imodels").close()
"""


def project(folder: Path, mode: int) -> Path:
    """Create a copy of the sources, with its own times and modes."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(
                source, folder / part, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile
            )
        else:
            shutil.copyfile(source, folder / part)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(mode)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Path, Path]]]:
    """Source distribution and wheel, built at two places."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", MOMENT)
        found = []
        for mode in (0o644, 0o664):
            folder = tmp_path_factory.mktemp("built")
            (folder / "project").mkdir()
            found.append(wheel.build(project(folder / "project", mode), folder / "dist"))
        yield found


@pytest.mark.thorough
def test_two_builds_are_the_same_bytes(built: list[tuple[Path, Path]]) -> None:
    """Whatever the folder, and the times and rights of the files in it."""
    (first_sdist, first_wheel), (second_sdist, second_wheel) = built
    assert first_wheel.name == second_wheel.name
    assert first_wheel.read_bytes() == second_wheel.read_bytes()
    assert first_sdist.read_bytes() == second_sdist.read_bytes()


def test_the_wheel_holds_the_packages_and_nothing_else(built: list[tuple[Path, Path]]) -> None:
    """The wheel has all source files, and no cache of Python."""
    _, path = built[0]
    assert path.stat().st_size < LARGEST_WHEEL
    with zipfile.ZipFile(path) as archive:
        names = [each for each in archive.namelist() if ".dist-info/" not in each]
    folders = {"facade/itwin_imodels", "facade/imodel_files", "generated/itwin_imodels_api", "hub/itwin_imodels_hub"}
    files = [each for folder in folders for each in (ROOT / folder).rglob("*") if each.is_file()]
    there = {each.relative_to(ROOT).as_posix().partition("/")[2] for each in files if "__pycache__" not in each.parts}
    assert set(names) == there


def test_the_source_distribution_is_small_and_whole(built: list[tuple[Path, Path]]) -> None:
    """The wheel was built from it; tests, tools and examples are not in it."""
    path, _ = built[0]
    with tarfile.open(path) as archive:
        top = {name.split("/")[1] for name in archive.getnames()}
    assert top == {*PARTS, "PKG-INFO"}


def test_what_is_not_in_order_is_reported(tmp_path: Path) -> None:
    """The tool's message is above, and one line below it."""
    folder = project(tmp_path, 0o644)
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(text.replace('license = "MIT"', 'license = "All of them"'), encoding="utf-8")
    with pytest.raises(ToolError, match="see above") as caught:
        wheel.build(folder, tmp_path / "dist")
    assert "All of them" in "".join(caught.value.__notes__)
    assert not (tmp_path / "dist").exists()


def test_the_time_is_that_of_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may set another one; without a commit, the builder uses its own."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert wheel.source_date(tmp_path) == {}
    date = {"GIT_COMMITTER_DATE": f"{MOMENT} +0000", "GIT_CONFIG_GLOBAL": os.devnull}
    git = ["git", "-C", str(tmp_path), "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "-m", "begin"]):
        subprocess.run([*git, *words], check=True, env={**os.environ, **date})
    assert wheel.source_date(tmp_path) == {"SOURCE_DATE_EPOCH": MOMENT}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    assert wheel.source_date(tmp_path) == {"SOURCE_DATE_EPOCH": "7"}


def interpreter(version: str) -> Path | None:
    """Return a Python of this version: this one, one on the path, or one of pyenv."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return Path(sys.executable)
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(
        f"{version}.*/bin/python{version}"
    )
    for candidate in (shutil.which(f"python{version}"), *map(str, kept)):
        if candidate and subprocess.run([candidate, "-c", ""], check=False, capture_output=True).returncode == 0:
            return Path(candidate)
    return None


@pytest.fixture(scope="module", params=["3.11", "3.12", "3.13"])
def clean(
    request: pytest.FixtureRequest, built: list[tuple[Path, Path]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the Python of an environment that contains only the wheel and its dependencies."""
    request.getfixturevalue("public_authorities")
    base = interpreter(request.param)
    if base is None:
        pytest.skip(f"no Python {request.param} on this machine")
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([base, "-I", "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    try:
        environment.install(python, *needed)
    except subprocess.CalledProcessError:
        (pytest.fail if os.environ.get("REQUIRE_PARTS") == "1" else pytest.skip)("needs a package index")
    environment.install(python, "--no-deps", str(built[0][1]))
    return python


@pytest.mark.thorough(keep=1)
def test_it_installs_in_a_clean_environment(clean: Path) -> None:
    """All dependencies are installed, and the import causes no warning."""
    subprocess.run([environment.uv(), "pip", "check", "--python", clean], check=True, capture_output=True)
    done = subprocess.run([clean, "-I", "-W", "error", "-c", IMPORT_THEM], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.thorough(keep=1)
def test_without_extras_it_says_what_to_install(clean: Path) -> None:
    """The command, and what needs an extra, name it."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [clean.with_name("imodels"), "--help"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=plain)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "imodels requires the extra 'cli': pip install 'itwin-imodels[cli]'\n"
    code = "from itwin_imodels import IModelsClient; IModelsClient.local()"
    done = subprocess.run([clean, "-I", "-c", code], check=False, capture_output=True, text=True)
    assert "pip install 'itwin-imodels[hub]'" in done.stderr.splitlines()[-1]


@pytest.mark.thorough(keep=1)
def test_the_core_is_small(clean: Path) -> None:
    """Few dependencies, few bytes."""
    found = footprint.measured(clean)
    assert found.sizes["itwin-imodels"] > 0
    assert len(found.dependencies) <= MOST_DEPENDENCIES, sorted(found.dependencies)
    assert found.total <= LARGEST_CORE
