"""Detect changes to the database by any process."""

from itwin_imodels_hub.store.database import Database

_MARKS = {
    # Differs on this connection after every commit of another connection, in any process.
    "sqlite": "PRAGMA data_version",
    # The running transactions; read-only ones are not included.
    "postgresql": "SELECT CAST(pg_current_snapshot() AS TEXT)",
}


class Watcher:
    """Detects commits without querying the tables.

    It reads on its own connection and keeps no transaction open between calls.
    """

    def __init__(self, database: Database) -> None:
        """Connect to the database to watch."""
        self._statement = _MARKS[database.engine.dialect.name]
        self._connection = database.engine.connect()
        self._mark: object = None

    def changed(self) -> bool:
        """Return whether a transaction may have been committed since the last call; the first call returns True."""
        try:
            mark = self._connection.exec_driver_sql(self._statement).scalar()
        finally:
            self._connection.rollback()
        before, self._mark = self._mark, mark
        return mark != before

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
