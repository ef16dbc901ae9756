"""Rules for pulling and mirroring, without a service."""

import string
import time
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._mirror.database import FileRecord
from itwin_imodels._mirror.schema import (
    COLUMNS,
    VerifiedState,
    application_of,
    changeset_of,
    row_of,
    synchronization_of,
)
from itwin_imodels._transfer import Cancellation
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._workflows.mirror import PendingFiles
from itwin_imodels._workflows.pull import IndexRange, ParentChain
from itwin_imodels._workflows.pull_progress import PullProgress
from itwin_imodels._workflows.timeline_end import LOOK_BACK, TimelineContents, newest_pushed
from itwin_imodels.errors import UnexpectedResponse, WaitTimeout
from itwin_imodels.models import (
    Application,
    Changeset,
    ChangesetState,
    ContainingChanges,
    MinimalChangeset,
    StorageLink,
    SynchronizationInfo,
)

IDS = st.text("0123456789abcdef", min_size=40, max_size=40)
TEXTS = st.text(max_size=20)
JSON = st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers() | TEXTS, max_size=3)
CHANGESETS = st.builds(
    Changeset,
    imodel_id=st.just("5e19bee0-3aea-4355-a9f0-c6df9989ee7d"),
    id=IDS,
    index=st.integers(1, 2**31),
    display_name=TEXTS,
    parent_id=st.just("") | IDS,
    description=st.none() | TEXTS,
    state=st.just(ChangesetState.FILE_UPLOADED),
    containing_changes=st.integers(0, 127).map(ContainingChanges),
    file_size=st.integers(1, 2**40),
    briefcase_id=st.integers(2, 2**31 - 1),
    group_id=st.none() | TEXTS,
    creator_id=st.none() | TEXTS,
    push_date_time=st.none() | st.datetimes(timezones=st.just(UTC)),
    application=st.none() | st.builds(Application, id=TEXTS, name=st.none() | TEXTS),
    synchronization_info=st.none()
    | st.builds(
        SynchronizationInfo,
        task_id=st.text(string.ascii_letters, min_size=1, max_size=9),
        changed_files=st.none() | st.lists(TEXTS, min_size=1, max_size=3),
    ),
    named_version_id=st.none(),
    checkpoint_changeset=st.just(0),
    download=st.none(),
    extra=JSON,
)
PLAIN = Changeset(
    imodel_id="5e19bee0-3aea-4355-a9f0-c6df9989ee7d",
    id="A" * 40,
    index=3,
    display_name="3",
    parent_id="B" * 40,
    description=None,
    state=ChangesetState.FILE_UPLOADED,
    containing_changes=ContainingChanges.REGULAR,
    file_size=9,
    briefcase_id=2,
    group_id=None,
    creator_id=None,
    push_date_time=datetime(2026, 1, 1, tzinfo=UTC),
    application=None,
    synchronization_info=None,
    named_version_id=None,
    checkpoint_changeset=0,
    download=StorageLink(href="https://storage.example/a?sig=secret", storage_type="azure"),
)


@given(changeset=CHANGESETS)
def test_a_row_gives_the_changeset_back(changeset: Changeset) -> None:
    """All stored properties are returned."""
    row = dict(zip(COLUMNS, row_of(changeset, ChangesetFile.of(changeset)), strict=True))
    found = changeset_of(changeset.imodel_id, row)
    names = [field.name for field in attrs.fields(MinimalChangeset)]
    assert {name: getattr(found, name) for name in names} == {name: getattr(changeset, name) for name in names}
    assert (application_of(row), synchronization_of(row)) == (changeset.application, changeset.synchronization_info)


@given(changeset_id=st.text(max_size=45) | st.text("./\\aA0:\0\n", min_size=38, max_size=42))
def test_only_an_id_names_a_file(changeset_id: str) -> None:
    """For any id, the file is in the folder."""
    changeset = attrs.evolve(PLAIN, id=changeset_id)
    if len(changeset_id) == 40 and set(changeset_id) <= set(string.hexdigits):
        assert ChangesetFile.of(changeset).name == f"{changeset_id.lower()}.cs"
    else:
        with pytest.raises(UnexpectedResponse, match=PLAIN.imodel_id):
            ChangesetFile.of(changeset)


def test_ids_are_taken_in_either_case() -> None:
    """They are stored in lower case."""
    file = ChangesetFile.of(PLAIN)
    assert (file.id, file.parent_id, file.name) == ("a" * 40, "b" * 40, f"{'a' * 40}.cs")


