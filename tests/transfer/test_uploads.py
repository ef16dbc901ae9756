"""Uploads of one file, with any failures."""

import hashlib
import os
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from itwin_imodels._transfer import Cancellation, FileState, Transfers, UploadItem
from itwin_imodels._transfer.runners import Runner
from itwin_imodels.errors import ConnectionFailed, IntegrityError, LinkExpired, RequestTimeout, TransferError
from itwin_imodels.models._links import StorageLink
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.scripted import Say, answer, scripted
from tests.transfer.helpers.storage import NAME, Storage, own_threads

MIB = 1 << 20
SIZES = [20_000, 2 * MIB + 5, 5 * MIB + 5]
"""In one piece, in one stream, in blocks."""

Source = Callable[[int], Path]

only_azure = pytest.mark.parametrize("kind", ["azure"], indirect=True)


@pytest.mark.thorough(keep=9)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_refusal_is_outlasted(
    storage: Storage, transfers: Transfers, source: Source, size: int, status: int
) -> None:
    """This applies to the first, the second and the last request."""
    file = source(size)
    for skip in (0, 1, 2, 6):
        storage.fail(action="answer", status=status, skip=skip)
    transfers.upload(UploadItem(file=file, link=storage.to_write()))
    assert storage.content() == file.read_bytes()


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("action", ["drop", "drop_after"])
def test_a_dropped_connection_is_made_again(
    storage: Storage, transfers: Transfers, source: Source, size: int, action: str
) -> None:
    """This applies to every request, also if the storage acted and its response was lost."""
    file = source(size)
    for skip in range(0, 8, 2):
        storage.fail(action=action, skip=skip)
    told: list[int] = []
    transfers.upload(UploadItem(file=file, link=storage.to_write()), progress=lambda at, _: told.append(at))
    assert storage.content() == file.read_bytes()
    assert told == sorted(told)
    assert told[-1] == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("status", [403, 404, 412])
def test_a_lasting_refusal_ends_it(
    storage: Storage, transfers: Transfers, source: Source, size: int, status: int
) -> None:
    """No blob appears; the error has the file and the code of the storage."""
    kind = LinkExpired if status == 403 else TransferError
    storage.refuse(status, "SomeCode", times=99)
    with pytest.raises(
        kind, match=rf"^upload of source-{size}.cs: the storage responded with status {status} \(SomeCode\)"
    ):
        transfers.upload(UploadItem(file=source(size), link=storage.to_write()))
    assert storage.store.size(NAME) is None
    assert own_threads() == []


@pytest.mark.parametrize("size", SIZES)
def test_an_expired_link_is_replaced(storage: Storage, transfers: Transfers, source: Source, size: int) -> None:
    """Before the first byte or in the middle, once for all that is under way."""
    file, asked = source(size), list[int]()
    storage.fail(action="answer", status=403, method="PUT", skip=2 if size > 5 * MIB and storage.kind == "azure" else 0)

    def fresh() -> StorageLink:
        asked.append(1)
        return storage.to_write()

    transfers.upload(UploadItem(file=file, link=storage.to_write(), fresh_link=fresh))
    assert storage.content() == file.read_bytes()
    assert asked == [1]


def test_a_link_that_is_over(storage: Storage, transfers: Transfers, source: Source) -> None:
    """The clock of the storage decides."""
    link = storage.to_write()
    storage.advance(timedelta(hours=2))
    with pytest.raises(LinkExpired):
        transfers.upload(UploadItem(file=source(5), link=link))


