"""The vendor's client and ours, each doing a job in a separate process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.hub.npm import SOURCE, node_packages

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / name) for name in ("generated", "facade", "hub"))}

Outcome = dict[str, Any]
"""The output of a job: `seconds`, `cpu` and `peak`, and `result` or `error`."""


def by_vendor(*task: object) -> Outcome:
    """Do a job with the vendor's client; `task` is the name of the job, base URL, token, iModel id and folder."""
    command = ["node", str(ROOT / "benchmarks" / "peer.cjs"), *map(str, task)]
    return outcome(run(command, NODE_PATH=str(node_packages(SOURCE))))


def by_us(*task: object) -> Outcome:
    """Do a job with our client; `task` is the name of the job, base URL, token, iModel id and folder."""
    return outcome(run([sys.executable, str(ROOT / "benchmarks" / "serving" / "job.py"), *map(str, task)]))


def run(command: list[str], **variables: str) -> str:
    """Run a process and return what it prints."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**ENVIRONMENT, **variables})
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr[-600:]}")
    return done.stdout


def outcome(printed: str) -> Outcome:
    """Return the outcome that a process printed on its last line."""
    return dict(json.loads(printed.splitlines()[-1]))
