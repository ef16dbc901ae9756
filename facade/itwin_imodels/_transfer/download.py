"""The download of one file."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from io import BytesIO

from itwin_imodels._transfer.adaptive import Adaptive
from itwin_imodels._transfer.attempts import Attempts
from itwin_imodels._transfer.context import Context, refusal
from itwin_imodels._transfer.failures import errors_about
from itwin_imodels._transfer.fetching import Fetch
from itwin_imodels._transfer.following_check import FollowingCheck
from itwin_imodels._transfer.hashing import FollowingMd5, md5_text
from itwin_imodels._transfer.items import Downloaded, DownloadItem
from itwin_imodels._transfer.log import LOGGER
from itwin_imodels._transfer.part_file import PartFile, open_part_file
from itwin_imodels._transfer.ranges import Body, Range, SplitFailedError, is_whole, next_range, read_head
from itwin_imodels._transfer.retrying import Changed
from itwin_imodels._transfer.split import LARGE, SplitDownload, is_splittable
from itwin_imodels._transfer.storage import storage_of
from itwin_imodels._transfer.whole_file import SMALL, write_whole
from itwin_imodels._transfer.wire import StorageResponse
from itwin_imodels.errors import ConnectionFailed, IntegrityError

_SHARE_TO_CHECK = 4
"""Minimum number of connections per file at which a file is verified while it is downloaded."""
_WRONG_MD5 = "the content does not have the MD5 that the storage reports"
_WRONG_CONTENT = "the content does not match the requested file"


def download_one(item: DownloadItem, context: Context, workers: Adaptive | None = None) -> Downloaded:
    """Download a file, or keep the existing one.

    Args:
        item: The file to download, its link and its checks.
        context: The settings, connections and cancellation of the operation.
        workers: The number of workers to reduce when the storage is busy.

    Raises:
        Cancelled: The operation was cancelled.
        ConnectionFailed: The storage could not be reached for too long.
        IntegrityError: The file in the storage is not the expected one.
        LinkExpired: The storage rejected the link, and either no new link could be obtained or it was rejected, too.
        TransferError: The storage rejected a request, or a file could not be read or written.
    """
    with errors_about(f"download of {item.title}"):
        download = _Download(item, context, workers)
        is_small = (
            item.size is not None and item.size <= SMALL and (item.check is None or item.check_content is not None)
        )
        return download.run_whole() if is_small and context.folders.is_free(item.target) else download.run()


class _Download(Fetch[PartFile, Downloaded]):
    def __init__(self, item: DownloadItem, context: Context, workers: Adaptive | None) -> None:
        super().__init__(context, item.target, item.is_right, open_part_file)
        self._item = item
        self._links = context.file_links(item.link, item.fresh_link, item.obtained)
        self._attempts = Attempts(context, self._links, f"download of {item.title}", workers)
        self._progress = context.progress.file()
        self._received = 0
        self._may_split = True

    def run_whole(self) -> Downloaded:
        """Download a small file whose target does not exist yet."""
        content = self._attempts.keep_trying(self._receive_whole)
        if not write_whole(self._target, content):
            with open_part_file(self._target, self._context.sleep, self._context.options.deadline) as part:
                part.begin(0, None)
                part.write(content)
                part.publish()
        return Downloaded(target=self._target, size=len(content), received=self._received)

    def _receive_whole(self) -> bytes:
        self._progress.at(0)
        link = self._attempts.link()
        storage = storage_of(link.storage_type)
        with self._context.exchange(storage.get(link.href)) as response:
            body = read_head(Range(), response, storage, self._item.size)
            if body is None:
                raise refusal(storage, response)
            self._attempts.accepted()
            content = b"".join(self._arriving(response, body))
        if body.md5 is not None and body.md5 != md5_text(content):
            raise IntegrityError(_WRONG_MD5)
        if self._item.check_content is not None and not self._item.check_content(BytesIO(content)):
            raise IntegrityError(_WRONG_CONTENT)
        return content

    def _fill(self, part: PartFile) -> Downloaded:
        with self._context.files.file():
            rest = self._attempts.keep_trying(lambda: self._try(part))
            if rest is not None:
                self._fill_split(part, rest)
        return Downloaded(target=self._target, size=part.length, received=self._received)

    def _found(self, size: int) -> Downloaded:
        return Downloaded(target=self._target, size=size, received=0)

    def _fill_split(self, part: PartFile, rest: Body) -> None:
        """Download the rest of a large file over several connections; if that fails, restart with a single request."""
        self._may_split = False
        split = SplitDownload(
            context=self._context,
            links=self._links,
            what=f"download of {self._item.title}",
            body=rest,
            progress=self._progress,
        )
        try:
            with self._discarding(part), closing(split.pieces()) as pieces:
                self._take(part, rest, pieces)
        except (SplitFailedError, IntegrityError) as error:
            LOGGER.info("download of %s: %s; starting again with one request", self._item.title, error)
            self._attempts.keep_trying(lambda: self._try(part))
        finally:
            self._received += split.received

    def _try(self, part: PartFile) -> Body | None:
        """Try once; return the missing part if it should be downloaded over several connections."""
        with self._discarding(part):
            mark = part.mark
            is_known = self._is_right is not None  # otherwise, the name of the target does not identify its content
            if is_known and mark is not None and is_whole(part.length, mark) and self._item.size in {None, mark.size}:
                self._context.progress.learn(mark.size)
                self._verify(part, mark.md5, None)
                return None
            return self._fetch(part)

    @contextmanager
    def _discarding(self, part: PartFile) -> Iterator[None]:
        """Discard the received data if it is wrong."""
        try:
            yield
        except (Changed, IntegrityError, SplitFailedError):
            part.discard()
            self._progress.at(0)
            raise

    def _fetch(self, part: PartFile) -> Body | None:
        wanted = next_range(part.length, part.mark, self._item.size)
        link = self._attempts.link()
        storage = storage_of(link.storage_type)
        with self._context.exchange(storage.get(link.href, wanted.offset, wanted.etag)) as response:
            body = read_head(wanted, response, storage, self._item.size)
            if body is None:
                raise refusal(storage, response)
            self._attempts.accepted()
            self._context.progress.learn(body.size)
            if self._may_split and is_splittable(body, self._context):
                return body
            self._take(part, body, self._arriving(response, body))
        return None

    def _take(self, part: PartFile, body: Body, pieces: Iterable[bytes]) -> None:
        """Write the received data, and verify the complete file."""
        part.begin(body.offset, body.mark)
        self._progress.at(part.length)
        is_followed = body.md5 is not None and body.offset == 0
        with (
            closing(FollowingMd5(body.size)) if is_followed else nullcontext() as follower,
            self._checking(body) as content_check,
        ):
            for piece in pieces:
                self._context.cancellation.check()
                part.write(piece)
                if follower is not None:
                    follower.update(piece)
                if content_check is not None:
                    content_check.update(piece)
        self._verify(part, body.md5, follower, content_check)

    @contextmanager
    def _checking(self, body: Body) -> Iterator[FollowingCheck | None]:
        """Verify a large file while it arrives, if few files are active.

        Each check keeps a processor busy, and takes less than 40 MB of memory.
        """
        check = self._item.check_content
        if check is None or body.offset or body.size < LARGE or self._context.files.share() < _SHARE_TO_CHECK:
            yield None
            return
        following = None
        with suppress(RuntimeError):  # the system permits no more threads
            following = FollowingCheck(check)
        try:
            yield following
        finally:
            if following is not None:
                following.end()

    def _arriving(self, response: StorageResponse, body: Body) -> Iterator[bytes]:
        """Yield the body of one response."""
        have = body.offset
        for piece in response.pieces():
            have += len(piece)
            if have > body.size:
                raise IntegrityError(f"the storage sent more than the announced {body.size} bytes")
            yield piece
            self._received += len(piece)
            self._progress.at(have)
            self._attempts.moved(have)
        if have < body.size:
            raise ConnectionFailed(f"received only {have} of {body.size} bytes")

    def _verify(
        self,
        part: PartFile,
        md5: str | None,
        follower: FollowingMd5 | None,
        content_check: FollowingCheck | None = None,
    ) -> None:
        if md5 is not None and md5 != (follower or self._hash(part)).text():
            raise IntegrityError(_WRONG_MD5)
        is_checked = content_check is not None and content_check.has_passed
        if not is_checked and self._item.check is not None:
            is_checked = self._context.verify(part.path, part.length, self._item.check)
            if not is_checked:
                raise IntegrityError(_WRONG_CONTENT)
        self._progress.at(part.length)

    def _hash(self, part: PartFile) -> FollowingMd5:
        with closing(FollowingMd5(part.length)) as md5:
            for piece in part.pieces():
                self._context.cancellation.check()
                md5.update(piece)
        return md5
