"""A hub in this process: its start, its data, and its initial content."""

import hashlib
import os
import socket
import sqlite3
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, select

from itwin_imodels_hub import Clock, FolderInUseError, HubSettings, Ids, LocalHub, NewUser, SeedError
from itwin_imodels_hub.identity import DEMO_USERS
from itwin_imodels_hub.store import initial_content
from itwin_imodels_hub.store.schema import imodels
from tests.hub.helpers.checking import check
from tests.hub.helpers.databases import ON_POSTGRESQL, database_of
from tests.hub.helpers.desk import Desk, error_of

TLS = ssl.create_default_context()  # made once: that takes longer than a request
IMODEL = "6f9d1c1e-6f0e-4b6b-9b7e-0a1b2c3d4e5f"
CONTENTS = [f"changes {number}".encode() * 50 for number in (1, 2, 3)]
IDS = [hashlib.sha1(content, usedforsecurity=False).hexdigest() for content in CONTENTS]
BLOCKS = {"manifest.bcvmanifest": b"manifest" * 10, "0a.block": bytes(range(256)) * 16, "0b.block": b"\0" * 4096}
WHOLE = b"a whole checkpoint" * 100


def send(method: str, url: str, **options: Any) -> httpx.Response:
    """Send a request without a client."""
    return httpx.request(method, url, verify=TLS, timeout=120, **options)


@contextmanager
def desk_of(hub: LocalHub, token: str | None = None) -> Iterator[Desk]:
    """Call a hub, as its first user by default, and check every response."""
    headers = {"Authorization": f"Bearer {token or hub.token()}"}
    with httpx.Client(
        base_url=hub.url, headers=headers, event_hooks={"response": [check]}, timeout=120, verify=TLS
    ) as client:
        yield Desk(hub.hub, client)


def imodels_of(hub: LocalHub) -> list[Any]:
    """List the names of the iModels in the first iTwin."""
    with desk_of(hub) as desk:
        body = desk.get(iTwinId=hub.itwin_id).json()
    return [each["displayName"] for each in body["iModels"]]


def planted(hub: LocalHub) -> list[str]:
    """List the names of a hub's iModels without its serving them."""
    with hub.hub.store.reading() as connection:
        return list(connection.scalars(select(imodels.c.name)))


def baselines(hub: LocalHub) -> list[str]:
    """List the baseline files that a hub has."""
    return [name for name in hub.hub.blobs.names() if "/baseline/" in name]


