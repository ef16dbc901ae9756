"""Releases of a small project with the places that ours has."""

import os
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from scripts.release import CHANGELOG, VERSION_FILE, release
from scripts.repository import git_output
from scripts.toolkit import ToolError

DAY = date(2026, 11, 29)
_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "tiny-project"
dynamic = ["version"]
requires-python = ">=3.11"
readme = "CHANGELOG.md"

[tool.hatch.version]
path = "facade/itwin_imodels/_version.py"

[tool.hatch.build.targets.wheel]
packages = ["facade/itwin_imodels"]
"""
_CHANGES = """\
# Changelog

## Unreleased

### Added

- A bridge.

## 0.9.0 (2026-01-01)

- The beginning.
"""


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Run git in the project without the settings of the person who runs the tests."""
    for name in os.environ:
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return partial(git_output, tmp_path / "project")


@pytest.fixture
def project(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A committed project."""
    folder = tmp_path / "project"
    (folder / VERSION_FILE).parent.mkdir(parents=True)
    (folder / VERSION_FILE).write_text('__version__ = "1.0.0.dev0"\n')
    (folder / VERSION_FILE).with_name("__init__.py").write_text("ANSWER = 42\n")
    (folder / "pyproject.toml").write_text(_PYPROJECT)
    (folder / CHANGELOG).write_text(_CHANGES)
    (folder / ".gitignore").write_text("/dist/\n")
    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.name", "Ann")
    git("config", "user.email", "ann@example.org")
    git("add", ".")
    git("commit", "--quiet", "--message", "all")
    return folder


def test_a_release(project: Path, git: Callable[..., str]) -> None:
    """Version, changelog, wheel, commit and tag belong together."""
    assert release(project, "1.0.0", DAY) == "v1.0.0"
    assert (project / VERSION_FILE).read_text() == '__version__ = "1.0.0"\n'
    assert "## Unreleased\n\n## 1.0.0 (2026-11-29)\n\n### Added\n\n- A bridge.\n" in (project / CHANGELOG).read_text()
    assert git("describe", "--exact-match") == "v1.0.0"
    assert git("log", "-1", "--format=%an %s") == "Ann Release 1.0.0"
    assert git("status", "--porcelain") == ""
    assert len(git("worktree", "list").splitlines()) == 1
    with zipfile.ZipFile(project / "dist" / "tiny_project-1.0.0-py3-none-any.whl") as wheel:
        assert "itwin_imodels/_version.py" in wheel.namelist()


def test_nothing_to_release(project: Path) -> None:
    """A second release without changes is rejected."""
    release(project, "1.0.0", DAY)
    with pytest.raises(ToolError, match="'Unreleased' lists no changes"):
        release(project, "1.0.1", DAY)


@pytest.mark.parametrize("text", ["1.0", "v1.0.0", "1.0.0.dev1", "1.0.0+local", "01.0.0", "", "next"])
def test_versions_that_are_none(project: Path, text: str) -> None:
    """A release has three numbers."""
    with pytest.raises(ToolError, match="not a valid release version"):
        release(project, text, DAY)


def spoil_tree(project: Path) -> None:
    """Leave something uncommitted."""
    (project / "notes.txt").write_text("")


def spoil_build(project: Path) -> None:
    """Commit what cannot be built."""
    (project / "pyproject.toml").write_text(_PYPROJECT.replace("tiny-project", "no name!"))
    commit(project)


def spoil_changelog(project: Path) -> None:
    """Commit a changelog that has the version."""
    (project / CHANGELOG).write_text(_CHANGES.replace("0.9.0", "1.0.0"))
    commit(project)


def spoil_tag(project: Path) -> None:
    """Create the tag."""
    git_output(project, "tag", "v1.0.0")


def spoil_version(project: Path) -> None:
    """Commit a later version."""
    (project / VERSION_FILE).write_text('__version__ = "1.0.1"\n')
    commit(project)


def commit(project: Path) -> None:
    """Commit all."""
    git_output(project, "commit", "--quiet", "--all", "--message", "spoilt")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_tree, r"not committed: notes\.txt"),
        (spoil_build, "cannot be built; see above"),
        (spoil_changelog, r"already has a section 1\.0\.0"),
        (spoil_tag, r"the tag v1\.0\.0 exists"),
        (spoil_version, r"1\.0\.0 is not later than 1\.0\.1"),
    ],
)
def test_what_is_refused_changes_nothing(
    project: Path, git: Callable[..., str], spoil: Callable[[Path], None], message: str
) -> None:
    """The project stays as it was."""
    spoil(project)
    before = git("log", "-1"), git("status", "--porcelain"), git("tag"), git("worktree", "list")
    with pytest.raises(ToolError, match=message):
        release(project, "1.0.0", DAY)
    assert before == (git("log", "-1"), git("status", "--porcelain"), git("tag"), git("worktree", "list"))
    assert not (project / "dist").exists()


def fail_tag(project: Path) -> None:
    """Require a signature that cannot be made."""
    git_output(project, "config", "tag.gpgSign", "true")
    git_output(project, "config", "gpg.program", "false")


def fail_merge(project: Path) -> None:
    """Lock the branch."""
    (project / ".git" / "refs" / "heads" / "main.lock").touch()


@pytest.mark.parametrize("fail", [fail_tag, fail_merge])
def test_git_fails_at_the_end(project: Path, git: Callable[..., str], fail: Callable[[Path], None]) -> None:
    """There is neither a commit without its tag nor a tag without its commit."""
    fail(project)
    before = git("log", "-1"), git("tag"), git("worktree", "list")
    with pytest.raises(ToolError, match=r"git .* failed"):
        release(project, "1.0.0", DAY)
    assert before == (git("log", "-1"), git("tag"), git("worktree", "list"))
