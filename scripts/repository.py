"""The git repository that a project is in."""

import shutil
import subprocess
from pathlib import Path

from scripts.toolkit import ToolError, shown


def git(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in the folder of a project.

    Raises:
        ToolError: git or the folder is missing.
    """
    try:
        command = [shutil.which("git") or "git", *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=project)
    except OSError as error:
        raise ToolError(f"{shown(project)}: git cannot be run there: {error}") from error


def git_output(project: Path, *arguments: str) -> str:
    """Run a git command that is expected to succeed.

    Returns:
        The output.

    Raises:
        ToolError: The command failed.
    """
    done = git(project, *arguments)
    if done.returncode:
        raise ToolError(f"{shown(project)}: git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def check_tree(project: Path) -> None:
    """Check that a build of the working tree contains exactly the committed files.

    Raises:
        ToolError: The folder is not in a git repository, no branch is checked out, or there are uncommitted changes.
    """
    tracked = git(project, "ls-files", "--error-unmatch", "pyproject.toml")
    if tracked.returncode:
        raise ToolError(f"{shown(project)}: not a project in a git repository: {tracked.stderr}")
    if git(project, "symbolic-ref", "--quiet", "HEAD").returncode:
        raise ToolError(f"{shown(project)}: HEAD is detached; switch to a branch")
    status = git(project, "status", "--porcelain", "--untracked-files=normal")
    names = [line[3:] for line in status.stdout.splitlines()]
    if status.returncode or names:
        what = f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''}"  # noqa: PLR2004 - three are enough
        raise ToolError(f"{shown(project)}: not committed: {what or status.stderr}; commit, ignore or remove them")
