"""Mirror the timelines of several iModels into folders. Each run adds what is new.

    python mirror_to_folder.py FOLDER IMODEL_ID [IMODEL_ID ...]

Environment variables configure the base URL and the credentials; see `AsyncIModelsClient.from_env()`. Each
iModel gets a folder with its verified changeset files and a SQLite database of their metadata. The
program can be stopped at any point; the next run resumes.

Exit status: 0 if all mirrors are up to date, 1 otherwise.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from itwin_imodels import AsyncIModelsClient, IModelsError
from itwin_imodels.mirror import open_mirror

PARALLEL_MIRRORS = 4


async def mirror(client: AsyncIModelsClient, imodel_id: str, folder: Path, slots: asyncio.Semaphore) -> bool:
    """Update a mirror, and return whether that succeeded."""
    async with slots:
        try:
            result = await client.mirror_timeline(imodel_id, folder)
        except (IModelsError, ValueError) as error:
            print(f"{imodel_id}: {error}", file=sys.stderr)
            return False
    new = f"{result.new_changesets} new, {result.downloaded_bytes} bytes fetched"
    print(f"{imodel_id}: {result.changesets} changesets, {new}{newest(folder)}")
    return True


def newest(folder: Path) -> str:
    """Describe the newest changeset of the mirror. This requires no network."""
    with open_mirror(folder) as timeline:
        last = timeline.latest()
        return "" if last is None else f", newest pushed on {last.changeset.push_date_time:%Y-%m-%d}"


async def main() -> int:
    """Read the command line and mirror."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("imodel_ids", nargs="+", metavar="IMODEL_ID")
    options = parser.parse_args()
    slots = asyncio.Semaphore(PARALLEL_MIRRORS)
    try:
        async with AsyncIModelsClient.from_env() as client:
            runs = [mirror(client, each, options.folder / each, slots) for each in dict.fromkeys(options.imodel_ids)]
            return 0 if all(await asyncio.gather(*runs)) else 1
    except IModelsError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
