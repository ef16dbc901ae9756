"""What only a test can do to a hub, over HTTP and from Python."""

import io
import json
import ssl
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen

from itwin_imodels_hub import (
    Fault,
    HubSettings,
    LocalHub,
    NewUser,
    SeedChangeset,
    SeedCheckpoint,
    SeedError,
    SeedIModel,
    SnapshotError,
)
from itwin_imodels_hub.identity import DEMO_USERS
from tests.hub.helpers.desk import Desk, error_of, id_of

TLS = ssl.create_default_context()  # made once: that takes longer than a request
UNKNOWN = "00000000-0000-4000-8000-000000000000"
CHOSEN = "6f9d1c1e-6f0e-4b6b-9b7e-0a1b2c3d4e5f"
CHANGESET = id_of(b"changeset")
PEOPLE = (
    NewUser(name="ada", given_name="Ada", surname="Lindqvist", token="ada-token"),  # noqa: S106
    NewUser(name="lin", given_name="Lin", surname="Berg", token="lin-token"),  # noqa: S106
)

ZIP = {"Content-Type": "application/zip"}

Open = Callable[..., LocalHub]
Visit = Callable[..., Desk]


def send(method: str, url: str, **options: Any) -> httpx.Response:
    """Send a request without a client."""
    return httpx.request(method, url, verify=TLS, timeout=120, **options)


def secret_of(local: LocalHub) -> dict[str, str]:
    """Return the headers that the control API of a hub requires."""
    return {"Authorization": f"Bearer {local.control_secret}"}


def send_control(local: LocalHub, method: str, path: str, **options: Any) -> httpx.Response:
    """Call the control API of a hub."""
    headers = {**secret_of(local), **options.pop("headers", {})}
    return send(method, f"{local.url}/_hub/{path}", headers=headers, **options)


