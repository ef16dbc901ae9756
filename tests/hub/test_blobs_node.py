"""The vendor's own storage client for Node, unchanged, on our links."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.hub.test_blobs_server import BlobServer, serve
from tests.parts import require_part

SOURCE = Path(__file__).parent / "node"
CACHE = Path(__file__).parents[2] / "build" / "node"
NAME = "box/folder/515e28101227c1293586544fea4e4ff1f596a7dd.cs"

Transfer = Callable[..., dict[str, object]]


@pytest.fixture(scope="session")
def packages() -> Path:
    """Install the vendor's packages, once for each state of the lock file."""
    require_part("node")
    lock = (SOURCE / "package-lock.json").read_bytes()
    target = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not target.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
            folder = Path(temporary) / "installed"
            folder.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCE / name, folder)
            npm = shutil.which("npm") or "npm"
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=280)
            assert done.returncode == 0, done.stderr
            try:
                folder.rename(target)
            except OSError:
                assert target.exists()  # another test process was faster
    return target / "node_modules"


@pytest.fixture
def transfer(packages: Path) -> Transfer:
    """Give a function that runs the client and tells how it ended."""

    def run(storage_type: str, act: str, link: str, file: Path) -> dict[str, object]:
        node = shutil.which("node") or "node"
        command = [node, str(SOURCE / "transfer.cjs"), storage_type, act, link, str(file)]
        done = subprocess.run(
            command,
            env={**os.environ, "NODE_PATH": str(packages)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, object] = json.loads(done.stdout)
        return result

    return run


@pytest.fixture(params=["azure", "google"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobServer]:
    """Serve an empty store in each form."""
    with serve(tmp_path / "store", request.param) as server:
        yield server


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Make a file of some megabytes."""
    path = tmp_path / "source.cs"
    path.write_bytes(os.urandom(4_500_000))
    return path


def test_upload_and_download(server: BlobServer, transfer: Transfer, source: Path, tmp_path: Path) -> None:
    """A file goes up in one request and comes down again."""
    assert transfer(server.links.storage_type, "upload", server.upload(NAME), source) == {"ok": True}
    assert server.store.path(NAME).read_bytes() == source.read_bytes()
    target = tmp_path / "new folder" / "target.cs"
    assert transfer(server.links.storage_type, "download", server.download(NAME), target) == {"ok": True}
    assert target.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("server", ["azure"], indirect=True)
def test_upload_in_parts(server: BlobServer, transfer: Transfer, source: Path) -> None:
    """A file goes up in blocks."""
    assert transfer("azure", "upload-in-parts", server.upload(NAME), source) == {"ok": True}
    assert server.store.path(NAME).read_bytes() == source.read_bytes()
    assert [block.size for block in server.store.committed(NAME)] == [1 << 20] * 4 + [4_500_000 - (4 << 20)]


def test_expired_link(server: BlobServer, transfer: Transfer, source: Path) -> None:
    """The client learns at once that its link is over."""
    link = server.upload(NAME)
    server.clock.offset = timedelta(hours=2)
    failed = transfer(server.links.storage_type, "upload", link, source)
    assert failed["status"] == {"azure": 403, "google": 400}[server.links.storage_type], failed
    assert server.files() == []


@pytest.mark.parametrize("server", ["azure"], indirect=True)
def test_missing_blob(server: BlobServer, transfer: Transfer, tmp_path: Path) -> None:
    """The client is told the service's code for what is not there."""
    failed = transfer("azure", "download", server.download(NAME), tmp_path / "target.cs")
    assert (failed["status"], failed["code"]) == (404, "BlobNotFound")
