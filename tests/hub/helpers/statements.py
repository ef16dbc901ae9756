"""The SQL statements of a hub."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from itwin_imodels_hub.control.hub import Hub


@contextmanager
def statements(hub: Hub, text: str) -> Iterator[list[str]]:
    """Collect the statements that contain a text."""
    collected: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if text in statement:
            collected.append(statement)

    event.listen(hub.store.engine, "before_cursor_execute", note)
    try:
        yield collected
    finally:
        event.remove(hub.store.engine, "before_cursor_execute", note)
