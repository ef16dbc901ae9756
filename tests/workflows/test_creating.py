"""iModels are created empty, from a file, a template or another iModel, and are ready when the call returns."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from attrs import frozen

from itwin_imodels import IModelsClient, TransferOptions, errors
from itwin_imodels.models import ContainerTypes, Extent, IModel, IModelState, Point
from itwin_imodels_hub import Fault, HubSettings, LocalHub
from tests.behaviour.helpers.making import new_name
from tests.workflows.conftest import OpenClient
from tests.workflows.helpers.bench import IN_BLOCKS, LARGE, QUICK, UPLOAD, Bench, Shown, downloaded, until
from tests.workflows.helpers.databases import briefcase_database, database
from tests.workflows.helpers.driving import client_class
from tests.workflows.helpers.processes import Author

Facts = Mapping[str, Any]

CREATE = {"method": "POST", "path": "^/imodels/?$"}
COMPLETE = {"method": "POST", "path": "/baselinefile$"}
LOOK = {"method": "GET", "path": "/baselinefile$"}
OPERATION = {"method": "GET", "path": "/operations/create$"}
NOBODY = "00000000-0000-4000-8000-000000000000"
EXTENT = Extent(south_west=Point(latitude=46.1, longitude=7.6), north_east=Point(latitude=46.3, longitude=7.9))

pytestmark = pytest.mark.usefixtures("instantly")


@pytest.fixture
def itwin_id(hub: LocalHub) -> str:
    """The iTwin to work in."""
    return hub.itwin_id


@pytest.fixture
def name() -> str:
    """Return an unused name."""
    return new_name("Made")


@pytest.fixture
def baseline_file(tmp_path: Path) -> Path:
    """A database of some pages."""
    return database(tmp_path / "baseline.bim")


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """A database that is uploaded in blocks."""
    return database(tmp_path / "large.bim", size=LARGE)


@pytest.fixture
def slow_hub() -> Iterator[LocalHub]:
    """Run a hub whose work takes an hour of its own clock, which stands still."""
    with LocalHub(settings=HubSettings(job_delay=timedelta(hours=1), durable=False)) as hub:
        hub.control.clock.stop()
        yield hub


@pytest.fixture
def slow(slow_hub: LocalHub, colour: str, portal: BlockingPortal) -> Iterator[IModelsClient]:
    """A client of the slow hub."""
    with client_class(colour, portal)(slow_hub.token(), base_url=slow_hub.base_url, retry=QUICK) as client:
        yield client


@frozen(kw_only=True)
class Order:
    """An iModel that is to be created from a file.

    Attributes:
        client: Who creates it.
        hub: Where.
        name: Its name.
    """

    client: IModelsClient
    hub: LocalHub
    name: str

    def create(self, file: Path, **options: Any) -> IModel:
        """Create it."""
        imodel: IModel = self.client.create_imodel_from_baseline(self.hub.itwin_id, self.name, file, **options)
        return imodel

    def assert_is(self, imodel: IModel, file: Path) -> None:
        """Check that the iModel has the file's bytes and is the only one with its name."""
        assert downloaded(self.client.baseline_files.get(imodel.id).download) == file.read_bytes()
        assert [each.id for each in self.client.imodels.list(self.hub.itwin_id, name=self.name)] == [imodel.id]


@pytest.fixture
def order(client: IModelsClient, hub: LocalHub, name: str) -> Order:
    """An iModel that is to be created."""
    return Order(client=client, hub=hub, name=name)


def fault(hub: LocalHub, **facts: Any) -> None:
    """Add a fault."""
    hub.control.faults.add(Fault(**facts))


def answer_state(hub: LocalHub, where: Facts, entity: str, state: str, **more: Any) -> None:
    """Make the hub return a state."""
    facts = {"id": NOBODY, "state": state, "displayName": "x.bim", "fileSize": 1, "_links": {}}
    body = json.dumps({entity: facts})
    headers = {"content-type": "application/json"}
    fault(hub, **where, action="answer", status=200, headers=headers, body=body, **more)


