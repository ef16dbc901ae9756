"""Check the lock files against a database of known vulnerabilities with pip-audit.

python -m scripts.audit

Runs the installed pip-audit, or otherwise the newest version in a separate environment that uv creates.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.toolkit import ROOT, ToolError, run

_OPTIONS = ["--require-hashes", "--disable-pip", "--format=json", "--progress-spinner=off"]
_ON_DEMAND = [sys.executable, "-m", "uv", "tool", "run", "--from", "pip-audit>=2.7", "pip-audit"]


def main(argv: list[str]) -> int:
    """Run ``make audit``; return 1 if a locked version has a known vulnerability."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args(argv)
    found = {lock.name: list(_vulnerabilities(_audit(lock.name))) for lock in sorted(_folder().glob("*.txt"))}
    for name, lines in found.items():
        for line in lines or ["no known vulnerabilities"]:
            print(f"requirements/{name}: {line}")
    return int(any(found.values()))


def _audit(lock: str) -> object:
    """Return the report of pip-audit about a lock file.

    Raises:
        ToolError: pip-audit produced no report.
    """
    command = [sys.executable, "-m", "pip_audit"] if importlib.util.find_spec("pip_audit") else _ON_DEMAND
    command = [*command, *_OPTIONS, "--requirement", str(_folder() / lock)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    try:
        return json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError, TypeError) as error:
        reason = next(
            (line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), "no output"
        ).rstrip(".")
        problem = ToolError(
            f"requirements/{lock}: not checked because pip-audit or its database cannot be reached: {reason}. "
            "Retry with access to the package index."
        )
        problem.add_note(done.stderr.rstrip())
        raise problem from error


def _vulnerabilities(dependencies: object) -> Iterator[str]:
    """Yield a line for each vulnerability of a report, and for each package that was not checked."""
    for each in dependencies if isinstance(dependencies, list) else []:
        if "skip_reason" in each:
            yield f"{each['name']} was not checked: {each['skip_reason']}"
        for known in each.get("vulns", []):
            names = ", ".join(dict.fromkeys([known["id"], *known.get("aliases", [])]))
            fixed = f"fixed in {', '.join(known['fix_versions'])}" if known["fix_versions"] else "not fixed yet"
            yield f"{each['name']} {each['version']} has {names} ({fixed})"


def _folder() -> Path:
    return ROOT / "requirements"


if __name__ == "__main__":
    run(main)
