"""pytest fixtures for testing applications that use this package.

Pytest finds the fixtures as soon as the package is installed; no import is required. They require the extra `hub`.

| fixture | description |
|---|---|
| `imodels_hub` | a separate hub for each test, with one empty iTwin (`imodels_hub.itwin_id`) |
| `imodels_client` | a client of the hub |
| `async_imodels_client` | an asynchronous client of the hub, for any event loop |
| `no_imodels_waiting` | skips all waits, such as those between retries and polls |

`no_waiting()` does the same as the last fixture for the duration of a block.

The asynchronous client keeps no connections open between requests. It can therefore be used inside `asyncio.run()`,
under any plugin for asynchronous tests, and on several event loops, and it need not be closed.

Example:
    ```python
    def test_a_bridge_is_registered(imodels_client, imodels_hub):
        imodel = imodels_client.imodels.create(imodels_hub.itwin_id, "Bridge")
        assert register(imodels_client, imodel.id)


    def test_patience(imodels_client, imodels_hub, no_imodels_waiting):
        imodels_hub.control.faults.add(Fault.rate_limited(retry_after=30))
        assert register_all(imodels_client)
    ```
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

try:
    import pytest
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("itwin_imodels.testing requires pytest: pip install pytest", name="pytest") from error

# Nothing else is imported up front: pytest loads this module in every run, even if its fixtures are not used.
if TYPE_CHECKING:
    from itwin_imodels import AsyncIModelsClient, IModelsClient
    from itwin_imodels._connection.local import LocalHub

__all__ = ["async_imodels_client", "imodels_client", "imodels_hub", "no_imodels_waiting", "no_waiting"]


def no_waiting() -> AbstractContextManager[None]:
    """Skip all waits of the clients in this process for the duration of a block.

    Retries of requests follow one another without a pause. Polls and retries of file transfers are at most 50 ms apart,
    so that the hub can work in between. Skipped waits count toward the `timeout` of polls, but not toward
    `RetryPolicy.deadline`; if a single wait would exceed this deadline, the request fails.

    Returns:
        A context manager.

    Example:
        ```python
        with no_waiting():
            client.imodels.get(imodel_id)
        ```
    """
    from itwin_imodels._core.waiting import instantly  # noqa: PLC0415 - see above

    return instantly()


@pytest.fixture
def imodels_hub() -> "Iterator[LocalHub]":
    """Yield a hub for one test. It completes background work at once; its `control` injects faults, for example."""
    from itwin_imodels._connection.local import started_hub  # noqa: PLC0415 - see above

    hub = started_hub(None, None, instant=True)
    try:
        yield hub
    finally:
        hub.stop()


@pytest.fixture
def imodels_client(imodels_hub: "LocalHub") -> "Iterator[IModelsClient]":
    """Yield a client of the test's hub, authenticated as its first user."""
    from itwin_imodels import IModelsClient  # noqa: PLC0415 - see above

    with IModelsClient(imodels_hub.token(), base_url=imodels_hub.base_url) as client:
        yield client


@pytest.fixture
def async_imodels_client(imodels_hub: "LocalHub") -> "AsyncIModelsClient":
    """Return an asynchronous client of the test's hub, authenticated as its first user, for any event loop."""
    import httpx  # noqa: PLC0415 - see above

    from itwin_imodels import AsyncIModelsClient  # noqa: PLC0415 - see above

    transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
    return AsyncIModelsClient(imodels_hub.token(), base_url=imodels_hub.base_url, transport=transport)


@pytest.fixture
def no_imodels_waiting() -> Iterator[None]:
    """Skip all waits during the test."""
    with no_waiting():
        yield
