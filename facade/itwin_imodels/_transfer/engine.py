"""Uploads and downloads: the interface for workflows."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Self

from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels._core.network import Network
from itwin_imodels._transfer.adaptive import Shares
from itwin_imodels._transfer.context import CONNECTIONS, Context, Sleep
from itwin_imodels._transfer.failures import cancellation_errors
from itwin_imodels._transfer.items import Assembled, BlocksItem, Downloaded, DownloadItem, Uploaded, UploadItem
from itwin_imodels._transfer.options import TransferOptions
from itwin_imodels._transfer.progress import Progress, ProgressCallback
from itwin_imodels._transfer.wires import Wires

_MAX_VERIFIERS = 4
"""Maximum number of large files that are verified concurrently; each takes up to 40 MB of memory."""


class Transfers:
    """Uploads and downloads files. Its methods block; they are safe to use from several threads.

    They raise the exceptions of callbacks, `TransferError` or one of its subclasses (`LinkExpired`, `LinkMissing`,
    `IntegrityError`, `Cancelled`), and `ConnectionFailed` or `RequestTimeout`. After any of these errors, repeat the
    call to resume it, if the storage and the size of the file permit.

    In addition to the files, the methods take:

    - progress: called with the number of bytes done and the total, which is None while it is unknown; from several
      threads, but not concurrently. If it raises an exception, the operation is aborted and raises it.
    - cancellation: aborts the operation from another thread; the operation then raises `Cancelled` or the given reason.
    """

    def __init__(
        self, options: TransferOptions | None = None, *, sleep: Sleep | None = None, network: Network | None = None
    ) -> None:
        """Create the transfers of a client. Libraries are imported and connections opened on first use.

        Args:
            options: Settings.
            sleep: Called instead of sleeping, for tests.
            network: How to connect.

        Raises:
            ConfigurationError: The environment variable `IMODELS_TRANSFER_BACKEND` names an unknown backend.
        """
        self._options = options or TransferOptions()
        self._wires = Wires(self._options, network or Network())
        self._files = Shares(CONNECTIONS)
        self._sleep = sleep

    def upload(
        self,
        item: UploadItem,
        *,
        progress: ProgressCallback | None = None,
        cancellation: Cancellation | None = None,
    ) -> Uploaded:
        """Upload a file."""
        from itwin_imodels._transfer.upload import upload_one  # noqa: PLC0415 - slow to import

        with self._operation(progress, None, cancellation) as context:
            return upload_one(item, context)

    def download(
        self,
        item: DownloadItem,
        *,
        progress: ProgressCallback | None = None,
        cancellation: Cancellation | None = None,
    ) -> Downloaded:
        """Download a file, or keep the existing one."""
        from itwin_imodels._transfer.download import download_one  # noqa: PLC0415 - slow to import

        with self._operation(progress, item.size, cancellation) as context:
            return download_one(item, context)

    def assemble(
        self,
        item: BlocksItem,
        *,
        progress: ProgressCallback | None = None,
        cancellation: Cancellation | None = None,
    ) -> Assembled:
        """Download a block-based database, or keep the existing one."""
        from itwin_imodels._transfer.assembly import assemble_one  # noqa: PLC0415 - slow to import

        with self._operation(progress, None, cancellation) as context:
            return assemble_one(item, context)

    def download_many(
        self,
        items: Iterable[DownloadItem],
        *,
        total: int | None = None,
        done: Callable[[Downloaded], None] | None = None,
        progress: ProgressCallback | None = None,
        cancellation: Cancellation | None = None,
    ) -> int:
        """Download files in parallel, with only a part of a long iterable in memory.

        Args:
            items: The files; iterated in the calling thread, at most 1000 files ahead.
            total: Total size of the files in bytes; None if unknown.
            done: Called in the calling thread for each finished file, in the order of the items.
            progress: See the class docstring.
            cancellation: See the class docstring.

        Returns:
            The number of files.
        """
        from itwin_imodels._transfer.many import download_files  # noqa: PLC0415 - slow to import

        count = 0
        with (
            self._operation(progress, total, cancellation, of_many=True) as context,
            closing(download_files(items, context)) as files,
        ):
            for file in files:
                count += 1
                if done is not None:
                    done(file)
        return count

    def close(self) -> None:
        """Close the connections."""
        self._wires.close()

    def __enter__(self) -> Self:
        """Return the transfers."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    @contextmanager
    def _operation(
        self,
        progress: ProgressCallback | None,
        total: int | None,
        cancellation: Cancellation | None,
        *,
        of_many: bool = False,
    ) -> Iterator[Context]:
        """Yield the context of one operation; leaving the block does not set the caller's `Cancellation`."""
        verifiers = ThreadPoolExecutor(min(os.cpu_count() or 1, _MAX_VERIFIERS), "transfer-verification")
        with (cancellation or Cancellation()).child() as own, cancellation_errors(own):
            try:
                yield Context(
                    options=self._options,
                    wires=self._wires,
                    cancellation=own,
                    progress=Progress(progress, own, total, of_many=of_many),
                    files=self._files,
                    verifiers=verifiers,
                    sleep_instead=self._sleep,
                )
            finally:
                verifiers.shutdown(wait=False, cancel_futures=True)
