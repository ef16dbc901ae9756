"""A file that is modified after its announcement is never confirmed; the next call recovers."""

import os
import shutil
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import BaselineFileState
from tests.behaviour.helpers.making import new_name
from tests.workflows.helpers.bench import CREATE, LARGE, Bench
from tests.workflows.helpers.databases import database
from tests.workflows.helpers.meddling import meddling
from tests.workflows.test_local_files import READING


def rewrite(file: Path) -> None:
    """Write other content of the same size, and restore the file's times."""
    before, content = file.stat(), file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(file: Path) -> None:
    """Put another file of the same size and times in its place."""
    other = Path(shutil.copy2(file, file.with_suffix(".new")))
    rewrite(other)
    other.replace(file)


CHANGES: Mapping[str, Callable[[Path], object]] = {
    "rewritten": rewrite,
    "replaced": replace,
    "cut": lambda file: os.truncate(file, 10),
    "gone": Path.unlink,
}


def meddling_client(bench: Bench, colour: str, answer: Mapping[str, str], act: Callable[[], object]) -> IModelsClient:
    """Open a client that runs a function when a response has arrived."""

    def meddle() -> None:
        act()

    return bench.open_client(transport=meddling(colour, answer["method"], answer["path"], meddle))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("size", [0, LARGE], ids=["one request", "blocks"])
def test_a_changeset_file_that_changes_after_its_announcement(
    bench: Bench, colour: str, size: int, change: str
) -> None:
    """Nothing is confirmed; the error explains it, and the next push replaces the announcement."""
    file = bench.file(size=size)
    client = meddling_client(bench, colour, CREATE, lambda: CHANGES[change](file))
    with pytest.raises(errors.TransferError, match=f"upload of {file.name}") as caught:
        client.push_changeset(bench.imodel_id, file, briefcase_id=bench.briefcase_id, parent_id=None)
    assert bench.count("PATCH") == 0
    if change != "gone":
        assert isinstance(caught.value, errors.IntegrityError)
        assert "Stop all writes to the file, then repeat the call" in str(caught.value)
        (note,) = caught.value.__notes__
        assert f"Changeset {file.stem} is not in the timeline of iModel {bench.imodel_id}" in note
    assert bench.timeline == []
    other = bench.file()
    bench.push(other)
    bench.assert_holds([other])


@pytest.mark.usefixtures("instantly")
def test_a_file_that_changes_while_others_push(bench: Bench, colour: str, other: IModelsClient) -> None:
    """After any wait, the file is sent only if it still matches its computed id."""
    file, theirs = bench.file(), bench.file()
    briefcase_id = other.briefcases.acquire(bench.imodel_id).briefcase_id
    other.changesets.create(
        bench.imodel_id,
        changeset_id=theirs.stem,
        parent_id=None,
        briefcase_id=briefcase_id,
        file_size=theirs.stat().st_size,
    )

    def give_way() -> None:
        rewrite(file)
        bench.hub.control.advance(timedelta(minutes=5))

    client = meddling_client(bench, colour, CREATE, give_way)
    with pytest.raises(errors.IntegrityError, match="the file changed after its upload was announced"):
        client.push_changeset(bench.imodel_id, file, briefcase_id=bench.briefcase_id, parent_id=None)
    assert bench.timeline == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_baseline_file_that_changes_after_its_announcement(
    bench: Bench, colour: str, tmp_path: Path, change: str
) -> None:
    """The iModel stays without content, and the error says how to continue."""
    file, name = database(tmp_path / "baseline.bim"), new_name("Made")
    client = meddling_client(bench, colour, {"method": "POST", "path": "^/imodels/?$"}, lambda: CHANGES[change](file))
    with pytest.raises(errors.TransferError, match=r"upload of baseline\.bim") as caught:
        client.create_imodel_from_baseline(bench.hub.itwin_id, name, file)
    assert "replace_unfinished=True" in "".join(caught.value.__notes__)
    (made,) = bench.client.imodels.list(bench.hub.itwin_id, name=name)
    assert bench.client.baseline_files.get(made.id).state == BaselineFileState.WAITING_FOR_FILE
    again = database(tmp_path / "again.bim")
    bench.client.create_imodel_from_baseline(bench.hub.itwin_id, name, again, replace_unfinished=True)


# --- what is no file ---------------------------------------------------------------------------------------


@pytest.fixture
def irregular(tmp_path: Path) -> dict[str, Path]:
    """What has a path but is no regular file."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(tmp_path / "socket"))
    return {"pipe": tmp_path / "pipe", "socket": tmp_path / "socket", "device": Path("/dev/zero")}


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
@pytest.mark.parametrize("verb", READING)
def test_what_is_no_regular_file_is_refused(bench: Bench, irregular: dict[str, Path], verb: str, kind: str) -> None:
    """It is not read, and no changeset, iModel or checkpoint is requested."""
    with pytest.raises(errors.UnreadableFile, match=f"cannot read .*: it is a {kind}"):
        READING[verb](bench, irregular[kind])
    assert not {"POST changesets", "POST "}.intersection(bench.asked)
    assert bench.count("PUT") == 0


# --- the home folder ---------------------------------------------------------------------------------------


def test_a_tilde_in_text_is_the_home_folder(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """This applies to every path that is a string; path objects are used literally."""
    home = bench.folder / "home"
    (home / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    file = Path(shutil.move(bench.file(), home / "work"))
    client, imodel_id = bench.client, bench.imodel_id
    client.push_changeset(imodel_id, f"~/work/{file.name}", briefcase_id=bench.briefcase_id, parent_id=None)
    client.pull_changesets(imodel_id, "~/pulled")
    client.mirror_timeline(imodel_id, "~/mirror")
    database(home / "work" / "plant.bim")
    made = client.create_imodel_from_baseline(bench.hub.itwin_id, new_name("Made"), "~/work/plant.bim")
    client.download_checkpoint(made.id, "~/plant.bim")
    assert (home / "pulled" / file.name).read_bytes() == file.read_bytes()
    assert {each.name for each in home.iterdir()} >= {"pulled", "mirror", "plant.bim"}
    with pytest.raises(errors.MissingFile, match="cannot read ~"):
        client.push_changeset(
            imodel_id, Path("~") / "work" / file.name, briefcase_id=bench.briefcase_id, parent_id=file.stem
        )
