"""Changesets: pushing, lists and related entities, groups, extended data."""

from typing import Any

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import (
    Changeset,
    ChangesetGroupState,
    ChangesetState,
    ContainingChanges,
    MinimalChangeset,
    SynchronizationInfo,
)
from tests.behaviour.helpers.making import UNKNOWN_CHANGESET, Timeline, announce, fetched, push, push_many, put


def test_a_push_takes_three_steps(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """A changeset waits for its file; after the confirmation it is part of the timeline, with all its properties."""
    group = client.changeset_groups.create(imodel_id)
    changes = ContainingChanges.DEFINITION | ContainingChanges.VIEWS_AND_MODELS
    info = SynchronizationInfo(task_id="run 7", changed_files=["survey.dgn", "rail.dgn"])
    created, content = announce(
        client,
        imodel_id,
        briefcase_id,
        None,
        description="New bridge",
        containing_changes=changes,
        synchronization_info=info,
        group_id=group.id,
    )
    assert (created.state, created.parent_id) == (ChangesetState.WAITING_FOR_FILE, "")
    assert created.upload is not None
    assert created.upload.href not in repr(created.upload)
    put(created.upload, content)
    confirmed = client.changesets.confirm(imodel_id, created.id, briefcase_id=briefcase_id)
    assert (confirmed.state, confirmed.id, confirmed.index) == (ChangesetState.FILE_UPLOADED, created.id, 1)

    changeset = client.changesets.get(imodel_id, 1)
    assert type(changeset) is Changeset
    assert (changeset.id, changeset.imodel_id, changeset.display_name) == (created.id, imodel_id, "1")
    assert (changeset.description, changeset.containing_changes) == ("New bridge", changes)
    assert (changeset.synchronization_info, changeset.group_id) == (info, group.id)
    assert (changeset.file_size, changeset.briefcase_id) == (len(content), briefcase_id)
    assert changeset.push_date_time == confirmed.push_date_time
    assert changeset.push_date_time is not None
    assert changeset.push_date_time.tzinfo is not None
    assert (changeset.named_version_id, changeset.checkpoint_changeset) == (None, 0)
    assert fetched(changeset.download) == content
    assert dict(changeset.extra) == {}


def test_a_changeset_is_found_by_id_and_index(client: IModelsClient, timeline: Timeline) -> None:
    """Text is an id, a number an index; both lead to the same changeset."""
    by_id = client.changesets.get(timeline.imodel_id, timeline.ids[2])
    by_index = client.changesets.get(timeline.imodel_id, 3)
    assert (by_id.id, by_id.index) == (by_index.id, by_index.index) == (timeline.ids[2], 3)
    assert by_id.parent_id == timeline.ids[1]
    with pytest.raises(errors.NotFound) as caught:
        client.changesets.get(timeline.imodel_id, 8)
    assert (caught.value.code, caught.value.entity) == (
        "ChangesetNotFound",
        f"iModel {timeline.imodel_id}, changeset 8",
    )


def test_the_latest_is_the_one_with_the_highest_index(
    client: IModelsClient, timeline: Timeline, imodel_id: str
) -> None:
    """The result is None if no changeset has been pushed."""
    latest = client.changesets.latest(timeline.imodel_id)
    assert latest is not None
    assert (latest.index, latest.id) == (7, timeline.ids[-1])
    assert client.changesets.latest(imodel_id) is None


RANGES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 2, 3, 4, 5, 6, 7]),
    ({"order_by": "index"}, [1, 2, 3, 4, 5, 6, 7]),
    ({"order_by": "index desc"}, [7, 6, 5, 4, 3, 2, 1]),
    ({"order_by": ["index desc"]}, [7, 6, 5, 4, 3, 2, 1]),
    ({"after_index": 2, "last_index": 5}, [3, 4, 5]),
    ({"after_index": 0, "last_index": 0}, []),
    ({"after_index": 7}, []),
    ({"after_index": 2, "last_index": 6, "order_by": "index desc", "limit": 3}, [6, 5, 4]),
    ({"last_index": 100, "limit": 2}, [1, 2]),
    ({"limit": 0}, []),
]


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("concurrency", [1, 3])
def test_lists_give_ranges_in_either_order(client: IModelsClient, timeline: Timeline, concurrency: int) -> None:
    """Content and order are the same with sequential and parallel requests."""
    for options, indexes in RANGES:
        pager = client.changesets.list(timeline.imodel_id, page_size=2, concurrency=concurrency, **options)
        assert [each.index for each in pager] == indexes, options


def test_a_list_is_short_or_full(client: IModelsClient, timeline: Timeline) -> None:
    """The short form has the basic properties; the full form equals a single read, except for the links' signatures."""
    (full,) = client.changesets.list(timeline.imodel_id, after_index=2, last_index=3)
    single = client.changesets.get(timeline.imodel_id, 3)
    assert (full.index, full.application, full.named_version_id) == (3, single.application, timeline.named_version_id)
    (short,) = client.changesets.list(timeline.imodel_id, after_index=2, last_index=3, detail="minimal")
    assert type(short) is MinimalChangeset
    assert (short.id, short.group_id, short.creator_id) == (single.id, timeline.group_id, single.creator_id)


