"""Pulling returns the complete and correct files of a range, after any interruption."""

import asyncio
import json
import math
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from imodel_files.changesets import verify_changeset
from itwin_imodels import AsyncIModelsClient, IModelsClient, TransferOptions, errors
from itwin_imodels_hub import Fault, LocalHub, NewUser
from tests.workflows.conftest import OpenClient
from tests.workflows.helpers.bench import Shown, until
from tests.workflows.helpers.files import changeset_file
from tests.workflows.helpers.histories import History, planted
from tests.workflows.helpers.puller import pulling

GET_FILE = {"path": "^/storage/", "method": "GET"}
MIB = 1 << 20


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return twelve consecutive changeset files of different sizes."""
    folder = tmp_path_factory.mktemp("chain")
    files: list[Path] = []
    for number in range(12):
        files.append(changeset_file(folder, files[-1].stem if files else None, size=(number * 7 % 12) * 3000))
    return files


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return a small changeset file and a large one that follows it."""
    folder = tmp_path_factory.mktemp("large")
    small = changeset_file(folder)
    return [small, changeset_file(folder, small.stem, size=3 * MIB)]


@pytest.fixture
def large_history(hub: LocalHub, large: list[Path]) -> History:
    """An iModel with these."""
    return planted(hub, large)


@pytest.fixture
def history(hub: LocalHub, chain: list[Path]) -> History:
    """An iModel with these."""
    return planted(hub, chain)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is not there yet."""
    return tmp_path / "some" / "where"


def test_a_whole_timeline(client: IModelsClient, history: History, folder: Path) -> None:
    """The pull sends a request for the end, one for the list and one per file; a second pull downloads no file."""
    shown = Shown()
    pulled = client.pull_changesets(history.imodel_id, folder, progress=shown)
    history.assert_given(pulled, folder)
    history.assert_in(folder)
    shown.assert_whole(history.total)
    assert history.requests() == ["changesets", "changesets"]
    assert len(history.requests("/storage")) == len(history.files)
    assert history.sent == history.total
    parents = ["", *history.ids]
    for each, parent_id in zip(pulled, parents, strict=False):
        assert (each.changeset.parent_id, each.changeset.download) == (parent_id, None)
        verify_changeset(each.path, id=each.changeset.id, parent_id=parent_id)

    history.hub.control.log.clear()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = Shown()
    assert client.pull_changesets(history.imodel_id, str(folder), progress=again) == pulled
    assert (history.requests(), history.requests("/storage")) == (["changesets", "changesets"], [])
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    again.assert_whole(history.total)


@pytest.mark.parametrize(
    ("after", "until", "indexes"),
    [
        (None, None, (1, 12)),
        (0, 3, (1, 3)),
        ("", "3", (1, 3)),
        (3, "7", (4, 7)),
        ("3", 7, (4, 7)),
        ("7", "7", None),
        (11, None, (12, 12)),
        (12, None, None),
        (0, 0, None),
        (None, "", None),
        (None, 99, (1, 12)),
        (99, None, None),
    ],
)
def test_ranges(  # noqa: PLR0913, PLR0917 - the first three are a case
    after: Any, until: Any, indexes: tuple[int, int] | None, client: IModelsClient, history: History, folder: Path
) -> None:
    """Behind the first, up to and with the second; by index, or by id, which is looked up."""
    places = {"after": after, "until": until}
    ids = {name: history.ids[int(place) - 1] for name, place in places.items() if isinstance(place, str) and place}
    pulled = client.pull_changesets(history.imodel_id, folder, **{**places, **ids})
    first, last = indexes or (1, 0)
    assert [each.changeset.index for each in pulled] == list(range(first, last + 1))
    history.assert_given(pulled, folder, after=first - 1)
    history.assert_in(folder, history.files[first - 1 : last])
    assert len(history.requests()) == len(ids) + ("until" not in ids) + bool(indexes)


def test_arguments_are_checked_before_anything_is_sent(client: IModelsClient, history: History, folder: Path) -> None:
    """Nothing is created."""
    wrong: list[dict[str, Any]] = [
        {"after": -1},
        {"until": "7"},
        {"after": "g" * 40},
        {"verify": "md5"},
        {"timeout": -1},
        {"after": 5, "until": 4},
    ]
    for options in wrong:
        with pytest.raises(ValueError, match=r"must|until"):
            client.pull_changesets(history.imodel_id, folder, **options)
    with pytest.raises(ValueError, match="imodel_id"):
        client.pull_changesets("", folder)
    assert history.requests() == []
    assert not folder.exists()


def test_what_is_not_there_is_reported(client: IModelsClient, history: History, folder: Path) -> None:
    """An unknown iModel, and an unknown changeset."""
    with pytest.raises(errors.NotFound) as caught:
        client.pull_changesets("00000000-0000-4000-8000-000000000000", folder)
    assert caught.value.code == "iModelNotFound"
    with pytest.raises(errors.NotFound) as caught:
        client.pull_changesets(history.imodel_id, folder, after="f" * 40)
    assert caught.value.code == "ChangesetNotFound"


def test_an_empty_timeline(client: IModelsClient, imodel_id: str, folder: Path) -> None:
    """Nothing is pulled, and progress still ends."""
    shown = Shown()
    assert client.pull_changesets(imodel_id, folder, progress=shown) == []
    assert shown.reports == [(0, 0)]


def test_a_push_under_way_does_not_appear(client: IModelsClient, history: History, folder: Path) -> None:
    """Only changesets with a file are pulled."""
    briefcase_id = client.briefcases.acquire(history.imodel_id).briefcase_id
    client.changesets.create(
        history.imodel_id,
        changeset_id="a" * 40,
        parent_id=history.ids[-1],
        briefcase_id=briefcase_id,
        file_size=7,
    )
    pulled = client.pull_changesets(history.imodel_id, folder)
    history.assert_given(pulled, folder)
    assert len(pulled) == len(history.files)


@pytest.mark.parametrize("verify", ["id", "size"])
def test_wrong_files_are_replaced(client: IModelsClient, history: History, folder: Path, verify: Any) -> None:
    """Other bytes of the same length are only seen by the id."""
    folder.mkdir(parents=True)
    contents = [bytearray(file.read_bytes()) for file in history.files]
    contents[0][-2] ^= 1  # in the compressed data
    contents[1] = contents[1][:-1]
    contents[2] = bytearray()
    contents[3] = bytearray(contents[4])
    for file, content in zip(history.files[:6], contents, strict=False):
        (folder / file.name).write_bytes(content)
    history.hub.control.log.clear()
    client.pull_changesets(history.imodel_id, folder, verify=verify)
    kept = 2 + (verify == "size")  # the sixth, the fifth, and the first where only sizes are looked at
    assert len(history.requests("/storage")) == len(history.files) - kept
    if verify == "id":
        history.assert_in(folder)
    else:
        assert (folder / history.files[0].name).read_bytes() == contents[0]


@pytest.mark.parametrize("wrong", ["another", "damaged", "no changeset"])
def test_wrong_content_in_the_storage(  # noqa: PLR0913, PLR0917 - fixtures
    client: IModelsClient, hub: LocalHub, chain: list[Path], folder: Path, tmp_path: Path, wrong: str
) -> None:
    """The error is reported, and no file has the name. The others are kept for the next pull."""
    content = bytearray(chain[3].read_bytes())
    if wrong == "another":
        content = bytearray(changeset_file(tmp_path, chain[2].stem, size=9000).read_bytes())
    elif wrong == "damaged":
        content[len(content) // 2] ^= 0xFF
    else:
        content = bytearray(b"x" * len(content))
    bad = tmp_path / "bad"
    bad.write_bytes(content)
    history = planted(hub, chain, contents=[*chain[:3], bad, *chain[4:]])
    with pytest.raises(
        errors.IntegrityError, match=f"download of {chain[3].name}: the content (is not|does not match)"
    ) as caught:
        client.pull_changesets(history.imodel_id, folder)
    assert "Done:" in str(caught.value)
    assert not list(folder.glob(f"{chain[3].name}*"))
    assert chain[3].name not in {path.name for path in folder.iterdir()}
    for path in folder.glob("*.cs"):
        assert path.read_bytes() == chain[history.ids.index(path.stem)].read_bytes()
    if wrong != "another":  # of the right length, so that the size does not tell
        client.pull_changesets(history.imodel_id, folder, verify="size")
        assert (folder / chain[3].name).read_bytes() == content


def test_a_partial_file_is_resumed(open_client: OpenClient, large_history: History, folder: Path) -> None:
    """Received bytes are not sent again if the file is large enough."""
    hub, (_, large) = large_history.hub, large_history.files
    client = open_client(transfer=TransferOptions(retries=0, parallelism=1, backend="httpx"))
    hub.control.faults.add(Fault(path=f"^/storage/.*{large.stem}", action="cut", cut_at=2 * MIB))
    with pytest.raises(errors.ConnectionFailed):
        client.pull_changesets(large_history.imodel_id, folder)
    (part,) = folder.glob("*.part")
    assert part.stat().st_size == 2 * MIB
    until(lambda: len(large_history.requests("/storage")) == 2)
    hub.control.log.clear()
    shown = Shown()
    client.pull_changesets(large_history.imodel_id, folder, progress=shown)
    large_history.assert_in(folder)
    assert large_history.sent == large.stat().st_size - 2 * MIB
    shown.assert_whole(large_history.total)


PASSING = {
    "busy storage": Fault.storage_busy(times=6),
    "too many requests": Fault(**GET_FILE, action="answer", status=429, headers={"retry-after": "0"}, times=6),
    "cut bodies": Fault(**GET_FILE, action="cut", cut_at=100, times=6),
    "dropped connections": Fault(**GET_FILE, action="drop", times=6),
    "slow api": Fault.rate_limited(path="/changesets$", retry_after=0),
    "failing api": Fault(path="/changesets$", action="answer", status=502),
    "cut list": Fault(path="/changesets$", action="cut", cut_at=300),
}


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_passes_is_overcome(open_client: OpenClient, history: History, folder: Path, fault: Fault) -> None:
    """One call is sufficient."""
    client = open_client(transfer=TransferOptions(retries=20))
    history.hub.control.faults.add(fault)
    pulled = client.pull_changesets(history.imodel_id, folder)
    assert not history.hub.control.faults.waiting
    history.assert_given(pulled, folder)
    history.assert_in(folder)


def test_a_path_with_nul(client: IModelsClient, history: History) -> None:
    """No file has such a name; the error shows the character, and is still a ValueError."""
    with pytest.raises(errors.InvalidFile, match=r"invalid path 'a\\x00b': it contains a NUL character") as caught:
        client.pull_changesets(history.imodel_id, "a\0b")
    assert isinstance(caught.value, ValueError)
    assert history.requests() == []


def test_an_expired_link_costs_one_request(client: IModelsClient, history: History, folder: Path) -> None:
    """This applies to each file with an expired link."""
    for changeset_id in history.ids[3:6]:
        history.hub.control.faults.add(Fault.link_expired(path=f"^/storage/.*{changeset_id}"))
    client.pull_changesets(history.imodel_id, folder)
    history.assert_in(folder)
    asked = history.requests()
    assert asked[:2] == ["changesets", "changesets"]
    assert len(asked) == 5
    assert sorted(asked[2:]) == sorted(history.ids[3:6])


def test_links_that_never_hold(client: IModelsClient, history: History, folder: Path) -> None:
    """The error has no secret and says what to do, and the next call resumes."""
    history.hub.control.faults.add(Fault.link_expired(times=1000))
    with pytest.raises(errors.LinkExpired, match="Not done:") as caught:
        client.pull_changesets(history.imodel_id, folder)
    assert "sig=" not in str(caught.value)
    assert list(folder.iterdir()) == []
    history.hub.control.faults.clear()
    client.pull_changesets(history.imodel_id, folder)
    history.assert_in(folder)


def test_without_permission_to_read(open_client: OpenClient, history: History, folder: Path, colour: str) -> None:
    """The list has no links."""
    name = f"view{colour}"
    user = NewUser(name=name, given_name="V", surname=colour, permissions=("imodels_webview",))
    history.hub.control.create_user(user)
    with pytest.raises(errors.LinkMissing, match=f"{history.imodel_id}, changeset .*imodels_read"):
        open_client(name).pull_changesets(history.imodel_id, folder)
    assert history.requests() == ["changesets", "changesets"]
    assert list(folder.iterdir()) == []
    client = open_client()
    client.pull_changesets(history.imodel_id, folder)
    open_client(name).pull_changesets(history.imodel_id, folder)  # everything is there already


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../../../etc/passwd"},
        {"id": "..\\x" + "a" * 36},
        {"id": "a" * 39},
        {"id": "a" * 40 + "/"},
        {"parentId": "../" + "a" * 37},
        {"parentId": "b" * 40},
    ],
)
def test_a_service_that_says_nonsense(
    client: IModelsClient, history: History, folder: Path, change: dict[str, str]
) -> None:
    """Nothing is written for an invalid id; a chain with a gap is rejected."""
    token = history.hub.token("ada")
    headers = {"Authorization": f"Bearer {token}", "Prefer": "return=representation"}
    answer = httpx.get(f"{history.hub.base_url}/{history.imodel_id}/changesets", headers=headers).json()
    answer["changesets"][1].update(change)
    headers = {"content-type": "application/json"}
    history.hub.control.faults.add(
        Fault(path="/changesets$", action="answer", status=200, headers=headers, body=json.dumps(answer), skip=1)
    )
    with pytest.raises(errors.UnexpectedResponse, match=history.imodel_id):
        client.pull_changesets(history.imodel_id, folder)
    assert {path.name for path in folder.iterdir()} <= {history.files[0].name}


def test_a_time_limit(client: IModelsClient, history: History, folder: Path) -> None:
    """What has arrived until then stays."""
    history.hub.control.faults.add(Fault(**GET_FILE, skip=3, delay=3, times=100))
    with pytest.raises(errors.WaitTimeout, match=r"0\.5 s.*repeat the call to resume"):
        client.pull_changesets(history.imodel_id, folder, timeout=0.5)
    assert len(list(folder.glob("*.cs"))) <= 3
    history.hub.control.faults.clear()
    client.pull_changesets(history.imodel_id, folder, timeout=30)
    history.assert_in(folder)


@pytest.mark.parametrize("seconds", [math.inf, 1e10, 3e6])
def test_any_time_limit_is_possible(open_client: OpenClient, history: History, folder: Path, seconds: float) -> None:
    """Operating systems reject sockets with a timeout of more than 24 days."""
    limits = TransferOptions(connect_timeout=seconds, idle_timeout=seconds, deadline=seconds)
    client = open_client(timeout=seconds, transfer=limits)
    assert len(client.pull_changesets(history.imodel_id, folder, timeout=seconds)) == len(history.ids)


def test_progress_that_raises_ends_it(client: IModelsClient, history: History, folder: Path) -> None:
    """Its error is raised."""

    def stop(done: int, _: int | None) -> None:
        if done > history.total // 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.pull_changesets(history.imodel_id, folder, progress=stop)
    client.pull_changesets(history.imodel_id, folder)
    history.assert_in(folder)


def test_the_links_of_a_slow_pull_are_renewed_beforehand(
    open_client: OpenClient, history: History, folder: Path
) -> None:
    """Those that are older than the limit are not even tried."""
    client = open_client(transfer=TransferOptions(parallelism=1, link_lifetime=0.001))
    client.pull_changesets(history.imodel_id, folder)
    assert all(each.status == 200 for each in history.hub.control.log.requests)
    assert len(history.requests("/storage")) == len(history.files)
    history.assert_in(folder)


def written(folder: Path) -> dict[Path, int]:
    """Return the time at which each file was written."""
    return {path: path.stat().st_mtime_ns for path in folder.glob("*.cs")}


async def _cancelled(base_url: str, token: str, history: History, folder: Path) -> None:
    async with AsyncIModelsClient(token, base_url=base_url) as client:
        task = asyncio.create_task(client.pull_changesets(history.imodel_id, folder))
        await asyncio.to_thread(history.until_some_are_in, folder, 3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        history.hub.control.faults.clear()
        there = written(folder)
        await client.pull_changesets(history.imodel_id, folder)
        assert there.items() <= written(folder).items()


def test_a_cancelled_task(history: History, folder: Path) -> None:
    """Complete files are kept, and the same client resumes."""
    history.hub.control.faults.add(Fault(**GET_FILE, skip=3, delay=2, times=100))
    asyncio.run(_cancelled(history.hub.base_url, history.hub.token("ada"), history, folder))
    history.assert_in(folder)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_process(history: History, folder: Path, client: IModelsClient, colour: str, number: int) -> None:
    """Ctrl-C and kill -9 leave no wrong file under its name; the next pull fetches the rest."""
    history.hub.control.faults.add(Fault(**GET_FILE, skip=4, delay=2, times=100))
    with pulling(history, colour, "pull_changesets", folder) as puller:
        history.until_some_are_in(folder, 4)
        puller.process.send_signal(number)
        assert puller.outcome() == ("KeyboardInterrupt" if number == signal.SIGINT else "")
    there = written(folder)
    history.hub.control.faults.clear()
    pulled = client.pull_changesets(history.imodel_id, folder)
    history.assert_given(pulled, folder)
    history.assert_in(folder)
    assert there.items() <= written(folder).items()


@pytest.mark.skipif(sys.platform != "linux", reason="another process is limited by prlimit")
def test_a_full_disk(large_history: History, folder: Path, client: IModelsClient, colour: str) -> None:
    """The error is reported; complete files are kept for the next pull."""
    large_history.hub.control.faults.add(Fault(path="/changesets$", delay=1.0))
    with pulling(large_history, colour, "pull_changesets", folder) as puller:
        until(lambda: not large_history.hub.control.faults.waiting)
        resource.prlimit(puller.process.pid, resource.RLIMIT_FSIZE, (2 * MIB, 2 * MIB))
        assert puller.outcome() == "TransferError"
    (part,) = folder.glob("*.part")
    assert part.stat().st_size == 2 * MIB
    whole = sum(path.stat().st_size for path in large_history.files)
    there = sum(path.stat().st_size for path in (part, *folder.glob("*.cs")))
    large_history.hub.control.log.clear()
    client.pull_changesets(large_history.imodel_id, folder)
    large_history.assert_in(folder)
    assert large_history.sent == whole - there
