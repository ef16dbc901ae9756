"""Timelines for measurements: synthetic changeset files, served by nginx and a service in separate processes."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from imodel_files.changesets import compute_changeset_id
from tests.unit.imodel_files.making import header, stored, varint

LIMITED = 20_000_000
"""Maximum rate of each connection to the slow file server, in bytes per second."""

_SESSION = b"T\x02\x01\x00t\x00\x12\x00\x01" + bytes(7) + b"\x01\x04"
_SERVICE = Path(__file__).with_name("service.py")
_NGINX = """daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log; {user}
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type application/octet-stream;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{port}; root {folder}; rewrite ^/([^/]+)/.*$ /$1/one.cs break; {limit} }}
}}
"""


@frozen
class Timeline:
    """The changesets of an iModel, which share one file: their ids differ by their parents.

    Attributes:
        imodel_id: The iModel.
        ids: Ids of the changesets.
        path: The file.
    """

    imodel_id: str
    ids: list[str]
    path: Path


def make_timeline(folder: Path, number: int, length: int, size: int) -> Timeline:
    """Write the file of a timeline and compute the ids of its changesets.

    Args:
        folder: Folder of the files of all iModels.
        number: Number of the iModel.
        length: Number of changesets.
        size: Approximate size of the file in bytes.
    """
    imodel_id = f"11111111-0000-4000-8000-{number:012}"
    path = folder / imodel_id / "one.cs"
    path.parent.mkdir(parents=True)
    ids = [write_content(path, size)]
    while len(ids) < length:
        ids.append(compute_changeset_id(path, ids[-1]))
    return Timeline(imodel_id, ids, path)


def make_long_list(number: int, length: int) -> Timeline:
    """Return a timeline without a file, which is only listed."""
    ids = [hashlib.sha1(str(each).encode(), usedforsecurity=False).hexdigest() for each in range(length)]
    return Timeline(f"11111111-0000-4000-8000-{number:012}", ids, Path(os.devnull))


def write_content(path: Path, size: int) -> str:
    """Write a changeset file of random content, and return its id without a parent.

    The content is stored in LZMA2 chunks as it is, which is what compressing it would result in, only slower.
    """
    row = os.urandom(size - 100)
    with path.open("wb") as file:
        file.write(header() + b"\x18")
        file.writelines(stored(bytes(4) + _SESSION + varint(len(row)) + row))
        file.write(b"\0")
    return compute_changeset_id(path, None)


@contextmanager
def serving(
    folder: Path,
    timelines: list[Timeline],
    *,
    files: str | None = None,
    delay: float = 0.0,
    upload_rate: int | None = None,
) -> Iterator[str]:
    """Run the service in another process; yield the base URL of its API.

    Args:
        folder: An empty folder, or the folder of the timelines.
        timelines: The timelines to serve.
        files: URL of the file server; None serves the files from memory, with the same delay.
        delay: Delay of each response in seconds.
        upload_rate: Maximum upload rate of each connection in bytes per second; None for no limit.
    """
    known = {
        each.imodel_id: {"ids": each.ids, "size": each.path.stat().st_size, "path": str(each.path)}
        for each in timelines
    }
    configuration = folder / f"service-{time.monotonic_ns()}.json"
    configuration.write_text(
        json.dumps({"timelines": known, "files": files, "delay": delay, "upload_rate": upload_rate}), encoding="utf-8"
    )
    command = [sys.executable, str(_SERVICE), str(configuration)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes to the service")
        yield f"{process.stdout.readline().strip()}/imodels"
        process.stdin.close()


@contextmanager
def nginx(folder: Path, *, limit: int | None = None) -> Iterator[str]:
    """Run nginx over the files of timelines; yield its URL.

    Args:
        folder: The folder of the timelines.
        limit: Maximum rate of each connection in bytes per second; None for no limit.
    """
    port = _free_port()
    own = folder / f"nginx-{port}"
    own.mkdir()
    for each in folder.iterdir():
        if (each / "one.cs").is_file():
            (own / each.name).symlink_to(each)
    settings: Mapping[str, Any] = {
        "folder": own,
        "port": port,
        "user": "user root;" if os.getuid() == 0 else "",
        "limit": f"limit_rate {limit};" if limit else "",
    }
    (own / "nginx.conf").write_text(_NGINX.format(**settings), encoding="utf-8")
    with subprocess.Popen([str(shutil.which("nginx")), "-c", str(own / "nginx.conf")]) as process:
        try:
            _await_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_port(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("nginx did not start")
