"""Conflicts between an author's changes and those that others have pushed."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import attrs
import pytest

from imodel_files.changesets import record_changes, write_changeset
from itwin_imodels import AsyncIModelsClient, IModelsClient, errors
from itwin_imodels.models import ConflictCause, PullCheck
from itwin_imodels_hub import LocalHub
from tests.unit.imodel_files.plant import DAY, INSPECTION, MODEL, OTHER_LINK, PUMP, UNIQUE, make_imodel

INSERT = "INSERT INTO bis_Element (Id, ECClassId, ModelId, LastMod, CodeSpecId, CodeScopeId, CodeValue, ParentId) "
FIRST, SECOND, PARENT, CHILD = (f"0x{number:x}" for number in (0x101, 0x102, 0x103, 0x104))


def element(element_id: str, code: str | None = None, parent: str = "NULL", model: str = "1") -> str:
    """SQL that inserts an element."""
    value = "NULL" if code is None else f"'{code}'"
    return f"{INSERT} VALUES ({element_id}, {PUMP}, {model}, {DAY}, 1, 1, {value}, {parent})"


def label(element_id: str, text: str) -> str:
    """SQL that changes a label, and with it the time of the last change."""
    return updated(element_id, f"UserLabel = '{text}', LastMod = LastMod + {len(text)}")


def updated(element_id: str, what: str) -> str:
    """SQL that updates an element."""
    return f"UPDATE bis_Element SET {what} WHERE Id = {element_id}"  # noqa: S608 - our own values


def deleted(element_id: str) -> str:
    """SQL that deletes an element."""
    return f"DELETE FROM bis_Element WHERE Id = {element_id}"  # noqa: S608 - as above


@attrs.define
class Team:
    """Two authors, each with a copy of the database; the first pushes, the second is late."""

    hub: LocalHub
    client: IModelsClient
    imodel_id: str
    base_id: str
    newest_id: str
    folder: Path

    def edited(self, author: str, *statements: str) -> Path:
        """Edit a copy, and return the changeset."""
        parent_id = self.newest_id if author == "first" else self.base_id
        with record_changes(self.folder / f"{author}.bim", self.folder, parent_id=parent_id) as recording:
            for statement in statements:
                recording.connection.execute(statement)
        assert recording.written is not None
        return Path(recording.written.path)

    def pushed(self, *statements: str) -> Path:
        """Edit the first author's copy and push that."""
        file = self.edited("first", *statements)
        with self.client.authoring_session(self.imodel_id) as session:
            self.newest_id = session.push(file).id
        return file

    def checked(self, own: Path) -> PullCheck:
        """Push the second author's changeset, which is too late, and check it."""
        with self.client.authoring_session(self.imodel_id, changeset_id=self.base_id) as session:
            with pytest.raises(errors.OutdatedPush):
                session.push(own)
            check = session.pull_and_check(own, self.folder / "pulled", database=self.folder / "second.bim")
            assert session.changeset_id == self.base_id
            return check


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    """Yield authors of an iModel with three elements, one of which has a model."""
    make_imodel(tmp_path / "first.bim")
    with LocalHub() as hub, IModelsClient(hub.token(), base_url=hub.base_url) as client:
        imodel = client.create_imodel(hub.itwin_id, "Plant")
        team = Team(hub, client, imodel.id, "", "", tmp_path)
        model = f"INSERT INTO bis_Model (Id, ECClassId, LastMod) VALUES ({PARENT}, 16, {DAY})"  # noqa: S608 - as above
        base = team.pushed(element(FIRST), element(SECOND), element(PARENT), model)
        team.base_id = base.stem
        shutil.copy(tmp_path / "first.bim", tmp_path / "second.bim")
        yield team


def test_what_both_changed_is_in_conflict(team: Team) -> None:
    """The conflict lists the properties; changes of only one side, or of different properties, are no conflict."""
    power = updated(SECOND, "JsonProperties = '{}', LastMod = LastMod + 9")
    first = team.pushed(label(FIRST, "a"), label(SECOND, "b"))
    second = team.pushed(label(FIRST, "aa"))
    own = team.edited("second", label(FIRST, "mine"), power, label(PARENT, "quiet"))
    check = team.checked(own)
    assert [each.path.name for each in check.pulled] == [first.name, second.name]
    assert check.changeset_id == second.stem
    (conflict,) = check.conflicts
    assert (conflict.cause, conflict.kind, conflict.class_name) == (
        ConflictCause.SAME_INSTANCE,
        "element",
        "Plant:Pump",
    )
    assert (conflict.element_id, conflict.other_id, conflict.own, conflict.other) == (FIRST, FIRST, "update", "update")
    assert conflict.properties == ("UserLabel",)
    assert check.element_ids == (FIRST,)
    assert not check.has_schema_changes


