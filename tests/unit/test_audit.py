"""Lock files and known vulnerabilities: handling of the report from pip-audit, and of a missing one."""

import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.toolkit import ROOT

LOCKS = sorted(f"requirements/{each.name}" for each in (ROOT / "requirements").glob("*.txt"))
STARLETTE = {
    "name": "starlette",
    "version": "0.40.0",
    "vulns": [
        {"id": "GHSA-1", "fix_versions": ["0.47.2", "0.49.1"], "aliases": ["CVE-2025-1"], "description": "…"},
        {"id": "GHSA-2", "fix_versions": [], "aliases": [], "description": "…"},
    ],
}
CLEAN = {"name": "attrs", "version": "26.1.0", "vulns": []}


def audit(folder: Path, program: str | None, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the tool with a replacement of pip-audit, or without it and without a network."""
    paths = [str(ROOT)]
    if program is not None:
        (folder / "pip_audit.py").write_text(program, encoding="utf-8")
        paths.append(str(folder))
    environment = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "scripts.audit"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=240)


def reporting(*dependencies: object, status: int = 0) -> str:
    """Return a program that writes a report about any hashed lock file."""
    report = json.dumps({"dependencies": dependencies, "fixes": []})
    return (
        "import sys\n"
        "assert {'--require-hashes', '--disable-pip', '--format=json'} <= set(sys.argv)\n"
        "assert '--hash=sha256:' in open(sys.argv[sys.argv.index('--requirement') + 1]).read()\n"
        f"print({report!r})\nsys.exit({status})\n"
    )


def test_vulnerabilities_fail(tmp_path: Path) -> None:
    """Each is a line with lock file, package, names and the versions without it."""
    done = audit(tmp_path, reporting(CLEAN, STARLETTE, status=1))
    lines = [
        f"{lock}: starlette 0.40.0 has {known}"
        for lock in LOCKS
        for known in ("GHSA-1, CVE-2025-1 (fixed in 0.47.2, 0.49.1)", "GHSA-2 (not fixed yet)")
    ]
    assert (done.returncode, done.stdout.splitlines()) == (1, lines), done.stderr


def test_no_vulnerabilities(tmp_path: Path) -> None:
    """Each lock file is named."""
    done = audit(tmp_path, reporting(CLEAN))
    assert (done.returncode, done.stdout.splitlines()) == (0, [f"{lock}: no known vulnerabilities" for lock in LOCKS])


def test_a_package_that_was_not_checked_fails(tmp_path: Path) -> None:
    """Unchecked packages are not considered safe."""
    done = audit(tmp_path, reporting({"name": "odd", "skip_reason": "not on the index"}))
    assert done.returncode == 1
    assert f"{LOCKS[0]}: odd was not checked: not on the index" in done.stdout


def test_a_database_that_cannot_be_reached(tmp_path: Path) -> None:
    """The last line says so, and the tool fails; the same applies to a missing program."""
    program = "import sys\nsys.exit('ERROR:pip_audit:Could not connect')\n"
    for done in (audit(tmp_path, program), audit(tmp_path, None, UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "uv"))):
        assert (done.returncode, done.stdout) == (1, "")
        last = done.stderr.splitlines()[-1]
        assert last.startswith(f"error: {LOCKS[0]}: not checked because pip-audit or its database cannot be reached: ")
        (tmp_path / "pip_audit.py").unlink(missing_ok=True)
