"""Release the locks and briefcases held by lost machines, in all iModels of an iTwin.

    python release_stale_locks.py ITWIN_ID --device 'ci-*' --days 14            shows what it would release
    python release_stale_locks.py ITWIN_ID --device 'ci-*' --days 14 --release  and releases it

Environment variables configure the base URL and the credentials; see `IModelsClient.from_env()`. Releasing the locks of
other users requires the permission `imodels_manage`. `--days` refers to the age of the briefcase, since locks have no
timestamp. Released locks are abandoned: their objects are not recorded as changed.

Exit status: 0 if nothing failed, 1 otherwise.
"""

import argparse
import sys
from datetime import timedelta

from itwin_imodels import IModelsClient, IModelsError
from itwin_imodels.models import MinimalIModel, StaleBriefcase

LONGEST = 36_500


def main() -> int:
    """Process all iModels of an iTwin, including those after one that fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("itwin_id")
    parser.add_argument("--device", default="*", help="device name; * matches any text, ? any character")
    parser.add_argument("--days", type=float, default=30, help="minimum age in days (default: %(default)g)")
    parser.add_argument("--release", action="store_true", help="release them; by default, they are only listed")
    options = parser.parse_args()
    if not 0 <= options.days <= LONGEST:
        parser.error(f"--days must be 0 to {LONGEST}")
    try:
        with IModelsClient.from_env() as client:
            failures = sum(
                process(client, imodel, options) for imodel in client.imodels.list(options.itwin_id, detail="minimal")
            )
    except (IModelsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if failures else 0


def process(client: IModelsClient, imodel: MinimalIModel, options: argparse.Namespace) -> int:
    """Process an iModel, and return the number of failures."""
    try:
        found = client.release_stale_locks(
            imodel.id,
            device=options.device,
            older_than=timedelta(days=options.days),
            dry_run=not options.release,
        )
    except IModelsError as error:
        print(f"{imodel.display_name}: {error}", file=sys.stderr)
        return 1
    return report(imodel, found)


def report(imodel: MinimalIModel, found: list[StaleBriefcase]) -> int:
    """Print a line for each briefcase, and return the number of those that could not be released."""
    for stale in found:
        state = "released" if stale.freed else "stale"
        briefcase = stale.briefcase
        line = f"{imodel.display_name}: briefcase {briefcase.briefcase_id} on {briefcase.device_name}"
        print(f"{line}: {state}, {stale.lock_count} locks{f' ({stale.error})' if stale.error else ''}")
    return sum(stale.error is not None for stale in found)


if __name__ == "__main__":
    sys.exit(main())
