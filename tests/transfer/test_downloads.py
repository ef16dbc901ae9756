"""Downloads of one file, with any failures."""

import errno
import hashlib
import logging
import os
import resource
import subprocess
import sys
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import pytest
from attrs import evolve

from itwin_imodels._transfer import Cancellation, Cancelled, DownloadItem, Transfers
from itwin_imodels._transfer.part_file import open_part_file
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._transfer.whole_file import write_whole
from itwin_imodels.errors import (
    ConnectionFailed,
    IntegrityError,
    LinkExpired,
    RequestTimeout,
    TransferError,
)
from itwin_imodels.models._links import StorageLink
from tests.parts import on_small_disk, require_part
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.scripted import SECRET, Say, answer, scripted
from tests.transfer.helpers.storage import NAME, Storage

MIB = 1 << 20
CONTENT = os.urandom(3 * MIB + 5)
SMALL = CONTENT[:20_000]


def md5(content: bytes) -> str:
    """Return a Content-MD5."""
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def ok(content: bytes, **headers: str | int) -> Say:
    """Respond with a file."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Say(answer("200 OK", {"content-length": len(content), "etag": '"1"', **named}, content))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Name a file in a folder that does not exist."""
    return tmp_path / "new" / "folder" / "target.cs"


def left_over(target: Path) -> list[str]:
    """Return the files next to the target."""
    return sorted(path.name for path in target.parent.iterdir()) if target.parent.exists() else []


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="the system has no files without a name")
def test_a_new_small_file_appears_complete(tmp_path: Path) -> None:
    """It has no name until it is complete, and an existing file is not replaced."""
    target = tmp_path / "target.cs"
    assert write_whole(target, SMALL)
    assert target.read_bytes() == SMALL
    assert not write_whole(target, b"other")
    assert target.read_bytes() == SMALL
    assert left_over(target) == [target.name]


@pytest.mark.parametrize(
    "head",
    [b"content-le", b"a: " + b"b" * 70_000 + b"\r\n\r\n", b"a: b\r\n" * 101 + b"\r\n"],
    ids=["truncated", "long header", "many headers"],
)
def test_an_unusable_head_is_a_lost_connection(transfers: Transfers, target: Path, head: bytes) -> None:
    """The request is sent again; a truncated header is not taken for the last one."""
    with scripted(Say(b"HTTP/1.1 200 OK\r\n" + head), ok(SMALL)) as server:
        transfers.download(DownloadItem(target=target, link=server.link, size=len(SMALL)))
    assert target.read_bytes() == SMALL
    assert len(server.heads) == 2


