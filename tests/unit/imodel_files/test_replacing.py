"""Files that appear complete or not at all, even if a process is killed."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from imodel_files._replacing import replacing
from imodel_files.changesets import ChangesetApplyError, apply_changesets, write_changeset
from tests.unit.imodel_files.making import Table
from tests.unit.imodel_files.timeline import Timeline

WAITING = """
import sys
from pathlib import Path
from imodel_files._replacing import replacing
with replacing(Path(sys.argv[1])) as part:
    part.write_text("half")
    Path(f"{part}-journal").write_text("journal")
    print("ready", flush=True)
    sys.stdin.read()
"""


def process(target: Path) -> "subprocess.Popen[str]":
    """Begin to write a file in another process, which waits in the middle."""
    started = subprocess.Popen(
        [sys.executable, "-c", WAITING, target], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def listed(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return sorted(each.name for each in folder.iterdir())


def test_what_killed_processes_left_goes_with_the_next_start(tmp_path: Path) -> None:
    """This includes files of several processes."""
    target = tmp_path / "target.bim"
    started = [process(target) for _ in range(3)]
    assert len(listed(tmp_path)) == 9
    for each in started:
        with each:
            each.send_signal(signal.SIGTERM)
    with replacing(target) as part:
        assert listed(tmp_path) == [".target.bim.0.lock"]
        part.write_text("whole")
    assert listed(tmp_path) == ["target.bim"]
    assert target.read_text() == "whole"


def test_what_a_running_process_writes_is_left_alone(tmp_path: Path) -> None:
    """Both come to their end; the last one stays."""
    target = tmp_path / "target.bim"
    with process(target) as other:
        with replacing(target) as part:
            part.write_text("ours")
        assert target.read_text() == "ours"
        other.communicate("")
    assert target.read_text() == "half"
    assert listed(tmp_path) == ["target.bim"]


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Each thread uses its own name."""
    target = tmp_path / "target.bim"
    barrier = threading.Barrier(8)
    seen: list[Path] = []

    def write() -> None:
        with replacing(target) as part:
            part.write_text("whole")
            seen.append(part)
            barrier.wait()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 8
    assert listed(tmp_path) == ["target.bim"]


@pytest.mark.parametrize("target", [".", "..", "folder", ""])
def test_a_folder_is_no_target(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said before anything is done."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    timeline = Timeline(tmp_path, Table("t", 2))
    with pytest.raises(IsADirectoryError):
        apply_changesets(timeline.baseline, [], target)
    assert listed(tmp_path) == ["baseline.bim", "folder"]
    assert write_changeset(".", b"", parent_id=None) in {each.stem for each in tmp_path.glob("*.cs")}


def test_a_baseline_serves_several_at_once(tmp_path: Path) -> None:
    """They only read it."""
    timeline = Timeline(tmp_path, Table("t", 2), setup="INSERT INTO t VALUES(1, 1)")
    barrier = threading.Barrier(8, timeout=30)

    def apply(number: int) -> None:
        for again in range(3):
            barrier.wait()
            apply_changesets(timeline.baseline, [], tmp_path / f"{number}-{again}.bim")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(apply, range(8)))
    assert len(list(tmp_path.glob("*-*.bim"))) == 24


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "BEGIN; DELETE FROM t"])
@pytest.mark.parametrize("library", ["apsw", "sqlite3"])
def test_a_baseline_that_is_being_written_is_refused(begin: str, library: str, tmp_path: Path) -> None:
    """Here by the same process, with the same library or another one."""
    timeline = Timeline(tmp_path, Table("t", 2), setup="PRAGMA journal_mode = MEMORY; INSERT INTO t VALUES(1, 1)")
    writer = connect(library, timeline.baseline)
    writer.execute("PRAGMA journal_mode = MEMORY")
    for statement in begin.split(";"):
        writer.execute(statement)
    with pytest.raises(ChangesetApplyError, match="in use by another connection") as caught:
        timeline.report()
    assert caught.value.path == str(timeline.baseline)
    writer.execute("COMMIT")
    timeline.report()
    writer.close()


def test_a_baseline_in_an_unknown_format_is_not_called_in_use(tmp_path: Path) -> None:
    """The message is SQLite's."""
    timeline = Timeline(tmp_path, Table("t", 2))
    with timeline.baseline.open("r+b") as file:
        file.seek(47)  # the schema format number
        file.write(b"\x09")
    with pytest.raises(ChangesetApplyError, match="SQLite cannot use the database: unsupported file format"):
        timeline.report()


def connect(library: str, path: Path) -> "apsw.Connection":
    """Open a database."""
    if library == "apsw":
        return apsw.Connection(str(path))
    import sqlite3  # noqa: PLC0415 - in the way of the other one

    return sqlite3.connect(path, isolation_level=None)  # type: ignore[return-value]


def test_a_baseline_written_by_another_process_is_refused(tmp_path: Path) -> None:
    """Through the locks of the system."""
    timeline = Timeline(tmp_path, Table("t", 2))
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE');"
        "print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, timeline.baseline], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(ChangesetApplyError, match="in use"):
            timeline.report()
        writer.communicate("")
    timeline.report()


def test_a_baseline_that_cannot_be_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is only kept from others while it is copied."""
    timeline = Timeline(tmp_path, Table("t", 2), setup="INSERT INTO t VALUES(1, 1)")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert timeline.apply() == [(1, 1)]