def test_what_cannot_be_uploaded(storage: Storage, transfers: Transfers, source: Source, tmp_path: Path) -> None:
    """The file is empty, missing or a folder, or the storage type is unknown: nothing is sent."""
    for file, text in ((source(0), "is empty"), (tmp_path / "no", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(TransferError, match=text):
            transfers.upload(UploadItem(file=file, link=storage.to_write()))
    with pytest.raises(TransferError, match="'tape'"):
        transfers.upload(UploadItem(file=source(5), link=StorageLink(href="http://x", storage_type="tape")))
    assert storage.requests == ()


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("size", [2 * MIB + 5, 5 * MIB + 5])
@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_file_that_changes_meanwhile(
    storage: Storage, transfers: Transfers, source: Source, size: int, change: str
) -> None:
    """The upload fails, and no mixture of versions is stored."""
    file = source(size)

    def progress(at: int, _: int | None) -> None:
        if at:
            with file.open("r+b") as opened:
                match change:
                    case "grow":
                        opened.seek(0, os.SEEK_END)
                        opened.write(b"x")
                    case "shrink":
                        opened.truncate(size - 1000)
                    case _:
                        opened.write(b"other")

    with pytest.raises(IntegrityError, match=r"the file (was )?changed|truncated"):
        transfers.upload(UploadItem(file=file, link=storage.to_write()), progress=progress)
    assert storage.store.size(NAME) is None


def rewrite(file: Path) -> None:
    """Write other content of the same size to a file, and restore its times."""
    before = file.stat()
    with file.open("r+b") as opened:
        opened.seek(-1, os.SEEK_END)
        (last,) = opened.read(1)
        opened.seek(-1, os.SEEK_END)
        opened.write(bytes([last ^ 1]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def with_content(file: Path) -> FileState:
    """Return the state of a file with its content, as when its id was computed."""
    return FileState.with_content(file, lambda opened: opened.read(1))[0]


@pytest.mark.parametrize("state", [FileState.now, with_content])
@pytest.mark.parametrize(
    ("when", "size"), [*(("before", size) for size in SIZES), *(("during", size) for size in SIZES[1:])]
)
def test_a_file_that_is_not_what_was_announced(  # noqa: PLR0913, PLR0917 - a table
    storage: Storage,
    transfers: Transfers,
    source: Source,
    state: Callable[[Path], FileState],
    when: str,
    size: int,
) -> None:
    """It may change before or during the upload: it is not sent completely, and not sent again."""
    file = source(size)
    item = UploadItem(file=file, link=storage.to_write(), announced=state(file))
    rewritten = [rewrite(file)] if when == "before" else []

    def progress(at: int, _: int | None) -> None:
        if at < size and not rewritten:
            rewritten.append(rewrite(file))

    with pytest.raises(IntegrityError, match=r"^upload of source-\d+.cs: the file .* Nothing was confirmed"):
        transfers.upload(item, progress=progress)
    assert storage.store.size(NAME) is None
    assert sum("comp=block&" not in each.query for each in storage.requests if each.method == "PUT") <= 1


@only_azure
def test_a_slow_request_goes_on_in_blocks(storage: Storage, transfers: Transfers, source: Source) -> None:
    """If the rest would take long, several connections are faster, because storage limits each connection."""
    file = source(40 * MIB)

    def progress(at: int, _: int | None) -> None:
        if at < 5 * MIB:
            time.sleep(0.3)

    transfers.upload(UploadItem(file=file, link=storage.to_write(), announced=with_content(file)), progress=progress)
    assert storage.content() == file.read_bytes()
    assert sum("comp=block&" in each.query for each in storage.requests) > 3


def test_a_file_may_be_replaced_or_touched_while_it_is_sent(
    storage: Storage, transfers: Transfers, source: Source
) -> None:
    """The sent content is the announced one."""
    file = source(5 * MIB)
    content, state = file.read_bytes(), with_content(file)
    os.utime(file)
    transfers.upload(
        UploadItem(file=file, link=storage.to_write(), announced=state),
        progress=lambda *_: file.unlink(missing_ok=True),
    )
    assert storage.content() == content


@pytest.mark.parametrize("size", [100, 2 * MIB])
@pytest.mark.parametrize("storage_type", ["azure", "google"])
def test_content_that_arrives_spoilt(make: MakeTransfers, source: Source, size: int, storage_type: str) -> None:
    """The MD5 is sent, or compared with that of the response; the file is sent once more, then an error is raised."""
    file = source(size)
    md5 = b64encode(hashlib.md5(file.read_bytes(), usedforsecurity=False).digest()).decode()
    name = "content-md5" if storage_type == "azure" else "x-goog-hash"
    prefix = "" if storage_type == "azure" else "md5="
    status = "201 Created" if storage_type == "azure" else "200 OK"
    others: dict[str, str | int] = {"content-length": 0, "X-Goog-Hash": "crc32c=AAAAAA=="}
    right, wrong = (Say(answer(status, {**others, name: prefix + each})) for each in (md5, "AAAA"))
    with scripted(wrong, right, storage_type=storage_type) as server:
        make().upload(UploadItem(file=file, link=server.link))
        assert len(server.heads) == (1 if size == 100 else 2)
        if size == 100:
            assert f"content-md5: {md5}" in server.heads[0].replace("Content-MD5", "content-md5").replace(
                "Content-Md5", "content-md5"
            )
    with scripted(wrong, storage_type=storage_type) as server:
        if size > 100:
            with pytest.raises(IntegrityError, match="MD5"):
                make().upload(UploadItem(file=file, link=server.link))


@only_azure
def test_blocks_that_are_there_are_not_sent_again(storage: Storage, make: MakeTransfers, source: Source) -> None:
    """Another process with the same file resumes with a new link; progress starts with the existing blocks."""
    file = source(5 * MIB + 5)
    settings: dict[str, object] = {"block_threshold": 3 * MIB, "block_size": MIB, "block_parallelism": 1}
    storage.fail(action="drop", method="PUT", skip=3, times=99)
    with pytest.raises(ConnectionFailed):
        make(**settings, retries=0).upload(UploadItem(file=file, link=storage.to_write()))
    storage.faults.clear()
    storage.log.clear()
    told: list[int] = []
    item = UploadItem(file=file, link=storage.to_write())
    done = make(**settings).upload(item, progress=lambda at, _: told.append(at))
    assert storage.content() == file.read_bytes()
    assert done.sent < 2 * MIB + 1000 + 5
    answered = [request for request in storage.requests if request.status == 201]  # not what was dropped before
    assert sum("comp=block&" in request.query for request in answered) == 3
    assert told[-1] == file.stat().st_size


@only_azure
def test_blocks_of_another_file_are_not_used(storage: Storage, make: MakeTransfers, source: Source) -> None:
    """The ids of blocks depend on their content."""
    settings: dict[str, object] = {"block_threshold": 3 * MIB, "block_size": MIB, "block_parallelism": 1}
    storage.fail(action="drop", method="PUT", skip=4, times=99)
    with pytest.raises(ConnectionFailed):
        make(**settings, retries=0).upload(UploadItem(file=source(4 * MIB + 1), link=storage.to_write()))
    storage.faults.clear()
    file = source(4 * MIB + 2)
    make(**settings).upload(UploadItem(file=file, link=storage.to_write()))
    assert storage.content() == file.read_bytes()


@only_azure
def test_a_link_that_only_writes(storage: Storage, transfers: Transfers, source: Source) -> None:
    """The block list cannot be requested; everything is sent, and no new link is requested."""
    file = source(5 * MIB)
    link = storage.to_write_only()
    transfers.upload(UploadItem(file=file, link=link, fresh_link=lambda: pytest.fail("not needed")))
    assert storage.content() == file.read_bytes()
    assert (
        storage.store.content_md5(NAME)
        == b64encode(hashlib.md5(file.read_bytes(), usedforsecurity=False).digest()).decode()
    )


@only_azure
def test_blocks_that_vanish_are_sent_again(storage: Storage, make: MakeTransfers, source: Source) -> None:
    """Another upload of an empty file drops all blocks."""
    file = source(5 * MIB)
    settings: dict[str, object] = {"block_threshold": 3 * MIB, "block_size": MIB, "block_parallelism": 1}
    storage.fail(action="drop", method="PUT", skip=3, times=99)
    with pytest.raises(ConnectionFailed):
        make(**settings, retries=0).upload(UploadItem(file=file, link=storage.to_write()))
    storage.faults.clear()
    dropped = False

    def progress(at: int, _: int | None) -> None:
        nonlocal dropped
        if at and not dropped:
            dropped = True
            storage.put(b"other")

    make(**settings).upload(UploadItem(file=file, link=storage.to_write()), progress=progress)
    assert storage.content() == file.read_bytes()


def test_a_storage_that_does_not_answer(make: MakeTransfers, source: Source) -> None:
    """The storage does not read or does not respond: after the idle timeout, the upload ends."""
    for size in (100, 64 * MIB):
        with scripted(Say(b"", hang=True, read_body=False)) as server, pytest.raises(RequestTimeout):
            make(idle_timeout=0.4, retries=0).upload(UploadItem(file=source(size), link=server.link))


def test_a_slow_upload_is_no_stalled_one(storage: Storage, make: MakeTransfers, source: Source) -> None:
    """The idle timeout applies to pauses, not to the whole duration."""
    file = source(4 * MIB)
    item = UploadItem(file=file, link=storage.to_write())
    make(idle_timeout=0.5, retries=0).upload(item, progress=lambda *_: time.sleep(0.2))
    assert storage.content() == file.read_bytes()


@pytest.mark.parametrize("size", [100, 64 * MIB])
def test_cancelling_does_not_wait_for_the_storage(make: MakeTransfers, source: Source, size: int) -> None:
    """However long it keeps silent."""
    cancellation = Cancellation()
    threading.Timer(0.3, lambda: cancellation.cancel(LookupError("mine"))).start()
    with scripted(Say(b"", hang=True, read_body=False)) as server:
        begin = time.monotonic()
        with pytest.raises(LookupError, match="mine"):
            Runner(cancellation).run(make().upload, UploadItem(file=source(size), link=server.link))
        assert time.monotonic() - begin < 20  # it would be 30 s, the idle timeout


def test_a_progress_callback_that_raises(storage: Storage, transfers: Transfers, source: Source) -> None:
    """The exception is raised, and no thread remains."""

    def progress(at: int, _: int | None) -> None:
        if at > MIB:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        transfers.upload(UploadItem(file=source(5 * MIB), link=storage.to_write()), progress=progress)
    assert own_threads() == []
    assert storage.store.size(NAME) is None


@only_azure
@pytest.mark.parametrize("size", SIZES)
def test_a_new_link_may_not_be_valid_yet(
    storage: Storage, transfers: Transfers, source: Source, slept: list[float], size: int
) -> None:
    """The storage's clock is behind the service's: the link is tried again for a while."""
    file = source(size)
    storage.refuse(403, "AuthenticationFailed", times=6)
    transfers.upload(UploadItem(file=file, link=storage.to_write(), fresh_link=storage.to_write))
    assert storage.content() == file.read_bytes()
    assert max(slept) < 15
    assert max(slept) > 0 or size > 5 * MIB  # each of several blocks at once may have had a new link to try


@only_azure
@pytest.mark.parametrize(
    ("code", "age", "patience"),
    [("AuthenticationFailed", 60, 15.0), ("AuthenticationFailed", 0, 0.0), ("AuthorizationFailure", 0, 15.0)],
)
def test_a_link_is_rejected_for_good(  # noqa: PLR0913, PLR0917 - each is one fact of the case
    storage: Storage, make: MakeTransfers, source: Source, slept: list[float], code: str, age: float, patience: float
) -> None:
    """The link is old, waiting is disabled, or the reason is another one."""
    storage.refuse(403, code, times=99)
    item = UploadItem(file=source(5), link=storage.to_write(), obtained=time.monotonic() - age)
    with pytest.raises(LinkExpired):
        make(link_patience=patience).upload(item)
    assert [each for each in slept if each] == []
