"""One folder of blobs in several processes: no process deletes what another one is writing."""

import subprocess
import sys
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from itwin_imodels_hub.blobs import FolderBlobStore
from itwin_imodels_hub.blobs.folder.staging import BlockIdLengthError

ROOT = Path(__file__).parents[2]
PROCESSES = 4
ROUNDS = 60
WORK = '''
import random, sys
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from itwin_imodels_hub.blobs import FolderBlobStore

folder, number, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = FolderBlobStore(folder, durable=False, shared=True)
chooser = random.Random(number)


def read(name):
    """Read a blob; each says at its end what it is made of."""
    with suppress(KeyError):
        info, file = store.open(name)
        with file:
            content = file.read()
        assert len(content) == info.size, (name, len(content), info.size)
        assert sha256(content[:-32]).digest() == content[-32:], name


for turn in range(rounds):
    name = f"container/folder-{chooser.randrange(3)}/blob"
    step = chooser.randrange(5)
    if step < 2:
        body = bytes([number, turn]) * chooser.randrange(1, 3000)
        with store.incoming() as content:
            content.write([body, sha256(body).digest()])
            store.commit(name, content)
    elif step == 2:
        store.discard(name)
    elif step == 3:
        store.drop_uncommitted(timedelta(hours=1))
    else:
        with suppress(KeyError):
            store.copy(name, f"container/copy-{number}/blob")
            read(f"container/copy-{number}/blob")
    read(name)
own = f"container/own/{number}"
with store.incoming() as content:
    content.write([b"kept", sha256(b"kept").digest()])
    store.commit(own, content)
read(own)
'''


@pytest.mark.thorough
def test_processes_on_one_folder(tmp_path: Path) -> None:
    """They write, copy, delete and sweep the same blobs; blobs that are read are complete, and no file is left over."""
    commands = [[sys.executable, "-c", WORK, str(tmp_path), str(number), str(ROUNDS)] for number in range(PROCESSES)]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for command in commands]
    for process in processes:
        _, messages = process.communicate(timeout=240)
        assert process.returncode == 0, messages
    store = FolderBlobStore(tmp_path, shared=True)
    assert set(store.names("container/own/")) == {f"container/own/{number}" for number in range(PROCESSES)}
    store.drop_uncommitted(timedelta(0))
    for name in store.names():
        content = store.path(name).read_bytes()
        assert sha256(content[:-32]).digest() == content[-32:]
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(files) == 2 * len(store.names())


def test_blocks_of_several_processes_become_one_blob(tmp_path: Path) -> None:
    """Blocks that different processes received are combined, and their ids must have the same length."""
    first, second = (FolderBlobStore(tmp_path, durable=False, shared=True) for _ in range(2))
    ids = [b64encode(f"{number:04}".encode()).decode() for number in range(6)]
    for number, block_id in enumerate(ids):
        store = (first, second)[number % 2]
        with store.incoming() as content:
            content.write([bytes([number])])
            store.stage("container/blob", block_id, content)
    assert [block.block_id for block in first.uncommitted("container/blob")] == ids
    with second.incoming() as content:
        content.write([b"x"])
        with pytest.raises(BlockIdLengthError):
            second.stage("container/blob", b64encode(b"longer than those").decode(), content)
    second.commit_blocks("container/blob", [("Latest", block_id) for block_id in ids])
    assert first.path("container/blob").read_bytes() == bytes(range(6))
    with first.incoming() as content:
        content.write([b"x"])
        first.stage("container/blob", b64encode(b"longer than those").decode(), content)
