"""Functions shared by the tools: paths in the project, error reporting, replacement of files (atomic) and folders."""

import filecmp
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Never

ROOT = Path(__file__).resolve().parents[1]


class ToolError(Exception):
    """A problem that the user must solve. The message is one line: file, place in the file, remedy."""


def run(tool: Callable[[list[str]], int]) -> Never:
    """Run a tool with the command-line arguments; a ``ToolError`` becomes one line and exit status 1.

    Notes of the error, such as the output of a failed program, are printed before that line.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = tool(sys.argv[1:])
    except ToolError as error:
        for note in getattr(error, "__notes__", ()):
            print(note, file=sys.stderr)
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        status = 1
    sys.exit(status)


def shown(path: Path) -> str:
    """Return a path for messages: relative to the project if it is inside."""
    resolved = path.resolve()
    return str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT) else str(path)


def read_bytes(path: Path, what: str) -> bytes:
    """Read a file of the project.

    Raises:
        ToolError: The file is missing or unreadable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ToolError(f"{shown(path)}: {what} cannot be read: {error.strerror}") from error


def replace_file(path: Path, content: bytes) -> None:
    """Write a file atomically: readers see either the old content or the new content."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replace_folder(target: Path, source: Path) -> None:
    """Replace ``target`` with a copy of ``source``; the old folder is deleted after the new one is in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        fresh = Path(scratch, "new")
        shutil.copytree(source, fresh)
        if target.exists():
            target.rename(Path(scratch, "old"))
        fresh.rename(target)


def check_folder(committed: Path, fresh: Path, source: str, command: str) -> None:
    """Compare a committed folder with a freshly generated one, byte by byte.

    Args:
        committed: The folder in the tree.
        fresh: The same folder, just generated.
        source: What it is generated from, for error messages.
        command: The command that generates it.

    Raises:
        ToolError: Files differ, are missing or are unexpected; the message names up to three of each kind.
    """
    theirs, ours = files_in(fresh), files_in(committed)
    findings = {
        "different": [each for each in ours & theirs if not filecmp.cmp(fresh / each, committed / each, shallow=False)],
        "missing": theirs - ours,
        "superfluous": ours - theirs,
    }
    lines = [f"{finding}: {', '.join(sorted(names)[:3])}" for finding, names in findings.items() if names]
    if lines:
        raise ToolError(f"{shown(committed)}: not up to date with {source}: {'; '.join(lines)}; run '{command}'")


def files_in(folder: Path) -> set[str]:
    """Return the relative paths of all files below a folder, except Python caches."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if "__pycache__" not in path.parts}