@pytest.fixture
def open_hub() -> Iterator[Open]:
    """Yield a function that starts hubs."""
    hubs: list[LocalHub] = []

    def open_one(**options: Any) -> LocalHub:
        hubs.append(LocalHub(**options).start())
        return hubs[-1]

    yield open_one
    for hub in hubs:
        hub.stop()


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Yield a function that makes clients of hubs."""
    clients: list[httpx.Client] = []

    def visit_one(hub: LocalHub, token: str | None = None) -> Desk:
        headers = {"Authorization": f"Bearer {token or hub.token()}"}
        clients.append(httpx.Client(base_url=hub.url, headers=headers, timeout=120, verify=TLS))
        return Desk(hub.hub, clients[-1])

    yield visit_one
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """Start a hub for all tests, which may read the files of all of them."""
    with LocalHub(users=DEMO_USERS, control=True, control_files=tmp_path_factory.getbasetemp()) as hub:
        yield hub


@pytest.fixture
def local(lasting: LocalHub) -> LocalHub:
    """Return a hub that is as new."""
    lasting.control.reset()
    lasting.control.set_time(datetime.now(UTC))
    return lasting


@pytest.fixture
def ada(local: LocalHub, visit: Visit) -> Desk:
    """Call as the first user."""
    return visit(local)


@pytest.fixture
def grace(local: LocalHub, visit: Visit) -> Desk:
    """Call as the second user."""
    return visit(local, "grace-token")


@pytest.fixture
def control(local: LocalHub) -> Iterator[httpx.Client]:
    """Call the control API."""
    with httpx.Client(base_url=f"{local.url}/_hub", headers=secret_of(local), timeout=120, verify=TLS) as client:
        yield client


def authored(local: LocalHub, desk: Desk) -> str:
    """Spend a day of work in a hub."""
    imodel = desk.imodel(local.itwin_id, "Bridge")
    briefcase = desk.briefcase(imodel)
    ids = desk.history(imodel, briefcase, 2)
    desk.lock(imodel, briefcase, ids[-1], exclusive=["0x1"], shared=["0x2", "0x3"])
    desk.lock(imodel, briefcase, ids[-1], none=["0x3"])
    desk.post(imodel, "namedversions", name="Milestone", changesetId=ids[0])
    desk.post(imodel, "changesetgroups", description="group")
    desk.call("PUT", "favorites", imodel)
    desk.post("recents", imodel)
    desk.call("PUT", imodel, "thumbnail", content=b"no picture", headers={"Content-Type": "image/png"})
    desk.imodel(local.itwin_id, "Tower", creationMode="empty")
    local.control.advance(timedelta(seconds=1))
    return imodel


def everything(local: LocalHub, desk: Desk, imodel: str) -> str:
    """Read everything there is about an iModel, without what differs from hub to hub."""
    named = ("changesets", "briefcases", "namedversions", "users", "changesetgroups", "locks", "permissions")
    more = ("baselinefile", "operations/create", "changesets/0/checkpoint", "changesets/1/checkpoint", "changesets/2")
    answers = [desk.get_full(imodel, each) for each in (*named, *more)]
    answers += [desk.get_full(iTwinId=local.itwin_id), desk.get(imodel)]
    answers += [desk.get_full(each, iTwinId=local.itwin_id) for each in ("favorites", "recents")]
    answers += [desk.get(imodel, "locks/released-locks", afterChangesetIndex=0)]
    found = [(answer.status_code, _without_links(answer.json())) for answer in answers]
    files = [desk.get(imodel, "changesets", each).json()["changeset"] for each in (1, 2)]
    files.append(desk.get(imodel, "baselinefile").json()["baselineFile"])
    contents = [send("GET", each["_links"]["download"]["href"]).content.hex() for each in files]
    return json.dumps([found, contents], indent=1)


def _without_links(value: Any) -> Any:
    if isinstance(value, dict):
        links = {"href", "baseUrl", "sas", "sasToken"}
        return {key: _without_links(each) for key, each in value.items() if key not in links}
    return [_without_links(each) for each in value] if isinstance(value, list) else value


# Reset and snapshots.


def test_reset(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """Entities, files, users, faults and the log are deleted; a new iTwin exists."""
    before, imodel = local.itwin_id, authored(local, ada)
    control.post("/users", json={"name": "lin", "given_name": "Lin", "surname": "Berg"})
    control.post("/faults", json={"action": "drop"})
    itwin = control.post("/reset").json()["itwin_id"]
    assert itwin == local.itwin_id != before
    assert list(local.tokens) == ["ada", "grace"]
    assert (control.get("/faults").json(), control.get("/log").json()) == ({"faults": []}, {"requests": []})
    assert error_of(ada.get(imodel)) == (404, "iModelNotFound")
    assert ada.get(iTwinId=itwin).json()["iModels"] == []
    assert local.hub.blobs.names() == []
    assert ada.briefcase(ada.imodel(itwin, "Bridge")) == 2


def test_reset_from_python_gives_back_own_users(open_hub: Open, visit: Visit) -> None:
    """The initial users of the hub are restored, not the default ones."""
    local = open_hub(users=PEOPLE)
    desk = visit(local, "lin-token")
    local.control.create_user(NewUser(name="tom", given_name="Tom", surname="Ek"))
    desk.imodel(local.itwin_id)
    itwin = local.control.reset()
    assert local.tokens == {"ada": "ada-token", "lin": "lin-token"}
    assert desk.get(iTwinId=itwin).json()["iModels"] == []


def dumped_over_http(source: LocalHub, target: LocalHub, _: Path) -> None:
    """Transfer the state of one hub to another over HTTP."""
    content = send_control(source, "GET", "snapshot").content
    assert send_control(target, "PUT", "snapshot", content=content, headers=ZIP).status_code == 204


def dumped_from_python(source: LocalHub, target: LocalHub, folder: Path) -> None:
    """Transfer the state of one hub to another in Python."""
    source.control.dump(folder / "hub.zip")
    target.control.load(folder / "hub.zip")


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("bring", [dumped_over_http, dumped_from_python])
def test_a_snapshot_makes_another_hub_the_same(
    local: LocalHub, open_hub: Open, visit: Visit, tmp_path: Path, bring: Callable[[LocalHub, LocalHub, Path], None]
) -> None:
    """The loaded state replaces the existing one; both hubs respond alike from then on."""
    ada = visit(local)
    imodel = authored(local, ada)
    local.control.create_user(NewUser(name="lin", given_name="Lin", surname="Berg"))
    issued = local.expiring_token("lin", timedelta(hours=1))
    expected = everything(local, ada, imodel)
    other = open_hub(users=PEOPLE[:1], seed="demo", control=True)
    bring(local, other, tmp_path)
    assert other.itwin_id == local.itwin_id
    assert everything(other, visit(other), imodel) == expected
    assert visit(other, issued).get(imodel).status_code == 200
    assert local.hub.blobs.names() == other.hub.blobs.names()
    assert everything(local, ada, imodel) == expected


def test_a_snapshot_brings_back_what_was(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """Later changes are gone, and old links are valid."""
    imodel = authored(local, ada)
    link = ada.get(imodel, "changesets/1").json()["changeset"]["_links"]["download"]["href"]
    expected = everything(local, ada, imodel)
    snapshot = control.get("/snapshot")
    assert snapshot.headers["content-type"] == "application/zip"
    later = ada.imodel(local.itwin_id, "Later")
    ada.delete(imodel)
    local.control.advance(timedelta(seconds=1))
    assert send("GET", link).status_code == 404
    assert control.put("/snapshot", content=snapshot.content, headers=ZIP).status_code == 204
    assert everything(local, ada, imodel) == expected
    assert send("GET", link).status_code == 200
    assert error_of(ada.get(later)) == (404, "iModelNotFound")
    assert ada.imodel(local.itwin_id, "Later") != later


def test_work_under_way_is_in_the_snapshot(open_hub: Open, visit: Visit, tmp_path: Path) -> None:
    """Pending pushes and pending background work continue in the other hub."""
    settings = HubSettings(job_delay=timedelta(minutes=1))
    one, two = open_hub(settings=settings), open_hub(settings=settings)
    desk = visit(one)
    imodel = desk.imodel(one.itwin_id)
    changeset = desk.announce(imodel, desk.briefcase(imodel), "")
    waiting = desk.imodel(one.itwin_id, "Waiting", creationMode="empty")
    one.control.dump(tmp_path / "hub.zip")
    two.control.load(tmp_path / "hub.zip")
    desk = visit(two)
    assert error_of(desk.confirm(imodel, changeset)) == (404, "FileNotFound")
    again = desk.announce(imodel, changeset["briefcaseId"], "", changeset["content"])
    desk.upload(again)
    assert desk.confirm(imodel, again).status_code == 200
    assert desk.get(waiting).json()["iModel"]["state"] == "notInitialized"
    two.control.advance(timedelta(minutes=1))
    assert desk.get(waiting).json()["iModel"]["state"] == "initialized"


def _rezipped(
    content: bytes, change: Callable[[dict[str, Any]], object], extra: dict[str, bytes] | None = None
) -> bytes:
    """Return a snapshot with changed tables and additional files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "tables.json":
                tables = json.loads(data)
                change(tables)
                data = json.dumps(tables).encode()
            target.writestr(name, data)
        for name, data in (extra or {}).items():
            target.writestr(name, data)
    return packed.getvalue()


