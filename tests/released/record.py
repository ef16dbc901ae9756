"""Record what a released version leaves on disk, for `test_released.py`: data of a hub, mirrors, downloads, settings.

python -m tests.released.record

Run it with a Python that has the wheel of the release installed, with all extras, and not the sources: with ``-P``, and
the project's folder in PYTHONPATH. It writes ``tests/released/<version>``. The hub's clock, its ids and all credentials
are fixed, and no file contains a name or a path of the machine.
"""

import itertools
import json
import os
import secrets
import shutil
import socket
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import httpx
from PIL import Image
from typer.testing import CliRunner

from imodel_files.changes import ChangeReader
from itwin_imodels import AuthorizationCode, IModelsClient, IModelsError, TransferOptions, __version__
from itwin_imodels.auth import FileTokenStore
from itwin_imodels.cli.app import app
from itwin_imodels.fleet import mirror_fleet, write_fleet_changes
from itwin_imodels.mirror import open_mirror
from itwin_imodels.models import ContainingChanges, Extent, PermissionGrant, Point, SynchronizationInfo
from itwin_imodels_hub import (
    Clock,
    Fault,
    Ids,
    LocalHub,
    NewUser,
    SeedChangeset,
    SeedIModel,
    SeedITwin,
    SeedMember,
    SeedRole,
)
from tests.hub.helpers.visitor import click
from tests.released import recorded
from tests.released.recorded import ADA, GRACE, NOW, WEBHOOK_SECRET, settings
from tests.unit.imodel_files.plant import INSPECTION, Plant, element, geometry, insert, label, update

PORT = 8650
USERS = (
    NewUser(name="ada", given_name="Ada", surname="Lindqvist", token=ADA),
    NewUser(name="grace", given_name="Grace", surname="Okafor", token=GRACE, permissions=frozenset()),
)
ITWIN = SeedITwin(
    name="Sun City",
    roles=[SeedRole(name="Author", permissions=["imodels_webview", "imodels_read", "imodels_write"])],
    members=[SeedMember(user="grace", roles=["Author"])],
)
ONE_BY_ONE = TransferOptions(parallelism=1, retries=0, block_threshold=1, block_size=64 << 10, block_parallelism=1)
GET_FILE = {"method": "GET", "path": "^/storage/"}


@contextmanager
def opened_hub(folder: Path, **changes: Any) -> Iterator[LocalHub]:
    """Run the hub."""
    hub = LocalHub(
        folder / "hub",
        settings=settings(**changes),
        users=USERS,
        itwins=[ITWIN],
        clock=Clock(NOW, running=False),
        ids=Ids(f"recorded {sorted(changes)}"),
        port=PORT,
    )
    with hub:
        yield hub


def client_of(hub: LocalHub, name: str = "ada") -> IModelsClient:
    """Return a client of a user that sends one request after another, and does not retry transfers."""
    return IModelsClient(hub.token(name), base_url=hub.base_url, transfer=ONE_BY_ONE)


def interrupted(hub: LocalHub, call: Callable[[], object], **fault: Any) -> None:
    """Make a call whose transfer fails in the middle."""
    hub.control.faults.add(Fault(**{"action": "drop", "times": 1000, **fault}))
    with suppress(IModelsError):
        call()
        raise AssertionError("the call was not interrupted")
    hub.control.faults.clear()


def made_plant(folder: Path) -> Plant:
    """Create the timeline: five changesets of a few elements."""
    plant = Plant(folder, element(0x20000000001, code="P-1"), geometry(0x20000000001))
    plant.push(element(0x20000000002, code="P-2"), geometry(0x20000000002))
    plant.push(label(0x20000000001, "Main pump"))
    plant.push(insert("bis_ElementMultiAspect", Id=7, ECClassId=INSPECTION, ElementId=0x20000000001, ps1="passed"))
    plant.push(label(0x20000000001, "Spare pump"))
    plant.push(("DELETE FROM bis_ElementMultiAspect WHERE Id = 7", ()))
    return plant


