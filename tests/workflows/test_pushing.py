"""Pushing changesets: single ones, several, in groups, and checks before anything is sent."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from imodel_files.changesets import (
    ChangesetFileError,
    ChangesetIdMismatchError,
    NotAChangesetFileError,
    TruncatedFileError,
)
from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import ChangesetGroupState, ContainingChanges, SynchronizationInfo
from tests.behaviour.helpers.control import tls
from tests.workflows.helpers.bench import (
    CHUNK,
    CLOSE,
    CONFIRM,
    CREATE,
    LARGE,
    Bench,
    Shown,
    ids,
)
from tests.workflows.helpers.files import chain_of, changeset_file
from tests.workflows.helpers.meddling import meddling

UNKNOWN = "f" * 40


def test_a_changeset_is_pushed(bench: Bench) -> None:
    """It is announced with all properties, uploaded and confirmed; the id is that of the file."""
    group = bench.client.changeset_groups.create(bench.imodel_id)
    shown = Shown()
    file = bench.file()
    pushed = bench.push(
        file,
        id=file.stem.upper(),
        description="Walls",
        containing_changes=ContainingChanges.SCHEMA,
        group_id=group.id,
        synchronization_info=SynchronizationInfo(task_id="task", changed_files=("a.dgn",)),
        progress=shown,
    )
    assert (pushed.id, pushed.state, pushed.index) == (file.stem, "fileUploaded", 1)
    kept = bench.client.changesets.get(bench.imodel_id, pushed.id)
    assert (kept.description, kept.group_id, kept.briefcase_id) == ("Walls", group.id, bench.briefcase_id)
    assert (kept.containing_changes, kept.file_size) == (ContainingChanges.SCHEMA, file.stat().st_size)
    assert kept.synchronization_info == SynchronizationInfo(task_id="task", changed_files=("a.dgn",))
    shown.assert_whole(file.stat().st_size)
    bench.assert_holds([file])


def test_a_push_is_three_requests(bench: Bench) -> None:
    """No unnecessary request is sent."""
    bench.push(bench.file())
    assert bench.asked == ["POST changesets", "PUT storage", "PATCH changesets/…"]


def test_a_large_changeset_goes_in_blocks(bench: Bench) -> None:
    """Its progress goes up to the total."""
    shown = Shown()
    file = bench.file(size=LARGE)
    bench.push(file, progress=shown)
    assert bench.count("PUT storage") > 8
    shown.assert_whole(file.stat().st_size)
    assert len(shown.reports) > 5
    bench.assert_holds([file])


def test_changesets_follow_one_another(bench: Bench) -> None:
    """The parent is the newest changeset, in upper or lower case; that of the first one is None or empty."""
    first = bench.file()
    bench.push(first, "")
    second = bench.file(first.stem)
    bench.push(second, first.stem.upper())
    bench.assert_holds([first, second])


def test_a_changeset_that_is_there_is_returned(bench: Bench) -> None:
    """A repeated push creates no second changeset, even if others have followed."""
    first = bench.file()
    pushed = bench.push(first)
    second = bench.file(pushed)
    bench.push(second, pushed)
    shown = Shown()
    again = bench.push(first, progress=shown)
    assert (again.id, again.index) == (pushed.id, pushed.index)
    shown.assert_whole(first.stat().st_size)
    bench.assert_holds([first, second])


def broken(folder: Path, kind: str) -> Path:
    """Create a file that is no changeset file."""
    path = folder / f"{kind}.cs"
    content = {"empty": b"", "text": b"no changeset " * 50}.get(kind)
    path.write_bytes(changeset_file(folder).read_bytes()[:-10] if content is None else content)
    return path


@pytest.mark.parametrize(
    ("kind", "error"),
    [("empty", TruncatedFileError), ("text", NotAChangesetFileError), ("cut", TruncatedFileError)],
)
@pytest.mark.parametrize("verb", ["push_changeset", "push_changesets"])
def test_what_is_no_changeset_file_is_not_sent(
    bench: Bench, verb: str, kind: str, error: type[ChangesetFileError]
) -> None:
    """The error names the file; no request is sent."""
    good, bad = bench.file(), broken(bench.folder, kind)
    given = bad if verb == "push_changeset" else [good, bad]
    with pytest.raises(error, match=f"{kind}.cs"):
        getattr(bench.client, verb)(bench.imodel_id, given, briefcase_id=bench.briefcase_id, parent_id=None)
    assert bench.asked == []


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"id": UNKNOWN}, ChangesetIdMismatchError, UNKNOWN),
        ({"id": "1f2e"}, ValueError, "id must be 40 hexadecimal digits"),
        ({"parent_id": "1f2e"}, ValueError, "parent_id must be 40 hexadecimal digits"),
        ({"parent_id": 7}, TypeError, "parent_id must be a string"),
        ({"description": "x" * 256}, ValueError, "description has 256 characters; at most 255"),
        ({"briefcase_id": 1}, ValueError, "briefcase_id must be 2 to"),
        ({"briefcase_id": "2"}, TypeError, "briefcase_id must be an integer"),
        ({"containing_changes": 128}, ValueError, "containing_changes"),
        ({"group_id": " "}, ValueError, "group_id must not be empty"),
        ({"timeout": -1}, ValueError, "timeout must be a number of seconds"),
    ],
)
def test_a_wrong_argument_is_reported_before_anything_is_sent(
    bench: Bench, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Which argument, and what it may be."""
    with pytest.raises(error, match=message):
        bench.push(bench.file(), **wrong)
    assert bench.asked == []


