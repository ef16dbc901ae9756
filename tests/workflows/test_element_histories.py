"""The history of an element over a mirror, through its index."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from imodel_files.changes import (
    ChangeReader,
    ElementIndexError,
    HistoryEntry,
    MissingChangesetError,
    Operation,
    PropertyChange,
)
from imodel_files.changesets import write_changeset
from itwin_imodels.mirror import open_mirror
from tests.unit.imodel_files.making import DELETE, INSERT, SAME, UPDATE, fields, table
from tests.unit.imodel_files.plant import DAY, INSPECTION, PUMP, make_imodel
from tests.workflows.helpers.mirrors import AUTHOR, PUSHED, add_to_mirror

ELEMENT = 0x20000000001
HEX = "0x20000000001"
ASPECTS = "bis_ElementMultiAspect"
MANY = 450
"""More than are indexed in one transaction."""
SCRIPT = """
import sys
from imodel_files.changes import ChangeReader
from itwin_imodels.mirror import open_mirror

with open_mirror(sys.argv[1]) as mirror, ChangeReader(mirror, sys.argv[2]) as reader:
    print(sum(1 for _ in reader.history(sys.argv[3])))
"""


class Timeline:
    """A mirror, and changesets of a few rows."""

    def __init__(self, folder: Path) -> None:
        """Begin with an empty timeline."""
        self.folder = folder / "mirror"
        self.folder.mkdir()
        self.database = make_imodel(folder / "baseline.bim")
        self.ids: list[str] = []

    def push(self, *bodies: bytes) -> None:
        """Add a changeset of each body to the mirror."""
        begin = len(self.ids)
        for body in bodies:
            parent = self.ids[-1] if self.ids else None
            self.ids.append(write_changeset(self.folder, body, parent_id=parent))
        add_to_mirror(self.folder, self.ids, begin)

    @contextmanager
    def reader(self) -> Iterator[ChangeReader]:
        """Read the mirror."""
        with open_mirror(self.folder) as mirror, ChangeReader(mirror, self.database) as reader:
            yield reader

    def history(self, element: str = HEX) -> list[HistoryEntry]:
        """Return the history of an element."""
        with self.reader() as reader:
            return list(reader.history(element))

    def indexes(self) -> list[int]:
        """Return the indexes of the changesets that change the element."""
        return [each.changeset.index for each in self.history()]


def inserted(key: int) -> bytes:
    """An insert of an element."""
    row = fields(key, PUMP, 1, DAY, 1, 1, f"P-{key}", None, None, None, None)
    return table("bis_Element", 11) + INSERT + row


def labelled(key: int, old: str | None, new: str) -> bytes:
    """An update of an element's label."""
    return (
        table("bis_Element", 11)
        + UPDATE
        + fields(key)
        + SAME * 6
        + fields(old)
        + SAME * 3
        + SAME * 7
        + fields(new)
        + SAME * 3
    )


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """Create a timeline in which one element is inserted, updated twice and deleted."""
    made = Timeline(tmp_path)
    gone = fields(ELEMENT, PUMP, 1, DAY, 1, 1, "P", "b", None, None, None)
    made.push(
        inserted(ELEMENT),
        inserted(7),
        labelled(ELEMENT, None, "a") + table("bis_Model", 3) + INSERT + fields(7, 16, None),
        table("bis_Model", 3) + INSERT + fields(ELEMENT, 16, None),
        labelled(ELEMENT, "a", "b"),
        table("bis_Element", 11) + DELETE + gone,
    )
    return made


def test_each_change_with_author_and_time(timeline: Timeline) -> None:
    """Changes to the model with the same id are not included; values are read on request."""
    with timeline.reader() as reader:
        entries = list(reader.history(HEX))
        labels = [each.change.properties["UserLabel"].new for each in entries[1:3] if each.change is not None]
    insert, update, delete = Operation.INSERT, Operation.UPDATE, Operation.DELETE
    assert [(each.changeset.index, each.operation) for each in entries] == [
        (1, insert),
        (3, update),
        (5, update),
        (6, delete),
    ]
    assert {each.changeset.creator_id for each in entries} == {AUTHOR}
    assert entries[1].changeset.push_date_time == PUSHED + timedelta(hours=3)
    assert labels == ["a", "b"]
    assert timeline.history("0x99") == []


def test_the_index_answers_alone(timeline: Timeline) -> None:
    """The second time, no changeset is read; only new ones are read and added."""
    assert timeline.indexes() == [1, 3, 5, 6]
    for path in timeline.folder.glob("*.cs"):
        path.unlink()
    assert timeline.indexes() == [1, 3, 5, 6]
    timeline.push(inserted(ELEMENT), inserted(8))
    assert timeline.indexes() == [1, 3, 5, 6, 7]


