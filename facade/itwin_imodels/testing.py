"""Fixtures of pytest for the tests of applications that use this package.

Installing the package makes them known to pytest; nothing has to be imported. They need the extra `hub`.

| fixture | what |
|---|---|
| `imodels_hub` | a hub of the test's own, empty but for one iTwin (`imodels_hub.itwin_id`), gone after the test |
| `imodels_client` | a client of it |
| `async_imodels_client` | an asynchronous client of it, for any event loop |
| `no_imodels_waiting` | waits between attempts and while something is under way end at once |

`no_waiting()` does the same as the last one for the length of a block.

The asynchronous client keeps no connection open between two requests, so it can be used inside `asyncio.run()` as well
as under any plugin for asynchronous tests, even on several event loops, and has to be closed by nobody. Closing it,
with `async with` or `aclose()`, does no harm.

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
    raise ModuleNotFoundError("itwin_imodels.testing needs pytest: pip install pytest", name="pytest") from error

# Nothing else is imported before it is needed: pytest loads this module in every run, also where it has no use.
if TYPE_CHECKING:
    from itwin_imodels import AsyncIModelsClient, IModelsClient
    from itwin_imodels._connection.local import LocalHub

__all__ = ["async_imodels_client", "imodels_client", "imodels_hub", "no_imodels_waiting", "no_waiting"]


def no_waiting() -> AbstractContextManager[None]:
    """Make every wait of the clients of this process end at once, as long as the block lasts.

    Retries are then made without a pause, and what is waited for is looked at without one. The time that the service
    asks for still counts towards the deadline of the retries.

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
    """A hub of the test's own, whose background work is done at once; its `control` can do what no client could."""
    from itwin_imodels._connection.local import started_hub  # noqa: PLC0415 - see above

    hub = started_hub(None, None, instant=True)
    try:
        yield hub
    finally:
        hub.stop()


@pytest.fixture
def imodels_client(imodels_hub: "LocalHub") -> "Iterator[IModelsClient]":
    """A client of the test's hub, as its first user."""
    from itwin_imodels import IModelsClient  # noqa: PLC0415 - see above

    with IModelsClient(imodels_hub.token(), base_url=imodels_hub.base_url) as client:
        yield client


@pytest.fixture
def async_imodels_client(imodels_hub: "LocalHub") -> "AsyncIModelsClient":
    """An asynchronous client of the test's hub, as its first user, for any event loop."""
    import httpx  # noqa: PLC0415 - see above

    from itwin_imodels import AsyncIModelsClient  # noqa: PLC0415 - see above

    unkept = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))
    return AsyncIModelsClient(imodels_hub.token(), base_url=imodels_hub.base_url, transport=unkept)


@pytest.fixture
def no_imodels_waiting() -> Iterator[None]:
    """Make every wait end at once during the test."""
    with no_waiting():
        yield