def test_what_one_deleted_the_other_cannot_change(team: Team) -> None:
    """This applies to the element and its contents, in either direction."""
    team.pushed(deleted(FIRST), deleted(PARENT), element("0x201", parent=SECOND))
    own = team.edited("second", label(FIRST, "mine"), element(CHILD, parent=PARENT), deleted(SECOND))
    found = [(each.cause, each.id, each.own, each.other, each.other_id) for each in team.checked(own).conflicts]
    assert sorted(found) == sorted(
        [
            (ConflictCause.SAME_INSTANCE, FIRST, "update", "delete", FIRST),
            (ConflictCause.DELETED_CONTAINER, CHILD, "insert", "delete", PARENT),
            (ConflictCause.DELETED_CONTAINER, "0x201", "delete", "insert", SECOND),
        ]
    )


@pytest.mark.parametrize("statements", [(), (deleted(PARENT),)], ids=["model only", "with its element"])
def test_a_deleted_model(team: Team, statements: tuple[str, ...]) -> None:
    """An element in a deleted model is one conflict, even if the modeled element remains or is deleted too."""
    team.pushed(f"DELETE FROM bis_Model WHERE Id = {PARENT}", *statements)  # noqa: S608 - as above
    own = team.edited("second", element(CHILD, model=PARENT))
    (conflict,) = team.checked(own).conflicts
    assert (conflict.cause, conflict.id, conflict.own, conflict.other, conflict.other_id) == (
        ConflictCause.DELETED_CONTAINER,
        CHILD,
        "insert",
        "delete",
        PARENT,
    )


def test_a_new_parent_that_the_others_deleted(team: Team) -> None:
    """This is a conflict even if they also changed another property of the element."""
    team.pushed(label(FIRST, "a"), updated(SECOND, "LastMod = LastMod + 1"), deleted(PARENT))
    moved = updated(FIRST, f"ParentId = {PARENT}"), updated(SECOND, f"ParentId = {PARENT}")
    found = [(each.cause, each.id, each.other_id) for each in team.checked(team.edited("second", *moved)).conflicts]
    assert found == [(ConflictCause.DELETED_CONTAINER, each, PARENT) for each in (FIRST, SECOND)]


def test_a_model_that_the_others_emptied(team: Team) -> None:
    """An element that they moved out of it before they deleted it can have a new parent."""
    for author in ("first", "second"):
        with closing(apsw.Connection(str(team.folder / f"{author}.bim"))) as database:
            database.execute(element(CHILD, model=PARENT))
    team.pushed(updated(CHILD, "ModelId = 1"), f"DELETE FROM bis_Model WHERE Id = {PARENT}")  # noqa: S608 - as above
    assert team.checked(team.edited("second", updated(CHILD, f"ParentId = {FIRST}"))).conflicts == ()


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("bis_ElementMultiAspect", f"7, {INSPECTION}, {FIRST}, 'x'"),
        ("bis_ElementRefersToElements", f"7, {OTHER_LINK}, {FIRST}, {SECOND}, 1"),
        ("bis_ElementRefersToElements", f"7, {OTHER_LINK}, {SECOND}, {FIRST}, 1"),
        ("bis_Model", f"{FIRST}, {MODEL}, {DAY}"),
    ],
    ids=["aspect", "source", "target", "model"],
)
def test_what_belongs_to_a_deleted_element(team: Team, table: str, values: str) -> None:
    """An aspect or a model of an element that one side deleted, or an end of a relationship."""
    team.pushed(deleted(FIRST))
    own = team.edited("second", f"INSERT INTO {table} VALUES ({values})")  # noqa: S608 - our own values
    (conflict,) = team.checked(own).conflicts
    assert (conflict.cause, conflict.own, conflict.other, conflict.other_id) == (
        ConflictCause.DELETED_CONTAINER,
        "insert",
        "delete",
        FIRST,
    )


def test_the_parent_outlives_its_model(team: Team) -> None:
    """A child of an element does not depend on the model of that element."""
    team.pushed(f"DELETE FROM bis_Model WHERE Id = {PARENT}")  # noqa: S608 - as above
    assert team.checked(team.edited("second", element(CHILD, parent=PARENT))).conflicts == ()


@pytest.mark.parametrize("code", ["P-7", "p-7"])
def test_the_same_code_twice(team: Team, code: str) -> None:
    """A code is unique; as in the database, the case of ASCII letters does not matter, and that of others does."""
    team.pushed(element("0x201", "P-7"), element("0x202", "P-8"), element("0x203", "Ü"))
    own = team.edited("second", element("0x301", code), element("0x302"), element("0x303", "ü"))
    (conflict,) = team.checked(own).conflicts
    assert (conflict.cause, conflict.id, conflict.other_id) == (ConflictCause.SAME_CODE, "0x301", "0x201")


