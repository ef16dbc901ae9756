"""Measure how fast a block-based checkpoint is assembled into one file, compared with downloading one file.

Sources are nginx, if it is installed, and a hub in a separate process. Each round measures both forms; the figure is
the median of the ratios. `again` is an update that finds all blocks in the older file, `changed` an update of a
database in which a tenth of the blocks differ. Memory is the peak of a separate process, for a tenth of the database
and for all of it.
"""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "generated"), str(ROOT / "facade"), str(ROOT / "hub")]

from imodel_files.cloud_sqlite import (  # noqa: E402 - found by the path above
    MANIFEST_NAME,
    add_database,
    block_name,
    compose_manifest,
    new_manifest,
)
from itwin_imodels import IModelsClient  # noqa: E402 - as above
from itwin_imodels._transfer import BlocksItem, DownloadItem, Transfers  # noqa: E402 - as above
from itwin_imodels._transfer.storage import STORAGES, Container  # noqa: E402 - as above
from itwin_imodels.models import StorageLink  # noqa: E402 - as above
from itwin_imodels_hub import LocalHub, SeedCheckpoint, SeedIModel  # noqa: E402 - as above

MEGABYTE = 1_000_000
SIZE = int(os.environ.get("CHECKPOINT_MEGABYTES", "300")) * MEGABYTE
ROUNDS = 5
SECONDS = 30
"""Seconds after which no further round starts, for each server."""
BLOCK = 4 << 20
ID_SIZES = {"md5 names": 24, "random names": 16}
"""With ids of 24 bytes, each block is also checked against its id."""
DATABASE, CHANGED = "BASELINE.bim", "changed.bim"

Fetch = Callable[[str, Path], None]
"""Downloads the database to a file, in one of the two forms."""


def main() -> None:
    """Measure and print the tables."""
    memory = Path("/dev/shm")  # noqa: S108 - a new folder is created in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 8 * SIZE
    with tempfile.TemporaryDirectory(dir=memory if roomy else None) as name:
        folder = Path(name)
        database = make_database(folder / DATABASE, SIZE)
        size = database.stat().st_size
        print(f"{size / MEGABYTE:.0f} MB, blocks of 4 MiB; MB/s, and time in blocks divided by time as one file")
        if shutil.which("nginx"):
            from_nginx(folder, database)
        else:
            print("without nginx, which is not installed")
        from_hub(folder, database)
        peak_memory(folder)


def from_nginx(folder: Path, database: Path) -> None:
    """Download plain files."""
    from transfers import nginx  # noqa: PLC0415 - another benchmark with further libraries

    with nginx(shutil.which("nginx") or "", folder / "nginx") as place:
        files = folder / "nginx" / "root" / "account" / "box"
        address = place.to_read("").partition("/?")[0]
        os.link(database, files / DATABASE)
        for title, id_size in ID_SIZES.items():
            box = files / title.replace(" ", "-")
            put_blocks(box, {DATABASE: database, CHANGED: changed(database, folder / CHANGED)}, id_size)
            container = in_azure(f"{address}/{box.name}", DATABASE)
            with Transfers() as transfers:
                fetch = fetching(transfers, f"{address}/{DATABASE}?sig=x", container)
                show(f"nginx, {title}", measured(fetch, folder), database)
                update(folder, transfers, container)
            shutil.rmtree(box)


def from_hub(folder: Path, database: Path) -> None:
    """Download with the whole client."""
    box = put_blocks(folder / "box", {DATABASE: database}, ID_SIZES["md5 names"])
    with hub(folder, box, database) as facts, IModelsClient(facts["token"], base_url=facts["url"]) as client:

        def fetch(kind: str, target: Path) -> None:
            client.download_checkpoint(facts["imodel_id"], target, changeset=0, kind=kind)  # type: ignore[arg-type]

        show("hub", measured(fetch, folder), database)
    shutil.rmtree(box)


def fetching(transfers: Transfers, link: str, container: Container) -> Fetch:
    """Return a function that downloads without a client."""

    def fetch(kind: str, target: Path) -> None:
        if kind == "v1":
            transfers.download(DownloadItem(target=target, link=StorageLink(href=link, storage_type="azure")))
        else:
            transfers.assemble(BlocksItem(target=target, container=container))

    return fetch


def measured(fetch: Fetch, folder: Path) -> dict[str, list[float]]:
    """Run the rounds, and return the seconds of each form."""
    seconds: dict[str, list[float]] = {"v1": [], "v2": []}
    begin = time.perf_counter()
    for number in range(ROUNDS + 1):
        if number > 1 and time.perf_counter() - begin > SECONDS:
            break
        for kind in sorted(seconds, reverse=bool(number % 2)):
            target = folder / "target.bim"
            target.unlink(missing_ok=True)
            before = time.perf_counter()
            fetch(kind, target)
            if number:  # the first round is a warm-up
                seconds[kind].append(time.perf_counter() - before)
            target.unlink()
    return seconds


def show(title: str, seconds: dict[str, list[float]], database: Path) -> None:
    """Print the results for a server."""
    megabytes = database.stat().st_size / MEGABYTE
    v1, v2 = (statistics.median(seconds[kind]) for kind in ("v1", "v2"))
    ratio = statistics.median(two / one for one, two in zip(seconds["v1"], seconds["v2"], strict=True))
    print(
        f"{title:34} one file {megabytes / v1:6.0f}   blocks {megabytes / v2:6.0f}   ratio {ratio:5.2f}"
        f"   ({len(seconds['v1'])} rounds)",
        flush=True,
    )


