"""Transfer of content between requests and files, in pieces of limited size and with file access in threads."""

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
    """A body exceeds its limit."""


def keep_freed_memory() -> None:
    """Make the C library keep freed memory blocks of the size of a piece.

    The GNU C library returns large freed blocks to the system. Each piece then requires new memory pages, which takes
    most of the time of an upload. The library keeps blocks up to the largest size that has been freed before.
    """
    bytearray(8 * PIECE)


async def receive(request: Request, write: Callable[[Iterable[bytes]], None], limit: int) -> None:
    """Pass the body of a request to a writer in a thread; a batch is written while the next one arrives.

    Args:
        request: The request.
        write: Receives pieces in order; called from one thread at a time.
        limit: Maximum number of bytes.

    Raises:
        TooLongError: The body exceeds the limit.
        ClientDisconnect: The client disconnected before the end.
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
    """Return a body of limited size.

    Raises:
        TooLongError: The body exceeds `limit` bytes.
        ClientDisconnect: The client disconnected before the end.
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
    """Return a response that sends a part of an open file and closes it; up to `at_once` bytes are read immediately."""
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
            raise EOFError("a file in the store is shorter than its recorded size")
        length -= len(piece)
        yield piece
