"""Downloads of block-based databases, with any failures."""

import hashlib
import json
import logging
import os
import struct
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from imodel_files.cloud_sqlite import MANIFEST_NAME
from itwin_imodels._transfer import Assembled, BlocksItem, Cancellation, Cancelled, DownloadItem, wire
from itwin_imodels._transfer.block_file import load_notes
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._transfer.storage import STORAGES, Container
from itwin_imodels._workflows.databases import quick_check
from itwin_imodels.errors import ConnectionFailed, IntegrityError, LinkExpired, TransferError
from itwin_imodels.models import StorageLink
from tests.transfer.conftest import MakeTransfers
from tests.transfer.helpers.containers import (
    BLOCK,
    NAME,
    Shelf,
    blocks_of,
    change_database,
    cut,
    cut_at,
    doing,
    flipped,
    make_database,
    put_into,
    saying,
    send,
    shelved,
)

SECRET = "c2VjcmV0"  # noqa: S105 - stands for a signature


@pytest.fixture(params=[24, 16], ids=["md5 in names", "random names"])
def id_size(request: pytest.FixtureRequest) -> int:
    """Each kind of names in turn."""
    return int(request.param)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of eleven blocks, the last of which is not full."""
    return make_database(tmp_path / "source.bim")


@pytest.fixture
def box(tmp_path: Path, database: Path, id_size: int) -> Path:
    """The block-based database."""
    return put_into(tmp_path / "box", {NAME: database}, id_size=id_size)


@pytest.fixture
def shelf(box: Path) -> Iterator[Shelf]:
    """The blocks on a server."""
    with shelved(box) as shelf:
        yield shelf


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Name a file in a folder that does not exist."""
    return tmp_path / "new" / "folder" / "target.bim"


@frozen(kw_only=True)
class Case:
    """A block-based database on a server, and its target.

    Attributes:
        make: Creates transfers.
        folder: Folder for new files.
        id_size: Size of an id in bytes.
        database: The database.
        box: Folder with its blocks.
        shelf: The server.
        target: The file to write.
    """

    make: MakeTransfers
    folder: Path
    id_size: int
    database: Path
    box: Path
    shelf: Shelf
    target: Path

    def fetch(self, progress: Callable[[int, int | None], None] | None = None, **facts: Any) -> Assembled:
        """Download to the target, unless another one is given."""
        item = BlocksItem(**{"target": self.target, "container": self.shelf.container(), **facts})
        return self.make(retries=4).assemble(item, progress=progress)


@pytest.fixture
def case(  # noqa: PLR0913, PLR0917 - it puts all together
    make: MakeTransfers, tmp_path: Path, id_size: int, database: Path, box: Path, shelf: Shelf, target: Path
) -> Case:
    """All of these."""
    return Case(make=make, folder=tmp_path, id_size=id_size, database=database, box=box, shelf=shelf, target=target)


def left_over(target: Path) -> list[str]:
    """Return the files next to the target."""
    return sorted(path.name for path in target.parent.iterdir()) if target.parent.exists() else []


def assert_right(target: Path, database: Path) -> None:
    """Check that the file is equal, and that no other file is left."""
    assert target.read_bytes() == database.read_bytes()
    assert left_over(target) == [target.name]


# Whole databases.