def first_day(state: Path, plant: Plant, said: dict[str, Any]) -> str:
    """Create an iModel with three changesets and all other kinds of entities, and copies of it."""
    files = [plant.folder / f"{each}.cs" for each in plant.ids]
    with opened_hub(state) as hub, client_of(hub) as client, client_of(hub, "grace") as other:
        extent = Extent(south_west=Point(latitude=46.0, longitude=7.0), north_east=Point(latitude=46.1, longitude=7.1))
        made = client.create_imodel_from_baseline(
            hub.itwin_id, "Bridge", plant.baseline, description="Over the river", extent=extent
        )
        imodel_id = made.id
        laptop = client.briefcases.acquire(imodel_id, device_name="Laptop").briefcase_id
        tablet = other.briefcases.acquire(imodel_id, device_name="Tablet").briefcase_id
        client.push_changesets(imodel_id, files[:2], briefcase_id=laptop, parent_id=None, group="Piers")
        client.acquire_locks(imodel_id, laptop, exclusive=["0x20000000001"], shared=["0x1"], changeset_id=plant.ids[1])
        other.acquire_locks(imodel_id, tablet, exclusive=["0x20000000002"], shared=["0x1"], changeset_id=plant.ids[1])
        client.push_changeset(
            imodel_id,
            files[2],
            briefcase_id=laptop,
            parent_id=plant.ids[1],
            description="Inspected",
            containing_changes=ContainingChanges.SPATIAL_DATA,
            synchronization_info=SynchronizationInfo(task_id="nightly", changed_files=("pumps.xlsx",)),
        )
        client.release_locks(imodel_id, laptop, ["0x20000000001"], changeset_id=plant.ids[2])
        client.changeset_groups.create(imodel_id, description="Left open")
        client.changeset_extended_data.create(imodel_id, 3, {"reviewer": "Grace"})
        client.named_versions.create(imodel_id, "Issued", changeset_id=plant.ids[2], description="For tender")
        client.wait_for_checkpoint(imodel_id, named_version="Issued")
        client.favorites.add(imodel_id)
        client.recents.add(imodel_id)
        client.shares.create(imodel_id, "For the owner", expires_at=NOW + timedelta(days=90))
        client.thumbnails.upload(imodel_id, picture())
        rights = {"Ada": ("imodels_read", "imodels_write", "imodels_manage"), "Grace": ("imodels_read",)}
        grants = [
            PermissionGrant(id=each.id, permissions=("imodels_webview", *rights[each.given_name or ""]))
            for each in client.users.list(imodel_id)
            if each.given_name in rights
        ]
        client.permissions.update_users(imodel_id, grants)
        register_webhook(hub)

        client.pull_changesets(imodel_id, state / "pulled")
        client.mirror_timeline(imodel_id, state / "mirror")
        with open_mirror(state / "mirror") as mirror, ChangeReader(mirror, plant.tip) as reader:
            assert len(list(reader.history("0x20000000001"))) == 2  # creates the index
        os.environ |= {"IMODELS_BASE_URL": hub.base_url, "IMODELS_TOKEN": hub.token()}
        mirror_fleet(itwin_ids=[hub.itwin_id], target=str(state / "fleet"), workers=1)
        write_fleet_changes(str(state / "fleet"), workers=1)
        client.download_checkpoint(
            imodel_id, state / "bridge.bim", named_version="Issued", kind="v2", keep_block_list=True
        )
        store = FileTokenStore(state / "logins")
        AuthorizationCode("imodels-cli", authority=hub.url, store=store, open_browser=click).login()
        hub.control.dump(state / "hub.dump")
        said["dumped"] = recorded.of_the_hub(hub.url, hub.token(), hub.itwin_id)
    return imodel_id


def second_day(state: Path, plant: Plant, imodel_id: str, said: dict[str, Any]) -> None:
    """Continue with gaps between the indexes, and leave work unfinished: a push, downloads, a job and an event."""
    files = [plant.folder / f"{each}.cs" for each in plant.ids]
    with (
        opened_hub(state, index_step=10, job_delay=timedelta(hours=1), checkpoint_forms="v1") as hub,
        client_of(hub) as client,
    ):
        laptop = client.briefcases.list(imodel_id).first().briefcase_id
        client.push_changesets(imodel_id, files[3:5], briefcase_id=laptop, parent_id=plant.ids[2])
        client.named_versions.create(imodel_id, "Later", changeset_id=plant.ids[4])
        changesets = [SeedChangeset(id=each.stem, file=each) for each in files[:3]]
        hub.control.create_imodel(SeedIModel(name="Tower", baseline=plant.baseline, changesets=changesets))
        hub.control.create_imodel(SeedIModel(name="Large", baseline=large(plant.baseline.with_name("large.bim"))))
        large_id = next(each.id for each in client.imodels.list(hub.itwin_id, name="Large"))

        mirror_fleet(itwin_ids=[hub.itwin_id], target=str(state / "gaps"), workers=1)
        half = state / "half"
        interrupted(hub, lambda: client.pull_changesets(imodel_id, half / "pulled"), skip=2, **GET_FILE)
        interrupted(hub, lambda: client.mirror_timeline(imodel_id, half / "mirror"), skip=2, **GET_FILE)
        interrupted(
            hub,
            lambda: client.download_checkpoint(large_id, half / "large.bim", changeset=0, kind="v1"),
            action="cut",
            cut_at=1_200_000,
            **GET_FILE,
        )
        interrupted(
            hub,
            lambda: client.download_checkpoint(imodel_id, half / "bridge.bim", named_version="Issued", kind="v2"),
            skip=4,
            **GET_FILE,
        )
        options = {"briefcase_id": laptop, "parent_id": plant.ids[4]}
        interrupted(
            hub,
            lambda: client.push_changeset(imodel_id, files[5], **options),
            method="PUT",
            path="^/storage/",
            skip=1,
        )
        configure(state)
        said["hub"] = recorded.of_the_hub(hub.url, hub.token(), hub.itwin_id)
        said["command"] = recorded.of_the_command(state, hub.url, hub.token(), hub.itwin_id)


