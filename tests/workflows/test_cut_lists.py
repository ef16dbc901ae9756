"""Incomplete responses and lists never become the result of a workflow: it fails, and reports what is missing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.mirror import open_mirror
from itwin_imodels_hub import Fault, LocalHub
from tests.behaviour.helpers.control import tls
from tests.workflows.helpers.bench import Bench, ids
from tests.workflows.helpers.files import chain_of
from tests.workflows.helpers.histories import History, planted

JSON = {"content-type": "application/json"}
LIST = "/changesets$"
WRONG = ["{}", "null", '{"error": {"code": "x"}}', '{"message": "x"}', '{"changesets": null, "_links": {}}']


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return five consecutive changeset files."""
    return chain_of(tmp_path_factory.mktemp("chain"), 5)


@pytest.fixture
def history(hub: LocalHub, chain: list[Path]) -> History:
    """An iModel with these."""
    return planted(hub, chain)


def answered(hub: LocalHub, body: object, *, path: str = LIST, skip: int = 0, times: int = 1) -> None:
    """Respond instead of the API."""
    text = body if isinstance(body, str) else json.dumps(body)
    fault = Fault(path=path, method="GET", action="answer", status=200, headers=JSON, body=text, skip=skip, times=times)
    hub.control.faults.add(fault)


def page(history: History, *indexes: int) -> dict[str, Any]:
    """The service's own list, of some changesets only."""
    headers = {
        "Authorization": f"Bearer {history.hub.token('ada')}",
        "Accept": "application/vnd.bentley.itwin-platform.v2+json",
        "Prefer": "return=representation",
    }
    url = f"{history.hub.base_url}/{history.imodel_id}/changesets"
    body = httpx.get(url, headers=headers, verify=tls()).json()
    history.hub.control.log.clear()
    return {**body, "changesets": [body["changesets"][index - 1] for index in indexes]}


def pull(client: IModelsClient, history: History, folder: Path, **options: Any) -> list[int]:
    """Pull, and return the indexes."""
    return [each.changeset.index for each in client.pull_changesets(history.imodel_id, folder, **options)]


def mirror(client: IModelsClient, history: History, folder: Path) -> list[int]:
    """Mirror, and return the indexes."""
    client.mirror_timeline(history.imodel_id, folder)
    with open_mirror(folder) as mirrored:
        return [each.changeset.index for each in mirrored.changesets()]


@pytest.mark.parametrize("verb", [pull, mirror])
@pytest.mark.parametrize(
    ("listed", "complaint"),
    [
        ((), r"is empty, but the service has changeset 5 "),
        ((1, 2), r"ends with changeset [0-9a-f]{40}, but the service has changeset 5 "),
        ((1, 2, 4, 5), r"the parent of changeset 4 is "),
        ((2, 3, 4, 5), r"the parent of changeset 2 is "),
    ],
)
def test_a_list_that_lacks_changesets(  # noqa: PLR0913, PLR0917 - the first three are a case
    verb: Callable[..., list[int]],
    listed: tuple[int, ...],
    complaint: str,
    client: IModelsClient,
    history: History,
    tmp_path: Path,
) -> None:
    """Changesets are missing at the end, in the middle or at the beginning. The next run resumes."""
    answered(history.hub, page(history, *listed), skip=1)
    with pytest.raises(errors.UnexpectedResponse, match=complaint):
        verb(client, history, tmp_path)
    assert verb(client, history, tmp_path) == [1, 2, 3, 4, 5]


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("by", ["index", "id"])
@pytest.mark.parametrize(
    ("after", "until", "listed", "complaint"),
    [
        (None, 5, (), r"is empty, but the service has changeset 5 "),
        (None, 4, (1, 2), r"but the service has changeset 4 "),
        (2, 4, (3,), r"but the service has changeset 4 "),
        (2, 5, (4, 5), r"lacks changeset 3 |the parent of changeset 4 is "),
        (2, 3, (3, 4), r"it contains index 4, which is not above 2 and at most 3"),
        (2, 3, (2, 3), r"it contains index 2, which is not above 2 and at most 3"),
        (None, 3, (1, 2, 2, 3), r"it contains index 2 after index 2"),
    ],
)
def test_a_range_is_without_gaps_and_ends_where_it_should(  # noqa: PLR0913, PLR0917 - the first five are a case
    by: str,
    after: int | None,
    until: int,
    listed: tuple[int, ...],
    complaint: str,
    client: IModelsClient,
    history: History,
    tmp_path: Path,
) -> None:
    """This applies to indexes and ids as bounds."""
    answered(history.hub, page(history, *listed), skip=1 if by == "index" else 0)
    bounds: dict[str, Any] = {"after": after, "until": until}
    if by == "id":
        bounds = {name: history.ids[place - 1] for name, place in bounds.items() if place is not None}
    with pytest.raises(errors.UnexpectedResponse, match=complaint):
        pull(client, history, tmp_path, **bounds)
    assert pull(client, history, tmp_path, **bounds) == list(range((after or 0) + 1, until + 1))