def in_azure(address: str, database: str) -> Container:
    """Return the container at a URL."""
    return Container(storage=STORAGES["azure"], address=address, database=database, query="sig=x")


def update(folder: Path, transfers: Transfers, container: Container) -> None:
    """Update an older database, once to itself and once to a changed one."""
    old_list = folder / "list"
    transfers.assemble(BlocksItem(target=folder / "old.bim", container=container, list_file=old_list))
    for title, name in (("again", DATABASE), ("changed", CHANGED)):
        item = BlocksItem(
            target=folder / "target.bim",
            container=in_azure(container.address, name),
            old=folder / "old.bim",
            old_list=old_list,
        )
        begin = time.perf_counter()
        done = transfers.assemble(item)
        took = time.perf_counter() - begin
        print(f"{'':10}update, {title:8} {took:6.2f} s   {done.fetched} of {done.blocks} blocks fetched", flush=True)
        (folder / "target.bim").unlink()
    (folder / "old.bim").unlink()


# Memory.


def peak_memory(folder: Path) -> None:
    """Print the peak memory of separate processes, for each form and two sizes."""
    if not Path("/proc/self/status").exists():
        print("without memory, which this system does not report")
        return
    for share in (10, 1):
        database = make_database(folder / f"{share}.bim", SIZE // share)
        box = put_blocks(folder / f"box-{share}", {DATABASE: database}, ID_SIZES["md5 names"])
        with hub(folder, box, database) as facts:
            peaks = [in_a_process(facts, kind, folder / "target.bim") for kind in ("v1", "v2")]
            title = f"peak memory, {database.stat().st_size / MEGABYTE:.0f} MB"
            print(f"{title:34} one file {peaks[0]:6.0f}   blocks {peaks[1]:6.0f}   MB", flush=True)
        shutil.rmtree(box)
        database.unlink()


def in_a_process(facts: dict[str, Any], kind: str, target: Path) -> float:
    """Download in a separate process, and return its peak memory in MB."""
    command = [sys.executable, __file__, "fetch", json.dumps(facts), kind, str(target)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    target.unlink()
    return int(output) * 1024 / MEGABYTE


def fetch_here(facts: dict[str, Any], kind: str, target: str) -> None:
    """Download, and print the peak memory in KiB."""
    with IModelsClient(facts["token"], base_url=facts["url"]) as client:
        client.download_checkpoint(facts["imodel_id"], target, changeset=0, kind=kind)  # type: ignore[arg-type]
    lines = Path("/proc/self/status").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


# What is fetched.


def make_database(path: Path, size: int) -> Path:
    """Create an incompressible database of a given approximate size."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE element (id INTEGER PRIMARY KEY, content BLOB)")
        connection.execute("BEGIN")
        for number in range(size // MEGABYTE):
            connection.execute("INSERT INTO element VALUES (?, ?)", (number, os.urandom(990_000)))
        connection.execute("COMMIT")
    return path


def changed(database: Path, path: Path) -> Path:
    """Create a copy of a database with a tenth changed."""
    if not path.exists():
        shutil.copyfile(database, path)
        with closing(sqlite3.connect(path)) as connection, connection:
            last = connection.execute("SELECT max(id) FROM element").fetchone()[0]
            connection.execute("UPDATE element SET content = randomblob(990000) WHERE id < ?", (last // 10,))
    return path


def put_blocks(box: Path, databases: dict[str, Path], id_size: int) -> Path:
    """Put databases into a container, the first as the parent of the others."""
    box.mkdir()
    manifest = new_manifest(block_size=BLOCK, id_size=id_size)
    for name, path in databases.items():
        manifest = add_database(
            manifest,
            name,
            path,
            parent=manifest.names[0] if manifest.names else None,
            write=lambda block_id, content: (box / block_name(block_id)).write_bytes(content),
            read=lambda block_id: (box / block_name(block_id)).read_bytes(),
        )
    (box / MANIFEST_NAME).write_bytes(compose_manifest(manifest))
    return box


@contextmanager
def hub(folder: Path, box: Path, database: Path) -> Iterator[dict[str, Any]]:
    """Run a hub with the database in both forms in a separate process."""
    command = [sys.executable, __file__, "hub", str(folder / "hub"), str(box), str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline() if process.stdout else "")
        finally:
            process.communicate("", timeout=60)
    shutil.rmtree(folder / "hub")


def serve(folder: str, box: str, database: str) -> None:
    """Run a hub until standard input is closed."""
    with LocalHub(Path(folder)) as running:
        seed = SeedCheckpoint(changeset_index=0, file=Path(database), directory=Path(box))
        imodel_id = running.control.create_imodel(SeedIModel(name="Large", checkpoints=[seed]))
        print(json.dumps({"url": running.base_url, "token": running.token(), "imodel_id": imodel_id}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1:2] == ["hub"]:
        serve(*sys.argv[2:])
    elif sys.argv[1:2] == ["fetch"]:
        fetch_here(json.loads(sys.argv[2]), *sys.argv[3:])
    else:
        main()