@pytest.mark.parametrize("block_size", [4096, BLOCK, 163_840, 1 << 20])
def test_the_file_is_that_which_was_cut(case: Case, block_size: int) -> None:
    """Byte for byte, with blocks of any size; each is fetched once."""
    box = put_into(case.folder / "other", {"x.bim": case.database}, block_size=block_size, id_size=case.id_size)
    told: list[tuple[int, int | None]] = []
    with shelved(box) as shelf:
        item = BlocksItem(target=case.target, container=shelf.container(database="x.bim"))
        done = case.make().assemble(item, progress=lambda *at: told.append(at))
        assert shelf.count() == len(blocks_of(box, "x.bim"))
    assert_right(case.target, case.database)
    size = case.database.stat().st_size
    count = -(-size // block_size)
    assert (done.size, done.blocks, done.fetched, done.reused) == (size, count, count, 0)
    assert done.received == count * block_size
    assert told == sorted(told)
    assert told[-1] == (size, size)


def test_the_original_containers(make: MakeTransfers, target: Path) -> None:
    """These are containers that the vendor's own tool wrote, including databases with parents and a shrunk one."""
    samples = Path(os.environ.get("IMODEL_SAMPLES", ".")) / "v2-checkpoint"
    if not samples.is_dir():
        pytest.skip("IMODEL_SAMPLES names no folder with containers")
    for name, facts in json.loads((samples / "expected.json").read_text()).items():
        if not (samples / name).is_dir():
            continue
        with shelved(samples / name) as shelf:
            for each in facts["databases"]:
                item = BlocksItem(target=target, container=shelf.container(database=each["name"]))
                assert make().assemble(item).size == each["size"]
                assert hashlib.sha256(target.read_bytes()).hexdigest() == each["sha256"]


def test_equal_blocks_travel_once(make: MakeTransfers, tmp_path: Path, target: Path) -> None:
    """They are copied to each of their places."""
    source = make_database(tmp_path / "s.bim", rows=4)
    change_database(source, tmp_path / "zeros.bim", "INSERT INTO element VALUES (99, zeroblob(400000))")
    box = put_into(tmp_path / "box", {NAME: tmp_path / "zeros.bim"}, block_size=1024)
    manifest = (box / MANIFEST_NAME).read_bytes()
    names = blocks_of(box)
    # A writer gives equal blocks different ids; here they get one.
    contents = {name: (box / name).read_bytes() for name in names}
    first = {content: name for name, content in reversed(contents.items())}
    for name in names:
        manifest = manifest.replace(bytes.fromhex(name[:48]), bytes.fromhex(first[contents[name]][:48]))
    (box / MANIFEST_NAME).write_bytes(manifest)
    with shelved(box) as shelf:
        done = make().assemble(BlocksItem(target=target, container=shelf.container()))
        assert shelf.count() == len(set(contents.values())) == done.fetched < done.blocks
    assert_right(target, tmp_path / "zeros.bim")


def test_a_file_that_may_stay_is_not_fetched(case: Case) -> None:
    """The caller decides; by default, the file is replaced."""
    case.target.parent.mkdir(parents=True)
    case.target.write_bytes(case.database.read_bytes())
    told: list[tuple[int, int | None]] = []
    size = case.database.stat().st_size
    done = case.fetch(is_right=lambda path: path.stat().st_size == size, progress=lambda *at: told.append(at))
    assert (done.size, done.received, case.shelf.asked, told) == (size, 0, [], [(size, size)])
    case.target.write_bytes(b"old")
    case.fetch()
    assert_right(case.target, case.database)


# What passes.


@pytest.mark.thorough(keep=9)
@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("place", [None, 0, 3])
def test_a_passing_refusal_is_outlasted(case: Case, status: int, place: int | None) -> None:
    """This applies to the manifest and to blocks."""
    name = MANIFEST_NAME if place is None else blocks_of(case.box)[place]
    case.shelf.once(name, *[saying(status)] * 2)
    case.fetch()
    assert_right(case.target, case.database)


def test_retry_after_is_honoured(case: Case, slept: list[float]) -> None:
    """The storage sets the wait."""
    case.shelf.once(blocks_of(case.box)[2], saying(503, retry_after="7"))
    case.fetch()
    assert 7 <= max(slept) <= 7.5


@pytest.mark.parametrize("place", [0, 3, 10])
def test_a_block_that_is_cut_is_fetched_again(case: Case, place: int) -> None:
    """No other block is downloaded again."""
    case.shelf.once(blocks_of(case.box)[place], cut, cut)
    done = case.fetch()
    assert_right(case.target, case.database)
    assert case.shelf.count() == done.blocks + 2


def test_many_cuts_do_not_use_up_patience(make: MakeTransfers, tmp_path: Path, database: Path, target: Path) -> None:
    """Attempts are not counted as long as a block makes progress."""
    box = put_into(tmp_path / "box", {NAME: database}, block_size=1 << 20)
    with shelved(box) as shelf:
        shelf.once(blocks_of(box)[0], *[cut_at(share / 10) for share in range(1, 8)])
        make(retries=2).assemble(BlocksItem(target=target, container=shelf.container()))
    assert_right(target, database)


def test_patience_ends(case: Case) -> None:
    """The error names the block and no secret; what has arrived is kept."""
    case.shelf.once(blocks_of(case.box)[3], *[cut] * 99)
    with pytest.raises(ConnectionFailed, match=r"target\.bim") as failed:
        case.fetch()
    assert SECRET not in "".join(traceback.format_exception(failed.value))
    assert not case.target.exists()


# What is wrong.


@pytest.mark.parametrize("place", [0, 5])
def test_a_flipped_bit_is_found(case: Case, place: int) -> None:
    """It is detected by the MD5 in the id or that of the storage; the block is downloaded once more."""
    name = blocks_of(case.box)[place]
    case.shelf.once(name, flipped)
    case.fetch()
    assert_right(case.target, case.database)
    case.target.unlink()
    case.shelf.once(name, flipped, flipped)
    with pytest.raises(IntegrityError, match=rf"block {place + 1} of 11 \({name}\) does not have the MD5"):
        case.fetch()
    assert not case.target.exists()
    case.shelf.tells_md5 = False
    wrong = bytearray(case.shelf.objects[name])
    wrong[200] ^= 1
    case.shelf.objects[name] = bytes(wrong)
    if case.id_size == 24:
        with pytest.raises(IntegrityError, match="MD5 in its name"):
            case.fetch()
        assert not case.target.exists()
    else:  # nothing tells; SQLite may
        case.fetch()
        assert case.target.read_bytes() != case.database.read_bytes()


@pytest.mark.parametrize(
    "headers",
    [
        {"x_goog_hash": "crc32c=AAAAAA==, md5=1B2M2Y8AsgTpgAmY7PhCfg=="},
        {"x_goog_hash": "crc32c=AAAAAA==", "X_Goog_Hash": "md5=1B2M2Y8AsgTpgAmY7PhCfg=="},
    ],
    ids=["one header", "two headers"],
)
def test_google_sends_md5_in_another_header(case: Case, headers: dict[str, str]) -> None:
    """Its MD5 counts as well. Google sends one header for each kind of hash."""
    container = case.shelf.container(storage=STORAGES["google"])
    name = blocks_of(case.box)[4]
    content = case.shelf.objects[name]
    lie = saying(200, content, **headers)
    case.shelf.once(name, lie, lie)
    with pytest.raises(IntegrityError, match="MD5 that the storage reports"):
        case.fetch(container=container)


def test_two_blocks_in_each_others_place(case: Case) -> None:
    """Ids detect it; without MD5, only SQLite does."""
    one, other = blocks_of(case.box)[3:5]
    case.shelf.objects[one], case.shelf.objects[other] = case.shelf.objects[other], case.shelf.objects[one]
    cancellation = Cancellation()

    def check(path: Path) -> bool:
        quick_check(path, cancellation)
        return True

    match = "MD5 in its name" if case.id_size == 24 else "SQLite reports a damaged database"
    with pytest.raises(IntegrityError, match=match):
        case.fetch(check=check)
    assert not case.target.exists()
    if case.id_size == 16:
        assert left_over(case.target) == []  # the next try begins anew


@pytest.mark.parametrize("place", [0, 6])
@pytest.mark.parametrize("length", [0, BLOCK - 1, BLOCK + 1])
def test_a_block_of_another_size(case: Case, place: int, length: int) -> None:
    """It is rejected before its content is checked."""
    name = blocks_of(case.box)[place]
    case.shelf.objects[name] = case.shelf.objects[name].ljust(BLOCK + 1, b"\0")[:length]
    with pytest.raises(IntegrityError, match=rf"block {place + 1} of 11 .* has {length} bytes instead of {BLOCK}"):
        case.fetch()
    assert not case.target.exists()


@pytest.mark.parametrize("more", [-1, 1])
def test_a_block_whose_size_nobody_tells(case: Case, more: int) -> None:
    """Missing and extra bytes are detected on arrival."""

    def chunked(handler: Any, content: bytes | None) -> bool:
        body = (content or b"")[:more] if more < 0 else (content or b"") + b"x"
        handler.send_response(200)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        return True

    case.shelf.once(blocks_of(case.box)[2], *[chunked] * 9)
    with pytest.raises((IntegrityError, ConnectionFailed), match=r"has more than|only 16383 of 16384"):
        case.fetch()


def test_a_block_that_is_missing(case: Case) -> None:
    """The manifest is read again; when it still lists the block, the checkpoint is damaged."""
    del case.shelf.objects[blocks_of(case.box)[7]]
    with pytest.raises(IntegrityError, match=r"block 8 of 11 .* is missing from the storage .* damaged"):
        case.fetch()
    assert sum(each.name == MANIFEST_NAME for each in case.shelf.asked) == 2
    assert not case.target.exists()


def test_no_manifest(case: Case) -> None:
    """The storage's error is reported, and no file remains."""
    case.shelf.objects.clear()
    with pytest.raises(TransferError, match=r"404 \(BlobNotFound\)"):
        case.fetch()
    assert left_over(case.target) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", "manifest.bcv: "), (b"<html>", "manifest.bcv: "), (bytes([0, 0, 0, 3]) + bytes(16), "version 3")],
)
def test_a_manifest_that_is_none(case: Case, content: bytes, text: str) -> None:
    """The error describes the problem."""
    case.shelf.objects[MANIFEST_NAME] = content
    with pytest.raises(IntegrityError, match=text):
        case.fetch()


