"""The budget for API calls and downloads, which all workers of a scheduler share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import attrs
import httpx
from distributed import Client, Semaphore, Variable

from itwin_imodels._core import checks
from itwin_imodels._core.retrying import retry_after_seconds

_NAME: Final = "itwin-imodels"
_PAUSE_UNTIL: Final = f"{_NAME}-pause-until"
_TOO_MANY: Final = 429
_PAUSE: Final = 5.0
"""Duration of a pause in seconds if the service does not specify one."""

LANE: Final = 8
"""Maximum number of files, or of blocks of a checkpoint, that a download transfers concurrently."""


@attrs.frozen(kw_only=True)
class Budget:
    """Limits on what all workers together do concurrently. Runs with the same budget on a scheduler share it.

    Args:
        api_calls: Maximum number of concurrent requests to the iModels API.
        downloads: Maximum number of concurrent downloads from the service's storage.

    Raises:
        ValueError: A number is not from 1 to 10,000.
    """

    api_calls: int = attrs.field(default=8, validator=checks.between(1, 10_000))
    downloads: int = attrs.field(default=64, validator=checks.between(1, 10_000))


def prepare_pause(client: Client) -> None:
    """Create the variable that tells all workers when a pause ends, unless the scheduler already has it."""
    if not client.run_on_scheduler(_has_pause):
        Variable(_PAUSE_UNTIL, client=client).set(0.0)


def _has_pause(dask_scheduler: Any) -> bool:  # noqa: ANN401 - Dask names the argument and has no types
    return _PAUSE_UNTIL in dask_scheduler.extensions["variables"].variables


class SharedBudget:
    """A worker's access to the budget.

    Attributes:
        lane: Maximum number of files, or of blocks of a checkpoint, that a download transfers concurrently.
    """

    def __init__(self, budget: Budget) -> None:
        """Register with the scheduler; only possible within a task."""
        self.lane = min(LANE, budget.downloads)
        self._calls = Semaphore(budget.api_calls, name=f"{_NAME}-api-calls-{budget.api_calls}")
        self._downloads = Semaphore(budget.downloads // self.lane, name=f"{_NAME}-downloads-{budget.downloads}")
        self._pause = Variable(_PAUSE_UNTIL)

    @contextmanager
    def api_call(self) -> Iterator[None]:
        """Wait until the budget permits a request and any pause has ended."""
        with self._calls:
            left = self._pause.get() - time.time()
            if left > 0:
                time.sleep(left)
            yield

    @contextmanager
    def download(self) -> Iterator[None]:
        """Wait until the budget permits a download."""
        with self._downloads:
            yield

    def pause(self, seconds: float) -> None:
        """Stop all workers from sending requests for the given number of seconds."""
        self._pause.set(max(self._pause.get(), time.time() + seconds))


class BudgetTransport(httpx.BaseTransport):
    """Sends each request when the budget permits it; if the service asks a worker to wait, all workers wait."""

    def __init__(self, budget: SharedBudget) -> None:
        """Create a transport that respects the proxies and certificates in environment variables."""
        self._budget = budget
        self._client = httpx.Client()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        with self._budget.api_call():
            response = self._client.send(request, stream=True)
        if response.status_code == _TOO_MANY:
            asked = retry_after_seconds(
                response.headers.get("Retry-After"), datetime.now(UTC), response.headers.get("Date")
            )
            self._budget.pause(_PAUSE if asked is None else asked)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