def notes(error: BaseException) -> str:
    """Return the notes of an error."""
    return "\n".join(getattr(error, "__notes__", []))


def asked(hub: LocalHub, method: str, end: str) -> int:
    """How many requests of a kind the hub received."""
    return sum(each.method == method and each.path.endswith(end) for each in hub.control.log.requests)


# Each way to create, as it shall be.


def test_an_empty_imodel_is_ready(client: IModelsClient, itwin_id: str, name: str) -> None:
    """All its properties are returned."""
    imodel = client.create_imodel(
        itwin_id,
        name,
        description="North of the river",
        extent=EXTENT,
        containers_enabled=ContainerTypes.VIEW_STORE,
        horizontal_crs_id="EPSG:3857",
    )
    assert (imodel.name, imodel.description, imodel.extent) == (name, "North of the river", EXTENT)
    assert (imodel.state, imodel.containers_enabled) == (IModelState.INITIALIZED, ContainerTypes.VIEW_STORE)
    assert client.imodels.get(imodel.id) == imodel


@pytest.mark.parametrize("size", [0, LARGE], ids=["small", "in blocks"])
def test_a_file_becomes_an_imodel(client: IModelsClient, itwin_id: str, name: str, tmp_path: Path, size: int) -> None:
    """Its bytes are the baseline."""
    file, shown = database(tmp_path / "b.bim", size=size), Shown()
    imodel = client.create_imodel_from_baseline(itwin_id, name, str(file), extent=EXTENT, progress=shown)
    assert (imodel.name, imodel.state, imodel.extent) == (name, IModelState.INITIALIZED, EXTENT)
    assert downloaded(client.baseline_files.get(imodel.id).download) == file.read_bytes()
    shown.assert_whole(file.stat().st_size)


@pytest.mark.parametrize("storage", ["azure", "google"])
def test_a_file_becomes_an_imodel_on_either_storage(
    colour: str, portal: BlockingPortal, name: str, baseline_file: Path, storage: Any
) -> None:
    """The link states the storage type."""
    settings = HubSettings(job_delay=timedelta(0), storage_type=storage, durable=False)
    with LocalHub(settings=settings) as hub, client_class(colour, portal)(hub.token(), base_url=hub.base_url) as client:
        imodel = client.create_imodel_from_baseline(hub.itwin_id, name, baseline_file)
        assert client.baseline_files.get(imodel.id).file_size == baseline_file.stat().st_size


def test_a_template_gives_the_beginning(bench: Bench, itwin_id: str, name: str) -> None:
    """The history is no part of it."""
    bench.push(bench.file())
    imodel = bench.client.create_imodel_from_template(itwin_id, name, bench.imodel_id, description="Second lot")
    assert (imodel.state, imodel.description) == (IModelState.INITIALIZED, "Second lot")
    assert bench.client.changesets.latest(imodel.id) is None
    pushed = bench.timeline[0]
    at = bench.client.create_imodel_from_template(itwin_id, name + "'", bench.imodel_id, changeset_id=pushed.id)
    assert at.state == IModelState.INITIALIZED


def test_a_clone_has_the_history(bench: Bench, itwin_id: str, name: str) -> None:
    """Up to the changeset that is named."""
    first = bench.push(bench.file())
    second = bench.push(bench.file(first), first)
    whole = bench.client.clone_imodel(bench.imodel_id, itwin_id, name=name, description="A copy")
    assert (whole.name, whole.description, whole.state) == (name, "A copy", IModelState.INITIALIZED)
    assert [each.id for each in bench.client.changesets.list(whole.id)] == [first.id, second.id]
    part = bench.client.clone_imodel(bench.imodel_id, itwin_id, name=name + "'", changeset=first.id)
    assert [each.id for each in bench.client.changesets.list(part.id)] == [first.id]
    assert bench.client.operations.get(part.id).cloned_from is not None
    bare = bench.client.clone_imodel(bench.imodel_id, itwin_id, name=name + '"', changeset=0)
    assert bench.client.changesets.latest(bare.id) is None