def file(index: int, parent: str = "") -> ChangesetFile:
    """Return some file."""
    return ChangesetFile(imodel_id="i", id=f"{index:040x}", parent_id=parent, index=index, size=5)


def test_a_chain_begins_anywhere_or_where_it_has_to() -> None:
    """Each further changeset must follow the previous one."""
    chain = ParentChain()
    chain.append(file(4, "c" * 40))
    chain.append(file(5, file(4).id))
    with pytest.raises(UnexpectedResponse, match="the parent of changeset 7 is the baseline"):
        chain.append(file(7))
    with pytest.raises(UnexpectedResponse, match="but the baseline precedes it"):
        ParentChain("").append(file(4, "c" * 40))


def test_the_end_of_a_timeline_is_the_newest_changeset_that_has_its_file() -> None:
    """One changeset may be waiting for its file, but not several."""
    waiting = attrs.evolve(PLAIN, index=4, id="C" * 40, state=ChangesetState.WAITING_FOR_FILE)
    assert newest_pushed([]) is None
    assert newest_pushed([waiting]) is None
    assert newest_pushed([PLAIN]) == newest_pushed([waiting, PLAIN]) == PLAIN
    with pytest.raises(UnexpectedResponse, match="the newest 10 changesets are all waiting for their files"):
        newest_pushed([waiting] * LOOK_BACK)
    for newest, bounds in (
        (waiting, {}),
        (None, {}),
        (PLAIN, {"after_index": 3}),
        (PLAIN, {"last_index": 2}),
    ):
        TimelineContents(newest, **bounds).check()
    contents = TimelineContents(PLAIN, after_index=2, last_index=3)
    contents.add(None)
    with pytest.raises(UnexpectedResponse, match=r"is empty, but the service has changeset 3 \(A{40}\)"):
        contents.check()
    contents.add((-3, -3))
    contents.check()


def test_a_chain_ends_where_its_range_ends() -> None:
    """The chain ends with the changeset of that id, in upper or lower case."""
    chain = ParentChain("b" * 40)
    with pytest.raises(UnexpectedResponse, match=f"ends with changeset {'b' * 40}, but the service has changeset 3"):
        chain.finish(PLAIN)
    chain.append(ChangesetFile.of(PLAIN))
    chain.finish(PLAIN)


@pytest.mark.parametrize(("after", "last", "wrong"), [(0, 0, False), (3, 3, False), (3, None, False), (3, 2, True)])
def test_a_range_does_not_end_before_it_begins(after: int, last: int | None, wrong: bool) -> None:  # noqa: FBT001 - a case
    """It may be empty."""
    if wrong:
        with pytest.raises(
            ValueError, match="the range ends before it begins: `until` has index 2, `after` has index 3"
        ):
            IndexRange(after_index=after, last_index=last)
    else:
        assert IndexRange(after_index=after, last_index=last).last_index == last


@pytest.mark.parametrize(("missing", "span"), [([], None), ([1, 5, 9], None), ([2, 4, 5, 9], (1, 9))])
def test_links_come_from_a_list_where_that_pays(missing: list[int], span: Any) -> None:
    """A few links are requested one by one."""
    files = [FileRecord(file(index), None) for index in range(1, 11)]
    assert PendingFiles(files, frozenset(file(index).id for index in missing), 0).link_range == span


@pytest.mark.parametrize(
    ("verified", "verify", "enough"),
    [("id", "id", True), ("id", "size", True), ("size", "size", True), ("size", "id", False)],
)
def test_an_id_says_more_than_a_size(verified: str, verify: Any, enough: bool) -> None:  # noqa: FBT001 - a case
    """What was verified more closely need not be verified again."""
    assert VerifiedState(1, 1, verified).suffices(verify) == enough


def test_progress_without_a_callback_is_silent() -> None:
    """The transfer gets no callback either."""
    progress = PullProgress(None)
    progress.expect(5)
    progress.finish()
    assert progress.callback is None


def test_a_time_limit_ends_what_takes_longer() -> None:
    """It has no other effect."""
    TimeLimit(None, "this").check()
    TimeLimit(50, "this").check()
    with pytest.raises(WaitTimeout, match="this did not finish within 0 s"):
        TimeLimit(0, "this").check()
    with pytest.raises(ValueError, match="timeout"):
        TimeLimit(-1, "this")
    cancellation = Cancellation()
    with TimeLimit(0.01, "this").ending(cancellation):
        time.sleep(0.3)
    assert isinstance(cancellation.reason, WaitTimeout)
    cancellation = Cancellation()
    with TimeLimit(0.1, "this").ending(cancellation):
        pass
    time.sleep(0.2)
    assert not cancellation.cancelled
