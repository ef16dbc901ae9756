"""A mark for the time in which the initial content of a hub is created; it remains if the process is killed.

A reset deletes the mark, too. Otherwise, an older version, which ignores the mark, could fill a hub whose seed was
rejected, and this version would delete that content at its next start.
"""

from sqlalchemy import Connection, delete, insert, select

from itwin_imodels_hub.store.schema import meta

_KEY = "initial_content"
_INCOMPLETE = "incomplete"


def is_incomplete(connection: Connection) -> bool:
    """Check whether the initial content was begun but not completed."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == _KEY)) is not None


def begin(connection: Connection) -> None:
    """Record that the initial content is incomplete."""
    connection.execute(insert(meta).values(key=_KEY, value=_INCOMPLETE))


def complete(connection: Connection) -> None:
    """Record that the initial content is complete, or that there is none."""
    connection.execute(delete(meta).where(meta.c.key == _KEY))
