"""Resolve the dependencies of pyproject.toml and write the lock files and the versions in spec/LOCK.toml.

python -m scripts.relock              keeps locked versions that pyproject.toml permits
python -m scripts.relock --upgrade    uses the newest version of everything
python -m scripts.relock demo         resolves only requirements/demo.txt
"""

import argparse
import re
import subprocess
import sys

from scripts.specs import lock
from scripts.toolkit import ROOT, ToolError, run

_COMPILE = ["-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"]
# Older versions of pip look up a package with extras separately from the package, and find an unlocked release.
_COMPILE += ["--no-strip-extras"]
_PROJECT = ["pyproject.toml", "--all-extras"]
_DEMO = ["pyproject.toml", "--extra", "checkpoint", "--extra", "cli", "--extra", "hub"]
_SOURCES = {
    "demo": _DEMO,
    "generator": ["--group", "generator"],
    "test": [*_PROJECT, "--group", "test"],
    "dev": [*_PROJECT, "--group", "dev"],
    "uv": ["--group", "uv"],
}
"""The sources of each lock file: the project with extras, a dependency group, or both."""


def main(argv: list[str]) -> int:
    """Run ``make lock``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="use the newest versions")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(_SOURCES)}; default: all")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.names) - set(_SOURCES):
        raise ToolError(f"no lock file is named {', '.join(sorted(unknown))}: use {', '.join(_SOURCES)}")
    options = ["--upgrade"] if arguments.upgrade else []
    for name in arguments.names or _SOURCES:
        output = f"requirements/{name}.txt"
        command = [sys.executable, *_COMPILE, "--python-version", "3.11", *options, *_SOURCES[name]]
        done = subprocess.run([*command, "-o", output], check=False, cwd=ROOT)
        if done.returncode:
            raise ToolError(f"{output}: cannot resolve the dependencies; see above")
    lock.record_tools(_pins("dev") | _pins("generator"))
    return 0


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, flags=re.MULTILINE))


if __name__ == "__main__":
    run(main)
