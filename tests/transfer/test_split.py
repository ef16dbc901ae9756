"""Downloads of a large file over several connections, with any failures."""

import json
import os
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from itwin_imodels._transfer import Cancellation, Cancelled, DownloadItem, Transfers
from itwin_imodels._transfer.split import SplitDownload
from itwin_imodels._transfer.storage import STORAGES
from itwin_imodels.errors import ConnectionFailed, IntegrityError
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.scripted import Say, answer, scripted
from tests.transfer.helpers.storage import Storage, own_threads

MIB = 1 << 20
CONTENT = os.urandom(MIB) * 35 + b"the end"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Name a file."""
    return tmp_path / "target.bim"


def ranges(storage: Storage) -> list[tuple[int, int]]:
    """List the sections that were requested, first and last byte."""
    found = (request.headers.get("range", "") for request in storage.requests)
    parts = (text.removeprefix("bytes=").split("-") for text in found if text and not text.endswith("-"))
    return sorted((int(first), int(last)) for first, last in parts)


def download(transfers: Transfers, storage: Storage, target: Path, size: int | None = None) -> int:
    """Download the file, check it and its progress, and return how many bytes were received."""
    told: list[int] = []
    item = DownloadItem(target=target, link=storage.to_read(), size=size)
    done = transfers.download(item, progress=lambda at, _: told.append(at))
    assert target.read_bytes() == CONTENT
    assert done.size == len(CONTENT)
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    assert [each.name for each in target.parent.iterdir() if each.name.startswith("target")] == ["target.bim"]
    return done.received


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_large_file_comes_in_sections(storage: Storage, transfers: Transfers, target: Path, size: int | None) -> None:
    """All sections are of one version and requested once; the last one is shorter."""
    storage.put(CONTENT)
    assert download(transfers, storage, target, size) == len(CONTENT)
    sections = ranges(storage)
    assert sections[0][0] == 0
    assert sections[-1][1] == len(CONTENT) - 1
    assert all(before[1] + 1 == after[0] for before, after in pairwise(sections))
    # The first request is aborted, and therefore logged late.
    assert len({request.headers["if-match"] for request in storage.requests if "range" in request.headers}) == 1
    assert own_threads() == []


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize("fault", ["cut", "drop", "busy", "expired"])
def test_a_section_is_tried_again(storage: Storage, transfers: Transfers, target: Path, fault: str) -> None:
    """It resumes where it ended, with a new link if the old one is rejected."""
    storage.put(CONTENT)
    if fault in {"cut", "drop"}:
        storage.fail(action=fault, cut_at=300_000, skip=3, times=2)
    else:
        status, code = (503, "ServerBusy") if fault == "busy" else (403, "AuthenticationFailed")
        storage.refuse(status, code, skip=3)
    item = DownloadItem(target=target, link=storage.to_read(), fresh_link=storage.to_read)
    transfers.download(item)
    assert target.read_bytes() == CONTENT


def test_a_file_that_changes_between_two_sections(storage: Storage, transfers: Transfers, target: Path) -> None:
    """It is downloaded from the beginning, so versions are not mixed."""
    other = CONTENT[::-1]
    storage.put(other)
    changed = False

    def progress(at: int, _: int | None) -> None:
        nonlocal changed
        if at > 5 * MIB and not changed:
            changed = True
            storage.put(CONTENT)

    transfers.download(DownloadItem(target=target, link=storage.to_read()), progress=progress)
    assert target.read_bytes() == CONTENT


def test_what_has_arrived_is_kept(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """After a failure or a cancellation, the next download continues after the received bytes."""
    storage.put(CONTENT)
    storage.fail(action="drop", skip=9, times=999)
    with pytest.raises(ConnectionFailed):
        make(retries=0).download(DownloadItem(target=target, link=storage.to_read()))
    storage.faults.clear()
    part = target.with_name("target.bim.part")
    have = part.stat().st_size
    assert part.read_bytes() == CONTENT[:have]
    cancellation = Cancellation()

    def progress(at: int, _: int | None) -> None:
        if at > have + 3 * MIB:
            cancellation.cancel()

    with pytest.raises(Cancelled):
        make().download(
            DownloadItem(target=target, link=storage.to_read()), progress=progress, cancellation=cancellation
        )
    have = part.stat().st_size
    assert part.read_bytes() == CONTENT[:have]
    assert json.loads(part.with_name("target.bim.part.json").read_text())["size"] == len(CONTENT)
    assert own_threads() == []
    transfers = make()
    assert transfers.download(DownloadItem(target=target, link=storage.to_read())).received == len(CONTENT) - have
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("headers", [{}, {"accept-ranges": "bytes"}, {"etag": '"1"'}, {"etag": 'W/"1"'}])
def test_a_storage_without_sections(make: MakeTransfers, target: Path, headers: dict[str, str]) -> None:
    """One request downloads the whole file."""
    say = Say(answer("200 OK", {"content-length": len(CONTENT), **headers}, CONTENT))
    with scripted(say) as server:
        make().download(DownloadItem(target=target, link=server.link))
        assert len(server.heads) == 1
    assert target.read_bytes() == CONTENT


def test_a_storage_that_promises_sections_and_sends_the_whole(make: MakeTransfers, target: Path) -> None:
    """One further request downloads the whole file."""
    headers: dict[str, str | int] = {"content-length": len(CONTENT), "accept-ranges": "bytes", "etag": '"1"'}
    with scripted(Say(answer("200 OK", headers, CONTENT))) as server:
        make().download(DownloadItem(target=target, link=server.link))
        heads = [head.lower() for head in server.heads if head]  # empty: a connection that was aborted before its use
        assert sum("range:" not in head for head in heads) == 2
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("read", [100, None])
def test_content_is_checked_while_it_arrives(
    storage: Storage, transfers: Transfers, target: Path, read: int | None
) -> None:
    """Verified content is not read again; other content is checked as a file, for a reason."""
    storage.put(CONTENT)
    contents: list[bytes | None] = []

    def content_is_right(content: BinaryIO) -> bool:
        contents.append(content.read() if read is None else content.read(read))
        return read is None

    def file_is_right(path: Path) -> bool:
        contents.append(None)
        return path.read_bytes() == CONTENT

    item = DownloadItem(
        target=target, link=storage.to_read(), check=file_is_right, check_content=content_is_right, size=len(CONTENT)
    )
    transfers.download(item)
    assert contents == ([CONTENT] if read is None else [CONTENT[:read], None])
    assert target.read_bytes() == CONTENT
    assert own_threads() == []


def test_a_file_is_checked_without_a_thread_for_that(
    storage: Storage, transfers: Transfers, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may permit no more threads; the complete file is checked then."""
    storage.put(CONTENT)
    start = threading.Thread.start

    def start_others(thread: threading.Thread) -> None:
        if thread.name in {"transfer-hash", "transfer-check"}:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_others)
    checked: list[Path] = []
    item = DownloadItem(
        target=target,
        link=storage.to_read(),
        check=lambda path: checked.append(path) is None,
        check_content=lambda _: False,
    )
    transfers.download(item)
    assert target.read_bytes() == CONTENT
    assert len(checked) == 1


