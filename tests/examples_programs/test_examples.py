"""The programs of examples/ run, each as a separate process, against a served hub."""

import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from imodel_files.changesets import write_changeset
from itwin_imodels import IModelsClient
from itwin_imodels_hub import Fault, HubSettings, LocalHub
from scripts.toolkit import ROOT

EXAMPLES = ROOT / "examples"
SECRET = "a-secret-of-the-tests-with-32-characters"  # noqa: S105 - of tests
ELEMENT = "0x20000000011"
SECONDS = 60


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    """A hub of the test's own."""
    with LocalHub(settings=HubSettings(local_webhooks=True)) as hub:
        yield hub


@pytest.fixture
def client(hub: LocalHub) -> Iterator[IModelsClient]:
    """A client of it."""
    with IModelsClient(hub.token("ada"), base_url=hub.base_url) as client:
        yield client


@pytest.fixture
def imodel_id(client: IModelsClient, hub: LocalHub) -> str:
    """An iModel."""
    return client.create_imodel(hub.itwin_id, "Bridge").id


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return the files of consecutive changesets."""
    folder = tmp_path / "written"
    folder.mkdir()
    parent = None
    found: list[Path] = []
    for number in range(3):
        parent = write_changeset(folder, b"", parent_id=parent, ddl=f"CREATE TABLE pier_{number}(a)")
        found.append(folder / f"{parent}.cs")
    return found


def environment(hub: LocalHub, user: str = "ada") -> dict[str, str]:
    """Return the variables with which programs find the hub, without those of the person who runs the tests."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("IMODELS_")}
    return {**plain, "IMODELS_BASE_URL": hub.base_url, "IMODELS_TOKEN": hub.token(user), "PYTHONWARNINGS": "error"}


def run(hub: LocalHub, program: str, *arguments: object, user: str = "ada") -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    command = [sys.executable, str(EXAMPLES / program), *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment(hub, user)
    )


