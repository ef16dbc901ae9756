"""The upload of one file."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import closing

from attrs import define, field

from itwin_imodels._transfer.block_upload import BlockUpload
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.failures import errors_about
from itwin_imodels._transfer.hashing import Follower, UnitDigests, digest_text, md5_text
from itwin_imodels._transfer.items import Uploaded, UploadItem
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.sending import Destination, Sending
from itwin_imodels._transfer.storage import storage_of
from itwin_imodels._transfer.upload_source import UploadSource, open_source
from itwin_imodels._transfer.wire import StreamedBody
from itwin_imodels.errors import IntegrityError, RequestTimeout

AT_ONCE = 1 << 20
"""Maximum size in bytes of files that are read and hashed before they are sent, so that the storage can verify them;
also the minimum size of the blocks into which a slow upload is split."""

_PIECE = 1 << 20
"""Size in bytes of the pieces in which a file is sent."""
_LARGE = 32 << 20
"""Minimum size in bytes at which several connections are worthwhile."""
_TRIAL = 0.5
"""Seconds after which the measured rate of a request is considered reliable."""
_PATIENCE = 4.0
"""Maximum number of seconds that the rest of a file may take in one request; otherwise it is sent in blocks where
possible."""
_BLOCK_SECONDS = 2.0
"""Target duration of a block in seconds."""


def upload_one(item: UploadItem, context: Context) -> Uploaded:
    """Upload a file.

    Args:
        item: The file to upload, its link and its announced state.
        context: The settings, connections and cancellation of the operation.

    Raises:
        Cancelled: The operation was cancelled.
        ConnectionFailed: The storage remained unreachable for too long.
        IntegrityError: The file has changed since it was announced or opened, or arrived damaged.
        LinkExpired: The storage rejected the link, and either no new link could be obtained or it was rejected, too.
        TransferError: The file is empty or unreadable, or the storage rejected a request.
    """
    what = f"upload of {item.title}"
    with errors_about(what), open_source(item.file, item.announced) as source:
        storage = storage_of(item.link.storage_type)
        context.progress.learn(source.size)
        links = context.file_links(item.link, item.fresh_link, item.obtained)
        destination = Destination(context, storage, links, what)
        progress = context.progress.file()
        size = context.options.block_size
        if storage.blocks is None or source.size <= context.options.block_threshold:
            try:
                _SingleUpload(source, destination, progress, may_use_blocks=storage.blocks is not None).send()
            except _TooSlowError as error:
                LOGGER.info("%s: one request is too slow; restarting in parallel blocks", what)
                size = block_size_for(error.rate, size, context.options.block_parallelism)
            else:
                return Uploaded(size=source.size, sent=destination.sent)
        if storage.blocks is not None:
            progress.at(0)
            BlockUpload(source, destination, storage.blocks, progress, size).send()
        return Uploaded(size=source.size, sent=destination.sent)


def block_size_for(rate: float, largest: int, parallelism: int) -> int:
    """Return the block size in bytes at which each block takes about 2 seconds at the rate of one connection.

    The concurrent blocks together are assumed to reach only this rate. The size is 1 MiB to `largest`.

    Args:
        rate: The observed rate of one connection in bytes per second.
        largest: Maximum size of a block in bytes.
        parallelism: Number of concurrent blocks.
    """
    return min(largest, max(AT_ONCE, int(rate * _BLOCK_SECONDS / parallelism)))


def is_too_slow(position: int, size: int, seconds: float) -> bool:
    """Return whether sending the rest of a file in one request would take more than 4 seconds at the observed rate.

    Always False for files below 32 MiB and in the first 0.5 seconds.

    Args:
        position: Number of bytes that were sent.
        size: Size of the file in bytes.
        seconds: Seconds spent sending them.
    """
    return size >= _LARGE and seconds >= _TRIAL and (size - position) * seconds > position * _PATIENCE


class _TooSlowError(Exception):
    """A single request takes too long.

    Attributes:
        rate: Rate of the attempt in bytes per second; 0 if it timed out.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate


@define
class _SingleUpload:
    """The upload of a file in one request.

    Attributes:
        may_use_blocks: Whether to raise `_TooSlowError` when a large file takes too long, so that it is sent in blocks
            instead.
    """

    source: UploadSource
    destination: Destination
    progress: FileProgress
    may_use_blocks: bool
    _sending: Sending = field(init=False)

    def send(self) -> None:
        self._sending = Sending(self.destination)
        if self.source.size <= AT_ONCE:
            content = b"".join(self.source.pieces(AT_ONCE))
            self.source.digests(0, content)
            md5 = md5_text(content)
            self._sending.keep_trying(lambda: self._put(content, md5))
        else:
            self._sending.keep_trying(self._stream)
        self.progress.at(self.source.size)

    def _stream(self) -> None:
        """Send the file in pieces.

        A changeset needs no MD5: its digests were computed when the upload was announced and are compared with those of
        the sent content, and TLS protects it in transit. For other files, the MD5 that the storage reports, if any,
        must match that of the sent content.
        """
        digests, md5 = UnitDigests(), hashlib.md5(usedforsecurity=False)
        update = digests.update if self.source.is_announced else md5.update
        with closing(Follower(self.source.size, update)) as follower:

            def pieces() -> Iterator[bytes]:
                return self._pieces(follower, digests)

            try:
                stored = self._put(StreamedBody(size=self.source.size, pieces=pieces), None)
            except RequestTimeout:
                if self.may_use_blocks:
                    raise _TooSlowError(0) from None
                raise
        if stored is not None and not self.source.is_announced and stored != digest_text(md5.digest()):
            raise IntegrityError("the MD5 that the storage reports does not match the sent content")

    def _put(self, body: bytes | StreamedBody, md5: str | None) -> str | None:
        """Send the request and return the MD5 that the storage reports."""
        storage = self.destination.storage
        with self._sending.request(lambda url: storage.put(url, body, md5)) as response:
            return storage.content_md5(response.header)

    def _pieces(self, follower: Follower, digests: UnitDigests) -> Iterator[bytes]:
        position, begin = 0, time.monotonic()
        for piece in self.source.pieces(_PIECE):
            self.progress.at(position)  # excludes this piece, which has not been sent yet
            seconds = time.monotonic() - begin
            if self.may_use_blocks and is_too_slow(position, self.source.size, seconds):
                raise _TooSlowError(position / seconds)
            position += len(piece)
            self._sending.sends(len(piece), position)
            follower.update(piece)
            if position == self.source.size:
                follower.close()
                if self.source.is_announced:
                    self.source.check_content(digests.result())
            yield piece  # must be last: some libraries do not request another piece