def test_a_manifest_that_was_changed_on_the_way(case: Case) -> None:
    """The storage sends its MD5."""
    case.shelf.once(MANIFEST_NAME, flipped)
    case.fetch()
    assert_right(case.target, case.database)


def test_a_manifest_that_arrives_slowly(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read completely, however long that takes."""
    monkeypatch.setattr(wire, "_MAX_READ_SECONDS", 0.0)

    def slowly(handler: BaseHTTPRequestHandler, content: bytes | None) -> bool:
        content = content or b""
        handler.send_response(200)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        for half in (content[:200], content[200:]):
            handler.wfile.write(half)
            time.sleep(0.2)
        return True

    case.shelf.once(MANIFEST_NAME, slowly, slowly)
    case.fetch()
    assert_right(case.target, case.database)


def test_a_database_that_is_not_there(case: Case) -> None:
    """The error lists the available ones."""
    with pytest.raises(IntegrityError, match=r"no database named 'other\.bim'; available: 'BASELINE\.bim'"):
        case.fetch(container=case.shelf.container(database="other.bim"))


def test_what_is_no_database(make: MakeTransfers, tmp_path: Path, database: Path, target: Path) -> None:
    """The first block shows it, and the others are not downloaded."""
    box = put_into(tmp_path / "box", {NAME: database}, id_size=16)
    with shelved(box) as shelf:
        first = blocks_of(box)[0]
        for wrong in (b"no database".ljust(BLOCK, b"\0"), shelf.objects[first][:28] + bytes(BLOCK - 28)):
            shelf.objects[first] = wrong
            shelf.asked.clear()
            with pytest.raises(IntegrityError, match=NAME):
                make().assemble(BlocksItem(target=target, container=shelf.container()))
            assert shelf.count() <= 1
            assert not target.exists()


# Access that ends.


def test_access_that_ends_half_way(case: Case) -> None:
    """A new credential is requested once; downloaded blocks are kept."""
    case.shelf.tokens = {"sig=first"}
    case.shelf.once(blocks_of(case.box)[5], doing(lambda: setattr(case.shelf, "tokens", {"sig=second"})))
    asked: list[str] = []

    def fresh() -> Container:
        asked.append("fresh")
        return case.shelf.container("sig=second")

    done = case.fetch(container=case.shelf.container("sig=first"), fresh_container=fresh)
    assert_right(case.target, case.database)
    assert (len(asked), done.fetched) == (1, 11)
    allowed = [each for each in case.shelf.asked if each.query == "sig=first" and each.name != MANIFEST_NAME]
    assert len(allowed) >= 5
    assert case.shelf.count() < 11 + 6


def test_access_is_replaced_before_it_ends(case: Case) -> None:
    """No request is sent with an expired token; a wrong clock does not cause repeated requests."""
    case.shelf.tokens = {"sig=second"}
    over = datetime.now(UTC) - timedelta(hours=1)
    asked: list[str] = []

    def fresh() -> Container:
        asked.append("fresh")
        return case.shelf.container("sig=second", end=over)

    old = case.shelf.container("sig=first", end=over)
    case.fetch(container=old, fresh_container=fresh, obtained=time.monotonic() - 3600)
    assert_right(case.target, case.database)
    assert len(asked) == 1
    assert {each.query for each in case.shelf.asked} == {"sig=second"}


def test_access_that_is_refused(case: Case) -> None:
    """Two attempts are enough if no credential is pending."""
    case = evolve(case, make=partial(case.make, link_patience=0.0))
    case.shelf.tokens = set()
    with pytest.raises(LinkExpired, match="403"):
        case.fetch()
    with pytest.raises(LinkExpired, match="403") as failed:
        case.fetch(fresh_container=case.shelf.container)
    assert SECRET not in "".join(traceback.format_exception(failed.value))
    assert left_over(case.target) == []
    assert len(case.shelf.asked) == 3


def test_a_bearer_goes_with_each_request(case: Case) -> None:
    """This is the authorization of Google."""
    case.fetch(container=case.shelf.container("", headers={"authorization": "Bearer x"}))
    assert_right(case.target, case.database)
    assert {(each.query, each.authorization) for each in case.shelf.asked} == {("", "Bearer x")}


def test_the_log_holds_no_secret(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    """Neither query strings nor headers with secrets are logged."""
    case.shelf.once(blocks_of(case.box)[1], saying(500))
    container = case.shelf.container(headers={"authorization": "Bearer dG9rZW4"})
    with caplog.at_level(logging.DEBUG):
        case.fetch(container=container)
    told = "\n".join(each.getMessage() for each in caplog.records) + repr(container)
    assert "attempt 1 failed" in told
    assert SECRET not in told
    assert "dG9rZW4" not in told


# A manifest that changes.


@pytest.mark.parametrize("parallelism", [1, 8])
def test_the_database_is_replaced_meanwhile(case: Case, parallelism: int) -> None:
    """Its blocks are replaced: the new database is downloaded, and equal blocks are kept."""
    change = "UPDATE element SET content = randomblob(4000) WHERE id = 38"
    newer = change_database(case.database, case.folder / "newer.bim", change)
    names, other = blocks_of(case.box), case.folder / "other"
    for path in [path for path in case.box.iterdir() if path.name != MANIFEST_NAME]:
        other.mkdir(exist_ok=True)
        (other / path.name).write_bytes(path.read_bytes())
    (other / MANIFEST_NAME).write_bytes((case.box / MANIFEST_NAME).read_bytes())
    put_into(other, {"newer.bim": newer}, id_size=case.id_size)
    kept = blocks_of(other, "newer.bim")
    gone = [name for name in names if name not in kept]
    assert 0 < len(gone) < len(names)
    before = names[: names.index(gone[-1])]
    assert len(before) > 8  # so that some are there when it is asked for

    def replace() -> None:
        manifest = (other / MANIFEST_NAME).read_bytes()
        case.shelf.fill(other)
        first = manifest.replace(NAME.encode(), b"GONELINE.bim").replace(b"newer.bim\0\0\0", NAME.encode())
        case.shelf.objects[MANIFEST_NAME] = first
        for name in gone:
            del case.shelf.objects[name]

    case.shelf.once(gone[-1], doing(replace))
    told: list[tuple[int, int | None]] = []
    item = BlocksItem(target=case.target, container=case.shelf.container())
    transfers = case.make(block_parallelism=parallelism)
    done = transfers.assemble(item, progress=lambda *at: told.append(at))
    assert_right(case.target, newer)
    assert 1 <= done.reused <= len(set(kept) & set(before))
    assert parallelism > 1 or done.reused == len(set(kept) & set(before))
    assert told == sorted(told)
    assert told[-1] == (newer.stat().st_size,) * 2


def test_a_manifest_that_changes_again_and_again(case: Case) -> None:
    """There is an end to it."""
    manifest, first = case.shelf.objects[MANIFEST_NAME], blocks_of(case.box)[0]
    seen = [0]

    def another() -> None:
        seen[0] += 1
        new = seen[0].to_bytes(len(first) // 2 - 2)
        case.shelf.objects[MANIFEST_NAME] = manifest.replace(bytes.fromhex(first[:-4]), new)

    case.shelf.once(MANIFEST_NAME, *[doing(another)] * 50)
    with pytest.raises(IntegrityError, match="keeps changing"):
        case.fetch()
    assert left_over(case.target) == []


# Interruptions.


def interrupted(case: Case, at: int, **facts: Any) -> None:
    """Start a download, and end it after a number of blocks."""

    def progress(done: int, _: int | None) -> None:
        if done >= at:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        case.fetch(progress=progress, **facts)
    case.shelf.asked.clear()


def test_the_next_one_goes_on(case: Case) -> None:
    """What has arrived is not fetched again, and counts at once."""
    interrupted(case, 9 * BLOCK)
    assert left_over(case.target) == ["target.bim.part", "target.bim.part.blocks"]
    told: list[int] = []
    done = case.fetch(progress=lambda at, _: told.append(at))
    assert_right(case.target, case.database)
    assert done.reused >= 4
    assert done.fetched + done.reused == 11
    assert case.shelf.count() <= done.fetched + 4  # some of the first try may have been counted late
    assert told == sorted(told)


def test_what_is_left_is_proven(case: Case) -> None:
    """Notes are not trusted: a block that does not match them is downloaded."""
    interrupted(case, 6 * BLOCK)
    part, notes = case.target.with_name("target.bim.part"), case.target.with_name("target.bim.part.blocks")
    part.write_bytes(bytes(len(part.read_bytes())))
    done = case.fetch()
    assert_right(case.target, case.database)
    assert (done.fetched, done.reused) == (11, 0)
    case.target.unlink()
    for spoilt in ("", "spoilt", '{"format": 2}', notes_of(case.box)[:-20]):
        part.write_bytes(case.database.read_bytes()[: 5 * BLOCK])
        notes.write_text(spoilt)
        case.fetch()
        assert_right(case.target, case.database)
        case.target.unlink()


def notes_of(box: Path) -> str:
    """Return notes that list every block as downloaded."""
    lines = [f"{place} {name[:-4]} {'0' * 32}\n" for place, name in enumerate(blocks_of(box))]
    return '{"format": 1, "block_size": 16384, "origin": ""}\n' + "".join(lines)


def test_a_wrong_beginning_is_not_kept(make: MakeTransfers, tmp_path: Path, database: Path, target: Path) -> None:
    """The next call downloads the first block again, although nothing tells its MD5."""
    box = put_into(tmp_path / "random", {NAME: database}, id_size=16)
    with shelved(box) as shelf:
        shelf.tells_md5 = False
        first = blocks_of(box)[0]
        right = shelf.objects[first]
        shelf.objects[first] = right[:28] + bytes([0, 0, 0, 1]) + right[32:]
        with pytest.raises(IntegrityError, match="does not match 11 blocks"):
            make().assemble(BlocksItem(target=target, container=shelf.container()))
        assert left_over(target) == []
        shelf.objects[first] = right
        make().assemble(BlocksItem(target=target, container=shelf.container()))
    assert_right(target, database)


def test_between_the_last_block_and_the_name(case: Case) -> None:
    """Only a block whose end was cut off with the file is downloaded, unless it was empty."""

    def check(_: Path) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        case.fetch(check=check)
    case.shelf.asked.clear()
    assert case.fetch().received == 0
    assert_right(case.target, case.database)


def test_one_file_after_blocks_and_blocks_after_one_file(case: Case) -> None:
    """They share the name of the part file, but never use the content of the other kind."""
    case.shelf.objects["whole.bim"] = os.urandom(3 << 20)
    link = StorageLink(href=f"{case.shelf.address}/whole.bim?sig=x", storage_type="azure")

    def enough(done: int, _: int | None) -> None:
        if done > 1 << 20:
            raise LookupError

    case.shelf.once("whole.bim", lambda handler, content: send(handler, 200, content or b"", etag='"1"') or True)
    with pytest.raises(LookupError):
        case.make().download(DownloadItem(target=case.target, link=link), progress=enough)
    assert "target.bim.part.json" in left_over(case.target)
    interrupted(case, 4 * BLOCK)
    assert left_over(case.target) == ["target.bim.part", "target.bim.part.blocks"]
    case.make().download(DownloadItem(target=case.target, link=link))
    assert case.target.read_bytes() == case.shelf.objects["whole.bim"]
    assert left_over(case.target) == ["target.bim"]
    interrupted(case, 4 * BLOCK)
    case.fetch()
    assert_right(case.target, case.database)


def test_cancelling_does_not_wait_for_the_storage(
    make: MakeTransfers, shelf: Shelf, box: Path, target: Path, database: Path
) -> None:
    """However long it keeps silent; what has arrived is kept."""
    over, cancelled = threading.Event(), list[float]()
    shelf.once(blocks_of(box)[4], doing(lambda: over.wait(60)))
    cancellation = Cancellation()

    def progress(done: int, _: int | None) -> None:
        if done >= database.stat().st_size - BLOCK and not cancelled:
            cancelled.append(time.monotonic())
            threading.Timer(0.1, cancellation.cancel).start()

    item = BlocksItem(target=target, container=shelf.container())
    try:
        with pytest.raises(Cancelled):
            Runner(cancellation).run(make().assemble, item, progress=progress)
        assert time.monotonic() - cancelled[0] < 20  # it would be 30 s, the idle timeout
    finally:
        over.set()
    assert make().assemble(item).reused == 10
    assert target.read_bytes() == database.read_bytes()


@pytest.mark.thorough
def test_checking_can_be_ended(tmp_path: Path) -> None:
    """SQLite looks up now and then."""
    path = make_database(tmp_path / "large.bim", rows=20_000)
    cancellation = Cancellation()
    quick_check(path, cancellation)
    threading.Timer(0.005, cancellation.cancel).start()
    with pytest.raises(Cancelled):
        deque((quick_check(path, cancellation) for _ in range(1000)), maxlen=0)


# The disk.


def test_a_folder_that_is_a_file(case: Case) -> None:
    """Failures of the disk are reported."""
    (case.folder / "file").write_bytes(b"")
    with pytest.raises(TransferError, match="cannot be opened: Not a directory"):
        case.fetch(target=case.folder / "file" / "target.bim")


def test_a_database_for_which_there_is_no_room(make: MakeTransfers, target: Path) -> None:
    """The error is raised before anything is downloaded."""
    count, block_size, name = 1 << 20, 64 << 20, NAME.encode()
    ids = os.urandom(16) * count
    head = struct.pack(">6I", 4, block_size, 1, 0, 16, 1) + struct.pack(">6I128s", 1, 0, 1, 176, count, 0, name)
    with shelved() as shelf:
        shelf.objects[MANIFEST_NAME] = head + ids
        with pytest.raises(TransferError, match="not enough free disk space"):
            make().assemble(BlocksItem(target=target, container=shelf.container()))
        assert shelf.count() == 0
    assert left_over(target) == []


# Updates.


@pytest.fixture
def newer(tmp_path: Path, database: Path, box: Path, shelf: Shelf) -> Path:
    """A changed database, which is in the container, too."""
    path = change_database(database, tmp_path / "newer.bim")
    put_into(box, {"newer.bim": path})
    shelf.fill(box)
    return path


def differing(box: Path) -> int:
    """How many blocks of the two databases are not the same."""
    return len(set(blocks_of(box, "newer.bim")) - set(blocks_of(box)))


def older(case: Case) -> Path:
    """Download the older database with the list of its blocks."""
    old = case.folder / "old.bim"
    case.fetch(target=old, list_file=case.folder / "old.bim.blocks")
    case.shelf.asked.clear()
    return old


@pytest.mark.parametrize("in_place", [False, True])
def test_only_what_differs_is_fetched(case: Case, newer: Path, *, in_place: bool) -> None:
    """This uses the stored list. The result is the same file, and the older one is unchanged until then."""
    old = older(case)
    before = old.read_bytes()
    final = old if in_place else case.target
    list_file = final.with_name(f"{final.name}.blocks")
    done = case.fetch(
        target=final,
        container=case.shelf.container(database="newer.bim"),
        old=old,
        old_list=case.folder / "old.bim.blocks",
        list_file=list_file,
    )
    assert final.read_bytes() == newer.read_bytes()
    assert (done.fetched, done.reused) == (differing(case.box), done.blocks - differing(case.box))
    assert case.shelf.count() == done.fetched < done.blocks
    assert in_place or old.read_bytes() == before
    notes = load_notes(list_file)
    assert notes is not None
    assert [note.id.hex().upper() + ".bcv" for _, note in sorted(notes.blocks.items())] == blocks_of(
        case.box, "newer.bim"
    )


def test_without_a_list_names_or_the_storage_tell(case: Case, newer: Path) -> None:
    """MD5s in the names, or those that the storage has; with neither, everything is fetched."""
    old = older(case)
    container = case.shelf.container(database="newer.bim")
    done = case.fetch(container=container, old=old)
    assert_right(case.target, newer)
    assert done.fetched == differing(case.box)
    assert case.shelf.count("HEAD") == (0 if case.id_size == 24 else done.blocks)
    case.shelf.tells_md5 = False
    case.shelf.asked.clear()
    done = case.fetch(container=container, old=old)
    assert_right(case.target, newer)
    assert done.fetched == (differing(case.box) if case.id_size == 24 else done.blocks)
    assert case.shelf.count("HEAD") <= 5


def test_an_older_one_that_was_changed(case: Case, newer: Path) -> None:
    """Blocks that were changed, cut off or are of another file are not reused."""
    old = older(case)
    content = old.read_bytes()
    options = {
        "container": case.shelf.container(database="newer.bim"),
        "old": old,
        "old_list": case.folder / "old.bim.blocks",
    }
    kept = len(blocks_of(case.box, "newer.bim")) - differing(case.box)
    last_is_kept = blocks_of(case.box)[-1] == blocks_of(case.box, "newer.bim")[-1]
    spoilt = bytearray(content)
    spoilt[9 * BLOCK + 7] ^= 1
    for wrong, lost in (
        (bytes(spoilt), 1),
        (content[: -BLOCK // 2], 1 if last_is_kept else 0),
        (content[:BLOCK], kept),
        (b"SQLite format 3\0", kept),
        (os.urandom(len(content)), kept),
        (content + os.urandom(99_999), 0),
    ):
        old.write_bytes(wrong)
        done = case.fetch(**options)
        assert_right(case.target, newer)
        assert done.reused in {kept - lost, kept - lost - 1}
        assert old.read_bytes() == wrong


def test_a_list_that_lies(case: Case, newer: Path) -> None:
    """The result is correct, but takes longer."""
    old = older(case)
    other = case.folder / "list"
    for text in ("", "spoilt", notes_of(case.box)):
        other.write_text(text)
        case.fetch(container=case.shelf.container(database="newer.bim"), old=old, old_list=other)
        assert_right(case.target, newer)


def test_an_update_goes_on(case: Case, newer: Path) -> None:
    """What was fetched is not fetched again, although the older case.database would not have it."""
    old = older(case)
    change_database(case.database, newer, "UPDATE element SET content = randomblob(4000)")
    put_into(case.box, {"all.bim": newer})
    case.shelf.fill(case.box)
    options = {
        "container": case.shelf.container(database="all.bim"),
        "old": old,
        "old_list": case.folder / "old.bim.blocks",
    }
    interrupted(case, 5 * BLOCK, **options)
    done = case.fetch(**options)
    assert_right(case.target, newer)
    assert done.reused >= 1
    assert done.fetched < done.blocks


@pytest.mark.parametrize(
    "statements",
    [
        ("DELETE FROM element WHERE id > 10", "VACUUM"),
        ("INSERT INTO element SELECT id + 100, randomblob(4000) FROM element",),
        (),
    ],
    ids=["smaller", "larger", "same"],
)
def test_databases_of_another_size(case: Case, statements: tuple[str, ...]) -> None:
    """The other database is smaller, larger or equal; an equal one is not downloaded."""
    old = older(case)
    newer = change_database(case.database, case.folder / "newer.bim", *(statements or ("SELECT 1",)))
    put_into(case.box, {"newer.bim": newer})
    case.shelf.fill(case.box)
    done = case.fetch(
        container=case.shelf.container(database="newer.bim"), old=old, old_list=case.folder / "old.bim.blocks"
    )
    assert_right(case.target, newer)
    assert statements or (done.fetched, done.received) == (0, 0)


def test_a_tail_that_is_not_empty(make: MakeTransfers, tmp_path: Path, target: Path, id_size: int) -> None:
    """A shrunk database leaves old bytes in its last block, which a larger one may need."""
    large = make_database(tmp_path / "large.bim", rows=12)
    small = change_database(large, tmp_path / "small.bim", "DELETE FROM element WHERE id > 7", "VACUUM")
    small.write_bytes(small.read_bytes())
    box = put_into(tmp_path / "box", {NAME: small}, id_size=id_size)
    name = blocks_of(box)[-1]
    rest = small.stat().st_size % BLOCK
    assert rest
    with shelved(box) as shelf:
        shelf.objects[name] = shelf.objects[name][:rest] + os.urandom(BLOCK - rest)
        if id_size == 24:
            new = hashlib.md5(shelf.objects[name], usedforsecurity=False).digest() + bytes(8)
            shelf.objects[MANIFEST_NAME] = shelf.objects[MANIFEST_NAME].replace(bytes.fromhex(name[:-4]), new)
            shelf.objects[f"{new.hex().upper()}.bcv"] = shelf.objects[name]
        old = tmp_path / "old.bim"
        list_file = tmp_path / "old.bim.blocks"
        make().assemble(BlocksItem(target=old, container=shelf.container(), list_file=list_file))
        assert old.read_bytes() == small.read_bytes()
        shelf.asked.clear()
        item = BlocksItem(target=target, container=shelf.container(), old=old, old_list=list_file)
        done = make().assemble(item)
        assert_right(target, small)
        assert done.fetched == 1