def _flipped(content: bytes) -> bytes:
    """Turn a bit in the middle of each file of a snapshot."""
    damaged = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for each in archive.infolist():
            if each.filename.startswith("files/"):
                damaged[each.header_offset + 30 + len(each.filename) + each.compress_size // 2] ^= 1
    return bytes(damaged)


def _exchanged(content: bytes) -> bytes:
    """Pack a snapshot again, each file with other content of the same size."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, bytes(each ^ 1 for each in data) if name.startswith("files/") else data)
    return packed.getvalue()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "text": lambda _: b"no zip at all",
    "cut": lambda content: content[: len(content) // 2],
    "flipped": _flipped,
    "exchanged": _exchanged,
    "no tables": lambda content: _rezipped(content, lambda all_: all_.pop("tables")),
    "no table": lambda content: _rezipped(content, lambda all_: all_["tables"].pop("users")),
    "tables of something else": lambda content: _rezipped(content, lambda all_: all_.update(tables=[])),
    "no revision": lambda content: _rezipped(content, lambda all_: all_.pop("revision")),
    "no column": lambda content: _rezipped(content, lambda all_: all_["tables"]["imodels"][0].pop("name")),
    "unknown column": lambda content: _rezipped(content, lambda all_: all_["tables"]["imodels"][0].update(x=1)),
    "null": lambda content: _rezipped(content, lambda all_: all_["tables"]["users"][0].update(name=None)),
    "no iTwin": lambda content: _rezipped(content, lambda all_: all_["tables"].update(itwins=[])),
    "row twice": lambda content: _rezipped(
        content, lambda all_: all_["tables"]["users"].append(all_["tables"]["users"][0])
    ),
    "no rows": lambda content: _rezipped(content, lambda all_: all_["tables"].update(users=[5])),
    "no time": lambda content: _rezipped(content, lambda all_: all_["tables"]["itwins"][0].update(created_at=10**30)),
    "names that climb": lambda content: _rezipped(content, bool, {"files/../../climbed": b"x"}),
}


@frozen
class Worked:
    """A used hub, its snapshot, and its responses."""

    hub: LocalHub
    ada: Desk
    imodel: str
    snapshot: bytes
    answers: str


@pytest.fixture(scope="module")
def worked() -> Iterator[Worked]:
    """Yield a hub for snapshots that change nothing."""
    headers = {"Authorization": "Bearer ada-token"}
    with (
        LocalHub(users=DEMO_USERS, control=True) as hub,
        httpx.Client(base_url=hub.url, headers=headers, timeout=120, verify=TLS) as client,
    ):
        ada = Desk(hub.hub, client)
        imodel = authored(hub, ada)
        snapshot = send_control(hub, "GET", "snapshot").content
        yield Worked(hub, ada, imodel, snapshot, everything(hub, ada, imodel))


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_snapshot_changes_nothing(worked: Worked, tmp_path: Path, damage: str) -> None:
    """It is rejected, over HTTP and in Python, and the hub is unchanged."""
    content = DAMAGES[damage](worked.snapshot)
    (tmp_path / "damaged.zip").write_bytes(content)
    answer = send_control(worked.hub, "PUT", "snapshot", content=content, headers=ZIP)
    assert (answer.status_code, "SnapshotError" in answer.json()["error"]) == (400, True)
    with pytest.raises(SnapshotError, match=r"damaged\.zip: (not a hub snapshot|a row of imodels|the file .* differs)"):
        worked.hub.control.load(tmp_path / "damaged.zip")
    assert everything(worked.hub, worked.ada, worked.imodel) == worked.answers
    assert not [path for path in tmp_path.rglob("*") if path.name == "climbed"]


def test_a_snapshot_of_another_version_changes_nothing(worked: Worked) -> None:
    """It is rejected with the reason."""
    content = _rezipped(worked.snapshot, lambda all_: all_.update(revision="9999"))
    answer = send_control(worked.hub, "PUT", "snapshot", content=content, headers=ZIP)
    assert (answer.status_code, "another version" in answer.json()["error"]) == (400, True)
    assert everything(worked.hub, worked.ada, worked.imodel) == worked.answers


def test_a_snapshot_that_is_not_there(local: LocalHub, tmp_path: Path) -> None:
    """A file that cannot be read is an error of the system."""
    with pytest.raises(FileNotFoundError):
        local.control.load(tmp_path / "gone.zip")


# iModels.


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Create files to create iModels of."""
    for name in ("baseline", "changeset", "whole"):
        (tmp_path / name).write_bytes(name.encode() * 10)
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "0a.block").write_bytes(b"block")
    return tmp_path


