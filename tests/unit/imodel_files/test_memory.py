"""How much memory reading takes, measured in a process of its own."""

import lzma
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.unit.imodel_files.making import INSERT, MIB, fields, header, table, varint

MOST_KB = 40_000_000 // 1024
PROCESS_FILE = Path("/proc/self/status")
CHILD = """
import sys
from imodel_files.changesets import *
use, path, ratio = sys.argv[1:]
try:
    with_limits = {"limits": Limits(ratio=int(ratio))}
    if use == "id":
        compute_changeset_id(path, None, **with_limits)
    elif use == "verify":
        verify_changeset(path, id="0" * 40, parent_id=None, **with_limits)
    else:
        inspect_changeset(path, **with_limits)
    print("read")
except ChangesetFileError as error:
    print(type(error).__name__)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
pytestmark = pytest.mark.skipif(not PROCESS_FILE.exists(), reason="the peak is read from /proc")


def peak(use: str, path: Path, *, ratio: int = 1000) -> tuple[str, int]:
    """What becomes of a file in a process of its own, and the most memory that took, in KiB."""
    folder = str(Path(sys.modules["imodel_files"].__path__[0]).parent)
    environment = {**os.environ, "PYTHONPATH": folder, "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, "-c", CHILD, use, str(path), str(ratio)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    outcome, kilobytes = done.stdout.split()
    return outcome, int(kilobytes)


def bomb() -> Iterator[bytes]:
    """One blob of a GiB of zeros."""
    yield bytes(4) + table("t", 1) + INSERT + b"\x04" + varint(1 << 30)
    for _ in range(1024):
        yield bytes(MIB)


def noise() -> Iterator[bytes]:
    """48 MiB that fill the dictionary with what cannot be compressed."""
    yield bytes(4) + table("t", 1)
    for _ in range(48):
        yield INSERT + fields(os.urandom(MIB))


def prefix() -> Iterator[bytes]:
    """As long a prefix as is allowed, made to take four bytes a character, and then a full dictionary."""
    text = ('{"ContainsSchemaChanges":true,"DDL":"\U0001f600' + "x" * (MIB - 100) + '"}').encode() + b"\0"
    yield len(text).to_bytes(4, "big") + text + table("t", 1)
    for _ in range(24):
        yield INSERT + fields(bytes(MIB))


def tables() -> Iterator[bytes]:
    """As many tables with as long names as are allowed."""
    yield bytes(4)
    for number in range(4_000):
        yield table(f"{number:01000}", 1)


def shapes() -> Iterator[bytes]:
    """Tables that each take patterns of their own."""
    yield bytes(4)
    for number in range(150):
        yield table(f"t{number}", 9) + (INSERT + fields(1, *["a"] * 8)) * 300


def packed(folder: Path, pieces: Iterable[bytes]) -> Path:
    """Write a file whose stream never resets its dictionary of 16 MiB."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 16 * MIB}]
    compressor = lzma.LZMACompressor(format=lzma.FORMAT_RAW, filters=filters)
    path = folder / "made.cs"
    with path.open("wb") as file:
        file.write(header() + b"\x18")
        for piece in pieces:
            file.write(compressor.compress(piece))
        file.write(compressor.flush())
    return path


def test_a_bomb_is_refused_or_streamed(tmp_path: Path) -> None:
    """About 150 kB that unpack to a GiB: refused unless allowed, and flat when allowed."""
    path = packed(tmp_path, bomb())
    assert path.stat().st_size < 200_000
    for use, ratio, expected in (
        ("id", 1000, "OutputLimitError"),
        ("inspect", 1000, "OutputLimitError"),
        ("id", 10_000, "read"),
        ("verify", 10_000, "ChangesetIdMismatchError"),
        ("inspect", 10_000, "read"),
    ):
        outcome, kilobytes = peak(use, path, ratio=ratio)
        assert outcome == expected
        assert kilobytes < MOST_KB


@pytest.mark.parametrize("content", [noise, prefix, tables, shapes])
@pytest.mark.parametrize("use", ["id", "inspect"])
def test_memory_is_flat(content: Callable[[], Iterator[bytes]], use: str, tmp_path: Path) -> None:
    """Whatever the content is made to fill it with."""
    outcome, kilobytes = peak(use, packed(tmp_path, content()), ratio=1_000_000)
    assert outcome == "read"
    assert kilobytes < (MOST_KB if use == "id" else 2 * MOST_KB)


def test_damage_late_in_the_stream_takes_no_second_dictionary(tmp_path: Path) -> None:
    """The place is looked for only after the first decoder is gone."""
    path = packed(tmp_path, noise())
    with path.open("r+b") as file:
        file.seek(-MIB, os.SEEK_END)
        file.write(b"\xff" * 70_000)
    outcome, kilobytes = peak("id", path)
    assert outcome == "CorruptStreamError"
    assert kilobytes < MOST_KB
