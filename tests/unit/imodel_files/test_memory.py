"""The memory that reading takes, measured in a separate process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

import imodel_files
from tests.unit.imodel_files.making import INSERT, MIB, compressed, fields, header, stored, table, varint

MAX_KB = 40_000_000 // 1024
PROCESS_FILE = Path("/proc/self/status")
CHILD = """
import sys
from imodel_files.changesets import ChangesetFileError, Limits, compute_changeset_id, inspect_changeset
use, path, ratio = sys.argv[1:]
try:
    with_limits = {"limits": Limits(ratio=int(ratio))}
    if use == "id":
        compute_changeset_id(path, None, **with_limits)
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
    """Return the outcome for a file in a separate process, and its peak memory in KiB."""
    command = [sys.executable, "-c", CHILD, use, str(path), str(ratio)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    outcome, kilobytes = done.stdout.split()
    return outcome, int(kilobytes)


def environment() -> dict[str, str]:
    """Return the environment for a process that finds the package and allocates no memory in advance."""
    folder = str(Path(imodel_files.__path__[0]).parent)
    return {**os.environ, "PYTHONPATH": folder, "MALLOC_ARENA_MAX": "1"}


def bomb() -> Iterator[bytes]:
    """Return one blob with a GiB of zeros."""
    yield from stored(bytes(4) + table("t", 1) + INSERT + b"\x04" + varint(1 << 30))
    yield from [zeros()] * 1024


def noise() -> Iterator[bytes]:
    """24 MiB that fill the dictionary with what cannot be compressed."""
    yield from stored(bytes(4) + table("t", 1) + (INSERT + fields(os.urandom(MIB))) * 24)


def prefix() -> Iterator[bytes]:
    """Return a prefix of the maximum length with four bytes per character, and a full dictionary."""
    text = ('{"ContainsSchemaChanges":true,"DDL":"\U0001f600' + "x" * (MIB - 100) + '"}').encode() + b"\0"
    yield from stored(len(text).to_bytes(4, "big") + text + table("t", 1) + INSERT + b"\x04" + varint(24 * MIB))
    yield from [zeros()] * 24


def tables() -> Iterator[bytes]:
    """Return the maximum number of tables, with names of the maximum length."""
    yield from stored(bytes(4) + b"".join(table(f"{number:01000}", 1) for number in range(4_000)))


def shapes() -> Iterator[bytes]:
    """Return tables with a separate pattern each."""
    groups = (table(f"t{number}", 9) + (INSERT + fields(1, *["a"] * 8)) * 300 for number in range(150))
    yield from stored(bytes(4) + b"".join(groups))


@cache
def zeros() -> bytes:
    """A chunk of a MiB of zeros that does not reset the dictionary, for the middle of a stream."""
    chunk = compressed(bytes(MIB)).removesuffix(b"\0")
    assert chunk[0] >> 5 == 0b111
    return bytes([chunk[0] & 0b11011111]) + chunk[1:]


def packed(folder: Path, chunks: Iterable[bytes]) -> Path:
    """Write a file with these chunks."""
    path = folder / "made.cs"
    path.write_bytes(header() + b"\x18" + b"".join(chunks) + b"\0")
    return path


@pytest.mark.thorough
def test_a_bomb_is_refused_or_streamed(tmp_path: Path) -> None:
    """About 200 kB decompress to a GiB: rejected by default, and streamed if permitted."""
    path = packed(tmp_path, bomb())
    assert path.stat().st_size < 250_000
    for use, ratio, expected in (
        ("id", 1000, "OutputLimitError"),
        ("id", 10_000, "read"),
        ("inspect", 10_000, "read"),
    ):
        outcome, kilobytes = peak(use, path, ratio=ratio)
        assert outcome == expected
        assert kilobytes < MAX_KB


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("content", [noise, prefix, tables, shapes])
@pytest.mark.parametrize("use", ["id", "inspect"])
def test_memory_is_flat(content: Callable[[], Iterator[bytes]], use: str, tmp_path: Path) -> None:
    """This applies to any content."""
    outcome, kilobytes = peak(use, packed(tmp_path, content()), ratio=1_000_000)
    assert outcome == "read"
    assert kilobytes < (MAX_KB if use == "id" else 2 * MAX_KB)


def test_a_dictionary_that_the_memory_cannot_hold_is_refused(tmp_path: Path) -> None:
    """The error of the system becomes an error of the package."""
    path = tmp_path / "made.cs"
    path.write_bytes(header() + bytes([40]) + compressed(bytes(4)))
    code = (
        "import resource, sys\n"
        "from imodel_files.changesets import *\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "try: compute_changeset_id(sys.argv[1], None, limits=Limits(dictionary=1 << 32))\n"
        "except DictionaryTooLargeError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True, env=environment()
    )
    assert "memory" in done.stdout
    assert "byte 22 of the file" in done.stdout


def test_a_blob_beyond_the_limit_is_refused_before_it_is_applied(tmp_path: Path) -> None:
    """SQLite would keep several copies."""
    code = (
        "import sys\n"
        "from imodel_files.changesets import *\n"
        "link = ChainLink(sys.argv[1], '0' * 40, None)\n"
        "try: apply_changesets(sys.argv[1], [link], sys.argv[2], limits=Limits(ratio=10_000))\n"
        "except SessionLimitError as error: print(error.offset)\n"
        "with open('/proc/self/status') as status:\n"
        "    print(next(line.split()[1] for line in status if line.startswith('VmHWM')))\n"
    )
    path = packed(tmp_path, bomb())
    command = [sys.executable, "-c", code, str(path), str(tmp_path / "target.bim")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    offset, kilobytes = map(int, done.stdout.split())
    assert offset == 4 + len(table("t", 1) + INSERT)
    assert kilobytes < 2 * MAX_KB


def test_the_package_needs_attrs_only() -> None:
    """The import loads nothing else besides the standard library."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\n"
        "import imodel_files.changesets, imodel_files.cloud_sqlite\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before} - {'imodel_files'}\n"
        "print(*sorted(names - set(sys.stdlib_module_names)))"
    )
    command = [sys.executable, "-I", "-c", code, environment()["PYTHONPATH"]]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "attr attrs\n"


def test_damage_late_in_the_stream_takes_no_second_dictionary(tmp_path: Path) -> None:
    """The place is searched after the first decoder is freed."""
    path = packed(tmp_path, noise())
    with path.open("r+b") as file:
        file.seek(-MIB, os.SEEK_END)
        file.write(b"\xff" * 70_000)
    outcome, kilobytes = peak("id", path)
    assert outcome == "CorruptStreamError"
    assert kilobytes < MAX_KB
