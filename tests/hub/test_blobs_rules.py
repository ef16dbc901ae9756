"""The rules for the storage protocols, without a server."""

from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels_hub.blobs.folder.records import BlobInfo, Block, dump_blocks, dump_info, load_blocks, load_info
from itwin_imodels_hub.blobs.served import azure_rules
from itwin_imodels_hub.blobs.served.checksums import check_block_id, parse_md5
from itwin_imodels_hub.blobs.served.conditions import Outcome, judge
from itwin_imodels_hub.blobs.served.markup import MarkupError, block_list, parse_block_list, text
from itwin_imodels_hub.blobs.served.ranges import ByteRange, UnsatisfiableError, parse_range
from itwin_imodels_hub.blobs.served.refusals import Refusal

INFO = BlobInfo(
    version="v",
    size=10,
    etag='"0x1"',
    content_md5=None,
    content_type="text/plain",
    last_modified=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
)
BEFORE, SAME, AFTER = (f"Wed, 04 Mar 2026 05:06:0{second} GMT" for second in (6, 7, 8))
GO, OLD, NO, THERE = Outcome.PROCEED, Outcome.NOT_MODIFIED, Outcome.FAILED, Outcome.EXISTS


@pytest.mark.parametrize(
    ("headers", "read", "write", "create"),
    [
        ({}, GO, GO, GO),
        ({"if-match": '"0x1"'}, GO, GO, NO),
        ({"if-match": "0x1"}, GO, GO, NO),
        ({"if-match": '"0x2"'}, NO, NO, NO),
        ({"if-match": '"0x2", "0x1"'}, GO, GO, NO),
        ({"if-match": "*"}, GO, GO, NO),
        ({"if-none-match": '"0x1"'}, OLD, NO, GO),
        ({"if-none-match": 'W/"0x1"'}, OLD, NO, GO),
        ({"if-none-match": '"0x2"'}, GO, GO, GO),
        ({"if-none-match": "*"}, OLD, THERE, GO),
        ({"if-modified-since": BEFORE}, GO, GO, GO),
        ({"if-modified-since": SAME}, OLD, NO, GO),
        ({"if-modified-since": AFTER}, OLD, NO, GO),
        ({"if-unmodified-since": BEFORE}, NO, NO, GO),
        ({"if-unmodified-since": SAME}, GO, GO, GO),
        ({"if-unmodified-since": AFTER}, GO, GO, GO),
        ({"if-match": '"0x1"', "if-unmodified-since": BEFORE}, GO, GO, NO),
        ({"if-match": '"0x2"', "if-none-match": '"0x1"'}, NO, NO, NO),
        ({"if-none-match": '"0x2"', "if-modified-since": AFTER}, GO, GO, GO),
    ],
)
def test_conditions(headers: dict[str, str], read: Outcome, write: Outcome, create: Outcome) -> None:
    """The effect of each conditional header on reading, replacing and creating a blob."""
    assert judge(headers, INFO, reading=True) is read
    assert judge(headers, INFO, reading=False) is write
    assert judge(headers, None, reading=False) is create


def test_condition_without_a_date() -> None:
    """An invalid date is detected."""
    with pytest.raises(ValueError, match="date"):
        judge({"if-modified-since": "yesterday"}, INFO, reading=True)
    with pytest.raises(Refusal) as refused:
        azure_rules.already_read({"if-modified-since": "yesterday"}, INFO)
    assert refused.value.code == "InvalidHeaderValue"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-4", ByteRange(0, 5)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=9-", ByteRange(9, 1)),
        ("bytes=5-100", ByteRange(5, 5)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("bytes=\u0660-\u0664", None),
        ("", None),
    ],
)
def test_ranges(header: str, expected: ByteRange | None) -> None:
    """Forms of ranges over ten bytes."""
    assert parse_range(header, 10, suffixes=True) == expected


def test_suffix_ranges() -> None:
    """The last bytes can be requested if the protocol supports it."""
    assert parse_range("bytes=-3", 10, suffixes=True) == ByteRange(7, 3)
    assert parse_range("bytes=-30", 10, suffixes=True) == ByteRange(0, 10)
    assert parse_range("bytes=-3", 10, suffixes=False) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=0-", 0), ("bytes=-0", 10), ("bytes=-5", 0)])
def test_ranges_behind_the_end(header: str, size: int) -> None:
    """A range without a single byte cannot be served."""
    with pytest.raises(UnsatisfiableError):
        parse_range(header, size, suffixes=True)


