"""Measure the speed of file transfers of the facade, against curl and Microsoft's own library.

The server is nginx if it is installed, and otherwise the storage of the hub, which is slower than the clients and
hides their cost. Files are read from and written to memory if the system has a folder for that. Absolute times depend
on the machine, so each figure is divided by curl's. Rounds are interleaved; the figure is the median.
"""

import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from azure.storage.blob import BlobClient
from starlette.applications import Starlette

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "facade"), str(ROOT / "hub")]

from itwin_imodels._transfer import DownloadItem, Transfers, UploadItem  # noqa: E402 - found by the path above
from itwin_imodels._transfer.options import TransferOptions  # noqa: E402 - as above
from itwin_imodels.models._links import StorageLink  # noqa: E402 - as above
from itwin_imodels_hub.blobs import FolderBlobStore, SignedLinks, azure_routes  # noqa: E402 - as above
from itwin_imodels_hub.serving.http_server import Server  # noqa: E402 - as above

ROUNDS = 5
SECONDS = 45
"""Seconds after which no further round starts."""
PARALLEL = 16
SMALL, SMALL_FILES = 20_000, 2000
UP_SMALL, UP_SMALL_FILES = 50_000, 200
LARGE, LARGE_FILES = 100_000_000, 4

Down = Callable[[Sequence[str], Sequence[Path], int], None]
Up = Callable[[Sequence[Path], Sequence[str]], None]

NGINX = """{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; client_max_body_size 0;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; dav_methods PUT; }}
}}
"""


def main() -> None:
    """Measure and print the table."""
    if shutil.which("curl") is None:
        raise SystemExit("requires curl")
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name, server(Path(name)) as place:
        print(f"{place.name}, {PARALLEL} at a time; wall time divided by curl's")
        figures = measured(Path(name), place)
    for case, methods in figures.items():
        medians = {method: statistics.median(times) for method, times in methods.items()}
        shown = "".join(f"{method:>12} {seconds / medians['curl']:5.2f}" for method, seconds in medians.items())
        print(f"{case:22}curl {medians['curl']:6.3f} s{shown}   ({len(methods['curl'])} rounds)")


class Place:
    """A server, and the URLs of files on it."""

    def __init__(
        self, name: str, to_read: Callable[[str], str], to_write: Callable[[str], str], folder: Path | None = None
    ) -> None:
        """Describe the server; `folder` is where it stores files unchanged."""
        self.name, self.to_read, self.to_write, self._folder = name, to_read, to_write, folder

    def clean(self) -> None:
        """Remove uploaded files, because nginx responds differently when it replaces a file."""
        for file in self._folder.glob("up-*") if self._folder else ():
            file.unlink()


