"""The client."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs
import httpx

from itwin_imodels._aio._authoring import AsyncAuthoring
from itwin_imodels._aio._checkpointing import AsyncCheckpointing
from itwin_imodels._aio._creating import AsyncCreating
from itwin_imodels._aio._mirroring import AsyncMirroring
from itwin_imodels._aio._session import AsyncPool, AsyncSession, Options
from itwin_imodels._authorization import Authorization
from itwin_imodels._connecting import base_url_of, connection_from_env
from itwin_imodels._drift import recorder_of
from itwin_imodels._environments import Environment
from itwin_imodels._local import started_hub
from itwin_imodels._options import RetryPolicy, Timeout
from itwin_imodels._transfer_options import TransferOptions
from itwin_imodels.auth import AuthLike

if TYPE_CHECKING:
    from itwin_imodels._local import LocalHub

__all__ = ["AsyncIModelsClient"]


class AsyncIModelsClient(AsyncAuthoring, AsyncMirroring, AsyncCreating, AsyncCheckpointing):
    """An asynchronous client of the iModels API.

    Use it as a context manager, or call `aclose()` at the end. One client serves any number of tasks of its event
    loop and shares connections and token among them.

    Args:
        auth: How to be let in: a token, a function that gives one, `ClientCredentials`, `AuthorizationCode`,
            `ShareKey`, or another source of tokens. None sends no credentials.
        base_url: Where the API is, such as that of a local hub; not together with `environment`.
        environment: `production` (default), `qa` or `dev`.
        timeout: Seconds that each part of a request may take, or a `Timeout`.
        retry: When a failed request is sent again.
        headers: Headers to send with every request.
        transfer: How files are moved to and from object storage.
        transport: A transport of httpx to send requests through, for tests and special networks. Proxies of the
            environment are then not used.
        record_drift: Folder in which to count where answers differ from the API definition, without any value of
            them; by default the folder that the environment variable `IMODELS_RECORD_DRIFT` names. Without a folder,
            nothing is compared.

    Raises:
        TypeError: `auth` is none of what is taken.
        ValueError: An address or a number is wrong.

    Example:
        ```python
        async with AsyncIModelsClient(auth=token, base_url=base_url) as client:
            async for changeset in client.changesets.list(imodel_id):
                print(changeset.index, changeset.push_date_time)
        ```
    """

    def __init__(
        self,
        auth: AuthLike | None = None,
        *,
        base_url: str | None = None,
        environment: Environment | None = None,
        timeout: Timeout | float | timedelta | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        transfer: TransferOptions | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        record_drift: Path | str | None = None,
    ) -> None:
        """Prepare a client; connections are opened when they are first needed."""
        options = Options(
            base_url=base_url_of(base_url, environment),
            timeout=Timeout() if timeout is None else Timeout.of(timeout),
            retry=retry or RetryPolicy(),
            headers=dict(headers or {}),
        )
        self._hub: LocalHub | None = None
        self._owns_pool = True
        pool = AsyncPool(Authorization.of(auth), transfer, transport, recorder_of(record_drift))
        self._session = AsyncSession(pool, options)

    @classmethod
    def from_env(cls, *, timeout: Timeout | float | timedelta | None = None, retry: RetryPolicy | None = None) -> Self:
        """Make a client from environment variables.

        `IMODELS_BASE_URL`, else `IMODELS_ENVIRONMENT` (`production`, `qa`, `dev`), tell where the API is; production
        by default. The first of these lets the client in: `IMODELS_TOKEN`; `IMODELS_SHARE_KEY`; `IMODELS_CLIENT_ID`
        with `IMODELS_CLIENT_SECRET` and the optional `IMODELS_SCOPE` and `IMODELS_TOKEN_URL`.

        Args:
            timeout: Seconds that each part of a request may take, or a `Timeout`.
            retry: When a failed request is sent again.

        Raises:
            ConfigurationError: A variable is missing or wrong.

        Example:
            ```python
            client = AsyncIModelsClient.from_env()
            ```
        """
        found = connection_from_env()
        return cls(found.auth, base_url=found.base_url, timeout=timeout, retry=retry)

    @classmethod
    def local(
        cls, data_dir: Path | str | None = None, *, user: str | None = None, seed: str | Path | None = None
    ) -> Self:
        """Make a client of a hub in this process, which ends with the client. No account is needed.

        Args:
            data_dir: Where the hub keeps everything; None keeps nothing beyond its end.
            user: Short name of the hub's user to work as; the first one by default.
            seed: What a new hub begins with: `demo`, or a TOML file with iModels.

        Raises:
            ConfigurationError: The extra `hub` is not installed.
            KeyError: The hub has no such user.

        Example:
            ```python
            async with AsyncIModelsClient.local() as client:
                imodel = await client.imodels.create(client.hub.itwin_id, "Bridge")
            ```
        """
        hub = started_hub(data_dir, seed)
        try:
            client = cls(hub.token(user), base_url=hub.base_url)
        except BaseException:
            hub.stop()
            raise
        client._hub = hub
        return client

    def with_options(
        self,
        *,
        timeout: Timeout | float | timedelta | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Give a view of this client with other options. It shares connections and token, and changes nothing here.

        Args:
            timeout: Seconds that each part of a request may take, or a `Timeout`.
            retry: When a failed request is sent again.
            headers: Headers to send with every request, besides those of this client.

        Returns:
            The view. Closing it closes nothing.

        Example:
            ```python
            patient = client.with_options(timeout=120, headers={"X-Correlation-Id": "night-run-7"})
            ```
        """
        options = self._session.options
        changed = attrs.evolve(
            options,
            timeout=options.timeout if timeout is None else Timeout.of(timeout),
            retry=retry or options.retry,
            headers={**options.headers, **(headers or {})},
        )
        view = type(self).__new__(type(self))
        view.__dict__.update(_hub=self._hub, _owns_pool=False, _session=AsyncSession(self._session.pool, changed))
        return view

    @property
    def base_url(self) -> str:
        """Where the API is."""
        return self._session.options.base_url

    @property
    def hub(self) -> "LocalHub":
        """The hub of a client made by `local()`.

        Raises:
            RuntimeError: The client was made in another way.
        """
        if self._hub is None:
            raise RuntimeError("this client has no hub of its own; make one with local()")
        return self._hub

    async def aclose(self) -> None:
        """Close the connections, and end the hub of a client made by `local()`."""
        if not self._owns_pool:
            return
        await self._session.pool.aclose()
        if self._hub is not None:
            self._hub.stop()

    async def __aenter__(self) -> Self:
        """Give the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()

    def __repr__(self) -> str:
        """Where it connects to."""
        return f"{type(self).__name__}(base_url={self.base_url!r})"
