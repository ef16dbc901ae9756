"""Build and check the wheel and the source distribution.

python -m scripts.wheel                   builds into dist/
python -m scripts.wheel --output FOLDER   builds elsewhere

The build is reproducible: file times are the time of the commit, or SOURCE_DATE_EPOCH. The wheel is built from the
source distribution, which verifies that the source distribution is complete.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.toolkit import ROOT, ToolError, run, shown

OUTPUT = ROOT / "dist"
_CHECKS = (
    ("validate_pyproject", "pyproject.toml"),
    ("twine", "check", "--strict", "{sdist}", "{wheel}"),
    ("check_wheel_contents", "{wheel}"),
)


def main(argv: list[str]) -> int:
    """Run ``make wheel``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for both files")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the project")
    options = parser.parse_args(argv)
    for path in build(options.project, options.output):
        content = path.read_bytes()
        print(f"{shown(path)}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0


def build(project: Path, folder: Path) -> tuple[Path, Path]:
    """Build the source distribution of a project and, from it, its wheel.

    Args:
        project: The project.
        folder: Destination of both files; written only if both pass the checks.

    Returns:
        The source distribution and the wheel.

    Raises:
        ToolError: A build or a check failed. Its output is attached to the error as a note.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        command = ["build", "--no-isolation", "--outdir", name, str(project)]
        _check(command, project, f"{shown(project)}: the wheel cannot be built; see above")
        (sdist,), (wheel,) = scratch.glob("*.tar.gz"), scratch.glob("*.whl")
        for check in _CHECKS:
            words = [word.format(sdist=sdist, wheel=wheel) for word in check]
            _check(words, project, f"{wheel.name}: {check[0].replace('_', '-')} reports problems; see above")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(sdist, folder)), Path(shutil.copy(wheel, folder))


def source_date(project: Path) -> dict[str, str]:
    """Return the file time of a build as an environment variable; empty if there is no commit."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return {"SOURCE_DATE_EPOCH": os.environ["SOURCE_DATE_EPOCH"]}
    try:
        command = [shutil.which("git") or "git", "log", "-1", "--format=%ct"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=project)
    except OSError:
        return {}
    return {"SOURCE_DATE_EPOCH": done.stdout.strip()} if done.returncode == 0 and done.stdout.strip() else {}


def _check(module: list[str], project: Path, complaint: str) -> None:
    environment = {**os.environ, **source_date(project), "COLUMNS": "1000", "NO_COLOR": "1"}
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=project)
    if done.returncode:
        failure = ToolError(complaint)
        failure.add_note((done.stdout + done.stderr).strip())
        raise failure


if __name__ == "__main__":
    run(main)
