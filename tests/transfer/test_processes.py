"""Processes that end during a transfer, regularly or not, and the next one that resumes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from itwin_imodels._transfer import DownloadItem, UploadItem
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.storage import Storage

MIB = 1 << 20
SIZE = 12 * MIB
CHILD = Path(__file__).parent / "helpers" / "child.py"


@pytest.fixture
def kind() -> str:
    """Use the kind of storage that resumes both ways."""
    return "azure"


@contextmanager
def half_way(act: str, path: Path, href: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a transfer in a separate process, and wait until it is half complete."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", str(CHILD), act, str(path), href, str(SIZE)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "half\n", process.stderr.read()
        yield process


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_download_goes_on_in_the_next_process(
    storage: Storage, make: MakeTransfers, tmp_path: Path, end: signal.Signals
) -> None:
    """Received bytes are not downloaded again; Ctrl-C ends the process promptly, without secrets in its output."""
    content = os.urandom(SIZE)
    storage.put(content)
    target, link = tmp_path / "target.cs", storage.to_read()
    with half_way("download", target, link.href) as process:
        begin = time.monotonic()
        process.send_signal(end)
        _, told = process.communicate(timeout=120)
    if end is signal.SIGINT:
        assert time.monotonic() - begin < 20  # it would be 30 s, the idle timeout
        assert "KeyboardInterrupt" in told
        assert "sig=" not in told
    assert not target.exists()
    done = make().download(DownloadItem(target=target, link=link))
    assert done.received <= SIZE // 2
    assert target.read_bytes() == content
    assert [path.name for path in tmp_path.glob("target*")] == ["target.cs"]


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_upload_goes_on_in_the_next_process(
    storage: Storage,
    make: MakeTransfers,
    source: Callable[[int], Path],
    end: signal.Signals,
) -> None:
    """The blocks that the process which ended had sent are not sent again."""
    file = source(SIZE)
    with half_way("upload", file, storage.to_write().href) as process:
        process.send_signal(end)
        process.communicate(timeout=120)
    storage.log.clear()
    transfers = make(block_threshold=MIB, block_size=MIB, block_parallelism=1)
    done = transfers.upload(UploadItem(file=file, link=storage.to_write()))
    assert storage.content() == file.read_bytes()
    assert done.sent <= SIZE // 2 + MIB
    assert sum(request.received for request in storage.requests if request.status == 201) <= SIZE // 2 + MIB


def test_two_processes_with_one_target(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """The second process waits for the first one, and does not download its file again."""
    content = os.urandom(SIZE)
    storage.put(content)
    target, link = tmp_path / "target.cs", storage.to_read()
    with half_way("download", target, link.href) as process:
        item = DownloadItem(target=target, link=link, is_right=lambda path: path.stat().st_size == SIZE)
        process.send_signal(signal.SIGSTOP)
        begun: list[float] = []
        transfers = make(really_sleep=True)

        def kill_later(_: float) -> None:
            begun.append(1)
            if len(begun) == 3:
                process.kill()
                process.wait()

        transfers._sleep = kill_later
        done = transfers.download(item)
    assert len(begun) >= 3
    assert done.received <= SIZE // 2
    assert target.read_bytes() == content
