"""Build the wheel and the source distribution, and look them over.

python -m scripts.wheel                   builds into dist/
python -m scripts.wheel --output FOLDER   builds elsewhere

The same commit gives the same bytes, on every machine: the files' times are that of the commit (or what
SOURCE_DATE_EPOCH says). The wheel is built from the source distribution, so that this is known to be whole.
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
    """Command line of ``make wheel``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for both files")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder of the project")
    options = parser.parse_args(argv)
    for path in build(options.project, options.output):
        content = path.read_bytes()
        print(f"{shown(path)}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0


def build(project: Path, folder: Path) -> tuple[Path, Path]:
    """Build a project's source distribution and, from it, its wheel.

    Args:
        project: The project.
        folder: Where both go, when both are in order.

    Returns:
        The source distribution and the wheel.

    Raises:
        ToolError: One cannot be built or is not in order. What was said is a note of the error.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        command = ["build", "--no-isolation", "--outdir", name, str(project)]
        _check(command, project, f"{shown(project)}: the wheel cannot be built; see above")
        (sdist,), (wheel,) = scratch.glob("*.tar.gz"), scratch.glob("*.whl")
        for check in _CHECKS:
            words = [word.format(sdist=sdist, wheel=wheel) for word in check]
            _check(words, project, f"{wheel.name}: {check[0].replace('_', '-')} finds it not in order; see above")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(sdist, folder)), Path(shutil.copy(wheel, folder))


def source_date(project: Path) -> dict[str, str]:
    """The time that the files of a build bear, as an environment variable; none where there is no commit."""
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
