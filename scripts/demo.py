"""Run a round trip with real files: one user authors an iModel on the local hub, and another pulls and rebuilds it.

python -m scripts.demo          in build/demo; the data of the hub remains there for inspection
python -m scripts.demo FOLDER   in another folder
"""

import argparse
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Generic, TypeVar

import apsw
from rich.console import Console
from rich.table import Table

from imodel_files.changesets import apply_changesets, write_changeset
from itwin_imodels import IModelsClient
from itwin_imodels.errors import LockConflict, NewerChangesExist
from itwin_imodels.models import Changeset
from scripts.toolkit import ROOT, ToolError, run, shown

E = TypeVar("E", bound=Exception)

FOLDER = ROOT / "build" / "demo"
CHANGESETS = 10
PANELS = ["0x20000000001", "0x20000000002", "0x20000000003"]

_TABLES = """\
CREATE TABLE Panel (Id INTEGER PRIMARY KEY, Label TEXT NOT NULL, Tilt REAL, Photo BLOB);
CREATE TABLE Row (Id INTEGER PRIMARY KEY, Panels INTEGER NOT NULL);
INSERT INTO Row VALUES (1, 0);
"""


class WorkingCopy:
    """The author's database, which records each change as a changeset."""

    def __init__(self, baseline: Path, path: Path) -> None:
        """Copy the baseline."""
        self.path = Path(shutil.copy(baseline, path))
        self.tip = ""

    def change(self, number: int, folder: Path) -> Path:
        """Change the database and write the change to a changeset file.

        Returns:
            The file, named after its changeset id.
        """
        with closing(apsw.Connection(str(self.path))) as database:
            session = apsw.Session(database, "main")
            session.attach()
            photo = bytes(range(256)) * number
            database.execute("INSERT INTO Panel VALUES (?, ?, ?, ?)", (number, f"Panel {number}", 30.5, photo))
            database.execute("UPDATE Row SET Panels = Panels + 1 WHERE Id = 1")
            recorded = session.changeset()
        self.tip = write_changeset(folder, recorded, parent_id=self.tip)
        return folder / f"{self.tip}.cs"


