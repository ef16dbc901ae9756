"""Noticing that a database was changed, by whatever process."""

from itwin_imodels_hub.store.database import Database

_MARKS = {
    # Of this connection: another number whenever another connection, of any process, has committed.
    "sqlite": "PRAGMA data_version",
    # The transactions under way: reading ones are not counted.
    "postgresql": "SELECT CAST(pg_current_snapshot() AS TEXT)",
}


class Watcher:
    """Tells whether anything was committed, without looking at the tables.

    It keeps a connection of its own, on which nothing is written, and no transaction between two looks.
    """

    def __init__(self, database: Database) -> None:
        """Watch a database."""
        self._statement = _MARKS[database.engine.dialect.name]
        self._connection = database.engine.connect()
        self._mark: object = None

    def changed(self) -> bool:
        """Tell whether there was a commit since the last time that this was asked; at first there was."""
        try:
            mark = self._connection.exec_driver_sql(self._statement).scalar()
        finally:
            self._connection.rollback()
        before, self._mark = self._mark, mark
        return mark != before

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