def test_a_wrong_parent_is_reported_before_anything_is_sent_where_the_id_is_known(bench: Bench) -> None:
    """The id of a file follows from its parent."""
    file = bench.file(UNKNOWN)
    with pytest.raises(ChangesetIdMismatchError, match=file.stem):
        bench.push(file, None, id=file.stem)
    assert bench.asked == []


def test_an_empty_imodel_id_and_a_missing_file_are_reported(bench: Bench) -> None:
    """The id raises a separate error, and the file the same error as in Python."""
    with pytest.raises(ValueError, match="imodel_id must not be empty"):
        bench.client.push_changeset(" ", bench.file(), briefcase_id=2, parent_id=None)
    with pytest.raises(FileNotFoundError):
        bench.push(bench.folder / "missing.cs")
    assert bench.asked == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"briefcase_id": 99}, "BriefcaseNotFound"),
        ({"group_id": "00000000-0000-4000-8000-000000000000"}, "ChangesetGroupNotFound"),
        ({"parent_id": UNKNOWN}, "ChangesetNotFound"),
    ],
)
def test_the_service_refuses_what_it_does_not_know(bench: Bench, wrong: dict[str, Any], code: str) -> None:
    """No unfinished push remains: the next one succeeds."""
    with pytest.raises(errors.NotFound) as caught:
        bench.push(bench.file(wrong.get("parent_id")), **wrong)
    assert caught.value.code == code
    assert bench.count("PUT") == 0
    file = bench.file()
    bench.push(file)
    bench.assert_holds([file])


def test_a_push_into_a_closed_group_is_refused(bench: Bench) -> None:
    """The hint says what to do."""
    group = bench.client.changeset_groups.create(bench.imodel_id)
    bench.client.changeset_groups.close(bench.imodel_id, group.id)
    with pytest.raises(errors.Conflict, match="Create a new changeset group") as caught:
        bench.push(bench.file(), group_id=group.id)
    assert caught.value.code == "ChangesetGroupIsClosed"


def test_an_imodel_that_is_not_there_is_reported(bench: Bench) -> None:
    """This includes an iModel that the caller may not see."""
    with pytest.raises(errors.NotFound) as caught:
        bench.client.push_changeset(UNKNOWN[:36], bench.file(), briefcase_id=2, parent_id=None)
    assert caught.value.code == "iModelNotFound"


def test_a_timeline_that_moved_on_names_what_to_pull(bench: Bench) -> None:
    """All changesets after the parent, oldest first; after the baseline, too."""
    files = chain_of(bench.folder, 4)
    bench.client.push_changesets(bench.imodel_id, files, briefcase_id=bench.briefcase_id, parent_id=None)
    for parent, newer in ((files[1].stem, files[2:]), ("", files)):
        with pytest.raises(errors.NewerChangesExist, match="Pull and apply") as caught:
            bench.push(bench.file(parent), parent)
        assert caught.value.changeset_ids == tuple(file.stem for file in newer)
        assert f"to pull: changeset {newer[0].stem}" in str(caught.value)
    bench.assert_holds(files)


