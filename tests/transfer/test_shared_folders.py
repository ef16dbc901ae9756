"""In a shared folder, no file is accessed through links and pipes of other users."""

import os
from pathlib import Path

import pytest

from imodel_files._replacing import replacing
from itwin_imodels import IModelsClient
from itwin_imodels._core.disk import open_lock_file, write_new
from itwin_imodels._mirror.database import opened_to_write
from itwin_imodels._mirror.lock import MirrorLock
from itwin_imodels._transfer.block_file import load_notes, open_block_file
from itwin_imodels._transfer.part_file import Mark, open_part_file
from itwin_imodels.errors import MirrorError, TransferError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="only administrators can make links")

_MINE = "only its owner may write this"
_LARGE = 2 << 20


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Create a file that must not change."""
    path = tmp_path / "victim"
    path.write_text(_MINE)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file in the shared folder."""
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared" / "target.cs"


@pytest.mark.parametrize("exists", [True, False])
def test_part_files_follow_no_link(victim: Path, target: Path, *, exists: bool) -> None:
    """The target of a link is not created, either."""
    if not exists:
        victim.unlink()
    target.with_name("target.cs.part").symlink_to(victim)
    for opening in (open_part_file, open_block_file):
        with (
            pytest.raises(TransferError, match=r"target\.cs\.part cannot be opened: it is a symbolic link"),
            opening(target, _never, 0.0),
        ):
            pytest.fail("the link was followed")
    assert victim.exists() == exists


def test_pipes_are_refused(target: Path) -> None:
    """Opening one for reading could block forever."""
    os.mkfifo(target.with_name("target.cs.part"))
    with (
        pytest.raises(TransferError, match="cannot be opened: it is not a regular file"),
        open_part_file(target, _never, 0.0),
    ):
        pytest.fail("the pipe was opened")


def test_a_mark_replaces_a_link(victim: Path, target: Path) -> None:
    """Notes are written to a new file, and existing ones are not read through a link."""
    mark_path = target.with_name("target.cs.part.json")
    target.with_name("target.cs.part").write_bytes(b"x")
    victim.write_text('{"etag": "x", "size": 3, "md5": null}')
    mark_path.symlink_to(victim)
    with open_part_file(target, _never, 0.0) as part:
        assert part.mark is None
        part.begin(0, None)
        mark_path.symlink_to(victim)
        part.begin(0, Mark(etag="new", size=_LARGE))
        part.write(b"content")
        assert part.mark == Mark(etag="new", size=_LARGE)
    with open_part_file(target, _never, 0.0) as resumed:
        assert (resumed.length, resumed.mark) == (7, Mark(etag="new", size=_LARGE))
    assert victim.read_text() == '{"etag": "x", "size": 3, "md5": null}'


def test_notes_replace_a_link(victim: Path, target: Path) -> None:
    """Those of the blocks in a part file, too."""
    notes_path = target.with_name("target.cs.part.blocks")
    notes_path.symlink_to(victim)
    assert load_notes(notes_path) is None
    with open_block_file(target, _never, 0.0) as part:
        part.begin(4096, 1, None, _never_mind)
        assert not notes_path.is_symlink()
        part.close_notes()
        notes_path.unlink()
        notes_path.symlink_to(victim)
        with pytest.raises(TransferError, match="cannot be written: it is a symbolic link"):
            part.begin(4096, 1, None, _never_mind)
    assert victim.read_text() == _MINE


def test_a_mirror_follows_no_link(victim: Path, target: Path) -> None:
    """This applies to its lock and to its database."""
    folder = target.parent
    (folder / "timeline.lock").symlink_to(victim)
    with pytest.raises(TransferError, match=r"timeline\.lock cannot be opened: it is a symbolic link"):
        MirrorLock(folder)
    with IModelsClient("token", base_url="http://127.0.0.1:9") as client, pytest.raises(TransferError, match="link"):
        client.mirror_timeline("7d1c1f5e-0000-4000-8000-000000000000", folder)
    victim.unlink()
    (folder / "timeline.db").symlink_to(victim)
    with pytest.raises(MirrorError, match=r"timeline\.db cannot be used: it is a symbolic link"):
        opened_to_write(folder, "7d1c1f5e-0000-4000-8000-000000000000")
    assert not victim.exists()


def test_made_files_follow_no_link(victim: Path, target: Path) -> None:
    """This applies to locks of new databases, and to files that are written at once."""
    lock = target.with_name(f".{target.name}.0.lock")
    lock.symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"), replacing(target):
        pytest.fail("the link was followed")
    target.symlink_to(victim)
    write_new(target, ["new"])
    assert (target.read_text(), target.is_symlink(), victim.read_text()) == ("new", False, _MINE)


def test_own_files_are_opened_again(target: Path) -> None:
    """What was made is found, with its content."""
    with open_lock_file(target) as file:
        file.write(b"content")
    with open_lock_file(target) as again:
        assert again.read() == b"content"


def _never(_: float) -> None:
    pytest.fail("nothing is waited for")


def _never_mind() -> None:
    """Continue in any case."""
