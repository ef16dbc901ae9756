"""The folder of blobs."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itwin_imodels_hub.blobs import FolderBlobStore
from itwin_imodels_hub.blobs.folder import staging
from itwin_imodels_hub.blobs.folder.records import BlobInfo, Block
from itwin_imodels_hub.blobs.folder.staging import BlockIdLengthError, TooManyBlocksError
from itwin_imodels_hub.blobs.folder.store import UnknownBlockError

NOW = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
ID_A, ID_B, ID_C = "QUFB", "QkJC", "Q0ND"


@pytest.fixture
def store(tmp_path: Path) -> FolderBlobStore:
    """Return an empty store."""
    return FolderBlobStore(tmp_path / "store", now=lambda: NOW)


def put(store: FolderBlobStore, name: str, content: bytes) -> BlobInfo:
    """Write a blob."""
    with store.incoming() as incoming:
        incoming.write([content])
        return store.commit(name, incoming)


def stage(store: FolderBlobStore, name: str, block_id: str, content: bytes) -> None:
    """Keep an uncommitted block."""
    with store.incoming() as incoming:
        incoming.write([content])
        store.stage(name, block_id, incoming)


def files(tmp_path: Path) -> list[Path]:
    """List all files of the store."""
    return [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


def test_what_is_known_of_a_blob(store: FolderBlobStore) -> None:
    """Size, path, tags and time of a blob."""
    put(store, "box/a", b"hello")
    assert store.size("box/a") == 5
    assert store.path("box/a").read_bytes() == b"hello"
    assert store.content_md5("box/a") == b64encode(hashlib.md5(b"hello", usedforsecurity=False).digest()).decode()
    assert store.last_modified("box/a") == NOW.replace(microsecond=0)
    assert store.etag("box/a").startswith('"0x')
    assert store.committed("box/a") == []


def test_unknown_blob(store: FolderBlobStore) -> None:
    """The size of a missing blob is None."""
    assert store.size("box/a") is None
    for ask in (store.path, store.etag, store.content_md5, store.last_modified, store.open):
        with pytest.raises(KeyError):
            ask("box/a")
    with pytest.raises(KeyError):
        store.copy("box/a", "box/b")
    store.delete("box/a")
    assert store.names() == []


def test_each_write_is_a_new_version(store: FolderBlobStore, tmp_path: Path) -> None:
    """Each write has a new tag, and the files of the old version are deleted."""
    first = put(store, "box/a", b"one")
    second = put(store, "box/a", b"one")
    assert first.etag != second.etag
    assert store.info("box/a") == second
    assert len(files(tmp_path)) == 2


def test_open_file_outlives_its_blob(store: FolderBlobStore) -> None:
    """A reader continues to read the version that it opened."""
    put(store, "box/a", b"one")
    _, file = store.open("box/a")
    with file:
        put(store, "box/a", b"two")
        store.delete("box/a")
        assert file.read() == b"one"


def test_add_file_and_copy(store: FolderBlobStore, tmp_path: Path) -> None:
    """A copied blob is independent and shares the disk space."""
    source = tmp_path / "source"
    source.write_bytes(bytes(3_000_000))
    store.add_file("box/a", source)
    store.copy("box/a", "box/b")
    assert store.path("box/a").samefile(store.path("box/b"))
    assert store.etag("box/a") != store.etag("box/b")
    store.delete("box/a")
    assert store.path("box/b").read_bytes() == source.read_bytes()
    assert (
        store.content_md5("box/b") == b64encode(hashlib.md5(bytes(3_000_000), usedforsecurity=False).digest()).decode()
    )


def test_copy_without_hard_links(store: FolderBlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the file system has no links, the content is copied."""

    def refuse(*_: object) -> None:
        raise OSError

    put(store, "box/a", b"content")
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    store.copy("box/a", "box/b")
    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    store.copy("box/a", "box/c")
    assert store.path("box/b").read_bytes() == store.path("box/c").read_bytes() == b"content"
    assert not store.path("box/b").samefile(store.path("box/a"))


def test_names_and_delete_all(store: FolderBlobStore, tmp_path: Path) -> None:
    """Prefixes are beginnings of names, lists are sorted, and deleted blobs leave no files."""
    names = ["a", "a/1", "a/10", "a/2/x", "A/1", "b/1", "a~/1"]
    for name in names:
        put(store, name, b"")
    stage(store, "a/staged", ID_A, b"a")
    assert store.names() == sorted(names)
    assert store.names("a/1") == ["a/1", "a/10"]
    assert store.names("a/2/") == ["a/2/x"]
    assert store.names("a/3/") == store.names("../") == store.names("//") == []
    store.delete_all("a")
    assert store.names() == ["A/1", "b/1"]
    assert store.uncommitted("a/staged") == []
    store.delete_all("")
    assert files(tmp_path) == []
    assert [path.name for path in (tmp_path / "store").rglob("*")].count("b") == 0