def test_an_empty_overflow_row_is_no_change(timeline: Timeline) -> None:
    """The changeset is read only if the overflow table has nothing but an insert or a deletion."""
    overflow = table("bis_GeometricElement3d_Overflow", 3) + INSERT
    gone = table("bis_GeometricElement3d_Overflow", 3) + DELETE
    timeline.push(overflow + fields(ELEMENT, PUMP, None), overflow + fields(ELEMENT, PUMP, DAY))
    timeline.push(gone + fields(ELEMENT, PUMP, DAY), gone + fields(ELEMENT, PUMP, None))
    assert timeline.indexes() == [1, 3, 5, 6, 8, 9]
    with ChangeReader(timeline.folder, timeline.database) as reader:
        assert [each.changeset.index for each in reader.history(HEX)] == [1, 3, 5, 6, 8, 9]


def aspect(key: int, owner: int, result: str) -> bytes:
    """An insert of an aspect of an element."""
    return table(ASPECTS, 4) + INSERT + fields(key, INSPECTION, owner, result)


def judged(key: int, old: str, new: str) -> bytes:
    """Judge an update of an aspect that does not contain the element."""
    return table(ASPECTS, 4) + UPDATE + fields(key) + SAME * 2 + fields(old) + SAME * 3 + fields(new)


class TestAspects:
    """Changes to the aspects of an element are in its history."""

    @pytest.fixture
    def timeline(self, tmp_path: Path) -> Timeline:
        """An element with aspects: 70 and 72 are inserted, 71 is in the database; 80 and 81 belong to others."""
        made = Timeline(tmp_path)
        with closing(sqlite3.connect(made.database)) as connection:
            connection.execute(f"INSERT INTO {ASPECTS} VALUES (71, {INSPECTION}, {ELEMENT}, 'new')")  # noqa: S608
            connection.commit()
        made.push(
            inserted(ELEMENT) + aspect(70, ELEMENT, "good"),
            aspect(80, 7, "good"),
            judged(70, "good", "bad") + labelled(ELEMENT, None, "a"),
            judged(71, "old", "new"),
            judged(80, "good", "bad"),
            aspect(72, ELEMENT, "good") + inserted(8),
            judged(72, "good", "bad") + judged(70, "bad", "good"),
            table(ASPECTS, 4) + DELETE + fields(72, INSPECTION, ELEMENT, "bad"),
            inserted(70),
        )
        return made

    @staticmethod
    def check(entries: list[HistoryEntry]) -> None:
        """Check the history of the timeline."""
        insert, update, delete = Operation.INSERT, Operation.UPDATE, Operation.DELETE
        assert [(each.changeset.index, each.operation) for each in entries] == [
            (1, insert),
            (3, update),
            (4, update),
            (6, update),
            (7, update),
            (8, update),
        ]
        assert [each.change is not None for each in entries] == [True, True, False, False, False, False]
        aspects = [{each.id: each.operation for each in entry.aspects} for entry in entries]
        assert aspects == [
            {"0x46": insert},
            {"0x46": update},
            {"0x47": update},
            {"0x48": insert},
            {"0x48": update, "0x46": update},
            {"0x48": delete},
        ]
        (found,) = entries[2].aspects
        assert (found.class_name, found.element_id) == ("Plant:Inspection", HEX)
        assert found.properties == {"Result": PropertyChange("old", "new")}

    def test_over_a_mirror(self, timeline: Timeline) -> None:
        """Through the index, at the first time and again."""
        for _ in range(2):
            with timeline.reader() as reader:
                self.check(list(reader.history(HEX)))

    def test_over_files(self, timeline: Timeline) -> None:
        """Without an index."""
        with ChangeReader(timeline.folder, timeline.database) as reader:
            self.check(list(reader.history(HEX)))

    def test_places_that_the_mirror_lacks(self, timeline: Timeline) -> None:
        """They are errors, with or without the other bound; the newest changeset is a place."""
        with timeline.reader() as reader:
            newest = list(reader.changesets())[-1].index
            assert not list(reader.changesets(after=newest))
            for place in (newest + 1, "ab" * 20):
                with pytest.raises(KeyError):
                    list(reader.changesets(after=place))
                with pytest.raises(KeyError):
                    list(reader.changesets(until=place))

    def test_an_index_without_owners(self, timeline: Timeline, tmp_path: Path) -> None:
        """An index that was built without the table of aspects is rebuilt with a database that has it."""
        shutil.copy(timeline.database, tmp_path / "older.bim")
        with closing(sqlite3.connect(tmp_path / "older.bim")) as connection:
            connection.execute(f"DROP TABLE {ASPECTS}")
        with open_mirror(timeline.folder) as mirror, ChangeReader(mirror, tmp_path / "older.bim") as reader:
            assert [each.changeset.index for each in reader.history(HEX)] == [1, 3]
        assert timeline.indexes() == [1, 3, 4, 6, 7, 8]
        with open_mirror(timeline.folder) as mirror, ChangeReader(mirror, tmp_path / "older.bim") as reader:
            assert [each.changeset.index for each in reader.history(HEX)] == [1, 3]
        for path in timeline.folder.glob("*.cs"):
            path.unlink()
        assert timeline.indexes() == [1, 3, 4, 6, 7, 8]

    def test_an_index_of_an_earlier_version(self, timeline: Timeline) -> None:
        """It is rebuilt."""
        with closing(sqlite3.connect(timeline.folder / "elements.db")) as connection:
            connection.execute("CREATE TABLE changes (row_id)")
            connection.execute(f"PRAGMA application_id = {0x694D456C}")
            connection.execute("PRAGMA user_version = 1")
        assert timeline.indexes() == [1, 3, 4, 6, 7, 8]


