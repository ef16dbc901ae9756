"""The vendor's own storage client for Node, unchanged, on our links."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.hub.npm import run_node
from tests.hub.test_blobs_server import BlobServer, serve

NAME = "box/folder/515e28101227c1293586544fea4e4ff1f596a7dd.cs"

Transfer = Callable[..., dict[str, object]]


@pytest.fixture
def transfer() -> Transfer:
    """Return a function that runs the client and returns its outcome."""

    def run(storage_type: str, act: str, link: str, file: Path) -> dict[str, object]:
        done = run_node("transfer.cjs", storage_type, act, link, str(file))
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
    """Create a file of some megabytes."""
    path = tmp_path / "source.cs"
    path.write_bytes(os.urandom(4_500_000))
    return path


@pytest.mark.thorough(keep=1)
def test_upload_and_download(server: BlobServer, transfer: Transfer, source: Path, tmp_path: Path) -> None:
    """A file is uploaded in one request and downloaded again."""
    assert transfer(server.links.storage_type, "upload", server.upload(NAME), source) == {"ok": True}
    assert server.store.path(NAME).read_bytes() == source.read_bytes()
    target = tmp_path / "new folder" / "target.cs"
    assert transfer(server.links.storage_type, "download", server.download(NAME), target) == {"ok": True}
    assert target.read_bytes() == source.read_bytes()


@pytest.mark.thorough
@pytest.mark.parametrize("server", ["azure"], indirect=True)
def test_upload_in_parts(server: BlobServer, transfer: Transfer, source: Path) -> None:
    """A file goes up in blocks."""
    assert transfer("azure", "upload-in-parts", server.upload(NAME), source) == {"ok": True}
    assert server.store.path(NAME).read_bytes() == source.read_bytes()
    assert [block.size for block in server.store.committed(NAME)] == [1 << 20] * 4 + [4_500_000 - (4 << 20)]


@pytest.mark.thorough(keep=1)
def test_expired_link(server: BlobServer, transfer: Transfer, source: Path) -> None:
    """The client learns at once that its link is over."""
    link = server.upload(NAME)
    server.clock.offset = timedelta(hours=2)
    failed = transfer(server.links.storage_type, "upload", link, source)
    assert failed["status"] == {"azure": 403, "google": 400}[server.links.storage_type], failed
    assert server.files() == []


@pytest.mark.parametrize("server", ["azure"], indirect=True)
def test_missing_blob(server: BlobServer, transfer: Transfer, tmp_path: Path) -> None:
    """The client gets the service's code for a missing blob."""
    failed = transfer("azure", "download", server.download(NAME), tmp_path / "target.cs")
    assert (failed["status"], failed["code"]) == (404, "BlobNotFound")
