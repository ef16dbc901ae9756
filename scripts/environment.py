"""Create a virtual environment from a lock file. Uses the standard library only: it runs before anything is installed.

    python3 scripts/environment.py dev          creates or replaces .venv from requirements/dev.txt
    python3 scripts/environment.py demo         creates or replaces build/demo-env from requirements/demo.txt
    python3 scripts/environment.py generator    creates or replaces .venv-generator from requirements/generator.txt

An environment that was created from the same lock file by the same Python is left unchanged. pip installs uv, which
installs the packages with the network settings of pip. If uv fails, pip installs the packages.
"""

import argparse
import ast
import hashlib
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
FOLDERS = {
    "demo": "build/demo-env",
    "dev": ".venv",
    "generator": ".venv-generator",
    "test": "build/test-env",
    "uv": "build/uv-env",
}

_WITH_PIP = ("dev", "test", "uv")
"""Environments with pip: developers and tests use it, and it installs uv."""

_POLL_SECONDS = 0.1

_UV_OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
"""Settings of pip with one or more values, and the equivalent options of uv."""

_UV_VARIABLES = {
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
"""Settings of pip, and the equivalent environment variables of uv."""


def ensure(name: str) -> Path:
    """Create the named environment unless it is up to date. Other processes wait until it is created.

    Args:
        name: A key of ``FOLDERS``; its lock file is ``requirements/<name>.txt``.

    Returns:
        The Python of the environment.

    Raises:
        OSError: The lock file cannot be read, or the folder is a link or cannot be written.
        subprocess.CalledProcessError: The packages cannot be installed.
    """
    folder = ROOT / FOLDERS[name]
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = folder / "made-from.txt"
    expected = f"{sys.version}\n{hashlib.sha256(lock.read_bytes()).hexdigest()}\n"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if _is_made_from(expected, stamp):
        return python
    if folder.is_symlink():
        raise OSError(
            f"{FOLDERS[name]} is a link to an environment that was made from another lock file or with another Python; "
            "remove the link"
        )
    with _alone(name):
        if not _is_made_from(expected, stamp):
            print(f"creating {FOLDERS[name]} from requirements/{name}.txt", file=sys.stderr)
            venv.create(folder, clear=True, with_pip=name in _WITH_PIP)
            install(python, "--require-hashes", "-r", str(lock), with_uv=name != "uv")
            stamp.write_text(expected)
    return python


def _is_made_from(expected: str, stamp: Path) -> bool:
    with suppress(FileNotFoundError):
        return stamp.read_text() == expected
    return False


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Wait until no other process creates the named environment, and make others wait during the block."""
    path = ROOT / "build" / f"{name}-env.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        while not _try_lock(file.fileno()):
            time.sleep(_POLL_SECONDS)
        yield


def _try_lock(descriptor: int) -> bool:
    """Try to lock an open file, and return whether that succeeded. The lock lasts until the file is closed."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def install(python: Path, *arguments: str, with_uv: bool = True) -> None:
    """Install packages into an environment quietly: with uv, or with pip if uv fails.

    Raises:
        OSError: An environment cannot be written.
        subprocess.CalledProcessError: The packages cannot be installed.
    """
    if with_uv and _uv_install(python, *arguments):
        return
    subprocess.run([str(python), "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, *arguments], check=True)


def uv() -> Path:
    """Return the path of uv; install it if it is missing.

    Raises:
        OSError: Its environment cannot be written.
        subprocess.CalledProcessError: It cannot be installed.
    """
    return ensure("uv").with_name("uv")


def _uv_install(python: Path, *arguments: str) -> bool:
    try:
        options, variables = uv_settings(_pip_settings(ensure("uv")))
        command = [str(uv()), "pip", "install", "--quiet", "--python", str(python), *options, *arguments]
        subprocess.run(command, check=True, env={**variables, **os.environ})
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"uv failed ({error}); pip installs the packages instead", file=sys.stderr)
        return False
    return True


def uv_settings(settings: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Translate the network settings of pip.

    Args:
        settings: Settings of pip without their sections, such as ``{"index-url": "https://index.example/simple"}``.

    Returns:
        The options of uv and the variables of its environment.
    """
    options = [f"{option}={value}" for name, option in _UV_OPTIONS.items() for value in settings.get(name, "").split()]
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        options.append("--no-index")
    variables = {_UV_VARIABLES[name]: value for name, value in settings.items() if name in _UV_VARIABLES}
    return [*options, "--index-strategy=unsafe-best-match"], variables  # as in pip: the best match in all indexes


def _pip_settings(python: Path) -> dict[str, str]:
    command = [str(python), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in {"global", "install", ":env:"}:
            settings[key] = str(ast.literal_eval(value))
    return settings


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
