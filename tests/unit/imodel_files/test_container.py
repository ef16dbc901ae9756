"""Header, compressed stream and prefix: rejected files, and the place of the error."""

import lzma
import os
import pickle
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imodel_files.changesets import (
    ChangesetFileError,
    ChangesetIdMismatchError,
    CorruptStreamError,
    DictionaryTooLargeError,
    Limits,
    MalformedPrefixError,
    NotAChangesetFileError,
    OutputLimitError,
    PrefixTooLargeError,
    TrailingBytesError,
    TruncatedFileError,
    UnsupportedVersionError,
    compute_changeset_id,
    inspect_changeset,
    iter_changes,
    verify_changeset,
    write_changeset,
)
from tests.unit.imodel_files.making import (
    ID,
    INSERT,
    MIB,
    OTHER_ID,
    changeset_file,
    compressed,
    fields,
    header,
    payload,
    table,
    varint,
    with_body,
    write_file,
)

BODY = table("t", 2) + INSERT + fields(1, "one") + INSERT + fields(2, b"two")
if TYPE_CHECKING:
    from collections.abc import Callable

READ = 1 << 16
"""How much of a file is read at once, after its header."""
STREAM = b"\x18" + compressed(payload(BODY))


def refused(path: Path, kind: type[ChangesetFileError], limits: Limits | None = None) -> ChangesetFileError:
    """Check that each function rejects a file with the same error, which names the file."""
    limits = limits or Limits()
    errors = []
    for read in (
        lambda: compute_changeset_id(path, None, limits=limits),
        lambda: inspect_changeset(path, limits=limits),
        lambda: list(iter_changes(path, limits=limits)),
        lambda: verify_changeset(path, id=ID, parent_id="", limits=limits),
    ):
        with pytest.raises(ChangesetFileError) as caught:
            read()
        errors.append(caught.value)
    assert {type(error) for error in errors} == {kind}
    assert len({error.offset for error in errors}) == 1
    assert errors[0].path == str(path)
    assert str(path) in str(errors[0])
    return errors[0]


@pytest.mark.parametrize(
    ("start", "kind", "offset"),
    [
        (header(size=26, marker=b"AppModelChangese"[:15]), NotAChangesetFileError, 0),
        (header(marker=b"ChangeSet"), NotAChangesetFileError, 2),
        (header(marker=b"ChangeSetLzmaX"), NotAChangesetFileError, 2),
        (b"SQLite format 3\0".ljust(22, b"\0"), NotAChangesetFileError, 0),
        (header(version=17), UnsupportedVersionError, 18),
        (header(version=0), UnsupportedVersionError, 18),
        (header(compression=1), UnsupportedVersionError, 20),
        (header(compression=3), UnsupportedVersionError, 20),
    ],
)
def test_another_header_is_refused(start: bytes, kind: type[ChangesetFileError], offset: int, tmp_path: Path) -> None:
    """Length, marker, version and compression must be the supported ones."""
    assert refused(write_file(tmp_path, start + STREAM), kind).offset == offset


def test_what_the_native_reader_does_not_look_at_is_free(tmp_path: Path) -> None:
    """Only the marker up to its first NUL counts."""
    start = bytearray(header())
    start[16:18] = b"xy"
    path = write_file(tmp_path, bytes(start) + STREAM)
    assert compute_changeset_id(path, None) == compute_changeset_id(with_body(tmp_path, BODY), None)


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    """A file that is truncated anywhere is rejected, with the place of the end."""
    whole = header() + STREAM
    for size in range(len(whole)):
        error = refused(write_file(tmp_path, whole[:size]), TruncatedFileError)
        assert error.offset == size


def test_bytes_at_the_end_are_noticed(tmp_path: Path) -> None:
    """No bytes may follow the stream, in the same piece of input or the next one."""
    whole = header() + STREAM
    for more in (b"\0", b"x", bytes(3 * MIB)):
        assert refused(write_file(tmp_path, whole + more), TrailingBytesError).offset == len(whole)
    start = payload(table("t", 1) + INSERT)
    size = READ - 4 - len(start) - 4
    content = start + b"\x04" + varint(size) + bytes(size)
    stored = header() + b"\x18\x01" + struct.pack(">H", len(content) - 1) + content + b"\0"
    assert len(stored) == 23 + READ
    assert inspect_changeset(write_file(tmp_path, stored)).total == 1
    assert refused(write_file(tmp_path, stored + b"x"), TrailingBytesError).offset == len(stored)


