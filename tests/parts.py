"""Programs and modules that some tests need and a machine may lack."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

_COMMANDS = {
    "chromium": ("chromium",),
    "namespaces": ("unshare", "mount"),
    "nginx": ("nginx", "openssl"),
    "node": ("node", "npm"),
    "postgresql": ("initdb", "pg_ctl"),
    "systemd": ("systemd-analyze",),
}
_MODULES = {
    "chromium": ("playwright",),
    "matplotlib": ("matplotlib",),
    "postgresql": ("psycopg",),
}
_OFF_THE_PATH = "/usr/lib/postgresql/*/bin"
"""Folders of the programs of Debian's PostgreSQL server, by version."""


def find_command(name: str) -> Path | None:
    """Return the path of a program, also one of Debian's PostgreSQL server, or None if it is not installed."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    return max(Path("/").glob(f"{_OFF_THE_PATH[1:]}/{name}"), key=lambda path: float(path.parts[4]), default=None)


def _has_namespaces() -> bool:
    """Return whether a process may have its own mounts."""
    command = ["unshare", "--map-root-user", "--mount", "true"]
    return shutil.which("unshare") is not None and subprocess.run(command, check=False).returncode == 0


def on_small_disk(folder: Path, size: str, command: Iterable[str]) -> list[str]:
    """Return a command that runs another one with a disk of its own at a folder; requires the part `namespaces`."""
    script = f'mount -t tmpfs -o size={size} tmpfs "{folder}" && exec "$@"'
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command]


def require_part(name: str) -> None:
    """Skip the calling test if a part is missing, or fail the test if REQUIRE_PARTS=1 requires the part."""
    missing = [f"command {each}" for each in _COMMANDS.get(name, ()) if find_command(each) is None]
    missing += [f"module {each}" for each in _MODULES.get(name, ()) if importlib.util.find_spec(each) is None]
    if not missing:
        if name == "namespaces" and not _has_namespaces():
            pytest.skip("needs namespaces: this machine does not permit them")  # no package can change that
        return
    reason = f"needs {name}: no {', '.join(missing)} on this machine"
    if os.environ.get("REQUIRE_PARTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
