"""A point in the timeline is found by any of its names."""

from collections.abc import Callable
from typing import Any

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import Changeset, MinimalNamedVersion, TimelinePoint
from itwin_imodels_hub import LocalHub
from tests.workflows.helpers.bench import Bench, new_imodel

NOBODY = "00000000-0000-4000-8000-000000000000"

Find = Callable[..., TimelinePoint]


@pytest.fixture
def pushed(bench: Bench) -> list[Changeset]:
    """Three changesets."""
    found: list[Changeset] = []
    for _ in range(3):
        parent = found[-1] if found else None
        found.append(bench.push(bench.file(parent), parent))
    bench.hub.control.log.clear()
    return found


@pytest.fixture
def find(bench: Bench) -> Find:
    """The verb, on the iModel of the bench."""

    def find(**selector: Any) -> TimelinePoint:
        return bench.client.changeset_at(bench.imodel_id, **selector)

    return find


def test_the_first_point_is_the_baseline(bench: Bench, find: Find) -> None:
    """Index 0 and the empty id are the baseline too; no request is sent."""
    for selector in ({"first": True}, {"index": 0}, {"id": ""}):
        point = find(**selector)
        assert (point.index, point.changeset_id, point.changeset) == (0, "", None)
        assert (point.is_baseline, point.imodel_id) == (True, bench.imodel_id)
    assert not bench.asked


def test_the_latest_point(find: Find, pushed: list[Changeset]) -> None:
    """The newest changeset, in its full form."""
    point = find(latest=True)
    assert (point.index, point.changeset_id, point.is_baseline) == (3, pushed[-1].id, False)
    assert point.changeset is not None
    assert (point.changeset.id, point.changeset.checkpoint_changeset) == (pushed[-1].id, 0)


def test_a_changeset_that_waits_for_its_file_is_not_the_latest(
    bench: Bench, find: Find, pushed: list[Changeset]
) -> None:
    """A service may list it, although the hub does not."""
    bench.list_instead((4, "1" * 40, "waitingForFile"), (3, pushed[-1].id, "fileUploaded"))
    assert (find(latest=True).index, find(latest=True).changeset_id) == (3, pushed[-1].id)


def test_the_latest_point_without_changesets(client: IModelsClient, hub: LocalHub) -> None:
    """The baseline."""
    assert client.changeset_at(new_imodel(hub), latest=True).is_baseline


def test_by_index_and_by_id(find: Find, pushed: list[Changeset]) -> None:
    """Upper and lower case digits are accepted."""
    assert find(index=2) == find(id=pushed[1].id) == find(id=pushed[1].id.upper())
    assert (find(index=2).index, find(index=2).changeset_id) == (2, pushed[1].id)


def test_by_a_named_version(bench: Bench, find: Find, pushed: list[Changeset]) -> None:
    """Name, id or object are accepted, in either form, including Named Versions on the baseline."""
    client, imodel_id = bench.client, bench.imodel_id
    made = client.named_versions.create(imodel_id, "Design freeze", changeset_id=pushed[1].id)
    begun = client.named_versions.create(imodel_id, "Begin")
    minimal = client.named_versions.list(imodel_id, detail="minimal").first()
    assert type(minimal) is MinimalNamedVersion
    for name in ("Design freeze", made.id, made, minimal):
        assert find(named_version=name).index == 2
    for name in ("Begin", begun.id, begun):
        assert find(named_version=name).is_baseline


def test_a_name_may_look_like_an_id(bench: Bench, find: Find, pushed: list[Changeset]) -> None:
    """If no Named Version has the id, it is looked up as a name."""
    bench.client.named_versions.create(bench.imodel_id, NOBODY, changeset_id=pushed[2].id)
    assert find(named_version=NOBODY).index == 3


def test_names_differ_by_case(bench: Bench, find: Find, pushed: list[Changeset]) -> None:
    """Part of a name does not match."""
    bench.client.named_versions.create(bench.imodel_id, "Design freeze", changeset_id=pushed[1].id)
    for name in ("design freeze", "Design", "Nothing"):
        with pytest.raises(errors.NameNotFound, match=f"no Named Version '{name}'") as caught:
            find(named_version=name)
        assert caught.value.entity == f"iModel {bench.imodel_id}, Named Version {name!r}"


def test_an_unknown_id_is_an_answer_of_the_service(find: Find) -> None:
    """The error is that of the service."""
    with pytest.raises(
        errors.NotFound, match=f"NamedVersionNotFound.*{NOBODY}|{NOBODY}.*NamedVersionNotFound"
    ) as caught:
        find(named_version=NOBODY)
    assert (caught.value.code, caught.value.operation) == ("NamedVersionNotFound", "named_versions.get")


def test_what_is_missing_is_reported(client: IModelsClient, find: Find, pushed: list[Changeset]) -> None:
    """Changesets and iModels."""
    assert pushed
    unknown: list[dict[str, Any]] = [{"index": 7}, {"id": "f" * 40}]
    for selector in unknown:
        with pytest.raises(errors.NotFound, match="ChangesetNotFound"):
            find(**selector)
    fitting: list[dict[str, Any]] = [{"latest": True}, {"named_version": "x"}, {"named_version": NOBODY}, {"index": 1}]
    for selector in fitting:
        with pytest.raises(errors.NotFound, match="iModelNotFound"):
            client.changeset_at(NOBODY, **selector)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ({}, r"exactly one of first, latest, named_version, index, id \(got none\)"),
        ({"first": False, "latest": False}, "got none"),
        ({"first": True, "latest": True}, "got first and latest"),
        ({"index": 0, "id": ""}, "got index and id"),
        ({"index": -1}, "at least 0"),
        ({"id": "7"}, "40 hexadecimal digits"),
        ({"named_version": ""}, "must not be empty"),
        ({"named_version": "x" * 256}, "at most 255"),
    ],
)
def test_exactly_one_name_is_given(bench: Bench, find: Find, selector: dict[str, Any], message: str) -> None:
    """Otherwise, nothing is sent."""
    with pytest.raises(ValueError, match=message):
        find(**selector)
    assert not bench.asked


def test_a_named_version_of_another_imodel_is_refused(bench: Bench, find: Find) -> None:
    """Its changeset does not belong to this iModel."""
    foreign = bench.client.named_versions.create(new_imodel(bench.hub), "Foreign")
    with pytest.raises(ValueError, match="belongs to iModel"):
        find(named_version=foreign)