@pytest.mark.parametrize("preserve_history", [True, False])
def test_a_fork_is_related(bench: Bench, itwin_id: str, name: str, *, preserve_history: bool) -> None:
    """This applies with and without its history."""
    pushed = bench.push(bench.file())
    fork = bench.client.fork_imodel(bench.imodel_id, itwin_id, name=name, preserve_history=preserve_history)
    found = [each.id for each in bench.client.changesets.list(fork.id)]
    assert (fork.state, found) == (IModelState.INITIALIZED, [pushed.id] if preserve_history else [])
    origin = bench.client.operations.get(fork.id).forked_from
    assert origin is not None
    assert origin.imodel_id == bench.imodel_id


# Waiting.


def test_it_waits_until_the_service_is_done(slow: IModelsClient, slow_hub: LocalHub, name: str) -> None:
    """Intermediate and unknown states count as in progress."""
    pending = slow.begin_create_imodel(slow_hub.itwin_id, name)
    answer_state(slow_hub, OPERATION, "createOperation", "scheduled", times=2)
    answer_state(slow_hub, OPERATION, "createOperation", "waitingForFile")
    answer_state(slow_hub, OPERATION, "createOperation", "polishing")
    slow_hub.control.advance(timedelta(hours=2))
    assert pending.wait(timeout=60).state == IModelState.INITIALIZED
    assert asked(slow_hub, "GET", "/operations/create") == 5


def test_a_clone_is_waited_for_beyond_its_initialization(bench: Bench, itwin_id: str, name: str) -> None:
    """The state `initialized` may come before the copy is complete."""
    pending = bench.client.begin_clone_imodel(bench.imodel_id, itwin_id, name=name)
    until(lambda: bench.client.imodels.get(pending.imodel_id).state == IModelState.INITIALIZED)
    answer_state(bench.hub, OPERATION, "createOperation", "scheduled", times=3)
    pending.wait(timeout=60)
    assert asked(bench.hub, "GET", "/operations/create") >= 4


def test_a_handle_waits_later(slow: IModelsClient, slow_hub: LocalHub, name: str, baseline_file: Path) -> None:
    """It returns the state, and can wait repeatedly."""
    empty = slow.begin_create_imodel(slow_hub.itwin_id, name)
    filed = slow.begin_create_imodel_from_baseline(slow_hub.itwin_id, name + "'", baseline_file)
    assert (empty.state(), filed.state()) == ("scheduled", "initializationScheduled")
    assert repr(empty).endswith(f"PendingIModel(imodel_id={empty.imodel_id!r})")
    for pending in (empty, filed):
        with pytest.raises(errors.WaitTimeout, match=pending.imodel_id) as caught:
            pending.wait(timeout=0)
        assert f"client.wait_for_imodel('{pending.imodel_id}')" in notes(caught.value)
    slow_hub.control.advance(timedelta(hours=2))
    assert (empty.state(), filed.state()) == ("successful", "initialized")
    assert [empty.wait().id, filed.wait().id] == [empty.imodel_id, filed.imodel_id]
    assert slow.wait_for_imodel(filed.imodel_id).id == filed.imodel_id


def test_a_deleted_imodel_is_not_waited_for(slow: IModelsClient, slow_hub: LocalHub, name: str) -> None:
    """The error does not recommend waiting."""
    pending = slow.begin_create_imodel(slow_hub.itwin_id, name)
    slow.imodels.delete(pending.imodel_id)
    with pytest.raises(errors.NotFound) as caught:
        pending.wait(timeout=60)
    assert not notes(caught.value)


def test_copies_have_handles_too(bench: Bench, itwin_id: str, name: str) -> None:
    """Templates, clones and forks have handles."""
    client = bench.client
    pending = [
        client.begin_create_imodel_from_template(itwin_id, name, bench.imodel_id),
        client.begin_clone_imodel(bench.imodel_id, itwin_id, name=name + "'"),
        client.begin_fork_imodel(bench.imodel_id, itwin_id, name=name + '"'),
    ]
    assert [each.wait().id for each in pending] == [each.imodel_id for each in pending]


