"""An authoring round trip on the embedded hub: lock, push, release, name, pull.

It uses the low-level client, so it shows the steps that the facade's workflows will take in one call each. The file it
pushes stands in for a changeset: what makes real ones is not written yet.
"""

import hashlib
import tempfile
from pathlib import Path

import httpx

from itwin_imodels_api import AuthenticatedClient
from itwin_imodels_api import models as m
from itwin_imodels_api.api.briefcases import acquire_imodel_briefcase
from itwin_imodels_api.api.changesets import create_imodel_changeset, get_imodel_changesets, update_imodel_changeset
from itwin_imodels_api.api.i_models import create_imodel
from itwin_imodels_api.api.locks import release_imodel_locks_chunk, update_imodel_locks
from itwin_imodels_api.api.named_versions import create_imodel_named_version
from itwin_imodels_hub import LocalHub
from scripts.toolkit import ToolError, run

CONTENT = b"stands in for a changeset\n" * 40


def main(_: list[str]) -> int:
    """Command line of ``make demo``."""
    with LocalHub() as hub, AuthenticatedClient(hub.base_url, hub.token(), timeout=httpx.Timeout(30)) as client:
        print(f"a hub serves the iModels API at {hub.base_url}")
        with tempfile.TemporaryDirectory() as folder:
            round_trip(client, hub.itwin_id, Path(folder))
    print("the hub is stopped; nothing is left")
    return 0


def round_trip(client: AuthenticatedClient, itwin_id: str, folder: Path) -> None:
    """Author one changeset in a new iModel and pull it again.

    Raises:
        ToolError: What was pulled is not what was pushed.
    """
    created = create_imodel.sync(client=client, body=m.IModelCreate(i_twin_id=itwin_id, name="Sun City Solar Plant"))
    imodel_id = created.i_model.id
    print(f"created iModel {created.i_model.name} ({imodel_id})")

    body = m.BriefcaseAcquire(device_name="demo")
    briefcase = acquire_imodel_briefcase.sync(imodel_id, client=client, body=body).briefcase
    print(f"acquired briefcase {briefcase.display_name}")

    wanted = m.LockedObjects(lock_level="exclusive", object_ids=["0x1f", "0x20"])
    locks = m.LocksUpdate(briefcase_id=briefcase.briefcase_id, locked_objects=[wanted])
    update_imodel_locks.sync(imodel_id, client=client, body=locks)
    print("locked elements 0x1f and 0x20 exclusively")

    changeset_id = hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()
    push(client, imodel_id, briefcase.briefcase_id, changeset_id)
    print(f"pushed changeset {changeset_id}")

    chunk = m.ReleaseLocksChunk(briefcase_id=briefcase.briefcase_id, changeset_id=changeset_id)
    while not release_imodel_locks_chunk.sync(imodel_id, client=client, body=chunk).is_last_chunk:
        pass
    print("released all locks")

    version = m.NamedVersionCreate(name="First light", changeset_id=changeset_id)
    create_imodel_named_version.sync(imodel_id, client=client, body=version)
    print("named it First light")

    listed = get_imodel_changesets.sync(imodel_id, client=client, prefer="return=representation").changesets
    for changeset in listed:
        file = folder / f"{changeset.id}.cs"
        file.write_bytes(httpx.get(changeset.field_links.download.href).raise_for_status().content)
        if file.read_bytes() != CONTENT:
            raise ToolError(f"{file.name}: what was pulled is not what was pushed")
        print(f"pulled changeset {changeset.index}: {file.stat().st_size} bytes, the same as were pushed")


def push(client: AuthenticatedClient, imodel_id: str, briefcase_id: int, changeset_id: str) -> None:
    """Announce a changeset, upload its file, confirm it."""
    body = m.ChangesetCreate(
        id=changeset_id, briefcase_id=briefcase_id, file_size=len(CONTENT), description="First panels"
    )
    announced = create_imodel_changeset.sync(imodel_id, client=client, body=body).changeset
    headers = {"x-ms-blob-type": "BlockBlob"}
    httpx.put(announced.field_links.upload.href, content=CONTENT, headers=headers).raise_for_status()
    confirmation = m.ChangesetUpdate(state="fileUploaded", briefcase_id=briefcase_id)
    update_imodel_changeset.sync(imodel_id, changeset_id, client=client, body=confirmation)


if __name__ == "__main__":
    run(main)
