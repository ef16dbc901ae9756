"""Create a release: version, section of the changelog, wheel, commit and tag.

python -m scripts.release VERSION

The commit is created and built in a separate working copy. The commit and the tag are added to the project only after
the wheel is in `dist/`; nothing is pushed or published.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version

from scripts import wheel
from scripts.repository import check_tree, git, git_output
from scripts.toolkit import ROOT, ToolError, replace_file, run, shown

CHANGELOG = "CHANGELOG.md"
VERSION_FILE = "facade/itwin_imodels/_version.py"
_UNRELEASED = "## Unreleased\n"
_HEADING = re.compile(r"^## ", re.MULTILINE)
_ASSIGNMENT = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


def main(argv: list[str]) -> int:
    """Run ``make release``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version", help="version of the release, such as 0.2.0")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the project")
    options = parser.parse_args(argv)
    tag = release(options.project, options.version, datetime.now(UTC).date())
    print(
        f"{tag}: committed, tagged and built into dist/; push with 'git push --follow-tags', then 'make publish'. "
        "Then record the files that the released version writes, as CONTRIBUTING.md describes"
    )
    return 0


def release(project: Path, text: str, day: date) -> str:
    """Release a version of a project.

    Args:
        project: The project. Its tree must be clean.
        text: The version.
        day: Date of the release.

    Returns:
        The tag.

    Raises:
        ToolError: The version or the state of the project is invalid, the wheel cannot be built, or git fails. At most
            the wheel was added to `dist/`.
    """
    version = release_version(text)
    check_tree(project)
    tag = f"v{version}"
    if git(project, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}").returncode == 0:
        raise ToolError(f"{shown(project)}: the tag {tag} exists; choose a later version")
    with _working_copy(project) as copy:
        _edit(copy / VERSION_FILE, lambda before: with_version(before, version))
        _edit(copy / CHANGELOG, lambda before: with_section(before, version, day))
        git_output(copy, "commit", "--quiet", "--all", "--message", f"Release {version}")
        wheel.build(copy, project / "dist")
        commit = git_output(copy, "rev-parse", "HEAD")
    git_output(project, "tag", "--annotate", tag, "--message", f"Release {version}", commit)
    try:
        git_output(project, "merge", "--quiet", "--ff-only", commit)
    except ToolError:
        git_output(project, "tag", "--delete", tag)
        raise
    return tag


def release_version(text: str) -> Version:
    """Parse the version of a release: three numbers and an optional release candidate, such as `1.2.0` or `1.2.0rc1`.

    Raises:
        ToolError: The version is invalid.
    """
    try:
        version = Version(text)
    except InvalidVersion:
        version = Version("0")
    if len(version.release) != len("xyz") or str(version) != text or version.is_devrelease or version.local:
        raise ToolError(f"{text!r} is not a valid release version; use the form 1.2.0 or 1.2.0rc1")
    return version


def with_version(text: str, version: Version) -> str:
    """Return the source of the version module with a new version.

    Raises:
        ToolError: The source contains no version, or the new version is not later.
    """
    found = _ASSIGNMENT.search(text)
    if found is None:
        raise ToolError(f"{VERSION_FILE}: no line __version__ = ...")
    if version <= Version(found[1]):
        raise ToolError(f"{VERSION_FILE}: {version} is not later than {found[1]}; choose a later version")
    return text[: found.start(1)] + str(version) + text[found.end(1) :]


def with_section(changelog: str, version: Version, day: date) -> str:
    """Return a changelog in which the unreleased changes are the section of a version.

    Raises:
        ToolError: There are no unreleased changes, or the version already has a section.
    """
    if re.search(rf"^## {re.escape(str(version))}\b", changelog, re.MULTILINE):
        raise ToolError(f"{CHANGELOG}: already has a section {version}; choose a later version")
    before, heading, after = changelog.partition(_UNRELEASED)
    following = _HEADING.search(after)
    section = after[: following.start()] if following else after
    if not heading or not re.search(r"^[-*] ", section, re.MULTILINE):
        raise ToolError(f"{CHANGELOG}: the section 'Unreleased' lists no changes; describe them first")
    return f"{before}{_UNRELEASED}\n## {version} ({day.isoformat()})\n{after}"


@contextmanager
def _working_copy(project: Path) -> Iterator[Path]:
    """Check out the project's commit in a temporary folder, with the same git settings."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "release")
        git_output(project, "worktree", "add", "--quiet", "--detach", str(copy))
        try:
            yield copy
        finally:
            git_output(project, "worktree", "remove", "--force", str(copy))


def _edit(path: Path, change: Callable[[str], str]) -> None:
    try:
        before = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ToolError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    replace_file(path, change(before).encode())


if __name__ == "__main__":
    run(main)
