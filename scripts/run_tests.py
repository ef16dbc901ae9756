"""Build the wheel, install it in an environment without the project's source, and run the tests on it.

python -m scripts.run_tests [arguments for pytest]
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import environment
from scripts.toolkit import ROOT, ToolError, run, shown
from scripts.wheel import source_date


def main(argv: list[str]) -> int:
    """Run ``make test``."""
    python = install_wheel()
    command = [str(python), "-m", "pytest", *(argv or ["-n", str(2 * (os.cpu_count() or 1))])]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    variables["PYTHONPYCACHEPREFIX"] = str(ROOT / "build" / "compiled")  # keeps the source folders unchanged
    return subprocess.run(command, check=False, cwd=ROOT, env=variables).returncode


def install_wheel() -> Path:
    """Install the wheel of the current source into the test environment.

    Returns:
        The Python of the environment.

    Raises:
        ToolError: The wheel cannot be built or installed.
    """
    try:
        python = environment.ensure("test")
        with tempfile.TemporaryDirectory() as folder:
            wheel = build_wheel(ROOT, Path(folder))
            environment.install(python, "--no-deps", "--force-reinstall", str(wheel))
    except subprocess.CalledProcessError as error:
        raise ToolError(f"{error.cmd[2]} failed; see above") from error
    return python


def build_wheel(project: Path, folder: Path) -> Path:
    """Build the wheel of a project in an empty folder.

    Returns:
        The path of the wheel.

    Raises:
        ToolError: The build failed. Its output is a note of the error.
    """
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(project)]
    dated = {**os.environ, **source_date(project)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=dated)
    if done.returncode:
        failure = ToolError(f"{shown(project)}: the wheel cannot be built; see above")
        failure.add_note((done.stdout + done.stderr).strip())
        raise failure
    return next(folder.glob("*.whl"))


if __name__ == "__main__":
    run(main)
