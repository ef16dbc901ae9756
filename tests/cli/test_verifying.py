"""`imodels changeset verify`: files in any order, folders, lists of changesets, mirrors."""

import json
import random
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.conftest import changeset_files
from tests.cli.helpers.command import QuickCli
from tests.unit.imodel_files.plant import Plant, element
from tests.unit.imodel_files.samples import samples_folder
from tests.workflows.helpers.databases import database
from tests.workflows.helpers.mirrors import add_to_mirror

VERIFY = ("changeset", "verify")


@pytest.fixture
def offline(tmp_path: Path) -> QuickCli:
    """The command without a service."""
    home = tmp_path / "home"
    home.mkdir()
    return QuickCli(home)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for changeset files."""
    folder = tmp_path / "changesets"
    folder.mkdir()
    return folder


def spoil(file: Path, folder: Path) -> None:
    """Return a file the content of a changeset that is not in its timeline."""
    folder.mkdir()
    (other,) = changeset_files(folder, 1)
    shutil.copy(other, file)


@pytest.mark.parametrize("amount", [1, 5, 30])
def test_files_in_any_order(offline: QuickCli, folder: Path, amount: int) -> None:
    """A healthy timeline is valid as a glob, a folder, a pattern and shuffled; rows are in its order."""
    files = changeset_files(folder, amount)
    shuffled = random.Random(7).sample(files, amount)  # noqa: S311 - any order
    for given in (sorted(files), [folder], [f"{folder}/*.cs"], shuffled):
        verified = offline.json(*VERIFY, *given)
        assert [(each["id"], each["is_valid"]) for each in verified] == [(file.stem, True) for file in files]
        assert [each["parent_id"] for each in verified] == ["", *(file.stem for file in files[:-1])]


@pytest.mark.parametrize("name", ["changesets", "changesets/long-chain"])
def test_real_files(offline: QuickCli, name: str) -> None:
    """Each is a real file of a timeline."""
    source = samples_folder(name)
    verified = offline.json(*VERIFY, *sorted(source.glob("*.cs")))
    assert len(verified) >= 10
    assert all(each["is_valid"] for each in verified)


def test_a_spoiled_file(offline: QuickCli, folder: Path, tmp_path: Path) -> None:
    """Only the damaged file is reported, with the problem."""
    files = changeset_files(folder, 5)
    spoil(files[2], tmp_path / "other")
    done = offline.run(*VERIFY, folder, "--output", "json")
    assert done.code == 1
    assert {each["expected_id"]: each["is_valid"] for each in done.json} == {
        file.stem: file != files[2] for file in files
    }
    (wrong,) = (each for each in done.json if not each["is_valid"])
    assert "content does not match its id, or the file of the changeset before it is missing" in wrong["problem"]
    assert done.err == "imodels: 1 of 5 changeset files failed verification\n"
    files[4].write_bytes(files[4].read_bytes()[:-3])
    done = offline.run(*VERIFY, folder, "--output", "json")
    assert {each["path"] for each in done.json if not each["is_valid"]} == {str(files[2]), str(files[4])}
    assert "imodels: 2 of 5" in done.err


def test_a_list_of_changesets(offline: QuickCli, folder: Path, tmp_path: Path) -> None:
    """It contains the parents, so part of a timeline can be verified, and problems are reported."""
    files = changeset_files(folder, 6)
    ids = ["", *(file.stem for file in files)]
    listed = [{"id": each, "parentId": parent} for parent, each in pairwise(ids)]
    files[0].unlink()
    assert not all(each["is_valid"] for each in offline.run(*VERIFY, folder, "-o", "json").json)
    for content in (listed, {"changesets": listed}):
        (folder / "changesets.json").write_text(json.dumps(content))
        assert all(each["is_valid"] for each in offline.json(*VERIFY, folder))
    spoil(files[3], tmp_path / "other")
    (wrong,) = (each for each in offline.run(*VERIFY, folder, "-o", "json").json if not each["is_valid"])
    assert (wrong["expected_id"], wrong["parent_id"]) == (files[3].stem, files[2].stem)
    assert wrong["problem"] == f"the id computed from its content and parent is {wrong['id']}"
    (folder / "changesets.json").write_text("[{")
    assert offline.run(*VERIFY, *files[1:3]).code == 1
    assert all(each["is_valid"] for each in offline.json(*VERIFY, *files[1:3], "--parent-id", files[0].stem))


def test_a_wrong_list_is_only_a_hint(offline: QuickCli, folder: Path) -> None:
    """The content of the files takes precedence over the list."""
    files = changeset_files(folder, 3)
    listed = [{"id": files[1].stem, "parentId": ""}, {"id": 7}, 7, {"id": files[0].stem, "parentId": "x"}]
    (folder / "changesets.json").write_text(json.dumps(listed))
    assert [each["is_valid"] for each in offline.json(*VERIFY, folder)] == [True] * 3


def test_two_that_follow_one(offline: QuickCli, folder: Path, tmp_path: Path) -> None:
    """Both have their ids, although they do not form a line."""
    files = changeset_files(folder, 2)
    (tmp_path / "more").mkdir()
    other = changeset_files(tmp_path / "more", 1, files[1].stem)
    third = changeset_files(folder, 2, files[0].stem)
    verified = offline.json(*VERIFY, *files, *other, *third)
    assert len(verified) == 5
    assert all(each["is_valid"] for each in verified)
    said = offline.refused(1, "changeset", "show", folder)
    assert "two of the files have the parent" in said


def test_other_names(offline: QuickCli, folder: Path) -> None:
    """The order of the arguments applies; --id states the expected id."""
    files = changeset_files(folder, 3)
    renamed = [file.rename(folder / f"{number}.cs") for number, file in enumerate(files, 1)]
    assert all(each["is_valid"] for each in offline.json(*VERIFY, *renamed, "--id", files[2].stem))
    done = offline.run(*VERIFY, *renamed, "--id", files[1].stem, "-o", "json")
    assert [each["is_valid"] for each in done.json] == [True, True, False]
    assert done.json[2]["problem"] == f"the id computed from its content and parent is {files[2].stem}"
    single = offline.json(*VERIFY, renamed[0], "--id", files[0].stem)
    assert [each["is_valid"] for each in single] == [True]
    assert "40 hex" in offline.refused(2, *VERIFY, renamed[0], "--id", "abc")
    assert "40 hex" in offline.refused(2, *VERIFY, renamed[0], "--parent-id", "abc")


def test_after_an_unreadable_file(offline: QuickCli, folder: Path) -> None:
    """Without the id of the file before it, a file has no verified id."""
    files = changeset_files(folder, 4)
    renamed = [file.rename(folder / f"{number}.cs") for number, file in enumerate(files, 1)]
    renamed[1].write_bytes(renamed[1].read_bytes()[:-3])
    done = offline.run(*VERIFY, *renamed, "-o", "json")
    assert done.code == 1
    assert [each["id"] for each in done.json] == [files[0].stem, None, None, None]
    assert [each["is_valid"] for each in done.json] == [True, False, False, False]
    assert done.json[2]["problem"] == "its id cannot be computed, because the id of the changeset before it is unknown"
    named = renamed[1].rename(files[1])
    done = offline.run(*VERIFY, renamed[0], named, *renamed[2:], "-o", "json")
    assert [each["is_valid"] for each in done.json] == [True, False, True, True]


@pytest.mark.parametrize("damaged", [0, 1])
def test_copies(offline: QuickCli, folder: Path, tmp_path: Path, damaged: int) -> None:
    """Each copy of a file is verified, the same file only once."""
    files = changeset_files(folder, 3)
    copies = tmp_path / "copies"
    shutil.copytree(folder, copies)
    assert len(offline.json(*VERIFY, folder, *files, copies)) == 6
    wrong = (folder, copies)[damaged] / files[1].name
    wrong.write_bytes(wrong.read_bytes()[:-3])
    done = offline.run(*VERIFY, folder, copies, "-o", "json")
    assert done.code == 1
    assert [each["path"] for each in done.json if not each["is_valid"]] == [str(wrong)]
    assert len(done.json) == 6


def test_the_last_id(offline: QuickCli, folder: Path) -> None:
    """If files are named by their ids, --id must be the id of the last one."""
    files = changeset_files(folder, 3)
    assert offline.json(*VERIFY, folder, "--id", files[2].stem)[-1]["is_valid"]
    done = offline.run(*VERIFY, folder, "--id", files[0].stem, "-o", "json")
    assert [each["is_valid"] for each in done.json] == [True, True, False]


def test_ids_next_to_another_name(offline: QuickCli, folder: Path, tmp_path: Path) -> None:
    """The order of the files in the folder is unknown, which does not mean that they are invalid."""
    files = changeset_files(folder, 5)
    merged = shutil.copy(files[0], tmp_path / "merged.cs")
    assert "merged.cs is not" in offline.refused(1, *VERIFY, folder, merged)
    assert len(offline.json(*VERIFY, *files[:4], files[4].rename(tmp_path / "newest.cs"))) == 5


def test_a_mirror(offline: QuickCli, tmp_path: Path) -> None:
    """Its database contains the parents; a missing file is reported."""
    plant = Plant(tmp_path)
    for number in range(3):
        plant.push(element(0x20000000001 + number))
    add_to_mirror(plant.folder, plant.ids)
    verified = offline.json(*VERIFY, plant.folder)
    assert [(each["id"], each["is_valid"]) for each in verified] == [(each, True) for each in plant.ids]
    assert offline.json(*VERIFY, plant.folder, "--id", plant.ids[2]) == verified
    done = offline.run(*VERIFY, plant.folder, "--id", plant.ids[1], "-o", "json")
    assert [each["is_valid"] for each in done.json] == [True, True, False]
    assert done.json[2]["problem"] == f"the last changeset is {plant.ids[2]}"
    spoil(plant.folder / f"{plant.ids[0]}.cs", tmp_path / "other")
    (plant.folder / f"{plant.ids[1]}.cs").unlink()
    done = offline.run(*VERIFY, plant.folder, "-o", "json")
    assert [each["is_valid"] for each in done.json] == [False, False, True]
    assert "the id computed from its content and parent is" in done.json[0]["problem"]
    assert done.json[1]["problem"] == "the file is missing"


def test_commands_that_use_files_in_order(offline: QuickCli, folder: Path, tmp_path: Path) -> None:
    """Apply, merge and invert accept a pattern, too."""
    files = changeset_files(folder, 5)
    baseline = tmp_path / "baseline.bim"
    database(baseline)
    for given in (sorted(files), [*reversed(files)]):
        applied = offline.json("changeset", "apply", baseline, tmp_path / "tip.bim", *given)
        assert applied["changesets"] == 5
        merged = offline.json("changeset", "merge", *given, "--target", tmp_path / "merged.cs")
        assert merged["parent_id"] == ""
        inverse = offline.json("changeset", "invert", *given, "--target", tmp_path / "inverse.cs")
        assert inverse["parent_id"] == files[-1].stem


def test_missing_and_empty(offline: QuickCli, folder: Path) -> None:
    """A command without files to verify fails."""
    assert "no changeset files" in offline.refused(1, *VERIFY, folder)
    assert "No such file" in offline.refused(1, *VERIFY, folder / f"{'a' * 40}.cs")
