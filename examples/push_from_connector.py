"""Push what a connector has written: changeset files, oldest first, that follow one another.

    python push_from_connector.py IMODEL_ID --parent CHANGESET_ID --lock 0x20000000011 1.cs 2.cs 3.cs

The environment sets the service and the credentials, as `IModelsClient.from_env()` says. A run that was
interrupted is repeated with the same arguments: what has arrived is not pushed again.

Exit status: 0 pushed, 1 an error, 3 the timeline has moved on (pull, merge and write the changesets again), 4 another
briefcase holds a lock.
"""

import argparse
import platform
import sys
from pathlib import Path

from itwin_imodels import IModelsClient, IModelsError
from itwin_imodels.errors import LockConflict, OutdatedLock, OutdatedPush

PULL_FIRST, LOCKED = 3, 4


def main() -> int:
    """Read the command line and push."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("imodel_id")
    parser.add_argument("files", nargs="+", type=Path, help="changeset files, oldest first")
    parser.add_argument("--parent", help="changeset that the first file follows; without it, the baseline")
    parser.add_argument("--lock", nargs="+", default=[], metavar="ID", help="elements that the files change")
    parser.add_argument("--source", default="connector", help="what is synchronized, for the changeset group")
    options = parser.parse_args()
    with IModelsClient.from_env() as client:
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
        except IModelsError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def push(client: IModelsClient, options: argparse.Namespace) -> None:
    """Lock what changes, push all files as one group, and release the locks with the last of them."""
    briefcase_id = own_briefcase(client, options.imodel_id)
    if options.lock:
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


def own_briefcase(client: IModelsClient, imodel_id: str) -> int:
    """The briefcase that this machine has from an earlier run, else a new one.

    Not acquiring one for each run matters: the service gives a user a limited number of them.
    """
    device = f"connector on {platform.node()}"
    for briefcase in client.briefcases.list(imodel_id, owner_id="me"):
        if briefcase.device_name == device:
            return briefcase.briefcase_id
    return client.briefcases.acquire(imodel_id, device_name=device).briefcase_id


if __name__ == "__main__":
    sys.exit(main())
