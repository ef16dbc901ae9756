"""What a worker process keeps between its tasks, and the shell around each task."""

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
from itwin_imodels.fleet.report import FleetRow, Outcome
from itwin_imodels.fleet.target import Target, open_target, reason_of

_KEPT: Final = 4
"""Connections that a worker keeps open."""
_OPENING: Final = Lock()


@attrs.frozen(kw_only=True)
class Job:
    """One iModel of a run, as it travels to a worker. It contains no credentials.

    Attributes:
        imodel_id: The iModel.
        itwin_id: Its iTwin.
        name: Its name.
        target: URL of the target.
        connection: Name of the worker's profile; None uses its environment variables alone.
        budget: What all workers together may do at a time.
        topic: Topic under which the driver expects the parts of the work as they are done.
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
        transfers: What downloads files.
        budget: The worker's part in the budget.
    """

    client: IModelsClient
    transfers: Transfers
    budget: SharedBudget


def service(connection: str | None, budget: Budget) -> Service:
    """Return the connections of this worker, opened by its first task."""
    with _OPENING:  # tasks that begin at the same time would each open some
        return _service(get_worker().id, connection, budget)


@lru_cache(maxsize=_KEPT)
def _service(_worker_id: str, connection: str | None, budget: Budget) -> Service:
    """Open connections; a process may have several workers, one after the other, each with another scheduler."""
    shared = SharedBudget(budget)
    transfers = Transfers(TransferOptions(parallelism=shared.lane))
    return Service(open_client(connection, BudgetTransport(shared)), transfers, shared)


@lru_cache(maxsize=_KEPT)
def target_of(url: str) -> Target:
    """Return a target, opened by the first task that needs it."""
    return open_target(url)


@contextmanager
def scratch() -> Iterator[Path]:
    """Create a folder for a task. Dask removes those of workers that were killed."""
    with TemporaryDirectory(dir=get_worker().local_directory, prefix="fleet-") as folder:
        yield Path(folder)


def row_of(operation: str, job: Job, work: Callable[[], FleetRow]) -> FleetRow:
    """Do the work of a task. What fails ends in the row of its iModel, never the run.

    Args:
        operation: Name of the operation for telemetry.
        job: The iModel.
        work: Does the work and returns the row.
    """
    begin = time.perf_counter()
    with span(f"fleet.{operation}", f"iModel {job.imodel_id}"):
        try:
            row = work()
        except IModelsError as error:
            row = failed(job, masked(" ".join(str(error).split())))
        except Exception as error:  # noqa: BLE001 - each storage has errors of its own
            row = failed(job, reason_of(error))
    if row.outcome is Outcome.FAILED:
        LOGGER.warning("iModel %s: %s failed: %s", job.imodel_id, operation, row.error)
    row = attrs.evolve(row, seconds=round(time.perf_counter() - begin, 3))
    telemetry.record(operation, row)
    return row


def failed(job: Job, error: str) -> FleetRow:
    """Return the row of an iModel that failed."""
    return FleetRow(imodel_id=job.imodel_id, itwin_id=job.itwin_id, name=job.name, outcome="failed", error=error)