def output_of(done: subprocess.CompletedProcess[str]) -> str:
    """What a program printed that ended well."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_connector_pushes(client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path]) -> None:
    """All files are pushed in one group with locks, which are released afterwards; a repetition changes nothing."""
    arguments = [imodel_id, *files, "--lock", ELEMENT]
    lines = [f"{number} {file.stem}" for number, file in enumerate(files, 1)]
    assert output_of(run(hub, "push_from_connector.py", *arguments)).splitlines() == lines
    (group,) = client.changeset_groups.list(imodel_id)
    assert (group.state, group.description) == ("completed", "Synchronization of connector")
    assert client.locks.list(imodel_id).all() == []
    assert output_of(run(hub, "push_from_connector.py", *arguments)).splitlines() == lines
    assert client.locks.list(imodel_id).all() == []

    further = files[0].parent / "further"
    further.mkdir()
    last = write_changeset(further, b"", parent_id=files[-1].stem, ddl="CREATE TABLE deck(a)")
    output_of(run(hub, "push_from_connector.py", imodel_id, further / f"{last}.cs", "--parent", files[-1].stem))
    assert len(client.briefcases.list(imodel_id).all()) == 1
    assert [each.index for each in client.changesets.list(imodel_id)] == [1, 2, 3, 4]


@pytest.mark.thorough
def test_an_interrupted_connector_goes_on(
    client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path]
) -> None:
    """What has arrived is not pushed again."""
    briefcase_id = run_once_and_find_its_briefcase(client, hub, imodel_id, files)
    lines = [f"{number} {file.stem}" for number, file in enumerate(files, 1)]
    assert output_of(run(hub, "push_from_connector.py", imodel_id, *files)).splitlines() == lines
    assert {each.briefcase_id for each in client.changesets.list(imodel_id)} == {briefcase_id}


def run_once_and_find_its_briefcase(
    client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path]
) -> int | None:
    """Push the first file alone."""
    output_of(run(hub, "push_from_connector.py", imodel_id, files[0]))
    (changeset,) = client.changesets.list(imodel_id)
    return changeset.briefcase_id


@pytest.mark.thorough
def test_a_connector_says_who_is_in_the_way(
    client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path]
) -> None:
    """Locks of others, then a timeline that went on without it."""
    other = client.briefcases.acquire(imodel_id, device_name="desk").briefcase_id
    client.acquire_locks(imodel_id, other, exclusive=[ELEMENT])
    done = run(hub, "push_from_connector.py", imodel_id, *files, "--lock", ELEMENT, user="grace")
    assert (done.returncode, done.stderr) == (4, f"briefcase {other} has {ELEMENT}\n")
    client.push_changesets(imodel_id, files, briefcase_id=other, parent_id=None)
    stale = write_changeset(files[0].parent, b"", parent_id=files[0].stem, ddl="CREATE TABLE stale(a)")
    stale_file = files[0].parent / f"{stale}.cs"
    done = run(hub, "push_from_connector.py", imodel_id, stale_file, "--parent", files[0].stem, user="grace")
    assert (done.returncode, done.stderr) == (3, "pull first: 2 newer changesets\n")
    client.release_all_locks(imodel_id, other, changeset_id=files[-1].stem)
    arguments = [imodel_id, stale_file, "--parent", files[0].stem, "--lock", ELEMENT]
    done = run(hub, "push_from_connector.py", *arguments, user="grace")
    assert (done.returncode, done.stderr) == (3, f"pull first: {ELEMENT} have changed\n")
    done = run(hub, "push_from_connector.py", imodel_id, "missing.cs", "--parent", files[0].stem, user="grace")
    assert (done.returncode, done.stderr) == (1, "cannot read missing.cs: No such file or directory\n")
    done = run(hub, "push_from_connector.py", hub.itwin_id, stale_file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Requested iModel is not available" in done.stderr


def test_stale_locks_are_released(client: IModelsClient, hub: LocalHub, imodel_id: str) -> None:
    """Locks are released only after a listing, and only those of the given machines."""
    for device in ("ci-7", "desk"):
        briefcase_id = client.briefcases.acquire(imodel_id, device_name=device).briefcase_id
        client.acquire_locks(imodel_id, briefcase_id, exclusive=[f"0x{briefcase_id}"])
    arguments = (hub.itwin_id, "--device", "CI-*", "--days", 0)
    line = "Bridge: briefcase 2 on ci-7: {}, 1 locks\n"
    assert output_of(run(hub, "release_stale_locks.py", *arguments)) == line.format("stale")
    assert len(client.locks.list(imodel_id).all()) == 2
    assert output_of(run(hub, "release_stale_locks.py", *arguments, "--release")) == line.format("released")
    assert [each.briefcase_id for each in client.locks.list(imodel_id)] == [3]
    assert output_of(run(hub, "release_stale_locks.py", hub.itwin_id, "--days", 14)) == ""
    for days in (-1, "1e300", "nan"):
        done = run(hub, "release_stale_locks.py", hub.itwin_id, "--days", days)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith("error: --days must be 0 to 36500\n")


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("push_from_connector.py", ("5e30eed9-0412-4ece-9f08-1e0781f6b89e", "1.cs")),
        ("release_stale_locks.py", ("5e30eed9-0412-4ece-9f08-1e0781f6b89e",)),
        ("mirror_to_folder.py", ("mirrors", "5e30eed9-0412-4ece-9f08-1e0781f6b89e")),
    ],
)
def test_missing_credentials(program: str, arguments: tuple[str, ...]) -> None:
    """Each program says in one line which variables to set."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("IMODELS_")}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=plain,
    )
    (said,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert "set IMODELS_TOKEN" in said


@pytest.mark.thorough
def test_one_imodel_that_fails_does_not_stop_the_job(client: IModelsClient, hub: LocalHub, imodel_id: str) -> None:
    """Its error is reported, the others are cleaned."""
    client.briefcases.acquire(imodel_id, device_name="ci-7")
    other = client.create_imodel(hub.itwin_id, "Tunnel").id
    client.briefcases.acquire(other, device_name="ci-7")
    hub.control.faults.add(Fault(path=f"{imodel_id}/briefcases", action="answer", status=403, times=9))
    done = run(hub, "release_stale_locks.py", hub.itwin_id, "--days", 0)
    assert (done.returncode, done.stdout) == (1, "Tunnel: briefcase 2 on ci-7: stale, 0 locks\n")
    assert done.stderr.startswith("Bridge: ")


def test_timelines_are_mirrored(
    client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path], tmp_path: Path
) -> None:
    """Mirrors are complete at first, then only updated; a missing iModel does not affect the others."""
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    client.push_changesets(imodel_id, files[:2], briefcase_id=briefcase_id, parent_id=None)
    folder = tmp_path / "mirrors"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    size = sum(file.stat().st_size for file in files[:2])
    whole = f"{imodel_id}: 2 changesets, 2 new, {size} bytes fetched, newest pushed on {today}\n"
    assert output_of(run(hub, "mirror_to_folder.py", folder, imodel_id)) == whole
    client.push_changeset(imodel_id, files[2], briefcase_id=briefcase_id, parent_id=files[1].stem)
    done = run(hub, "mirror_to_folder.py", folder, imodel_id, hub.itwin_id)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{imodel_id}: 3 changesets, 1 new, {files[2].stat().st_size} bytes")
    assert done.stderr.startswith(f"{hub.itwin_id}: ")
    assert sorted(each.name for each in (folder / imodel_id).glob("*.cs")) == sorted(each.name for each in files)