def test_another_timeline(timeline: Timeline, tmp_path: Path) -> None:
    """An index whose last changeset is not in the mirror is rebuilt."""
    assert timeline.indexes()
    (tmp_path / "other").mkdir()
    other = Timeline(tmp_path / "other")
    other.push(inserted(5), inserted(ELEMENT))
    shutil.copy(timeline.folder / "elements.db", other.folder)
    assert other.indexes() == [2]


def test_the_index_elsewhere(timeline: Timeline, tmp_path: Path) -> None:
    """This supports mirrors that are read-only."""
    with timeline.reader() as reader:
        assert len(list(reader.history(HEX, index=tmp_path / "index.db"))) == 4
    assert not (timeline.folder / "elements.db").exists()


def test_what_is_no_index(timeline: Timeline, tmp_path: Path) -> None:
    """The error says what to do: an index can be deleted, the file of another program cannot."""
    path = timeline.folder / "elements.db"
    path.write_bytes(b"something else" * 500)
    with pytest.raises(ElementIndexError, match=r"elements\.db: not an element index\. Move the file away"):
        timeline.history()
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE changes (x)")
    with pytest.raises(ElementIndexError, match=r"elements\.db: not an element index\. Move the file away"):
        timeline.history()
    path.unlink()
    timeline.history()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 3")
    with pytest.raises(ElementIndexError, match=r"another version of itwin-imodels \(format 3, not 2\)\. Delete it"):
        timeline.history()
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere.db")
    with timeline.reader() as reader, pytest.raises(ElementIndexError, match=r"unable to open.*Check its folder"):
        list(reader.history(HEX, index=tmp_path / "missing" / "index.db"))
    with pytest.raises(ElementIndexError, match="symbolic link"):
        timeline.history()


def test_a_file_that_the_mirror_lacks(timeline: Timeline) -> None:
    """Is named by its changeset."""
    with closing(sqlite3.connect(timeline.folder / "timeline.db")) as connection:
        connection.execute("DELETE FROM files WHERE changeset_index = 3")
        connection.commit()
    with pytest.raises(MissingChangesetError, match=timeline.ids[2]):
        timeline.history()


def test_differences_between_named_versions(timeline: Timeline) -> None:
    """What has a changeset index names a point of the timeline."""

    @attrs.frozen
    class Version:
        changeset_index: int

    with timeline.reader() as reader:
        found = [(each.id, each.operation.value) for each in reader.diff(Version(1), Version(5))]
        assert sorted(found) == [(HEX, "update"), ("0x7", "insert")]
        assert [each.id for each in reader.diff(Version(0), timeline.ids[5])] == ["0x7"]
        assert sum(1 for _ in reader.rows(after=2, until=4)) == 3


@pytest.fixture(scope="module")
def long_timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """An element that each of many changesets changes."""
    made = Timeline(tmp_path_factory.mktemp("long"))
    updates = (labelled(ELEMENT, str(each), str(each + 1)) for each in range(MANY - 1))
    made.push(inserted(ELEMENT), *updates)
    return made


def start(timeline: Timeline) -> "subprocess.Popen[str]":
    """Ask for the history in another process."""
    command = [sys.executable, "-c", SCRIPT, str(timeline.folder), str(timeline.database), HEX]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_at_once(long_timeline: Timeline) -> None:
    """Both return the complete history, and the index is valid."""
    (long_timeline.folder / "elements.db").unlink(missing_ok=True)
    processes = [start(long_timeline) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in processes] == [str(MANY)] * 2
    assert long_timeline.indexes() == list(range(1, MANY + 1))


def test_a_killed_process(long_timeline: Timeline) -> None:
    """The next one resumes."""
    path = long_timeline.folder / "elements.db"
    path.unlink(missing_ok=True)
    process = start(long_timeline)
    while process.poll() is None and not path.exists():
        pass
    process.kill()
    process.communicate()
    assert long_timeline.indexes() == list(range(1, MANY + 1))
