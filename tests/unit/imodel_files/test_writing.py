"""Written files: laid out like those of the native library, complete or absent."""

import lzma
import os
import random
import stat
from pathlib import Path

import pytest

from imodel_files.changesets import (
    ChangesetFileError,
    Limits,
    MalformedSessionError,
    PrefixTooLargeError,
    SessionLimitError,
    compute_changeset_id,
    inspect_changeset,
    iter_changes,
    write_changeset,
)
from tests.unit.imodel_files.making import ID, INSERT, MIB, fields, header, payload, table, unpacked

SOURCE = random.Random(5)  # noqa: S311 - the same on every run
BODY = table("t", 2) + b"".join(INSERT + fields(number, SOURCE.randbytes(50)) for number in range(5_000))


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(each.name for each in folder.iterdir())


def chunks(file: bytes) -> list[tuple[int, int]]:
    """Control byte and unpacked size of each chunk of a file's stream."""
    found = []
    at = 23
    while control := file[at]:
        size = int.from_bytes(file[at + 1 : at + 3], "big") + 1
        if control < 0x80:
            at += 3 + size
        else:
            size += (control & 0x1F) << 16
            at += 5 + (control >= 0xC0) + int.from_bytes(file[at + 3 : at + 5], "big") + 1
        found.append((control, size))
    assert at == len(file) - 1
    return found


def test_a_file_is_laid_out_in_pages(tmp_path: Path) -> None:
    """A file has its length, a prefix, and independent pages of 64 KiB, each with a full reset."""
    path = tmp_path / "made.cs"
    write_changeset(path, BODY, parent_id=ID, ddl="CREATE TABLE a(b)")
    file = path.read_bytes()
    assert file[:23] == header() + b"\x18"
    prefix = b'{"ContainsSchemaChanges":true,"DDL":"CREATE TABLE a(b)"}\0'
    assert file[23:30] == b"\x01\x00\x03" + len(prefix).to_bytes(4, "big")
    assert unpacked(file) == payload(BODY, prefix)
    sizes = [size for _, size in chunks(file)]
    pages = [min(65_536, len(BODY) - at) for at in range(0, len(BODY), 65_536)]
    assert sizes == [4, len(prefix), *pages]
    assert all(control == 1 or control >= 0xE0 for control, _ in chunks(file))


def test_a_plain_decoder_takes_it_piece_by_piece(tmp_path: Path) -> None:
    """A dictionary of the size of a page is sufficient."""
    path = tmp_path / "made.cs"
    write_changeset(path, BODY, parent_id=ID)
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]
    decoder = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters)
    stream = path.read_bytes()[23:]
    assert b"".join(decoder.decompress(stream[at : at + 100]) for at in range(0, len(stream), 100)) == payload(BODY)
    assert decoder.eof
    assert decoder.unused_data == b""


def test_the_same_input_gives_the_same_file(tmp_path: Path) -> None:
    """The type of the input does not matter."""
    ids = {
        write_changeset(tmp_path / "a.cs", BODY, parent_id=ID),
        write_changeset(tmp_path / "b.cs", bytearray(BODY), parent_id=ID.upper()),
        write_changeset(str(tmp_path / "c.cs"), memoryview(BODY), parent_id=ID),
    }
    assert len(ids) == 1
    assert len({(tmp_path / name).read_bytes() for name in names(tmp_path)}) == 1
    assert compute_changeset_id(tmp_path / "a.cs", ID) == ids.pop()


def test_in_a_folder_it_is_named_by_its_id(tmp_path: Path) -> None:
    """This is the naming of changeset files."""
    changeset_id = write_changeset(tmp_path, BODY, parent_id=None)
    assert names(tmp_path) == [f"{changeset_id}.cs"]