@pytest.mark.parametrize(
    "verb",
    ["create_imodel", "create_imodel_from_baseline", "create_imodel_from_template", "clone_imodel", "fork_imodel"],
)
def test_not_to_wait_is_deprecated(bench: Bench, itwin_id: str, name: str, baseline_file: Path, verb: str) -> None:
    """The call still returns the handle; the warning names the new method, the version that drops it and the caller."""
    options: dict[str, Any] = {"wait": False}
    arguments: list[Any] = [itwin_id, name]
    if verb in {"clone_imodel", "fork_imodel"}:
        arguments, options = [bench.imodel_id, itwin_id], {"name": name, **options}
    if verb == "create_imodel_from_baseline":
        arguments.append(baseline_file)
    if verb == "create_imodel_from_template":
        arguments.append(bench.imodel_id)
    with pytest.warns(DeprecationWarning, match=rf"call begin_{verb}\(\).* Version 0\.3 will reject") as caught:
        pending = getattr(bench.client, verb)(*arguments, **options)
    assert "itwin_imodels" not in caught[0].filename
    assert pending.wait().id == pending.imodel_id


def test_a_stuck_creation_ends_at_the_deadline(slow: IModelsClient, slow_hub: LocalHub, name: str) -> None:
    """The error names the iModel, and the wait can be resumed."""
    with pytest.raises(errors.WaitTimeout, match="within 30 s; the last state was 'scheduled'") as caught:
        slow.create_imodel(slow_hub.itwin_id, name, timeout=30)
    imodel = slow.imodels.get_by_name(slow_hub.itwin_id, name)
    assert imodel is not None
    assert imodel.id in str(caught.value)
    slow_hub.control.advance(timedelta(hours=2))
    assert slow.wait_for_imodel(imodel.id, timeout=0).id == imodel.id


def test_an_unknown_imodel_is_not_waited_for(client: IModelsClient) -> None:
    """Neither is one that is deleted in the meantime."""
    with pytest.raises(errors.NotFound):
        client.wait_for_imodel(NOBODY)


def test_a_connection_lost_while_waiting_tells_how_to_wait_on(
    client: IModelsClient, hub: LocalHub, itwin_id: str, name: str
) -> None:
    """The iModel is being made all the same."""
    fault(hub, **OPERATION, action="drop", times=3)
    with pytest.raises(errors.ConnectionFailed) as caught:
        client.create_imodel(itwin_id, name)
    imodel = client.imodels.get_by_name(itwin_id, name)
    assert imodel is not None
    assert f"client.wait_for_imodel('{imodel.id}')" in notes(caught.value)


# What fails in the service.


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("failed", "gave no reason"),
        ("mainIModelIsMissingFederationGuids", "Populate Federation Guids"),
        ("sourceIsMissingFederationGuids", "Populate Federation Guids"),
    ],
)
def test_a_failed_copy_says_why(bench: Bench, itwin_id: str, name: str, state: str, reason: str) -> None:
    """The error says that the iModel still has its name."""
    answer_state(bench.hub, OPERATION, "createOperation", state)
    with pytest.raises(errors.OperationFailed, match=reason) as caught:
        bench.client.fork_imodel(bench.imodel_id, itwin_id, name=name)
    imodel = bench.client.imodels.get_by_name(itwin_id, name)
    assert imodel is not None
    assert caught.value.state == state
    assert f"client.imodels.delete('{imodel.id}')" in str(caught.value)
    assert not notes(caught.value)