def fetched(entity: dict[str, Any]) -> bytes:
    """Download the file of an entity."""
    response = send("GET", entity["_links"]["download"]["href"])
    assert response.status_code == 200, response.text
    return response.content


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a seed file with two iModels, one of them with history; its paths are relative to it."""
    folder = tmp_path_factory.mktemp("seed")
    with closing(sqlite3.connect(folder / "baseline.bim")) as database:
        database.execute("CREATE TABLE t (a)")
        database.commit()
    for changeset_id, content in zip(IDS, CONTENTS, strict=True):
        (folder / f"{changeset_id}.cs").write_bytes(content)
    (folder / "whole.bim").write_bytes(WHOLE)
    (folder / "blocks").mkdir()
    for name, content in BLOCKS.items():
        (folder / "blocks" / name).write_bytes(content)
    changesets = "".join(
        f"""
        [[imodels.changesets]]
        id = "{changeset_id}"
        file = "{changeset_id}.cs"
        description = "number {number}"
        containing_changes = {number}
        """
        for number, changeset_id in enumerate(IDS, start=1)
    )
    path = folder / "seed.toml"
    path.write_text(
        f"""
        [[imodels]]
        name = "Bridge"
        id = "{IMODEL.upper()}"
        description = "with a history"
        baseline = "baseline.bim"
        owner = "grace"
        {changesets}
        [[imodels.named_versions]]
        name = "Start"
        [[imodels.named_versions]]
        name = "Middle"
        changeset_index = 2
        description = "half way"
        [[imodels.checkpoints]]
        changeset_index = 1
        file = "whole.bim"
        [[imodels.checkpoints]]
        changeset_index = 2
        directory = "blocks"
        [[imodels.checkpoints]]
        changeset_index = 3
        file = "whole.bim"
        directory = "blocks"
        [[imodels]]
        name = "Empty"
        """
    )
    return path


@pytest.fixture(scope="module", params=["azure", "google"])
def seeded(request: pytest.FixtureRequest, seed: Path) -> Iterator[Desk]:
    """Call a hub that was started with the seed file, for each form of storage."""
    with LocalHub(seed=seed, settings=HubSettings(storage_type=request.param)) as hub, desk_of(hub) as desk:
        yield desk


def test_it_serves_until_it_is_stopped() -> None:
    """It responds between start and stop; afterwards, port, threads and temporary folder are released."""
    before = set(threading.enumerate())
    hub = LocalHub().start()
    folder = hub.hub.empty_imodel().parent
    assert imodels_of(hub) == []
    assert hub.base_url == f"{hub.url}/imodels"
    hub.stop()
    with pytest.raises(httpx.ConnectError):
        send("GET", hub.base_url)
    assert not folder.exists()
    left = [each.name for each in threading.enumerate() if each not in before and "hub" in each.name]
    assert left == []


def test_the_address_is_known_before_it_serves(tmp_path: Path) -> None:
    """A hub that was never started can be stopped, twice even, and leaves folder and port to the next."""
    hub = LocalHub(tmp_path)
    port = int(hub.url.rpartition(":")[2])
    hub.stop()
    hub.stop()
    with LocalHub(tmp_path, port=port) as other:
        assert other.url == hub.url


@pytest.mark.thorough
def test_several_at_once() -> None:
    """Hubs in one process share nothing."""
    with LocalHub() as one, LocalHub(seed="demo") as two, LocalHub() as three, desk_of(three) as desk:
        assert len({one.url, two.url, three.url}) == 3
        desk.imodel(three.itwin_id, "Third")
        assert [imodels_of(each) for each in (one, two, three)] == [[], ["Demo iModel"], ["Third"]]
        three.control.advance(timedelta(days=1))
        assert two.hub.clock.now() < three.hub.clock.now() - timedelta(hours=23)


def test_it_starts_fast() -> None:
    """It responds within half a second if nothing else runs."""
    taken = []
    for _ in range(5):
        begin = time.process_time()
        hub = LocalHub().start()
        taken.append(time.process_time() - begin)
        hub.stop()
    assert statistics.median(taken) < 0.5, taken


def test_a_folder_keeps_everything(tmp_path: Path) -> None:
    """After a restart entities, files, tokens, links and places in lists are as before."""
    with LocalHub(tmp_path, users=DEMO_USERS) as hub, desk_of(hub) as desk:
        port = int(hub.url.rpartition(":")[2])
        itwin, issued = hub.itwin_id, hub.expiring_token("grace", timedelta(hours=1))
        granted = send(
            "POST",
            f"{hub.url}/connect/token",
            data={"grant_type": "client_credentials"},
            auth=("ada-application", "ada-secret"),
        ).json()["access_token"]
        imodel = desk.imodel(itwin)
        briefcase = desk.briefcase(imodel)
        ids = desk.history(imodel, briefcase, 3)
        desk.lock(imodel, briefcase, ids[-1], exclusive=["0x1"])
        before = [desk.get(imodel, each).json() for each in ("changesets", "briefcases", "locks", "users")]
        changeset = desk.get(imodel, "changesets", 1).json()["changeset"]
        content = fetched(changeset)
        following = desk.get(imodel, "changesets", _top=1).json()["_links"]["next"]["href"]
        waiting = desk.announce(imodel, briefcase, ids[-1])
    with LocalHub(tmp_path, port=port) as hub, desk_of(hub) as desk:
        assert hub.itwin_id == itwin
        after = [desk.get(imodel, each).json() for each in ("changesets", "briefcases", "locks", "users")]
        assert after[1:] == before[1:]
        assert after[0]["changesets"][:3] == before[0]["changesets"]
        assert fetched(changeset) == content
        assert desk.client.get(following).json()["changesets"][0]["id"] == ids[1]
        desk.upload(waiting)
        assert desk.confirm(imodel, waiting).status_code == 200
        for token in (issued, granted):
            with desk_of(hub, token) as other:
                assert other.get(imodel).status_code == 200


@pytest.mark.skipif(ON_POSTGRESQL, reason="there several hubs share a folder")
def test_a_folder_in_use(tmp_path: Path) -> None:
    """A second hub is rejected without an effect on the first; afterwards, the folder is free."""
    with LocalHub(tmp_path) as hub:
        for _ in range(2):
            with pytest.raises(FolderInUseError, match=f"{tmp_path}"):
                LocalHub(tmp_path)
        assert imodels_of(hub) == []
    LocalHub(tmp_path).stop()


def test_a_port_in_use(tmp_path: Path) -> None:
    """The error names the port, and the folder is released."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for _ in range(2):
            with pytest.raises(OSError, match=f"port {port} of 127.0.0.1"):
                LocalHub(tmp_path, port=port)