def test_invalid_names_are_refused_everywhere(store: FolderBlobStore, tmp_path: Path) -> None:
    """No method accepts an invalid name."""
    put(store, "a", b"")
    for act in (store.size, store.path, store.delete, store.uncommitted):
        with pytest.raises(ValueError, match="blob name"):
            act("../a")
    with pytest.raises(ValueError, match="blob name"):
        store.copy("a", "../b")
    with pytest.raises(ValueError, match="blob name"):
        store.add_file("../b", tmp_path / "missing")


def test_blocks(store: FolderBlobStore, tmp_path: Path) -> None:
    """Blocks are listed, unseen by readers, survive a restart, and become a blob in the order of the list."""
    stage(store, "box/a", ID_B, b"bb")
    stage(store, "box/a", ID_A, b"a")
    stage(store, "box/a", ID_A, b"aaa")
    stage(store, "box/a", ID_C, b"unused")
    again = FolderBlobStore(tmp_path / "store", now=lambda: NOW)
    assert again.uncommitted("box/a") == [Block(ID_C, 6), Block(ID_A, 3), Block(ID_B, 2)]
    assert again.size("box/a") is None
    assert again.names() == []
    info = again.commit_blocks("box/a", [("Latest", ID_B), ("Uncommitted", ID_A), ("Latest", ID_B)])
    assert again.path("box/a").read_bytes() == b"bbaaabb"
    assert info.content_md5 is None
    assert info.size == 7
    assert again.uncommitted("box/a") == []
    assert again.committed("box/a") == [Block(ID_B, 2), Block(ID_A, 3), Block(ID_B, 2)]


def test_commit_takes_old_and_new_blocks(store: FolderBlobStore) -> None:
    """A list can combine blocks of the current blob with new ones; Latest prefers the new."""
    stage(store, "box/a", ID_A, b"old a")
    stage(store, "box/a", ID_B, b"old b")
    store.commit_blocks("box/a", [("Latest", ID_A), ("Latest", ID_B)])
    stage(store, "box/a", ID_A, b"new a")
    store.commit_blocks("box/a", [("Committed", ID_A), ("Latest", ID_A), ("Latest", ID_B)], content_md5="kept")
    assert store.path("box/a").read_bytes() == b"old anew aold b"
    assert store.content_md5("box/a") == "kept"
    repeated = store.commit_blocks("box/a", [("Latest", ID_B)])
    assert repeated.size == 5


def test_unknown_blocks(store: FolderBlobStore, tmp_path: Path) -> None:
    """A list with a missing block changes nothing."""
    stage(store, "box/a", ID_A, b"a")
    before = files(tmp_path)
    for entry in (("Latest", ID_B), ("Committed", ID_A)):
        with pytest.raises(UnknownBlockError):
            store.commit_blocks("box/a", [("Latest", ID_A), entry])
    assert files(tmp_path) == before
    store.commit_blocks("box/a", [("Latest", ID_A)])
    with pytest.raises(UnknownBlockError):
        store.commit_blocks("box/a", [("Uncommitted", ID_A)])


def test_a_whole_write_drops_blocks(store: FolderBlobStore) -> None:
    """Blocks of a blob that is written in one request are dropped."""
    stage(store, "box/a", ID_A, b"a")
    put(store, "box/a", b"whole")
    assert store.uncommitted("box/a") == []


