"""Put each fault of tests/injected_faults.toml into a copy of the project, and check that its test fails.

python -m scripts.injected_faults          tries every fault
python -m scripts.injected_faults WORD…    tries those whose description, file or test contains one of the words
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

import attrs

from scripts.repository import git_output
from scripts.toolkit import ROOT, ToolError, read_bytes, run

FAULTS: Final = ROOT / "tests" / "injected_faults.toml"
SOURCES: Final = ("generated", "facade", "hub")
_FAILED: Final = 1
"""Exit code of pytest when tests ran and some failed; any other except 0 means that it could not run them."""
_PLUGINS: Final = ("timeout", "anyio")
"""The plugins of pytest that the tests need; loading every installed one takes longer than most tests."""
_TAIL: Final = 30


class Verdict(StrEnum):
    """The outcome of injecting a fault."""

    CAUGHT = "caught"
    NOT_CAUGHT = "NOT CAUGHT"
    TEXT_IS_NOT_UNIQUE = "TEXT NOT FOUND EXACTLY ONCE"
    FAILS_ANYWAY = "THE TEST FAILS WITHOUT THE FAULT"
    DOES_NOT_RUN = "THE TEST DOES NOT RUN"


@attrs.frozen(kw_only=True)
class Fault:
    """A change to one file that breaks the product.

    Attributes:
        what: What is broken.
        file: The file, relative to the project.
        old: Text that it contains exactly once.
        new: Text that replaces it.
        caught_by: The test that must then fail, by its id in pytest.
    """

    what: str
    file: str
    old: str
    new: str
    caught_by: str

    def has(self, word: str) -> bool:
        """Return whether the description, the file or the test contains a word."""
        return word.casefold() in f"{self.what}\n{self.file}\n{self.caught_by}".casefold()


class Trials:
    """Runs tests in a copy of the project, with and without faults."""

    def __init__(self, project: Path) -> None:
        """Use a copy, in which files are changed and restored."""
        self._project = project
        self._passing: dict[str, bool] = {}

    def verdict(self, fault: Fault) -> Verdict:
        """Inject a fault, run its test, and restore the file."""
        path = self._project / fault.file
        sound = path.read_bytes() if path.is_file() else b""
        if sound.count(fault.old.encode()) != 1:
            return Verdict.TEXT_IS_NOT_UNIQUE
        if not self._passes(fault.caught_by):
            return Verdict.FAILS_ANYWAY
        path.write_bytes(sound.replace(fault.old.encode(), fault.new.encode()))
        try:
            return self._outcome(fault.caught_by)
        finally:
            path.write_bytes(sound)

    def _passes(self, test: str) -> bool:
        """Return whether a test passes without a fault; it runs once."""
        if test not in self._passing:
            self._passing[test] = self._outcome(test) is Verdict.NOT_CAUGHT
        return self._passing[test]

    def _outcome(self, test: str) -> Verdict:
        done = self._pytest(test)
        if done.returncode in {0, _FAILED}:
            return Verdict.CAUGHT if done.returncode else Verdict.NOT_CAUGHT
        print("\n".join(f"{done.stdout}{done.stderr}".splitlines()[-_TAIL:]), file=sys.stderr)
        return Verdict.DOES_NOT_RUN

    def _pytest(self, test: str) -> subprocess.CompletedProcess[str]:
        # Python would reuse a compiled file if the changed source file has the same size and modification time.
        variables = {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(str(self._project / each) for each in SOURCES),
        }
        plugins = [word for each in ("no:cacheprovider", *_PLUGINS) for word in ("-p", each)]
        command = [sys.executable, "-m", "pytest", "-x", "-q", *plugins, test]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=self._project, env={**os.environ, **variables}
        )


def read_faults(path: Path = FAULTS) -> list[Fault]:
    """Read the faults of a file.

    Raises:
        ToolError: The file is missing, not TOML, or a fault lacks a member or has an unknown one.
    """
    try:
        return [Fault(**each) for each in tomllib.loads(read_bytes(path, "the list of faults").decode())["fault"]]
    except (ValueError, LookupError, TypeError) as error:
        raise ToolError(f"{path.name}: not a list of faults: {error}") from error


def chosen(faults: Sequence[Fault], words: Sequence[str]) -> list[Fault]:
    """Return the faults that contain one of the words, or all faults if there are no words.

    Raises:
        ToolError: No fault contains any of the words.
    """
    found = [fault for fault in faults if not words or any(map(fault.has, words))]
    if not found:
        raise ToolError(f"{FAULTS.name}: no fault contains {' or '.join(words)}")
    return found


@contextmanager
def project_copy() -> Iterator[Path]:
    """Yield a folder with a copy of the tracked files as they are now."""
    with tempfile.TemporaryDirectory(prefix="injected-faults-") as folder:
        for name in git_output(ROOT, "ls-files").splitlines():
            target = Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                shutil.copy(ROOT / name, target)
        yield Path(folder)


def main(argv: list[str]) -> int:
    """Run ``make injected-faults``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="try the faults that contain it; default: all")
    faults = chosen(read_faults(), parser.parse_args(argv).words)
    missed = 0
    with project_copy() as project:
        trials = Trials(project)
        for fault in faults:
            verdict = trials.verdict(fault)
            missed += verdict is not Verdict.CAUGHT
            print(f"{verdict}: {fault.what} ({fault.caught_by})", flush=True)
    print(f"{len(faults) - missed} of {len(faults)} faults caught")
    return 1 if missed else 0


if __name__ == "__main__":
    run(main)
