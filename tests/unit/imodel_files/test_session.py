"""Changes are parsed and counted the way SQLite does, and rejected if they are malformed."""

import math
import random
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imodel_files._encoding import encode_change, encode_header
from imodel_files._session import SessionReader
from imodel_files._summary import count_tables
from imodel_files.changesets import (
    DEFAULT_LIMITS,
    NO_VALUE,
    Change,
    ChangesetFileError,
    Limits,
    MalformedSessionError,
    Operation,
    PatchsetError,
    SessionLimitError,
    TableChanges,
    compute_changeset_id,
    inspect_changeset,
    iter_changes,
    write_changeset,
)
from tests.depth import samples
from tests.unit.imodel_files.making import (
    DELETE,
    INDIRECT_INSERT,
    INSERT,
    MIB,
    NULL,
    SAME,
    UPDATE,
    Action,
    Table,
    field,
    fields,
    new_database,
    read_by_apsw,
    recorded,
    table,
    typed,
    varint,
    with_body,
)

values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.text(min_size=120, max_size=140),
    st.binary(max_size=20),
)
keys = st.one_of(st.integers(-3, 3), st.sampled_from(["a", "b", "\u00e4"]), st.binary(max_size=1))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table with any of its columns in the key, in any order."""
    columns = draw(st.integers(1, 5))
    order = draw(st.permutations(range(columns)))
    name = draw(st.sampled_from(["bis_Element", "be_Prop", "t 1", "\u00fcber"]))
    return Table(name, columns, tuple(order[: draw(st.integers(1, min(2, columns)))]))


@st.composite
def actions(draw: st.DrawFn) -> Action:
    """Anything done to a row."""
    row = [draw(keys) if draw(st.booleans()) else draw(values) for _ in range(5)]
    kind = draw(st.sampled_from(["insert", "insert", "update", "delete"]))
    filled = tuple(draw(keys) if value is None and draw(st.booleans()) else value for value in row)
    return Action(kind, draw(st.integers(0, 2)), filled, draw(st.integers(0, 9)), draw(st.booleans()))


histories = st.tuples(
    st.lists(tables(), min_size=1, max_size=3, unique_by=lambda each: each.name),
    st.lists(actions(), max_size=12),
    st.lists(actions(), max_size=12),
)


def body_of(history: tuple[list[Table], list[Action], list[Action]], *, patchset: bool = False) -> bytes:
    """What SQLite records of the second of two lists of actions on the same database."""
    on, before, during = history
    database = new_database(on)
    recorded(database, on, before)
    return recorded(database, on, during, patchset=patchset)


def read(body: bytes, block: int = MIB) -> list[Change]:
    """Read a body that comes in blocks of a size."""
    reader = SessionReader(blocks(body, block), "made", 0, DEFAULT_LIMITS)
    found: list[Change] = []
    while (each := reader.next_table()) is not None:
        found.extend(reader.read_changes(each))
    return found


def blocks(body: bytes, size: int) -> Iterator[bytes]:
    """A body in blocks of a size."""
    return (body[at : at + size] for at in range(0, len(body), size))


def count(body: bytes, block: int = MIB) -> dict[str, dict[bytes, int]]:
    """Count a body that comes in blocks of a size."""
    reader = SessionReader(blocks(body, block), "made", 0, DEFAULT_LIMITS)
    return {name: dict(counts) for name, counts in count_tables(reader).items()}


def counted(changes: list[Change]) -> dict[str, dict[bytes, int]]:
    """The same, counted from changes that have been read."""
    codes = {Operation.INSERT: 18, Operation.UPDATE: 23, Operation.DELETE: 9}
    found: dict[str, dict[bytes, int]] = {}
    for each in changes:
        head = bytes((codes[each.operation], each.indirect))
        of_table = found.setdefault(each.table, {})
        of_table[head] = of_table.get(head, 0) + 1
    return found


@settings(max_examples=samples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.sampled_from([1, 2, 3, 7, 64, MIB]))
def test_changes_are_read_as_sqlite_reads_them(
    history: tuple[list[Table], list[Action], list[Action]], block: int
) -> None:
    """Tables, operations, keys and values are those of apsw, however the body is cut into blocks."""
    body = body_of(history)
    ours = read(body, block)
    assert [
        (each.table, each.operation.value, each.indirect, typed(each.old), typed(each.new)) for each in ours
    ] == read_by_apsw(body)
    assert [each.key_columns for each in ours] == [
        next(table.key for table in history[0] if table.name == each.table) for each in ours
    ]
    assert count(body, block) == counted(ours)


@settings(max_examples=samples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_what_is_written_is_read_again(tmp_path: Path, history: tuple[list[Table], list[Action], list[Action]]) -> None:
    """A made file has the changes that went into it, and the id that it was given out with."""
    body = body_of(history)
    changeset_id = write_changeset(tmp_path / "made.cs", body, parent_id=None)
    assert compute_changeset_id(tmp_path / "made.cs", "") == changeset_id
    changes = list(iter_changes(tmp_path / "made.cs"))
    assert repr(changes) == repr(read(body))
    summary = inspect_changeset(tmp_path / "made.cs")
    assert summary.total == len(changes)
    assert summary.indirect == sum(each.indirect for each in changes)
    assert summary.body_size == len(body)


@settings(max_examples=samples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_patchsets_are_refused(tmp_path: Path, history: tuple[list[Table], list[Action], list[Action]]) -> None:
    """By name, whether they are written or read; one without changes is no patchset."""
    body = body_of(history, patchset=True)
    if not body:
        return
    with pytest.raises(PatchsetError, match="patchset"):
        write_changeset(tmp_path / "made.cs", body, parent_id=None)
    path = with_body(tmp_path, body)
    for use in (inspect_changeset, lambda path: list(iter_changes(path)), lambda path: compute_changeset_id(path, "")):
        with pytest.raises(PatchsetError):
            use(path)


def test_a_change_tells_its_key() -> None:
    """In the order of the key, from the old values where there are any."""
    row = table("t", 3, b"\x02\x00\x01")
    body = row + INSERT + fields("b", 1, "a") + UPDATE + fields("b", 1, "a") + fields(NO_VALUE, 2, NO_VALUE)
    inserted, updated = read(body)
    assert inserted.key == updated.key == ("a", "b")
    assert (inserted.old, inserted.new) == (None, ("b", 1, "a"))
    assert (updated.old, updated.new) == (("b", 1, "a"), (NO_VALUE, 2, NO_VALUE))
    assert repr(NO_VALUE) == "NO_VALUE"


def test_numbers_keep_their_type_and_their_bits() -> None:
    """The extremes of integers, floats that are whole, infinite, negative zero or none."""
    row = (2**63 - 1, -(2**63), 1.0, math.inf, -0.0)
    (change,) = read(table("t", 5) + INSERT + fields(*row))
    assert typed(change.new) == typed(row)
    assert math.copysign(1, typed(change.new)[4][1]) == -1  # type: ignore[index]
    (change,) = read(table("t", 1) + DELETE + b"\x02\x7f\xf8" + bytes(6))
    assert math.isnan(change.old[0])  # type: ignore[index]


def test_a_body_may_be_empty(tmp_path: Path) -> None:
    """A changeset can hold DDL only; a group can hold no change."""
    summary = inspect_changeset(with_body(tmp_path, b""))
    assert (summary.tables, summary.total, summary.body_size) == ((), 0, 0)
    assert list(iter_changes(with_body(tmp_path, b""))) == []
    assert read(table("t", 1) + table("u", 1) + DELETE + fields(1)) == [
        Change("u", Operation.DELETE, indirect=False, key_columns=(0,), old=(1,), new=None)
    ]


def test_groups_of_one_table_are_added_up(tmp_path: Path) -> None:
    """A table may be repeated, also with more columns; it is listed at its first place."""
    body = (
        table("b", 1) + INSERT + fields(1) + table("a", 1) + DELETE + fields(1) + INDIRECT_INSERT + fields(2)
        + table("b", 2) + INSERT + fields(2, None) + UPDATE + fields(1, 2, NO_VALUE, 3)
    )  # fmt: skip
    assert inspect_changeset(with_body(tmp_path, body)).tables == (
        TableChanges("b", inserts=2, updates=1),
        TableChanges("a", inserts=1, deletes=1, indirect=1),
    )


@pytest.mark.parametrize(
    ("body", "offset", "words"),
    [
        (b"{", 0, "table"),
        (b"t", 0, "table"),
        (b"\0", 0, "table"),
        (b"T", 1, "are truncated"),
        (b"T\0", 1, "0 columns"),
        (b"T\x84\x80\x01", 1, "65537 columns"),
        (b"T" + b"\xff" * 9, 1, "the length"),
        (b"T\x90\x80\x80\x80\x00", 1, "the length"),
        (b"T\x02\x01", 3, "are truncated"),
        (b"T\x02\x01\x03t\0", 2, "key"),
        (b"T\x01\x01t", 4, "are truncated"),
        (b"T\x01\x01t\xfft\0", 4, "UTF-8"),
        (table("t", 1) + b"\x13\0" + fields(1), 5, "0x13"),
        (table("t", 1) + b"\x12\x02" + fields(1), 6, "0x02"),
        (table("t", 1) + INSERT, 7, "are truncated"),
        (table("t", 1) + b"\x12", 6, "are truncated"),
        (table("t", 1) + INSERT + b"\x06", 7, "0x06"),
        (table("t", 1) + INSERT + b"\xff", 7, "0xff"),
        (table("t", 1) + INSERT + b"\x01" + bytes(7), 15, "are truncated"),
        (table("t", 1) + INSERT + b"\x03\x05four", 13, "are truncated"),
        (table("t", 1) + INSERT + b"\x04\x88\x80\x80\x80\x00", 8, "the length"),
        (table("t", 1) + INSERT + b"\x04" + b"\xff" * 9, 8, "the length"),
        (table("t", 2) + UPDATE + fields(1, 2, NO_VALUE), 27, "are truncated"),
        (table("t", 1) + INSERT + fields(1) + b"P\x01\x01t\0", 16, "patchset"),
    ],
)
def test_malformed_changes_are_placed(body: bytes, offset: int, words: str, tmp_path: Path) -> None:
    """Each way of reading names the same place, counted in what the file unpacks to."""
    prefix = b"{}\0"
    path = with_body(tmp_path, body, prefix)
    for use in (inspect_changeset, lambda path: list(iter_changes(path))):
        with pytest.raises(MalformedSessionError, match=words) as caught:
            use(path)
        assert caught.value.offset == offset + 4 + len(prefix)
        assert str(path) in str(caught.value)
    with pytest.raises(MalformedSessionError, match=words) as caught:
        write_changeset(tmp_path / "made.cs", body, parent_id=None)
    assert caught.value.offset == offset
    for size in (1, 2, 3):
        with pytest.raises(MalformedSessionError, match=words) as caught:
            count(body, size)
        assert caught.value.offset == offset


def test_a_text_that_is_not_utf8_can_be_read(tmp_path: Path) -> None:
    """All that can be counted; nothing is lost, unless the caller wants it so."""
    path = with_body(tmp_path, table("t", 2) + INSERT + b"\x03\x03ab\xff" + field(b"\xff"))
    assert inspect_changeset(path).inserts == 1
    (change,) = iter_changes(path)
    assert change.new is not None
    text, blob = change.new
    assert (text, blob) == ("ab\udcff", b"\xff")
    assert str(text).encode(errors="surrogateescape") == b"ab\xff"
    (change,) = iter_changes(path, errors="replace")
    assert change.new == ("ab\ufffd", b"\xff")
    with pytest.raises(MalformedSessionError, match="UTF-8") as caught:
        list(iter_changes(path, errors="strict"))
    assert caught.value.offset == 4 + 12


@settings(max_examples=samples(50), deadline=None)
@given(st.binary(max_size=12), st.integers(1, 40))
def test_what_is_read_can_be_written_again(text: bytes, size: int) -> None:
    """Byte by byte, in blocks of any size."""
    body = table("t", 2, b"\2\1") + UPDATE + fields(5, 1.5) + SAME + b"\x03" + varint(len(text)) + text
    body += INDIRECT_INSERT + fields(b"x" * 300, None)
    reader = SessionReader(blocks(body, size), "made", 0, DEFAULT_LIMITS, "surrogateescape")
    header = reader.next_table()
    assert header is not None
    assert encode_header(header) + b"".join(map(encode_change, reader.read_changes(header))) == body


def test_the_limit_on_tables_holds_wherever_a_file_is_read(tmp_path: Path) -> None:
    """Counting, reading, applying."""
    path = with_body(tmp_path, table("a", 1) + table("b", 1) + table("a", 1) + INSERT + field(1))
    assert len(list(iter_changes(path, limits=Limits(tables=2)))) == 1
    for use in (
        lambda: list(iter_changes(path, limits=Limits(tables=1))),
        lambda: inspect_changeset(path, limits=Limits(tables=1)),
    ):
        with pytest.raises(SessionLimitError, match="more than 1 tables"):
            use()


@pytest.mark.parametrize("block", [7, 1000, MIB])
def test_rows_can_be_bounded_while_they_are_counted(block: int) -> None:
    """The old and the new row each by itself, as where values are read."""
    body = table("t", 3) + UPDATE + fields(b"x" * 400, "y" * 500, None) + fields(NO_VALUE, "\u00e4" * 500, 1)
    for allowed in (1000, 999):
        reader = SessionReader(blocks(body + INSERT + fields(1, 2, 3), block), "made", 0, Limits(values=allowed))
        header = reader.next_table()
        assert header is not None
        counts = Counter[bytes]()
        if allowed == 1000:
            reader.count_changes(header, counts, bounded=True)
            assert counts == {UPDATE: 1, INSERT: 1}
        else:
            with pytest.raises(SessionLimitError, match="999"):
                reader.count_changes(header, counts, bounded=True)


def test_numbers_may_be_written_longer_than_need_be() -> None:
    """SQLite accepts them, up to nine bytes."""
    name = b"\x01t\0"
    for columns in (b"\x01", b"\x80\x01", b"\x80\x80\x80\x80\x01", b"\x80" * 8 + b"\x01"):
        for size in (b"\x02", b"\x80\x02", b"\x80\x80\x80\x80\x80\x80\x02", b"\x80" * 8 + b"\x02"):
            body = b"T" + columns + name + INSERT + b"\x03" + size + b"ab"
            assert [each.new for each in read(body)] == [("ab",)]
            assert count(body) == {"t": {INSERT: 1}}
            assert [each.new for each in apsw.Changeset.iter(body)] == [("ab",)]


def test_a_wide_table_is_read(tmp_path: Path) -> None:
    """The table has the maximum number of columns, and a key byte for each."""
    body = table("t", 65_536) + INSERT + fields(1) + NULL * 65_535
    assert inspect_changeset(with_body(tmp_path, body)).inserts == 1
    (change,) = read(body, 1000)
    assert change.new == (1, *[None] * 65_535)


def test_names_and_tables_are_limited(tmp_path: Path) -> None:
    """What a hostile file could fill the memory with has an end."""
    path = with_body(tmp_path, table("n" * 1025, 1))
    for use in (inspect_changeset, lambda path: list(iter_changes(path))):
        with pytest.raises(SessionLimitError, match="1024"):
            use(path)
    assert inspect_changeset(path, limits=Limits(table_name=2000)).total == 0
    path = with_body(tmp_path, b"".join(table(str(number), 1) for number in range(4097)))
    with pytest.raises(SessionLimitError, match="4096"):
        inspect_changeset(path)
    assert inspect_changeset(path, limits=Limits(tables=5000)).total == 0
    assert list(iter_changes(path, limits=Limits(tables=5000))) == []


@pytest.mark.parametrize("block", [10, 1000, MIB])
def test_values_are_limited_where_they_are_wanted(block: int) -> None:
    """The texts and blobs of a row together; the old and the new row each by itself."""
    body = table("t", 3) + UPDATE + fields(b"x" * 400, "y" * 500, None) + fields(NO_VALUE, "z" * 1000, 1)
    assert count(body, block) == {"t": {UPDATE: 1}}
    for allowed, fine in ((1000, True), (999, False), (899, False)):
        reader = SessionReader(blocks(body, block), "made", 0, Limits(values=allowed))
        header = reader.next_table()
        assert header is not None
        if fine:
            assert len(list(reader.read_changes(header))) == 1
        else:
            with pytest.raises(SessionLimitError, match=str(allowed)):
                list(reader.read_changes(header))


def test_a_large_value_is_passed_over(tmp_path: Path) -> None:
    """Counting needs no memory for it; the changes after it are found."""
    body = table("t", 2) + INSERT + fields(1, bytes(3 * MIB)) + INSERT + fields(2, "x" * 70_000) + DELETE + fields(3, 4)
    path = tmp_path / "made.cs"
    write_changeset(path, body, parent_id=None)
    summary = inspect_changeset(path)
    assert (summary.inserts, summary.deletes) == (2, 1)
    assert [each.key for each in iter_changes(path)] == [(1,), (2,), (3,)]


def test_changes_are_read_lazily(tmp_path: Path) -> None:
    """The file is opened on first use; changes before an error are returned; closing closes the file."""
    changes = iter_changes(tmp_path / "none.cs")
    with pytest.raises(FileNotFoundError):
        next(changes)
    path = with_body(tmp_path, table("t", 1) + INSERT + fields(1) + b"\xff")
    changes = iter_changes(path)
    assert next(changes).new == (1,)
    with pytest.raises(ChangesetFileError):
        next(changes)
    unfinished = iter_changes(path)
    next(unfinished)
    unfinished.close()


Row = Callable[[random.Random], tuple[bytes, bytes]]


def noise(source: random.Random, largest: int) -> Any:
    """A value of any type."""
    size = source.randrange(largest)
    return source.choice(
        [None, NO_VALUE, source.randrange(2**40), source.random(), "x" * size, source.randbytes(size), "", b""]
    )


def regular(source: random.Random) -> tuple[bytes, bytes]:
    """Rows of one shape."""
    return INSERT, fields(source.randrange(99), 1.5, "name", source.randbytes(16), None)


def varied(source: random.Random) -> tuple[bytes, bytes]:
    """Rows of a few operations, with short strings of any length, some of them NULL."""
    head = source.choice([INSERT, INDIRECT_INSERT, DELETE, UPDATE])
    row = fields(source.randrange(99), source.choice([None, 2.5]), "x" * source.randrange(128), b"", None)
    return head, row * 2 if head == UPDATE else row


def long_strings(source: random.Random) -> tuple[bytes, bytes]:
    """Rows with strings on both sides of 128 bytes, the last column among them."""
    texts = "x" * source.randrange(300), source.choice([None, b"y" * source.randrange(20_000)])
    return INSERT, fields(source.randrange(99), texts[0], 1, 2, texts[1])


def changing(source: random.Random) -> tuple[bytes, bytes]:
    """Rows whose shape is rarely another."""
    return (varied if source.randrange(300) == 0 else regular)(source)


def chaotic(source: random.Random) -> tuple[bytes, bytes]:
    """Rows of any shape."""
    return DELETE, fields(*(noise(source, 200) for _ in range(5)))


@pytest.mark.parametrize("row", [regular, varied, long_strings, changing, chaotic])
@pytest.mark.parametrize("block", [97, 5_000, MIB])
def test_many_changes_are_counted_as_few_are(row: Row, block: int) -> None:
    """Counting patterns has the same result as parsing, for any split into blocks."""
    source = random.Random(block)  # noqa: S311 - the same on every run
    rows = [row(source) for _ in range(3_000)]
    body = table("t", 5) + b"".join(head + data for head, data in rows) + table("u", 1) + INSERT + fields(1)
    heads = [head for head, _ in rows]
    assert count(body, block) == {"t": {head: heads.count(head) for head in dict.fromkeys(heads)}, "u": {INSERT: 1}}


@pytest.mark.parametrize("row", [regular, varied, long_strings])
def test_damage_among_many_changes_is_placed(row: Row) -> None:
    """After patterns have been learned an unknown type is still found where it is."""
    source = random.Random(3)  # noqa: S311 - the same on every run
    body = table("t", 5) + b"".join(head + data for head, data in (row(source) for _ in range(1_500)))
    for tail, offset in ((INSERT + fields(1, 2.5) + b"\x07", 20), (b"\x12\x07", 1), (INSERT + b"\x01", 3), (b"?", 0)):
        for block in (97, MIB):
            with pytest.raises(MalformedSessionError) as caught:
                count(body + tail, block)
            assert caught.value.offset == len(body) + offset


def test_a_table_of_many_strings_is_counted_without_patterns() -> None:
    """Patterns would become too large."""
    rows = (INSERT + fields(number, *(["a"] * 11)) for number in range(900))
    assert count(table("t", 12) + b"".join(rows)) == {"t": {INSERT: 900}}


def test_a_column_of_long_strings_and_numbers_is_counted() -> None:
    """No pattern is cut there."""
    rows = (INSERT + fields(number, number if number % 2 else "x" * 200) for number in range(900))
    assert count(table("t", 2) + b"".join(rows)) == {"t": {INSERT: 900}}


def test_integers_are_big_endian() -> None:
    """The generated fields conform to the format, and not only to the reader."""
    assert field(258) == b"\x01" + bytes(6) + b"\x01\x02"
    assert field(1.0) == b"\x02" + struct.pack(">d", 1.0)
    assert varint(0x4080) == b"\x81\x81\x00"
    assert field(NO_VALUE) == SAME
