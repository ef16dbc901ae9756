"""iModels with changesets that really change a database, and the database at each point."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import frozen

from itwin_imodels import IModelsClient
from itwin_imodels.models import DownloadedCheckpoint
from itwin_imodels_hub import Fault, LocalHub, SeedChangeset, SeedCheckpoint, SeedIModel, SeedNamedVersion
from tests.workflows.helpers.databases import Desk, content, database

GET_FILE = {"method": "GET", "path": "^/storage/"}
JSON = {"content-type": "application/json"}


@frozen(kw_only=True)
class History:
    """An iModel with five changesets, and the database at each point.

    The Named Versions Second and Fifth are at changesets 2 and 5.
    """

    kind: str = "v1"
    hub: LocalHub
    client: IModelsClient
    imodel_id: str
    databases: list[Path]
    files: list[Path]
    target: Path

    @property
    def ids(self) -> list[str]:
        """Ids of its changesets, with that of the baseline."""
        return ["", *(file.stem for file in self.files)]

    def download(self, **options: Any) -> DownloadedCheckpoint:
        """Download to the target, by default in the form `kind`."""
        return self.client.download_checkpoint(self.imodel_id, self.target, **{"kind": self.kind, **options})

    def fault(self, **facts: Any) -> None:
        """Add a fault."""
        self.hub.control.faults.add(Fault(**facts))

    def answer_checkpoint(self, state: str, *, index: int = 2, path: str = r"/checkpoint$", times: int = 1) -> None:
        """Make the hub return a checkpoint."""
        facts = {"changesetIndex": index, "changesetId": self.ids[index], "state": state, "size": 0, "_links": {}}
        body = json.dumps({"checkpoint": facts})
        self.fault(method="GET", path=path, action="answer", status=200, headers=JSON, body=body, times=times)

    def count(self, end: str) -> int:
        """Return the number of requests whose paths match a pattern."""
        return sum(re.search(end, each.path) is not None for each in self.hub.control.log.requests)

    def assert_is(self, downloaded: DownloadedCheckpoint, index: int, *, applied: int = 0) -> None:
        """Check that the target is the database at a point, without other files next to it."""
        assert (downloaded.path, downloaded.changeset_index) == (self.target, index)
        assert (downloaded.changeset_id, downloaded.applied) == (self.ids[index], applied)
        assert downloaded.size == self.target.stat().st_size
        if not applied:
            assert self.target.read_bytes() == self.databases[index].read_bytes()
        assert content(self.target) == content(self.databases[index])
        assert [each.name for each in self.target.parent.iterdir()] == [self.target.name]

    def assert_nothing_there(self) -> None:
        """Check that the target does not exist."""
        assert not self.target.exists()


@frozen(kw_only=True)
class Work:
    """The work of an author: the database at each point, and the changesets between them."""

    databases: list[Path]
    files: list[Path]

    def planted(
        self,
        hub: LocalHub,
        client: IModelsClient,
        folder: Path,
        checkpoints: Mapping[int, Path],
        blocks: Mapping[int, Path] | None = None,
    ) -> History:
        """Create an iModel with this timeline on a hub, and clear the log.

        Args:
            hub: The hub.
            client: A client of it.
            folder: Folder for new files.
            checkpoints: The checkpoints as one file.
            blocks: The block-based checkpoints, each a folder.
        """
        blocks = blocks or {}
        seeds = [
            SeedCheckpoint(changeset_index=index, file=checkpoints.get(index), directory=blocks.get(index))
            for index in sorted({*checkpoints, *blocks})
        ]
        imodel_id = hub.control.create_imodel(
            SeedIModel(
                name=f"History {uuid4().hex}",
                baseline=self.databases[0],
                changesets=[SeedChangeset(id=file.stem, file=file) for file in self.files],
                named_versions=[
                    SeedNamedVersion(name="Second", changeset_index=2),
                    SeedNamedVersion(name="Fifth", changeset_index=5),
                ],
                checkpoints=seeds,
            )
        )
        target = folder / "here" / "tip.bim"
        target.parent.mkdir()
        hub.control.log.clear()
        return History(
            hub=hub,
            client=client,
            imodel_id=imodel_id,
            databases=self.databases,
            files=self.files,
            target=target,
        )


def worked(folder: Path, *, size: int = 0) -> Work:
    """Create a database with `size` incompressible bytes, and change it five times."""
    desk = Desk(database(folder / "0.bim", size=size), folder)
    databases, files = [folder / "0.bim"], []
    for index, (statements, ddl) in enumerate(
        [
            (["INSERT INTO plant VALUES (2, 'Windy Ridge', 12.0, NULL)"], None),
            (["UPDATE plant SET megawatts = 5.0 WHERE id = 1"], None),
            (["INSERT INTO owner VALUES (1, 'Ada')"], "CREATE TABLE owner (id INTEGER PRIMARY KEY, name)"),
            (["UPDATE owner SET name = 'Grace'", "DELETE FROM plant WHERE id = 2"], None),
            (["INSERT INTO plant VALUES (3, 'Tidal', 0.1, randomblob(5000))"], None),
        ],
        start=1,
    ):
        files.append(desk.change(*statements, ddl=ddl))
        databases.append(desk.kept_as(f"{index}.bim"))
    return Work(databases=databases, files=files)
