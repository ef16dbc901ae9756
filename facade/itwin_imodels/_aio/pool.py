"""The resources that all views of a client share, and the options of each view."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from itwin_imodels._auth.authorization import Authorization
from itwin_imodels._connection.http_clients import AsyncHttpClients
from itwin_imodels._core.background import AsyncBackground, async_blocking
from itwin_imodels._core.network import Network
from itwin_imodels._core.options import RetryPolicy, Timeout

if TYPE_CHECKING:
    import httpx

    from itwin_imodels._drift.recorder import Recorder
    from itwin_imodels._transfer import Transfers
    from itwin_imodels._transfer.options import TransferOptions

MAX_RESPONSE_SIZE = 64 << 20
"""Default size limit for response bodies, in bytes; a page of 1000 changesets has a few MiB."""


@attrs.frozen(kw_only=True)
class Options:
    """The options of one view of a client."""

    base_url: str
    timeout: Timeout
    retry: RetryPolicy
    headers: Mapping[str, str]
    max_response_size: int = MAX_RESPONSE_SIZE


def merged_headers(*parts: Mapping[str, str]) -> dict[str, str]:
    """Return headers by their names in lower case; each replaces earlier ones with the same name."""
    return {name.lower(): value for part in parts for name, value in part.items()}


class AsyncPool:
    """The resources that all views of a client share: connections, token and background work."""

    def __init__(
        self,
        authorization: Authorization,
        transfer: "TransferOptions | None",
        transport: "httpx.AsyncBaseTransport | None",
        recorder: "Recorder | None" = None,
        network: Network | None = None,
    ) -> None:
        """Store the settings; connections are opened on first use."""
        self.authorization = authorization
        self.recorder = recorder
        self.background = AsyncBackground()
        self.network = network or Network()
        self.clients = AsyncHttpClients(transport, self.network)
        self._transfer_options = transfer

    @cached_property
    def transfers(self) -> "Transfers":
        """The file transfers, created on first use."""
        from itwin_imodels._transfer import Transfers  # noqa: PLC0415 - most clients transfer no files

        return Transfers(self._transfer_options, network=self.network)

    async def aclose(self) -> None:
        """Cancel background work and close all connections."""
        self.background.close()
        if "transfers" in self.__dict__:
            self.transfers.close()
        await self.clients.aclose()
        if self.recorder is not None:
            await async_blocking(self.recorder.close)
