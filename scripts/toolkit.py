"""What every tool shares: where the project is, how a failure is told, how a folder or file is replaced."""

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
    """Something a person has to mend. Its text is one line: which file, which place in it, what to do."""


def run(tool: Callable[[list[str]], int]) -> Never:
    """Run a tool with the command line's arguments; a ``ToolError`` becomes one line and exit status 1.

    Notes of the error, such as the output of a program that failed, are shown above that line.
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
    """A path as a person sees it: relative to the project where it lies inside."""
    resolved = path.resolve()
    return str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT) else str(path)


def read_bytes(path: Path, what: str) -> bytes:
    """Read a file of ours.

    Raises:
        ToolError: It is missing or unreadable.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ToolError(f"{shown(path)}: {what} cannot be read: {error.strerror}") from error


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part."""
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
    """Put ``source`` where ``target`` is; the old folder goes only when the new one is in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        fresh = Path(scratch, "new")
        shutil.copytree(source, fresh)
        if target.exists():
            target.rename(Path(scratch, "old"))
        fresh.rename(target)


def check_folder(committed: Path, fresh: Path, source: str, command: str) -> None:
    """Hold a committed folder against what it is made from, byte by byte.

    Args:
        committed: The folder in the tree.
        fresh: The same, made just now.
        source: What it is made from, for the error's text.
        command: What makes it anew.

    Raises:
        ToolError: Files differ, are missing or superfluous. Names them.
    """
    theirs, ours = files_in(fresh), files_in(committed)
    findings = {
        "different": [each for each in ours & theirs if not filecmp.cmp(fresh / each, committed / each, shallow=False)],
        "missing": theirs - ours,
        "superfluous": ours - theirs,
    }
    told = [f"{finding}: {', '.join(sorted(names)[:3])}" for finding, names in findings.items() if names]
    if told:
        raise ToolError(f"{shown(committed)}: not what {source} gives: {'; '.join(told)}; run '{command}'")


def files_in(folder: Path) -> set[str]:
    """Every file below a folder by its name in it, without what Python caches."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if "__pycache__" not in path.parts}
