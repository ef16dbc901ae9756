"""A long history, inserted directly into a hub's tables."""

import hashlib
from datetime import timedelta

from sqlalchemy import insert, select, update

from itwin_imodels_hub import LocalHub, SeedIModel
from itwin_imodels_hub.store.schema import briefcases, changesets, imodels, locks, users

_AT_ONCE = 5000
_BRIEFCASES = 40


def long_history(hub: LocalHub, *, pushes: int, held: int) -> str:
    """Create an iModel with many changesets and locks, and return its id.

    Args:
        hub: The hub.
        pushes: Number of changesets, pushed by all users in turn, one every ten minutes.
        held: Number of locks that are held.
    """
    imodel_id = hub.control.create_imodel(SeedIModel(name=f"Stadium with {pushes} changesets"))
    now = hub.hub.clock.now()
    with hub.hub.store.writing() as connection:
        number = connection.scalar(select(imodels.c.number).where(imodels.c.id == imodel_id))
        people = list(connection.scalars(select(users.c.id)))
        common = {"imodel_number": number, "application_id": None, "application_name": None}
        ids = ["", *(hashlib.sha1(str(each).encode(), usedforsecurity=False).hexdigest() for each in range(pushes))]
        rows = [
            {
                **common,
                "changeset_index": index,
                "changeset_id": ids[index],
                "parent_id": ids[index - 1],
                "state": "fileUploaded",
                "description": f"Change {index}",
                "containing_changes": 0,
                "file_size": 2000,
                "briefcase_id": 2,
                "group_id": None,
                "creator_id": people[index % len(people)],
                "pushed_at": now - timedelta(minutes=10) * (pushes - index),
                "synchronization": None,
            }
            for index in range(1, pushes + 1)
        ]
        for start in range(0, pushes, _AT_ONCE):
            connection.execute(insert(changesets), rows[start : start + _AT_ONCE])
        working = [
            {
                **common,
                "briefcase_id": 2 + each,
                "owner_id": people[each % len(people)],
                "acquired_at": now,
                "device_name": f"workstation-{each}",
                "file_size": 1000,
            }
            for each in range(_BRIEFCASES)
        ]
        connection.execute(insert(briefcases), working)
        taken = [
            {
                "imodel_number": number,
                "object_id": hex(0x20000000000 + each),
                "briefcase_id": 2 + each % _BRIEFCASES,
                "level": 1 + each % 2,
            }
            for each in range(held)
        ]
        for start in range(0, held, _AT_ONCE):
            connection.execute(insert(locks), taken[start : start + _AT_ONCE])
        values = {"last_push_at": now, "next_changeset_index": pushes + 1, "next_briefcase_id": 2 + _BRIEFCASES}
        connection.execute(update(imodels).where(imodels.c.number == number).values(**values))
    return imodel_id
