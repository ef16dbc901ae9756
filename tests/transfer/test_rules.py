"""The pure rules for retries, blocks, resuming and parallelism."""

import re
import threading
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._core.cancellation import Cancelled
from itwin_imodels._transfer import Cancellation, Transfers
from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import UNIT, Follower
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.part_file import Mark, read_mark, write_mark
from itwin_imodels._transfer.progress import Progress
from itwin_imodels._transfer.ranges import Body, Range, is_whole, next_range, read_head
from itwin_imodels._transfer.refusals import RefusalCodes, Refused
from itwin_imodels._transfer.retrying import Changed, Circumstances, Patience, wait_after
from itwin_imodels._transfer.storage import STORAGES
from itwin_imodels._transfer.storage.azure import AzureBlocks
from itwin_imodels._transfer.upload import block_size_for, is_too_slow
from itwin_imodels._transfer.wires import check_variable
from itwin_imodels.errors import ConfigurationError, ConnectionFailed, IntegrityError, RequestTimeout, TransferError
from itwin_imodels.models._links import StorageLink

OPTIONS = TransferOptions(retries=5, deadline=100)
NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)
ETAG = '"0x1"'
BLOCKS = AzureBlocks()
URL = "https://storage.example/box?sig=x"


# Trying again.


@pytest.mark.parametrize(
    ("error", "circumstances", "wait"),
    [
        (ConnectionFailed("x"), Circumstances(tries=1), 0.5),
        (RequestTimeout("x"), Circumstances(tries=2), 1.0),
        (ConnectionFailed("x"), Circumstances(tries=3), 2.0),
        (ConnectionFailed("x"), Circumstances(tries=6), None),
        (ConnectionFailed("x"), Circumstances(idle=100), None),
        (ConnectionFailed("x"), Circumstances(idle=99.9), None),
        (Refused(408), Circumstances(), 0.5),
        (Refused(429), Circumstances(), 0.5),
        (Refused(500), Circumstances(), 0.5),
        (Refused(503, "ServerBusy"), Circumstances(), 0.5),
        (Refused(520), Circumstances(), 0.5),
        (Refused(501), Circumstances(), None),
        (Refused(505), Circumstances(), None),
        (Refused(503, retry_after=7.0), Circumstances(), 7.5),
        (Refused(429, retry_after=99.9), Circumstances(), None),
        (Refused(429, retry_after=1.0), Circumstances(idle=99.0), None),
        (Refused(400), Circumstances(renewed=True), None),
        (Refused(409), Circumstances(), None),
        (Refused(412), Circumstances(), None),
        (Refused(302), Circumstances(), None),
        (Refused(403), Circumstances(), None),
        (Refused(403), Circumstances(renewed=True), 0.0),
        (Refused(404, "BlobNotFound"), Circumstances(), None),
        (Refused(404, "BlobNotFound"), Circumstances(renewed=True), 0.0),
        (Refused(400, "ExpiredToken", codes=STORAGES["google"].codes), Circumstances(renewed=True), 0.0),
        (Refused(400, "ExpiredToken"), Circumstances(renewed=True), None),
        (Refused(400, "Slow", codes=RefusalCodes(busy=frozenset({"Slow"}))), Circumstances(), 0.5),
        (Refused(400, "Late", codes=RefusalCodes(transient=frozenset({"Late"}))), Circumstances(), 0.5),
        (Changed("x"), Circumstances(), 0.0),
        (Changed("x"), Circumstances(tries=2), 1.0),
        (IntegrityError("x"), Circumstances(mismatches=1), 0.0),
        (IntegrityError("x"), Circumstances(mismatches=2), None),
        (TransferError("disk"), Circumstances(), None),
        (Cancelled("x"), Circumstances(), None),
        (KeyboardInterrupt(), Circumstances(), None),
        (ValueError("x"), Circumstances(), None),
    ],
)
def test_what_follows_a_failed_try(error: BaseException, circumstances: Circumstances, wait: float | None) -> None:
    """The jitter is at its maximum."""
    assert wait_after(error, circumstances, OPTIONS, lambda: 1.0) == wait


