"""What released versions left on disk is opened and continued by this version; `record.py` recorded it."""

import json
import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from imodel_files.changes import ChangeReader
from imodel_files.changesets import apply_changesets
from itwin_imodels import AuthorizationCode, IModelsClient, TransferOptions
from itwin_imodels.auth import FileTokenStore
from itwin_imodels.cli.app import app
from itwin_imodels.errors import AuthError
from itwin_imodels.fleet import FleetReport, fleet_status, mirror_fleet, verify_fleet, write_fleet_changes
from itwin_imodels.mirror import open_mirror
from itwin_imodels.profiles import CONFIG_VARIABLE, Profiles
from itwin_imodels_hub import Clock, Ids, LocalHub
from tests.fleet.clusters import DaskProcesses
from tests.hub.helpers.receiving import receiving
from tests.hub.helpers.visitor import Visitor
from tests.released import recorded
from tests.released.recorded import ADA, GRACE, LOGIN, NOW, WEBHOOK_SECRET, settings
from tests.workflows.helpers.databases import content

RELEASES = sorted(each.parent for each in Path(__file__).parent.glob("*/state.zip"))
PUMP = "0x20000000001"
IN_BLOCKS = TransferOptions(block_threshold=1, block_size=64 << 10)
API = Path(__file__).parents[1] / "contract" / "api.txt"
INHERITED = {"imodel_files.changes.MissingChangesetError.reason"}
"""Members that a class now inherits from a public class, which the snapshot lists only there."""
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


@attrs.frozen
class State:
    """A copy of the recorded state.

    Attributes:
        folder: The copy.
        said: What the recorded version said about it.
    """

    folder: Path
    said: dict[str, Any]

    @property
    def itwin_id(self) -> str:
        """The iTwin."""
        return str(self.said["hub"]["/itwins"][1]["iTwins"][0]["id"])

    @contextmanager
    def hub(self) -> Iterator[LocalHub]:
        """Run the hub at the time at which it was recorded."""
        clock = Clock(NOW, running=False)
        with LocalHub(self.folder / "hub", settings=settings(), clock=clock, ids=Ids("later"), upgrade=True) as hub:
            yield hub

    @contextmanager
    def client(self) -> Iterator[tuple[LocalHub, IModelsClient]]:
        """Run the hub, and open a client of the user who did everything."""
        with self.hub() as hub, IModelsClient(ADA, base_url=hub.base_url, transfer=IN_BLOCKS) as client:
            yield hub, client

    def imodel(self, name: str) -> str:
        """Return the id of an iModel."""
        entries = self.said["hub"][f"/imodels/?iTwinId={self.itwin_id}"][1]["iModels"]
        return str(next(each["id"] for each in entries if each["displayName"] == name))

    @property
    def changesets(self) -> list[str]:
        """The ids of the changesets of the bridge."""
        entries = self.said["hub"][f"/imodels/{self.imodel('Bridge')}/changesets"][1]["changesets"]
        return [str(each["id"]) for each in sorted(entries, key=lambda each: each["index"])]


@pytest.fixture(params=RELEASES, ids=[each.name for each in RELEASES])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> State:
    """Copy a recorded state, with its modes and times, which the repository does not keep."""
    folder = tmp_path / "state"
    said = json.loads((request.param / "said.json").read_text(encoding="utf-8"))
    with zipfile.ZipFile(request.param / "state.zip") as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            path.chmod(entry.external_attr >> 16)
    for name, moment in said["times"].items():
        os.utime(folder / name, ns=(moment, moment))
    return State(folder, said)