def test_rules_of_block_ids(store: FolderBlobStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ids of one blob have the same length, and their number is limited."""
    monkeypatch.setattr(staging, "MAX_UNCOMMITTED_BLOCKS", 2)
    stage(store, "box/a", ID_A, b"a")
    with pytest.raises(BlockIdLengthError):
        stage(store, "box/a", "QUFBQQ==", b"a")
    again = FolderBlobStore(tmp_path / "store")
    stage(again, "box/a", ID_B, b"b")
    with pytest.raises(TooManyBlocksError):
        stage(again, "box/a", ID_C, b"c")
    stage(again, "box/a", ID_B, b"again")
    stage(again, "box/b", "QUFBQQ==", b"another blob")


def test_drop_uncommitted(store: FolderBlobStore, tmp_path: Path) -> None:
    """Old uncommitted content is deleted; new and committed content is kept."""
    put(store, "box/a", b"kept")
    stage(store, "box/b", ID_A, b"a")
    incoming = store.incoming()
    incoming.write([b"under way"])
    stray = store.path("box/a").with_name("stray.data")
    stray.write_bytes(b"of a process that was killed")
    store.drop_uncommitted(timedelta(hours=1))
    assert not stray.exists()
    assert store.uncommitted("box/b") == [Block(ID_A, 1)]
    assert incoming.path.exists()
    store.drop_uncommitted(timedelta(0))
    assert store.uncommitted("box/b") == []
    assert not incoming.path.exists()
    incoming.discard()
    assert store.path("box/a").read_bytes() == b"kept"
    assert len(files(tmp_path)) == 2


def test_precondition_is_asked_in_the_moment_of_the_change(store: FolderBlobStore, tmp_path: Path) -> None:
    """A rejected change has no effect."""
    seen: list[BlobInfo | None] = []

    def refuse(info: BlobInfo | None) -> None:
        seen.append(info)
        raise PermissionError

    info = put(store, "box/a", b"old")
    before = files(tmp_path)
    with store.incoming() as incoming:
        incoming.write([b"new"])
        with pytest.raises(PermissionError):
            store.commit("box/a", incoming, precondition=refuse)
    with pytest.raises(PermissionError):
        store.discard("box/a", precondition=refuse)
    assert seen == [info, info]
    assert files(tmp_path) == before


def test_discarded_content_takes_no_more(store: FolderBlobStore, tmp_path: Path) -> None:
    """A late write does not restore a file."""
    with store.incoming() as incoming:
        incoming.write([b"a"])
    with pytest.raises(ValueError, match="discarded"):
        incoming.write([b"b"])
    assert files(tmp_path) == []


def test_a_shortened_file_is_noticed(store: FolderBlobStore) -> None:
    """A file that lost its end makes no blob."""
    stage(store, "box/a", ID_A, b"aaaa")
    stage(store, "box/a", ID_B, b"bbbb")
    store.commit_blocks("box/a", [("Latest", ID_A), ("Latest", ID_B)])
    os.truncate(store.path("box/a"), 6)
    with pytest.raises(EOFError):
        store.commit_blocks("box/a", [("Committed", ID_B)])


def test_readers_see_whole_versions_only(store: FolderBlobStore) -> None:
    """While a blob is replaced repeatedly, each reader gets one complete version."""
    put(store, "box/a", b"0" * 50_000)
    over = threading.Event()

    def replace() -> None:
        for number in range(60):
            put(store, "box/a", b"%d" % (number % 10) * 50_000)
        over.set()

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        while not over.is_set():
            info, file = store.open("box/a")
            with file:
                content = file.read()
            assert len(content) == info.size
            assert len(set(content)) == 1
            assert info.content_md5 == b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    finally:
        writer.join()


_WRITER = """
import sys, itertools, hashlib
from pathlib import Path
from itwin_imodels_hub.blobs import FolderBlobStore

store = FolderBlobStore(Path(sys.argv[1]))
for number in itertools.count():
    name = f"box/{number % 7}"
    content = b"%08d" % number * (1 + number * 7919 % 40_000)
    with store.incoming() as incoming:
        incoming.write([content])
        store.commit(name, incoming)
    print(name, number, flush=True)
"""


@pytest.mark.thorough(keep=1)
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a thing of POSIX")
@pytest.mark.parametrize("answers", [1, 8, 23])
def test_kill_at_any_moment(tmp_path: Path, answers: int) -> None:
    """After kill -9, each confirmed blob is complete, none is partial, and a sweep deletes temporary files."""
    folder = tmp_path / "store"
    command = [sys.executable, "-c", _WRITER, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline() for _ in range(answers)]
        process.send_signal(signal.SIGKILL)
        # Lines that were on their way when it was killed; the last one may be cut.
        acknowledged += [line for line in process.stdout if line.endswith("\n")]
    last = {name: int(number) for name, number in map(str.split, acknowledged)}
    store = FolderBlobStore(folder)
    assert last.keys() <= set(store.names())
    for name in store.names():
        content = store.path(name).read_bytes()
        number = int(content[:8])
        assert number >= last.get(name, 0)
        assert content == b"%08d" % number * (1 + number * 7919 % 40_000)
        assert store.size(name) == len(content)
        assert store.content_md5(name) == b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    store.drop_uncommitted(timedelta(0))
    assert len(files(tmp_path)) == 2 * len(store.names())