@given(size=st.integers(1, 50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_ranges_select_as_slices_do(size: int, first: int, last: int) -> None:
    """A range is the same as a slice of bytes."""
    content = bytes(range(size))
    if first >= size and last >= first:
        with pytest.raises(UnsatisfiableError):
            parse_range(f"bytes={first}-{last}", size, suffixes=False)
    elif last >= first:
        part = parse_range(f"bytes={first}-{last}", size, suffixes=False)
        assert part is not None
        assert content[part.start : part.start + part.length] == content[first : last + 1]
        assert part.content_range(size) == f"bytes {first}-{min(last, size - 1)}/{size}"


@given(st.binary(min_size=1, max_size=64))
def test_block_ids(raw: bytes) -> None:
    """Any base64 of up to 64 bytes is an id."""
    check_block_id(b64encode(raw).decode())


@pytest.mark.parametrize(
    "block_id", ["", "A", "AA==\n", "QUF=", "!!!!", "QUFB QUFB", b64encode(bytes(65)).decode(), "ÄÖÜß"]
)
def test_bad_block_ids(block_id: str) -> None:
    """An id must be the base64 of 1 to 64 bytes."""
    with pytest.raises(ValueError, match=r"base64|bytes"):
        check_block_id(block_id)


@pytest.mark.parametrize("value", ["", "QUFB", "no", b64encode(bytes(17)).decode()])
def test_bad_md5(value: str) -> None:
    """An MD5 must be the base64 of 16 bytes."""
    with pytest.raises(ValueError, match=r"base64|16 bytes"):
        parse_md5(value)


def test_block_list_is_read_in_order() -> None:
    """Kinds and ids of a block list, with white space and comments."""
    body = b"""<?xml version="1.0" encoding="utf-8"?>
    <BlockList><!-- two --><Latest> QUFB </Latest>
    <Committed>QkJC</Committed><Uncommitted>Q0&#78;D</Uncommitted></BlockList>"""
    assert parse_block_list(body) == [("Latest", "QUFB"), ("Committed", "QkJC"), ("Uncommitted", "Q0ND")]
    assert parse_block_list(b"<BlockList/>") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<BlockList>",
        b"<Other/>",
        b"<BlockList><Newest>QUFB</Newest></BlockList>",
        b"<BlockList><Latest><Latest>QUFB</Latest></Latest></BlockList>",
        b"<BlockList>text</BlockList>",
        b"<BlockList/><BlockList/>",
        b'<!DOCTYPE BlockList [<!ENTITY e "QUFB">]><BlockList><Latest>&e;</Latest></BlockList>',
        b'<!DOCTYPE BlockList SYSTEM "file:///etc/hostname"><BlockList/>',
        b"<BlockList><Latest>&unknown;</Latest></BlockList>",
    ],
)
def test_other_bodies_are_refused(body: bytes) -> None:
    """Other XML is rejected, in particular document types."""
    with pytest.raises(MarkupError):
        parse_block_list(body)


@given(st.binary(max_size=40))
def test_no_body_breaks_the_reader(body: bytes) -> None:
    """Any bytes are parsed or rejected."""
    with suppress(MarkupError):
        parse_block_list(b"<BlockList>" + body + b"</BlockList>")


def test_block_list_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of blocks is limited."""
    monkeypatch.setattr(azure_rules, "MAX_COMMITTED_BLOCKS", 2)
    entry = b"<Latest>QUFB</Latest>"
    assert len(azure_rules.block_entries(b"<BlockList>" + 2 * entry + b"</BlockList>")) == 2
    with pytest.raises(Refusal) as refused:
        azure_rules.block_entries(b"<BlockList>" + 3 * entry + b"</BlockList>")
    assert refused.value.code == "BlockListTooLong"


def test_block_list_is_written() -> None:
    """Both lists or the requested one are written."""
    both = ET.fromstring(block_list([Block("QUFB", 3)], []).encode())  # noqa: S314 - our own text
    assert [item.text for item in both.iterfind("CommittedBlocks/Block/*")] == ["QUFB", "3"]
    assert both.find("UncommittedBlocks") is not None
    one = ET.fromstring(block_list(None, [Block("QUFB", 3)]).encode())  # noqa: S314 - our own text
    assert one.find("CommittedBlocks") is None


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="￾￿"), max_size=20))
def test_text_in_xml(value: str) -> None:
    """Any text is unchanged after writing and reading."""
    assert (ET.fromstring(text("a", value).encode()).text or "") == value  # noqa: S314 - our own text


def test_records_round_trip() -> None:
    """A record is unchanged after writing and reading."""
    assert load_info(dump_info(INFO)) == INFO
    blocks = [Block("QUFB", 3), Block("QkJC", 0)]
    assert load_blocks(dump_blocks(blocks)) == blocks


@pytest.mark.parametrize("value", ["0", "-1", "5001", "x", "", "1" * 5000, "²"])
def test_page_sizes_out_of_range(value: str) -> None:
    """A page has 1 to 5000 blobs."""
    with pytest.raises(Refusal):
        azure_rules.page_size(value, 5000)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_markers(name: str) -> None:
    """The name can be computed from a marker."""
    assert azure_rules.read_marker(azure_rules.write_marker(name)) == name


@pytest.mark.parametrize("marker", ["x", "ÄÖ", "_w=="])
def test_bad_markers(marker: str) -> None:
    """Other markers are rejected."""
    with pytest.raises(Refusal):
        azure_rules.read_marker(marker)


@pytest.mark.parametrize("value", ["x", "-1", "²", ""])
def test_content_length_that_is_no_number(value: str) -> None:
    """A length consists of digits."""
    with pytest.raises(Refusal):
        azure_rules.content_length({"content-length": value}, 10)
