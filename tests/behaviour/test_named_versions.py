"""Named Versions and checkpoints."""

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import CheckpointState, MinimalNamedVersion, NamedVersion, NamedVersionState
from tests.behaviour.helpers.making import UNKNOWN_ID, Timeline, fetched, push_many


def test_a_named_version_is_created_changed_and_found(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """It is on a changeset or on the baseline; omitted properties are unchanged in an update, and None clears them."""
    (changeset,) = push_many(client, imodel_id, briefcase_id, 1)
    version = client.named_versions.create(imodel_id, "Freeze", changeset_id=changeset.id, description="Design")
    assert type(version) is NamedVersion
    assert (version.name, version.display_name, version.description) == ("Freeze", "Freeze", "Design")
    assert (version.changeset_id, version.changeset_index) == (changeset.id, 1)
    assert (version.state, version.imodel_id) == (NamedVersionState.VISIBLE, imodel_id)
    baseline = client.named_versions.create(imodel_id, "Begin")
    assert (baseline.changeset_id, baseline.changeset_index) == (None, 0)
    assert client.changesets.get_for_named_version(baseline) is None
    assert client.named_versions.get(imodel_id, version.id) == version
    assert client.named_versions.get_by_name(imodel_id, "Freeze") == version
    assert client.named_versions.get_by_name(imodel_id, "Fre") is None
    creator = client.users.get_creator(version)
    assert creator is not None
    assert creator.id == version.creator_id

    hidden = client.named_versions.update(imodel_id, version.id, state="hidden")
    assert (hidden.state, hidden.name, hidden.description) == (NamedVersionState.HIDDEN, "Freeze", "Design")
    cleared = client.named_versions.update(imodel_id, version.id, description=None, name="Frozen")
    assert (cleared.state, cleared.name, cleared.description) == (NamedVersionState.HIDDEN, "Frozen", None)


def test_named_versions_are_listed(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Filtered by state, name and part of it, in either order, short or full."""
    first, second = push_many(client, imodel_id, briefcase_id, 2)
    b = client.named_versions.create(imodel_id, "Stone 2", changeset_id=second.id)
    a = client.named_versions.create(imodel_id, "Stone 1", changeset_id=first.id, description="a milestone")
    a = client.named_versions.update(imodel_id, a.id, state=NamedVersionState.HIDDEN)

    def ids(**options: object) -> list[str]:
        return [each.id for each in client.named_versions.list(imodel_id, page_size=1, **options)]  # type: ignore[arg-type]

    assert ids(order_by="changeset_index") == ids(order_by="created_date_time desc") == [a.id, b.id]
    assert ids(order_by="changeset_index desc") == [b.id, a.id]
    assert ids(state="hidden") == ids(search="MILE") == ids(name="Stone 1") == [a.id]
    assert ids(state=NamedVersionState.VISIBLE, limit=5) == [b.id]
    assert client.named_versions.list(imodel_id, order_by="changeset_index").all() == [a, b]
    (short,) = client.named_versions.list(imodel_id, name="Stone 2", detail="minimal")
    assert type(short) is MinimalNamedVersion
    assert (short.id, short.changeset_id, short.changeset_index) == (b.id, second.id, 2)
    found = client.changesets.get_for_named_version(short)
    assert found is not None
    assert found.index == 2


def test_names_and_changesets_are_taken_once(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """A changeset can have one Named Version, and a name can be used once per iModel."""
    first, second = push_many(client, imodel_id, briefcase_id, 2)
    client.named_versions.create(imodel_id, "A", changeset_id=first.id)
    b = client.named_versions.create(imodel_id, "B", changeset_id=second.id)
    for attempt, code in (
        (lambda: client.named_versions.create(imodel_id, "A"), "NamedVersionExists"),
        (lambda: client.named_versions.update(imodel_id, b.id, name="A"), "NamedVersionExists"),
        (
            lambda: client.named_versions.create(imodel_id, "C", changeset_id=first.id),
            "NamedVersionOnChangesetExists",
        ),
    ):
        with pytest.raises(errors.AlreadyExists) as caught:
            attempt()
        assert (caught.value.status, caught.value.code) == (409, code)
        assert ("another name" in caught.value.hint) is (code == "NamedVersionExists")
    with pytest.raises(errors.NotFound) as missing:
        client.named_versions.get(imodel_id, UNKNOWN_ID)
    assert missing.value.code == "NamedVersionNotFound"


def test_the_baseline_has_a_checkpoint(client: IModelsClient, timeline: Timeline) -> None:
    """It is found by index and by its links; the newest checkpoint is that of a later Named Version."""
    checkpoint = client.checkpoints.get(timeline.imodel_id, 0)
    assert (checkpoint.state, checkpoint.changeset_index) == (CheckpointState.SUCCESSFUL, 0)
    assert checkpoint.changeset_id is None
    assert len(fetched(checkpoint.download)) == checkpoint.size
    latest = client.checkpoints.latest(timeline.imodel_id)
    assert (latest.changeset_index, latest.state) == (timeline.checkpoint_index, checkpoint.state)
    assert latest.size >= checkpoint.size
    access = checkpoint.directory_access
    if access is not None:
        assert access.credential is not None
        assert access.credential not in repr(access)


def test_a_checkpoint_is_asked_for(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """A checkpoint is requested by Named Version or id; it has no file until it has been generated."""
    (changeset,) = push_many(client, imodel_id, briefcase_id, 1)
    version = client.named_versions.create(imodel_id, "Freeze", changeset_id=changeset.id)
    asked = client.checkpoints.create_for_named_version(imodel_id, version)
    assert (asked.changeset_index, asked.changeset_id) == (1, changeset.id)
    by_id = client.checkpoints.get_for_named_version(imodel_id, version.id)
    by_entity = client.checkpoints.get_for_named_version(imodel_id, version)
    assert (
        (by_id.changeset_index, by_id.imodel_id) == (by_entity.changeset_index, by_entity.imodel_id) == (1, imodel_id)
    )
    if asked.state != CheckpointState.SUCCESSFUL:
        assert (asked.download, asked.directory_access) == (None, None)


def test_missing_checkpoints_are_reported(client: IModelsClient, timeline: Timeline) -> None:
    """A changeset without a checkpoint raises an error."""
    with pytest.raises(errors.NotFound) as caught:
        client.checkpoints.get(timeline.imodel_id, timeline.ids[0])
    assert caught.value.code == "CheckpointNotFound"
    with pytest.raises(errors.NotFound) as caught:
        client.checkpoints.get_for_named_version(timeline.imodel_id, UNKNOWN_ID)
    assert caught.value.code == "NamedVersionNotFound"
