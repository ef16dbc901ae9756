"""The download of one file."""

import time
from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen

from itwin_imodels._transfer.context import Context, refused
from itwin_imodels._transfer.failures import told_about
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.hashing import FollowingMd5
from itwin_imodels._transfer.part_file import PartFile, opened
from itwin_imodels._transfer.present import Check, Present
from itwin_imodels._transfer.ranges import Begin, is_whole, what_to_ask, where_to_begin
from itwin_imodels._transfer.retrying import Changed, Patience
from itwin_imodels._transfer.storages import checked_storage
from itwin_imodels._transfer.wire import Answer, Call
from itwin_imodels.errors import ConnectionFailed, IntegrityError
from itwin_imodels.models._links import StorageLink

FreshLink = Callable[[], StorageLink]


@frozen(kw_only=True)
class DownloadItem:
    """A file to download.

    Attributes:
        target: Its final name; folders are made.
        link: Where it is; None asks `fresh_link` first.
        size: Its length, bytes, if it is known.
        fresh_link: Gets another link when this one is old or refused.
        check: Tells whether a whole file is the right one, before it gets its name.
        is_right: Tells whether the file that has the name already may stay; without it that is replaced.
        name: What errors and the log call it; the target's name if empty.
        obtained: When the link was got, by `time.monotonic`.
    """

    target: Path
    link: StorageLink | None
    size: int | None = None
    fresh_link: FreshLink | None = None
    check: Check | None = None
    is_right: Check | None = None
    name: str = ""
    obtained: float = field(factory=time.monotonic)

    @property
    def title(self) -> str:
        """What errors and the log call it."""
        return self.name or self.target.name


@frozen(kw_only=True)
class Downloaded:
    """A file that is there now.

    Attributes:
        target: Its name.
        size: Its length, bytes.
        received: Bytes that were received for it now; 0 when it was there before.
    """

    target: Path
    size: int
    received: int


def download_one(item: DownloadItem, context: Context, busy: Callable[[], None]) -> Downloaded:
    """Download a file, or find that it is there.

    Args:
        item: The file.
        context: The operation that it belongs to.
        busy: Told that the storage has too much to do.

    Raises:
        Cancelled: The operation was ended.
        ConnectionFailed: The storage could not be reached for too long.
        IntegrityError: What the storage has is not what it should be.
        LinkExpired: The storage refused the link, and a new one if there is a way to get one.
        TransferError: The storage refused, or the disk failed.
    """
    with told_about(f"download of {item.title}"):
        return _Download(item, context, busy).run()


class _Download:
    def __init__(self, item: DownloadItem, context: Context, busy: Callable[[], None]) -> None:
        self._item = item
        self._context = context
        lifetime = context.options.link_lifetime
        self._links = Links(item.link, item.fresh_link, obtained=item.obtained, lifetime=lambda _: lifetime)
        self._link: StorageLink | None = None
        self._patience: Patience = context.patience(self._renew, busy)
        self._progress = context.progress.file()
        self._received = 0
        self._reached = 0

    def run(self) -> Downloaded:
        present = Present(self._item.target, self._item.is_right)
        size = present.look()
        if size is not None:
            return self._there(size)
        with opened(self._item.target, self._context.sleep, self._context.options.deadline) as part:
            size = present.look()  # somebody else may have just finished it
            if size is not None:
                part.drop()
                return self._there(size)
            try:
                self._patience.keep_trying(lambda: self._try(part), f"download of {self._item.title}")
            except BaseException:
                if not part.length:
                    part.drop()
                raise
            part.publish()
            return Downloaded(target=self._item.target, size=part.length, received=self._received)

    def _there(self, size: int) -> Downloaded:
        self._context.progress.learn(size)
        self._progress.at(size)
        return Downloaded(target=self._item.target, size=size, received=0)

    def _renew(self) -> bool:
        return self._link is not None and self._links.refused(self._link)

    def _try(self, part: PartFile) -> None:
        try:
            mark = part.mark
            if is_whole(part.length, mark) and mark is not None and self._item.size in {None, mark.size}:
                self._context.progress.learn(mark.size)
                self._verify(part, mark.md5, None)
            else:
                self._fetch(part)
        except (Changed, IntegrityError):
            part.discard()
            self._progress.at(0)
            raise

    def _fetch(self, part: PartFile) -> None:
        ask = what_to_ask(part.length, part.mark, self._item.size)
        link = self._link = self._links.current()
        checked_storage(link)
        with self._context.exchange(Call(method="GET", url=link.href, headers=ask.headers)) as answer:
            begin = where_to_begin(ask, answer.status, answer.header, self._item.size)
            if begin is None:
                raise refused(answer)
            self._links.worked(link)
            self._context.progress.learn(begin.size)
            part.begin(begin.offset, begin.mark)
            follower = FollowingMd5(begin.size) if begin.md5 is not None and begin.offset == 0 else None
            try:
                self._receive(part, answer, begin, follower)
            finally:
                if follower is not None:
                    follower.close()
        self._verify(part, begin.md5, follower)

    def _receive(self, part: PartFile, answer: Answer, begin: Begin, follower: FollowingMd5 | None) -> None:
        self._progress.at(part.length)
        for piece in answer.pieces():
            self._context.cancellation.check()
            if part.length + len(piece) > begin.size:
                raise IntegrityError(f"more than the announced {begin.size} bytes arrive")
            part.write(piece)
            if follower is not None:
                follower.update(piece)
            self._received += len(piece)
            self._progress.at(part.length)
            if part.length > self._reached:
                self._reached = part.length
                self._patience.progressed()
        if part.length < begin.size:
            raise ConnectionFailed(f"only {part.length} of {begin.size} bytes arrived")

    def _verify(self, part: PartFile, md5: str | None, follower: FollowingMd5 | None) -> None:
        if md5 is not None and md5 != (follower or self._hash(part)).text():
            raise IntegrityError("the content does not have the MD5 that the storage tells")
        if self._item.check is not None and not self._item.check(part.path):
            raise IntegrityError("the content is not that of the file that was asked for")
        self._progress.at(part.length)

    def _hash(self, part: PartFile) -> FollowingMd5:
        md5 = FollowingMd5(part.length)
        try:
            for piece in part.pieces():
                self._context.cancellation.check()
                md5.update(piece)
        finally:
            md5.close()
        return md5
