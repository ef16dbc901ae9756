"""iModels with a given history."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import uuid4

from attrs import define

from itwin_imodels.models import MirroredChangeset, PulledChangeset
from itwin_imodels_hub import LocalHub, SeedChangeset, SeedIModel
from tests.workflows.helpers.bench import until
from tests.workflows.helpers.files import chain_of


@define
class History:
    """An iModel on a hub.

    Attributes:
        hub: The hub.
        imodel_id: The iModel.
        files: The files of its changesets, oldest first, each named by its id.
    """

    hub: LocalHub
    imodel_id: str
    files: Sequence[Path]

    @property
    def ids(self) -> list[str]:
        """Ids of its changesets, oldest first."""
        return [file.stem for file in self.files]

    @property
    def total(self) -> int:
        """Total size of all files in bytes."""
        return sum(file.stat().st_size for file in self.files)

    def assert_in(self, folder: Path, files: Iterable[Path] | None = None) -> None:
        """Check that a folder contains exactly these files, and no temporary ones."""
        wanted = {file.name: file.read_bytes() for file in (self.files if files is None else files)}
        found = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith("timeline.")}
        assert found.keys() == wanted.keys()
        assert found == wanted

    def assert_given(
        self, found: Iterable[PulledChangeset | MirroredChangeset], folder: Path, *, after: int = 0
    ) -> None:
        """Check that changesets arrived in the order of the timeline, each with its file."""
        entries = list(found)
        assert [each.changeset.index for each in entries] == list(range(after + 1, after + 1 + len(entries)))
        assert [each.changeset.id for each in entries] == self.ids[after : after + len(entries)]
        assert [each.path for each in entries] == [folder / f"{each.changeset.id}.cs" for each in entries]

    def requests(self, begin: str = "/imodels") -> list[str]:
        """Return the last segments of the requested paths."""
        found = [each.path for each in self.hub.control.log.requests if each.path.startswith(begin)]
        return [path.rpartition("/")[2] for path in found]

    @property
    def sent(self) -> int:
        """Number of bytes that the storage has sent."""
        return sum(each.sent for each in self.hub.control.log.requests if each.path.startswith("/storage"))

    def until_some_are_in(self, folder: Path, amount: int) -> None:
        """Wait until a number of files exist."""
        until(lambda: folder.exists() and sum(1 for _ in folder.glob("*.cs")) >= amount)


def planted(
    hub: LocalHub, files: Sequence[Path], *, contents: Sequence[Path] | None = None, imodel_id: str | None = None
) -> History:
    """Create an iModel with a history on a hub.

    Args:
        hub: The hub.
        files: The files of its changesets, named by their ids.
        contents: Content of the storage instead of these files.
        imodel_id: Its id; a new one by default.
    """
    changesets = [SeedChangeset(id=file.stem, file=held) for file, held in zip(files, contents or files, strict=True)]
    seed = SeedIModel(name=f"History {uuid4().hex}", id=imodel_id, changesets=changesets)
    return History(hub, hub.control.create_imodel(seed), files)


def made(hub: LocalHub, folder: Path, amount: int, *, size: int = 0) -> History:
    """Create an iModel with a number of changesets on a hub."""
    folder.mkdir(exist_ok=True)
    return planted(hub, chain_of(folder, amount, size=size))
