"""One served hub for all tests of the command line, with a history that tests only read."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from imodel_files.changesets import write_changeset
from itwin_imodels import IModelsClient
from itwin_imodels.models import ContainingChanges
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place, opened
from tests.cli.helpers.command import Cli, QuickCli, variables


class History(NamedTuple):
    """An iModel with changesets on several days, Named Versions, briefcases and locks."""

    name: str
    imodel_id: str
    briefcase_id: int
    ids: Sequence[str]
    files: Sequence[Path]
    named_version_id: str
    group_id: str


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Serve a hub in a separate process."""
    with opened("served", tmp_path_factory.mktemp("hub")) as place:
        yield place


@pytest.fixture
def control(place: Place) -> Iterator[HubControl]:
    """Control the hub; the faults of a test are removed at its end."""
    assert place.control is not None
    yield place.control
    place.control.restore()


@pytest.fixture(scope="session")
def client(place: Place) -> Iterator[IModelsClient]:
    """A client of the hub, which prepares the data that commands work on."""
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        yield client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an empty home folder."""
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def cli(place: Place, home: Path) -> Cli:
    """Return the command of a user who has a token and has selected an iTwin."""
    return Cli(home, **variables(place))


@pytest.fixture
def quick(place: Place, home: Path) -> Cli:
    """Return the same command, without a process for each call."""
    return QuickCli(home, **variables(place))


@pytest.fixture
def imodel(client: IModelsClient, place: Place) -> Iterator[str]:
    """Name of a new iModel."""
    imodel = client.create_imodel(place.itwin_id, new_name("Command"))
    yield imodel.name
    client.imodels.delete(imodel.id)


def changeset_files(folder: Path, amount: int, parent_id: str | None = None) -> list[Path]:
    """Create consecutive changeset files."""
    files: list[Path] = []
    for number in range(amount):
        parent_id = write_changeset(folder, b"", parent_id=parent_id, ddl=f"CREATE TABLE t{number}{parent_id or ''}(a)")
        files.append(folder / f"{parent_id}.cs")
    return files


@pytest.fixture(scope="session")
def history(client: IModelsClient, place: Place, tmp_path_factory: pytest.TempPathFactory) -> History:
    """Return the history that most tests read."""
    assert place.control is not None
    folder = tmp_path_factory.mktemp("history")
    imodel = client.create_imodel(place.itwin_id, "History", description="To be read")
    briefcase = client.briefcases.acquire(imodel.id, device_name="Desk").briefcase_id
    files = changeset_files(folder, 6)
    group = client.changeset_groups.create(imodel.id, description="First two")
    parent: str | None = None
    for number, file in enumerate(files):
        pushed = client.push_changeset(
            imodel.id,
            file,
            briefcase_id=briefcase,
            parent_id=parent,
            description=f"Step {number + 1}",
            containing_changes=ContainingChanges.SCHEMA,
            group_id=group.id if number < 2 else None,
        )
        parent = pushed.id
        if number in {1, 3}:
            place.control.advance(timedelta(days=2).total_seconds())
    version = client.named_versions.create(imodel.id, "Third", changeset_id=files[2].stem)
    client.acquire_locks(imodel.id, briefcase, exclusive=["0x1f", "0x20"], shared=["0x1"], changeset_id=parent)
    return History(
        name=imodel.name,
        imodel_id=imodel.id,
        briefcase_id=briefcase,
        ids=[file.stem for file in files],
        files=files,
        named_version_id=version.id,
        group_id=group.id,
    )
