"""Transfers one file in a separate process, which prints "half" at half of it and then continues slowly."""

import sys
import time
from pathlib import Path

from itwin_imodels._transfer import DownloadItem, Transfers, UploadItem
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.runners import Runner
from itwin_imodels.models._links import StorageLink

MIB = 1 << 20


def main(act: str, path: Path, href: str, size: int) -> None:
    """Upload or download."""
    said = False

    def progress(at: int, _: int | None) -> None:
        nonlocal said
        if at >= size // 2:
            if not said:
                said = True
                sys.stdout.write("half\n")
                sys.stdout.flush()
            time.sleep(0.2)

    options = TransferOptions(block_threshold=MIB, block_size=MIB, block_parallelism=1)
    link = StorageLink(href=href, storage_type="azure")
    with Transfers(options) as transfers:
        if act == "upload":
            Runner().run(transfers.upload, UploadItem(file=path, link=link), progress=progress)
        else:
            Runner().run(transfers.download, DownloadItem(target=path, link=link), progress=progress)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
