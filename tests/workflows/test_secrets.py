"""Tracebacks that show variables, as pytest, rich and error trackers do, show no token and no signed link."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import define

from itwin_imodels import IModelsClient, RetryPolicy, TransferOptions, errors
from itwin_imodels_hub import Fault, LocalHub
from tests.variables import variables_of
from tests.workflows.conftest import OpenClient
from tests.workflows.helpers.databases import database
from tests.workflows.helpers.files import changeset_file
from tests.workflows.helpers.timelines import History, Work, worked

pytestmark = pytest.mark.usefixtures("instantly")

_SECRET = re.compile(r"ada-token|[?&](?:sig|se|X-Goog-Signature)=|share-key-of-a-share")
_JSON = {"content-type": "application/json"}
_LINKS = {"download": {"href": "https://elsewhere/file?sig=abc", "storageType": "azure"}}
_WRONG = json.dumps({"changesets": [{"id": 5, "_links": _LINKS}], "iModel": 5, "authorization": "ada-token"})

FAULTS = {
    "unauthorized": {"action": "answer", "status": 401},
    "failing": {"action": "answer", "status": 500},
    "repeats what was sent": {"action": "answer", "status": 400, "headers": _JSON, "body": _WRONG},
    "wrong answer": {"action": "answer", "status": 200, "headers": _JSON, "body": _WRONG},
    "no JSON": {"action": "answer", "status": 200, "headers": _JSON, "body": _WRONG[1:]},
    "dropped": {"action": "drop"},
    "cut": {"action": "cut", "cut_at": 40},
}
PLACES = {"first": {}, "second": {"skip": 1}, "third": {"skip": 2}, "storage": {"path": "^/storage/"}}


@define
class Scene:
    """What workflows work on.

    Attributes:
        client: Both clients in turn.
        history: An iModel with changesets and a checkpoint.
        briefcase_id: A briefcase of it.
        folder: A folder for files.
    """

    client: IModelsClient
    history: History
    briefcase_id: int
    folder: Path

    @property
    def imodel_id(self) -> str:
        """The iModel."""
        return self.history.imodel_id

    def fresh(self) -> Path:
        """Return a folder that no other attempt used."""
        return self.folder / uuid4().hex


def _author(scene: Scene) -> None:
    with scene.client.authoring_session(scene.imodel_id, device_name="desk") as session:
        session.lock(exclusive=["0x9"])


def _create(scene: Scene) -> None:
    itwin_id = scene.history.hub.itwin_id
    scene.client.create_imodel_from_baseline(itwin_id, uuid4().hex, database(scene.fresh().with_suffix(".bim")))


WORKFLOWS: dict[str, Callable[[Scene], Any]] = {
    "push": lambda scene: scene.client.push_changeset(
        scene.imodel_id,
        changeset_file(scene.folder, scene.history.ids[-1]),
        briefcase_id=scene.briefcase_id,
        parent_id=scene.history.ids[-1],
    ),
    "pull": lambda scene: scene.client.pull_changesets(scene.imodel_id, scene.fresh()),
    "revert": lambda scene: scene.client.revert_timeline(
        scene.imodel_id, scene.fresh(), to=3, briefcase_id=scene.briefcase_id
    ),
    "mirror": lambda scene: scene.client.mirror_timeline(scene.imodel_id, scene.fresh()),
    "checkpoint": lambda scene: scene.client.download_checkpoint(scene.imodel_id, scene.fresh(), apply=True),
    "locks": lambda scene: scene.client.acquire_locks(scene.imodel_id, scene.briefcase_id, exclusive=["0x5"]),
    "release": lambda scene: scene.client.release_all_locks(scene.imodel_id, scene.briefcase_id),
    "authoring": _author,
    "create": _create,
    "list": lambda scene: scene.client.changesets.list(scene.imodel_id, page_size=1).all(),
}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    """On a database of some pages."""
    return worked(tmp_path_factory.mktemp("small"))


@pytest.fixture
def scene(hub: LocalHub, open_client: OpenClient, work: Work, tmp_path: Path) -> Scene:
    """A timeline, and a client that hardly retries."""
    transfer = TransferOptions(retries=0)
    client = open_client(retry=RetryPolicy(attempts=2, first_wait=0.01, longest_wait=0.01), transfer=transfer)
    history = work.planted(hub, client, tmp_path, {2: work.databases[2]})
    briefcase_id = client.briefcases.acquire(history.imodel_id).briefcase_id
    folder = tmp_path / "attempts"
    folder.mkdir()
    return Scene(client, history, briefcase_id, folder)


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("name", WORKFLOWS)
def test_variables_show_no_secret(scene: Scene, name: str) -> None:
    """Whatever goes wrong, and whenever."""
    faults = scene.history.hub.control.faults
    failed = 0
    for kind, fault in FAULTS.items():
        for place, where in PLACES.items():
            faults.add(Fault(**fault, **{"times": 1000, **where}))
            try:
                WORKFLOWS[name](scene)
            except errors.IModelsError as error:
                failed += 1
                found = [each for each in variables_of(error) if _SECRET.search(each[1])]
                assert not found, (kind, place, found)
            finally:
                faults.clear()
    assert failed >= len(FAULTS)