def test_damage_is_placed_in_its_chunk(tmp_path: Path) -> None:
    """The error has the start of the damaged chunk."""
    first = compressed(payload(BODY)).removesuffix(b"\0")
    second = compressed(bytes(range(256)) * 8)
    at = 23 + len(first)
    broken = bytearray(second)
    broken[6:40] = b"\xff" * 34
    path = write_file(tmp_path, header() + b"\x18" + first + bytes(broken))
    assert refused(path, CorruptStreamError).offset == at
    path = write_file(tmp_path, header() + b"\x18" + first + b"\x03" + second)
    assert refused(path, CorruptStreamError).offset == at
    path = write_file(tmp_path, header() + b"\x18" + b"\x02" + STREAM[2:])
    assert refused(path, CorruptStreamError).offset == 23


@pytest.mark.parametrize("code", [0x19, 0x1C, 0x27, 40])
def test_a_large_dictionary_is_refused(code: int, tmp_path: Path) -> None:
    """More than 16 MiB must be permitted by a limit; 64 MiB are accepted then."""
    path = write_file(tmp_path, changeset_file(payload(BODY), dictionary=code))
    error = refused(path, DictionaryTooLargeError)
    assert error.offset == 22
    assert "16777216" in str(error)
    if code == 0x1C:
        assert compute_changeset_id(path, None, limits=Limits(dictionary=64 * MIB))


@pytest.mark.parametrize("code", [41, 0x80, 0xFF])
def test_a_dictionary_byte_without_meaning_is_refused(code: int, tmp_path: Path) -> None:
    """Sizes end at 40."""
    path = write_file(tmp_path, changeset_file(payload(BODY), dictionary=code))
    assert refused(path, CorruptStreamError).offset == 22


@pytest.mark.parametrize("code", [0, 1, 0x0C, 0x17, 0x18])
def test_smaller_dictionaries_are_taken(code: int, tmp_path: Path) -> None:
    """The dictionary size does not affect the id."""
    path = write_file(tmp_path, changeset_file(payload(BODY), dictionary=code))
    assert inspect_changeset(path).total == 2


def test_any_layout_of_pages_is_read(tmp_path: Path) -> None:
    """One chunk, a chunk per byte and split lengths have the same content."""
    content = payload(BODY, b'{"ContainsSchemaChanges":true}\0')
    expected = compute_changeset_id(write_file(tmp_path, changeset_file(content)), ID)
    for size in (1, 2, 3, 5, 7, 30, 50, 1000):
        pages = [content[at : at + size] for at in range(0, len(content), size)]
        stream = b"".join(compressed(page).removesuffix(b"\0") for page in pages) + b"\0"
        path = write_file(tmp_path, header() + b"\x18" + stream)
        assert compute_changeset_id(path, ID) == expected
        assert inspect_changeset(path).total == 2


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """A file that decompresses to more than a thousand times its size is rejected by default."""
    compressor = lzma.LZMACompressor(
        format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 16 * MIB}]
    )
    pieces = [payload(table("t", 1)), *([INSERT + b"\x04" + varint(MIB) + bytes(MIB)] * 192)]
    stream = b"".join(map(compressor.compress, pieces)) + compressor.flush()
    path = write_file(tmp_path, header() + b"\x18" + stream)
    assert "1000 times" in str(refused(path, OutputLimitError))
    assert len(compute_changeset_id(path, None, limits=Limits(ratio=10_000))) == 40


def test_the_output_is_limited(tmp_path: Path) -> None:
    """No more bytes than the limit are returned."""
    path = with_body(tmp_path, table("t", 1) + INSERT + fields(b"x" * 10_000))
    error = refused(path, OutputLimitError, Limits(output=10_000))
    assert (error.offset, error.place) == (10_000, "payload")
    assert inspect_changeset(path, limits=Limits(output=10_100)).total == 1


def test_a_large_prefix_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """The length alone is enough; the limit can be raised."""
    path = write_file(tmp_path, changeset_file(b"\xff\xff\xff\xff"))
    assert refused(path, PrefixTooLargeError).offset == 0
    prefix = b'{"ContainsSchemaChanges":true,"DDL":"' + b"x" * MIB + b'"}\0'
    path = with_body(tmp_path, BODY, prefix)
    refused(path, PrefixTooLargeError)
    assert len(inspect_changeset(path, limits=Limits(prefix=2 * MIB)).ddl or "") == MIB


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\0\0", b"\0\0\0\x05{}", b"\0\0\0\x01"])
def test_content_that_ends_in_its_prefix_is_refused(content: bytes, tmp_path: Path) -> None:
    """The stream is whole, but there is not enough in it."""
    error = refused(write_file(tmp_path, changeset_file(content)), MalformedPrefixError)
    assert (error.offset, error.place) == (len(content), "payload")