class Demo:
    """The steps of the round trip."""

    def __init__(self, ada: IModelsClient, grace: IModelsClient, folder: Path) -> None:
        """Store the clients and the folder."""
        self.ada = ada
        self.grace = grace
        self.folder = folder
        self.console = Console(highlight=False, soft_wrap=True)

    def run(self) -> None:
        """Run all steps.

        Raises:
            ToolError: A result is not as expected.
        """
        baseline = self.make_baseline()
        imodel_id = self.create(baseline)
        self.author(imodel_id, WorkingCopy(baseline, self.folder / "ada.bim"))
        self.pull_and_rebuild(imodel_id, baseline)
        self.fetch_checkpoint(imodel_id)
        self.show_timeline(imodel_id)

    def make_baseline(self) -> Path:
        """Create the baseline database."""
        path = self.folder / "baseline.bim"
        with closing(sqlite3.connect(path)) as database:
            database.executescript(_TABLES)
        self.say(f"created a baseline file: a SQLite database of {path.stat().st_size} bytes")
        return path

    def create(self, baseline: Path) -> str:
        """Create the iModel from its baseline."""
        imodel = self.ada.create_imodel_from_baseline(self.ada.hub.itwin_id, "Sun City Solar Plant", baseline)
        self.say(f"created the iModel {imodel.name} from it ({imodel.id})")
        return imodel.id

    def author(self, imodel_id: str, copy: WorkingCopy) -> None:
        """Lock, push and release as one user, while the attempts of the other user fail with conflicts."""
        ada = self.ada.briefcases.acquire(imodel_id, device_name="Ada's desk").briefcase_id
        grace = self.grace.briefcases.acquire(imodel_id, device_name="Grace's desk").briefcase_id
        self.say(f"acquired two briefcases: {ada} for Ada, {grace} for Grace")

        self.ada.acquire_locks(imodel_id, ada, exclusive=PANELS)
        self.say(f"Ada locked {len(PANELS)} elements exclusively")
        with expected(LockConflict) as refusal:
            self.grace.acquire_locks(imodel_id, grace, exclusive=PANELS[:1])
        (holder,) = self.grace.lock_holders(imodel_id, refusal.error)
        self.say(
            f"Grace could not lock one of them: briefcase {holder.briefcase_id} on {_device(holder.briefcase)} holds it"
        )

        folder = self.folder / "pushed"
        folder.mkdir()
        files = [copy.change(number, folder) for number in range(1, CHANGESETS + 1)]
        pushed = self.ada.push_changesets(
            imodel_id, files, briefcase_id=ada, parent_id=None, group="The first row of panels"
        )
        self.say(
            f"Ada pushed {len(pushed)} changesets in one changeset group; their ids are derived from their content"
        )
        stale = WorkingCopy(self.folder / "baseline.bim", self.folder / "grace.bim").change(77, self.folder)
        with expected(NewerChangesExist) as refusal:
            self.grace.push_changeset(imodel_id, stale, briefcase_id=grace, parent_id=None)
        self.say(f"Grace could not push: {len(refusal.error.changeset_ids)} changesets must be pulled first")

        version = self.ada.named_versions.create(imodel_id, "First row", changeset_id=copy.tip)
        self.say(f"named changeset {version.changeset_index}: {version.name}")
        held = sum(lock.count for lock in self.ada.locks.list(imodel_id))
        chunks = self.ada.release_all_locks(imodel_id, ada, changeset_id=copy.tip)
        left = self.ada.locks.list(imodel_id).all()
        self.say(f"released {held} locks in {chunks} chunk; {len(left)} remain")

    def pull_and_rebuild(self, imodel_id: str, baseline: Path) -> None:
        """Pull the timeline, rebuild the database from it, and compare it with the author's."""
        pulled = self.grace.pull_changesets(imodel_id, self.folder / "pulled")
        self.say(f"pulled {len(pulled)} changesets into {shown(self.folder / 'pulled')}; each matches its id")
        rebuilt = self.folder / "rebuilt.bim"
        apply_changesets(baseline, [each.path for each in pulled], rebuilt)
        if content(rebuilt) != content(self.folder / "ada.bim"):
            raise ToolError("the rebuilt database differs from Ada's")
        self.say("rebuilt the database from the baseline and the changesets: it equals Ada's, row by row")

    def fetch_checkpoint(self, imodel_id: str) -> None:
        """Download the checkpoint of the Named Version and compare it with the author's database."""
        made = self.grace.wait_for_checkpoint(imodel_id, named_version="First row")
        fetched = self.folder / "first-row.bim"
        self.grace.download_checkpoint(imodel_id, fetched, named_version="First row", preceding=False)
        if content(fetched) != content(self.folder / "ada.bim"):
            raise ToolError("the checkpoint differs from Ada's database")
        self.say(
            f"downloaded the checkpoint of First row, {made.size} bytes, created by the hub: it equals Ada's database"
        )

    def show_timeline(self, imodel_id: str) -> None:
        """Print the timeline."""
        table = Table(title="Timeline")
        for column in ("index", "id", "size", "pushed", "by", "named"):
            table.add_column(column)
        for changeset in self.ada.changesets.list(imodel_id):
            table.add_row(*self.described(changeset))
        self.console.print(table)

    def described(self, changeset: Changeset) -> Iterator[str]:
        """Yield the cells of a changeset in the timeline."""
        creator = self.ada.users.get_creator(changeset)
        version = self.ada.named_versions.get_for_changeset(changeset)
        yield str(changeset.index)
        yield changeset.id[:12]
        yield f"{changeset.file_size} B"
        yield "" if changeset.push_date_time is None else f"{changeset.push_date_time:%H:%M:%S}"
        yield "" if creator is None else creator.display_name
        yield "" if version is None else version.name

    def say(self, text: str) -> None:
        """Print what was done."""
        self.console.print(f"- {text}")


class Refusal(Generic[E]):
    """The expected error, after it has been raised."""

    error: E


def main(argv: list[str]) -> int:
    """Run ``make demo``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="working folder; emptied first")
    folder: Path = parser.parse_args(argv).folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = folder / "hub"
    with IModelsClient.local(data, user="ada") as ada:
        print(f"a hub in this process serves the iModels API at {ada.base_url}")
        with IModelsClient(ada.hub.token("grace"), base_url=ada.base_url) as grace:
            Demo(ada, grace, folder).run()
    serve = f"hub serve --data-dir {shown(data)}"
    print(f"the hub has stopped; inspect it with: imodels {serve} (from the source: make imodels ARGS='{serve}')")
    return 0


def content(path: Path) -> list[str]:
    """Return all tables and rows of a database as SQL statements."""
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


@contextmanager
def expected(kind: type[E]) -> Iterator[Refusal[E]]:
    """Raise ToolError unless the block raises the given error."""
    refusal: Refusal[E] = Refusal()
    try:
        yield refusal
    except kind as error:
        refusal.error = error
    else:
        raise ToolError(f"{kind.__name__} was expected, but no error occurred")


def _device(briefcase: object) -> str:
    return getattr(briefcase, "device_name", None) or "an unnamed device"


if __name__ == "__main__":
    run(main)