@given(st.integers(1, 40), st.floats(0, 200), st.floats(0, 1), st.none() | st.floats(0, 1000))
def test_a_wait_is_never_too_long(tries: int, idle: float, chance: float, retry_after: float | None) -> None:
    """No wait reaches the deadline or is shorter than requested by the storage, and attempts are limited."""
    wait = wait_after(Refused(503, "", retry_after), Circumstances(tries=tries, idle=idle), OPTIONS, lambda: chance)
    if wait is not None:
        assert tries <= OPTIONS.retries
        assert idle + wait < OPTIONS.deadline
        assert wait >= (retry_after or 0)


def test_the_time_before_the_first_attempt_does_not_count() -> None:
    """A download may wait for another one, or for several connections, longer than the deadline."""
    now = [0.0]
    options = TransferOptions(deadline=10.0, retries=1)
    patience = Patience(
        options=options, sleep=lambda _: None, renew=lambda: False, busy=lambda: None, clock=lambda: now[0]
    )
    failures: list[Exception] = []

    def work() -> str:
        if failures:
            raise failures.pop()
        return "done"

    for _ in range(2):
        now[0] += 100.0
        failures.append(ConnectionFailed("x"))
        assert patience.keep_trying(work, "x") == "done"


def test_a_failing_consumer_stops_nobody() -> None:
    """The thread that adds pieces continues, and receives the exception at the end."""

    def fail(_: bytes) -> None:
        raise MemoryError

    follower = Follower(None, fail)
    adding = threading.Thread(target=lambda: [follower.update(b"x") for _ in range(100)], daemon=True)
    adding.start()
    adding.join(30)
    assert not adding.is_alive()
    with pytest.raises(MemoryError):
        follower.close()


def test_a_stream_is_consumed_without_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may permit no more."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    pieces: list[bytes] = []
    follower = Follower(None, pieces.append)
    follower.update(b"x")
    follower.close()
    assert pieces == [b"x"]