def test_a_file_gets_the_permissions_of_a_new_file(tmp_path: Path) -> None:
    """The permissions are not those of a temporary file."""
    before = os.umask(0o027)
    try:
        write_changeset(tmp_path / "made.cs", b"", parent_id=None)
    finally:
        os.umask(before)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "made.cs").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("ddl", "flag", "schema", "text"),
    [
        (None, False, False, None),
        ("", False, False, None),
        (None, True, True, None),
        ("", True, True, None),
        ("a;b", False, True, "a;b"),
        ('"\u00fc"\n\0\\', True, True, '"\u00fc"\n\0\\'),
    ],
)
def test_a_schema_change_is_reported(
    ddl: str | None,
    flag: bool,  # noqa: FBT001 - a row of the table
    schema: object,
    text: str | None,
    tmp_path: Path,
) -> None:
    """The flag or DDL declares it; the text is unchanged after reading."""
    path = tmp_path / "made.cs"
    changeset_id = write_changeset(path, BODY, parent_id=ID, ddl=ddl, has_schema_changes=flag)
    summary = inspect_changeset(path)
    assert (summary.has_schema_changes, summary.ddl) == (schema, text)
    assert (changeset_id == write_changeset(path, BODY, parent_id=ID)) == (not schema)


def test_a_changeset_can_be_ddl_only(tmp_path: Path) -> None:
    """It has no changes, but an id."""
    path = tmp_path / "made.cs"
    assert write_changeset(path, b"", parent_id=None, ddl="CREATE TABLE a(b)") == compute_changeset_id(path, None)
    assert list(iter_changes(path)) == []


@pytest.mark.parametrize("body", [b"{", BODY[:-1], BODY + b"x", b"SQLite format 3\0"])
def test_what_is_no_changeset_is_not_written(body: bytes, tmp_path: Path) -> None:
    """An existing file is unchanged, and no other file is left."""
    path = tmp_path / "made.cs"
    path.write_bytes(b"older")
    with pytest.raises(MalformedSessionError) as caught:
        write_changeset(path, body, parent_id=None)
    assert caught.value.path == str(path)
    assert names(tmp_path) == ["made.cs"]
    assert path.read_bytes() == b"older"


def test_large_rows_are_written(tmp_path: Path) -> None:
    """They are pushed like others, and readers accept them with a larger limit."""
    row = table("t", 2) + INSERT + fields(1, bytes(101))
    write_changeset(tmp_path / "made.cs", row, parent_id=None, limits=Limits(values=100))
    with pytest.raises(SessionLimitError, match="values of a row exceed 100 bytes"):
        list(iter_changes(tmp_path / "made.cs", limits=Limits(values=100)))
    (change,) = iter_changes(tmp_path / "made.cs", limits=Limits(values=200))
    assert change.new == (1, bytes(101))


def test_what_no_reader_would_take_is_not_written(tmp_path: Path) -> None:
    """The limits apply to writing, too."""
    with pytest.raises(PrefixTooLargeError):
        write_changeset(tmp_path / "made.cs", b"", parent_id=None, ddl="x" * MIB)
    with pytest.raises(SessionLimitError):
        write_changeset(tmp_path / "made.cs", table("a", 1) + table("b", 1), parent_id=None, limits=Limits(tables=1))
    with pytest.raises(ValueError, match="surrogates") as caught:
        write_changeset(tmp_path / "made.cs", b"", parent_id=None, ddl="\ud800")
    assert not isinstance(caught.value, ChangesetFileError)
    assert names(tmp_path) == []


def test_the_most_regular_content_stays_within_the_limits(tmp_path: Path) -> None:
    """Pages keep a file from unpacking to a thousand times its size."""
    body = table("t", 1) + (INSERT + fields(bytes(16 * MIB))) * 5
    write_changeset(tmp_path / "made.cs", body, parent_id=None)
    assert (tmp_path / "made.cs").stat().st_size * 1000 > len(body) > 64 * MIB
    assert inspect_changeset(tmp_path / "made.cs").total == 5


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This includes failures while the file is written or renamed."""

    def no_space(*_: object, **__: object) -> bytes:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(lzma, "compress", no_space)
        with pytest.raises(OSError, match="No space"):
            write_changeset(tmp_path / "made.cs", BODY, parent_id=None)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", no_space)
        with pytest.raises(OSError, match="No space"):
            write_changeset(tmp_path / "made.cs", BODY, parent_id=None)
    assert names(tmp_path) == []
