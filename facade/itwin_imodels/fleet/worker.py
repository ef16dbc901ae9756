"""The state that a worker process keeps between tasks, and the error handling of tasks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final

import attrs
from distributed import get_worker

from itwin_imodels import IModelsClient, TransferOptions
from itwin_imodels._core.secrets import masked
from itwin_imodels._core.telemetry import LOGGER, span
from itwin_imodels._transfer import Transfers
from itwin_imodels.errors import IModelsError
from itwin_imodels.fleet import telemetry
from itwin_imodels.fleet.budget import Budget, BudgetTransport, SharedBudget
from itwin_imodels.fleet.connection import open_client
from itwin_imodels.fleet.opening import open_target
from itwin_imodels.fleet.report import FleetRow, Outcome
from itwin_imodels.fleet.target import Target, reason_of

_KEPT: Final = 4
"""Maximum number of `Service` objects, and of targets, that a worker process keeps."""
_OPENING: Final = Lock()


@attrs.frozen(kw_only=True)
class Job:
    """A task for one iModel, or to list an iTwin's iModels, as sent to a worker. It contains no credentials.

    Attributes:
        imodel_id: The id of the iModel; empty to list the iModels of the iTwin.
        itwin_id: The id of the iTwin.
        name: The name of the iModel.
        target: URL of the target.
        connection: Name of a profile on the worker; None uses only environment variables.
        budget: Limits on concurrent requests and downloads of all workers together.
        topic: Topic of the events that report finished parts of the work to the driver.
    """

    imodel_id: str
    itwin_id: str
    name: str
    target: str
    connection: str | None = None
    budget: Budget = attrs.field(factory=Budget)
    topic: str = ""


@attrs.frozen(eq=False)
class Service:
    """The connections of a worker to the service.

    Attributes:
        client: The client.
        transfers: Downloads files.
        budget: The worker's access to the budget.
    """

    client: IModelsClient
    transfers: Transfers
    budget: SharedBudget


def service(connection: str | None, budget: Budget) -> Service:
    """Return the connections of this worker, which its first task opens."""
    with _OPENING:  # otherwise, concurrent tasks would each open connections
        return _service(get_worker().id, connection, budget)


@lru_cache(maxsize=_KEPT)
def _service(_worker_id: str, connection: str | None, budget: Budget) -> Service:
    """Open connections. The worker id is only a cache key: a process may run several workers in succession."""
    shared = SharedBudget(budget)
    options = TransferOptions(parallelism=shared.lane, block_parallelism=shared.lane)
    return Service(open_client(connection, BudgetTransport(shared), options), Transfers(options), shared)


@lru_cache(maxsize=_KEPT)
def target_of(url: str) -> Target:
    """Return a target, which the first task that needs it opens."""
    return open_target(url)


@contextmanager
def scratch() -> Iterator[Path]:
    """Create a temporary folder for a task. Dask deletes the folders of killed workers."""
    with TemporaryDirectory(dir=get_worker().local_directory, prefix="fleet-") as folder:
        yield Path(folder)


def row_of(operation: str, job: Job, work: Callable[[], FleetRow]) -> FleetRow:
    """Do the work of a task. A failure is reported in the row and does not abort the run.

    Args:
        operation: Name of the operation for telemetry.
        job: The job.
        work: Does the work and returns the row of the report.
    """
    begin = time.perf_counter()
    entity = f"iModel {job.imodel_id}" if job.imodel_id else f"iTwin {job.itwin_id}"
    with span(f"fleet.{operation}", entity):
        try:
            row = work()
        except IModelsError as error:
            row = failed(job, masked(" ".join(str(error).split())))
        except Exception as error:  # noqa: BLE001 - each storage has its own errors
            row = failed(job, reason_of(error))
    if row.outcome is Outcome.FAILED:
        LOGGER.warning("%s: %s failed: %s", entity, operation, row.error)
    row = attrs.evolve(row, seconds=round(time.perf_counter() - begin, 3))
    if job.imodel_id:
        telemetry.record(operation, row)
    return row


def failed(job: Job, error: str) -> FleetRow:
    """Return the row for a failed job."""
    return FleetRow(imodel_id=job.imodel_id, itwin_id=job.itwin_id, name=job.name, outcome="failed", error=error)
