"""A PostgreSQL server for the test run: started when a test needs it, shared by the processes of pytest-xdist."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from attrs import frozen
from filelock import FileLock

from tests.parts import find_command

SECONDS = 60
_ACCOUNT = "postgres"
# Without these settings, the server is slow because it protects data against power failures, which tests do not need.
_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "400",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "jit": "off",
    "listen_addresses": "''",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1d",
    "deadlock_timeout": "100ms",
}

_SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on"}


@frozen
class Cluster:
    """A running server, which accepts connections over a socket in its folder."""

    folder: Path

    def address(self, name: str = _ACCOUNT) -> str:
        """Return the URL of a database in the form for the hub."""
        return f"postgresql+psycopg://{_ACCOUNT}@/{name}?host={self.folder}"

    def make(self, *, template: str = "template0") -> str:
        """Create a database, and return its name."""
        name = f"hub_{uuid4().hex}"
        self.execute(f'CREATE DATABASE {name} TEMPLATE {template} ENCODING "UTF8"')
        return name

    def drop(self, name: str) -> None:
        """Delete a database, even if it is in use."""
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = _ACCOUNT) -> None:
        """Execute a statement."""
        with psycopg.connect(host=str(self.folder), user=_ACCOUNT, dbname=database, autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the URL of an empty database for the duration of the block."""
        name = self.make()
        try:
            yield self.address(name)
        finally:
            self.drop(name)


@contextmanager
def shared_cluster(common: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """Run a server as long as any process of the test run needs it.

    Args:
        common: A folder that all processes of the run share.
        durable: Whether commits wait for the disk, as on real servers; tests do not need that.
    """
    state = common / "postgres.json"
    lock = FileLock(common / "postgres.lock")
    with lock:
        known = json.loads(state.read_text()) if state.exists() else {"users": 0}
        if not known["users"]:
            known["folder"] = str(_start(durable=durable))
        known["users"] += 1
        state.write_text(json.dumps(known))
    try:
        yield Cluster(Path(known["folder"]))
    finally:
        with lock:
            known = json.loads(state.read_text())
            known["users"] -= 1
            state.write_text(json.dumps(known))
            if not known["users"]:
                _stop(Path(known["folder"]))


def common_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of a test run have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _start(*, durable: bool) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="imodels-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _ACCOUNT)  # the server refuses to run as root
    _run("initdb", "-D", folder / "data", "-U", _ACCOUNT, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
    chosen = _QUICK | (_SAFE if durable else {})
    settings = "".join(f"{name} = {value}\n" for name, value in chosen.items())
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.write(f"{settings}unix_socket_directories = '{folder}'\n")
    _run("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "start")
    return folder


def _stop(folder: Path) -> None:
    _run("pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(folder)


def _run(program: str, *arguments: str | Path) -> None:
    found = find_command(program)
    assert found is not None, f"{program} is not installed"
    command: Sequence[str | Path] = [found, *arguments]
    account = _ACCOUNT if os.geteuid() == 0 else None
    # The output is discarded, because the server would keep a pipe open.
    done = subprocess.run(
        command, check=False, cwd="/", user=account, group=account, extra_groups=[] if account else None,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, f"{program} failed with status {done.returncode}"
