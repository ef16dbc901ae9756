"""One budget of API calls and downloads for all workers of a scheduler."""

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
"""Seconds of a pause if the service names none."""

LANE: Final = 8
"""Files that one download of a window transfers at a time."""


@attrs.frozen(kw_only=True)
class Budget:
    """What all workers together may do at a time. Runs with the same budget on one scheduler share it.

    Args:
        api_calls: Requests to the iModels API under way.
        downloads: Files under way from the service's storage.

    Raises:
        ValueError: A number is less than 1.
    """

    api_calls: int = attrs.field(default=8, validator=checks.between(1, 10_000))
    downloads: int = attrs.field(default=64, validator=checks.between(1, 10_000))


def prepare_pause(client: Client) -> None:
    """Create the variable that tells all workers until when to pause, unless the scheduler has it."""
    if not client.run_on_scheduler(_has_pause):
        Variable(_PAUSE_UNTIL, client=client).set(0.0)


def _has_pause(dask_scheduler: Any) -> bool:  # noqa: ANN401 - Dask names the argument and has no types
    return _PAUSE_UNTIL in dask_scheduler.extensions["variables"].variables


class SharedBudget:
    """A worker's part in the budget.

    Attributes:
        lane: Files that one window transfers at a time.
    """

    def __init__(self, budget: Budget) -> None:
        """Register with the scheduler; only within a task."""
        self.lane = min(LANE, budget.downloads)
        self._calls = Semaphore(budget.api_calls, name=f"{_NAME}-api-calls-{budget.api_calls}")
        self._downloads = Semaphore(budget.downloads // self.lane, name=f"{_NAME}-downloads-{budget.downloads}")
        self._pause = Variable(_PAUSE_UNTIL)

    @contextmanager
    def api_call(self) -> Iterator[None]:
        """Wait for the turn of a request, and for the end of a pause."""
        with self._calls:
            left = self._pause.get() - time.time()
            if left > 0:
                time.sleep(left)
            yield

    @contextmanager
    def download(self) -> Iterator[None]:
        """Wait for the turn of a window."""
        with self._downloads:
            yield

    def pause(self, seconds: float) -> None:
        """Stop all workers from sending requests for a time."""
        self._pause.set(max(self._pause.get(), time.time() + seconds))


class BudgetTransport(httpx.BaseTransport):
    """Sends each request when its turn has come; the service's request to wait holds for all workers."""

    def __init__(self, budget: SharedBudget) -> None:
        """Open connections as the environment demands: proxies, certificates."""
        self._budget = budget
        self._client = httpx.Client()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        with self._budget.api_call():
            response = self._client.send(request, stream=True)
        if response.status_code == _TOO_MANY:
            asked = retry_after_seconds(response.headers.get("Retry-After"), datetime.now(UTC))
            self._budget.pause(_PAUSE if asked is None else asked)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