def test_locks_are_released_with_the_push(bench: Bench) -> None:
    """They count as changed by it: the next holder has to pull it."""
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=ids(1, 3))
    pushed = bench.push(bench.file(), release_locks=True)
    assert bench.locks() == {}
    second = bench.client.briefcases.acquire(bench.imodel_id).briefcase_id
    with pytest.raises(errors.NewerChangesExist):
        bench.client.acquire_locks(bench.imodel_id, second, exclusive=["0x1"])
    bench.client.acquire_locks(bench.imodel_id, second, exclusive=["0x1"], changeset_id=pushed.id)


def test_locks_stay_by_default(bench: Bench) -> None:
    """A push does not release locks by default."""
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=["0x1"])
    bench.push(bench.file())
    assert bench.locks() == {"0x1": "exclusive"}


def test_a_push_whose_locks_were_not_released_is_finished_by_a_second_call(bench: Bench) -> None:
    """The error says that the changeset is in the timeline."""
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=["0x1"])
    bench.fault(**CHUNK, action="answer", status=403)
    file = bench.file()
    with pytest.raises(errors.Forbidden) as caught:
        bench.push(file, release_locks=True)
    assert f"Changeset {file.stem} is in the timeline" in "".join(caught.value.__notes__)
    assert bench.push(file, release_locks=True).id == file.stem
    assert bench.locks() == {}
    bench.assert_holds([file])


# --- several -----------------------------------------------------------------------------------------------


def push_all(bench: Bench, files: list[Path], **options: Any) -> list[Any]:
    """Push files from the briefcase."""
    options = {"briefcase_id": bench.briefcase_id, "parent_id": None, **options}
    return list(bench.client.push_changesets(bench.imodel_id, files, **options))


def test_a_chain_is_pushed(bench: Bench) -> None:
    """The order is kept; progress covers all files, and locks are released at the end."""
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=["0x1"])
    files = chain_of(bench.folder, 3, size=1000)
    shown = Shown()
    pushed = push_all(bench, files, progress=shown, description="Part", release_locks=True)
    assert [each.id for each in pushed] == [file.stem for file in files]
    assert {each.description for each in pushed} == {"Part"}
    assert {each.group_id for each in pushed} == {None}
    shown.assert_whole(sum(file.stat().st_size for file in files))
    assert bench.locks() == {}
    bench.assert_holds(files)