def measured(folder: Path, place: Place) -> dict[str, dict[str, list[float]]]:
    """Run the rounds, and return the seconds of each case and method."""
    ours = Transfers(TransferOptions(parallelism=PARALLEL))
    downs: dict[str, Down] = {
        "curl": curl_down,
        "ours": our_down(ours),
        "azure": azure_down,
    }
    ups: dict[str, Up] = {"curl": curl_up, "ours": our_up(ours), "azure": azure_up}
    target = folder / "target"
    small, large, piece = (made(folder / f"{size}", size) for size in (SMALL, LARGE, UP_SMALL))
    for size, file in ((SMALL, small), (LARGE, large)):
        curl_up([file], [place.to_write(f"{size}")])

    def down(method: Down, size: int, count: int) -> None:
        method([place.to_read(f"{size}") for _ in range(count)], [target / f"{n}" for n in range(count)], size)

    def up(method: Up, file: Path, count: int) -> None:
        method([file] * count, [place.to_write(f"up-{n}") for n in range(count)])

    cases = {
        f"{SMALL_FILES} x 20 KB down": {
            name: lambda each=each: down(each, SMALL, SMALL_FILES) for name, each in downs.items()
        },
        f"{LARGE_FILES} x 100 MB down": {
            name: lambda each=each: down(each, LARGE, LARGE_FILES) for name, each in downs.items()
        },
        f"{UP_SMALL_FILES} x 50 KB up": {
            name: lambda each=each: up(each, piece, UP_SMALL_FILES) for name, each in ups.items()
        },
        "1 x 100 MB up": {name: lambda each=each: up(each, large, 1) for name, each in ups.items()},
    }
    figures: dict[str, dict[str, list[float]]] = {case: {name: [] for name in runs} for case, runs in cases.items()}
    begin = time.perf_counter()
    for number in range(ROUNDS + 1):
        if number > 1 and time.perf_counter() - begin > SECONDS:
            break
        for case, runs in cases.items():
            for name, run in runs.items():
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir()
                place.clean()
                seconds = timed(run)
                if number:  # the first round is a warm-up
                    figures[case][name].append(seconds)
    ours.close()
    return figures


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def made(path: Path, size: int) -> Path:
    """Create a file."""
    path.write_bytes((hashlib.sha256(b"file").digest() * (size // 32 + 1))[:size])
    return path


def our_down(transfers: Transfers) -> Down:
    """Return a function that downloads with this package."""

    def down(links: Sequence[str], targets: Sequence[Path], size: int) -> None:
        items = (
            DownloadItem(target=target, link=StorageLink(href=link, storage_type="azure"), size=size)
            for link, target in zip(links, targets, strict=True)
        )
        transfers.download_many(items)

    return down


def our_up(transfers: Transfers) -> Up:
    """Return a function that uploads with this package, one file after another."""

    def up(files: Sequence[Path], links: Sequence[str]) -> None:
        for file, link in zip(files, links, strict=True):
            transfers.upload(UploadItem(file=file, link=StorageLink(href=link, storage_type="azure")))

    return up


def curl_down(links: Sequence[str], targets: Sequence[Path], _: int) -> None:
    """Download with one curl."""
    lines = [f'url = "{link}"\noutput = "{target}"\n' for link, target in zip(links, targets, strict=True)]
    curl("".join(lines), "--parallel", "--parallel-max", str(PARALLEL))


def curl_up(files: Sequence[Path], links: Sequence[str]) -> None:
    """Upload with one curl, one file after another."""
    lines = [
        f'url = "{link}"\nupload-file = "{file}"\noutput = "/dev/null"\n'
        for file, link in zip(files, links, strict=True)
    ]
    curl("".join(lines), "--header", "x-ms-blob-type: BlockBlob", "--header", "Expect:")


def curl(config: str, *options: str) -> None:
    """Run curl."""
    command = [shutil.which("curl") or "curl", "--silent", "--fail", *options, "--config", "-"]
    subprocess.run(command, input=config, text=True, check=True, stderr=subprocess.DEVNULL)


def azure_down(links: Sequence[str], targets: Sequence[Path], size: int) -> None:
    """Download with Microsoft's library, one file per thread.

    The library requests ranges in a header of Azure, which nginx does not know, so the common header is added.
    """
    headers = {"Range": f"bytes=0-{size - 1}"}

    def one(link: str, target: Path) -> None:
        with BlobClient.from_blob_url(link, max_single_get_size=size) as client, target.open("wb") as file:
            client.download_blob(headers=headers).readinto(file)

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(one, links, targets))


def azure_up(files: Sequence[Path], links: Sequence[str]) -> None:
    """Upload with Microsoft's library, one file after another, each in one request."""
    for path, link in zip(files, links, strict=True):
        with BlobClient.from_blob_url(link, max_single_put_size=1 << 30) as client, path.open("rb") as file:
            client.upload_blob(file, overwrite=True)


@contextmanager
def server(folder: Path) -> Iterator[Place]:
    """Run the fastest available server."""
    binary = shutil.which("nginx")
    with nginx(binary, folder / "nginx") if binary else hub(folder / "hub") as place:
        yield place


@contextmanager
def nginx(binary: str, folder: Path) -> Iterator[Place]:
    """Run nginx on a free port."""
    files = folder / "root" / "account" / "box"
    files.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "config"
    user = "user root;" if os.geteuid() == 0 else ""  # otherwise its worker cannot enter the folder
    config.write_text(NGINX.format(user=user, folder=folder, port=port))
    with subprocess.Popen([binary, "-p", folder, "-c", config], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            address = f"http://127.0.0.1:{port}/account/box"
            signed = f"{address}/{{}}?sig=x".format
            yield Place("nginx", signed, signed, files)
        finally:
            process.terminate()


@contextmanager
def hub(folder: Path) -> Iterator[Place]:
    """Run the hub's object storage."""
    links = SignedLinks(b"a key", lambda: datetime.now(UTC))
    running = Server(Starlette(routes=azure_routes(FolderBlobStore(folder, durable=False), links)))
    running.start()
    hour = timedelta(hours=1)
    try:
        yield Place(
            "the hub",
            lambda name: links.download(running.url, f"box/{name}", hour),
            lambda name: links.upload(running.url, f"box/{name}", hour),
        )
    finally:
        running.stop()


def wait_for(port: int) -> None:
    """Wait until the port accepts connections."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    main()