class Head:
    """A response made of a head and a body."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """Set the response."""
        self.status, self._headers, self._body = status, headers, body

    def header(self, name: str) -> str | None:
        """Return a header."""
        return self._headers.get(name)

    def pieces(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self._body


@pytest.mark.parametrize(
    ("headers", "body", "code", "retry_after"),
    [
        ({"x-ms-error-code": "ServerBusy", "retry-after": "7"}, b"", "ServerBusy", 7.0),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}, b"<Code>X</Code>", "X", 9.0),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=9), usegmt=True)}, b"", "", 0.0),
        ({"x-ms-error-code": "<script>", "retry-after": "soon"}, b"<html>?sig=secret</html>", "", None),
        ({}, b"\xff" * 100_000 + b"<Code>Late</Code>", "", None),
    ],
)
def test_a_refusal_is_read(headers: dict[str, str], body: bytes, code: str, retry_after: float | None) -> None:
    """Its code is read from the header or the body, and nothing else of the body is kept."""
    refused = STORAGES["azure"].refusal(Head(503, headers, body), NOW)
    assert (refused.status, refused.code, refused.retry_after) == (503, code, retry_after)
    assert "secret" not in str(refused)


# Blocks.

MIB = 1 << 20


@given(st.integers(1, 6 << 40), st.integers(64 << 10, 100 * MIB))
def test_there_are_never_too_many_blocks(size: int, wanted: int) -> None:
    """There are at most 50,000 blocks, in whole units and no larger than necessary."""
    block = BLOCKS.block_size(size, wanted)
    assert -(-size // block) <= 50_000
    assert block % UNIT == 0
    rounded = wanted <= block < wanted + UNIT
    assert rounded or (block > wanted and block % MIB == 0 and -(-size // max(1, block - MIB)) > 50_000)


@given(
    st.lists(
        st.tuples(st.integers(0, 49_999), st.integers(0, (1 << 128) - 1).map(lambda each: each << 128)),
        unique=True,
        min_size=1,
    )
)
def test_block_ids_tell_blocks_apart(parts: list[tuple[int, int]]) -> None:
    """Each place and content has its own id, all of the same length of at most 64 bytes, valid in lists and queries."""
    ids = [BLOCKS.block_id(number, digest.to_bytes(32, "big")) for number, digest in parts]
    commit = BLOCKS.commit(URL, ids, None)
    assert isinstance(commit.body, bytes)
    assert len(set(ids)) == len(parts)
    assert {len(b64decode(each, validate=True)) for each in ids} == {36}
    assert re.findall(b"<Latest>(.*?)</Latest>", commit.body) == [each.encode() for each in ids]
    puts = [BLOCKS.put_block(URL, each, b"") for each in ids]
    assert all(re.fullmatch(re.escape(URL) + "&comp=block&blockid=[A-Za-z0-9%]+", each.url) for each in puts)


def test_the_blocks_that_are_there_are_read() -> None:
    """Only uncommitted blocks are returned."""
    block = "<Block><Name>{}</Name><Size>{}</Size></Block>"
    xml = (
        "<BlockList><CommittedBlocks>" + block.format("AA==", 1) + "</CommittedBlocks>\n"
        "<UncommittedBlocks>"
        + block.format("BB==", 2)
        + "\n"
        + block.format("CC==", 3)
        + "</UncommittedBlocks></BlockList>"
    )
    assert BLOCKS.read_list(xml.encode()) == {"BB==": 2, "CC==": 3}
    assert BLOCKS.read_list(b"<BlockList><CommittedBlocks/><UncommittedBlocks/></BlockList>") == {}
    assert BLOCKS.read_list(b"") == {}


# Ranges.


@given(
    st.integers(0, 100),
    st.none() | st.builds(Mark, etag=st.just(ETAG), size=st.integers(0, 100)),
    st.none() | st.integers(0, 100),
)
def test_what_is_asked_for_fits_what_is_there(have: int, mark: Mark | None, size: int | None) -> None:
    """A range is only requested to continue a known version of the right length."""
    wanted = next_range(have, mark, size)
    headers = STORAGES["azure"].get(URL, wanted.offset, wanted.etag).headers
    if wanted.offset:
        assert mark is not None
        assert 0 < wanted.offset == min(have, mark.size - 1)
        assert have <= mark.size
        assert size in {None, mark.size}
        assert headers == {"range": f"bytes={wanted.offset}-", "if-match": ETAG}
    else:
        assert headers == {}
        is_other = mark is None or have > mark.size or size not in {None, mark.size}
        assert not have or is_other or mark.size == 1
    assert is_whole(have, mark) == (mark is not None and mark.size == have)


WHOLE, PART = next_range(0, None, None), next_range(4, Mark(etag=ETAG, size=10), 10)


@pytest.mark.parametrize(
    ("wanted", "status", "headers", "expected"),
    [
        (
            WHOLE,
            200,
            {"content-length": "10", "etag": ETAG},
            Body(offset=0, size=10, md5=None, mark=Mark(etag=ETAG, size=10)),
        ),
        (WHOLE, 200, {"content-length": "10", "etag": 'W/"1"'}, Body(offset=0, size=10, md5=None, mark=None)),
        (WHOLE, 200, {"etag": ETAG}, Body(offset=0, size=10, md5=None, mark=Mark(etag=ETAG, size=10))),
        (
            WHOLE,
            200,
            {"content-length": "10", "x-goog-hash": "crc32c=n03x6A==, md5=abc=="},
            Body(offset=0, size=10, md5="abc==", mark=None),
        ),
        (WHOLE, 200, {"content-length": "9"}, IntegrityError),
        (WHOLE, 200, {"content-length": "9" * 5000}, Body(offset=0, size=10, md5=None, mark=None)),
        (WHOLE, 206, {"content-range": "bytes 0-9/10"}, Changed),
        (WHOLE, 404, {}, None),
        (WHOLE, 412, {}, None),
        (WHOLE, 416, {}, None),
        (
            PART,
            206,
            {"content-range": "bytes 4-9/10", "etag": ETAG, "x-ms-blob-content-md5": "abc=="},
            Body(offset=4, size=10, md5="abc==", mark=Mark(etag=ETAG, size=10, md5="abc=="), has_ranges=True),
        ),
        (PART, 206, {"content-range": "bytes 4-9/10", "etag": '"0x2"'}, Changed),
        (PART, 206, {"content-range": "bytes 5-9/10", "etag": ETAG}, Changed),
        (PART, 206, {"content-range": "bytes 4-8/10", "etag": ETAG}, Changed),
        (PART, 206, {"content-range": "bytes 4-9/*", "etag": ETAG}, Changed),
        (PART, 206, {}, Changed),
        (PART, 206, {"content-range": "bytes 4-10/11"}, IntegrityError),
        (PART, 200, {"content-length": "10"}, Body(offset=0, size=10, md5=None, mark=None)),
        (PART, 412, {}, Changed),
        (PART, 416, {}, Changed),
        (PART, 503, {}, None),
    ],
)
def test_where_a_body_belongs(
    wanted: Range, status: int, headers: dict[str, str], expected: type[Exception] | Body | None
) -> None:
    """It continues a file if it is the same version at the right place; otherwise, it starts again or is rejected."""
    storage = STORAGES["google" if "x-goog-hash" in headers else "azure"]
    response = Head(status, headers)
    if isinstance(expected, type):
        with pytest.raises(expected):
            read_head(wanted, response, storage, 10)
    else:
        assert read_head(wanted, response, storage, 10) == expected


def test_a_file_of_unknown_length_is_refused() -> None:
    """Its completeness could not be checked."""
    with pytest.raises(TransferError, match="size of the file"):
        read_head(WHOLE, Head(200, {}), STORAGES["azure"], None)


@given(st.builds(Mark, etag=st.text(), size=st.integers(0), md5=st.none() | st.text()))
def test_a_mark_is_read_as_it_was_written(mark: Mark) -> None:
    """The result equals what was written."""
    assert read_mark(write_mark(mark)) == mark


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"etag": 1, "size": 2, "md5": null}', '{"etag": "x"}'])
def test_a_spoilt_mark_is_none(text: str) -> None:
    """If notes are incomplete, the download starts again."""
    assert read_mark(text) is None


# How much at a time.


@given(st.integers(1, 32), st.lists(st.sampled_from(["fresh", "stale", "succeeded"])))
def test_the_number_of_workers_stays_in_bounds(maximum: int, events: list[str]) -> None:
    """It is halved once for all work in progress, grows by one, and stays between 1 and the maximum."""
    workers = Adaptive(maximum)
    for event in events:
        before, stale = workers.limit, workers.busy_signal()
        if event == "fresh":
            stale()
            assert workers.limit == max(1, before // 2)
        elif event == "stale":
            workers.busy_signal()()
            halved = workers.limit
            stale()
            assert workers.limit == halved == max(1, before // 2)
        else:
            workers.succeeded()
            assert workers.limit - before in {0, 1}
        assert 1 <= workers.limit <= maximum


def test_the_number_of_workers_comes_back() -> None:
    """After as many successes as there are workers, one is added."""
    workers = Adaptive(16)
    busy = workers.busy_signal()
    busy()
    busy()  # the same work again: it is another refusal
    assert workers.limit == 4
    for _ in range(4 + 5 + 6):
        workers.succeeded()
    assert workers.limit == 7


@given(st.sampled_from([0.001, 0.05, 0.4]), st.integers(1, 64), st.integers(4, 100))
def test_more_workers_are_tried_while_they_are_faster(latency: float, maximum: int, useful: int) -> None:
    """They grow to the maximum if responses are slow, and stop growing if something else is the limit."""
    clock = 0.0
    workers = Adaptive(maximum, 16, now=lambda: clock)
    seen = []
    for _ in range(8000):  # long enough for three measurements
        clock += latency / min(workers.limit, useful)
        workers.succeeded()
        seen.append(workers.limit)
    assert max(seen) <= maximum
    assert seen[-1] >= min(maximum, useful, 16)
    assert seen[-1] <= max(16, 2 * useful)


def test_workers_that_came_by_trying_do_not_come_back_beyond() -> None:
    """After the storage was busy there are at most as many as before."""
    clock = 0.0
    workers = Adaptive(64, 16, now=lambda: clock)
    for _ in range(200):
        clock += 0.05 / min(workers.limit, 16)
        workers.succeeded()
    assert workers.limit == 16
    workers.busy_signal()()
    assert workers.limit == 8
    for _ in range(2000):
        workers.succeeded()
    assert workers.limit == 16


# One request or blocks.


@pytest.mark.parametrize(
    ("position", "size", "seconds", "slow"),
    [
        (0, 200 * MIB, 0.4, False),
        (0, 200 * MIB, 0.5, True),
        (0, 200 * MIB, 1.0, True),
        (20 * MIB, 200 * MIB, 1.0, True),
        (20 * MIB, 100 * MIB, 1.0, False),
        (40 * MIB, 200 * MIB, 2.0, True),
        (190 * MIB, 200 * MIB, 9.5, False),
        (200 * MIB, 200 * MIB, 9.9, False),
        (2 * MIB, 31 * MIB, 1.0, False),
    ],
)
def test_one_request_is_too_slow(position: int, size: int, seconds: float, *, slow: bool) -> None:
    """This is decided after half a second, if the rest of a large file takes more than four."""
    assert is_too_slow(position, size, seconds) is slow


def test_blocks_take_some_seconds() -> None:
    """This applies even if all connections together have the rate of one; blocks have a minimum and a maximum size."""
    assert block_size_for(20 * MIB, 8 * MIB, 4) == 8 * MIB
    assert block_size_for(6 * MIB, 8 * MIB, 4) == 3 * MIB
    assert block_size_for(0, 8 * MIB, 4) == MIB
    assert block_size_for(0, 64 << 10, 4) == 64 << 10


# How far it is.


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50))), st.none() | st.integers(150, 200))
def test_progress_never_goes_back(moves: list[tuple[int, int]], total: int | None) -> None:
    """Files may be downloaded again; the reported value only grows, and ends at the total."""
    told: list[tuple[int, int | None]] = []
    progress = Progress(lambda *at: told.append(at), Cancellation(), total)
    files = [progress.file() for _ in range(3)]
    for number, position in moves:
        files[number].at(position)
    for file in files:
        file.at(50)
    done = [each for each, _ in told]
    assert done == sorted(set(done))
    assert done[-1] == 150
    assert {each for _, each in told} == {total}


# Links.


def link(number: int) -> StorageLink:
    """Create a link like no other."""
    return StorageLink(href=f"https://storage.example/{number}?sig=secret", storage_type="azure")


def test_a_link_is_replaced_when_it_is_old_or_refused() -> None:
    """It is replaced once for each rejection; a new link that never worked is the last one."""
    now = [0.0]
    fresh = iter([link(2), link(3), link(4)])
    links = Links(link(1), lambda: next(fresh), obtained=0.0, lifetime=lambda _: 10, clock=lambda: now[0])
    assert links.current() == link(1)
    now[0] = 10.0
    second = links.current()
    assert second == link(2)
    links.worked(second)
    assert links.replace_rejected(second)
    assert links.replace_rejected(second)  # another thread, with the same link
    third = links.current()
    assert third == link(3)
    assert not links.replace_rejected(third)
    now[0] = 100.0
    assert links.current() is third
    with pytest.raises(TransferError, match="no link"):
        Links[StorageLink](None, None, obtained=0.0, lifetime=lambda _: 1)


# Settings.


@pytest.mark.parametrize("variable", ["", "auto", "httpx"])
def test_names_of_the_one_backend(variable: str) -> None:
    """Each is accepted."""
    check_variable({"IMODELS_TRANSFER_BACKEND": variable})
    check_variable({})
    assert (TransferOptions().backend, TransferOptions(backend="httpx").backend) == ("auto", "httpx")


def test_an_unknown_backend_of_the_environment_is_refused() -> None:
    """The error names the variable and what it can be."""
    with pytest.raises(ConfigurationError, match="IMODELS_TRANSFER_BACKEND must be auto or httpx, not 'curl'"):
        check_variable({"IMODELS_TRANSFER_BACKEND": "curl"})


def test_the_removed_backend_is_the_default_one() -> None:
    """One warning names the place of the setting; copies of the settings do not warn again."""
    with pytest.warns(DeprecationWarning, match="^backend: pyreqwest is no longer supported; the default") as caught:
        options = TransferOptions(backend="pyreqwest")
    assert [each.filename for each in caught] == [__file__]
    assert options == evolve(options) == TransferOptions()


def test_the_removed_backend_in_the_environment_is_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warning names the variable; a setting in the program goes before it."""
    monkeypatch.setenv("IMODELS_TRANSFER_BACKEND", "pyreqwest")
    with pytest.warns(DeprecationWarning, match="^IMODELS_TRANSFER_BACKEND: pyreqwest is no longer") as caught:
        Transfers().close()
    assert len(caught) == 1
    Transfers(TransferOptions(backend="httpx")).close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("parallelism", 0),
        ("parallelism", 65),
        ("backend", "curl"),
        ("block_threshold", 0),
        ("block_threshold", 5001 * MIB),
        ("block_size", 1000),
        ("block_parallelism", 17),
        ("connect_timeout", 0),
        ("idle_timeout", -1.0),
        ("retries", -1),
        ("deadline", 0.0),
        ("link_lifetime", float("nan")),
    ],
)
def test_settings_out_of_bounds_are_refused(name: str, value: object) -> None:
    """The error names the setting."""
    with pytest.raises(ValueError, match=name):
        TransferOptions(**{name: value})  # type: ignore[arg-type] # wrong on purpose
