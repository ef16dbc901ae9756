"""Push the consecutive changeset files that a connector has written, oldest first.

    python push_from_connector.py IMODEL_ID --parent CHANGESET_ID --lock 0x20000000011 1.cs 2.cs 3.cs

Environment variables configure the base URL and the credentials; see `IModelsClient.from_env()`. To resume an
interrupted run, repeat it with the same arguments: files that have been pushed are not pushed again.

Exit status: 0 if all files were pushed, 1 after an error, 2 if an argument is invalid, 3 if there are newer changesets
(pull, merge and write the changesets again), 4 if another briefcase holds one of the locks.
"""

import argparse
import platform
import sys
from pathlib import Path

from imodel_files.changesets import compute_changeset_id
from itwin_imodels import IModelsClient, IModelsError
from itwin_imodels.errors import LockConflict, NotFound, OutdatedLock, OutdatedPush

PULL_FIRST, LOCKED = 3, 4


def main() -> int:
    """Read the command line and push."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("imodel_id")
    parser.add_argument("files", nargs="+", type=Path, help="changeset files, oldest first")
    parser.add_argument("--parent", help="parent of the first file (default: the baseline)")
    parser.add_argument("--lock", nargs="+", default=[], metavar="ID", help="elements to lock")
    parser.add_argument("--source", default="connector", help="name of the source, for the changeset group")
    options = parser.parse_args()
    try:
        with IModelsClient.from_env() as client:
            return synchronize(client, options)
    except (IModelsError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def synchronize(client: IModelsClient, options: argparse.Namespace) -> int:
    """Push, and return the exit status."""
    try:
        push(client, options)
    except OutdatedPush as error:
        print(f"pull first: {len(error.changeset_ids)} newer changesets", file=sys.stderr)
        return PULL_FIRST
    except OutdatedLock as error:
        print(f"pull first: {', '.join(error.object_ids)} have changed", file=sys.stderr)
        return PULL_FIRST
    except LockConflict as error:
        for holder in client.lock_holders(options.imodel_id, error):
            print(f"briefcase {holder.briefcase_id} has {', '.join(holder.object_ids)}", file=sys.stderr)
        return LOCKED
    return 0


def push(client: IModelsClient, options: argparse.Namespace) -> None:
    """Lock the elements, push all files as one group, and release the locks with the last file."""
    briefcase_id = own_briefcase(client, options.imodel_id)
    if options.lock and not is_pushed(client, options):
        client.acquire_locks(options.imodel_id, briefcase_id, exclusive=options.lock, changeset_id=options.parent)
    pushed = client.push_changesets(
        options.imodel_id,
        options.files,
        briefcase_id=briefcase_id,
        parent_id=options.parent,
        group=f"Synchronization of {options.source}",
        release_locks=bool(options.lock),
    )
    for changeset in pushed:
        print(changeset.index, changeset.id)


def is_pushed(client: IModelsClient, options: argparse.Namespace) -> bool:
    """Return whether an earlier run pushed all files.

    If so, the elements have changed since the parent of the first file, and cannot be locked at that changeset.
    """
    changeset_id = options.parent or ""
    for file in options.files:
        changeset_id = compute_changeset_id(file, changeset_id)
    try:
        return client.changesets.get(options.imodel_id, changeset_id).state == "fileUploaded"
    except NotFound:
        return False


def own_briefcase(client: IModelsClient, imodel_id: str) -> int:
    """Return the briefcase that this machine acquired in an earlier run, or acquire one.

    Reuse is important, because the service limits the number of briefcases per user.
    """
    device = f"connector on {platform.node()}"
    for briefcase in client.briefcases.list(imodel_id, owner_id="me"):
        if briefcase.device_name == device:
            return briefcase.briefcase_id
    return client.briefcases.acquire(imodel_id, device_name=device).briefcase_id


if __name__ == "__main__":
    sys.exit(main())
