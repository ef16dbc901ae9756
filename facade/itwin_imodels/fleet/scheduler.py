"""Dask: the cluster, the check of versions, and the tasks of a run."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from queue import SimpleQueue
from typing import Any, Final, TypeAlias, TypeVar

from distributed import Client, Future, KilledWorker, LocalCluster

from itwin_imodels._version import __version__
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet.target import reason_of

J = TypeVar("J")
R = TypeVar("R")

Event: TypeAlias = tuple[float, dict[str, Any]]
"""The time at which the scheduler received a message from a worker, and the message."""

CONNECT_TIMEOUT: Final = "15s"
"""How long to wait for the scheduler."""

_THREADS: Final = 4
_AHEAD: Final = 4
"""Number of tasks submitted per thread: enough to keep it busy, but few to cancel if the driver stops."""
_TRIES: Final = 5
"""Maximum number of times that a task is submitted if its workers die."""
_WORKERS_TIMEOUT: Final = 60
"""Seconds to wait for the first worker."""


@contextmanager
def connected(scheduler: "str | Client | None", workers: int | None) -> Iterator[Client]:
    """Connect to a scheduler, and check that its workers have the same version of this package.

    Args:
        scheduler: Address of a scheduler, a Dask client connected to one, or None to start workers on this machine.
        workers: Number of worker processes to start if no scheduler is given; None starts one for each processor.

    Raises:
        FleetError: The scheduler cannot be reached or has no workers, or it or a worker has a different version of
            this package.
    """
    with ExitStack() as stack:
        if isinstance(scheduler, Client):
            client = scheduler
        elif scheduler is None:
            client = stack.enter_context(Client(stack.enter_context(_local_cluster(workers))))
        else:
            client = stack.enter_context(_client_of(scheduler))
        _check(client)
        yield client


def dashboard_of(client: Client) -> str:
    """Return the address of the dashboard; empty if the scheduler has none, for example because bokeh is missing."""
    return str(client.dashboard_link) if client.run_on_scheduler(_has_dashboard) else ""


def _has_dashboard(dask_scheduler: Any) -> bool:  # noqa: ANN401 - Dask names the argument and has no types
    return bool(dask_scheduler.http_application.applications)


def _local_cluster(workers: int | None) -> LocalCluster:
    count = workers or os.cpu_count() or 1
    return LocalCluster(n_workers=count, threads_per_worker=_THREADS, processes=True, dashboard_address="127.0.0.1:0")


def _client_of(address: str) -> Client:
    try:
        return Client(address, timeout=CONNECT_TIMEOUT)
    except (OSError, ValueError) as error:
        raise FleetError(
            f"scheduler {address} cannot be reached: {reason_of(error)}. Check the address and whether the scheduler is"
            " running."
        ) from None


def _check(client: Client) -> None:
    """Check that there are workers, and that they and the scheduler have the same version of this package."""
    _check_version(f"the scheduler at {_address(client)}", _version_of_scheduler(client))
    try:
        client.wait_for_workers(1, timeout=_WORKERS_TIMEOUT)
    except TimeoutError:
        raise FleetError(
            f"scheduler {_address(client)} has no workers: none registered within {_WORKERS_TIMEOUT} s. "
            "Start at least one worker."
        ) from None
    for name, version in client.run(_version, on_error="return").items():
        _check_version(f"worker {name} of the scheduler at {_address(client)}", version)


def _check_version(place: str, version: object) -> None:
    if version != __version__:
        has = f"itwin-imodels {version}" if isinstance(version, str) else "no working itwin-imodels[fleet]"
        raise FleetError(f"{place} has {has}, but the driver has {__version__}. Install the same version everywhere.")


def _version_of_scheduler(client: Client) -> object:
    try:
        return client.run_on_scheduler(_version)
    except Exception as error:  # noqa: BLE001 - on any failure, the scheduler cannot run the tasks
        return error


def _version() -> str:
    """Return the version of this package on a worker or the scheduler."""
    return __version__


def _address(client: Client) -> str:
    return str(client.scheduler_info()["address"])


def run_tasks(  # noqa: PLR0913, PLR0917 - each is a separate part of a run
    client: Client,
    function: Callable[[J], R],
    jobs: Iterable[J],
    lost: Callable[[J, str], R],
    topic: str = "",
    on_event: Callable[[Event], object] = lambda _: None,
) -> Iterator[R]:
    """Submit a task for each job, in order, and yield the results as they become available.

    Args:
        client: The client of the scheduler.
        function: The task.
        jobs: The jobs.
        lost: Returns the result of a job whose task failed, for example because its workers kept dying; called with the
            job and the reason.
        topic: Topic of the events that the tasks log; empty if they log none.
        on_event: Called for each event in the thread that iterates.

    Raises:
        FleetError: The connection to the scheduler was lost.
    """
    todo = iter(enumerate(jobs))
    under_way: dict[Future[R], tuple[int, J, int]] = {}
    arrived: SimpleQueue[Future[R] | Event] = SimpleQueue()

    def submit(rank: int, job: J, tries: int) -> None:
        future = client.submit(function, job, pure=False, priority=-rank)
        under_way[future] = rank, job, tries
        future.add_done_callback(arrived.put)

    with _subscribed(client, topic, arrived.put):
        threads = sum(client.nthreads().values())
        for rank, job in islice(todo, max(1, _AHEAD * threads)):
            submit(rank, job, 1)
        while under_way:
            arrival = arrived.get()
            if not isinstance(arrival, Future):
                on_event(arrival)
                continue
            rank, job, tries = under_way.pop(arrival)
            error = _error_of(arrival, client)
            if isinstance(error, KilledWorker) and tries < _TRIES:
                submit(rank, job, tries + 1)
                continue
            yield arrival.result() if error is None else lost(job, reason_of(error))
            for next_rank, next_job in islice(todo, 1):
                submit(next_rank, next_job, 1)


@contextmanager
def _subscribed(client: Client, topic: str, handler: Callable[[Event], object]) -> Iterator[None]:
    if not topic:
        yield
        return
    client.subscribe_topic(topic, handler)
    try:
        yield
    finally:
        if client.status == "running":
            client.unsubscribe_topic(topic)


def _error_of(future: "Future[Any]", client: Client) -> BaseException | None:
    if future.status in {"lost", "cancelled"}:
        raise FleetError(
            f"the connection to the scheduler was lost (status {client.status}). Run the same command again to resume."
        )
    error: BaseException | None = future.exception()
    return error
