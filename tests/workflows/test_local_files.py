"""Problems with local files are errors of this package, in every method."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.mirror import open_mirror
from tests.workflows.helpers.bench import Bench

Verb = Callable[[Bench, Path], object]


def _push(bench: Bench, file: Path) -> object:
    return bench.push(file)


def _push_expected(bench: Bench, file: Path) -> object:
    return bench.push(file, id="f" * 40)


def _push_chain(bench: Bench, file: Path) -> object:
    files = [bench.file(), file]
    return bench.client.push_changesets(
        bench.imodel_id, files, briefcase_id=bench.briefcase_id, parent_id=None, group="Piers"
    )


def _push_in_session(bench: Bench, file: Path) -> object:
    with bench.client.authoring_session(bench.imodel_id) as session:
        return session.push(file)


def _create(bench: Bench, file: Path) -> object:
    return bench.client.create_imodel_from_baseline(bench.hub.itwin_id, "Bridge", file)


def _begin_create(bench: Bench, file: Path) -> object:
    return bench.client.begin_create_imodel_from_baseline(bench.hub.itwin_id, "Bridge", file)


def _update(bench: Bench, file: Path) -> object:
    return bench.client.update_checkpoint(bench.imodel_id, file)


def _pull(bench: Bench, directory: Path) -> object:
    bench.push(bench.file())
    return bench.client.pull_changesets(bench.imodel_id, directory)


def _mirror(bench: Bench, directory: Path) -> object:
    return bench.client.mirror_timeline(bench.imodel_id, directory)


def _revert(bench: Bench, directory: Path) -> object:
    bench.push(bench.file())
    return bench.client.revert_timeline(bench.imodel_id, directory, to=0, briefcase_id=bench.briefcase_id)


def _open_mirror(_: Bench, directory: Path) -> object:
    return open_mirror(directory)


def _download(bench: Bench, target: Path) -> object:
    return bench.client.download_checkpoint(bench.imodel_id, target)


READING: dict[str, Verb] = {
    "push_changeset.file": _push,
    "push_changeset.file, with id": _push_expected,
    "push_changesets.files": _push_chain,
    "session.push.file": _push_in_session,
    "create_imodel_from_baseline.file": _create,
    "begin_create_imodel_from_baseline.file": _begin_create,
    "update_checkpoint.database": _update,
}
"""What reads a file that the caller names."""

WRITING: dict[str, Verb] = {
    "pull_changesets.directory": _pull,
    "mirror_timeline.directory": _mirror,
    "revert_timeline.directory": _revert,
    "download_checkpoint.target": _download,
}
"""What writes to a place that the caller names."""

EXEMPT = {
    "revert_timeline.database": "the tests of reverting have files that cannot be used",
    "update_checkpoint.target": "it is written as that of download_checkpoint is",
    "update_checkpoint.block_list": "a list that cannot be used is computed from the database",
}


def test_every_verb_with_a_path_is_here() -> None:
    """New methods have to be added here."""
    found = {
        f"{name}.{parameter.name}"
        for name, verb in inspect.getmembers(IModelsClient, inspect.isfunction)
        for parameter in inspect.signature(verb).parameters.values()
        if not name.startswith("_") and "PathLike" in str(parameter.annotation)
    }
    covered = {each for each in [*READING, *WRITING, *EXEMPT] if "," not in each and not each.startswith("session.")}
    assert found == covered


@pytest.fixture
def places(bench: Bench) -> dict[str, Path]:
    """Return paths that cannot be read."""
    text = bench.folder / "text"
    text.write_text("neither a changeset nor a database " * 50)
    return {"missing": bench.folder / "missing", "folder": bench.folder, "text": text, "below a file": text / "file"}


@pytest.mark.thorough(keep=10)
@pytest.mark.parametrize(
    ("place", "kind", "family"),
    [
        ("missing", errors.MissingFile, FileNotFoundError),
        ("folder", errors.UnreadableFile, OSError),
        ("below a file", errors.UnreadableFile, OSError),
        ("text", errors.InvalidFile, ValueError),
    ],
)
@pytest.mark.parametrize("verb", READING)
def test_a_file_that_cannot_be_read_is_one_of_our_errors(  # noqa: PLR0913, PLR0917 - a table
    bench: Bench, places: dict[str, Path], verb: str, place: str, kind: type[errors.FileError], family: type[Exception]
) -> None:
    """It names the file, and is of the family that Python's users expect."""
    with pytest.raises(errors.IModelsError) as caught:
        READING[verb](bench, places[place])
    assert isinstance(caught.value, kind)
    assert isinstance(caught.value, family)
    assert str(places[place]) in str(caught.value)


@pytest.mark.parametrize("place", ["text", "below a file"])
@pytest.mark.parametrize("verb", sorted(WRITING.keys() - {"download_checkpoint.target"}))
def test_a_directory_that_is_none_is_one_of_our_errors(
    bench: Bench, places: dict[str, Path], verb: str, place: str
) -> None:
    """The error names it."""
    with pytest.raises(errors.TransferError) as caught:
        WRITING[verb](bench, places[place])
    assert str(places[place]) in str(caught.value)


@pytest.mark.parametrize("place", ["folder", "below a file"])
def test_a_target_that_cannot_be_written_is_one_of_our_errors(
    bench: Bench, places: dict[str, Path], place: str
) -> None:
    """The error names it."""
    with pytest.raises(errors.TransferError) as caught:
        WRITING["download_checkpoint.target"](bench, places[place])
    assert places[place].name in str(caught.value)


@pytest.mark.parametrize("place", ["missing", "folder", "text"])
def test_what_is_no_mirror_is_one_of_our_errors(bench: Bench, places: dict[str, Path], place: str) -> None:
    """Its reader needs no client."""
    with pytest.raises(errors.MirrorError) as caught:
        _open_mirror(bench, places[place])
    assert str(places[place]) in str(caught.value)
