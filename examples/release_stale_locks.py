"""Release what lost machines hold: locks and briefcases that nobody has used the way that a nightly job expects.

    python release_stale_locks.py ITWIN_ID --device 'ci-*' --days 14            shows what it would release
    python release_stale_locks.py ITWIN_ID --device 'ci-*' --days 14 --release  and releases it

The environment sets the service and the credentials, as `IModelsClient.from_env()` says. The locks of
others need the permission `imodels_manage`. The age is that of the briefcase, since locks have none. Released locks
are abandoned: nothing is noted as changed.

Exit status: 0 done, 1 something could not be released.
"""

import argparse
import sys
from datetime import timedelta

from itwin_imodels import IModelsClient, IModelsError
from itwin_imodels.models import MinimalIModel, StaleBriefcase


def main() -> int:
    """Go through all iModels of an iTwin; one that fails does not keep the others from being cleaned."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("itwin_id")
    parser.add_argument("--device", default="*", help="name of the machines; * and ? stand for any text and character")
    parser.add_argument("--days", type=float, default=30, help="age of the briefcase (default: %(default)g)")
    parser.add_argument("--release", action="store_true", help="release, instead of telling only")
    options = parser.parse_args()
    failures = 0
    with IModelsClient.from_env() as client:
        for imodel in client.imodels.list(options.itwin_id, detail="minimal"):
            try:
                found = client.release_stale_locks(
                    imodel.id,
                    device=options.device,
                    older_than=timedelta(days=options.days),
                    dry_run=not options.release,
                )
            except IModelsError as error:
                print(f"{imodel.display_name}: {error}", file=sys.stderr)
                failures += 1
                continue
            failures += report(imodel, found)
    return 1 if failures else 0


def report(imodel: MinimalIModel, found: list[StaleBriefcase]) -> int:
    """Print a line for each briefcase, and count what could not be released."""
    for stale in found:
        what = "released" if stale.freed else "stale"
        briefcase = stale.briefcase
        line = f"{imodel.display_name}: briefcase {briefcase.briefcase_id} on {briefcase.device_name}"
        print(f"{line}: {what}, {stale.lock_count} locks{f' ({stale.error})' if stale.error else ''}")
    return sum(stale.error is not None for stale in found)


if __name__ == "__main__":
    sys.exit(main())
