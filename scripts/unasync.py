"""Generate the synchronous code from the asynchronous code, or check that the committed code is up to date.

python -m scripts.unasync           converts facade/itwin_imodels/_aio, replaces facade/itwin_imodels/_sync
python -m scripts.unasync --check   does the same in a temporary folder, then compares byte by byte

A table of substitutions is applied to the text, including docstrings and strings, as httpcore does.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from scripts.toolkit import ROOT, ToolError, check_folder, read_bytes, replace_folder, run, shown

SOURCE = ROOT / "facade" / "itwin_imodels" / "_aio"
TARGET = ROOT / "facade" / "itwin_imodels" / "_sync"

SUBSTITUTIONS: dict[str, str] = {
    r"async (def|for|with)": r"\1",
    r"await ([(\w][\w.]*)": r"\1",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "_aio": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "aheader": "header",
    "aiter_raw": "iter_raw",
    "async_blocking": "blocking",
    "async_cleaning_up": "cleaning_up",
    "async_sleep": "sleep",
    "asynccontextmanager": "contextmanager",
    "An asynchronous": "A synchronous",
    "The asynchronous": "The synchronous",
    "tasks and threads": "threads",
    "Each event loop and each forked process": "Each forked process",
    "Forked processes and all event loops": "Forked processes",
    r"(_?)Async([A-Z]\w*)": r"\1\2",
}
"""Regular expressions that match whole words, and their replacements.

Every entry must match in some file; an unused entry fails the run, so that the table stays accurate.
"""

_LEFTOVER = re.compile(r"event loops?|\btasks?\b(?! id)|\basync|\bawait|coroutine", re.IGNORECASE)
"""Words that must not occur in synchronous code. A "task id" is allowed: it identifies a synchronization run."""


def main(argv: list[str]) -> int:
    """Run ``make unasync`` and ``make unasync-check``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the target instead of replacing it")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the asynchronous code")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder of the synchronous code")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, options.target.name)
        folder.mkdir()
        count = produce(options.source, folder)
        if options.check:
            check_folder(options.target, folder, "the asynchronous code", "make unasync")
        else:
            replace_folder(options.target, folder)
    print(f"{shown(options.target)}: {count} files, {'up to date' if options.check else 'generated'}")
    return 0


def produce(source: Path, folder: Path, table: Mapping[str, str] = SUBSTITUTIONS) -> int:
    """Convert every module below ``source`` into ``folder``, and return the number of files.

    Raises:
        ToolError: The synchronous form of a file is not valid Python, or an entry of the table is unused.
    """
    unused = set(table)
    paths = sorted(source.rglob("*.py"))
    for path in paths:
        text, used = convert(read_bytes(path, "source").decode(), table)
        unused -= used
        _check_python(path, text)
        _check_words(path, text)
        output = folder / path.relative_to(source)
        output.parent.mkdir(parents=True, exist_ok=True)
        header = f"# Made from {shown(path)} by 'make unasync'. Change that file, not this one.\n"
        output.write_bytes((header + text).encode())
    if unused:
        names = ", ".join(repr(entry) for entry in table if entry in unused)
        raise ToolError(
            f"scripts/unasync.py: SUBSTITUTIONS: no file of {shown(source)} uses {names}; remove the unused entries"
        )
    _tidy(folder)
    return len(paths)


def convert(source: str, table: Mapping[str, str]) -> tuple[str, set[str]]:
    """Return the synchronous form of asynchronous source, and the entries of the table that changed it."""
    used = set()
    for entry, replacement in table.items():
        source, count = re.subn(rf"(?<!\w){entry}(?!\w)", replacement, source)
        if count:
            used.add(entry)
    return source, used


def _check_python(path: Path, text: str) -> None:
    try:
        compile(text, str(path), "exec")
    except SyntaxError as error:
        raise ToolError(
            f"{shown(path)}:{error.lineno}: its synchronous form is not Python: {error.msg}; "
            "change the asynchronous code"
        ) from error


def _check_words(path: Path, text: str) -> None:
    """Check that no text mentions concepts of asynchronous code."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _LEFTOVER.search(line):
            raise ToolError(
                f"{shown(path)}: line {number} of its synchronous form contains {found.group()!r}; reword it, or"
                " extend SUBSTITUTIONS"
            )


def _tidy(folder: Path) -> None:
    """Sort imports, remove those that the conversion left unused, and format."""
    if importlib.util.find_spec("ruff") is None:
        print("ruff is not installed: the files are left unformatted", file=sys.stderr)
        return
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet", str(folder)]
    for command in (["check", "--select", "I,F401", "--fix-only"], ["format"]):
        done = subprocess.run([*ruff, *command, *settings], check=False, capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            raise ToolError(f"ruff {command[0]} rejected the synchronous code: {done.stderr or done.stdout}")


if __name__ == "__main__":
    run(main)
