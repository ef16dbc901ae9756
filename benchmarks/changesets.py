"""Measure the cost of verifying and counting changeset files, compared with decompressing them, which is unavoidable.

Each figure is a ratio to bare LZMA of the same file in the same process. The ratios of the id and the counts must be
at most 1.15, and two threads at least 1.7 times as fast as one. Three kinds of files are measured: large rows
(geometry), small rows of many types (elements), and small rows of numbers (links). Both times of a ratio are measured
in the same round, one right after the other; the figure is the median of the rounds. The exit status reports whether
the bounds are met. The bound for threads applies only if two threads of bare LZMA are fast enough, which they are not
on a busy machine.
"""

import lzma
import random
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "facade"))

from imodel_files.changesets import (  # noqa: E402 - found by the path above
    compute_changeset_id,
    inspect_changeset,
    iter_changes,
    write_changeset,
)

ROUNDS = 5
THREADS = 2
FILES = 4
READ = 1 << 16
BLOCK = 1 << 18
STREAM_START = 23
DICTIONARY = 1 << 24
MEGABYTE = 1_000_000
RATIO_BOUND = 1.15
THREADS_BOUND = 1.7
THREADS_FREE = 1.85
"""Speedup that two threads of bare LZMA reach on an idle machine."""
FIRST_ELEMENT = 0x20000000000

Rows = Callable[[random.Random, int], Iterator[bytes]]


def main() -> None:
    """Measure and print the table."""
    held = True
    print(f"{'':22}{'file':>8}{'unpacked':>10}{'bare LZMA':>12}   times that: {'id':>6}{'counts':>8}{'values':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for label, (header, rows, count) in CONTENTS.items():
            path = Path(folder) / "file.cs"
            body = header + b"".join(rows(random.Random(1), count))  # noqa: S311 - the same data in every run
            write_changeset(path, body, parent_id=None)
            held &= print_costs(label, path, len(body))
        held &= print_threads(path)
    sys.exit(not held)


def print_costs(label: str, path: Path, unpacked: int) -> bool:
    """Print a line of the table and return whether its bounds are met."""
    rounds = times(
        lambda: unpack(path),
        lambda: compute_changeset_id(path, None),
        lambda: inspect_changeset(path),
        lambda: sum(1 for _ in iter_changes(path)),
    )
    ratios = [statistics.median(each[column] / each[0] for each in rounds) for column in (1, 2, 3)]
    figures = "".join(f"{ratio:8.2f}" for ratio in ratios)
    bare = statistics.median(each[0] for each in rounds)
    size, speed = path.stat().st_size / MEGABYTE, unpacked / MEGABYTE / bare
    print(f"{label:22}{size:5.1f} MB{unpacked / MEGABYTE:7.1f} MB{speed:7.0f} MB/s{'':13}{figures}")
    return max(ratios[:2]) <= RATIO_BOUND


def print_threads(path: Path) -> bool:
    """Print the speedup of threads for several files, and return whether the bound is met."""
    paths = [path] * FILES
    with ThreadPoolExecutor(THREADS) as pool:
        rounds = times(
            lambda: [compute_changeset_id(each, None) for each in paths],
            lambda: list(pool.map(compute_changeset_id, paths, [None] * FILES)),
            lambda: [unpack(each) for each in paths],
            lambda: list(pool.map(unpack, paths)),
        )
    ids, bare = (statistics.median(each[column] / each[column + 1] for each in rounds) for column in (0, 2))
    print(f"{FILES} files: {THREADS} threads are {ids:.2f} times as fast as one; with bare LZMA {bare:.2f} times")
    return ids >= THREADS_BOUND or bare < THREADS_FREE


def unpack(path: Path) -> None:
    """Decompress a file."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": DICTIONARY}]
    decoder = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters)
    with path.open("rb") as file:
        file.seek(STREAM_START)
        while not decoder.eof:
            decoder.decompress(file.read(READ) if decoder.needs_input else b"", BLOCK)


def times(*actions: Callable[[], object]) -> list[list[float]]:
    """Return the seconds that each action takes, by round."""
    return [[seconds(action) for action in actions] for _ in range(ROUNDS)]


def seconds(action: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def geometry(source: random.Random, count: int) -> Iterator[bytes]:
    """Return inserts of 14 columns with a blob of 160 bytes to 3 KB."""
    for number in range(count):
        blob = b"".join(struct.pack("<d", round(source.uniform(-9, 9), 2)) for _ in range(source.randint(20, 400)))
        length = bytes([0x80 | len(blob) >> 7, len(blob) & 0x7F])
        place = b"".join(real(source.uniform(-50, 50)) for _ in range(3))
        numbers = integer(FIRST_ELEMENT + number) + integer(300 + number % 7) + integer(17) + integer(1)
        yield INSERT + numbers + place + NULL * 3 + b"\x04" + length + blob + NULL * 3


def elements(source: random.Random, count: int) -> Iterator[bytes]:
    """Return inserts of 12 columns with short strings and a GUID, then updates of each row's time."""
    for number in range(count):
        code = text(f"Pipe-{source.randrange(99_999):05}") if number % 3 else NULL
        label = text(f"Label {number}") if number % 2 else NULL
        begin = integer(FIRST_ELEMENT + number) + integer(300 + source.randrange(7)) + integer(17)
        middle = real(2_460_434.5 + number / 1e5) + integer(1) + integer(17) + code + label
        yield INSERT + begin + middle + integer(17) + integer(44) + b"\x04\x10" + source.randbytes(16) + NULL
    for number in range(count):
        old, new = real(2_460_434.5 + number / 1e5), real(2_460_435.5 + number / 1e5)
        yield UPDATE + integer(FIRST_ELEMENT + number) + SAME * 2 + old + SAME * 8 + SAME * 3 + new + SAME * 8


def links(source: random.Random, count: int) -> Iterator[bytes]:
    """Return inserts of 5 columns, four of them numbers."""
    for number in range(count):
        ends = b"".join(integer(FIRST_ELEMENT + source.randrange(count)) for _ in range(2))
        yield INSERT + integer(FIRST_ELEMENT + number) + integer(300 + number % 7) + ends + NULL


def table(name: str, columns: int) -> bytes:
    """Return the header of a table whose first column is its key."""
    return b"T" + bytes([columns, 1]) + bytes(columns - 1) + name.encode() + b"\0"


def integer(value: int) -> bytes:
    """Return a field with an integer."""
    return struct.pack(">Bq", 1, value)


def real(value: float) -> bytes:
    """Return a field with a float."""
    return struct.pack(">Bd", 2, value)


def text(value: str) -> bytes:
    """Return a field with a string of less than 128 bytes."""
    return bytes([3, len(value)]) + value.encode()


INSERT, UPDATE = b"\x12\x00", b"\x17\x00"
NULL, SAME = b"\x05", b"\x00"
CONTENTS: dict[str, tuple[bytes, Rows, int]] = {
    "large rows, geometry": (table("bis_GeometricElement3d", 14), geometry, 6_000),
    "small rows, elements": (table("bis_Element", 12), elements, 100_000),
    "small rows, links": (table("bis_ElementRefersToElements", 5), links, 200_000),
}


if __name__ == "__main__":
    main()
