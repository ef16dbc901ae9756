"""iModels: life cycle, lists, copies, favorites and recents."""

from datetime import UTC, datetime, timedelta

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import (
    ContainerTypes,
    CreationMode,
    Extent,
    IModel,
    IModelCreationState,
    IModelState,
    IModelTemplate,
    MinimalIModel,
    Point,
)
from tests.behaviour.helpers.making import UNKNOWN_ID, Timeline, new_imodel, new_name, push_many, wait_until_created

EXTENT = Extent(south_west=Point(latitude=46.1, longitude=7.6), north_east=Point(latitude=46.3, longitude=7.9))


def test_an_imodel_is_created_read_and_deleted(client: IModelsClient, itwin_id: str) -> None:
    """The result has the given properties and those that the service adds; after deletion, the iModel is not found."""
    name = new_name("Größe / 2 & more")
    with new_imodel(client, itwin_id, name, description="North of the river", extent=EXTENT) as imodel_id:
        imodel = client.imodels.get(imodel_id)
        assert type(imodel) is IModel
        assert (imodel.id, imodel.name, imodel.display_name) == (imodel_id, name, name)
        assert (imodel.description, imodel.extent, imodel.itwin_id) == ("North of the river", EXTENT, itwin_id)
        assert (imodel.state, imodel.is_secured) == (IModelState.INITIALIZED, False)
        assert abs(datetime.now(UTC) - imodel.created_date_time) < timedelta(days=1)
        assert (imodel.last_changeset_push_date_time, dict(imodel.extra)) == (None, {})
        creator = client.users.get_creator(imodel)
        assert creator is not None
        assert creator.id == imodel.creator_id
    with pytest.raises(errors.NotFound) as caught:
        client.imodels.get(imodel_id)
    assert (caught.value.code, caught.value.entity) == ("iModelNotFound", f"iModel {imodel_id}")


def test_the_kinds_of_containers_are_kept(client: IModelsClient, itwin_id: str) -> None:
    """Containers and a coordinate system can be requested at creation."""
    kinds = ContainerTypes.SCHEMA_SYNC | ContainerTypes.VIEW_STORE
    with new_imodel(client, itwin_id, containers_enabled=kinds, horizontal_crs_id="EPSG:3857") as imodel_id:
        assert client.imodels.get(imodel_id).containers_enabled == kinds


def test_an_imodel_is_created_from_another(client: IModelsClient, itwin_id: str, timeline: Timeline) -> None:
    """A template provides the baseline; its history is not part of the new iModel."""
    template = IModelTemplate(imodel_id=timeline.imodel_id)
    with new_imodel(client, itwin_id, template=template, creation_mode=CreationMode.FROM_IMODEL_VERSION) as imodel_id:
        assert client.changesets.latest(imodel_id) is None


def test_an_update_changes_what_is_given(client: IModelsClient, itwin_id: str) -> None:
    """Omitted properties are unchanged, and None clears a property."""
    with new_imodel(client, itwin_id, description="Old", extent=EXTENT) as imodel_id:
        before = client.imodels.get(imodel_id)
        named = client.imodels.update(imodel_id, name=f"{before.name}, renamed")
        assert (named.name, named.description, named.extent) == (f"{before.name}, renamed", "Old", EXTENT)
        cleared = client.imodels.update(imodel_id, description=None)
        assert (cleared.name, cleared.description, cleared.extent) == (named.name, None, EXTENT)
        assert client.imodels.update(imodel_id, extent=None).extent is None
        assert client.imodels.get(imodel_id).extent is None


def test_a_taken_name_is_refused(client: IModelsClient, itwin_id: str, imodel_id: str) -> None:
    """A name is unique within its iTwin, at creation, update and copy."""
    name = client.imodels.get(imodel_id).name
    with new_imodel(client, itwin_id) as second:
        for attempt in (
            lambda: client.imodels.create(itwin_id, name),
            lambda: client.imodels.update(second, name=name),
            lambda: client.imodels.clone(second, itwin_id, name=name),
            lambda: client.imodels.fork(second, itwin_id, name=name),
        ):
            with pytest.raises(errors.AlreadyExists) as caught:
                attempt()
            assert (caught.value.status, caught.value.code) == (409, "iModelExists")


def test_lists_are_filtered_and_ordered(client: IModelsClient, itwin_id: str) -> None:
    """Lists are filtered by part of the name, whole name and state, and ordered either way."""
    begin = new_name("List")
    with new_imodel(client, itwin_id, f"{begin} b") as b, new_imodel(client, itwin_id, f"{begin} a") as a:

        def ids(**options: object) -> list[str]:
            return [each.id for each in client.imodels.list(itwin_id, **options)]  # type: ignore[arg-type]

        assert ids(search=begin, order_by="name") == [a, b]
        assert ids(search=begin.upper(), order_by="name desc") == [b, a]
        assert ids(search=begin, order_by=["created_date_time", "name"]) == [b, a]
        assert ids(search=begin, state=IModelState.INITIALIZED, order_by="name", page_size=1) == [a, b]
        assert ids(search=begin, state="notInitialized") == []
        assert ids(name=f"{begin} a") == [a]
        assert ids(name=begin) == []


