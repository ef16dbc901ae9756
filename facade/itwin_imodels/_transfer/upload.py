"""The upload of one file."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import define, field, frozen

from itwin_imodels._transfer.block_upload import BlockUpload
from itwin_imodels._transfer.context import Context
from itwin_imodels._transfer.failures import told_about
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import FollowingMd5, md5_text
from itwin_imodels._transfer.headers import AZURE_VERSION, told_md5
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.sending import Place, Sending
from itwin_imodels._transfer.source import Source, opened_source
from itwin_imodels._transfer.storages import AZURE, checked_storage
from itwin_imodels._transfer.wire import Body
from itwin_imodels.errors import IntegrityError
from itwin_imodels.models._links import StorageLink

AT_ONCE = 1 << 20
"""Up to here, bytes, a file is read and hashed before it is sent, so that the storage checks it."""

_PIECE = 1 << 20
_PUT_BLOB = {**AZURE_VERSION, "x-ms-blob-type": "BlockBlob", "content-type": "application/octet-stream"}


@frozen(kw_only=True)
class UploadItem:
    """A file to upload.

    Attributes:
        file: The file.
        link: Where it goes.
        fresh_link: Gets another link to the same place when this one is old or refused.
        name: What errors and the log call it; the file's name if empty.
        obtained: When the link was got, by `time.monotonic`.
    """

    file: Path
    link: StorageLink
    fresh_link: Callable[[], StorageLink] | None = None
    name: str = ""
    obtained: float = field(factory=time.monotonic)

    @property
    def title(self) -> str:
        """What errors and the log call it."""
        return self.name or self.file.name


@frozen(kw_only=True)
class Uploaded:
    """A file that is in the storage now.

    Attributes:
        size: Its length, bytes.
        sent: Bytes that were sent for it now, those of failed tries included.
    """

    size: int
    sent: int


def upload_one(item: UploadItem, context: Context) -> Uploaded:
    """Upload a file.

    Args:
        item: The file.
        context: The operation.

    Raises:
        Cancelled: The operation was ended.
        ConnectionFailed: The storage could not be reached for too long.
        IntegrityError: The file was changed while it was sent, or did not arrive as it is.
        LinkExpired: The storage refused the link, and a new one if there is a way to get one.
        TransferError: The file is empty or cannot be read, or the storage refused.
    """
    what = f"upload of {item.title}"
    with told_about(what), opened_source(item.file) as source:
        azure = checked_storage(item.link) == AZURE
        context.progress.learn(source.size)
        lifetime = context.options.link_lifetime
        links = Links(item.link, item.fresh_link, obtained=item.obtained, lifetime=lambda _: lifetime)
        place = Place(context, links, what)
        progress = context.progress.file()
        if azure and source.size > context.options.block_threshold:
            BlockUpload(source, place, progress).send()
        else:
            _OneRequest(source, Sending(place), progress, azure=azure).send()
        return Uploaded(size=source.size, sent=place.sent)


@define
class _OneRequest:
    """A file in one request: Put Blob of Azure, or a signed PUT of Google."""

    source: Source
    sending: Sending
    progress: FileProgress
    azure: bool = field(kw_only=True)

    def send(self) -> None:
        if self.source.size <= AT_ONCE:
            content = b"".join(self.source.pieces(AT_ONCE))
            self.sending.keep_trying(lambda: self._send_whole(content))
        else:
            self.sending.keep_trying(self._stream)
        self.progress.at(self.source.size)

    def _send_whole(self, content: bytes) -> None:
        """Send a small file with its MD5, which the storage checks."""
        self._put(content, {"content-md5": md5_text(content)})

    def _stream(self) -> None:
        """Send the file piece by piece, and compare the MD5 that the storage works out with that of what was read."""
        follower = FollowingMd5(self.source.size)
        try:
            told = self._put(Body(size=self.source.size, pieces=lambda: self._pieces(follower)), {})
        finally:
            follower.close()
        if told is not None and told != follower.text():
            raise IntegrityError("what arrived does not have the MD5 of what was sent")

    def _put(self, body: bytes | Body, headers: dict[str, str]) -> str | None:
        """Send the request and give the MD5 that the storage tells."""
        if self.azure:
            headers |= _PUT_BLOB
        with self.sending.request("PUT", "", headers, body, (201,) if self.azure else (200, 201)) as answer:
            return told_md5(answer.header)

    def _pieces(self, follower: FollowingMd5) -> Iterator[bytes]:
        position = 0
        for piece in self.source.pieces(_PIECE):
            self.progress.at(position)  # without this piece, which has yet to go out
            position += len(piece)
            self.sending.moved(len(piece), position)
            follower.update(piece)
            yield piece  # nothing may follow: not every library comes back after the last piece
