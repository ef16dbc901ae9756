"""Changes are written for other programs."""

import csv
import io
import json
import sys
import tracemalloc
from pathlib import Path

import pytest

from imodel_files.changes import (
    ChangeReader,
    arrow_batches,
    arrow_table,
    change_record,
    write_csv,
    write_jsonl,
    write_parquet,
)
from tests.unit.imodel_files.plant import INSPECTION, VALVE, Plant, element, geometry, insert, label

ID = 0x20000000001
HEX = "0x20000000001"


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Some changes of every kind."""
    made = Plant(tmp_path, element(5, UserLabel="a", JsonProperties="{}"))
    made.push(
        element(ID, code="Café"),
        geometry(ID, Origin_X=float("inf"), js2='["a"]', GeometryStream=bytes(100)),
        insert("bis_ElementMultiAspect", Id=3, ECClassId=INSPECTION, ElementId=ID),
        insert("bis_ElementRefersToElements", Id=4, ECClassId=17, SourceId=ID, TargetId=5),
        insert("be_Prop", Namespace="n", Name="m"),
    )
    made.push(label(5, None, ParentId=9))
    return made


def test_lines_of_json(plant: Plant, tmp_path: Path) -> None:
    """There is one line per change, with both sides of each property if they exist."""
    path = tmp_path / "changes.jsonl"
    with ChangeReader(plant.folder, plant.tip) as reader:
        assert write_jsonl(reader.changes(), path) == 5
        records = [change_record(each) for each in reader.changes()]
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == records
    pump, aspect, link, row, updated = lines
    assert (pump["kind"], pump["id"], pump["code"], pump["changeset_id"]) == ("element", HEX, "Café", plant.ids[0])
    assert pump["properties"]["Tags"] == {"new": ["a"]}
    assert pump["properties"]["Origin.X"] == {"new": "inf"}
    assert pump["properties"]["GeometryStream"]["new"]["size"] == 100
    assert (aspect["kind"], aspect["element_id"]) == ("aspect", HEX)
    assert (link["kind"], link["source_id"], link["target_id"]) == ("relationship", HEX, "0x5")
    assert (row["kind"], row["id"], row["tables"]) == ("row", "n m", ["be_Prop"])
    assert updated["properties"] == {"UserLabel": {"old": "a", "new": None}, "Parent.Id": {"old": None, "new": "0x9"}}


def test_csv(plant: Plant) -> None:
    """A line for each changed property."""
    stream = io.StringIO()
    with ChangeReader(plant.folder, plant.tip) as reader:
        count = write_csv(reader.elements(after=1), stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert count == len(rows) == 2
    assert [(row["id"], row["property"], row["old"], row["new"]) for row in rows] == [
        ("0x5", "UserLabel", "a", ""),
        ("0x5", "Parent.Id", "", "0x9"),
    ]
    assert {row["class_name"] for row in rows} == {"Plant:Pump"}


def test_labels(tmp_path: Path) -> None:
    """The label of the element is in every row, labels of enumerations beside their values."""
    plant = Plant(tmp_path, element(5, VALVE, UserLabel="V-5"), geometry(5, VALVE, js2=1))
    plant.push("UPDATE bis_GeometricElement3d SET js1 = 1, js2 = 2")
    stream = io.StringIO()
    with ChangeReader(plant.folder, plant.tip) as reader:
        write_csv(reader.elements(), stream)
    names = ("label", "property", "old", "new", "old_label", "new_label")
    expected = [("V-5", "IsOpen", "", "true", "", ""), ("V-5", "State", "1", "2", "Open", "Shut")]
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [tuple(row[name] for name in names) for row in rows] == expected


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "a\nb", '"a"', "a,b", "\r"])
def test_line_ends_in_values_do_not_end_rows(tmp_path: Path, text: str) -> None:
    """A program that reads the CSV file finds the values unchanged."""
    plant = Plant(tmp_path, element(5))
    plant.push(label(5, text))
    path = tmp_path / "changes.csv"
    with ChangeReader(plant.folder, plant.tip) as reader:
        assert write_csv(reader.changes(), path) == 1
    with path.open(newline="", encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["label"], row["new"]) == (text, text)
    assert path.read_bytes().startswith(b"changeset_index,")
    assert path.read_bytes().endswith(b",,\n")


def test_invalid_utf8_is_replaced(tmp_path: Path) -> None:
    """In codes and labels, as in the values of properties, because no file could contain it."""
    plant = Plant(tmp_path, element(5))
    plant.push("UPDATE bis_Element SET CodeValue = CAST(x'41FF' AS TEXT), UserLabel = CAST(x'42FE43' AS TEXT)")
    with ChangeReader(plant.folder, plant.tip) as reader:
        (element_change,) = reader.elements()
        assert (element_change.code.value, element_change.label) == ("A\ufffd", "B\ufffdC")
        assert write_jsonl(reader.changes(), tmp_path / "changes.jsonl") == 1
        assert write_csv(reader.changes(), tmp_path / "changes.csv") == 2
        assert change_record(element_change)["properties"]["UserLabel"] == {"old": None, "new": "B\ufffdC"}


def test_a_failure_leaves_no_file(plant: Plant, tmp_path: Path) -> None:
    """The file appears when it is complete."""
    damaged = tmp_path / "damaged.cs"
    damaged.write_bytes(b"damaged")
    path = tmp_path / "changes.csv"
    sources = [plant.folder / f"{plant.ids[0]}.cs", damaged]
    with ChangeReader(sources, plant.tip) as reader, pytest.raises(ValueError, match=r"damaged\.cs"):
        write_csv(reader.changes(), path)
    assert not path.exists()


def test_arrow(plant: Plant, tmp_path: Path) -> None:
    """The rows of CSV with types, as batches, a table and a Parquet file."""
    pytest.importorskip("pyarrow")
    from pyarrow import parquet  # noqa: PLC0415 - the extra may be missing

    path = tmp_path / "changes.parquet"
    stream = io.StringIO()
    with ChangeReader(plant.folder, plant.tip) as reader:
        expected = write_csv(reader.changes(), stream)
        assert write_parquet(reader.changes(), path) == expected
        table = arrow_table(reader.changes())
        sizes = [batch.num_rows for batch in arrow_batches(reader.changes(), batch_size=4)]
        empty = arrow_table(reader.changes(after=2))
    assert parquet.read_table(path).equals(table)
    assert table.column_names == stream.getvalue().splitlines()[0].split(",")
    assert (sum(sizes), max(sizes)) == (expected, 4)
    assert (table.num_rows, empty.num_rows, empty.schema) == (expected, 0, table.schema)
    first = table.to_pylist()[0]
    assert (first["changeset_index"], first["is_indirect"], first["id"], first["old"]) == (1, False, HEX, None)


@pytest.mark.parametrize("size", [0, -1])
def test_batches_have_at_least_one_row(plant: Plant, size: int) -> None:
    """Batches without rows would omit all changes."""
    with (
        ChangeReader(plant.folder, plant.tip) as reader,
        pytest.raises(ValueError, match=f"batch_size must be at least 1, not {size}"),
    ):
        list(arrow_batches(reader.changes(), batch_size=size))


def test_without_the_extra(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with ChangeReader(plant.folder, plant.tip) as reader, pytest.raises(ImportError, match="extra 'arrow'"):
        arrow_table(reader.changes())


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Rows are written as they are read."""

    def most(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        plant = Plant(folder)
        plant.push(*(element(ID + each, UserLabel="x" * 1000) for each in range(count)))
        with ChangeReader(plant.folder, plant.baseline) as reader:
            tracemalloc.start()
            try:
                assert write_jsonl(reader.rows(), folder / "rows.jsonl") == count
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    most(10)
    assert most(2500) - most(500) < 1 << 20