def test_aspects_and_other_rows(team: Team) -> None:
    """They are compared by themselves; an aspect names its element."""
    columns = "(Id, ECClassId, ElementId, ps1)"
    aspect = f"INSERT INTO bis_ElementMultiAspect {columns} VALUES (7, {INSPECTION}, {FIRST}, 'x')"  # noqa: S608 - as above
    team.pushed(aspect, "INSERT INTO be_Prop VALUES ('a', 'b', x'01')")
    own = team.edited("second", aspect.replace("'x'", "'y'"), "INSERT INTO be_Prop VALUES ('a', 'b', x'02')")
    found = [(each.kind, each.id, each.element_id) for each in team.checked(own).conflicts]
    assert found == [("aspect", "0x7", FIRST), ("row", "be_Prop a b", None)]


def test_ids_are_those_of_a_table(team: Team) -> None:
    """The id of an aspect that an element can have once is often that of an aspect of which it can have many."""
    unique, multi = "bis_ElementUniqueAspect", "bis_ElementMultiAspect"
    for author in ("first", "second"):
        with closing(apsw.Connection(str(team.folder / f"{author}.bim"))) as database:
            database.execute(f"INSERT INTO {multi} VALUES (7, {INSPECTION}, {FIRST}, 'x')")  # noqa: S608 - our own values
            database.execute(f"INSERT INTO {unique} VALUES (7, {UNIQUE}, {SECOND})")  # noqa: S608 - as above
    changed = f"UPDATE {multi} SET ps1 = '%s'"  # noqa: S608 - as above
    team.pushed(changed % "y", f"UPDATE {unique} SET ElementId = {FIRST}")  # noqa: S608 - as above
    (conflict,) = team.checked(team.edited("second", changed % "z")).conflicts
    assert (conflict.class_name, conflict.properties) == ("Plant:Inspection", ("Result",))


def test_without_conflicts_the_work_goes_on(team: Team) -> None:
    """The author applies what was pulled, repeats the own edits, and pushes on the newest changeset."""
    newest = team.pushed(label(FIRST, "a"))
    own = team.edited("second", label(SECOND, "b"))
    check = team.checked(own)
    assert check.conflicts == ()
    again = team.edited("first", label(SECOND, "b"))
    with team.client.authoring_session(team.imodel_id, changeset_id=team.base_id) as session:
        session.changeset_id = check.changeset_id or ""
        assert session.changeset_id == newest.stem
        assert session.push(again).id == again.stem
        late = session.pull_and_check(again, team.folder / "more", database=team.folder / "first.bim")
        assert (late.pulled, late.conflicts, late.changeset_id) == ((), (), None)


def test_schema_changes_are_reported(team: Team) -> None:
    """Since rows of changed tables may not be comparable."""
    written = write_changeset(
        team.folder, b"", parent_id=team.base_id, ddl="CREATE TABLE plant_New (Id INTEGER PRIMARY KEY)"
    )
    with team.client.authoring_session(team.imodel_id) as session:
        session.push(team.folder / f"{written}.cs")
    assert team.checked(team.edited("second", label(FIRST, "mine"))).has_schema_changes


def test_columns_that_were_dropped(team: Team) -> None:
    """Rows whose columns are unknown cannot be compared; the error is one of this package."""
    written = write_changeset(
        team.folder,
        b"T\x02\x01\x00bis_Model\x00\x12\x00\x01" + bytes(8) + b"\x05",
        parent_id=team.base_id,
        ddl="ALTER TABLE bis_Model DROP COLUMN LastMod",
    )
    with team.client.authoring_session(team.imodel_id) as session:
        session.push(team.folder / f"{written}.cs")
    with pytest.raises(errors.InvalidFile, match="the columns of table bis_Model are unknown"):
        team.checked(team.edited("second", label(FIRST, "mine")))


def test_files_that_cannot_be_used(team: Team) -> None:
    """The error is raised before anything is downloaded, or names the problem."""
    team.pushed(label(FIRST, "a"))
    own = team.edited("second", label(FIRST, "b"))
    nothing = team.folder / "nothing.bim"
    with team.client.authoring_session(team.imodel_id, changeset_id=team.base_id) as session:
        with pytest.raises(errors.MissingFile):
            session.pull_and_check(own, team.folder / "pulled", database=nothing)
        assert not (team.folder / "pulled").exists()
        nothing.write_bytes(b"no database" * 100)
        with pytest.raises(errors.InvalidFile):
            session.pull_and_check(own, team.folder / "pulled", database=nothing)
        with pytest.raises(errors.InvalidChangesetFile):
            session.pull_and_check(nothing, team.folder / "pulled", database=team.folder / "second.bim")


def test_both_colours(team: Team) -> None:
    """The asynchronous client returns the same."""
    team.pushed(label(FIRST, "a"))
    own = team.edited("second", label(FIRST, "b"))

    async def check() -> PullCheck:
        async with (
            AsyncIModelsClient(team.hub.token(), base_url=team.hub.base_url) as client,
            client.authoring_session(team.imodel_id, changeset_id=team.base_id) as session,
        ):
            return await session.pull_and_check(own, team.folder / "pulled", database=team.folder / "second.bim")

    assert asyncio.run(check()).element_ids == (FIRST,)
