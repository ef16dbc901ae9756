"""Mirrors that are created without a service."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

from itwin_imodels._mirror.database import opened_to_write
from itwin_imodels._mirror.schema import VerifiedState
from itwin_imodels._workflows.mirror import NewChangesets
from tests.workflows.test_mirror_memory import IMODEL, changeset

AUTHOR = "5c1f4bd4-6b5b-4a8e-9b6a-5e2b8a3a1f00"
PUSHED = datetime(2026, 1, 1, tzinfo=UTC)


def add_to_mirror(folder: Path, ids: Sequence[str], begin: int = 0) -> None:
    """Add changesets, whose files are in the folder, to a mirror; the first ones create it.

    Args:
        folder: The mirror.
        ids: The ids of the whole timeline.
        begin: Number of changesets that the mirror already contains.
    """
    entries = [
        attrs.evolve(
            changeset(index),
            id=changeset_id,
            parent_id=ids[index - 2] if index > 1 else "",
            file_size=1000,
            creator_id=AUTHOR,
            push_date_time=PUSHED + timedelta(hours=index),
        )
        for index, changeset_id in enumerate(ids, 1)
    ]
    with opened_to_write(folder, IMODEL) as database:
        known = max(0, begin - 1)  # the newest one is requested again
        database.add(NewChangesets(IMODEL, folder, database.tip()).rows(entries[known:]))
        database.record((each.index, VerifiedState(each.file_size, 0, "id")) for each in entries[begin:])
