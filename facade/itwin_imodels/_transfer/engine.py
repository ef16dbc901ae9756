"""Uploads and downloads: what workflows call."""

from collections.abc import Callable, Iterable, Iterator
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


class Transfers:
    """Moves files to and from object storage. Blocks its thread; safe to use from several.

    It raises, besides what callbacks raise: `TransferError` with `LinkExpired`, `IntegrityError` and `Cancelled`,
    `ConnectionFailed` with `RequestTimeout`. After each of them the same call resumes, as far as the storage
    and the size of the file allow.

    The calls take, besides the files:

    - progress: called with the bytes done and the total, None while that is unknown; from several threads, but by one
      at a time. An exception of it ends the operation and is raised.
    - cancellation: ends the operation from another thread, which then raises `Cancelled` or the given reason.
    """

    def __init__(
        self, options: TransferOptions | None = None, *, sleep: Sleep | None = None, network: Network | None = None
    ) -> None:
        """Prepare; libraries are imported and connections opened when they are needed.

        Args:
            options: Settings.
            sleep: Sleeps in place of the clock; for tests.
            network: How connections are made.

        Raises:
            ConfigurationError: The environment's variable names an unknown backend.
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
        from itwin_imodels._transfer.upload import upload_one  # noqa: PLC0415 - each kind has classes of its own, which take long to make

        with self._operation(progress, None, cancellation) as context:
            return upload_one(item, context)

    def download(
        self,
        item: DownloadItem,
        *,
        progress: ProgressCallback | None = None,
        cancellation: Cancellation | None = None,
    ) -> Downloaded:
        """Download a file, or find that it exists."""
        from itwin_imodels._transfer.download import download_one  # noqa: PLC0415 - each kind has classes of its own, which take long to make

        with self._operation(progress, item.size, cancellation) as context:
            return download_one(item, context)

    def assemble(
        self,
        item: BlocksItem,
        *,
        progress: ProgressCallback | None = None,
        cancellation: Cancellation | None = None,
    ) -> Assembled:
        """Download a database in blocks, or find that it exists."""
        from itwin_imodels._transfer.assembly import assemble_one  # noqa: PLC0415 - each kind has classes of its own, which take long to make

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
        """Download files in parallel; only a part of a long iterable is in memory.

        Args:
            items: The files; iterated by this thread, as far ahead as there is room.
            total: Bytes of all files, if known.
            done: Called by this thread for each finished file, in the order of the items.
            progress: As in the class.
            cancellation: As in the class.

        Returns:
            The number of files.
        """
        from itwin_imodels._transfer.many import download_files  # noqa: PLC0415 - each kind has classes of its own, which take long to make

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
        """Return itself."""
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
        """Yield what one operation shares; ending it leaves the caller's cancellation alone."""
        with (cancellation or Cancellation()).child() as own, cancellation_errors(own):
            yield Context(
                options=self._options,
                wires=self._wires,
                cancellation=own,
                progress=Progress(progress, own, total, of_many=of_many),
                files=self._files,
                sleep_instead=self._sleep,
            )
