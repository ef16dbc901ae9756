"""Make a virtual environment from a lock file. Standard library only: this runs before anything is installed.

    python3 scripts/environment.py dev          makes or renews .venv from requirements/dev.txt
    python3 scripts/environment.py generator    makes or renews .venv-generator from requirements/generator.txt

Nothing happens when the environment was made from the same lock by the same Python.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
FOLDERS = {"dev": ".venv", "generator": ".venv-generator", "test": "build/test-env"}


def ensure(name: str) -> Path:
    """Make the named environment, or leave it when it is up to date.

    Args:
        name: A key of ``FOLDERS``; its lock is ``requirements/<name>.txt``.

    Returns:
        The environment's Python.

    Raises:
        OSError: The lock cannot be read or the folder not written.
        subprocess.CalledProcessError: pip failed.
    """
    folder = ROOT / FOLDERS[name]
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = folder / "made-from.txt"
    wanted = f"{sys.version}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making {FOLDERS[name]} from requirements/{name}.txt", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        pip_install(python, "--require-hashes", "-r", str(lock))
        stamp.write_text(wanted)
    return python


def pip_install(python: Path, *arguments: str) -> None:
    """Install into an environment, quietly, with pip's own network settings."""
    command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)


def main(argv: list[str]) -> int:
    """Command line: the names of the environments to make."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(FOLDERS))
    names = parser.parse_args(argv).names
    if sys.version_info < OLDEST:
        print(
            f"error: Python {sys.version.split()[0]} is too old; run make with PYTHON=python3.11",
            file=sys.stderr,
        )
        return 1
    try:
        for name in names:
            ensure(name)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"error: environment {name}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
