"""Uploads over slow connections: buffered bodies are not idle, and timed-out requests continue in blocks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._transfer import DownloadItem, UploadItem
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels.errors import RequestTimeout
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.scripted import Say, answer, scripted
from tests.transfer.helpers.storage import Storage

MIB = 1 << 20

Source = Callable[[int], Path]


@pytest.mark.parametrize("size", [400_000, 2 * MIB + 5])
def test_an_answer_may_take_longer_than_a_pause(make: MakeTransfers, source: Source, size: int) -> None:
    """A proxy accepts the body immediately and forwards it slowly: it is sent once."""
    with scripted(Say(answer("201 Created", {"content-length": 0}), delay=1.0)) as server:
        uploaded = make(idle_timeout=0.3, retries=0).upload(UploadItem(file=source(size), link=server.link))
    assert (uploaded.sent, len(server.heads)) == (size, 1)


def test_an_answer_that_never_comes(make: MakeTransfers, source: Source) -> None:
    """The upload ends at the deadline, also with blocks."""
    with scripted(Say(b"", hang=True)) as server, pytest.raises(RequestTimeout):
        make(idle_timeout=0.2, deadline=0.4, retries=0).upload(UploadItem(file=source(400_000), link=server.link))


@pytest.mark.parametrize("size", [5, 400_000])
def test_a_head_that_never_ends(make: MakeTransfers, source: Source, tmp_path: Path, size: int) -> None:
    """Bytes arrive continuously, so no read is idle; the transfer ends at the deadline in both directions."""
    with scripted(Say(b"HTTP/1.1 201 Created\r\nX-Long: ", drip=True)) as server:
        transfers = make(idle_timeout=0.3, deadline=0.5, retries=0)
        with pytest.raises(RequestTimeout):
            transfers.upload(UploadItem(file=source(size), link=server.link))
        with pytest.raises(RequestTimeout):
            transfers.download(DownloadItem(target=tmp_path / "target.cs", link=server.link))


@pytest.mark.parametrize("kind", ["azure"], indirect=True)
def test_a_large_request_that_times_out_goes_on_in_blocks(
    storage: Storage, make: MakeTransfers, source: Source
) -> None:
    """The file is not sent as a whole again, and arrives."""
    file = source(5 * MIB + 5)
    storage.fail(method="PUT", delay=3)
    told: list[int] = []
    make(idle_timeout=0.5, deadline=1.5).upload(
        UploadItem(file=file, link=storage.to_write()), progress=lambda at, _: told.append(at)
    )
    assert storage.content() == file.read_bytes()
    queries = [each.query for each in storage.requests if each.method == "PUT"]
    assert len({each for each in queries if "comp=block&" in each}) == 6
    assert sum("comp=" not in each for each in queries) <= 1  # the request that was given up may not be logged
    assert told == sorted(told)
    assert told[-1] == file.stat().st_size


@given(st.integers(0, 1 << 40), st.floats(0, 1e6), st.floats(0.1, 1e3), st.floats(0.1, 1e4))
def test_how_long_an_answer_may_take(size: int, seconds: float, idle: float, longest: float) -> None:
    """Never less than a pause, never more than the longest, and longer for larger and slower bodies."""
    timeout = AnswerTimeout(idle=idle, longest=longest)
    found = timeout.after(size, seconds)
    assert idle <= found <= max(idle, longest)
    assert timeout.after(2 * size, seconds) >= found
    assert timeout.after(size, 2 * seconds) >= found


def test_the_answer_of_a_slow_line_is_awaited() -> None:
    """15 MB at 125 kB/s, of which 4 MB are in buffers, or all; a request without a body is quick."""
    timeout = AnswerTimeout(idle=30, longest=300)
    assert timeout.after(15_000_000, 88) > 4_000_000 / 125_000
    assert timeout.after(15_000_000, 0.1) > 15_000_000 / 125_000
    assert timeout.after(0, 0) == 30
