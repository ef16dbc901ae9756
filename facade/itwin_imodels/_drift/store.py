"""The folder in which findings are counted: text files with one line of JSON for each finding.

Several threads and processes may add to one folder. Each addition holds a lock on a file in the folder and replaces
each changed data file atomically, so that readers see either its old or its new lines.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from itwin_imodels._core.disk import open_lock_file, try_lock, write_new
from itwin_imodels._drift.finding import Finding, Kind

DRIFT: Final = "drift.jsonl"
COMPARED: Final = "compared.jsonl"
MAX_LINES: Final = 5000
"""Maximum number of lines in a file; further findings are not added."""

_LOCK: Final = "drift.lock"
_PATIENCE: Final = 10.0
_PAUSE: Final = 0.01


class StoreError(Exception):
    """The folder cannot be used. The message contains the file and the reason."""


class Store:
    """Counter of findings in a folder."""

    def __init__(self, folder: Path) -> None:
        """Create a store; the folder is created when findings are first added."""
        self._folder = folder

    def add(self, counts: Mapping[Finding, int]) -> None:
        """Add findings to those in the folder.

        Raises:
            StoreError: A file contains an invalid line, or another program does not release the lock.
            OSError: A file could not be read or written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / _LOCK):
            for name in (DRIFT, COMPARED):
                new = {each: count for each, count in counts.items() if _file_of(each) == name}
                if new:
                    _replace(self._folder / name, _merged(read(self._folder / name), new))


def read(path: Path) -> Counter[Finding]:
    """Read the findings in a file; a missing file contains none.

    Raises:
        StoreError: A line is not a finding.
        OSError: The file cannot be read.
    """
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return Counter()
    counts: Counter[Finding] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            fields = json.loads(line)
            count = int(fields.pop("count"))
            counts[Finding(**fields)] += count
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(f"{path}: line {number} is not a recorded difference; move the file elsewhere") from error
    return counts


def _file_of(finding: Finding) -> str:
    return COMPARED if finding.kind is Kind.COMPARED else DRIFT


def _merged(old: Mapping[Finding, int], new: Mapping[Finding, int]) -> Counter[Finding]:
    result = Counter(old)
    for finding, count in new.items():
        if finding in result or len(result) < MAX_LINES:
            result[finding] += count
    return result


def _replace(path: Path, counts: Mapping[Finding, int]) -> None:
    lines = [json.dumps({**attrs.asdict(each), "count": counts[each]}) for each in sorted(counts)]
    fresh = path.with_name(f"{path.name}.new")
    write_new(fresh, [f"{line}\n" for line in lines])
    fresh.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Lock out other threads and processes for the duration of a block."""
    with open_lock_file(path) as file:
        until = time.monotonic() + _PATIENCE
        while not try_lock(file.fileno()):
            if time.monotonic() > until:
                raise StoreError(f"{path}: another program did not release the lock within {_PATIENCE:.0f} s")
            time.sleep(_PAUSE)
        yield
