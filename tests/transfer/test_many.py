"""Downloads of many files: in order, with bounded memory, and a report of the missing ones."""

import gc
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from itwin_imodels._transfer import Cancellation, Cancelled, Downloaded, DownloadItem, Transfers, many
from itwin_imodels.errors import IntegrityError, TransferError
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.storage import Storage, own_threads


@pytest.fixture
def kind() -> str:
    """Use one storage type, because it makes no difference here."""
    return "azure"


@pytest.fixture
def storage(storage: Storage) -> Storage:
    """Serve a storage with files of 1 to 40 kB, `box/1` to `box/40`."""
    for number in range(1, 41):
        storage.put(os.urandom(1000 * number), f"box/{number}")
    return storage


def item(storage: Storage, folder: Path, number: int, *, of: int | None = None) -> DownloadItem:
    """Describe one of the files; `of` names another file to download instead."""
    size = 1000 * number
    return DownloadItem(target=folder / f"{number}.cs", link=storage.to_read(f"box/{of or number}"), size=size)


def test_results_come_in_order(storage: Storage, transfers: Transfers, tmp_path: Path) -> None:
    """Whatever the order of the work; progress ends at the total and never goes back."""
    numbers = [17, *range(40, 17, -1), *range(1, 17)]
    done: list[Downloaded] = []
    told: list[tuple[int, int | None]] = []
    total = sum(1000 * number for number in numbers)
    storage.fail(action="cut", cut_at=500, times=3, skip=5)
    count = transfers.download_many(
        (item(storage, tmp_path, number) for number in numbers),
        total=total,
        done=done.append,
        progress=lambda *at: told.append(at),
    )
    assert count == 40
    assert [each.target.name for each in done] == [f"{number}.cs" for number in numbers]
    for number in numbers:
        assert (tmp_path / f"{number}.cs").read_bytes() == storage.content(f"box/{number}")
    assert told[-1] == (total, total)
    assert told == sorted(told)
    assert not list(tmp_path.glob("*.part*"))


