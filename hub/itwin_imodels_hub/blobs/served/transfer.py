"""Moving content between requests and files: bounded pieces, file work in threads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import BinaryIO

from anyio import CancelScope
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from itwin_imodels_hub.blobs.folder.writing import PIECE
from itwin_imodels_hub.blobs.served.ranges import ByteRange


class TooLongError(ValueError):
    """A body is longer than allowed."""


def keep_freed_memory() -> None:
    """Let the C library keep the memory that passing pieces of content take and free.

    The GNU C library gives large blocks back to the system at once, so that each piece costs new pages; that takes more
    time than all else in an upload. It stops to do so for blocks up to the largest it has seen freed.
    """
    bytearray(8 * PIECE)


async def receive(request: Request, write: Callable[[Iterable[bytes]], None], limit: int) -> None:
    """Hand the body of a request to a writer that runs in a thread, one batch while the next one arrives.

    Args:
        request: The request.
        write: Takes pieces in order; called from one thread at a time.
        limit: Most bytes to take.

    Raises:
        TooLongError: The body has more bytes.
        ClientDisconnect: The client went away before the end.
    """
    batch: list[bytes] = []
    size = total = 0
    writing: asyncio.Future[None] | None = None
    try:
        async for chunk in request.stream():
            batch.append(chunk)
            size += len(chunk)
            total += len(chunk)
            if total > limit:
                raise TooLongError
            if size >= PIECE:
                if writing is not None:
                    await writing
                writing = asyncio.ensure_future(run_sync(write, batch))
                batch, size = [], 0
        if writing is not None:
            await writing
        writing = asyncio.ensure_future(run_sync(write, batch))
        await writing
    finally:
        if writing is not None and not writing.done():
            with CancelScope(shield=True):
                await asyncio.wait([writing])


async def receive_small(request: Request, limit: int) -> bytes:
    """Read a body that fits in memory.

    Raises:
        TooLongError: It has more bytes than `limit`.
        ClientDisconnect: The client went away before the end.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLongError
    return bytes(body)


def content_response(
    file: BinaryIO, part: ByteRange, status: int, headers: Mapping[str, str], *, at_once: int = PIECE
) -> Response:
    """Answer with a part of an open file, which is closed in any case; up to `at_once` bytes are read at once."""
    file.seek(part.start)
    if part.length <= at_once:
        with file:
            return Response(file.read(part.length), status, headers)
    return _FilePart(file, part.length, status, headers)


class _FilePart(StreamingResponse):
    def __init__(self, file: BinaryIO, length: int, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(_pieces(file, length), status, {**headers, "content-length": str(length)})
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _pieces(file: BinaryIO, length: int) -> AsyncIterator[bytes]:
    while length:
        piece = await run_sync(file.read, min(PIECE, length))
        if not piece:
            raise EOFError("A file of the store is shorter than recorded.")
        length -= len(piece)
        yield piece