def test_users_that_cannot_be_leave_the_folder_free(tmp_path: Path) -> None:
    """A hub that fails to start releases its folder."""
    twice = (NewUser(name="lin", given_name="Lin", surname="Berg"),) * 2
    with pytest.raises(ValueError, match="user lin"):
        LocalHub(tmp_path, users=twice)
    with LocalHub(tmp_path) as hub:
        assert list(hub.tokens) == ["ada", "grace"]


def test_tokens() -> None:
    """Each user has a token that never expires; the default token is that of the first user."""
    with LocalHub() as hub:
        assert list(hub.tokens) == ["ada", "grace"]
        assert (hub.token(), hub.token("grace")) == tuple(hub.tokens.values())
        hub.control.advance(timedelta(days=3650))
        for name, token in hub.tokens.items():
            with desk_of(hub, token) as desk:
                imodel = desk.imodel(hub.itwin_id, name)
                (user,) = desk.get_full(imodel, "users").json()["users"]
                assert user["givenName"].lower() == name


def test_a_user_that_is_not_there() -> None:
    """Asking for a token of an unknown user is an error."""
    hub = LocalHub()
    with pytest.raises(ValueError, match="unknown user 'nobody'"):
        hub.token("nobody")
    with pytest.raises(ValueError, match="unknown user 'nobody'"):
        hub.expiring_token("nobody", timedelta(hours=1))
    hub.stop()


def test_a_token_that_expires() -> None:
    """It is valid until its expiry by the hub's clock."""
    with LocalHub(clock=Clock(running=False)) as hub:
        with desk_of(hub, hub.expiring_token("grace", timedelta(minutes=5))) as desk:
            assert desk.get(iTwinId=hub.itwin_id).status_code == 200
            hub.control.advance(timedelta(minutes=5, seconds=-1))
            assert desk.get(iTwinId=hub.itwin_id).status_code == 200
            hub.control.advance(timedelta(seconds=1))
            assert error_of(desk.get(iTwinId=hub.itwin_id)) == (401, "Unauthorized")
        assert imodels_of(hub) == []


def test_clock_and_ids() -> None:
    """With a stopped clock and seeded ids, two hubs have the same content."""
    seen = []
    for _ in range(2):
        clock = Clock(datetime(2031, 2, 3, tzinfo=UTC), running=False)
        with LocalHub(seed="demo", clock=clock, ids=Ids("x")) as hub, desk_of(hub) as desk:
            (imodel,) = desk.get_full(iTwinId=hub.itwin_id).json()["iModels"]
            seen.append((hub.itwin_id, imodel["id"], imodel["createdDateTime"]))
    assert seen[0] == seen[1]
    assert seen[0][2].startswith("2030-12-09T00:00:00")  # the demo was created eight weeks ago


def test_limits_are_settings() -> None:
    """A limit of the service can be made small."""
    with LocalHub(settings=HubSettings(briefcases_total=1)) as hub, desk_of(hub) as desk:
        imodel = desk.imodel(hub.itwin_id)
        desk.briefcase(imodel)
        assert desk.post(imodel, "briefcases").status_code == 422


def test_users_of_ones_own(tmp_path: Path) -> None:
    """Given users replace the default ones, with their permissions, and are kept after a restart."""
    lin = NewUser(
        name="lin",
        given_name="Lin",
        surname="Berg",
        permissions=frozenset({"imodels_read"}),
        token="lin-token",  # noqa: S106
    )
    for users in ((lin,), ()):
        with LocalHub(tmp_path, users=users, seed="demo") as hub, desk_of(hub) as desk:
            assert hub.tokens == {"lin": "lin-token"}
            (imodel,) = desk.get(iTwinId=hub.itwin_id).json()["iModels"]
            assert desk.get(imodel["id"], "permissions").json()["permissions"] == ["imodels_webview", "imodels_read"]
            assert error_of(desk.patch(imodel["id"], name="No")) == (403, "InsufficientPermissions")


def test_no_seed() -> None:
    """A hub starts with an empty iTwin."""
    with LocalHub() as hub, desk_of(hub) as desk:
        itwin = desk.client.get(f"/itwins/{hub.itwin_id}").json()["iTwin"]
        assert itwin["displayName"] == "Local iTwin"
        assert imodels_of(hub) == []


