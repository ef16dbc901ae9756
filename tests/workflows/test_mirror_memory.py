"""A mirror of a long timeline needs no more memory than one of a short timeline."""

import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itwin_imodels._mirror.database import MirrorDatabase, opened_to_write
from itwin_imodels._mirror.schema import VerifiedState
from itwin_imodels._workflows.mirror import WINDOW, NewChangesets, pending_files
from itwin_imodels.mirror import open_mirror
from itwin_imodels.models import Changeset, ChangesetState, ContainingChanges, StorageLink

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
PUSHED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SHORT, LONG = 2_000, 15_000
FLAT = 8 << 20
"""Less than a half of what the long one takes when it is held."""


def id_of(index: int) -> str:
    """Some id."""
    return f"{index * 0x9E3779B97F4A7C15 % (1 << 160):040x}" if index else ""


def changeset(index: int) -> Changeset:
    """Return a changeset as the service sends it."""
    return Changeset(
        imodel_id=IMODEL,
        id=id_of(index),
        index=index,
        display_name=str(index),
        parent_id=id_of(index - 1),
        description=f"Change {index}",
        state=ChangesetState.FILE_UPLOADED,
        containing_changes=ContainingChanges.REGULAR,
        file_size=20_000,
        briefcase_id=2,
        group_id=None,
        creator_id=None,
        push_date_time=PUSHED,
        application=None,
        synchronization_info=None,
        named_version_id=None,
        checkpoint_changeset=0,
        download=StorageLink(href=f"https://storage.example/{'x' * 300}/{index}?sig=1", storage_type="azure"),
    )


def pages(amount: int) -> Iterator[Sequence[Changeset]]:
    """The pages of a timeline."""
    for begin in range(1, amount + 1, WINDOW):
        yield [changeset(index) for index in range(begin, min(begin + WINDOW, amount + 1))]


def mirrored(folder: Path, amount: int) -> int:
    """Mirror a timeline, look for missing files twice, and read it; return the peak memory in bytes."""
    folder.mkdir()
    tracemalloc.start()
    try:
        new = NewChangesets(IMODEL, folder, None)
        with opened_to_write(folder, IMODEL) as database:
            for page in pages(amount):
                database.add(new.rows(page))
            new.finish(page[-1])
            assert look_for_files(database, folder) == amount
            assert look_for_files(database, folder) == 0
        with open_mirror(folder) as mirror:
            assert sum(1 for _ in mirror.changesets()) == len(mirror) == new.count == amount
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def look_for_files(database: MirrorDatabase, folder: Path) -> int:
    """Find the files that are not noted, and note them."""
    count = after_index = 0
    while known := database.files(after_index, WINDOW):
        after_index = known[-1].file.index
        pending = pending_files(known, folder, "id", "none")
        database.record((each.file.index, VerifiedState(20_000, 0, "id")) for each in pending.files)
        count += len(pending.files)
    return count


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_timeline(tmp_path: Path) -> None:
    """Seven times the length, the same memory."""
    short, long = (mirrored(tmp_path / str(amount), amount) for amount in (SHORT, LONG))
    assert long - short < FLAT
