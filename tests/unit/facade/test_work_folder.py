"""Work folders: one process each, and folders of killed processes."""

import errno
import threading
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels._workflows.work_folder import WorkFolder
from itwin_imodels.errors import TransferError

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"


def work_in(target: Path) -> WorkFolder:
    """Acquire a folder and put a file into it."""
    work = WorkFolder(target, IMODEL)
    work.path.mkdir(parents=True, exist_ok=True)
    (work.path / "part").touch()
    return work


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    """The second process gets another folder; a later one continues in the first, and the second is removed."""
    target = tmp_path / "a.bim"
    with work_in(target) as first, work_in(target) as second:
        assert first.path != second.path
    with WorkFolder(target, IMODEL) as third:
        assert (third.path, [*third.path.iterdir()]) == (first.path, [first.path / "part"])
        assert not second.path.exists()
        third.remove()
    assert [*tmp_path.iterdir()] == []


def test_removing_one_leaves_the_other(tmp_path: Path) -> None:
    """This applies in either order, and no folder is left at the end."""
    target = tmp_path / "a.bim"
    for order in (1, -1):
        both = [work_in(target), work_in(target)][::order]
        both[0].remove()
        assert (both[1].path / "part").exists()
        both[1].remove()
        assert [*tmp_path.iterdir()] == []


def test_many_at_once(tmp_path: Path) -> None:
    """No two processes ever have the same folder."""
    held, lock, problems = set[Path](), threading.Lock(), list[object]()

    def come_and_go() -> None:
        for _ in range(30):
            try:
                work = work_in(tmp_path / "a.bim")
                with lock:
                    problems.extend({work.path} & held)
                    held.add(work.path)
                with lock:
                    held.remove(work.path)
                    work.remove()
            except (TransferError, OSError) as error:
                problems.append(error)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []
    assert [*tmp_path.iterdir()] == []


def test_a_folder_that_is_removed_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system says that it exists, and it no longer does: it is made again."""
    make, calls = Path.mkdir, list[Path]()

    def removed_at_first(path: Path, *arguments: Any, **options: Any) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        make(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", removed_at_first)
    with WorkFolder(tmp_path / "a.bim", IMODEL):
        assert calls[0] == tmp_path / "a.bim.work"
        assert calls[0].is_dir()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The error names it."""
    (tmp_path / "a.bim.work").touch()
    with pytest.raises(TransferError, match=r"a\.bim\.work cannot be created"):
        WorkFolder(tmp_path / "a.bim", IMODEL)
