"""Build the wheel, install it in an environment that holds nothing else of ours, and run the tests on it.

python -m scripts.run_tests [arguments for pytest]
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import environment
from scripts.toolkit import ROOT, ToolError, run


def main(argv: list[str]) -> int:
    """Command line of ``make test``."""
    python = install_wheel()
    command = [python, "-m", "pytest", *(argv or ["-n", str(os.cpu_count()), "--cov", "--cov-report=term"])]
    return subprocess.run(command, check=False, cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}).returncode


def install_wheel() -> Path:
    """Put the wheel of the present source into the test environment.

    Returns:
        The environment's Python.

    Raises:
        ToolError: The wheel cannot be built or installed.
    """
    try:
        python = environment.ensure("test")
        with tempfile.TemporaryDirectory() as folder:
            build_wheel(ROOT, Path(folder))
            (wheel,) = Path(folder).glob("*.whl")
            environment.pip_install(python, "--no-deps", "--force-reinstall", str(wheel))
    except subprocess.CalledProcessError as error:
        raise ToolError(f"{error.cmd[2]} failed; see above") from error
    return python


def build_wheel(project: Path, folder: Path) -> None:
    """Build a project's wheel into a folder; what the build says is shown only when it fails.

    Raises:
        ToolError: The build failed.
    """
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(project)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ToolError(f"the wheel cannot be built: {(done.stdout + done.stderr).strip().splitlines()[-1]}")


if __name__ == "__main__":
    run(main)
