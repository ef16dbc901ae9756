"""The download of a large file over several connections, because storage limits the rate of each."""

import threading
from collections.abc import Generator
from contextlib import closing

from attrs import define, evolve, field

from itwin_imodels._transfer.adaptive import START, Adaptive
from itwin_imodels._transfer.attempts import Attempts
from itwin_imodels._transfer.context import Context, refusal
from itwin_imodels._transfer.crew import Crew
from itwin_imodels._transfer.freshness import Links
from itwin_imodels._transfer.progress import FileProgress
from itwin_imodels._transfer.ranges import Body, SplitFailedError, check_section
from itwin_imodels._transfer.storage import storage_of
from itwin_imodels.errors import ConnectionFailed
from itwin_imodels.models import StorageLink

LARGE = 32 << 20
"""Number of missing bytes above which several connections are used."""

_SECTION = 2 << 20
"""Size of a section in bytes; sections are in memory until the preceding ones have arrived."""


def is_splittable(body: Body, context: Context) -> bool:
    """Return whether to request the rest of a file in sections."""
    return body.mark is not None and body.has_ranges and body.size - body.offset > LARGE and context.files.share() > 1


@define(kw_only=True)
class SplitDownload:
    """The rest of a file, requested in sections of one version.

    Attributes:
        context: The operation.
        links: Links to the file.
        what: Description of the work for the log.
        body: The missing part.
        progress: The progress of the file.
        received: Number of bytes received, including failed attempts.
    """

    context: Context
    links: Links[StorageLink]
    what: str
    body: Body
    progress: FileProgress
    received: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def pieces(self) -> Generator[bytes]:
        """Yield the rest of the file in order.

        Raises:
            SplitFailedError: The file has changed, or the storage does not support sections.
        """
        workers = Adaptive(self.context.files.maximum, START, ceiling=self.context.files.share)
        with self.context.cancellation.child() as own:
            context = evolve(self.context, cancellation=own)
            crew = Crew[int, list[bytes]](
                lambda offset: self._section(offset, context, workers),
                rank=lambda offset: offset,
                window=None,
                workers=workers,
                cancellation=own,
            )
            with closing(crew.run(range(self.body.offset, self.body.size, _SECTION))) as sections:
                for section in sections:
                    yield from section

    def _section(self, begin: int, context: Context, workers: Adaptive) -> list[bytes]:
        attempts = Attempts(context, self.links, self.what, workers)
        end = min(begin + _SECTION, self.body.size)
        pieces: list[bytes] = []
        offset = begin

        def fetch() -> None:
            nonlocal offset
            for piece in self._arriving(offset, end, context, attempts):
                pieces.append(piece)
                offset += len(piece)
                attempts.moved(offset)
            if offset > end:
                raise SplitFailedError("the storage sent more than the requested range")
            if offset < end:
                raise ConnectionFailed(f"received only {offset - begin} of {end - begin} bytes")

        attempts.keep_trying(fetch)
        workers.succeeded(end - begin)
        return pieces

    def _arriving(self, begin: int, end: int, context: Context, attempts: Attempts[StorageLink]) -> Generator[bytes]:
        link = attempts.link()
        storage = storage_of(link.storage_type)
        etag = self.body.mark.etag if self.body.mark else ""
        with context.exchange(storage.get(link.href, begin, etag, end)) as response:
            if not check_section(response, begin, end, self.body.size, etag):
                raise refusal(storage, response)
            attempts.accepted()
            for piece in response.pieces():
                context.cancellation.check()
                with self._lock:
                    self.received += len(piece)
                self.progress.add(len(piece))
                yield piece
