"""Check types: all hand-written code with mypy, the public API as users see it with mypy and pyright.

python -m scripts.check_types
"""

import argparse
import os
import shutil
import subprocess
import sys

from scripts.toolkit import ROOT, ToolError, run
from tests.hub.npm import node_packages

SURFACE = ROOT / "tests" / "typing"


def main(argv: list[str]) -> int:
    """Run ``make types``."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args(argv)
    mypy = [sys.executable, "-m", "mypy"]
    found = [_check(mypy), _check([*mypy, "tests/typing/api.py"]), _check(pyright())]
    return max(found)


def pyright() -> list[str]:
    """Return the command that runs the locked version of pyright.

    Raises:
        ToolError: Node or npm is not installed.
    """
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise ToolError("pyright requires node and npm; install them")
    return [node, str(node_packages(SURFACE / "node") / "pyright" / "index.js"), "--pythonpath", sys.executable]


def _check(command: list[str]) -> int:
    """Run a type checker on the source tree and return its exit status."""
    path = os.pathsep.join(str(ROOT / name) for name in ("generated", "facade", "hub"))
    return subprocess.run(command, check=False, cwd=ROOT, env={**os.environ, "MYPYPATH": path}).returncode


if __name__ == "__main__":
    run(main)
