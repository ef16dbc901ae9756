"""Errors about local files belong to the family of this package and to their original one."""

import copy
import errno
import pickle
import re
from pathlib import Path

import pytest

from imodel_files.changesets import (
    ChangesetConflictError,
    ChangesetFileError,
    ChangesetIdMismatchError,
    OutputLimitError,
    compute_changeset_id,
)
from itwin_imodels import errors
from itwin_imodels._core.local_files import local_files


@pytest.mark.parametrize(
    ("name", "kind", "family"),
    [
        ("missing.cs", errors.MissingFile, FileNotFoundError),
        (".", errors.UnreadableFile, OSError),
        ("text.cs", errors.InvalidChangesetFile, ChangesetFileError),
    ],
)
def test_an_error_of_a_file_is_of_both_families(
    name: str, kind: type[errors.FileError], family: type[Exception], tmp_path: Path
) -> None:
    """It names the file, and its cause is the original error."""
    (tmp_path / "text.cs").write_text("not a changeset")
    with pytest.raises(kind, match=re.escape(str(tmp_path / name))) as caught, local_files():
        compute_changeset_id(tmp_path / name, "")
    assert isinstance(caught.value, errors.IModelsError)
    assert isinstance(caught.value, family)
    assert isinstance(caught.value.__cause__, family)


@pytest.mark.parametrize(
    "original",
    [
        ChangesetFileError("1.cs", "it is empty"),
        OutputLimitError("1.cs", "its decompressed size exceeds 5 bytes", 5),
        ChangesetIdMismatchError("1.cs", "ab", "cd"),
        ChangesetConflictError("1.cs", "it is missing", "ab", "bis_Element", "update", (1,)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_invalid_changeset_file_keeps_class_and_facts(original: ChangesetFileError) -> None:
    """Handlers for the classes of `imodel_files` still work, also in another process."""
    with pytest.raises(errors.InvalidChangesetFile) as caught, local_files():
        raise original
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):  # noqa: S301 - ours
        assert isinstance(error, type(original))
        assert type(error) is type(caught.value)
        assert str(error) == str(original)
        assert (error.args, vars(error), error.place) == (original.args, vars(original), original.place)


def test_an_error_without_a_file_name_gets_one() -> None:
    """A read that fails names no file by itself."""
    expected = pytest.raises(errors.UnreadableFile, match=r"^cannot read 1.cs: Input/output error$")
    with expected as caught, local_files(Path("1.cs")):
        raise OSError(errno.EIO, "Input/output error")
    assert (caught.value.errno, caught.value.filename) == (errno.EIO, "1.cs")


def test_an_error_without_any_fact_still_has_a_text() -> None:
    """Some are raised with a text alone."""
    with pytest.raises(errors.UnreadableFile, match="the device is gone"), local_files():
        raise OSError("the device is gone")