def test_a_chain_is_pushed_into_a_group(bench: Bench) -> None:
    """Which is closed as completed."""
    files = chain_of(bench.folder, 3)
    pushed = push_all(bench, files, group="May survey")
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert (group.state, group.description) == (ChangesetGroupState.COMPLETED, "May survey")
    assert {each.group_id for each in pushed} == {group.id}
    bench.assert_holds(files)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"files": []}, ValueError, "`files` must not be empty"),
        ({"files": "a.cs"}, TypeError, "files must be an iterable of files, not a single string"),
        ({"description": "x" * 256}, ValueError, "256 characters"),
        ({"group": "x" * 256}, ValueError, "group has 256 characters"),
        ({"briefcase_id": 0}, ValueError, "briefcase_id"),
        ({"timeout": -1}, ValueError, "timeout"),
        ({"parent_id": "7"}, ValueError, "parent_id"),
    ],
)
def test_wrong_arguments_of_a_chain_are_reported_before_anything_is_sent(
    bench: Bench, wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Which argument, and what it may be."""
    with pytest.raises(error, match=message):
        push_all(bench, **{"files": [bench.file()], **wrong})
    assert bench.asked == []


def test_files_that_do_not_follow_one_another_end_the_chain(bench: Bench) -> None:
    """The ids are computed one after another, so files always follow one another."""
    files = [bench.file(), bench.file()]
    pushed = push_all(bench, files)
    assert pushed[1].parent_id == pushed[0].id
    assert pushed[1].id != files[1].stem


def test_a_group_stays_open_when_a_push_fails_and_is_gone_on_with(bench: Bench) -> None:
    """The note names the group; the second call pushes the remaining changesets into it and closes it."""
    files = chain_of(bench.folder, 4)
    bench.fault(**CREATE, action="answer", status=403, skip=2)
    with pytest.raises(errors.Forbidden) as caught:
        push_all(bench, files, group="Nightly")
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert group.state == ChangesetGroupState.IN_PROGRESS
    (note,) = caught.value.__notes__
    assert f"Changeset group {group.id} of iModel {bench.imodel_id} is still open" in note
    bench.hub.control.log.clear()
    shown = Shown()
    pushed = push_all(bench, files, group="Nightly", progress=shown)
    assert bench.count("POST changesets") == 2
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert (group.state, {each.group_id for each in pushed}) == (ChangesetGroupState.COMPLETED, {group.id})
    shown.assert_whole(sum(file.stat().st_size for file in files))
    bench.assert_holds(files)


def test_a_group_is_gone_on_with_before_its_first_changeset_is_there(bench: Bench) -> None:
    """The changeset that waits for its file knows its group."""
    files = chain_of(bench.folder, 2)
    bench.fault(**CONFIRM, action="answer", status=403)
    with pytest.raises(errors.Forbidden):
        push_all(bench, files, group="Nightly")
    pushed = push_all(bench, files, group="Nightly")
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert (group.state, {each.group_id for each in pushed}) == (ChangesetGroupState.COMPLETED, {group.id})
    bench.assert_holds(files)


def test_the_newest_group_is_gone_on_with(bench: Bench) -> None:
    """The first changesets were pushed without a group, and the group for the rest was left open."""
    files = chain_of(bench.folder, 4)
    push_all(bench, files[:1])
    bench.fault(**CREATE, action="answer", status=403, skip=1)
    with pytest.raises(errors.Forbidden):
        push_all(bench, files, group="Rest")
    pushed = push_all(bench, files, group="Rest")
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert group.state == ChangesetGroupState.COMPLETED
    assert [each.group_id for each in pushed] == [None, group.id, group.id, group.id]
    bench.assert_holds(files)


def test_a_chain_that_is_there_is_returned(bench: Bench) -> None:
    """There is no second group and no upload, and an open group is closed."""
    files = chain_of(bench.folder, 2)
    bench.fault(**CLOSE, action="answer", status=403)
    with pytest.raises(errors.Forbidden):
        push_all(bench, files, group="Nightly")
    for _ in range(2):
        shown = Shown()
        push_all(bench, files, group="Nightly", progress=shown)
        shown.assert_whole(sum(file.stat().st_size for file in files))
        (group,) = bench.client.changeset_groups.list(bench.imodel_id)
        assert group.state == ChangesetGroupState.COMPLETED
    bench.assert_holds(files)


@pytest.mark.parametrize("action", ["drop", "drop_after"])
def test_a_group_whose_closing_was_not_answered_is_closed(bench: Bench, action: str) -> None:
    """The state of the group is looked up."""
    files = chain_of(bench.folder, 2)
    bench.fault(**CLOSE, action=action)
    push_all(bench, files, group="Nightly")
    (group,) = bench.client.changeset_groups.list(bench.imodel_id)
    assert group.state == ChangesetGroupState.COMPLETED


def test_a_chain_behind_the_timeline_names_what_to_pull(bench: Bench, other: IModelsClient) -> None:
    """Another user pushed after the first part of the chain."""
    files = chain_of(bench.folder, 3)
    push_all(bench, files[:1])
    theirs = bench.file(files[0].stem)
    briefcase_id = other.briefcases.acquire(bench.imodel_id).briefcase_id
    other.push_changeset(bench.imodel_id, theirs, briefcase_id=briefcase_id, parent_id=files[0].stem)
    with pytest.raises(errors.NewerChangesExist) as caught:
        push_all(bench, files)
    assert caught.value.changeset_ids == (theirs.stem,)
    bench.assert_holds([files[0], theirs])


def states(bench: Bench) -> list[str]:
    """Return the states of all groups."""
    return [str(each.state) for each in bench.client.changeset_groups.list(bench.imodel_id)]


@pytest.mark.parametrize("part", [0, 1])
def test_no_group_is_opened_for_a_chain_behind_the_timeline(bench: Bench, other: IModelsClient, part: int) -> None:
    """This applies to every attempt; the error is that of the service, with the changesets to pull."""
    files = chain_of(bench.folder, 3)
    if part:
        push_all(bench, files[:part])
    theirs = bench.file(files[0].stem if part else None)
    parent_id = files[0].stem if part else None
    briefcase_id = other.briefcases.acquire(bench.imodel_id).briefcase_id
    other.push_changeset(bench.imodel_id, theirs, briefcase_id=briefcase_id, parent_id=parent_id)
    for _ in range(2):
        with pytest.raises(errors.OutdatedPush) as caught:
            push_all(bench, files, group="Nightly")
        assert caught.value.changeset_ids == (theirs.stem,)
        assert not getattr(caught.value, "__notes__", [])
    assert states(bench) == []


@pytest.mark.parametrize("wrong", [{"briefcase_id": 99}, {"parent_id": UNKNOWN}])
def test_a_group_of_a_rejected_chain_is_not_left_open(bench: Bench, wrong: dict[str, Any]) -> None:
    """An immediate rejection leaves nothing to resume."""
    with pytest.raises(errors.NotFound) as caught:
        push_all(bench, [bench.file()], group="Nightly", **wrong)
    assert not getattr(caught.value, "__notes__", [])
    assert ChangesetGroupState.IN_PROGRESS not in states(bench)


@pytest.mark.usefixtures("instantly")
def test_a_group_of_a_chain_that_is_overtaken_is_closed(bench: Bench, colour: str) -> None:
    """Another user pushes between the check of the timeline and the announcement."""
    files, theirs = chain_of(bench.folder, 2), bench.file()

    def overtake() -> None:
        transport = httpx.HTTPTransport(verify=tls())
        with IModelsClient(bench.hub.token("grace"), base_url=bench.hub.base_url, transport=transport) as other:
            briefcase_id = other.briefcases.acquire(bench.imodel_id).briefcase_id
            other.push_changeset(bench.imodel_id, theirs, briefcase_id=briefcase_id, parent_id=None)

    client = bench.open_client(transport=meddling(colour, "POST", "/changesetgroups$", overtake))
    with pytest.raises(errors.OutdatedPush) as caught:
        client.push_changesets(bench.imodel_id, files, briefcase_id=bench.briefcase_id, parent_id=None, group="Nightly")
    assert not getattr(caught.value, "__notes__", [])
    assert states(bench) == [ChangesetGroupState.COMPLETED]


def test_an_unused_group_that_cannot_be_closed_is_named(bench: Bench) -> None:
    """The error is that of the push."""
    bench.fault(**CREATE, action="answer", status=403)
    bench.fault(**CLOSE, action="answer", status=404)
    with pytest.raises(errors.Forbidden) as caught:
        push_all(bench, [bench.file()], group="Nightly")
    assert "is still open" in "".join(caught.value.__notes__)
    assert states(bench) == [ChangesetGroupState.IN_PROGRESS]


@pytest.mark.parametrize("changeset_id", ["f" * 40, "7", ""])
@pytest.mark.parametrize("request_", [CREATE, CONFIRM])
def test_an_answer_about_another_changeset_is_unexpected(
    bench: Bench, request_: dict[str, str], changeset_id: str
) -> None:
    """Nothing is uploaded to its link, and no lock is released for it."""
    file = bench.file()
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=["0x1"])
    facts = {"id": changeset_id, "index": 1, "state": "fileUploaded", "fileSize": 1, "briefcaseId": 2, "_links": {}}
    headers = {"content-type": "application/json"}
    bench.fault(**request_, action="answer", status=200, headers=headers, body=json.dumps({"changeset": facts}))
    with pytest.raises(
        errors.UnexpectedResponse, match=rf"changeset {file.stem}: .* is not the requested entity: id is"
    ):
        bench.push(file, release_locks=True)
    assert bench.locks() == {"0x1": "exclusive"}


# --- groups ------------------------------------------------------------------------------------------------


def test_a_group_is_closed_at_the_end_of_its_block(bench: Bench) -> None:
    """It is closed as completed."""
    with bench.client.changeset_group(bench.imodel_id, "Nightly synchronization") as group:
        assert (group.state, group.description) == (ChangesetGroupState.IN_PROGRESS, "Nightly synchronization")
        pushed = bench.push(bench.file(), group_id=group.id)
    assert pushed.group_id == group.id
    assert bench.client.changeset_groups.get(bench.imodel_id, group.id).state == ChangesetGroupState.COMPLETED


@pytest.mark.parametrize("failure", [RuntimeError("no more paper"), KeyboardInterrupt()])
def test_a_group_stays_open_when_its_block_fails(bench: Bench, failure: BaseException) -> None:
    """The error names the group."""
    block = bench.client.changeset_group(bench.imodel_id)
    with pytest.raises(type(failure)) as caught, block as group:
        raise failure
    assert bench.client.changeset_groups.get(bench.imodel_id, group.id).state == ChangesetGroupState.IN_PROGRESS
    assert group.id in "".join(caught.value.__notes__)
    assert "client.changeset_groups.close()" in "".join(caught.value.__notes__)


def test_a_group_that_cannot_be_closed_is_reported(bench: Bench) -> None:
    """The error says that it is still open."""
    bench.fault(**CLOSE, action="answer", status=403)
    with pytest.raises(errors.Forbidden) as caught, bench.client.changeset_group(bench.imodel_id) as group:
        pass
    assert f"Changeset group {group.id} of iModel {bench.imodel_id} is still open" in "".join(caught.value.__notes__)


def test_a_group_that_timed_out_is_not_taken_for_closed(bench: Bench) -> None:
    """A lost response makes no difference: the group is not complete."""
    bench.fault(**CLOSE, action="answer", status=500)
    with (
        pytest.raises(errors.Conflict, match="ChangesetGroupIsClosed"),
        bench.client.changeset_group(bench.imodel_id) as group,
    ):
        bench.hub.control.advance(timedelta(days=30))
    assert bench.client.changeset_groups.get(bench.imodel_id, group.id).state == ChangesetGroupState.TIMED_OUT


def test_a_group_that_others_closed_is_not_called_open(bench: Bench) -> None:
    """The error says that it is closed; the next call pushes the remaining changesets into a new group."""
    files = chain_of(bench.folder, 3)
    closed: list[str] = []

    def close(*_: object) -> None:
        if not closed:
            (group,) = bench.client.changeset_groups.list(bench.imodel_id)
            closed.append(group.id)
            bench.client.changeset_groups.close(bench.imodel_id, group.id)

    with pytest.raises(errors.Conflict, match="ChangesetGroupIsClosed") as caught:
        push_all(bench, files, group="Nightly", progress=close)
    assert not hasattr(caught.value, "__notes__")
    assert len(push_all(bench, files, group="Nightly")) == len(files)
    assert states(bench) == [ChangesetGroupState.COMPLETED] * 2


def test_a_briefcase_that_others_released_is_not_said_to_hold_locks(bench: Bench) -> None:
    """The note only says that the push succeeded."""
    briefcase_id = bench.client.briefcases.acquire(bench.imodel_id).briefcase_id
    gone = json.dumps({"error": {"code": "BriefcaseNotFound", "message": "Requested Briefcase is not available."}})
    bench.fault(**CHUNK, action="answer", status=404, body=gone)
    file = bench.file()
    with pytest.raises(errors.NotFound) as caught:
        bench.client.push_changeset(
            bench.imodel_id, file, briefcase_id=briefcase_id, parent_id=None, release_locks=True
        )
    (note,) = caught.value.__notes__
    assert note == f"Changeset {bench.timeline[0].id} is in the timeline."


def test_a_group_with_a_long_description_is_not_opened(bench: Bench) -> None:
    """Nothing is sent."""
    with (
        pytest.raises(ValueError, match="description has 256"),
        bench.client.changeset_group(bench.imodel_id, "x" * 256),
    ):
        pass
    assert bench.asked == []
