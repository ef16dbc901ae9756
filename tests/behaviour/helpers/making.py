"""Steps that most scenarios need, in terms of the client alone."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import attrs
import httpx
from PIL import Image

from imodel_files.changesets import write_changeset
from itwin_imodels import IModelsClient
from itwin_imodels.errors import OperationFailed
from itwin_imodels.models import Changeset, ContainingChanges, CreatedChangeset, NamedVersion, StorageLink
from tests.behaviour.helpers.control import tls

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
UNKNOWN_CHANGESET = "f" * 40

_PATIENCE = 300


def new_name(begin: str = "Scenario") -> str:
    """Return an unused name."""
    return f"{begin} {uuid4().hex[:12]}"


@contextmanager
def new_imodel(client: IModelsClient, itwin_id: str, name: str | None = None, **more: Any) -> Iterator[str]:
    """Create an iModel that is ready, and delete it at the end."""
    imodel = client.imodels.create(itwin_id, name or new_name(), **more)
    try:
        wait_until_created(client, imodel.id)
        yield imodel.id
    finally:
        client.imodels.delete(imodel.id)


def wait_until_created(client: IModelsClient, imodel_id: str) -> None:
    """Wait until an iModel is ready."""
    until = time.monotonic() + _PATIENCE
    while (state := client.operations.get(imodel_id).state) == "scheduled":
        assert time.monotonic() < until, "the iModel is not ready in time"
        time.sleep(0.05)
    assert state == "successful"


def announce(
    client: IModelsClient, imodel_id: str, briefcase_id: int, parent_id: str | None, **more: Any
) -> tuple[CreatedChangeset, bytes]:
    """Announce a new changeset, and return it with its content."""
    changeset_id, content = new_changeset(parent_id)
    facts = {"changeset_id": changeset_id, "file_size": len(content)}
    created = client.changesets.create(
        imodel_id, **{**facts, "parent_id": parent_id, "briefcase_id": briefcase_id, **more}
    )
    return created, content


def new_changeset(parent_id: str | None) -> tuple[str, bytes]:
    """Create a changeset file with an optional parent, and return its id and content."""
    ddl = f"CREATE TABLE t_{uuid4().hex} (id INTEGER PRIMARY KEY)"
    parent = parent_id if re.fullmatch("[0-9a-f]{40}", parent_id or "") else None
    with TemporaryDirectory() as folder:
        changeset_id = write_changeset(folder, b"", parent_id=parent, ddl=ddl)
        return changeset_id, Path(folder, f"{changeset_id}.cs").read_bytes()


def put(link: StorageLink | None, content: bytes) -> None:
    """Upload a file to a link."""
    assert link is not None
    answer = httpx.put(link.href, content=content, headers={"x-ms-blob-type": "BlockBlob"}, verify=tls())
    assert answer.is_success, answer.text


def fetched(link: StorageLink | None) -> bytes:
    """Download the file of a link."""
    assert link is not None
    answer = httpx.get(link.href, verify=tls())
    assert answer.is_success, answer.text
    return answer.content


def push(
    client: IModelsClient, imodel_id: str, briefcase_id: int, parent_id: str | None = None, **more: Any
) -> Changeset:
    """Push a new changeset."""
    created, content = announce(client, imodel_id, briefcase_id, parent_id, **more)
    put(created.upload, content)
    return client.changesets.confirm(imodel_id, created.id, briefcase_id=briefcase_id)


def push_many(client: IModelsClient, imodel_id: str, briefcase_id: int, amount: int) -> list[Changeset]:
    """Push consecutive changesets, the first one after the newest changeset of the iModel."""
    latest = client.changesets.latest(imodel_id)
    pushed: list[Changeset] = []
    for _ in range(amount):
        parent = pushed[-1] if pushed else latest
        pushed.append(push(client, imodel_id, briefcase_id, parent and parent.id))
    return pushed


def checkpoint_was_made(client: IModelsClient, named_version: NamedVersion) -> bool:
    """Wait for the checkpoint of a Named Version, and return whether the service generated it."""
    try:
        client.wait_for_checkpoint(named_version.imodel_id, named_version=named_version, timeout=_PATIENCE)
    except OperationFailed:
        return False
    return True


def picture(kind: str, size: tuple[int, int] = (8, 5)) -> bytes:
    """Return a small picture."""
    content = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(content, kind)
    return content.getvalue()


@attrs.frozen(kw_only=True)
class Timeline:
    """An iModel with a history, which scenarios only read.

    Attributes:
        imodel_id: The iModel.
        briefcase_id: The briefcase that pushed the changesets.
        ids: Ids of its changesets, the oldest first.
        group_id: The group of the second and third of them.
        named_version_id: A Named Version on the third.
        checkpoint_index: Index of the newest checkpoint: 3, or 0 if the service could not generate that one.
    """

    imodel_id: str
    briefcase_id: int
    ids: Sequence[str]
    group_id: str
    named_version_id: str
    checkpoint_index: int


@contextmanager
def new_timeline(client: IModelsClient, itwin_id: str) -> Iterator[Timeline]:
    """Create an iModel with seven changesets, and delete it at the end."""
    with new_imodel(client, itwin_id, description="A timeline to read") as imodel_id:
        briefcase_id = client.briefcases.acquire(imodel_id, device_name="Desk").briefcase_id
        group = client.changeset_groups.create(imodel_id, description="Second and third")
        pushed = [
            push(client, imodel_id, briefcase_id, description="First", containing_changes=ContainingChanges.SCHEMA)
        ]
        for _ in range(2):
            pushed.append(push(client, imodel_id, briefcase_id, pushed[-1].id, group_id=group.id))
        named_version = client.named_versions.create(imodel_id, "Third", changeset_id=pushed[-1].id)
        pushed += push_many(client, imodel_id, briefcase_id, 4)
        yield Timeline(
            imodel_id=imodel_id,
            briefcase_id=briefcase_id,
            ids=[each.id for each in pushed],
            group_id=group.id,
            named_version_id=named_version.id,
            checkpoint_index=3 if checkpoint_was_made(client, named_version) else 0,
        )