def test_a_briefcase_is_no_baseline(client: IModelsClient, itwin_id: str, name: str, tmp_path: Path) -> None:
    """The hub looks into the file; the reason is reported by the verb, the handle and the wait by id."""
    file = briefcase_database(tmp_path / "briefcase.bim")
    with pytest.raises(errors.OperationFailed, match="working copy of a briefcase") as caught:
        client.create_imodel_from_baseline(itwin_id, name, file)
    assert caught.value.state == "fileIsBriefcase"
    imodel = client.imodels.get_by_name(itwin_id, name)
    assert imodel is not None
    with pytest.raises(errors.OperationFailed, match="working copy of a briefcase"):
        client.wait_for_imodel(imodel.id)


def test_a_damaged_file_is_no_baseline(client: IModelsClient, itwin_id: str, name: str, tmp_path: Path) -> None:
    """The file has the header of a database without further content. The name can be used again."""
    file = tmp_path / "damaged.bim"
    file.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(errors.OperationFailed) as caught:
        client.create_imodel_from_baseline(itwin_id, name, file)
    assert caught.value.state == "initializationFailed"
    good = database(tmp_path / "good.bim")
    assert client.create_imodel_from_baseline(itwin_id, name, good, replace_unfinished=True).name == name


# What is refused.


def test_what_is_no_database_is_not_sent(
    client: IModelsClient, hub: LocalHub, itwin_id: str, name: str, tmp_path: Path
) -> None:
    """No request is sent."""
    text, empty, open_one = tmp_path / "notes.txt", tmp_path / "empty.bim", database(tmp_path / "open.bim")
    text.write_text("SQLite format 3, they said")
    empty.touch()
    (tmp_path / "open.bim-wal").write_bytes(b"what is not in the file yet")
    for file in (text, empty):
        with pytest.raises(errors.InvalidFile, match="not a SQLite database"):
            client.create_imodel_from_baseline(itwin_id, name, file)
    with pytest.raises(ValueError, match=r"open\.bim-wal"):
        client.create_imodel_from_baseline(itwin_id, name, open_one)
    with pytest.raises(FileNotFoundError):
        client.create_imodel_from_baseline(itwin_id, name, tmp_path / "missing.bim")
    assert not hub.control.log.requests


def test_arguments_are_checked_before_anything_is_sent(
    client: IModelsClient, hub: LocalHub, itwin_id: str, imodel_id: str, baseline_file: Path
) -> None:
    """Names, descriptions, ids, times."""
    calls: list[Callable[[], object]] = [
        lambda: client.create_imodel(itwin_id, ""),
        lambda: client.create_imodel(itwin_id, "x", description="y" * 256),
        lambda: client.create_imodel(itwin_id, "x", timeout=-1),
        lambda: client.create_imodel_from_baseline(itwin_id, "x" * 256, baseline_file),
        lambda: client.create_imodel_from_baseline(itwin_id, "x", baseline_file, timeout=float("nan")),
        lambda: client.create_imodel_from_template(itwin_id, "x", ""),
        lambda: client.create_imodel_from_template(itwin_id, "x", imodel_id, changeset_id="7"),
        lambda: client.clone_imodel(imodel_id, itwin_id, changeset="7"),
        lambda: client.clone_imodel(imodel_id, itwin_id, timeout=-1),
        lambda: client.fork_imodel(imodel_id, itwin_id, name=" "),
        lambda: client.fork_imodel(imodel_id, itwin_id, timeout=-1),
        lambda: client.wait_for_imodel(" "),
        lambda: client.wait_for_imodel(imodel_id, timeout=-1),
    ]
    for wrong in calls:
        with pytest.raises(ValueError, match=r"must|has|at most"):
            wrong()
    assert not hub.control.log.requests


def test_a_taken_name_is_reported(
    client: IModelsClient, itwin_id: str, imodel_id: str, name: str, baseline_file: Path
) -> None:
    """Every method reports it; the name of a ready iModel cannot be reused."""
    made = client.create_imodel(itwin_id, name)
    calls: list[Callable[[], object]] = [
        lambda: client.create_imodel(itwin_id, name),
        lambda: client.create_imodel_from_template(itwin_id, name, imodel_id),
        lambda: client.clone_imodel(imodel_id, itwin_id, name=name),
        lambda: client.fork_imodel(imodel_id, itwin_id, name=name),
    ]
    for again in calls:
        with pytest.raises(errors.AlreadyExists):
            again()
    for replace in (False, True):
        with pytest.raises(errors.AlreadyExists) as caught:
            client.create_imodel_from_baseline(itwin_id, name, baseline_file, replace_unfinished=replace)
        assert f"iModel {made.id} has this name" in notes(caught.value)
    assert client.imodels.get(made.id) == made