def test_a_list_is_short_or_full(client: IModelsClient, itwin_id: str, imodel_id: str) -> None:
    """The short form has id and display name; the full form equals a single read."""
    imodel = client.imodels.get(imodel_id)
    assert client.imodels.list(itwin_id, name=imodel.name).all() == [imodel]
    (short,) = client.imodels.list(itwin_id, name=imodel.name, detail="minimal")
    assert type(short) is MinimalIModel
    assert (short.id, short.display_name) == (imodel.id, imodel.display_name)


def test_an_imodel_is_found_by_name(client: IModelsClient, itwin_id: str, imodel_id: str) -> None:
    """The result is the iModel with exactly this name, or None."""
    imodel = client.imodels.get(imodel_id)
    assert client.imodels.get_by_name(itwin_id, imodel.name) == imodel
    assert client.imodels.get_by_name(itwin_id, imodel.name[:-1]) is None


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize(("changeset", "copied"), [(None, 7), (0, 0), ("", 0), (3, 3), ("the fifth", 5)])
def test_a_clone_has_the_history_asked_for(
    client: IModelsClient, itwin_id: str, timeline: Timeline, changeset: str | int | None, copied: int
) -> None:
    """All changesets, the baseline alone, or those up to an index or an id."""
    end = timeline.ids[4] if changeset == "the fifth" else changeset
    clone = client.imodels.clone(timeline.imodel_id, itwin_id, name=new_name("Clone"), changeset=end)
    assert clone.source_id == timeline.imodel_id
    try:
        wait_until_created(client, clone.imodel_id)
        source = client.operations.get(clone.imodel_id).cloned_from
        assert source is not None
        assert source.imodel_id == timeline.imodel_id
        assert client.operations.get(clone.imodel_id).forked_from is None
        assert [each.id for each in client.changesets.list(clone.imodel_id)] == list(timeline.ids[:copied])
    finally:
        client.imodels.delete(clone.imodel_id)


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    ("choice", "copied"), [({"preserve_history": True}, 2), ({"preserve_history": False}, 0), ({}, 0)]
)
def test_a_fork_may_keep_the_history(
    client: IModelsClient, itwin_id: str, timeline: Timeline, choice: dict[str, bool], copied: int
) -> None:
    """The changesets are copied one by one or merged into the baseline; the fork stays related to its main iModel."""
    name = new_name("Fork")
    fork = client.imodels.fork(
        timeline.imodel_id,
        itwin_id,
        name=name,
        description="B",
        changeset=2,
        **choice,  # type: ignore[arg-type]
    )
    try:
        wait_until_created(client, fork.imodel_id)
        operation = client.operations.get(fork.imodel_id)
        assert (operation.state, operation.cloned_from) == (IModelCreationState.SUCCESSFUL, None)
        assert operation.forked_from is not None
        assert operation.forked_from.imodel_id == timeline.imodel_id
        assert len(client.changesets.list(fork.imodel_id).all()) == copied
        imodel = client.imodels.get(fork.imodel_id)
        assert (imodel.name, imodel.description) == (name, "B")
    finally:
        client.imodels.delete(fork.imodel_id)


def test_a_push_is_dated(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """The iModel has the time at which its newest changeset was pushed."""
    (changeset,) = push_many(client, imodel_id, briefcase_id, 1)
    assert client.imodels.get(imodel_id).last_changeset_push_date_time == changeset.push_date_time


def test_favorites_come_and_go(client: IModelsClient, itwin_id: str, imodel_id: str) -> None:
    """Adding a favorite twice has no further effect, and removing it twice is not an error."""

    def mine() -> list[str]:
        return [each.id for each in client.favorites.list(itwin_id) if each.id == imodel_id]

    assert mine() == []
    client.favorites.add(imodel_id)
    client.favorites.add(imodel_id)
    assert mine() == [imodel_id]
    assert imodel_id in [each.id for each in client.favorites.list(itwin_id, detail="minimal", page_size=1)]
    client.favorites.remove(imodel_id)
    assert mine() == []
    with pytest.raises(errors.NotFound):
        client.favorites.add(UNKNOWN_ID)


def test_the_last_used_comes_first(client: IModelsClient, itwin_id: str, imodel_id: str) -> None:
    """Use is noted; the newest use is first in the list."""
    with new_imodel(client, itwin_id) as second:
        client.recents.add(second)
        client.recents.add(imodel_id)
        assert [each.id for each in client.recents.list(itwin_id, limit=2)] == [imodel_id, second]
        client.recents.add(second)
        last = client.recents.list(itwin_id, detail="minimal").first()
        assert last is not None
        assert last.id == second
        client.recents.remove(second)
        assert second not in [each.id for each in client.recents.list(itwin_id)]


def test_an_unknown_itwin_is_refused(client: IModelsClient) -> None:
    """Nothing is listed, and nothing can be created in an unknown iTwin."""
    for wanted in (client.imodels.list, client.favorites.list, client.recents.list):
        with pytest.raises(errors.NotFound) as refused:
            wanted(UNKNOWN_ID).all()
        assert refused.value.code == "iTwinNotFound"
    with pytest.raises(errors.NotFound) as caught:
        client.imodels.create(UNKNOWN_ID, "Bridge")
    assert (caught.value.code, caught.value.operation) == ("iTwinNotFound", "imodels.create")
