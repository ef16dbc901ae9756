"""Measure the size of a core installation: the wheel without extras in an otherwise empty environment.

Counts the distributions and their bytes on disk, before Python compiles anything. Requires a package index.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from scripts.run_tests import build_wheel  # noqa: E402 - found by the path above

_MEASURE = """
import importlib.metadata, json, pathlib
found = {}
for each in importlib.metadata.distributions():
    files = [pathlib.Path(each.locate_file(file)) for file in each.files or () if "__pycache__" not in str(file)]
    found[each.name.lower()] = sum(file.stat().st_size for file in files if file.exists())
print(json.dumps(found))
"""


class Footprint(NamedTuple):
    """Installed distributions, including this one: bytes by name."""

    sizes: dict[str, int]

    @property
    def total(self) -> int:
        """Return the total number of bytes."""
        return sum(self.sizes.values())

    @property
    def dependencies(self) -> dict[str, int]:
        """Return the distributions other than this one."""
        return {name: size for name, size in self.sizes.items() if name != "itwin-imodels"}


def measured(python: Path) -> Footprint:
    """Measure an environment.

    Args:
        python: The environment's Python.
    """
    done = subprocess.run([python, "-I", "-c", _MEASURE], check=True, capture_output=True, text=True)
    return Footprint(
        {name: size for name, size in json.loads(done.stdout).items() if name not in {"pip", "setuptools"}}
    )


def main() -> None:
    """Install, measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        wheel = build_wheel(ROOT, folder / "dist")
        command = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile", str(wheel)]
        subprocess.run(command, check=True)
        footprint = measured(python)
        print(f"wheel {wheel.stat().st_size / 1e6:.2f} MB; installed with {len(footprint.dependencies)} dependencies")
    for distribution, size in sorted(footprint.sizes.items(), key=lambda each: -each[1]):
        print(f"{distribution:20} {size / 1e6:6.2f} MB")
    print(f"{'together':20} {footprint.total / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
