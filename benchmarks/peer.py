"""Compare the vendor's TypeScript client with this one under faults, on hubs that fail in the same way.

Requires Linux and Node; the vendor's packages come from npm, as listed in the lock file in tests/hub/node. Their speed
is compared by results.py.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [str(ROOT / name) for name in ("generated", "facade", "hub")]
sys.path[:0] = [str(ROOT), *SOURCES]

from benchmarks.serving.clients import Outcome, by_us, by_vendor  # noqa: E402 - found by the path above
from itwin_imodels_hub import Fault, LocalHub, SeedChangeset, SeedIModel  # noqa: E402 - as above
from tests.hub.npm import SOURCE  # noqa: E402 - as above
from tests.workflows.helpers.files import chain_of, changeset_file  # noqa: E402 - as above

SMALL = 20_000
ONE = 20_000_000

Client = Callable[..., Outcome]


def main() -> None:
    """Inject faults, and print the outcome of each client."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise SystemExit("requires Node and npm")
    versions = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    print(f"@itwin/imodels-client-authoring {versions['@itwin/imodels-client-authoring']} against this package")
    with tempfile.TemporaryDirectory() as name:
        faults(Path(name))


def faults(folder: Path) -> None:
    """Inject faults, and print the outcome of each client."""
    for case in (cut_once, cut_often, wrong_bytes, rate_limited, answer_lost, link_expired):
        print((case.__doc__ or "").splitlines()[0])
        for name, client in (("vendor", by_vendor), ("ours", by_us)):
            with tempfile.TemporaryDirectory(dir=folder) as target, LocalHub() as hub:
                print(f"  {name:10} {case(client, hub, Path(target))}")


def cut_once(client: Client, hub: LocalHub, folder: Path) -> str:
    """A download of 20 MB is cut after 15 MB, once."""
    imodel_id = create_imodel(hub, chain_of(make_folder(folder / "made"), 1, size=ONE))
    hub.control.faults.add(Fault(path="^/storage/", method="GET", action="cut", cut_at=15_000_000))
    result = client("pull", hub.base_url, hub.token(), imodel_id, folder / "pulled")
    return f"{describe_outcome(result)}; {sent_bytes(hub) / 1e6:.0f} MB sent"


def cut_often(client: Client, hub: LocalHub, folder: Path) -> str:
    """The download of 20 MB is cut 20 times, each time after 64 KB."""
    imodel_id = create_imodel(hub, chain_of(make_folder(folder / "made"), 1, size=ONE))
    hub.control.faults.add(Fault(path="^/storage/", method="GET", action="cut", cut_at=1 << 16, times=20))
    result = client("pull", hub.base_url, hub.token(), imodel_id, folder / "pulled")
    left = sorted(path.suffix for path in (folder / "pulled").glob("*") if path.is_file())
    return f"{describe_outcome(result)}; left in the folder: {', '.join(left) or 'nothing'}"


def wrong_bytes(client: Client, hub: LocalHub, folder: Path) -> str:
    """The storage sends wrong bytes of the right length."""
    (file,) = chain_of(make_folder(folder / "made"), 1, size=SMALL)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return describe_outcome(client("pull", hub.base_url, hub.token(), create_imodel(hub, [file]), folder / "pulled"))


def rate_limited(client: Client, hub: LocalHub, folder: Path) -> str:
    """The API responds once with 429 and Retry-After: 1."""
    imodel_id = create_imodel(hub, chain_of(make_folder(folder / "made"), 1, size=SMALL))
    hub.control.faults.add(Fault.rate_limited(retry_after=1, path="/changesets$"))
    return describe_outcome(client("list", hub.base_url, hub.token(), imodel_id, folder))


def answer_lost(client: Client, hub: LocalHub, folder: Path) -> str:
    """The connection breaks after the API has created a changeset, before the response."""
    imodel_id = create_imodel(hub, [])
    file = changeset_file(make_folder(folder / "made"), size=SMALL)
    task = {"id": file.stem, "parentId": "", "filePath": str(file)}
    (folder / "push.json").write_text(json.dumps(task), encoding="utf-8")
    hub.control.faults.add(Fault(path="/changesets$", method="POST", action="drop_after"))
    return describe_outcome(client("push", hub.base_url, hub.token(), imodel_id, folder))


def link_expired(client: Client, hub: LocalHub, folder: Path) -> str:
    """The storage rejects each of three links as expired."""
    imodel_id = create_imodel(hub, chain_of(make_folder(folder / "made"), 3, size=SMALL))
    hub.control.faults.add(Fault.link_expired(times=3))
    result = client("pull", hub.base_url, hub.token(), imodel_id, folder / "pulled")
    return f"{describe_outcome(result)}; {len(list(requests(hub)))} requests for changesets"


def describe_outcome(result: Outcome) -> str:
    """Return the outcome of a job as text."""
    seconds = f"{result['seconds']:.1f} s"
    return f"error {result['error']} after {seconds}" if "error" in result else f"done, {seconds}"


def sent_bytes(hub: LocalHub) -> int:
    """Return the number of bytes that the storage has sent."""
    return sum(each.sent for each in hub.control.log.requests if each.path.startswith("/storage/"))


def requests(hub: LocalHub) -> Iterator[str]:
    """Yield the paths of the requests for changesets."""
    return (each.path for each in hub.control.log.requests if "/changesets" in each.path)


def create_imodel(hub: LocalHub, files: list[Path]) -> str:
    """Create an iModel with a timeline."""
    number = time.monotonic_ns()
    history = [SeedChangeset(id=file.stem, file=file) for file in files]
    return hub.control.create_imodel(SeedIModel(name=f"Peer {number}", owner="ada", changesets=history))


def make_folder(folder: Path) -> Path:
    """Create a folder unless it exists, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    main()
