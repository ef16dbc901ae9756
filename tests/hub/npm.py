"""npm packages for tests, installed once for each version of their lock file."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.parts import require_part

SOURCE = Path(__file__).parent / "node"
CACHE = Path(__file__).parents[2] / "build" / "node"


def run_node(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of tests/hub/node with the packages it needs."""
    require_part("node")
    command = [shutil.which("node") or "node", str(SOURCE / script), *arguments]
    environment = {**os.environ, "NODE_PATH": str(node_packages(SOURCE))}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@cache
def node_packages(source: Path) -> Path:
    """Return the folder with the packages that a folder's lock file names."""
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    target = CACHE / digest[:16]
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
            folder = Path(temporary) / "installed"
            folder.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(source / name, folder)
            command = [shutil.which("npm") or "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=280)
            assert done.returncode == 0, done.stderr
            try:
                folder.rename(target)
            except OSError:
                assert target.exists()  # another test process was faster
    return target / "node_modules"
