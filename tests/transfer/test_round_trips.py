"""Complete uploads and downloads."""

from collections.abc import Callable
from pathlib import Path

import pytest

from itwin_imodels._transfer import DownloadItem, Transfers, UploadItem
from tests.transfer.helpers.storage import Storage

MIB = 1 << 20


@pytest.mark.parametrize("size", [1, 20_000, MIB, MIB + 1, 3 * MIB, 3 * MIB + 1, 5 * MIB + 7])
def test_a_file_goes_up_and_comes_down(
    storage: Storage, transfers: Transfers, source: Callable[[int], Path], tmp_path: Path, size: int
) -> None:
    """Files are small, streamed or in blocks: the downloaded file is equal, and progress ends at the size."""
    file, target = source(size), tmp_path / "folder" / "target.cs"
    up: list[tuple[int, int | None]] = []
    down: list[tuple[int, int | None]] = []
    uploaded = transfers.upload(UploadItem(file=file, link=storage.to_write()), progress=lambda *at: up.append(at))
    assert uploaded.size == size
    assert uploaded.sent >= size
    assert storage.content() == file.read_bytes()
    item = DownloadItem(target=target, link=storage.to_read(), size=size)
    downloaded = transfers.download(item, progress=lambda *at: down.append(at))
    assert (downloaded.size, downloaded.received) == (size, size)
    assert target.read_bytes() == file.read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["target.cs"]
    for told in (up, down):
        assert told[-1] == (size, size)
        assert told == sorted(told)
