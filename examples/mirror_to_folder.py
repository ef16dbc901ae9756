"""Keep folders with the whole history of iModels, several at a time; run it again for what is new.

    python mirror_to_folder.py FOLDER IMODEL_ID [IMODEL_ID ...]

The environment sets the service and the credentials, as `AsyncIModelsClient.from_env()` says. Each
iModel gets a folder with its changeset files, verified, and a SQLite database of what the service says about them. The
program may be ended at any point; the next run goes on from there.

Exit status: 0 all mirrors are up to date, 1 some are not.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from itwin_imodels import AsyncIModelsClient, IModelsError
from itwin_imodels.mirror import open_mirror

AT_A_TIME = 4


async def mirror(client: AsyncIModelsClient, imodel_id: str, folder: Path, turn: asyncio.Semaphore) -> bool:
    """Bring one mirror up to date, and return whether it is up to date."""
    async with turn:
        try:
            result = await client.mirror_timeline(imodel_id, folder)
        except IModelsError as error:
            print(f"{imodel_id}: {error}", file=sys.stderr)
            return False
    new = f"{result.new_changesets} new, {result.downloaded_bytes} bytes fetched"
    print(f"{imodel_id}: {result.changesets} changesets, {new}{newest(folder)}")
    return True


def newest(folder: Path) -> str:
    """Return the newest changeset of the mirror; reading it needs no network."""
    with open_mirror(folder) as timeline:
        last = timeline.latest()
        return "" if last is None else f", the last pushed {last.changeset.push_date_time:%Y-%m-%d}"


async def main() -> int:
    """Read the command line and mirror."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("imodel_ids", nargs="+", metavar="IMODEL_ID")
    options = parser.parse_args()
    turn = asyncio.Semaphore(AT_A_TIME)
    async with AsyncIModelsClient.from_env() as client:
        runs = [mirror(client, each, options.folder / each, turn) for each in dict.fromkeys(options.imodel_ids)]
        return 0 if all(await asyncio.gather(*runs)) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