def test_one_that_is_being_made_is_not_replaced(
    slow: IModelsClient, slow_hub: LocalHub, name: str, baseline_file: Path
) -> None:
    """It can be waited for."""
    pending = slow.begin_create_imodel_from_baseline(slow_hub.itwin_id, name, baseline_file)
    with pytest.raises(errors.AlreadyExists) as caught:
        slow.create_imodel_from_baseline(slow_hub.itwin_id, name, baseline_file, replace_unfinished=True)
    assert f"client.wait_for_imodel('{pending.imodel_id}')" in notes(caught.value)


def test_what_is_missing_is_reported(client: IModelsClient, itwin_id: str, imodel_id: str, name: str) -> None:
    """iTwins, templates, iModels, changesets."""
    calls: list[Callable[[], object]] = [
        lambda: client.create_imodel(NOBODY, name),
        lambda: client.create_imodel_from_template(itwin_id, name, NOBODY),
        lambda: client.create_imodel_from_template(itwin_id, name, imodel_id, changeset_id="f" * 40),
        lambda: client.clone_imodel(NOBODY, itwin_id, name=name),
        lambda: client.clone_imodel(imodel_id, itwin_id, name=name, changeset=7),
        lambda: client.fork_imodel(imodel_id, NOBODY, name=name),
    ]
    for wrong in calls:
        with pytest.raises(errors.NotFound):
            wrong()


def test_a_source_that_is_not_ready_is_reported(slow: IModelsClient, slow_hub: LocalHub, name: str) -> None:
    """This applies to copies and templates."""
    source = slow.begin_create_imodel(slow_hub.itwin_id, name).imodel_id
    calls: list[Callable[[], object]] = [
        lambda: slow.create_imodel_from_template(slow_hub.itwin_id, name + "'", source),
        lambda: slow.clone_imodel(source, slow_hub.itwin_id, name=name + "'"),
        lambda: slow.fork_imodel(source, slow_hub.itwin_id, name=name + "'"),
    ]
    for wrong in calls:
        with pytest.raises(errors.NotInitialized):
            wrong()


# Interruptions of the creation from a file.

PASSING = {
    "create not reached": {**CREATE, "action": "answer", "status": 503, "headers": {"retry-after": "0"}},
    "upload not reached": {**UPLOAD, "action": "drop"},
    "upload not answered": {**UPLOAD, "action": "drop_after"},
    "storage busy": {**UPLOAD, "action": "answer", "status": 503},
    "complete not reached": {**COMPLETE, "action": "drop"},
    "complete not answered": {**COMPLETE, "action": "drop_after"},
    "complete answered in part": {**COMPLETE, "action": "cut", "cut_at": 10},
    "complete failed at a gateway": {**COMPLETE, "action": "answer", "status": 502},
    "complete slowed down": {**COMPLETE, "action": "answer", "status": 429},
    "look not answered": {**LOOK, "action": "drop_after"},
}


@pytest.mark.thorough(keep=5)
@pytest.mark.parametrize(
    ("facts", "size"),
    [
        *(pytest.param(facts, 0, id=name) for name, facts in PASSING.items()),
        *(
            pytest.param(facts, LARGE, id=f"{name}, in blocks")
            for name, facts in PASSING.items()
            if "PUT" in str(facts)
        ),
    ],
)
def test_what_passes_is_overcome(order: Order, tmp_path: Path, facts: Facts, size: int) -> None:
    """One call is sufficient."""
    file = database(tmp_path / "b.bim", size=size)
    fault(order.hub, **facts)
    order.assert_is(order.create(file), file)
    assert not order.hub.control.faults.waiting
    assert asked(order.hub, "POST", "/baselinefile") <= 2