def test_the_demo_seed(tmp_path: Path) -> None:
    """It has a ready iModel with Named Versions; it is not created a second time."""
    with LocalHub(tmp_path, seed="demo") as hub, desk_of(hub) as desk:
        (imodel,) = desk.get_full(iTwinId=hub.itwin_id).json()["iModels"]
        assert imodel["state"] == "initialized"
        version = desk.get_full(imodel["id"], "namedversions").json()["namedVersions"][0]
        assert (version["name"], version["changesetIndex"]) == ("As delivered", 0)
        baseline = fetched(desk.get(imodel["id"], "baselinefile").json()["baselineFile"])
        assert baseline.startswith(b"SQLite format 3")
        assert desk.delete(imodel["id"]).status_code == 204
    with LocalHub(tmp_path, seed="demo") as hub:
        assert imodels_of(hub) == []


def test_a_start_that_is_killed_is_repeated(tmp_path: Path) -> None:
    """The next one replaces the incomplete content of a new hub, once."""
    script = """if True:
        import os, sys
        from pathlib import Path
        from itwin_imodels_hub import LocalHub
        from itwin_imodels_hub.control import seeding
        seeding._add_history = lambda *_: os.kill(os.getpid(), 9)
        LocalHub(Path(sys.argv[1]), seed="demo", database=(sys.argv[2:] or [None])[0])
    """
    arguments = [str(tmp_path / "hub"), *filter(None, [database_of(tmp_path / "hub")])]
    assert subprocess.run([sys.executable, "-c", script, *arguments], check=False).returncode == -9
    with LocalHub(tmp_path / "hub", seed="demo") as hub, desk_of(hub) as desk:
        (imodel,) = desk.get_full(iTwinId=hub.itwin_id).json()["iModels"]
        assert imodel["state"] == "initialized"
        assert len(baselines(hub)) == 1
        assert desk.delete(imodel["id"]).status_code == 204
    with LocalHub(tmp_path / "hub", seed="demo") as hub:
        assert imodels_of(hub) == []


def test_a_seed_file_gives_imodels(seeded: Desk, seed: Path) -> None:
    """Ids, names, owners and baselines are those of the file."""
    imodel = seeded.get(IMODEL).json()["iModel"]
    assert (imodel["name"], imodel["description"]) == ("Bridge", "with a history")
    assert (imodel["id"], imodel["state"]) == (IMODEL, "initialized")
    assert imodel["lastChangesetPushDateTime"] is not None
    creator = seeded.client.get(imodel["_links"]["creator"]["href"]).json()["user"]
    assert creator["givenName"] == "Grace"
    assert creator["statistics"]["pushedChangesetsCount"] == 3
    names = seeded.get(iTwinId=imodel["iTwinId"]).json()["iModels"]
    assert {each["displayName"] for each in names} == {"Bridge", "Empty"}
    baseline = seeded.get(IMODEL, "baselinefile").json()["baselineFile"]
    content = (seed.parent / "baseline.bim").read_bytes()
    assert (baseline["fileSize"], fetched(baseline)) == (len(content), content)
    assert fetched(seeded.get(IMODEL, "changesets/0/checkpoint").json()["checkpoint"]) == content
    assert seeded.get(IMODEL, "operations/create").json()["createOperation"]["state"] == "successful"


def test_a_seed_file_gives_history(seeded: Desk) -> None:
    """Changesets follow one another with their files, and Named Versions are on their changesets."""
    changesets = seeded.get_full(IMODEL, "changesets").json()["changesets"]
    assert [(each["id"], each["parentId"], each["index"]) for each in changesets] == [
        (IDS[0], "", 1),
        (IDS[1], IDS[0], 2),
        (IDS[2], IDS[1], 3),
    ]
    assert [(each["description"], each["containingChanges"], each["briefcaseId"]) for each in changesets] == [
        (f"number {number}", number, 2) for number in (1, 2, 3)
    ]
    assert [each["fileSize"] for each in changesets] == list(map(len, CONTENTS))
    assert [fetched(each) for each in changesets] == CONTENTS
    (briefcase,) = seeded.get_full(IMODEL, "briefcases").json()["briefcases"]
    assert briefcase["briefcaseId"] == 2
    versions = seeded.get_full(IMODEL, "namedversions", _orderBy="changesetIndex").json()["namedVersions"]
    assert [(each["name"], each["description"], each["changesetId"], each["changesetIndex"]) for each in versions] == [
        ("Start", None, None, 0),
        ("Middle", "half way", IDS[1], 2),
    ]


