"""Detect changes to the database by any process."""

from itwin_imodels_hub.store.database import Database

_STATE_QUERIES = {
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
        self._statement = _STATE_QUERIES[database.engine.dialect.name]
        self._connection = database.engine.connect()
        self._state: object = None

    def has_changed(self) -> bool:
        """Check whether a transaction may have been committed since the last call; the first call returns True."""
        try:
            state = self._connection.exec_driver_sql(self._statement).scalar()
        finally:
            self._connection.rollback()
        before, self._state = self._state, state
        return state != before

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