@pytest.mark.parametrize("verb", ["create_imodel", "create_imodel_from_baseline", "clone_imodel"])
def test_a_lost_answer_to_the_creation_is_reported(bench: Bench, itwin_id: str, name: str, verb: str) -> None:
    """An existing iModel with the name is not mistaken for the new one."""
    arguments = {
        "create_imodel": (itwin_id, name),
        "create_imodel_from_baseline": (itwin_id, name, database(bench.folder / "b.bim")),
        "clone_imodel": (bench.imodel_id, itwin_id),
    }[verb]
    options = {"name": name} if verb == "clone_imodel" else {}
    where = {"method": "POST", "path": "/clone$"} if verb == "clone_imodel" else CREATE
    fault(bench.hub, **where, action="drop_after")
    with pytest.raises(errors.ConnectionFailed) as caught:
        getattr(bench.client, verb)(*arguments, **options)
    assert f"an iModel named {name!r} may exist now" in notes(caught.value)
    assert bench.client.imodels.get_by_name(itwin_id, name) is not None


def test_a_failed_upload_says_what_it_leaves(
    open_client: OpenClient, hub: LocalHub, itwin_id: str, name: str, large_file: Path
) -> None:
    """The next call repeats it, and the one after it starts again."""
    client = open_client()
    fault(hub, **UPLOAD, action="answer", status=403, skip=2, times=10)
    with pytest.raises(errors.TransferError) as caught:
        client.create_imodel_from_baseline(itwin_id, name, large_file)
    left = client.imodels.get_by_name(itwin_id, name)
    assert left is not None
    assert f"iModel {left.id} was created, but has no baseline file" in notes(caught.value)
    assert "replace_unfinished=True" in notes(caught.value)
    assert "sig=" not in notes(caught.value) + str(caught.value)
    hub.control.faults.clear()
    with pytest.raises(errors.AlreadyExists) as again:
        client.create_imodel_from_baseline(itwin_id, name, large_file)
    assert (
        f"iModel {left.id} has this name but no baseline: its creation was probably interrupted (state waitingForFile)"
        in notes(again.value)
    )
    imodel = client.create_imodel_from_baseline(itwin_id, name, large_file, replace_unfinished=True)
    assert imodel.id != left.id
    with pytest.raises(errors.NotFound):
        client.imodels.get(left.id)
    assert [each.name for each in client.imodels.list(itwin_id, name=name)] == [name]


def test_an_expired_link_ends_the_upload(
    open_client: OpenClient, hub: LocalHub, itwin_id: str, name: str, baseline_file: Path
) -> None:
    """The service provides no second link."""
    expired = Fault.link_expired()
    fault(hub, **UPLOAD, action="answer", status=expired.status, headers=expired.headers, body=expired.body)
    client = open_client(transfer=TransferOptions(link_patience=0))
    with pytest.raises(errors.LinkExpired) as caught:
        client.create_imodel_from_baseline(itwin_id, name, baseline_file)
    assert "The service returns the upload link only once" in notes(caught.value)


@pytest.mark.parametrize("answer", [(409, "DataConflict"), (404, "FileNotFound")])
def test_an_upload_that_arrives_short_is_reported(
    client: IModelsClient, hub: LocalHub, name: str, baseline_file: Path, answer: tuple[int, str]
) -> None:
    """The note does not advise to confirm it again, which would fail again."""
    status, code = answer
    body = json.dumps({"error": {"code": code, "message": "The file is not as announced."}})
    fault(hub, **COMPLETE, action="answer", status=status, headers={"content-type": "application/json"}, body=body)
    with pytest.raises(errors.ApiError) as caught:
        client.create_imodel_from_baseline(hub.itwin_id, name, baseline_file)
    assert caught.value.code == code
    assert "confirm" not in notes(caught.value)
    assert "replace_unfinished=True" in notes(caught.value)


