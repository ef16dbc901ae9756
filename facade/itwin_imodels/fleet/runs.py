"""Functions that mirror, verify and export a fleet; they run in the calling process."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import attrs

from itwin_imodels._core import checks
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import planning, scheduler
from itwin_imodels.fleet.budget import Budget, prepare_pause
from itwin_imodels.fleet.changing import write_changes
from itwin_imodels.fleet.copies import manifest_times, read_manifest, row_about
from itwin_imodels.fleet.mirroring import FindJob, MirrorJob, find_imodel, list_imodels, mirror_imodel
from itwin_imodels.fleet.opening import check_target, open_target
from itwin_imodels.fleet.progress import ProgressCount, part_of
from itwin_imodels.fleet.report import NO_PROGRESS, FleetReport, FleetRow, ProgressCallback
from itwin_imodels.fleet.verifying import VerifyJob, verify_imodel
from itwin_imodels.fleet.worker import Job, failed
from itwin_imodels.models import IModel

if TYPE_CHECKING:
    from distributed import Client

J = TypeVar("J", bound=Job)


def mirror_fleet(
    *,
    itwin_ids: Sequence[str],
    target: str,
    connection: str | None = None,
    scheduler: "str | Client | None" = None,
    workers: int | None = None,
    budget: Budget | None = None,
    dry_run: bool = False,
    progress: ProgressCallback = NO_PROGRESS,
) -> FleetReport:
    """Create or update a fleet: mirrors of all iModels of the given iTwins, in a folder or in object storage.

    For each iModel, a run requests the changesets after those in the manifest. It starts with the iModels that have
    gone longest without being mirrored. A run can be interrupted at any time; the next one completes it. A failure for
    one iModel is reported in its row and does not affect other iModels.

    Without `scheduler`, this function starts worker processes, which import the main module. Call this function inside
    ``if __name__ == "__main__":``.

    Args:
        itwin_ids: Ids of the iTwins whose iModels are mirrored.
        target: ``abfs://container@account.dfs.core.windows.net/folder``, ``s3://bucket/folder``,
            ``gs://bucket/folder``, ``file:///folder``, or the path of a folder that all workers can access by the same
            path.
        connection: Name of a profile that exists on each worker and contains the connection settings. Credentials come
            from the environment of the worker. None uses only environment variables, like `IModelsClient.from_env`.
        scheduler: Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, or a Dask client; None starts workers
            on this machine.
        workers: Number of workers to start if `scheduler` is None; None starts one for each processor.
        budget: Limits on concurrent requests and downloads of all workers together; None means `Budget()`: 8 requests
            and 64 downloads.
        dry_run: Whether to only determine what would be downloaded, without writing anything.
        progress: Called with a `FleetProgress` at the start, whenever an iModel is finished, and whenever changesets
            have been added to one.

    Returns:
        The report, with a row for each iModel.

    Raises:
        ConfigurationError: A package for this kind of target is not installed.
        FleetError: The target or the scheduler cannot be used, or the connection to the scheduler was lost; run again
            to complete the copy.
        ValueError: An argument is invalid.

    Example:
        ```python
        report = mirror_fleet(itwin_ids=[itwin_id], target=target, workers=1)
        print(report.counts)
        ```
    """
    ids = [checks.identifier("itwin_ids", each).lower() for each in itwin_ids]
    return _FleetRun(target, scheduler, workers, progress).mirror(ids, connection, budget or Budget(), dry_run=dry_run)


def verify_fleet(
    target: str,
    *,
    sample: float = 1.0,
    scheduler: "str | Client | None" = None,
    workers: int | None = None,
    progress: ProgressCallback = NO_PROGRESS,
) -> FleetReport:
    """Verify the sizes of all files of a fleet, and the ids of a sample, without contacting the service.

    Missing files, and files with a wrong size or id, are reported.

    Args:
        target: URL of the target.
        sample: Fraction of the files whose ids are verified, from 0 to 1; the selection changes daily.
        scheduler: See `mirror_fleet`.
        workers: See `mirror_fleet`.
        progress: Called with a `FleetProgress` at the start and whenever an iModel is finished.

    Returns:
        The report; iModels with missing or damaged files are reported as failed.

    Raises:
        ConfigurationError: A package for this kind of target is not installed.
        FleetError: The target or the scheduler cannot be used, or the connection to the scheduler was lost.
        ValueError: An argument is invalid.

    Example:
        ```python
        report = verify_fleet(target, sample=0.05, workers=1)
        print(report.is_complete)
        ```
    """
    share = planning.parse_share(str(sample))
    return _FleetRun(target, scheduler, workers, progress).verify(share)


def write_fleet_changes(
    target: str,
    *,
    connection: str | None = None,
    scheduler: "str | Client | None" = None,
    workers: int | None = None,
    budget: Budget | None = None,
    progress: ProgressCallback = NO_PROGRESS,
) -> FleetReport:
    """Write the element-level changes of the new changesets of a fleet as tables.

    The names of classes and properties come from a database of each iModel: the checkpoint nearest to its newest
    changeset. It is downloaded for each iModel that has new changesets.

    Args:
        target: URL of the target.
        connection: See `mirror_fleet`.
        scheduler: See `mirror_fleet`.
        workers: See `mirror_fleet`.
        budget: See `mirror_fleet`.
        progress: Called with a `FleetProgress` at the start and whenever an iModel is finished.

    Returns:
        The report, with the number of rows written for each iModel.

    Raises:
        ConfigurationError: A package for this kind of target is not installed.
        FleetError: The target or the scheduler cannot be used, or the connection to the scheduler was lost.
        ValueError: An argument is invalid.

    Example:
        ```python
        report = write_fleet_changes(target, workers=1)
        print(sum(row.changed_rows for row in report.rows))
        ```
    """
    return _FleetRun(target, scheduler, workers, progress).write_changes(connection, budget or Budget())


def fleet_status(target: str) -> FleetReport:
    """Return the state of the mirror of each iModel, without a scheduler and without contacting the service.

    Args:
        target: URL of the target.

    Returns:
        The report. `FleetRow.seconds` is the time since the manifest of the iModel was last written; the rows are
        ordered by it, longest first. An iModel whose manifest is invalid is reported as failed.

    Raises:
        ConfigurationError: A package for this kind of target is not installed.
        FleetError: The target cannot be read, has a newer format, or contains no fleet.
        ValueError: The URL of the target is invalid.

    Example:
        ```python
        for row in fleet_status(target).rows:
            print(row.name, row.changesets)
        ```
    """
    place = open_target(target)
    check_target(place)
    now = datetime.now(UTC)
    mirrored_at = manifest_times(place)
    rows = []
    for imodel_id in planning.by_age(mirrored_at, mirrored_at):
        age = max(0.0, (now - mirrored_at[imodel_id]).total_seconds())
        try:
            row = row_about(read_manifest(place, imodel_id))
        except FleetError as error:  # does not affect other iModels
            row = FleetRow(imodel_id=imodel_id, outcome="failed", error=str(error))
        rows.append(attrs.evolve(row, seconds=round(age, 3)))
    return FleetReport(target=place.url, rows=tuple(rows))


class _FleetRun:
    """A run over a fleet."""

    def __init__(
        self, target: str, address: "str | Client | None", workers: int | None, progress: ProgressCallback
    ) -> None:
        self._target = open_target(target)
        self._url = self._target.url
        self._address = address
        self._workers = None if workers is None else checks.whole_number("workers", workers, minimum=1)
        self._progress = progress
        self._rows: list[FleetRow] = []
        self._topic = f"itwin-imodels-fleet-{uuid4().hex}"

    def mirror(self, itwin_ids: Sequence[str], connection: str | None, budget: Budget, *, dry_run: bool) -> FleetReport:
        check_target(self._target, create=not dry_run, must_exist=False)
        with scheduler.connected(self._address, self._workers) as client:
            prepare_pause(client)
            find_job = partial(FindJob, itwin_id="", name="", target=self._url, connection=connection, budget=budget)
            lists = [find_job(imodel_id="", itwin_id=each) for each in itwin_ids]
            imodels = self._found(client, list_imodels, lists)
            listed = frozenset(itwin_ids) - {row.itwin_id for row in self._rows}
            times = manifest_times(self._target)
            unlisted = [find_job(imodel_id=each, itwin_ids=listed) for each in sorted({*times} - {*imodels})]
            imodels |= self._found(client, find_imodel, unlisted)
            jobs = [
                MirrorJob(
                    imodel_id=imodel_id,
                    itwin_id=imodels[imodel_id].itwin_id,
                    name=imodels[imodel_id].name,
                    target=self._url,
                    connection=connection,
                    budget=budget,
                    topic=self._topic,
                    imodel=imodels[imodel_id],
                    is_dry_run=dry_run,
                )
                for imodel_id in planning.by_age(imodels, times)
            ]
            self._run(client, mirror_imodel, jobs)
        return self._report()

    def verify(self, share: float) -> FleetReport:
        check_target(self._target)
        salt = f"{datetime.now(UTC):%Y%m%d}"
        make = partial(VerifyJob, target=self._url, share=share, salt=salt)
        with scheduler.connected(self._address, self._workers) as client:
            self._run(client, verify_imodel, self._jobs(make))
        return self._report()

    def write_changes(self, connection: str | None, budget: Budget) -> FleetReport:
        check_target(self._target)
        make = partial(Job, target=self._url, connection=connection, budget=budget)
        with scheduler.connected(self._address, self._workers) as client:
            prepare_pause(client)
            self._run(client, write_changes, self._jobs(make))
        return self._report()

    def _jobs(self, make: Callable[..., J]) -> list[J]:
        """Return a job for each manifest, oldest manifest first."""
        times = manifest_times(self._target)
        return [make(imodel_id=imodel_id, itwin_id="", name="") for imodel_id in planning.by_age(times, times)]

    def _found(
        self, client: "Client", function: Callable[[FindJob], list[IModel] | FleetRow], jobs: Sequence[FindJob]
    ) -> dict[str, IModel]:
        """Return iModels by id. Workers request them, so that the driver does not need credentials."""
        imodels: dict[str, IModel] = {}
        for found in scheduler.run_tasks(client, function, jobs, failed):
            if isinstance(found, FleetRow):
                self._rows.append(found)
            else:
                imodels.update({each.id.lower(): each for each in found})
        return imodels

    def _run(self, client: "Client", function: Callable[[J], FleetRow], jobs: Sequence[J]) -> None:
        count = ProgressCount(len(jobs), scheduler.dashboard_of(client))

        def add_part(event: scheduler.Event) -> None:
            count.add_part(part_of(event))
            self._progress(count.now)

        self._progress(count.now)
        for row in scheduler.run_tasks(client, function, jobs, failed, self._topic, add_part):
            self._rows.append(row)
            count.add_row(row)
            self._progress(count.now)

    def _report(self) -> FleetReport:
        return FleetReport(target=self._url, rows=tuple(self._rows))
