"""However large a database is, no more than a block for each worker is in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.transfer.helpers.containers import NAME, make_database, put_into, shelved

MIB = 1 << 20
PROGRAM = """
import sys
from pathlib import Path
from itwin_imodels._transfer import BlocksItem, Transfers
from itwin_imodels._transfer.storage import STORAGES
from itwin_imodels._transfer.storage import Container

address, target, name = sys.argv[1:]
with Transfers() as transfers:
    container = Container(storage=STORAGES["azure"], address=address, database=name)
    transfers.assemble(BlocksItem(target=Path(target), container=container))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell the peak of a process")
def test_memory_does_not_grow_with_the_database(tmp_path: Path) -> None:
    """A database of three times the size needs the same memory, in blocks of 4 MiB."""
    peaks = []
    for rows in (6_000, 20_000):
        database = make_database(tmp_path / f"{rows}.bim", rows)
        box = put_into(tmp_path / f"box-{rows}", {NAME: database}, block_size=4 * MIB)
        with shelved(box) as shelf:
            command = [sys.executable, "-c", PROGRAM, shelf.address, str(tmp_path / "target.bim"), NAME]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
        assert (tmp_path / "target.bim").stat().st_size == database.stat().st_size > 4 * rows * 1000
        peaks.append(int(told) / 1024)
    assert peaks[1] - peaks[0] < 16
    assert peaks[1] < 160
