"""Time limits for connections: the hub closes the connection of a client that stops sending or reading.

Three waits are limited: for the complete head of a request, counted from the connection or the previous response; for
the next part of a body; and for a client that does not read its response. There is no limit while the hub itself works.
uvicorn closes idle connections between two requests earlier.
"""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

import h11
import uvicorn
from attrs import frozen
from uvicorn.server import ServerState

from itwin_imodels_hub.control.connections import TrackedProtocol

_CHECKS: Final = 4
"""How often a connection is checked within the shorter limit."""


@frozen(kw_only=True)
class Patience:
    """Time limits for connections.

    Attributes:
        header: Time within which the head of a request must arrive.
        idle: Maximum time without progress in sending a body or in reading a response.
    """

    header: timedelta = timedelta(seconds=30)
    idle: timedelta = timedelta(seconds=60)

    @property
    def protocol(self) -> "partial[_ImpatientProtocol]":
        """A factory of server protocols with these limits."""
        return partial(_ImpatientProtocol, header=self.header.total_seconds(), idle=self.idle.total_seconds())


class _ImpatientProtocol(TrackedProtocol):
    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        header: float,
        idle: float,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._header = header
        self._idle = idle
        self._check: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._progressed = 0.0
        self._unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._began = self._progressed = self.loop.time()
        self._check_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._check is not None:
            self._check.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._progressed = self.loop.time()
        super().data_received(data)

    def resume_writing(self) -> None:
        self._progressed = self.loop.time()
        super().resume_writing()

    def on_response_complete(self) -> None:
        self._began = self._progressed = self.loop.time()
        super().on_response_complete()

    def _check_later(self) -> None:
        self._check = self.loop.call_later(min(self._header, self._idle) / _CHECKS, self._end_if_late)

    def _end_if_late(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent < self._unsent or self.flow.read_paused:  # the client reads, or the hub has paused reading
            self._progressed = self.loop.time()
        self._unsent = unsent
        if self._is_late(self.loop.time()):
            self.transport.abort()
        else:
            self._check_later()

    def _is_late(self, now: float) -> bool:
        if self._unsent or self.conn.their_state is h11.SEND_BODY:
            return now - self._progressed >= self._idle
        is_answering = bool(self.cycle) and not self.cycle.response_complete  # no cycle before the first request
        return not is_answering and now - self._began >= self._header
