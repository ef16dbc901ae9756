"""Create a virtual environment from a lock file. Uses the standard library only: it runs before anything is installed.

    python3 scripts/environment.py dev          creates or updates .venv from requirements/dev.txt
    python3 scripts/environment.py demo         creates or updates build/demo-env from requirements/demo.txt
    python3 scripts/environment.py generator    creates or updates .venv-generator from requirements/generator.txt

An environment that was created from the same lock file by the same Python is left unchanged.
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
FOLDERS = {"demo": "build/demo-env", "dev": ".venv", "generator": ".venv-generator", "test": "build/test-env"}

_OPTIONS = {"demo": ("--no-compile",)}
"""Options of pip: a demonstration imports a small part of what it installs, so compiling all of it takes longer."""


def ensure(name: str) -> Path:
    """Create the named environment unless it is up to date.

    Args:
        name: A key of ``FOLDERS``; its lock file is ``requirements/<name>.txt``.

    Returns:
        The Python of the environment.

    Raises:
        OSError: The lock file cannot be read or the folder cannot be written or is a link.
        subprocess.CalledProcessError: pip failed.
    """
    folder = ROOT / FOLDERS[name]
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = folder / "made-from.txt"
    wanted = f"{sys.version}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        if folder.is_symlink():
            raise OSError(f"{FOLDERS[name]} is a link to an environment of another lock file; remove the link")
        print(f"creating {FOLDERS[name]} from requirements/{name}.txt", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        pip_install(python, *_OPTIONS.get(name, ()), "--require-hashes", "-r", str(lock))
        stamp.write_text(wanted)
    return python


def pip_install(python: Path, *arguments: str) -> None:
    """Install packages into an environment quietly, with the network settings of pip."""
    command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)


def main(argv: list[str]) -> int:
    """Create the environments named on the command line."""
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
