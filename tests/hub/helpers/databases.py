"""Running the hub's tests on PostgreSQL: with HUB_TEST_DATABASE=postgresql, every hub gets a database there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field
from sqlalchemy import text

from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.store.database import Database
from itwin_imodels_hub.store.schema import metadata
from tests.postgres import Cluster

ON_POSTGRESQL = os.environ.get("HUB_TEST_DATABASE") == "postgresql"


@define
class Databases:
    """Databases for hubs: a permanent one for each folder, and a reusable one for hubs without a folder."""

    cluster: Cluster
    _free: list[str] = field(factory=list)
    _of_folders: dict[Path, str] = field(factory=dict)

    def of_folder(self, folder: Path) -> str:
        """Return the address of the database of a folder, empty at first."""
        place = folder.resolve()
        if place not in self._of_folders:
            self._of_folders[place] = self.cluster.address(self.cluster.make())
        return self._of_folders[place]

    def take(self) -> str:
        """Return the address of an empty database."""
        return self._free.pop() if self._free else self.cluster.address(self.cluster.make())

    def give_back(self, address: str) -> None:
        """Empty an unused database for the next hub."""
        database = Database.on_server(address, durable=False)
        names = ", ".join(table.name for table in metadata.sorted_tables)
        with database.writing() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        database.close()
        self._free.append(address)


_present: list[Databases] = []


def database_of(folder: Path) -> str | None:
    """Return the URL of the database for a folder of a hub in another process; None for SQLite."""
    return _present[-1].of_folder(folder) if _present else None


@contextmanager
def hubs_on(databases: Databases) -> Iterator[None]:
    """Open every hub for which no database is given on PostgreSQL, for the duration of the block."""
    opening, closing = Hub.__init__, Hub.close

    def open_one(hub: Hub, settings: Any = None, data_dir: Path | None = None, **options: Any) -> None:
        taken = None
        if options.get("database") is None:
            taken = databases.take() if data_dir is None else None
            options["database"] = taken or databases.of_folder(data_dir or Path())
        opening(hub, settings, data_dir, **options)
        if taken is not None:
            hub.taken_database = taken  # type: ignore[attr-defined]  # of this module only

    def close_one(hub: Hub) -> None:
        closing(hub)
        taken = hub.__dict__.pop("taken_database", None)
        if taken is not None:
            databases.give_back(taken)

    Hub.__init__, Hub.close = open_one, close_one  # type: ignore[method-assign]
    _present.append(databases)
    try:
        yield
    finally:
        _present.pop()
        Hub.__init__, Hub.close = opening, closing  # type: ignore[method-assign]
