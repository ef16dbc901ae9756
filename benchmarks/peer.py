"""Compare the vendor's TypeScript client with this one under faults, on hubs that fail in the same way.

Requires Linux and Node; the vendor's packages come from npm, as listed in the lock file in tests/hub/node. Their speed
is compared by results.py.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / name) for name in ("generated", "facade", "hub")]
sys.path[:0] = [str(ROOT), *SOURCES]

from itwin_imodels_hub import Fault, LocalHub, SeedChangeset, SeedIModel  # noqa: E402 - found by the path above
from tests.hub.npm import SOURCE, node_packages  # noqa: E402 - as above
from tests.workflows.helpers.files import chain_of, changeset_file  # noqa: E402 - as above

SMALL = 20_000
ONE = 20_000_000

Told = dict[str, Any]
Run = Callable[[str, LocalHub, str, Path], Told]


def main() -> None:
    """Inject faults, and print the outcome of each client."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("needs Node and npm")
    versions = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    print(f"@itwin/imodels-client-authoring {versions['@itwin/imodels-client-authoring']} against this package")
    with tempfile.TemporaryDirectory() as name:
        faults(Path(name))


def vendor(job: str, hub: LocalHub, imodel_id: str, folder: Path) -> Told:
    """Do a job with the vendor's client."""
    command = ["node", str(ROOT / "benchmarks" / "peer.cjs"), job, hub.base_url, hub.token(), imodel_id, str(folder)]
    return outcome(command, {"NODE_PATH": str(node_packages(SOURCE))})


def ours(job: str, hub: LocalHub, imodel_id: str, folder: Path) -> Told:
    """Do a job with this client."""
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "serving" / "job.py"),
        job,
        hub.base_url,
        hub.token(),
        imodel_id,
        str(folder),
    ]
    return outcome(command, {"PYTHONPATH": os.pathsep.join(SOURCES)})


def outcome(command: Sequence[str], settings: dict[str, str]) -> Told:
    """Run a process, and return the line that it prints."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **settings})
    return dict(json.loads(done.stdout.splitlines()[-1]))


def faults(folder: Path) -> None:
    """Inject faults, and print the outcome of each client."""
    for case in (cut_once, cut_often, wrong_bytes, rate_limited, answer_lost, link_expired):
        print((case.__doc__ or "").splitlines()[0])
        for name, run in (("vendor", vendor), ("ours", ours)):
            with tempfile.TemporaryDirectory(dir=folder) as target, LocalHub() as hub:
                print(f"  {name:10} {case(run, hub, Path(target))}")


def cut_once(run: Run, hub: LocalHub, folder: Path) -> str:
    """A download of 20 MB is cut after 15 MB, once."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 1, size=ONE))
    hub.control.faults.add(Fault(path="^/storage/", method="GET", action="cut", cut_at=15_000_000))
    told = run("pull", hub, imodel_id, folder / "pulled")
    return f"{ended(told)}; {sent(hub) / 1e6:.0f} MB sent"


def cut_often(run: Run, hub: LocalHub, folder: Path) -> str:
    """The download of 20 MB is cut 20 times, each time after 64 KB."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 1, size=ONE))
    hub.control.faults.add(Fault(path="^/storage/", method="GET", action="cut", cut_at=1 << 16, times=20))
    told = run("pull", hub, imodel_id, folder / "pulled")
    left = sorted(path.suffix for path in (folder / "pulled").glob("*") if path.is_file())
    return f"{ended(told)}; left in the folder: {', '.join(left) or 'nothing'}"


def wrong_bytes(run: Run, hub: LocalHub, folder: Path) -> str:
    """The storage sends wrong bytes of the right length."""
    (file,) = chain_of(made(folder / "made"), 1, size=SMALL)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return ended(run("pull", hub, seeded(hub, [file]), folder / "pulled"))


def rate_limited(run: Run, hub: LocalHub, folder: Path) -> str:
    """The API responds once with 429 and Retry-After: 1."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 1, size=SMALL))
    hub.control.faults.add(Fault.rate_limited(retry_after=1, path="/changesets$"))
    return ended(run("list", hub, imodel_id, folder))


def answer_lost(run: Run, hub: LocalHub, folder: Path) -> str:
    """The connection breaks after the API has created a changeset, before the response."""
    imodel_id = seeded(hub, [])
    file = changeset_file(made(folder / "made"), size=SMALL)
    task = {"id": file.stem, "parentId": "", "filePath": str(file)}
    (folder / "push.json").write_text(json.dumps(task), encoding="utf-8")
    hub.control.faults.add(Fault(path="/changesets$", method="POST", action="drop_after"))
    return ended(run("push", hub, imodel_id, folder))


def link_expired(run: Run, hub: LocalHub, folder: Path) -> str:
    """The storage rejects each of three links as expired."""
    imodel_id = seeded(hub, chain_of(made(folder / "made"), 3, size=SMALL))
    hub.control.faults.add(Fault.link_expired(times=3))
    told = run("pull", hub, imodel_id, folder / "pulled")
    return f"{ended(told)}; {len(list(requests(hub)))} requests for changesets"


def ended(told: Told) -> str:
    """Return the outcome of a job."""
    return (
        f"error {told['error']} after {told['seconds']:.1f} s" if "error" in told else f"done, {told['seconds']:.1f} s"
    )


def sent(hub: LocalHub) -> int:
    """Return the number of bytes that the storage has sent."""
    return sum(each.sent for each in hub.control.log.requests if each.path.startswith("/storage/"))


def requests(hub: LocalHub) -> Iterator[str]:
    """Yield the paths of the requests for changesets."""
    return (each.path for each in hub.control.log.requests if "/changesets" in each.path)


def seeded(hub: LocalHub, files: list[Path]) -> str:
    """Create an iModel with a timeline."""
    number = time.monotonic_ns()
    history = [SeedChangeset(id=file.stem, file=file) for file in files]
    return hub.control.create_imodel(SeedIModel(name=f"Peer {number}", owner="ada", changesets=history))


def made(folder: Path) -> Path:
    """Create a folder unless it exists, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