@pytest.mark.parametrize("body", WRONG)
def test_another_answer_is_not_an_empty_timeline(
    client: IModelsClient, history: History, tmp_path: Path, body: str
) -> None:
    """This applies to the first and the second request: nothing is pulled, mirrored or downloaded as the newest."""
    verbs: list[Callable[[], object]] = [
        lambda: pull(client, history, tmp_path / "pulled"),
        lambda: mirror(client, history, tmp_path / "mirrored"),
    ]
    for verb in verbs:
        for skip in (0, 1):
            answered(history.hub, body, skip=skip)
            with pytest.raises(errors.UnexpectedResponse, match=r"^changesets\.list on iModel "):
                verb()
    answered(history.hub, body)
    with pytest.raises(errors.UnexpectedResponse, match=r"^changesets\.list on iModel "):
        client.download_checkpoint(history.imodel_id, tmp_path / "tip.bim", apply=True)
    assert not (tmp_path / "tip.bim").exists()
    answered(history.hub, body)
    with pytest.raises(errors.UnexpectedResponse, match=r"^changesets\.list on iModel "):
        client.changeset_at(history.imodel_id, latest=True)


def test_an_empty_list_is_not_an_empty_timeline(client: IModelsClient, history: History, tmp_path: Path) -> None:
    """An empty list is accepted only if the first changeset does not exist either."""
    verbs: list[Callable[[], object]] = [
        lambda: pull(client, history, tmp_path / "pulled"),
        lambda: mirror(client, history, tmp_path / "mirrored"),
        lambda: client.changesets.latest(history.imodel_id),
        lambda: client.changesets.list(history.imodel_id, concurrency=2).all(),
        lambda: client.changeset_at(history.imodel_id, latest=True),
        lambda: client.download_checkpoint(history.imodel_id, tmp_path / "tip.bim", apply=True),
    ]
    for verb in verbs:
        answered(history.hub, page(history), times=2)
        with pytest.raises(errors.UnexpectedResponse, match=r"is empty, but the service has changeset 1 "):
            verb()
        answered(history.hub, page(history))  # as if the first changeset was pushed just then
        verb()


@pytest.mark.parametrize(
    "verb",
    [lambda client, history, _: client.changesets.latest(history.imodel_id), pull, mirror],
    ids=["latest", "pull", "mirror"],
)
def test_the_newest_changeset_is_not_on_a_later_page(
    verb: Callable[..., object], client: IModelsClient, history: History, tmp_path: Path
) -> None:
    """If the first page is empty, the missing changesets are unknown."""
    further = f"{history.hub.base_url}/{history.imodel_id}/changesets?$orderBy=index%20desc&$skip=1&$top=1"
    answered(history.hub, {**page(history), "_links": {"next": {"href": further}}})
    with pytest.raises(errors.UnexpectedResponse, match="is empty, but links to another"):
        verb(client, history, tmp_path)


@pytest.mark.parametrize(
    ("listed", "complaint"),
    [((), r"is empty, but"), ((1,), r"ends with changeset "), ((2,), r"the parent of changeset 2 is ")],
)
def test_an_outdated_push_names_all_that_is_to_be_pulled(bench: Bench, listed: tuple[int, ...], complaint: str) -> None:
    """Or fails for another reason; what another push still uploads cannot be pulled."""
    first = bench.file()
    second = bench.file(first.stem)
    bench.push(first)
    bench.push(second, first.stem)
    answered(bench.hub, page(History(bench.hub, bench.imodel_id, [first, second]), *listed), skip=1)
    with pytest.raises(errors.UnexpectedResponse, match=complaint):
        bench.push(bench.file())
    with pytest.raises(errors.NewerChangesExist) as caught:
        bench.push(bench.file())
    assert caught.value.changeset_ids == (first.stem, second.stem)


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("body", [*WRONG[:-1], '{"locks": null, "_links": {}}', '{"locks": [{}], "_links": {}}'])
def test_locks_held_before_are_kept(bench: Bench, body: str) -> None:
    """The previous state is unknown, so nothing is locked and nothing is released."""
    held = ids(1, 3)
    bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=held)
    other = bench.open_client("grace")
    theirs = other.briefcases.acquire(bench.imodel_id).briefcase_id
    other.acquire_locks(bench.imodel_id, theirs, exclusive=["0x5ff"])
    answered(bench.hub, body, path="/locks$")
    with pytest.raises(errors.UnexpectedResponse, match=r"^locks\.list on iModel .*, briefcase "):
        bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=ids(1, 1535))
    assert bench.locks() == dict.fromkeys(held, "exclusive")
    with pytest.raises(errors.LockConflict):
        bench.client.acquire_locks(bench.imodel_id, bench.briefcase_id, exclusive=ids(1, 1535))
    assert bench.locks() == dict.fromkeys(held, "exclusive")