def test_the_smallest_is_first(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """Files of unknown length come last."""
    numbers = [3, 1, 2]
    items = [item(storage, tmp_path, number) for number in numbers]
    unknown = DownloadItem(target=tmp_path / "x", link=storage.to_read("box/9"))
    gate = threading.Event()
    there = tmp_path / "there"
    there.write_bytes(b"")

    def jobs() -> Iterator[DownloadItem]:
        yield DownloadItem(target=there, link=storage.to_read(), size=0, is_right=lambda _: gate.wait(5))
        yield from [unknown, *items]
        gate.set()

    make(parallelism=1).download_many(jobs())
    asked = [request.path.rpartition("/")[2] for request in storage.requests]
    assert asked == ["1", "2", "3", "9"]


@pytest.mark.thorough
def test_an_endless_input_is_taken_as_it_is_needed(
    storage: Storage, transfers: Transfers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most the window is read in advance."""
    monkeypatch.setattr(many, "WINDOW", 20)
    taken, given = itertools.count(1), 0
    ahead: list[int] = []

    def endless() -> Iterator[DownloadItem]:
        for number in taken:
            ahead.append(number - given)
            yield item(storage, tmp_path / str(number), number % 40 + 1)

    def done(_: Downloaded) -> None:
        nonlocal given
        given += 1
        if given == 300:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        transfers.download_many(endless(), done=done)
    assert max(ahead) <= 21
    assert own_threads() == []


@pytest.mark.thorough
def test_a_million_files_that_are_there_take_little_memory(make: MakeTransfers, tmp_path: Path) -> None:
    """This test uses a few thousand files, none of which stays in memory."""
    target = tmp_path / "there.cs"
    target.write_bytes(b"x")
    alive: list[int] = []

    def items() -> Iterator[DownloadItem]:
        for number in range(6000):
            if number % 2000 == 1999:
                gc.collect()
                alive.append(sum(isinstance(each, DownloadItem | Downloaded) for each in gc.get_objects()))
            yield DownloadItem(target=target, link=None, fresh_link=lambda: pytest.fail("no"), is_right=lambda _: True)

    assert make().download_many(items()) == 6000
    assert max(alive) < 2 * many.WINDOW + 200


def test_nothing_to_do(transfers: Transfers) -> None:
    """No files are not an error."""
    assert transfers.download_many([]) == 0


def test_a_failing_file_ends_it(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """The error has the failed file and the numbers of completed and missing files; no other file is started."""
    numbers = range(1, 41)
    items = [item(storage, tmp_path, number, of=99 if number == 8 else None) for number in numbers]
    with pytest.raises(TransferError) as failed:
        make(parallelism=2).download_many(items)
    text = str(failed.value)
    there = {path.name for path in tmp_path.glob("*.cs")}
    done = [f"{number}.cs" for number in numbers if f"{number}.cs" in there]
    assert text.startswith(
        f"download of 8.cs: the storage responded with status 404 (BlobNotFound).\nDone: {', '.join(done[:5])}"
    )
    assert "Not done: " in text
    assert "8.cs" in text.partition("Not done")[2]
    assert len(text) < 1000
    assert own_threads() == []
    assert len(storage.requests) < 20
    under_way = {f"{number}.cs" for number in range(1, 8)} - there
    assert len(under_way) <= 1
    assert "8.cs" not in there


def test_other_errors_carry_the_account_as_a_note(storage: Storage, transfers: Transfers, tmp_path: Path) -> None:
    """Errors of callbacks and of the input are raised unchanged."""

    def items() -> Iterator[DownloadItem]:
        yield item(storage, tmp_path, 1)
        raise LookupError("no more pages")

    with pytest.raises(LookupError) as failed:
        transfers.download_many(items())
    assert failed.value.__notes__[0] in {
        "Done: 1.cs. Not done: all later files.",
        "Done: none. Not done: 1.cs and all later files.",
    }


def test_an_account_of_nothing(transfers: Transfers) -> None:
    """An error before the first file lists no files."""

    def items() -> Iterator[DownloadItem]:
        raise LookupError("no first page")
        yield

    with pytest.raises(LookupError) as failed:
        transfers.download_many(items())
    assert failed.value.__notes__ == ["No file was downloaded."]


def test_an_account_of_all(storage: Storage, transfers: Transfers, tmp_path: Path) -> None:
    """If all files are known, the account mentions no others."""
    with pytest.raises(TransferError) as failed:
        transfers.download_many([item(storage, tmp_path, 1, of=99)])
    assert str(failed.value).endswith("\nDone: none. Not done: 1.cs.")


def test_the_kind_of_the_error_is_kept(storage: Storage, transfers: Transfers, tmp_path: Path) -> None:
    """A wrong file is an IntegrityError also among many."""
    wrong = DownloadItem(target=tmp_path / "x.cs", link=storage.to_read("box/3"), size=7)
    with pytest.raises(IntegrityError, match="3000 bytes instead of 7"):
        transfers.download_many([item(storage, tmp_path, 1), wrong])


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_storage_is_given_time(
    storage: Storage, make: MakeTransfers, tmp_path: Path, slept: list[float], status: int
) -> None:
    """The client retries with fewer parallel requests."""
    storage.fail(action="answer", status=status, times=20, skip=8, headers={"retry-after": "3"})
    make(parallelism=8, retries=30).download_many(item(storage, tmp_path, number) for number in range(1, 41))
    assert len(slept) == 20
    assert min(slept) >= 3
    assert len(list(tmp_path.glob("*.cs"))) == 40


def test_two_at_once_with_the_same_targets(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """The second download of a large file finds it complete; small files are correct in any order."""
    large = os.urandom(2 << 20)
    storage.put(large, "box/41")
    received: list[int] = []

    def work() -> None:
        def right(path: Path) -> bool:
            return path.stat().st_size > 0

        items = [
            DownloadItem(
                target=tmp_path / f"{n}.cs",
                link=storage.to_read(f"box/{n}"),
                size=1000 * n if n < 41 else len(large),
                is_right=right,
            )
            for n in range(1, 42)
        ]
        make(really_sleep=True).download_many(items, done=lambda each: received.append(each.received))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(received) == 123
    assert received.count(len(large)) == 1
    for number in range(1, 42):
        assert (tmp_path / f"{number}.cs").read_bytes() == storage.content(f"box/{number}")
    assert not list(tmp_path.glob("*.part*"))


def test_cancelling_ends_all(storage: Storage, make: MakeTransfers, tmp_path: Path) -> None:
    """Completed files are kept, and the next call downloads the others."""
    cancellation = Cancellation()
    storage.fail(delay=0.02, times=1000)

    def done(_: Downloaded) -> None:
        threading.Thread(target=cancellation.cancel, args=(LookupError("mine"),)).start()

    with pytest.raises(LookupError, match="mine"):
        make(parallelism=2).download_many(
            (item(storage, tmp_path / str(number), number % 40 + 1) for number in range(1000)),
            done=done,
            cancellation=cancellation,
        )
    assert own_threads() == []
    assert 0 < len(storage.requests) < 1000


def test_few_large_files_are_verified_at_once(storage: Storage, transfers: Transfers, tmp_path: Path) -> None:
    """However many are downloaded: verification takes memory, and more threads would not be faster."""
    content = os.urandom((1 << 20) + 1)
    storage.put(content, "box/large")
    lock, active, most = threading.Lock(), 0, 0

    def check(path: Path) -> bool:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        right = path.read_bytes() == content
        with lock:
            active -= 1
        return right

    link = storage.to_read("box/large")
    items = [
        DownloadItem(target=tmp_path / f"{n}.cs", link=link, size=len(content), check=check, is_right=check)
        for n in range(24)
    ]
    assert transfers.download_many(items) == 24
    assert transfers.download_many(items) == 24
    assert 1 <= most <= min(4, os.cpu_count() or 1)


def test_cancelling_while_files_wait_for_verification(storage: Storage, transfers: Transfers, tmp_path: Path) -> None:
    """Those that wait are not verified; they stay complete, and the next download only verifies them."""
    content = os.urandom((1 << 20) + 1)
    storage.put(content, "box/large")
    cancellation = Cancellation()
    checked: list[Path] = []

    def check(path: Path) -> bool:
        checked.append(path)
        cancellation.cancel()
        return True

    link = storage.to_read("box/large")
    items = [DownloadItem(target=tmp_path / f"{n}.cs", link=link, size=len(content), check=check) for n in range(12)]
    with pytest.raises(Cancelled):
        transfers.download_many(items, cancellation=cancellation)
    assert len(checked) <= min(4, os.cpu_count() or 1)
    assert transfers.download_many(items) == 12
    assert all((tmp_path / f"{n}.cs").read_bytes() == content for n in range(12))


def test_fewer_threads_suffice(
    storage: Storage, transfers: Transfers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may not permit as many as are wanted."""
    storage.put(b"x")
    start = threading.Thread.start

    def start_two(thread: threading.Thread) -> None:
        if thread.name == "transfer-3":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)
    items = [DownloadItem(target=tmp_path / str(number), link=storage.to_read(), size=1) for number in range(20)]
    assert transfers.download_many(items) == 20
    assert own_threads() == []
