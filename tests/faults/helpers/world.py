"""The state before a workflow, and checks of the state after it, whether it succeeded or failed."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from attrs import frozen

from imodel_files.changesets import compute_changeset_id
from itwin_imodels import IModelsClient
from itwin_imodels.models import Changeset
from itwin_imodels_hub import LocalHub, SeedChangeset, SeedIModel
from tests.workflows.helpers.bench import held

OWN = ("0x1", "0x2", "0x3")
"""Objects that the client has locked."""
FOREIGN = ("0x100", "0x101", "0x102")
"""Objects that another user has locked."""


@frozen
class World:
    """An iModel with a history, a briefcase of the client and one of another user, each with locks.

    Attributes:
        hub: The hub.
        direct: A client whose requests never fail.
        imodel_id: Id of the iModel.
        files: The files of its changesets, oldest first.
        briefcase_id: The client's briefcase.
        other_id: The briefcase of the other user.
        folder: An empty folder.
    """

    hub: LocalHub
    direct: IModelsClient
    imodel_id: str
    files: Sequence[Path]
    briefcase_id: int
    other_id: int
    folder: Path

    @property
    def timeline(self) -> list[Changeset]:
        """All changesets that are not waiting for their files, oldest first."""
        found = self.direct.changesets.list(self.imodel_id).all()
        return sorted((each for each in found if each.state == "fileUploaded"), key=lambda each: each.index)

    def locks(self, briefcase_id: int) -> set[str]:
        """Return the locks of a briefcase."""
        return set(held(self.direct, self.imodel_id, briefcase_id))

    def assert_timeline_whole(self) -> None:
        """Check that indexes have no gaps and that each changeset follows the previous one."""
        found = self.timeline
        assert [each.index for each in found] == list(range(1, len(found) + 1))
        assert [each.parent_id for each in found] == ["", *(each.id for each in found)][: len(found)]

    def assert_others_untouched(self) -> None:
        """Check that the locks of the other user are unchanged."""
        assert self.locks(self.other_id) == set(FOREIGN)

    def assert_files_right(self) -> None:
        """Check that each file in the folder that is named by a changeset id contains that changeset."""
        ids = [file.stem for file in self.files]
        parents = dict(zip(ids, ["", *ids[:-1]], strict=True))
        for path in self.folder.rglob("*.cs"):
            assert compute_changeset_id(path, parents[path.stem]) == path.stem


def made(hub: LocalHub, direct: IModelsClient, other: IModelsClient, files: Sequence[Path], folder: Path) -> World:
    """Create a separate world for a client and another user."""
    changesets = [SeedChangeset(id=file.stem, file=file) for file in files]
    imodel_id = hub.control.create_imodel(SeedIModel(name=f"Faults {uuid4().hex}", changesets=changesets))
    briefcase_id, other_id = (
        client.briefcases.acquire(imodel_id, device_name=name).briefcase_id
        for client, name in ((direct, "desk"), (other, "elsewhere"))
    )
    tip = files[-1].stem
    direct.acquire_locks(imodel_id, briefcase_id, exclusive=OWN, changeset_id=tip)
    other.acquire_locks(imodel_id, other_id, exclusive=FOREIGN, changeset_id=tip)
    return World(hub, direct, imodel_id, files, briefcase_id, other_id, folder)
