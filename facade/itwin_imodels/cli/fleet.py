"""``imodels fleet``: mirrors of the timelines of whole iTwins."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.cells import counted
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.run import Run
from itwin_imodels.errors import FleetError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itwin_imodels.fleet import FleetProgress, FleetReport, ProgressCallback

app = Commands("fleet", GROUPS["fleet"])

_ALL_FILES = "100%"
_NO_DASHBOARD = "The scheduler has no Dask dashboard, which requires the extra 'fleet-dashboard' on its machine."

Url = Annotated[
    str,
    typer.Argument(
        metavar="URL", help="Target, such as abfs://archive@account.dfs.core.windows.net/imodels, or a folder."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Dask scheduler, such as tcp://10.0.0.1:8786; by default, workers are started on this machine.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="Number of worker processes on this machine; by default one per processor.", min=1),
]
ReportFile = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Also write the report: .json or .parquet.")
]
Plot = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Draw pushes over time, sizes and outcomes: .png or .svg (extra 'plot')."),
]


@app.verb(
    "mirror",
    example="imodels fleet mirror --itwin Bridges --to /var/fleet --workers 4\n"
    "imodels fleet mirror Bridges Roads --to abfs://archive@account.dfs.core.windows.net/imodels "
    "--scheduler tcp://10.0.0.1:8786 --report night.parquet",
)
def mirror(
    run: Run,
    itwins: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ITWIN]...", help="iTwins by name or id; default: --itwin."),
    ] = None,
    *,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Target: abfs://…, s3://…, gs://…, or a folder.")],
    scheduler: Scheduler = None,
    workers: Workers = None,
    api_calls: Annotated[
        int, typer.Option(metavar="N", help="Maximum number of parallel API requests across all workers.", min=1)
    ] = 8,
    downloads: Annotated[
        int, typer.Option(metavar="N", help="Maximum number of parallel downloads across all workers.", min=1)
    ] = 64,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be downloaded.")] = False,
    report: ReportFile = None,
    plot: Plot = None,
) -> None:
    """Mirror the timelines of all iModels of one or more iTwins to object storage or a folder.

    Workers read credentials from their own environment, and the selected profile from their own machine. Exits with
    code 1 if an iModel failed. After an interruption, run the same command again to resume.
    """
    from itwin_imodels.fleet import Budget, mirror_fleet  # noqa: PLC0415 - an extra

    _check_names(report, plot)
    ids = [run.itwin_id_of(each) for each in itwins] if itwins else [run.itwin_id()]
    with _show_progress(run, "Mirroring") as progress:
        result = mirror_fleet(
            itwin_ids=ids,
            target=to,
            connection=run.connection,
            scheduler=scheduler,
            workers=workers,
            budget=Budget(api_calls=api_calls, downloads=downloads),
            dry_run=dry_run,
            progress=progress,
        )
    _end(run, result, report, plot)


@app.verb("status", example="imodels fleet status /var/fleet\nimodels fleet status /var/fleet --plot fleet.svg")
def status(run: Run, url: Url, *, report: ReportFile = None, plot: Plot = None) -> None:
    """Show how many changesets of each iModel are mirrored, oldest mirror first.

    Contacts neither the service nor the scheduler.
    """
    from itwin_imodels.fleet import fleet_status  # noqa: PLC0415 - an extra

    _check_names(report, plot)
    _end(run, fleet_status(url), report, plot)


@app.verb("verify", example="imodels fleet verify /var/fleet\nimodels fleet verify /var/fleet --sample 5%")
def verify(
    run: Run,
    url: Url,
    *,
    sample: Annotated[
        str, typer.Option(metavar="SHARE", help="Share of the files whose ids are computed; the sample changes daily.")
    ] = _ALL_FILES,
    scheduler: Scheduler = None,
    workers: Workers = None,
    report: ReportFile = None,
) -> None:
    """Verify a fleet: the sizes of all files, and the ids of all or a sample of them.

    Exits with code 1 if files are missing or damaged. Does not contact the service.
    """
    from itwin_imodels.fleet import parse_share, verify_fleet  # noqa: PLC0415 - an extra

    _check_names(report)
    share = parse_share(sample)
    with _show_progress(run, "Verifying", resumable=False) as progress:
        result = verify_fleet(url, sample=share, scheduler=scheduler, workers=workers, progress=progress)
    _end(run, result, report)


@app.verb("changes", example="imodels fleet changes /var/fleet\nimodels fleet changes /var/fleet --workers 4")
def changes(
    run: Run, url: Url, *, scheduler: Scheduler = None, workers: Workers = None, report: ReportFile = None
) -> None:
    """Write the element-level changes of new changesets as tables.

    Downloads a checkpoint of each iModel that has new changesets, to look up the names of classes and properties.
    """
    from itwin_imodels.fleet import write_fleet_changes  # noqa: PLC0415 - an extra

    _check_names(report)
    with _show_progress(run, "Writing changes") as progress:
        result = write_fleet_changes(
            url, connection=run.connection, scheduler=scheduler, workers=workers, progress=progress
        )
    _end(run, result, report)


def _check_names(report: Path | None, plot: Path | None = None) -> None:
    """Check the names of the files to write, before a run that can take hours."""
    from itwin_imodels.fleet.report import check_picture_name, check_report_name  # noqa: PLC0415 - an extra

    if report is not None:
        check_report_name(report)
    if plot is not None:
        check_picture_name(plot)


@contextmanager
def _show_progress(run: Run, title: str, *, resumable: bool = True) -> "Iterator[ProgressCallback]":
    shown: list[str] = []
    with run.counting(title, resumable=resumable) as show:

        def progress(now: "FleetProgress") -> None:
            if not shown:
                shown.append(f"Dask dashboard: {now.dashboard}" if now.dashboard else _NO_DASHBOARD)
                run.note(shown[0])
            failed = f", {now.failed} failed" if now.failed else ""
            changesets = counted(now.changesets, "changeset")
            show(now.done, now.total, f"{changesets}, {now.downloaded_bytes / 1e6:.1f} MB{failed}")

        yield progress


def _end(run: Run, result: "FleetReport", report: Path | None = None, plot: Path | None = None) -> None:
    """Print the rows, write the requested files, and fail if an iModel failed."""
    run.list(result.rows, views.FLEET_ROW)
    if report is not None:
        result.save(report)
    if plot is not None:
        from itwin_imodels.fleet import save_fleet_picture  # noqa: PLC0415 - an extra

        save_fleet_picture(result, plot)
        run.note(f"Drew {plot}.")
    if result.failures:
        raise FleetError(f"{len(result.failures)} of {len(result.rows)} iModels failed; see the column 'error'")