def test_an_imodel_as_it_shall_be(local: LocalHub, ada: Desk, control: httpx.Client, files: Path) -> None:
    """Over HTTP, an iModel is created with id, owner, files, history, Named Versions and checkpoints."""
    body = {
        "name": "Bridge",
        "id": CHOSEN,
        "itwin_id": local.itwin_id,
        "description": "d",
        "baseline": str(files / "baseline"),
        "owner": "grace",
        "changesets": [{"id": CHANGESET, "file": str(files / "changeset"), "containing_changes": 4}],
        "named_versions": [{"name": "v", "changeset_index": 1}],
        "checkpoints": [{"changeset_index": 1, "file": str(files / "whole"), "directory": str(files / "blocks")}],
    }
    answer = control.post("/imodels", json=body)
    assert (answer.status_code, answer.json()) == (201, {"id": CHOSEN})
    assert ada.get(CHOSEN).json()["iModel"]["state"] == "initialized"
    changeset = ada.get(CHOSEN, "changesets", CHANGESET).json()["changeset"]
    assert (changeset["index"], changeset["containingChanges"]) == (1, 4)
    checkpoint = ada.get(CHOSEN, "changesets/1/checkpoint").json()["checkpoint"]
    baseline = ada.get(CHOSEN, "baselinefile").json()["baselineFile"]
    contents = [send("GET", each["_links"]["download"]["href"]).content for each in (baseline, changeset, checkpoint)]
    assert contents == [b"baseline" * 10, b"changeset" * 10, b"whole" * 10]
    access = checkpoint["directoryAccessInfo"]
    url = f"{access['baseUrl']}/{access['baseDirectory']}/0a.block?{access['azure']['sasToken']}"
    assert send("GET", url).content == b"block"
    (version,) = ada.get_full(CHOSEN, "namedversions").json()["namedVersions"]
    assert (version["name"], version["changesetId"]) == ("v", CHANGESET)


def test_times_of_an_imodel(ada: Desk, control: httpx.Client, files: Path) -> None:
    """Over HTTP, times are strings with an offset."""
    body = {
        "name": "Bridge",
        "id": CHOSEN,
        "created_at": "2026-01-30T12:00:00Z",
        "briefcases": [{"id": 2, "acquired_at": "2026-01-30T14:00:00.5000000+01:00"}],
        "changesets": [{"id": CHANGESET, "file": str(files / "changeset"), "pushed_at": "2026-01-31T12:00:00Z"}],
        "named_versions": [{"name": "v", "changeset_index": 1, "created_at": "2026-02-01T12:00:00Z"}],
    }
    answer = control.post("/imodels", json=body)
    assert answer.status_code == 201, answer.text
    assert ada.get(CHOSEN).json()["iModel"]["createdDateTime"] == "2026-01-30T12:00:00.0000000Z"
    briefcase = ada.get(CHOSEN, "briefcases/2").json()["briefcase"]
    assert briefcase["acquiredDateTime"] == "2026-01-30T13:00:00.5000000Z"
    assert ada.get(CHOSEN, "changesets/1").json()["changeset"]["pushDateTime"] == "2026-01-31T12:00:00.0000000Z"
    (version,) = ada.get_full(CHOSEN, "namedversions").json()["namedVersions"]
    assert version["createdDateTime"] == "2026-02-01T12:00:00.0000000Z"
    for wrong, complaint in (
        ("2026-01-30T12:00:00", "created_at: the UTC offset is missing"),
        ("yesterday", "created_at: 'yesterday' must be"),
    ):
        refused = control.post("/imodels", json={"name": "New", "created_at": wrong})
        assert (refused.status_code, complaint in refused.json()["error"]) == (400, True), refused.text


def test_ids_in_upper_case(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """The letter case of ids is ignored."""
    imodel = local.control.create_imodel(SeedIModel(name="Plain", itwin_id=local.itwin_id.upper()))
    assert ada.get(imodel).json()["iModel"]["iTwinId"] == local.itwin_id
    assert control.get("/checkpoints", params={"imodel": imodel.upper()}).json()["checkpoints"]


def test_an_imodel_from_python(local: LocalHub, ada: Desk, files: Path) -> None:
    """In Python, omitted properties have defaults."""
    imodel = local.control.create_imodel(SeedIModel(name="Plain"))
    assert ada.get(imodel).json()["iModel"]["iTwinId"] == local.itwin_id
    assert ada.briefcase(imodel) == 2
    changeset = SeedChangeset(id=CHANGESET, file=files / "changeset")
    made = local.control.create_imodel(SeedIModel(name="Other", id=CHOSEN, changesets=[changeset]))
    assert made == CHOSEN
    assert ada.get(CHOSEN, "changesets/1").json()["changeset"]["id"] == CHANGESET


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "x"}, "'x' is not a UUID"),
        ({"id": CHOSEN.upper()}, "is already in use"),
        ({"name": "Taken"}, "already has an iModel with this name"),
        ({"owner": "nobody"}, "unknown user 'nobody'"),
        ({"itwin_id": UNKNOWN}, f"unknown iTwin '{UNKNOWN}'"),
        ({"changesets": [{"id": "A" * 40, "file": "whole"}]}, "must be 40 lower-case"),
        ({"changesets": [{"id": CHANGESET, "file": "gone"}]}, "gone"),
        ({"changesets": [{"id": CHANGESET, "file": "whole"}] * 2}, "have the same id"),
        ({"baseline": "gone"}, "gone"),
        ({"checkpoints": [{"changeset_index": 0, "directory": "gone"}]}, "gone"),
        ({"named_versions": [{"name": "v", "changeset_index": 7}]}, "no changeset has index 7"),
        ({"name": None}, "iModel.name: None"),
        ({"colour": "red"}, "unknown colour"),
        ({"changesets": {"id": CHANGESET}}, "not a list of tables"),
        ({"changesets": [{"id": CHANGESET}]}, "file is missing"),
        ({"checkpoints": [{"changeset_index": "0", "file": "whole"}]}, "changeset_index: '0'"),
    ],
)
def test_an_imodel_that_cannot_be_leaves_nothing(
    local: LocalHub, control: httpx.Client, files: Path, change: dict[str, Any], complaint: str
) -> None:
    """The response describes the problem; there is neither an entity nor a file."""
    local.control.create_imodel(SeedIModel(name="Taken", id=CHOSEN, baseline=files / "baseline"))
    before = local.hub.blobs.names(), control.get("/snapshot").content

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(each) for each in value]
        if isinstance(value, dict):
            keys = ("file", "directory", "baseline")
            return {key: str(files / each) if key in keys else placed(each) for key, each in value.items()}
        return value

    answer = control.post("/imodels", json={"name": "New", **placed(change)})
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert (local.hub.blobs.names(), _tables(control)) == (before[0], _tables_in(before[1]))