def test_a_confirmation_that_never_comes_can_be_given_later(
    client: IModelsClient, hub: LocalHub, itwin_id: str, name: str, baseline_file: Path
) -> None:
    """The note explains how."""
    fault(hub, **COMPLETE, action="answer", status=502, times=100)
    with pytest.raises(errors.ServerError) as caught:
        client.create_imodel_from_baseline(itwin_id, name, baseline_file)
    hub.control.faults.clear()
    imodel = client.imodels.get_by_name(itwin_id, name)
    assert imodel is not None
    assert f"client.baseline_files.complete('{imodel.id}')" in notes(caught.value)
    client.baseline_files.complete(imodel.id)
    assert client.wait_for_imodel(imodel.id).state == IModelState.INITIALIZED


def test_a_file_that_changes_meanwhile_is_not_taken(
    client: IModelsClient, itwin_id: str, name: str, large_file: Path
) -> None:
    """The file is modified while it is sent."""

    def write_into(done: int, _: int | None) -> None:
        if done:
            with large_file.open("r+b") as file:
                file.seek(-1, os.SEEK_END)
                file.write(b"!")

    with pytest.raises(errors.IntegrityError) as caught:
        client.create_imodel_from_baseline(itwin_id, name, large_file, progress=write_into)
    assert "was created, but has no baseline file" in notes(caught.value)


def test_a_caller_who_cancels_learns_what_is_left(
    client: IModelsClient, itwin_id: str, name: str, large_file: Path
) -> None:
    """The progress callback raises the error."""

    def stop(done: int, _: int | None) -> None:
        if done:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough") as caught:
        client.create_imodel_from_baseline(itwin_id, name, large_file, progress=stop)
    assert "was created, but has no baseline file" in notes(caught.value)


def test_killed_during_the_upload(order: Order, colour: str, large_file: Path) -> None:
    """The unfinished iModel has the name; `replace_unfinished` starts again."""
    hub = order.hub
    fault(hub, **UPLOAD, skip=3, delay=5, times=20)
    arguments = (hub.itwin_id, order.name, str(large_file))
    author = Author.calling(hub, colour, "create_imodel_from_baseline", *arguments)
    until(lambda: asked(hub, "PUT", "") >= 3)
    author.end(signal.SIGKILL)
    hub.control.faults.clear()
    with pytest.raises(errors.AlreadyExists):
        order.create(large_file)
    order.assert_is(order.create(large_file, replace_unfinished=True), large_file)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("verb", ["create_imodel", "create_imodel_from_baseline"])
def test_killed_while_waiting(slow: IModelsClient, slow_hub: LocalHub, colour: str, tmp_path: Path, verb: str) -> None:
    """A client that knows the name can continue to wait."""
    more = [str(database(tmp_path / "b.bim"))] if verb.endswith("baseline") else []
    author = Author.calling(slow_hub, colour, verb, slow_hub.itwin_id, "Killed", *more)
    until(lambda: asked(slow_hub, "GET", "/baselinefile" if more else "/operations/create") >= 1)
    author.end(signal.SIGKILL)
    slow_hub.control.advance(timedelta(hours=2))
    imodel = slow.imodels.get_by_name(slow_hub.itwin_id, "Killed")
    assert imodel is not None
    assert slow.wait_for_imodel(imodel.id).state == IModelState.INITIALIZED


def test_replacing_needs_the_permission(
    open_client: OpenClient, hub: LocalHub, itwin_id: str, name: str, large_file: Path
) -> None:
    """Without the permission, the existing iModel is kept."""
    client = open_client(transfer=IN_BLOCKS)
    left = client.imodels.create(itwin_id, name, baseline_file_size=10)
    fault(hub, method="DELETE", path=left.id, action="answer", status=403)
    with pytest.raises(errors.Forbidden):
        client.create_imodel_from_baseline(itwin_id, name, large_file, replace_unfinished=True)
    assert client.baseline_files.get(left.id).state == "waitingForFile"
