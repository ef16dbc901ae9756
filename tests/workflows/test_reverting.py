"""Reverting a timeline: one more changeset restores the content of an earlier one."""

from pathlib import Path
from typing import Any

import apsw
import pytest

from imodel_files.changesets import invert_changesets, write_changeset
from itwin_imodels import errors
from itwin_imodels._workflows.revert import kinds_of_revert
from itwin_imodels.models import Changeset, ContainingChanges
from itwin_imodels_hub import Fault, LocalHub
from tests.unit.imodel_files.making import NO_VALUE as SAME
from tests.unit.imodel_files.making import UPDATE, fields, table
from tests.workflows.helpers.bench import CONFIRM, Bench
from tests.workflows.helpers.databases import Desk, content, database
from tests.workflows.helpers.timelines import Work, worked

pytestmark = pytest.mark.usefixtures("instantly")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Five changesets; the third makes a table."""
    return worked(tmp_path_factory.mktemp("work"))


class Story:
    """An iModel whose timeline is reverted."""

    def __init__(self, bench: Bench, work: Work) -> None:
        """Create it from a baseline, and push its changesets."""
        self.client, self.folder = bench.client, bench.folder / "files"
        self.imodel_id = self.client.create_imodel_from_baseline(
            bench.hub.itwin_id, f"Story of {bench.imodel_id}", work.databases[0]
        ).id
        self.briefcase_id = self.client.briefcases.acquire(self.imodel_id).briefcase_id
        self.client.push_changesets(self.imodel_id, work.files, briefcase_id=self.briefcase_id, parent_id=None)

    def revert(self, to: str | int, **options: Any) -> Changeset | None:
        """Revert it."""
        return self.client.revert_timeline(
            self.imodel_id, self.folder, to=to, briefcase_id=self.briefcase_id, **options
        )

    def content(self, changeset: str | int | None = None) -> dict[str, Any]:
        """Return the content of the database at a changeset."""
        target = self.folder.with_name("target.bim")
        self.client.download_checkpoint(self.imodel_id, target, changeset=changeset, apply=True)
        return content(target)

    def index(self) -> int:
        """Return the index of the newest changeset."""
        return self.client.changeset_at(self.imodel_id, latest=True).index


@pytest.fixture
def story(bench: Bench, work: Work) -> Story:
    """The iModel with five changesets."""
    return Story(bench, work)


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("to", [0, 2, 3, 4])
def test_the_content_comes_back(to: int, story: Story, work: Work) -> None:
    """One more changeset restores it. A table that was created in between remains, without rows."""
    reverted = story.revert(work.files[to - 1].stem if to == 3 else to)
    assert reverted is not None
    assert (reverted.index, reverted.parent_id) == (6, work.files[-1].stem)
    assert reverted.description == (f"Revert to changeset {to}" if to else "Revert to the baseline")
    found, expected = story.content(), content(work.databases[to])
    owner = found.pop("owner")
    assert owner == expected.pop("owner", [])
    del found["schema"], expected["schema"]
    assert found == expected
    assert story.content(5) == content(work.databases[5])


def test_there_is_nothing_to_take_back_twice(story: Story) -> None:
    """The same applies at the end of the timeline; reverting the revert restores everything."""
    before = story.content()
    assert story.revert(5) is None
    first = story.revert(1, description="Mistake", release_locks=True)
    assert first is not None
    assert first.description == "Mistake"
    assert story.revert(1) is None
    assert story.index() == 6
    assert story.revert(5) is not None
    after = story.content()
    assert (after["plant"], after["owner"]) == (before["plant"], before["owner"])


def test_the_kinds_of_changes_are_those_taken_back(bench: Bench, work: Work) -> None:
    """All of them together."""
    parent = ""
    for file, kinds in zip(work.files[:3], (4, ContainingChanges.DEFINITION, 32), strict=True):
        parent = bench.client.push_changeset(
            bench.imodel_id, file, briefcase_id=bench.briefcase_id, parent_id=parent, containing_changes=kinds
        ).id
    reverted = bench.client.revert_timeline(
        bench.imodel_id, bench.folder / "files", to=1, briefcase_id=bench.briefcase_id
    )
    assert reverted is not None
    assert reverted.containing_changes == ContainingChanges.DEFINITION | ContainingChanges.GLOBAL_PROPERTIES


@pytest.mark.parametrize(
    ("reverted", "kinds"), [((), 0), ((4, 2, 0), 6), ((4, 1, 2), 1), ((65, 2), 65), ((1, 64, 8), 65), ((4, 128), 4)]
)
def test_the_service_accepts_the_kinds_of_a_revert(reverted: tuple[int, ...], kinds: int) -> None:
    """Schema changes are not combined with changes to data, and new kinds are not sent."""
    assert kinds_of_revert(map(ContainingChanges, reverted)) == ContainingChanges(kinds)


def test_a_database_tells_what_a_change_that_does_not_fit_overrode(bench: Bench, tmp_path: Path) -> None:
    """The files alone lead to the value that its author had."""
    body = table("plant", 4) + UPDATE + fields(1, SAME, 9.9, SAME) + fields(SAME, SAME, 7.0, SAME)
    file = tmp_path / "misfit.cs"
    write_changeset(file, body, parent_id=None)
    story = Story(bench, Work(databases=[database(tmp_path / "0.bim")], files=[file]))
    before = tmp_path / "before.bim"
    story.client.download_checkpoint(story.imodel_id, before, changeset=0, apply=True)
    assert story.revert(0) is not None
    assert story.content()["plant"][0][2] == 9.9
    assert story.revert(0, database=before) is not None
    assert story.content()["plant"][0][2] == 4.5
    assert story.revert(0, database=before) is None


def test_what_cannot_be_taken_back_is_an_error(bench: Bench, work: Work, tmp_path: Path) -> None:
    """Nothing is pushed."""
    desk = Desk(work.databases[0], tmp_path)
    story = Story(bench, Work(databases=work.databases, files=[desk.change(ddl="DROP TABLE plant")]))
    with pytest.raises(errors.InvalidChangesetFile, match="its DDL cannot be reverted: 'DROP TABLE plant'"):
        story.revert(0)
    assert story.index() == 1


def test_a_database_elsewhere_is_an_error(story: Story, work: Work, tmp_path: Path) -> None:
    """The same applies to a file that cannot be read or is not a changeset file."""
    story.client.download_checkpoint(story.imodel_id, tmp_path / "4.bim", changeset=4, apply=True)
    with apsw.Connection(str(tmp_path / "4.bim")) as made:
        made.execute("CREATE TABLE be_Local (Name CHAR PRIMARY KEY, Val BLOB)")
        made.execute("INSERT INTO be_Local VALUES ('ParentChangeSetId', ?)", (work.files[3].stem,))
    with pytest.raises(errors.InvalidChangesetFile, match="the database is at changeset"):
        story.revert(2, database=tmp_path / "4.bim")
    with pytest.raises(errors.InvalidChangesetFile, match="SQLite cannot use the database"):
        story.revert(2, database=work.files[0])
    with pytest.raises(errors.UnreadableFile):
        story.revert(2, database=tmp_path / "missing.bim")
    assert story.index() == 5


def test_a_push_of_others_meanwhile_is_outdated(story: Story, work: Work, tmp_path: Path) -> None:
    """No changes are lost; the next call reverts those of others, too."""
    theirs = tmp_path / "theirs.cs"
    invert_changesets(work.files[4:], theirs, parent_id=work.files[3].stem)

    def push_theirs(done: int, total: int | None) -> None:
        if done == total and story.index() == 5:
            story.client.push_changeset(
                story.imodel_id, theirs, briefcase_id=story.briefcase_id, parent_id=work.files[4].stem
            )

    with pytest.raises(errors.OutdatedPush):
        story.revert(3, progress=push_theirs)
    reverted = story.revert(3)
    assert reverted is not None
    assert reverted.index == 7


def test_an_interrupted_call_is_repeated(story: Story, hub: LocalHub) -> None:
    """The same changeset is pushed."""
    hub.control.faults.add(Fault(**CONFIRM, action="status", status=500, times=20))
    with pytest.raises(errors.ServerError):
        story.revert(2)
    hub.control.faults.clear()
    names = {each.name for each in story.folder.iterdir()}
    reverted = story.revert(2)
    assert reverted is not None
    assert {each.name for each in story.folder.iterdir()} == names
    assert f"{reverted.id}.cs" in names


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"to": -1}, ValueError),
        ({"to": "7"}, ValueError),
        ({"to": None}, TypeError),
        ({"to": 1, "briefcase_id": 1}, ValueError),
        ({"to": 1, "description": "x" * 256}, ValueError),
    ],
)
def test_arguments_are_checked_first(options: dict[str, Any], kind: type[Exception], bench: Bench) -> None:
    """Nothing is sent."""
    with pytest.raises(kind):
        bench.client.revert_timeline(
            bench.imodel_id, bench.folder / "files", **{"briefcase_id": bench.briefcase_id, **options}
        )
    assert not bench.hub.control.log.requests
    assert not (bench.folder / "files").exists()


def test_an_unknown_changeset_is_not_found(story: Story) -> None:
    """An index above the newest one is not a changeset."""
    for unknown in (6, "0" * 40):
        with pytest.raises(errors.NotFound):
            story.revert(unknown)