@contextmanager
def application(hub: LocalHub, name: str = "web_application", **variables: str) -> Iterator[str]:
    """Serve a web application in a process, and yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--log-level", "warning", "--app-dir", str(EXAMPLES)]
    command = [sys.executable, "-m", "uvicorn", f"{name}:app", *options]
    process = subprocess.Popen(command, env=environment(hub) | variables)
    try:
        yield wait_for(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(SECONDS)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until the application responds."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}/openapi.json")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return url
    raise AssertionError("the application does not answer")


def test_a_web_application_shows_timelines_and_locks(
    client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path]
) -> None:
    """The application serves the lists of the client; errors that concern the caller reach the caller."""
    pytest.importorskip("fastapi", reason="needs the module fastapi")
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    client.push_changesets(imodel_id, files, briefcase_id=briefcase_id, parent_id=None, description="Piers")
    client.acquire_locks(imodel_id, briefcase_id, exclusive=[ELEMENT], changeset_id=files[-1].stem)
    with application(hub) as url, httpx.Client(base_url=url) as visitor:
        shown = visitor.get(f"/imodels/{imodel_id}/changesets", params={"limit": 2}).json()
        assert [(each["index"], each["id"], each["description"]) for each in shown] == [
            (3, files[2].stem, "Piers"),
            (2, files[1].stem, "Piers"),
        ]
        assert datetime.now(UTC) - datetime.fromisoformat(shown[0]["pushed"]) < timedelta(minutes=5)
        assert visitor.get(f"/imodels/{imodel_id}/locks").json() == {str(briefcase_id): 1}
        missing = visitor.get(f"/imodels/{hub.itwin_id}/changesets")
        assert (missing.status_code, missing.json()["code"]) == (404, "iModelNotFound")
        hub.control.faults.add(Fault(path="/changesets", action="answer", status=403))
        refused = visitor.get(f"/imodels/{imodel_id}/changesets")
        assert (refused.status_code, refused.json()["code"]) == (502, "Upstream")


@pytest.mark.thorough
def test_new_changesets_are_pulled_when_events_tell_of_them(
    client: IModelsClient, hub: LocalHub, imodel_id: str, files: list[Path], tmp_path: Path
) -> None:
    """Changesets are pulled regardless of the order and number of events, and after the application was down."""
    pytest.importorskip("fastapi", reason="needs the module fastapi")
    briefcase_id = client.briefcases.acquire(imodel_id).briefcase_id
    mirror = tmp_path / "mirrors" / imodel_id
    variables = {"WEBHOOK_SECRET": SECRET, "MIRRORS": str(tmp_path / "mirrors")}
    with application(hub, "receive_events", **variables) as url, httpx.Client() as http:
        http.headers["Authorization"] = f"Bearer {hub.token('ada')}"
        body = {"callbackUrl": f"{url}/events", "scope": "Account", "secret": SECRET, "eventTypes": [CHANGES_READY]}
        webhook = http.post(f"{hub.url}/webhooks", json=body).raise_for_status().json()["id"]
        http.patch(f"{hub.url}/webhooks/{webhook}", json={"active": True}).raise_for_status()
        client.push_changeset(imodel_id, files[0], briefcase_id=briefcase_id, parent_id=None)
        wait_for_files(mirror, files[:1])
        client.push_changeset(imodel_id, files[1], briefcase_id=briefcase_id, parent_id=files[0].stem)
        wait_for_files(mirror, files[:2])
        hub.control.advance(timedelta())
        assert [each.state for each in hub.control.deliveries] == ["delivered", "delivered"]
        body = json.dumps(event_of(hub)).encode()
        for content, signature, status in (
            (body, signed(body), 200),
            (body, signed(body + b" "), 401),
            (body, "", 401),
            (b"{}", signed(b"{}"), 400),
            (b" " * 300_000, signed(b" " * 300_000), 413),
        ):
            assert http.post(f"{url}/events", content=content, headers={"Signature": signature}).status_code == status
    client.push_changeset(imodel_id, files[2], briefcase_id=briefcase_id, parent_id=files[1].stem)
    (tmp_path / "mirrors" / "lost+found").mkdir()
    with application(hub, "receive_events", **variables):
        wait_for_files(mirror, files)


CHANGES_READY = "iModels.changesReady.v1"


def event_of(hub: LocalHub) -> dict[str, object]:
    """Return a signed copy of the last event that the hub sent."""
    last = hub.control.deliveries[-1]
    return {
        "content": last.content,
        "eventType": last.event_type,
        "enqueuedDateTime": last.enqueued_at.isoformat(),
        "iTwinId": last.itwin_id,
        "messageId": last.message_id,
        "webhookId": last.webhook_id,
    }


def signed(body: bytes) -> str:
    """Sign as the hub does."""
    return f"sha256={hmac.new(SECRET.encode(), body, 'sha256').hexdigest()}"


def wait_for_files(folder: Path, files: list[Path]) -> None:
    """Wait until a folder has changesets like these."""
    deadline = time.monotonic() + SECONDS
    wanted = {file.name: file.read_bytes() for file in files}
    while {file.name: file.read_bytes() for file in folder.glob("*.cs")} != wanted:
        assert time.monotonic() < deadline, "they did not arrive"
        time.sleep(0.05)