def _tables(control: httpx.Client) -> Any:
    return _tables_in(control.get("/snapshot").content)


def _tables_in(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.loads(archive.read("tables.json"))


def test_an_imodel_that_is_no_table(control: httpx.Client) -> None:
    """A body of another type is rejected."""
    answer = control.post("/imodels", json=["name"])
    assert (answer.status_code, "is not a table" in answer.json()["error"]) == (400, True)


def test_a_file_missing_late_leaves_no_file(local: LocalHub, files: Path) -> None:
    """Files that were copied before the missing one was found are deleted."""
    changesets = [SeedChangeset(id=CHANGESET, file=files / "changeset")]
    checkpoints = [SeedCheckpoint(changeset_index=1, file=files / "gone")]
    seed = SeedIModel(
        name="New", id=CHOSEN, baseline=files / "baseline", changesets=changesets, checkpoints=checkpoints
    )
    with pytest.raises(FileNotFoundError):
        local.control.create_imodel(seed)
    assert local.hub.blobs.names() == []
    (files / "gone").write_bytes(b"back")
    assert local.control.create_imodel(seed) == CHOSEN
    with pytest.raises(SeedError, match="already in use"):
        local.control.create_imodel(SeedIModel(name="Other", id=CHOSEN))
    assert len(local.hub.blobs.names()) == 3  # neither of the databases is one, so there are no blocks


# Users.


def test_itwins_get_members(open_hub: Open, visit: Visit) -> None:
    """Roles and members are added to an existing iTwin; a repetition has no effect."""
    local = open_hub(control=True)
    lin = NewUser(name="lin", token="lin-token", given_name="Lin", surname="Berg", permissions=frozenset())  # noqa: S106
    local.control.create_user(lin)
    table = {
        "name": "Local iTwin",
        "roles": [{"name": "Reader", "permissions": ["imodels_read"]}],
        "members": [{"user": "lin", "roles": ["Reader"]}],
    }
    for _ in range(2):
        made = send_control(local, "POST", "itwins", json=table)
        assert (made.status_code, made.json()) == (201, {"id": local.itwin_id}), made.text
    imodel = local.control.create_imodel(SeedIModel(name="Bridge"))
    names = visit(local, "lin-token").get(imodel, "permissions").json()["permissions"]
    assert names == ["imodels_webview", "imodels_read"]
    for name, users, complaint in (
        ("roles", [{"name": "x", "id": "x"}], "the id 'x' of role x is not a UUID"),
        ("members", [{"user": "nobody"}], "unknown user 'nobody'"),
        ("members", [{"user": "lin", "roles": ["Writer"]}], "member lin has unknown role 'Writer'"),
        ("id", "x", "the id 'x' is not a UUID"),
    ):
        refused = send_control(local, "POST", "itwins", json={"name": "New", name: users})
        assert (refused.status_code, complaint in refused.json()["error"]) == (400, True), refused.text


def test_users(local: LocalHub, control: httpx.Client, visit: Visit, ada: Desk) -> None:
    """A new user gets a token and has the given permissions."""
    body = {"name": "lin", "given_name": "Lin", "surname": "Berg", "permissions": ["imodels_read"]}
    body["token"] = "lin-token"  # noqa: S105
    answer = control.post("/users", json=body)
    assert (answer.status_code, answer.json()) == (201, {"token": "lin-token"})
    assert local.tokens["lin"] == "lin-token"
    imodel = ada.imodel(local.itwin_id)
    lin = visit(local, "lin-token")
    assert lin.get(imodel).status_code == 200
    assert error_of(lin.patch(imodel, name="No")) == (403, "InsufficientPermissions")
    boss = NewUser(name="bo", given_name="Bo", surname="Ek", permissions=frozenset(), organization_administrator=True)
    assert visit(local, local.control.create_user(boss)).delete(imodel).status_code == 204


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"name": "lin"}, "given_name, surname are missing"),
        ({"name": "ada", "given_name": "A", "surname": "B"}, "user ada: the name"),
        ({"name": "other", "given_name": "Ada", "surname": "Lindqvist"}, "ada.lindqvist@example.com"),
        ({"name": "lin", "given_name": "L", "surname": "B", "permissions": ["all"]}, "unknown permissions all"),
        ({"name": "lin", "given_name": "L", "surname": "B", "permissions": "imodels_read"}, "user.permissions"),
        ({"name": "lin", "given_name": "L", "surname": "B", "age": 7}, "unknown age"),
        ({"name": 5, "given_name": "L", "surname": "B"}, "user.name: 5"),
        ([], "[] is not a table"),
    ],
)
def test_a_user_that_cannot_be(local: LocalHub, control: httpx.Client, body: Any, complaint: str) -> None:
    """The response describes the problem, and no user is added."""
    answer = control.post("/users", json=body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert list(local.tokens) == ["ada", "grace"]


# Time.


def test_time(local: LocalHub, control: httpx.Client, ada: Desk) -> None:
    """It can be read, set and advanced; new entities have that time."""
    told = datetime.fromisoformat(control.get("/time").json()["now"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
    answer = control.put("/time", json={"now": "2031-02-03T05:00:00+01:00"}).json()
    assert answer["now"].startswith("2031-02-03T04:00:0")
    assert control.post("/time/advance", json={"seconds": 86400.5}).json()["now"].startswith("2031-02-04T04:00:0")
    imodel = ada.imodel(local.itwin_id)
    assert ada.get(imodel).json()["iModel"]["createdDateTime"].startswith("2031-02-04T04:00:0")
    local.control.set_time(datetime(2029, 1, 1, tzinfo=UTC))
    assert control.get("/time").json()["now"].startswith("2029-01-01T00:00:0")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/time", {"now": "2031-02-03T05:00:00"}),
        ("PUT", "/time", {"now": "noon"}),
        ("PUT", "/time", {"now": 5}),
        ("PUT", "/time", {}),
        ("PUT", "/time", []),
        ("POST", "/time/advance", {"seconds": "1"}),
        ("POST", "/time/advance", {"seconds": 1e30}),
        ("POST", "/time/advance", {"seconds": 3e11}),
        ("POST", "/time/advance", {"seconds": None}),
    ],
)
def test_a_time_that_cannot_be(local: LocalHub, control: httpx.Client, method: str, path: str, body: Any) -> None:
    """It is rejected, and the clock continues."""
    answer = control.request(method, path, json=body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert abs(local.hub.clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("how", ["advance", "set", "http", "http set"])
def test_background_work_is_done_when_time_moves(open_hub: Open, visit: Visit, how: str) -> None:
    """Work that is due by the new time is done when the call returns."""
    local = open_hub(settings=HubSettings(job_delay=timedelta(hours=1)), control=True)
    imodel = visit(local).imodel(local.itwin_id, creationMode="empty")
    operation = f"{imodel}/operations/create"
    assert visit(local).get(operation).json()["createOperation"]["state"] == "scheduled"
    later = local.hub.clock.now() + timedelta(hours=1)
    if how == "advance":
        local.control.advance(timedelta(hours=1))
    elif how == "set":
        local.control.set_time(later)
    elif how == "http":
        send_control(local, "POST", "time/advance", json={"seconds": 3600})
    else:
        send_control(local, "PUT", "time", json={"now": later.isoformat()})
    assert len(local.hub.blobs.names(f"imodel-{imodel}/baseline/")) == 1
    assert visit(local).get(operation).json()["createOperation"]["state"] == "successful"


def test_a_push_that_takes_too_long_lets_others_go_on(
    local: LocalHub, ada: Desk, grace: Desk, control: httpx.Client
) -> None:
    """Until the time is over the next user is turned away."""
    imodel = ada.imodel(local.itwin_id)
    ada.announce(imodel, ada.briefcase(imodel), "")
    briefcase = grace.briefcase(imodel)
    body = {"id": CHANGESET, "parentId": "", "briefcaseId": briefcase, "fileSize": 9}
    for seconds in (0, 298):
        control.post("/time/advance", json={"seconds": seconds})
        assert error_of(grace.post(imodel, "changesets", **body)) == (409, "ConflictWithAnotherUser")
    control.post("/time/advance", json={"seconds": 3})
    assert grace.push(imodel, briefcase)


def test_links_and_tokens_end_when_time_moves(local: LocalHub, ada: Desk, visit: Visit, control: httpx.Client) -> None:
    """Links and tokens expire; new ones are valid, and going back makes old ones valid again."""
    imodel = ada.imodel(local.itwin_id)
    pushed = ada.push(imodel, ada.briefcase(imodel))

    def link() -> str:
        return str(ada.get(imodel, "changesets", pushed).json()["changeset"]["_links"]["download"]["href"])

    old = link()
    lin = visit(local, local.expiring_token("grace", timedelta(hours=1)))
    control.post("/time/advance", json={"seconds": 3590})
    assert (send("GET", old).status_code, lin.get(imodel).status_code) == (200, 200)
    control.post("/time/advance", json={"seconds": 20})
    assert (send("GET", old).status_code, lin.get(imodel).status_code) == (403, 401)
    assert send("GET", link()).status_code == 200
    control.post("/time/advance", json={"seconds": -60})
    assert (send("GET", old).status_code, lin.get(imodel).status_code) == (200, 200)


# Faults.


def test_faults(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """A fault affects its route a number of times, is listed until then, and can be removed."""
    imodel = ada.imodel(local.itwin_id)
    fault = {"action": "answer", "path": "/changesets$", "method": "GET", "status": 503, "times": 2, "skip": 1}
    assert control.post("/faults", json={**fault, "headers": {"Retry-After": "3"}, "body": "busy"}).status_code == 201
    seen = []
    for _ in range(4):
        assert ada.get(imodel).status_code == 200
        answer = ada.get(imodel, "changesets")
        seen.append((answer.status_code, answer.headers.get("retry-after")))
        (waiting,) = control.get("/faults").json()["faults"] or [{"times": 0, "skip": 0}]
        seen.append((waiting["times"], waiting["skip"]))
    assert seen == [(200, None), (2, 0), (503, "3"), (1, 0), (503, "3"), (0, 0), (200, None), (0, 0)]
    control.post("/faults", json=fault)
    assert control.delete("/faults").status_code == 204
    assert control.get("/faults").json() == {"faults": []}
    assert ada.get(imodel, "changesets").status_code == 200


def test_faults_spare_the_control_api(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """The control API responds even if a fault matches its path."""
    local.control.faults.add(Fault(action="drop", times=3))
    assert control.get("/time").status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        ada.get(iTwinId=local.itwin_id)
    assert [each.times for each in local.control.faults.waiting] == [2]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"action": "explode"}, "fault.action: 'explode'"),
        ({"path": "["}, "not a valid regular expression"),
        ({"path": None}, "fault.path: None"),
        ({"times": 0}, "'times' must be >= 1"),
        ({"times": "2"}, "fault.times: '2'"),
        ({"times": True}, "fault.times: True"),
        ({"skip": -1}, "'skip' must be >= 0"),
        ({"delay": -0.1}, "'delay' must be >= 0"),
        ({"status": 99}, "'status' must be >= 200"),
        ({"status": 600}, "'status' must be <= 599"),
        ({"cut_at": -1}, "'cut_at' must be >= 0"),
        ({"headers": {"retry-after": 1}}, "fault.headers"),
        ({"headers": []}, "fault.headers"),
        ({"route": "x"}, "unknown route"),
        ([], "[] is not a table"),
    ],
)
def test_a_fault_that_cannot_be(local: LocalHub, control: httpx.Client, body: Any, complaint: str) -> None:
    """It is rejected when it is added, not when a request arrives."""
    answer = control.post("/faults", json=body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert local.control.faults.waiting == ()


# The log.


def test_the_log(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """Each request is logged with its response; requests of the control API are not."""
    ada.imodel(local.itwin_id, "Bridge")
    ada.get(UNKNOWN, "changesets", name="a b", _top=1)
    local.control.faults.add(Fault(action="drop"))
    with pytest.raises(httpx.RemoteProtocolError):
        ada.get("lost")
    created, missed, lost = control.get("/log").json()["requests"]
    assert (created["method"], created["path"], created["status"]) == ("POST", "/imodels", 201)
    assert created["received"] == int(created["headers"]["content-length"]) > 0
    assert created["sent"] > 100
    assert created["seconds"] >= 0
    assert (missed["path"], missed["status"]) == (f"/imodels/{UNKNOWN}/changesets", 404)
    assert httpx.QueryParams(missed["query"]) == httpx.QueryParams({"name": "a b", "$top": "1"})
    assert (lost["path"], lost["status"], lost["sent"]) == ("/imodels/lost", None, 0)
    assert [each.status for each in local.control.log.requests] == [201, 404, None]
    assert control.delete("/log").status_code == 204
    assert control.get("/log").json() == {"requests": []}


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("storage", ["azure", "google"])
def test_the_log_keeps_no_secret(open_hub: Open, visit: Visit, files: Path, storage: str) -> None:
    """It contains no tokens, share keys, application secrets or signatures of links."""
    local = open_hub(settings=HubSettings(storage_type=storage), users=DEMO_USERS, control=True)
    ada = visit(local)
    imodel = ada.imodel(local.itwin_id)
    changeset = ada.announce(imodel, ada.briefcase(imodel), "")
    upload = changeset["_links"]["upload"]["href"]
    send("PUT", upload, content=changeset["content"], headers={"x-ms-blob-type": "BlockBlob", "Referer": upload})
    send("PUT", upload, headers={"x-ms-blob-type": "BlockBlob", "x-ms-copy-source": upload})
    ada.confirm(imodel, changeset)
    issued = local.expiring_token("ada", timedelta(hours=1))
    visit(local, issued).get(imodel)
    send(
        "POST",
        f"{local.url}/connect/token",
        data={"grant_type": "client_credentials"},
        auth=("ada-application", "ada-secret"),
    )
    share = {"name": "s", "permission": "imodels_read", "endDate": "2100-01-01"}
    made = ada.post(imodel, "shares", **share)
    checkpoints = [SeedCheckpoint(changeset_index=0, directory=files / "blocks")]
    seeded = local.control.create_imodel(SeedIModel(name="Blocks", checkpoints=checkpoints))
    access = ada.get(seeded, "changesets/0/checkpoint").json()["checkpoint"]["directoryAccessInfo"]
    block = f"{access['baseUrl']}/{access['baseDirectory']}/0a.block"
    secrets = ["ada-token", issued, "ada-secret", upload.rpartition("ignature=")[2], upload.rpartition("sig=")[2]]
    if storage == "azure":
        assert send("GET", f"{block}?{access['azure']['sasToken']}").content == b"block"
        secrets.append(access["azure"]["sasToken"].rpartition("sig=")[2])
    else:
        authorization = access["google"]["authorization"]
        assert send("GET", block, headers={"Authorization": f"Bearer {authorization}"}).content == b"block"
        secrets.append(authorization.rpartition("sig=")[2])
    log = send_control(local, "GET", "log").text
    assert made.status_code in {201, 422}
    assert [secret for secret in secrets if secret in log] == []
    if storage == "azure":
        assert "sig=%E2%80%A6" in log
    else:
        assert "X-Goog-Signature=%E2%80%A6" in log


# The control API as such.


CALLS = [
    ("POST", "/reset"),
    ("GET", "/snapshot"),
    ("PUT", "/snapshot"),
    ("POST", "/imodels"),
    ("POST", "/itwins"),
    ("POST", "/users"),
    ("GET", "/time"),
    ("PUT", "/time"),
    ("POST", "/time/advance"),
    ("GET", "/faults"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("GET", "/log"),
    ("DELETE", "/log"),
]


def test_without_the_control_api(open_hub: Open, visit: Visit) -> None:
    """By default, its paths are unknown and have no effect."""
    local = open_hub(seed="demo")
    assert local.control_secret is None
    for method, path in CALLS:
        assert send(method, f"{local.url}/_hub{path}", content=b"{}").status_code == 404
    assert len(visit(local).get(iTwinId=local.itwin_id).json()["iModels"]) == 1


def test_requests_that_the_control_api_does_not_know(control: httpx.Client) -> None:
    """Unknown addresses and methods are no server errors."""
    assert control.get("/nothing").status_code == 404
    assert control.get("/reset").status_code == 405


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call[0] != "GET" and call[1] != "/reset"])
def test_a_body_that_is_no_json(control: httpx.Client, method: str, path: str) -> None:
    """It is rejected if a body is required."""
    media_type = "application/zip" if path == "/snapshot" else "application/json"
    answer = control.request(method, path, content=b"\xff{", headers={"Content-Type": media_type})
    assert answer.status_code == (204 if method == "DELETE" else 400)


@pytest.mark.thorough(keep=24)
@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer \xff", "the token of a user"])
def test_whoever_does_not_know_the_secret_is_refused(
    local: LocalHub, ada: Desk, method: str, path: str, given: str
) -> None:
    """Nothing is done, and the response says what is missing; the token of a user is not sufficient."""
    imodel = ada.imodel(local.itwin_id)
    value = f"Bearer {local.token()}" if given.startswith("the") else given
    headers = {"Authorization": value.encode("latin-1")} if value else {}
    answer = send(method, f"{local.url}/_hub{path}", headers=headers, json={"action": "drop"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="control"')
    assert "Authorization: Bearer" in answer.json()["error"]
    assert str(local.control_secret) not in answer.text
    assert local.control.faults.waiting == ()
    assert ada.get(imodel).status_code == 200


@pytest.mark.thorough(keep=20)
@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("origin", ["http://example.com", "http://localhost:1", "null", "https://{host}", ""])
def test_pages_of_others_are_refused(local: LocalHub, ada: Desk, method: str, path: str, origin: str) -> None:
    """A browser sends the origin of the page; other origins are rejected even with the secret."""
    imodel = ada.imodel(local.itwin_id)
    headers = {"Origin": origin.format(host=local.url.partition("//")[2])}
    answer = send_control(local, method, path[1:], headers=headers, json={"action": "drop"})
    assert (answer.status_code, "web pages" in answer.json()["error"]) == (403, True)
    assert "access-control-allow-origin" not in answer.headers
    assert local.control.faults.waiting == ()
    assert ada.get(imodel).status_code == 200
    assert send_control(local, "GET", "time", headers={"Origin": local.url}).status_code == 200


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(local: LocalHub, media_type: str) -> None:
    """What a page could send without asking, such as a form, is no body for the control API."""
    headers = {"Content-Type": media_type} if media_type else {}
    answer = send_control(local, "POST", "faults", content=b'{"action": "drop"}', headers=headers)
    assert (answer.status_code, "application/json" in answer.json()["error"]) == (415, True)
    assert send_control(local, "PUT", "snapshot", content=b"{}", headers=headers).status_code == 415
    assert local.control.faults.waiting == ()
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = send_control(local, "POST", "faults", content=b'{"path": "^/nowhere"}', headers=headers)
    assert answer.status_code == 201


def test_each_start_makes_a_secret(open_hub: Open) -> None:
    """It is valid for that start only, and no representation of the hub shows it."""
    first, second = open_hub(control=True), open_hub(control=True)
    assert len({first.control_secret, second.control_secret, None}) == 3
    assert len(str(first.control_secret)) >= 43
    assert (
        send("GET", f"{second.url}/_hub/time", headers={"Authorization": f"Bearer {first.control_secret}"}).status_code
        == 401
    )
    assert str(first.control_secret) not in repr(vars(first))


@pytest.mark.thorough(keep=6)
@pytest.mark.parametrize("member", ["baseline", "file", "checkpoint", "directory"])
@pytest.mark.parametrize("place", ["absolute", "relative", "linked", "within", "none"])
def test_files_elsewhere_are_not_read(
    open_hub: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str, place: str
) -> None:
    """Over HTTP, only files below the configured folder are read, for any form of path; none without a folder."""
    folder, secret = tmp_path / "files", tmp_path / "secret"
    folder.mkdir()
    secret.mkdir()
    (secret / "key").write_bytes(b"a key that only its owner may read")
    (folder / "link").symlink_to(secret)
    (folder / "within").mkdir()
    (folder / "within" / "key").symlink_to(secret / "key")
    monkeypatch.chdir(secret)
    local = open_hub(control=True, control_files=None if place == "none" else folder)
    where = {"absolute": str(secret), "relative": "../secret", "linked": "link", "within": "within", "none": "."}[place]
    whole = {"changeset_index": 0, "directory": where}
    seed = {
        "baseline": {"baseline": f"{where}/key"},
        "file": {"changesets": [{"id": CHANGESET, "file": f"{where}/key"}]},
        "checkpoint": {"checkpoints": [{"changeset_index": 0, "file": f"{where}/key"}]},
        "directory": {"checkpoints": [whole]},
    }[member]
    answer = send_control(local, "POST", "imodels", json={"name": "Stolen", **seed})
    assert (answer.status_code, "--control-files" in answer.json()["error"]) == (400, True)
    assert local.hub.blobs.names() == []


# Checkpoints.


def test_why_a_checkpoint_failed(local: LocalHub, ada: Desk, control: httpx.Client) -> None:
    """All checkpoints of an iModel are reported, with the reason that the API has no room for."""
    imodel = authored(local, ada)
    found = control.get("/checkpoints", params={"imodel": imodel}).json()["checkpoints"]
    assert [(each["changeset_index"], each["state"]) for each in found] == [(0, "successful"), (1, "failed")]
    assert found[0]["failure"] is None
    assert "not a changeset file" in found[1]["failure"]
    for params in ({"imodel": "00000000-0000-4000-8000-000000000000"}, {}):
        assert control.get("/checkpoints", params=params).status_code == 400