@pytest.mark.parametrize(
    "prefix",
    [
        b"x\0",
        b"[]\0",
        b"true\0",
        b'"DDL"\0',
        b"{\0",
        b'{"DDL":\0',
        b'{"DDL"}\0',
        b'{"DDL":"a",}\0',
        b'{"DDL":"a"}}\0',
        b'{"DDL":"a"} x\0',
        b'{"DDL":"a" "b":1}\0',
        b'{"DDL":1}\0',
        b'{"DDL":["a"]}\0',
        b'{"other":{"a":1}}\0',
        b'{"ContainsSchemaChanges":1}\0',
        b'{"ContainsSchemaChanges":null}\0',
        b'{"DDL":"a","DDL":"b"}\0',
        b"{1:2}\0",
        b'{"DDL":"\xff"}\0',
        b'{"n":' + b"9" * 5000 + b"}\0",
        b"[" * 100_000 + b"\0",
    ],
)
def test_a_prefix_that_cannot_be_read_is_refused(prefix: bytes, tmp_path: Path) -> None:
    """The error is raised if its content is required; the id does not depend on it."""
    path = with_body(tmp_path, BODY, prefix)
    with pytest.raises(MalformedPrefixError) as caught:
        inspect_changeset(path)
    assert caught.value.offset == 4
    assert len(compute_changeset_id(path, None)) == 40


@pytest.mark.parametrize(
    ("prefix", "schema", "ddl"),
    [
        (b"", False, None),
        (b"\0", False, None),
        (b"\0{]", False, None),
        (b"{}\0", False, None),
        (b'{"ContainsSchemaChanges":true}\0', True, None),
        (b'{"ContainsSchemaChanges":true}', True, None),
        (b' { "DDL" : "a;b" ,\n"ContainsSchemaChanges" : true , "more" : null } \n\0', True, "a;b"),
        ('{"ContainsSchemaChanges":true,"DDL":"\u00e4\\n\\u00e4"}\0rest'.encode(), True, "\u00e4\n\u00e4"),
        (b'{"ContainsSchemaChanges":false,"more":1.5}\0', False, None),
    ],
)
def test_a_prefix_is_read_up_to_its_first_nul(prefix: bytes, schema: object, ddl: str | None, tmp_path: Path) -> None:
    """Members may be missing, in any order, and more of them."""
    summary = inspect_changeset(with_body(tmp_path, BODY, prefix))
    assert (summary.has_schema_changes, summary.ddl, summary.prefix_size) == (schema, ddl, len(prefix))
    assert summary.containing_changes == (1 if schema else None)
    assert summary.total == 2


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    """The error is an OSError, not one about an invalid file."""
    with pytest.raises(FileNotFoundError):
        compute_changeset_id(tmp_path / "none.cs", None)
    with pytest.raises(OSError, match=r"directory|denied"):
        inspect_changeset(tmp_path)


def test_errors_survive_a_process_pool() -> None:
    """Each error can be pickled without loss."""
    for error in (
        TruncatedFileError("a.cs", "it ends", 7),
        MalformedPrefixError("a.cs", "it is odd", 4),
        ChangesetIdMismatchError("a.cs", ID, OTHER_ID),
    ):
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
        assert isinstance(copy, ValueError)


def test_the_place_is_reported_in_words() -> None:
    """Offsets of the file and of the decompressed content are distinguished."""
    assert str(TruncatedFileError("a.cs", "it ends", 7)) == "a.cs: it ends (byte 7 of the file)"
    assert str(MalformedPrefixError("a.cs", "it is odd", 4)) == "a.cs: it is odd (byte 4 of the payload)"
    mismatch = ChangesetIdMismatchError("a.cs", ID, OTHER_ID)
    assert ID in str(mismatch)
    assert OTHER_ID in str(mismatch)


def test_a_python_without_lzma_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the missing module, for reading and for writing."""
    path = with_body(tmp_path, BODY)
    monkeypatch.setitem(sys.modules, "lzma", None)
    uses: list[Callable[[], object]] = [
        lambda: compute_changeset_id(path, None),
        lambda: write_changeset(tmp_path, BODY, parent_id=None),
    ]
    for use in uses:
        with pytest.raises(ImportError, match="_lzma"):
            use()
    assert os.listdir(tmp_path) == ["file.cs"]  # noqa: PTH208 - names are what is compared