@pytest.mark.parametrize(("index", "whole", "blocks"), [(1, True, False), (2, False, True), (3, True, True)])
def test_a_seed_file_gives_checkpoints(seeded: Desk, index: int, *, whole: bool, blocks: bool) -> None:
    """A checkpoint exists as one file, in blocks, or both, equal byte for byte."""
    checkpoint = seeded.get(IMODEL, "changesets", index, "checkpoint").json()["checkpoint"]
    assert (checkpoint["state"], checkpoint["changesetId"]) == ("successful", IDS[index - 1])
    assert checkpoint["dbName"] == f"{IDS[index - 1]}.bim"
    if whole:
        assert (checkpoint["size"], fetched(checkpoint)) == (len(WHOLE), WHOLE)
    else:
        assert checkpoint["_links"]["download"] is None
    access = checkpoint["directoryAccessInfo"]
    assert (access is not None) == blocks
    if blocks:
        found = {name: block(access, name) for name in BLOCKS}
        assert {name: response.content for name, response in found.items()} == BLOCKS
        assert block(access, "other.block").status_code == 404
        assert send("GET", f"{access['baseUrl']}/{access['baseDirectory']}/0a.block").is_error


def block(access: dict[str, Any], name: str) -> httpx.Response:
    """Read a file of a directory as readers of blocks do."""
    url = f"{access['baseUrl']}/{access['baseDirectory']}/{name}"
    if access["storageType"] == "azure":
        return send("GET", f"{url}?{access['azure']['sasToken']}")
    return send("GET", url, headers={"Authorization": f"Bearer {access['google']['authorization']}"})


def test_work_goes_on_from_a_seed(seed: Path) -> None:
    """A seeded iModel accepts briefcases, changesets and Named Versions like any other."""
    with LocalHub(seed=seed) as hub, desk_of(hub) as desk:
        briefcase = desk.briefcase(IMODEL)
        assert briefcase == 3
        pushed = desk.push(IMODEL, briefcase, IDS[-1])
        assert desk.get(IMODEL, "changesets", pushed).json()["changeset"]["index"] == 4
        assert desk.post(IMODEL, "namedversions", name="New", changesetId=pushed).status_code == 201
        assert error_of(desk.post(IMODEL, "namedversions", name="Start", changesetId=IDS[0]))[0] == 409


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("imodels = [", "Invalid|Unclosed"),
        ("imodel = []", "unknown imodel"),
        ("imodels = 5", "imodels: 5 is not a list of tables"),
        ("imodels = [5]", r"imodels: \[5\] is not a list of tables"),
        ("[[imodels]]", r"imodels\[0\]: name is missing"),
        ('[[imodels]]\nname = "a"\n[[imodels]]\nname = 5', r"imodels\[1\].name: 5"),
        ('[[imodels]]\nname = "a"\ncolour = "red"', r"imodels\[0\]: unknown colour"),
        ('[[imodels]]\nname = "a"\nbaseline = 7', r"imodels\[0\].baseline: 7"),
        ('[[imodels]]\nname = "a"\nchangesets = "x"', r"imodels\[0\].changesets: 'x' is not a list"),
        ('[[imodels]]\nname = "a"\n[[imodels.changesets]]\nid = "x"', r"imodels\[0\].changesets\[0\]: file is missing"),
        (
            '[[imodels]]\nname = "a"\n[[imodels.named_versions]]\nname = "v"\nchangeset_index = "1"',
            r"imodels\[0\].named_versions\[0\].changeset_index: '1'",
        ),
    ],
)
def test_a_seed_file_that_is_none(tmp_path: Path, text: str, complaint: str) -> None:
    """Errors have the file and the place."""
    path = tmp_path / "seed.toml"
    path.write_text(text)
    with pytest.raises(SeedError, match=complaint) as raised:
        LocalHub(seed=path)
    assert str(raised.value).startswith(f"{path}: ")


def test_a_seed_file_in_another_encoding(tmp_path: Path) -> None:
    """A file that is not UTF-8 is rejected like other invalid TOML."""
    path = tmp_path / "seed.toml"
    path.write_bytes(b'[[imodels]]\nname = "\xff"')
    with pytest.raises(SeedError, match=f"{path}"):
        LocalHub(seed=path)


