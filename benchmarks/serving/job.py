"""A job with our client; peer.cjs does the same with the vendor's.

python job.py JOB BASE_URL TOKEN IMODEL_ID FOLDER

Prints one JSON object: `seconds` and `cpu` of the job without imports, the `peak` memory of the process, and the
`result` or `error` of the job.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imodel_files.changesets import compute_changeset_id
from itwin_imodels import IModelsClient, IModelsError

if TYPE_CHECKING:
    from collections.abc import Callable


def main(job: str, base_url: str, token: str, imodel_id: str, folder: str) -> None:
    """Do the job and print what it cost."""
    outcome: dict[str, object] = {}
    with IModelsClient(token, base_url=base_url) as client:
        client.imodels.get(imodel_id)  # loads the modules that are imported on first use
        jobs: dict[str, Callable[[], int | None]] = {
            "list": lambda: len(client.changesets.list(imodel_id, detail="minimal").all()),
            "pull": lambda: len(client.pull_changesets(imodel_id, folder)),
            "pull-by-size": lambda: len(client.pull_changesets(imodel_id, folder, verify="size")),
            "push": lambda: push(client, imodel_id, Path(folder)),
            "id": lambda: int(bool(compute_changeset_id(to_push(Path(folder))["filePath"], ""))),
        }
        before, begin = time.process_time(), time.perf_counter()
        try:
            outcome["result"] = jobs[job]()
        except IModelsError as error:
            outcome["error"] = type(error).__name__
        outcome["seconds"] = time.perf_counter() - begin
        outcome["cpu"] = time.process_time() - before
    (peak,) = re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    outcome["peak"] = int(peak) * 1024
    print(json.dumps(outcome))


def push(client: IModelsClient, imodel_id: str, folder: Path) -> int | None:
    """Acquire a briefcase, push the file, and return the index of the changeset."""
    task = to_push(folder)
    briefcase = client.briefcases.acquire(imodel_id).briefcase_id
    parent_id = task["parentId"]
    return client.push_changeset(imodel_id, task["filePath"], briefcase_id=briefcase, parent_id=parent_id).index


def to_push(folder: Path) -> dict[str, str]:
    """Return the description of the file to push."""
    return dict(json.loads((folder / "push.json").read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(*sys.argv[1:])