def test_every_release_is_recorded() -> None:
    """CONTRIBUTING.md describes how. It is due as soon as the changelog lists changes after the release."""
    unreleased, *sections = re.split("^## ", CHANGELOG.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    released = {each.split()[0] for each in sections} if "\n- " in unreleased else set()
    assert released <= {each.name for each in RELEASES}


def test_the_interface(state: State) -> None:
    """Public names, parameters, commands and options are still there, or the changelog names them."""
    before = json.loads((state.folder / "interface.json").read_text(encoding="utf-8"))
    now = recorded.interface(API.read_text(encoding="utf-8"))
    changes = CHANGELOG.read_text(encoding="utf-8").partition(f"\n## {state.said['version']} (")[0]
    missing = {name.removeprefix("imodels ") for name in before if name not in now}
    missing |= {each for name, parts in before.items() if name in now for each in parts if each not in now[name]}
    assert [name for name in sorted(missing - INHERITED) if f"`{name}" not in changes] == []


def test_the_data_of_a_hub(state: State) -> None:
    """A hub opens the folder, and responds as before."""
    with state.hub() as hub:
        now = recorded.of_the_hub(hub.url, ADA, hub.itwin_id)
        assert recorded.differences(now, state.said["hub"]) == []
        with visitor(hub) as person:
            assert person.api_status(GRACE) == 200


def test_a_dumped_hub(state: State, tmp_path: Path) -> None:
    """A new hub loads the dump, and responds as before."""
    with LocalHub(tmp_path / "new", settings=settings(), clock=Clock(NOW, running=False)) as hub:
        hub.control.load(state.folder / "hub.dump")
        now = recorded.of_the_hub(hub.url, ADA, hub.itwin_id)
        assert recorded.differences(now, state.said["dumped"]) == []


def test_the_command(state: State) -> None:
    """Commands print what they printed before, except that the name of a table is no longer in lower case."""
    with state.hub() as hub:
        now = recorded.of_the_command(state.folder, hub.url, ADA, hub.itwin_id)
    mended = "/tables/0: 'bis_ElementMultiAspect', not 'bis_elementmultiaspect'"
    found = recorded.differences(now, state.said["command"])
    assert [each for each in found if not each.endswith(mended)] == []


def test_an_interrupted_push(state: State) -> None:
    """It is resumed: only the block that is missing is uploaded. Then everything else of an iModel goes on."""
    (file,) = state.folder.glob("*.cs")
    bridge, ids = state.imodel("Bridge"), state.changesets
    with state.client() as (hub, client):
        laptop = client.briefcases.list(bridge).all()[0].briefcase_id
        hub.control.log.clear()
        pushed = client.push_changeset(bridge, file, briefcase_id=laptop, parent_id=ids[-1], release_locks=True)
        received = [each.received for each in hub.control.log.requests if each.method == "PUT"]
        assert sum(received) < file.stat().st_size / 2
        assert [each.id for each in client.changesets.list(bridge)] == [*ids, file.stem]
        assert client.changesets.latest(bridge) == client.changesets.get(bridge, pushed.index)
        assert [each.briefcase_id for each in client.locks.list(bridge)] == [laptop + 1]
        assert client.briefcases.acquire(bridge).briefcase_id == laptop + 2
        opened = next(each for each in client.changeset_groups.list(bridge) if each.description == "Left open")
        assert client.changeset_groups.close(bridge, opened.id).state == "completed"
        assert client.changeset_extended_data.get(bridge, 3).data == {"reviewer": "Grace"}
        issued = client.named_versions.get_by_name(bridge, "Issued")
        assert issued is not None
        assert client.named_versions.update(bridge, issued.id, name="As issued").changeset_index == 3
        client.imodels.delete(state.imodel("Tower"))


def test_unfinished_work_of_a_hub(state: State) -> None:
    """A scheduled checkpoint is created, and an event is delivered."""
    bridge, ids = state.imodel("Bridge"), state.changesets
    with state.client() as (hub, client), receiving() as receiver:
        webhook = state.said["hub"]["/webhooks"][1]["webhooks"][0]["id"]
        with visitor(hub) as person:
            headers = {"Authorization": f"Bearer {ADA}"}
            body = {"callbackUrl": receiver.url}
            person.api.patch(f"{hub.url}/webhooks/{webhook}", json=body, headers=headers).raise_for_status()
        hub.control.advance(timedelta(hours=2))
        receiver.wait(1)
        assert [each.content["changesetId"] for each in receiver.events(WEBHOOK_SECRET)] == [ids[4]]
        assert client.wait_for_checkpoint(bridge, named_version="Later").changeset_id == ids[4]
        updated = client.update_checkpoint(bridge, state.folder / "bridge.bim", named_version="Later")
        assert (updated.changeset_id, updated.applied) == (ids[4], 0)
        assert content(updated.path) == content(state.folder / "tip.bim")


def test_a_sign_in(state: State) -> None:
    """The stored token is found, and the hub that issued it accepts it."""
    folder = state.folder / "logins"
    store = FileTokenStore(folder)
    auth = AuthorizationCode("imodels-cli", authority="http://127.0.0.1:8650", store=store)
    assert auth.status().signed_in
    token = store.load(LOGIN)
    assert token is not None
    with state.hub() as hub, visitor(hub) as person:
        answer = person.refresh(token)
        assert answer.status_code == 200, answer.text
        assert person.api_status(answer.json()["access_token"]) == 200
    store.save(LOGIN, answer.json()["refresh_token"])
    assert store.load(LOGIN) != token
    (file,) = folder.glob("*.json")
    file.chmod(0o644)
    with pytest.raises(AuthError, match="other users can access the file"):
        store.load(LOGIN)


def visitor(hub: LocalHub) -> closing[Visitor]:
    """Return a person at a hub."""
    return closing(Visitor(hub.url))


def test_profiles(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read and changed."""
    path = state.folder / "config.toml"
    monkeypatch.setenv(CONFIG_VARIABLE, str(path))
    before = path.read_text(encoding="utf-8")
    profiles = Profiles.read()
    assert (profiles.names, profiles.current) == (["cloud", "local"], "cloud")
    local = profiles.chosen("local")
    assert local is not None
    assert local.settings == {"base_url": "http://127.0.0.1:8650/imodels", "output": "json"}
    done = CliRunner().invoke(app, ["config", "set", "client_id", "native-of-a-test", "--profile", "cloud"])
    assert done.exit_code == 0, done.output
    assert path.read_text(encoding="utf-8") == before.replace("native-of-a-recording", "native-of-a-test")


def test_a_mirror(state: State) -> None:
    """It is read without a service, and updated: nothing is downloaded or indexed again."""
    folder, ids = state.folder / "mirror", state.changesets
    with open_mirror(folder) as mirror:
        assert [each.changeset.id for each in mirror.changesets()] == ids[:3]
        assert [each.path for each in mirror.changesets()] == [folder / f"{each}.cs" for each in ids[:3]]
        third = mirror.get(3)
        assert third.synchronization_info is not None
        assert third.synchronization_info.changed_files == ("pumps.xlsx",)
        assert third.application is not None
        assert third.application.name == "Ada's Application"
    with state.client() as (_, client):
        result = client.mirror_timeline(state.imodel("Bridge"), folder)
    assert (result.changesets, result.new_changesets, result.downloaded_files, result.repaired_files) == (5, 2, 2, 0)
    (folder / f"{ids[0]}.cs").unlink()  # only an index that starts over would need it
    with open_mirror(folder) as mirror, ChangeReader(mirror, state.folder / "tip.bim") as reader:
        found = [(each.changeset.id, len(each.aspects)) for each in reader.history(PUMP)]
    assert found == [(ids[1], 0), (ids[2], 1), (ids[3], 0), (ids[4], 1)]


@pytest.mark.parametrize("name", ["mirror", "pulled"])
def test_interrupted_copies_of_a_timeline(state: State, name: str) -> None:
    """Only the missing files are downloaded."""
    folder, bridge = state.folder / "half" / name, state.imodel("Bridge")
    present = {each.name: each.stat().st_ino for each in folder.glob("*.cs")}
    assert 0 < len(present) < 5
    with state.client() as (hub, client):
        hub.control.log.clear()
        if name == "mirror":
            assert client.mirror_timeline(bridge, folder).downloaded_files == 5 - len(present)
        else:
            client.pull_changesets(bridge, folder)
        sent = [each for each in hub.control.log.requests if each.path.startswith("/storage")]
    assert len(sent) == 5 - len(present)
    assert {each.stem for each in folder.glob("*.cs")} == set(state.changesets)
    assert {each: (folder / each).stat().st_ino for each in present} == present


def test_interrupted_downloads_of_checkpoints(state: State) -> None:
    """They are resumed where they were."""
    half = state.folder / "half"
    noted = re.findall(r"^\d+ [0-9A-F]+", (half / "bridge.bim.part.blocks").read_text(encoding="ascii"), re.MULTILINE)
    with state.client() as (hub, client):
        hub.control.log.clear()
        client.download_checkpoint(state.imodel("Large"), half / "large.bim", changeset=0, kind="v1")
        sent = sum(each.sent for each in hub.control.log.requests if each.path.startswith("/storage"))
        assert sent == (half / "large.bim").stat().st_size - 1_200_000
        hub.control.log.clear()
        client.download_checkpoint(state.imodel("Bridge"), half / "bridge.bim", named_version="Issued", kind="v2")
        requested = {each.path for each in hub.control.log.requests if re.search(r"/[0-9A-F]+\.bcv$", each.path)}
    assert (half / "bridge.bim").read_bytes() == (state.folder / "bridge.bim").read_bytes()
    assert (len(noted), len(requested)) == (3, 2)
    assert not list(half.glob("*.part*"))


def test_pulled_files(state: State, tmp_path: Path) -> None:
    """They are continued, and apply to the downloaded checkpoint."""
    folder, ids = state.folder / "pulled", state.changesets
    with state.client() as (_, client):
        client.pull_changesets(state.imodel("Bridge"), folder)
    files = [folder / f"{each}.cs" for each in ids[3:]]
    apply_changesets(state.folder / "bridge.bim", files, tmp_path / "tip.bim", parent_id=ids[2])
    assert content(tmp_path / "tip.bim") == content(state.folder / "tip.bim")


def test_fleets(state: State, tmp_path: Path) -> None:
    """They are shown, verified and continued, also with gaps between the indexes of changesets."""
    fleet, gaps = state.folder / "fleet", state.folder / "gaps"
    before = changes_in(fleet, state.imodel("Bridge"))
    assert numbers(fleet_status(str(fleet))) == {"Bridge": 3}
    assert numbers(fleet_status(str(gaps))) == {"Bridge": 5, "Tower": 3, "Large": 0}
    with state.hub() as hub:
        cluster = DaskProcesses(tmp_path, {"IMODELS_BASE_URL": hub.base_url, "IMODELS_TOKEN": ADA})
        try:
            cluster.start(1)
            report = verify_fleet(str(gaps), sample=1, scheduler=cluster.address)
            assert numbers(report) == {"Bridge": 5, "Tower": 3, "Large": 0}
            for target in (fleet, gaps):
                report = mirror_fleet(itwin_ids=[hub.itwin_id], target=str(target), scheduler=cluster.address)
                assert numbers(report) == {"Bridge": 5, "Tower": 3, "Large": 0}
            report = verify_fleet(str(gaps), sample=1, scheduler=cluster.address)
            assert numbers(report) == {"Bridge": 5, "Tower": 3, "Large": 0}
            report = write_fleet_changes(str(fleet), scheduler=cluster.address)
            assert numbers(report) == {"Bridge": 5, "Tower": 3, "Large": 0}
        finally:
            cluster.stop()
    after = changes_in(fleet, state.imodel("Bridge"))
    assert after[: len(before)] == before
    assert {each["changeset_index"] for each in before} == {1, 2, 3}
    assert {each["changeset_index"] for each in after} == {1, 2, 3, 4, 14}


def changes_in(fleet: Path, imodel_id: str) -> list[dict[str, Any]]:
    """Return the rows of the changes of an iModel."""
    (file,) = (fleet / "changes" / f"imodel_id={imodel_id}").glob("*/*.parquet")
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows


def numbers(report: FleetReport) -> dict[str, int]:
    """Return the number of changesets of each iModel, none of which failed."""
    assert [each.error for each in report.rows if each.error] == []
    return {each.name: each.changesets for each in report.rows}