def test_wrong_content_is_fetched_once_more_and_refused(storage: Storage, transfers: Transfers, target: Path) -> None:
    """The error has the reason of the check of the file."""
    storage.put(CONTENT)

    def wrong(_: object) -> bool:
        raise IntegrityError("the content does not match: its changeset id is 1f, not 2e")

    item = DownloadItem(target=target, link=storage.to_read(), check=wrong, check_content=wrong)
    with pytest.raises(IntegrityError, match="its changeset id is 1f, not 2e"):
        transfers.download(item)
    assert list(target.parent.glob("target*")) == []
    assert own_threads() == []


def test_a_section_that_ends_early(
    storage: Storage, make: MakeTransfers, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error counts the bytes of the section, not their position in the file."""
    storage.put(CONTENT)

    def arriving(_: SplitDownload, begin: int, end: int, *__: object) -> Iterator[bytes]:
        yield CONTENT[begin : begin + 5] if begin else CONTENT[:end]

    monkeypatch.setattr(SplitDownload, "_arriving", arriving)
    with pytest.raises(ConnectionFailed, match=f"received only 5 of {2 * MIB} bytes"):
        make(retries=0).download(DownloadItem(target=target, link=storage.to_read()))


def test_a_section_that_is_too_long(
    storage: Storage, transfers: Transfers, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One further request downloads the whole file, also if the storage sends no MD5 that would reveal it."""
    storage.put(CONTENT)
    arriving = SplitDownload._arriving
    monkeypatch.setattr(type(STORAGES[storage.kind]), "content_md5", lambda *_, **__: None)

    def longer(*arguments: Any) -> Iterator[bytes]:
        yield from arriving(*arguments)
        yield b"more"

    monkeypatch.setattr(SplitDownload, "_arriving", longer)
    download(transfers, storage, target)
