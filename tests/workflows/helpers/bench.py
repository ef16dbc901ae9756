"""An iModel on a hub, and the queries and checks of tests."""

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import httpx
from attrs import define

from itwin_imodels import IModelsClient, RetryPolicy, TransferOptions
from itwin_imodels.models import Changeset, LockLevel, StorageLink
from itwin_imodels_hub import Fault, LocalHub, SeedIModel
from tests.behaviour.helpers.control import tls
from tests.workflows.helpers.files import changeset_file

QUICK = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02)
IN_BLOCKS = TransferOptions(block_threshold=128 << 10, block_size=64 << 10, block_parallelism=2, retries=3)
LARGE = 512 << 10
"""Size of a file that is uploaded in eight blocks."""

CREATE = {"method": "POST", "path": "/changesets$"}
UPLOAD = {"method": "PUT", "path": "^/storage/"}
CONFIRM = {"method": "PATCH", "path": "/changesets/"}
CLOSE = {"method": "PATCH", "path": "/changesetgroups/"}
LOCK = {"method": "PATCH", "path": "/locks$"}
CHUNK = {"method": "POST", "path": "/locks/release-chunk$"}


@define
class Bench:
    """An iModel on a hub, and a client that has a briefcase of it.

    Attributes:
        hub: The hub.
        client: A client of the hub's first user.
        imodel_id: Id of the iModel.
        briefcase_id: A briefcase of the client.
        folder: Folder for new files.
        open_client: Opens another client.
    """

    hub: LocalHub
    client: IModelsClient
    imodel_id: str
    briefcase_id: int
    folder: Path
    open_client: Callable[..., IModelsClient]

    def file(self, parent: Changeset | str | None = None, *, size: int = 0) -> Path:
        """Create a changeset file. Compression takes long, so all tests share one large first file."""
        parent_id = parent.id if isinstance(parent, Changeset) else parent
        if size == LARGE and not parent_id:
            return Path(shutil.copy(_large_file(), self.folder))
        return changeset_file(self.folder, parent_id, size=size)

    def push(self, file: Path, parent: Changeset | str | None = None, **options: Any) -> Changeset:
        """Push a file from the briefcase."""
        parent_id = parent.id if isinstance(parent, Changeset) else parent
        options = {"briefcase_id": self.briefcase_id, "parent_id": parent_id, **options}
        return self.client.push_changeset(self.imodel_id, file, **options)

    def fault(self, **fault: Any) -> None:
        """Add a fault."""
        self.hub.control.faults.add(Fault(**fault))

    def list_instead(self, *changesets: tuple[int, str, str], **fault: Any) -> None:
        """Respond to a list of changesets with these, given by index, id and state."""
        entities: list[dict[str, Any]] = [
            {
                "id": changeset_id,
                "displayName": str(index),
                "index": index,
                "parentId": "",
                "description": None,
                "state": state,
                "briefcaseId": self.briefcase_id,
                "containingChanges": 0,
                "fileSize": 1,
                "pushDateTime": None,
                "groupId": None,
                "_links": {},
            }
            for index, changeset_id, state in changesets
        ]
        body = json.dumps({"changesets": entities, "_links": {"next": None}})
        self.fault(method="GET", path="/changesets$", action="answer", status=200, body=body, **fault)

    @property
    def asked(self) -> Sequence[str]:
        """Return the requests to the hub in short form."""
        return [f"{each.method} {_short(each.path)}" for each in self.hub.control.log.requests]

    def count(self, method: str, end: str = "") -> int:
        """Return the number of requests of a kind."""
        return sum(each.startswith(method) and each.endswith(end) for each in self.asked)

    @property
    def timeline(self) -> list[Changeset]:
        """All changesets, oldest first."""
        found = self.client.changesets.list(self.imodel_id).all()
        return sorted(found, key=lambda changeset: changeset.index)

    def assert_holds(self, files: Iterable[Path]) -> None:
        """Check that the timeline is an unbroken chain of exactly these files."""
        wanted, found = list(files), self.timeline
        assert [each.id for each in found] == [file.stem for file in wanted]
        assert [each.parent_id for each in found] == ["", *(each.id for each in found)][: len(found)]
        for changeset, file in zip(found, wanted, strict=True):
            assert changeset.state == "fileUploaded"
            assert downloaded(changeset.download) == file.read_bytes()

    def locks(self, briefcase_id: int | None = None) -> dict[str, str]:
        """Return the level of each object that a briefcase has locked."""
        return held(self.client, self.imodel_id, briefcase_id or self.briefcase_id)


@cache
def _large_file() -> Path:
    return changeset_file(Path(mkdtemp()), size=LARGE)


def new_imodel(hub: LocalHub) -> str:
    """Create an iModel that is ready."""
    return hub.control.create_imodel(SeedIModel(name=f"Bench {uuid4().hex}"))


def held(client: IModelsClient, imodel_id: str, briefcase_id: int) -> dict[str, str]:
    """Return the level of each object that a briefcase has locked."""
    return {
        object_id: str(level)
        for lock in client.locks.list(imodel_id, briefcase_id=briefcase_id)
        for level, ids in lock.objects.items()
        if level != LockLevel.NONE
        for object_id in ids
    }


def downloaded(link: StorageLink | None) -> bytes:
    """Download the file of a link."""
    assert link is not None
    answer = httpx.get(link.href, verify=tls())
    assert answer.is_success, answer.text
    return answer.content


def until(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait until a condition is met."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        time.sleep(0.005)


async def async_until(condition: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait for a condition while tasks run."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was not met in time"
        await asyncio.sleep(0.005)


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Call a function in another thread; its exception is raised at the end of the block."""
    failures: list[BaseException] = []

    def act() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below
            failures.append(error)

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


def ids(first: int, amount: int) -> list[str]:
    """Return consecutive object ids."""
    return [f"{number:#x}" for number in range(first, first + amount)]


class Shown:
    """Collects the calls of a progress callback."""

    def __init__(self) -> None:
        """Start without reports."""
        self.reports: list[tuple[int, int | None]] = []

    def __call__(self, done: int, total: int | None) -> None:
        """Record the call."""
        self.reports.append((done, total))

    def assert_whole(self, total: int) -> None:
        """Check that the progress never decreased, and ended at the total."""
        assert self.reports == sorted(self.reports)
        assert {each for _, each in self.reports} == {total}
        assert self.reports[-1] == (total, total)


def _short(path: str) -> str:
    """Return the path after the iModel, with ids masked."""
    if path.startswith("/storage"):
        return "storage"
    parts = path.split("/")[3:]
    return "/".join("…" if len(part) in (36, 40) else part for part in parts)