@pytest.mark.parametrize("status", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_interim_responses_are_skipped(transfers: Transfers, target: Path, status: str) -> None:
    """The response to the request follows. Otherwise, it would be taken for that to the next request."""
    interim = f"HTTP/1.1 {status}\r\nlink: </style.css>\r\n\r\n".encode()
    with scripted(Say(interim + interim + ok(SMALL).text)) as server:
        transfers.download(DownloadItem(target=target, link=server.link, size=len(SMALL)))
        assert len(server.heads) == 1
    assert target.read_bytes() == SMALL


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_passing_refusal_is_outlasted(
    storage: Storage, transfers: Transfers, target: Path, slept: list[float], status: int
) -> None:
    """The file is complete after increasing waits."""
    storage.put(CONTENT)
    storage.fail(action="answer", status=status, times=3)
    done = transfers.download(DownloadItem(target=target, link=storage.to_read()))
    assert target.read_bytes() == CONTENT
    assert done.received == len(CONTENT)
    assert len(slept) == 3
    assert all(0 <= wait <= bound for wait, bound in zip(slept, (0.5, 1, 2), strict=True))


def test_retry_after_is_honoured(storage: Storage, transfers: Transfers, target: Path, slept: list[float]) -> None:
    """The storage sets the wait."""
    storage.put(SMALL)
    storage.fail(action="answer", status=503, headers={"retry-after": "7"})
    transfers.download(DownloadItem(target=target, link=storage.to_read()))
    assert 7 <= slept[0] <= 7.5


@pytest.mark.parametrize("status", [302, 400, 404, 409, 410, 412, 416, 501])
def test_a_lasting_refusal_ends_it(storage: Storage, transfers: Transfers, target: Path, status: int) -> None:
    """One request is sent, no new link is requested, and no file remains."""
    storage.put(SMALL)
    storage.refuse(status, "SomeCode", times=99)
    with pytest.raises(
        TransferError, match=rf"^download of target.cs: the storage responded with status {status} \(SomeCode\)$"
    ):
        transfers.download(DownloadItem(target=target, link=storage.to_read()))
    assert left_over(target) == []
    assert len(storage.requests) == 1


@pytest.mark.parametrize("cut_at", [0, 1, 70_000, MIB, 3 * MIB])
def test_a_cut_body_goes_on_where_it_ended(storage: Storage, transfers: Transfers, target: Path, cut_at: int) -> None:
    """Received bytes are not sent again, and progress never decreases."""
    storage.put(CONTENT)
    storage.fail(action="cut", cut_at=cut_at)
    told: list[int] = []
    item = DownloadItem(target=target, link=storage.to_read(), size=len(CONTENT))
    done = transfers.download(item, progress=lambda at, _: told.append(at))
    assert target.read_bytes() == CONTENT
    assert done.received >= len(CONTENT)
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    assert left_over(target) == ["target.cs"]
    begin = (storage.requests[1].headers.get("range") or "bytes=0-").removeprefix("bytes=").removesuffix("-")
    assert int(begin) == cut_at
    assert ("if-match" in storage.requests[1].headers) == (begin != "0")


def test_many_cuts_do_not_use_up_patience(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """Attempts are not counted as long as bytes arrive."""
    storage.put(CONTENT)
    for _ in range(20):
        storage.fail(action="cut", cut_at=100_000)
    make(retries=2).download(DownloadItem(target=target, link=storage.to_read()))
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("action", ["drop", "drop_after"])
def test_a_dropped_connection_is_made_again(storage: Storage, transfers: Transfers, target: Path, action: str) -> None:
    """This includes several broken connections."""
    storage.put(SMALL)
    storage.fail(action=action, times=3)
    transfers.download(DownloadItem(target=target, link=storage.to_read()))
    assert target.read_bytes() == SMALL


def test_patience_ends(storage: Storage, make: MakeTransfers, target: Path, slept: list[float]) -> None:
    """After a number of attempts without a byte, the error is raised, without the link's secret."""
    storage.put(SMALL)
    storage.fail(action="drop", times=99)
    link = storage.to_read()
    with pytest.raises(ConnectionFailed, match=r"^download of target\.cs: GET http://") as failed:
        make(retries=2).download(DownloadItem(target=target, link=link))
    assert len(slept) == 2
    assert_no_secret("".join(traceback.format_exception(failed.value)), link)
    assert left_over(target) == []


def assert_no_secret(text: str, link: StorageLink) -> None:
    """Check that a text contains nothing of the query of a link."""
    query = link.href.partition("?")[2]
    assert query
    for part in query.split("&"):
        name, _, value = part.partition("=")
        assert name in {"sr", "sp", "sv", "X-Goog-Expires", "X-Goog-SignedHeaders"} or value not in text, name


def test_nobody_is_there(make: MakeTransfers, target: Path) -> None:
    """A refused connection is a failed connection."""
    link = StorageLink(href=f"http://127.0.0.1:1/box/file?sig={SECRET}", storage_type="azure")
    with pytest.raises(ConnectionFailed) as failed:
        make(retries=1).download(DownloadItem(target=target, link=link))
    assert SECRET not in "".join(traceback.format_exception(failed.value))


@pytest.mark.parametrize("href", ["ftp://example/x?sig=1", "nothing", "", "http://[::1?sig=1"])
def test_a_link_that_is_no_address(make: MakeTransfers, target: Path, href: str) -> None:
    """It is rejected immediately, without its query in the message."""
    with pytest.raises(TransferError, match="invalid link") as refused:
        make().download(DownloadItem(target=target, link=StorageLink(href=href, storage_type="azure")))
    assert "sig=1" not in str(refused.value)


def test_a_storage_that_nobody_knows(make: MakeTransfers, target: Path) -> None:
    """The error names it and those that are known."""
    link = StorageLink(href="https://storage.example/x", storage_type="tape")
    with pytest.raises(TransferError, match="'tape': this"):
        make().download(DownloadItem(target=target, link=link))


@pytest.mark.parametrize("expired_after", [0, 1])
def test_an_expired_link_is_replaced(storage: Storage, transfers: Transfers, target: Path, expired_after: int) -> None:
    """This applies at the beginning and in the middle; received bytes are kept."""
    storage.put(CONTENT)
    links = [storage.to_read()]
    if expired_after:
        storage.fail(action="cut", cut_at=MIB)
    storage.refuse(403, "AuthenticationFailed")
    asked: list[int] = []

    def fresh() -> StorageLink:
        asked.append(len(storage.requests))
        return storage.to_read()

    item = DownloadItem(target=target, link=links[0], fresh_link=fresh)
    assert transfers.download(item).received == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert len(asked) == 1


def test_a_link_that_is_over(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """Without a way to get another link, or if the new one is rejected, a separate error is raised."""
    transfers = make(link_patience=0.0)
    storage.put(SMALL)
    link = storage.to_read()
    storage.advance(timedelta(hours=2))
    with pytest.raises(LinkExpired, match="download of target"):
        transfers.download(DownloadItem(target=target, link=link))
    with pytest.raises(LinkExpired):
        transfers.download(DownloadItem(target=target, link=link, fresh_link=lambda: link))
    assert len(storage.requests) == 3
    transfers.download(DownloadItem(target=target, link=link, fresh_link=storage.to_read))
    assert target.read_bytes() == SMALL


def test_an_old_link_is_replaced_before_it_is_used(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """No request is sent with it."""
    storage.put(SMALL)
    link = StorageLink(href="http://127.0.0.1:1/gone", storage_type=storage.kind)
    item = DownloadItem(target=target, link=link, fresh_link=storage.to_read, obtained=time.monotonic() - 601)
    make(retries=0).download(item)
    item = DownloadItem(target=target, link=None, fresh_link=storage.to_read)
    make(retries=0).download(item)
    assert [request.status for request in storage.requests] == [200, 200]


def test_a_file_that_is_missing_for_good(storage: Storage, transfers: Transfers, target: Path) -> None:
    """It is requested once more with a new link."""
    with pytest.raises(TransferError, match="404"):
        transfers.download(DownloadItem(target=target, link=storage.to_read(), fresh_link=storage.to_read))
    assert [request.status for request in storage.requests] == [404, 404]


def test_a_file_that_changes_meanwhile(storage: Storage, transfers: Transfers, target: Path) -> None:
    """It is downloaded from the beginning, so versions are not mixed."""
    other = CONTENT[::-1]
    storage.put(CONTENT)
    storage.fail(action="cut", cut_at=MIB)
    changed = False

    def progress(at: int, _: int | None) -> None:
        nonlocal changed
        if at >= MIB // 2 and not changed:
            changed = True
            storage.put(other)

    transfers.download(DownloadItem(target=target, link=storage.to_read()), progress=progress)
    assert target.read_bytes() == other
    assert [request.status for request in storage.requests] == [200, 412, 200]


def test_another_process_resumes(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """A partial file is resumed if its ETag matches; other partial files are not."""
    storage.put(CONTENT)
    storage.fail(action="cut", cut_at=2 * MIB)
    storage.fail(action="drop")
    item = DownloadItem(target=target, link=storage.to_read(), size=len(CONTENT))
    with pytest.raises(ConnectionFailed):
        make(retries=0).download(item)
    assert left_over(target) == ["target.cs.part", "target.cs.part.json"]
    told: list[int] = []
    done = make().download(item, progress=lambda at, _: told.append(at))
    assert done.received == len(CONTENT) - 2 * MIB
    assert target.read_bytes() == CONTENT
    assert told[0] >= 2 * MIB
    assert left_over(target) == ["target.cs"]


@pytest.mark.parametrize("mark", [None, "", '{"etag": "\\"other\\"", "size": 3145733, "md5": null}'])
def test_left_overs_of_nobody_knows_what(storage: Storage, make: MakeTransfers, target: Path, mark: str | None) -> None:
    """Without notes, with damaged notes, or with those of another version, the download starts again."""
    storage.put(CONTENT)
    target.parent.mkdir(parents=True)
    target.with_name("target.cs.part").write_bytes(bytes(MIB))
    if mark is not None:
        target.with_name("target.cs.part.json").write_text(mark)
    make().download(DownloadItem(target=target, link=storage.to_read()))
    assert target.read_bytes() == CONTENT
    assert left_over(target) == ["target.cs"]


def test_a_whole_part_file_only_lacks_its_name(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """If a process ended before the rename, nothing is downloaded, unless the content is wrong."""
    storage.put(CONTENT)
    item = DownloadItem(target=target, link=storage.to_read(), is_right=lambda path: path.read_bytes() == CONTENT)
    for content, received in ((CONTENT, 0), (bytes(len(CONTENT)), len(CONTENT))):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_name("target.cs.part").write_bytes(content)
        mark = f'{{"etag": "x", "size": {len(CONTENT)}, "md5": "{md5(CONTENT)}"}}'
        target.with_name("target.cs.part.json").write_text(mark)
        assert make().download(item).received == received
        assert target.read_bytes() == CONTENT
        target.unlink()


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_a_whole_part_file_may_be_that_of_another_file(
    storage: Storage, make: MakeTransfers, target: Path, size: int | None
) -> None:
    """If the name of the target does not identify its content, the storage is asked whether the version is the same."""
    other = CONTENT[::-1]
    storage.put(other, "box/other")
    storage.put(CONTENT)

    def stop(done: int, _: int | None) -> None:
        if done == len(CONTENT):
            raise InterruptedError

    for name, received in (("box/other", len(CONTENT)), (NAME, 1)):
        with pytest.raises(InterruptedError):
            make().download(DownloadItem(target=target, link=storage.to_read(name), size=size), progress=stop)
        assert left_over(target) == ["target.cs.part", "target.cs.part.json"]
        done = make().download(DownloadItem(target=target, link=storage.to_read(), size=size))
        assert target.read_bytes() == CONTENT
        assert done.received == received
        target.unlink()


def test_what_is_there_and_right_is_not_fetched(storage: Storage, transfers: Transfers, target: Path) -> None:
    """The caller decides; by default, the file is replaced."""
    storage.put(SMALL)
    target.parent.mkdir(parents=True)
    target.write_bytes(SMALL)
    link, told = storage.to_read(), list[tuple[int, int | None]]()
    item = DownloadItem(target=target, link=link, is_right=lambda path: path.read_bytes() == SMALL)
    assert transfers.download(item, progress=lambda *at: told.append(at)).received == 0
    assert (storage.requests, told) == ((), [(20_000, 20_000)])
    target.write_bytes(b"wrong")
    assert transfers.download(item).received == len(SMALL)
    assert transfers.download(DownloadItem(target=target, link=link)).received == len(SMALL)


# What arrives is wrong.


def test_wrong_content_is_fetched_once_more(make: MakeTransfers, target: Path) -> None:
    """After the second time, an error is raised, and no file remains."""
    wrong, right = ok(SMALL[::-1], content_md5=md5(SMALL)), ok(SMALL, content_md5=md5(SMALL))
    with scripted(wrong, right) as server:
        make().download(DownloadItem(target=target, link=server.link))
        assert target.read_bytes() == SMALL
    target.unlink()
    with scripted(wrong) as server, pytest.raises(IntegrityError, match="MD5"):
        make().download(DownloadItem(target=target, link=server.link))
    assert len(server.heads) == 2
    assert left_over(target) == []


@pytest.mark.parametrize("content", [SMALL, CONTENT], ids=["small", "large"])
def test_google_sends_each_hash_in_a_header_of_its_own(make: MakeTransfers, target: Path, content: bytes) -> None:
    """The MD5 is in the second header of this name; content with another MD5 is received again."""
    hashes: dict[str, str | int] = {"X-Goog-Hash": "crc32c=AAAAAA==", "x-goog-hash": f"md5={md5(content)}"}
    with scripted(ok(bytes(len(content)), **hashes), ok(content, **hashes), storage_type="google") as server:
        make().download(DownloadItem(target=target, link=server.link, size=len(content)))
        assert len(server.heads) == 2
    assert target.read_bytes() == content


def test_the_callers_check_counts(storage: Storage, transfers: Transfers, target: Path) -> None:
    """A file that fails the check never gets its name."""
    storage.put(SMALL)
    seen: list[str] = []

    def check(path: Path) -> bool:
        seen.append(path.name)
        return path.read_bytes() != SMALL

    with pytest.raises(IntegrityError, match="does not match the requested file"):
        transfers.download(DownloadItem(target=target, link=storage.to_read(), check=check))
    assert seen == ["target.cs.part"] * 2
    assert left_over(target) == []


@pytest.mark.parametrize(
    ("say", "text"),
    [
        (ok(SMALL), "20000 bytes instead of 99"),
        (Say(answer("200 OK", {"content-length": 99}, SMALL[:50])), "GET http"),
        (
            Say(answer("206 Partial Content", {"content-range": "bytes 0-98/99", "content-length": 99}, SMALL[:99])),
            "keeps changing",
        ),
    ],
)
def test_another_length_than_expected(make: MakeTransfers, target: Path, say: Say, text: str) -> None:
    """The response is too long, too short, or a part that was not requested."""
    with scripted(say) as server, pytest.raises((IntegrityError, ConnectionFailed), match=text):
        make(retries=2).download(DownloadItem(target=target, link=server.link, size=99))
    assert not target.exists()


@pytest.mark.parametrize("value", ["\u00e4", "\u0663", "Sat, 31 Jan 2026 12:01:30 +99999999999999999999"])
def test_an_absurd_wait_is_ignored(make: MakeTransfers, target: Path, value: str) -> None:
    """A header that is no ASCII, or a date that no clock shows: the download is tried again as without it."""
    busy = answer("503 Busy", dict.fromkeys(("retry-after", "x-ms-error-code", "content-md5", "etag"), value))
    with scripted(Say(busy), ok(SMALL)) as server:
        make().download(DownloadItem(target=target, link=server.link))
    assert target.read_bytes() == SMALL


@pytest.mark.parametrize("hang", [False, True])
def test_an_answer_that_stalls(make: MakeTransfers, target: Path, *, hang: bool) -> None:
    """After the idle timeout, in the head or the body, the request is repeated."""
    text = b"" if hang else answer("200 OK", {"content-length": len(SMALL)}, SMALL[:9000])
    with scripted(Say(text, hang=True), ok(SMALL)) as server:
        make(idle_timeout=0.3).download(DownloadItem(target=target, link=server.link))
        assert target.read_bytes() == SMALL
    with scripted(Say(text, hang=True)) as server, pytest.raises(RequestTimeout) as failed:
        make(idle_timeout=0.2, retries=0).download(DownloadItem(target=target, link=server.link))
    assert SECRET not in "".join(traceback.format_exception(failed.value))


# The disk.


@contextmanager
def _longest_file(size: int) -> Iterator[None]:
    """Forbid this process to extend files."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_file_that_becomes_too_large(make: MakeTransfers, target: Path) -> None:
    """The error names the reason, and does not blame the disk."""
    with (
        scripted(ok(SMALL)) as server,
        _longest_file(len(SMALL) // 2),
        pytest.raises(TransferError, match=r"target.cs.part cannot be written: .*a limit of this process"),
    ):
        make().download(DownloadItem(target=target, link=server.link))
    assert len(server.heads) == 1


_DOWNLOAD = """
import sys
from pathlib import Path
from itwin_imodels._transfer import DownloadItem, Transfers
from itwin_imodels.errors import TransferError
from itwin_imodels.models._links import StorageLink
folder, url = Path(sys.argv[1]), sys.argv[2]
item = DownloadItem(target=folder / "target.cs", link=StorageLink(href=url, storage_type="azure"))
with Transfers() as transfers:
    try:
        transfers.download(item)
    except TransferError as error:
        print(error)
print(sorted(path.name for path in folder.iterdir()))
"""


def test_a_full_disk(storage: Storage, tmp_path: Path) -> None:
    """The error says so, and the received part remains, so that the download can be resumed when there is space."""
    require_part("namespaces")
    storage.put(CONTENT)
    command = [sys.executable, "-c", _DOWNLOAD, str(tmp_path), storage.to_read().href]
    done = subprocess.run(on_small_disk(tmp_path, "512k", command), check=True, capture_output=True, text=True)
    message, left = done.stdout.splitlines()
    assert message.endswith("target.cs.part cannot be written: the disk is full (No space left on device)")
    assert left == "['target.cs.part', 'target.cs.part.json']"


def test_a_folder_that_is_a_file(make: MakeTransfers, tmp_path: Path) -> None:
    """Other failures of the disk are reported the same way."""
    (tmp_path / "file").write_bytes(b"")
    with scripted(ok(SMALL)) as server, pytest.raises(TransferError, match="cannot be opened: Not a directory"):
        make().download(DownloadItem(target=tmp_path / "file" / "target.cs", link=server.link))


# Ending early.


def test_a_progress_callback_that_raises(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """The exception is raised, and received bytes are used the next time."""
    storage.put(CONTENT)

    def progress(at: int, _: int | None) -> None:
        if at > MIB:
            raise LookupError("enough")

    item = DownloadItem(target=target, link=storage.to_read())
    with pytest.raises(LookupError, match="enough"):
        make().download(item, progress=progress)
    assert make().download(item).received < len(CONTENT) - MIB // 2


@pytest.mark.parametrize("hang", [False, True])
def test_cancelling_does_not_wait_for_the_storage(make: MakeTransfers, target: Path, *, hang: bool) -> None:
    """However long the storage keeps silent, in the head or in the body."""
    text = b"" if hang else answer("200 OK", {"content-length": len(CONTENT), "etag": '"1"'}, CONTENT[: 2 * MIB])
    cancellation = Cancellation()
    threading.Timer(0.3, cancellation.cancel).start()
    with scripted(Say(text, hang=True)) as server:
        begin = time.monotonic()
        with pytest.raises(Cancelled):
            Runner(cancellation).run(make().download, DownloadItem(target=target, link=server.link))
        assert time.monotonic() - begin < 20  # it would be 30 s, the idle timeout
    assert hang or target.with_name("target.cs.part").stat().st_size > MIB


def test_cancelling_ends_a_wait(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """This includes waits that the storage requested."""
    storage.fail(action="answer", status=503, headers={"retry-after": "60"}, times=9)
    cancellation = Cancellation()
    threading.Timer(0.3, lambda: cancellation.cancel(LookupError("mine"))).start()
    begin = time.monotonic()
    with pytest.raises(LookupError, match="mine"):
        make(really_sleep=True).download(DownloadItem(target=target, link=storage.to_read()), cancellation=cancellation)
    assert time.monotonic() - begin < 30


# What is reported.


def test_the_log_holds_no_secret(
    storage: Storage, transfers: Transfers, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each request at DEBUG, each repetition at INFO, and no library adds the query."""
    storage.put(SMALL)
    storage.fail(action="answer", status=500)
    link = storage.to_read()
    with caplog.at_level(logging.DEBUG):
        transfers.download(DownloadItem(target=target, link=link))
    own = [each for each in caplog.records if each.name == "itwin_imodels.transfer"]
    assert [each.levelname for each in own] == ["DEBUG", "INFO", "DEBUG"]
    assert "download of target.cs: attempt 1 failed" in own[1].getMessage()
    assert_no_secret(
        "\n".join(each.getMessage() for each in caplog.records if not each.name.startswith("uvicorn")), link
    )


def test_no_header_gives_the_caller_away(storage: Storage, transfers: Transfers, target: Path) -> None:
    """No token is sent, and no content encoding is accepted."""
    storage.put(SMALL)
    transfers.download(DownloadItem(target=target, link=storage.to_read()))
    headers = storage.requests[0].headers
    assert "authorization" not in headers
    assert headers["accept-encoding"] == "identity"


def test_a_small_new_file_is_received_whole(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """It is downloaded again if it is incomplete or wrong; a wrong file never gets its name."""
    storage.put(SMALL)
    target.parent.mkdir(parents=True)
    storage.fail(action="cut", cut_at=5000)
    verdicts = iter([False, True])
    seen: list[bytes] = []

    def right(content: BinaryIO) -> bool:
        seen.append(content.read())
        assert left_over(target) == []
        return next(verdicts)

    item = DownloadItem(target=target, link=storage.to_read(), size=len(SMALL), check_content=right)
    done = make().download(item)
    assert (target.read_bytes(), done.size) == (SMALL, len(SMALL))
    assert done.received >= 2 * len(SMALL)
    assert seen == [SMALL, SMALL]
    assert left_over(target) == ["target.cs"]
    target.unlink()
    with pytest.raises(IntegrityError, match="does not match the requested file"):
        make().download(evolve(item, check_content=lambda _: False))
    with pytest.raises(IntegrityError, match="has 20000 bytes instead of 19999"):
        make().download(evolve(item, size=len(SMALL) - 1, check_content=None))
    assert left_over(target) == []


def test_a_small_file_that_is_partly_there(storage: Storage, make: MakeTransfers, target: Path) -> None:
    """A partial file is removed; a file that appears in the meantime is replaced by the verified one."""
    storage.put(SMALL)
    target.parent.mkdir(parents=True)
    target.with_name("target.cs.part").write_bytes(b"half")
    item = DownloadItem(target=target, link=storage.to_read(), size=len(SMALL))
    make().download(item)
    assert target.read_bytes() == SMALL
    assert left_over(target) == ["target.cs"]
    target.unlink()

    def appear(content: BinaryIO) -> bool:
        target.write_bytes(b"other")
        return content.read() == SMALL

    make().download(evolve(item, check_content=appear))
    assert target.read_bytes() == SMALL
    assert left_over(target) == ["target.cs"]


def test_a_file_system_without_locks(make: MakeTransfers, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file and the reason."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with scripted(ok(SMALL)) as server:
        monkeypatch.setattr("fcntl.flock", refuse)
        with pytest.raises(TransferError, match=r"target\.cs\.part cannot be locked: No locks available"):
            make().download(DownloadItem(target=target, link=server.link))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list open files")
def test_windows_deletes_no_open_file(make: MakeTransfers, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed download leaves no empty part file there, either."""
    unlink = Path.unlink

    def unlink_closed(path: Path, *, missing_ok: bool = False) -> None:
        for each in Path("/proc/self/fd").iterdir():
            with suppress(FileNotFoundError):
                if each.readlink() == path:
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink_closed)
    monkeypatch.setattr("itwin_imodels._transfer.partial_file.os", SimpleNamespace(name="nt", fstat=os.fstat))
    with scripted(Say(answer("404 Not Found", {"content-length": 0}))) as server, pytest.raises(TransferError):
        make().download(DownloadItem(target=target, link=server.link))
    assert left_over(target) == []


def test_another_download_of_the_same_process_holds_the_part_file(target: Path) -> None:
    """After a while without any data, the error does not claim that it is another process."""
    waits: list[float] = []
    with (
        open_part_file(target, waits.append, 0.3),
        pytest.raises(TransferError, match="locked by another download"),
        open_part_file(target, waits.append, 0.3),
    ):
        pytest.fail("the file was locked twice")
    assert sum(waits) == pytest.approx(0.3)