def test_entities_lead_to_related_ones(client: IModelsClient, timeline: Timeline) -> None:
    """From a changeset to its Named Version, checkpoint and creator, and from the Named Version back."""
    changeset = client.changesets.get(timeline.imodel_id, 3)
    named_version = client.named_versions.get_for_changeset(changeset)
    assert named_version is not None
    assert (named_version.id, named_version.name) == (timeline.named_version_id, "Third")
    back = client.changesets.get_for_named_version(named_version)
    assert back is not None
    assert back.id == changeset.id
    assert client.named_versions.get_for_changeset(client.changesets.get(timeline.imodel_id, 2)) is None
    checkpoint = client.checkpoints.get_for_changeset(changeset)
    assert checkpoint is not None
    assert checkpoint.changeset_index == changeset.checkpoint_changeset == timeline.checkpoint_index
    creator = client.users.get_creator(changeset)
    assert creator is not None
    assert creator == client.users.get_creator(client.imodels.get(timeline.imodel_id))


def test_the_parent_has_to_be_the_newest(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """The error says that a pull is required."""
    first, _ = push_many(client, imodel_id, briefcase_id, 2)
    with pytest.raises(errors.NewerChangesExist) as caught:
        announce(client, imodel_id, briefcase_id, first.id)
    assert (caught.value.status, caught.value.object_ids) == (409, ())
    assert "Pull" in str(caught.value)


def test_a_known_changeset_is_refused(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """An id can be pushed once, a changeset confirmed once."""
    first = push(client, imodel_id, briefcase_id)
    with pytest.raises(errors.AlreadyExists) as caught:
        announce(client, imodel_id, briefcase_id, first.id, changeset_id=first.id)
    assert caught.value.code == "ChangesetExists"
    with pytest.raises(errors.AlreadyExists) as caught:
        client.changesets.confirm(imodel_id, first.id, briefcase_id=briefcase_id)
    assert (caught.value.operation, caught.value.code) == ("changesets.confirm", "ChangesetExists")


def test_a_group_collects_changesets_until_it_is_closed(
    client: IModelsClient, imodel_id: str, briefcase_id: int
) -> None:
    """A closed group accepts no changesets, and cannot be closed again."""
    group = client.changeset_groups.create(imodel_id, description="Nightly")
    assert (group.state, group.description) == (ChangesetGroupState.IN_PROGRESS, "Nightly")
    changeset = push(client, imodel_id, briefcase_id, group_id=group.id)
    assert changeset.group_id == group.id
    closed = client.changeset_groups.close(imodel_id, group.id)
    assert (closed.state, closed.id) == (ChangesetGroupState.COMPLETED, group.id)
    assert client.changeset_groups.get(imodel_id, group.id) == closed
    second = client.changeset_groups.create(imodel_id)
    assert [each.id for each in client.changeset_groups.list(imodel_id, page_size=1)] == [group.id, second.id]
    creator = client.users.get_creator(group)
    assert creator is not None
    assert creator.id == group.creator_id
    for attempt in (
        lambda: client.changeset_groups.close(imodel_id, group.id),
        lambda: push(client, imodel_id, briefcase_id, changeset.id, group_id=group.id),
    ):
        with pytest.raises(errors.Conflict) as caught:
            attempt()
        assert caught.value.code == "ChangesetGroupIsClosed"
        assert "new changeset group" in str(caught.value)


def test_extended_data_is_an_object(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Extended data is sent and returned as an object, once per changeset."""
    first, second = push_many(client, imodel_id, briefcase_id, 2)
    data = {"source": "Größe.dgn", "counts": [1, 2.5, None], "nested": {"done": True}}
    created = client.changeset_extended_data.create(imodel_id, first.id, data)
    assert (created.data, created.changeset_id, created.changeset_index) == (data, first.id, 1)
    assert client.changeset_extended_data.get(imodel_id, 1) == created
    client.changeset_extended_data.create(imodel_id, 2, {})
    listed = client.changeset_extended_data.list(imodel_id, page_size=1).all()
    assert [(each.changeset_id, each.data) for each in listed] == [(first.id, data), (second.id, {})]
    with pytest.raises(errors.AlreadyExists) as caught:
        client.changeset_extended_data.create(imodel_id, 1, data)
    assert caught.value.code == "ChangesetExtendedDataExists"


def test_a_changeset_is_confirmed_by_its_id(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """An index, which the service does not accept, is not sent."""
    index: Any = 1
    with pytest.raises(TypeError, match="changeset"):
        client.changesets.confirm(imodel_id, index, briefcase_id=briefcase_id)


def test_the_largest_extended_data_fits(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """153,600 bytes of JSON are accepted, which are 204,800 of base64; more than that is not sent."""
    (changeset,) = push_many(client, imodel_id, briefcase_id, 1)
    with pytest.raises(errors.ValidationFailed, match="413"):
        client.changeset_extended_data.create(imodel_id, changeset.id, {"x": "ü" * ((204_800 - 8) // 2)})
    data = {"x": "ü" * ((153_600 - 8) // 2)}
    assert client.changeset_extended_data.create(imodel_id, changeset.id, data).data == data
    with pytest.raises(ValueError, match="204801"):
        client.changeset_extended_data.create(imodel_id, changeset.id, {"x": "ü" * ((204_800 - 8) // 2) + "x"})


def test_what_is_not_there_is_named(client: IModelsClient, timeline: Timeline) -> None:
    """Missing changesets, groups and extended data have separate errors."""
    for attempt, code in (
        (lambda: client.changesets.get(timeline.imodel_id, UNKNOWN_CHANGESET), "ChangesetNotFound"),
        (lambda: client.changeset_groups.get(timeline.imodel_id, "x"), "ChangesetGroupNotFound"),
        (lambda: client.changeset_extended_data.get(timeline.imodel_id, 1), "ChangesetExtendedDataNotFound"),
        (lambda: client.checkpoints.get(timeline.imodel_id, 8), "ChangesetNotFound"),
    ):
        with pytest.raises(errors.NotFound) as caught:
            attempt()
        assert (caught.value.status, caught.value.code) == (404, code)