@pytest.mark.thorough(keep=4)
@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('id = "x"', "'x' is not a UUID"),
        ('owner = "nobody"', "unknown user 'nobody'"),
        ('itwin_id = "00000000-0000-4000-8000-000000000000"', "unknown iTwin"),
        ('[[imodels.changesets]]\nid = "ABC"\nfile = "seed.toml"', "'ABC' must be 40"),
        (f'[[imodels.changesets]]\nid = "{IDS[0]}"\nfile = "seed.toml"\n' * 2, "have the same id"),
        ('[[imodels.named_versions]]\nname = "v"\nchangeset_index = 1', "no changeset has index 1"),
        ('[[imodels.named_versions]]\nname = "v"\n' * 2, "two Named Versions"),
        ("[[imodels.checkpoints]]\nchangeset_index = -1", "no changeset has index -1"),
        ("[[imodels.checkpoints]]\nchangeset_index = 0", "requires a file or a directory"),
        ('[[imodels.checkpoints]]\nchangeset_index = 0\nfile = "seed.toml"\n' * 2, "two checkpoints"),
        ('[[imodels]]\nname = "Bridge"', "already has an iModel with this name"),
    ],
)
def test_a_seed_that_cannot_be_leaves_nothing(tmp_path: Path, more: str, complaint: str) -> None:
    """The folder is as new, so that the mended seed is planted at the next start."""
    path = tmp_path / "seed.toml"
    path.write_text(f'[[imodels]]\nname = "First"\n[[imodels]]\nname = "Bridge"\n{more}')
    with pytest.raises(SeedError, match=complaint):
        LocalHub(tmp_path / "hub", seed=path)
    engine = create_engine(database_of(tmp_path / "hub") or f"sqlite:///{tmp_path / 'hub' / 'hub.sqlite'}")
    with engine.connect() as connection:
        assert not initial_content.is_incomplete(connection)
    engine.dispose()
    path.write_text('[[imodels]]\nname = "First"')
    hub = LocalHub(tmp_path / "hub", seed=path)
    assert (planted(hub), len(baselines(hub))) == (["First"], 1)
    hub.stop()


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("missing", ["baseline", "changeset", "checkpoint", "directory"])
def test_a_file_that_is_missing_leaves_nothing(tmp_path: Path, missing: str) -> None:
    """The error names the missing file, and nothing of the seed is created."""
    path = tmp_path / "seed.toml"
    more = {
        "baseline": 'baseline = "gone"',
        "changeset": f'[[imodels.changesets]]\nid = "{IDS[0]}"\nfile = "gone"',
        "checkpoint": '[[imodels.checkpoints]]\nchangeset_index = 0\nfile = "gone"',
        "directory": '[[imodels.checkpoints]]\nchangeset_index = 0\ndirectory = "gone"',
    }
    path.write_text(f'[[imodels]]\nname = "First"\n{more[missing]}')
    with pytest.raises(FileNotFoundError, match="gone"):
        LocalHub(tmp_path / "hub", seed=path)
    with pytest.raises(FileNotFoundError, match=r"other\.toml"):
        LocalHub(tmp_path / "hub", seed=tmp_path / "other.toml")
    hub = LocalHub(tmp_path / "hub", seed="demo")
    assert (planted(hub), len(baselines(hub))) == (["Demo iModel"], 1)
    hub.stop()


def test_without_the_extra(tmp_path: Path) -> None:
    """The error names the extra and the missing module."""
    (tmp_path / "sqlalchemy.py").write_text(
        "raise ModuleNotFoundError('No module named sqlalchemy', name='sqlalchemy')"
    )
    program = "try:\n    import itwin_imodels_hub\nexcept ModuleNotFoundError as error:\n    print(error.name, error)"
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stdout.startswith(
        "sqlalchemy itwin_imodels_hub requires the extra 'hub': pip install 'itwin-imodels[hub]'"
    )


def test_a_large_head() -> None:
    """A request whose head has up to 64 KiB may arrive in pieces."""
    with LocalHub() as hub:
        url = httpx.URL(hub.url)
        with socket.create_connection((url.host, url.port or 80), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            padding = b"X-Padding: " + b"x" * 4000 + b"\r\n"
            for piece in (b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n", *[padding] * 15, b"\r\n"):
                connection.sendall(piece)
                time.sleep(0.001)
            assert connection.recv(100).startswith(b"HTTP/1.1 404 ")