def register_webhook(hub: LocalHub) -> None:
    """Register a webhook whose receiver does not run."""
    with httpx.Client(base_url=hub.url, headers={"Authorization": f"Bearer {hub.token()}"}) as api:
        types = ["iModels.namedVersionCreated.v1", "iModels.iModelDeleted.v1"]
        body = {"callbackUrl": "http://127.0.0.1:9/events", "scope": "Account", "eventTypes": types}
        made = api.post("/webhooks", json={**body, "secret": WEBHOOK_SECRET}).raise_for_status().json()
        api.patch(f"/webhooks/{made['id']}", json={"active": True}).raise_for_status()


def configure(state: Path) -> None:
    """Write profiles with the command."""
    for words in (
        "set base_url http://127.0.0.1:8650/imodels --profile local",
        "set client_id native-of-a-recording --profile cloud",
        "set environment qa --profile cloud",
        "set output json --profile local",
        "use cloud",
    ):
        done = CliRunner(env={"IMODELS_CONFIG": str(state / "config.toml")}).invoke(app, ["config", *words.split()])
        assert done.exit_code == 0, done.output


def large(path: Path) -> Path:
    """Create a database of 1.6 MB that compresses well."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE content (data)")
        database.execute("INSERT INTO content VALUES (zeroblob(1600000))")
    return path


def picture() -> bytes:
    """Return a PNG."""
    file = BytesIO()
    Image.new("RGB", (400, 250), "navy").save(file, "PNG")
    return file.getvalue()


def pack(state: Path, said: dict[str, Any], folder: Path) -> None:
    """Write the recorded folder, after checking that it does not contain names or paths of this machine."""
    strangers = [str(state), str(Path.home()), f'"{os.uname().nodename}"', tempfile.gettempdir() + "/"]
    files = sorted(each for each in state.rglob("*") if each.is_file())
    for path in files:
        found = [each for each in strangers if each.encode() in path.read_bytes()]
        if found:
            raise SystemExit(f"{path.relative_to(state)} contains {found}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "state.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(state).as_posix(), (2026, 11, 30, 8, 0, 0))
            entry.external_attr = path.stat().st_mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    said["times"] = {
        path.relative_to(state).as_posix(): path.stat().st_mtime_ns for path in files if path.suffix == ".cs"
    }
    (folder / "said.json").write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Record the state of the installed version."""
    numbers = itertools.count(1)
    secrets.token_urlsafe = lambda _=None: f"token-of-a-recording-{next(numbers):022}"
    socket.gethostname = lambda: "recorder"
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch, "state")
        (state / "hub").mkdir(parents=True, mode=0o700)
        (state / "hub" / "key").write_bytes(b"key of a recording: not a secret")
        plant = made_plant(Path(scratch))
        said: dict[str, Any] = {"version": __version__}
        api = Path(__file__).parents[1] / "contract" / "api.txt"
        (state / "interface.json").write_text(json.dumps(recorded.interface(api.read_text())))
        imodel_id = first_day(state, plant, said)
        shutil.copy(plant.tip, state / "tip.bim")
        noise = Random(7).randbytes(80_000)  # noqa: S311 - not a secret
        following = plant.push(update("bis_GeometricElement3d", 0x20000000002, GeometryStream=noise))
        shutil.copy(following, state)
        second_day(state, plant, imodel_id, said)
        pack(state, said, Path(__file__).parent / __version__)


if __name__ == "__main__":
    main()
