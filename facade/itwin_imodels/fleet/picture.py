"""Chart of a fleet: pushes over time, sizes, and the outcomes of a run."""

from collections import Counter
from datetime import date, timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Final

from itwin_imodels.errors import ConfigurationError
from itwin_imodels.fleet import layout
from itwin_imodels.fleet.copies import changeset_rows, read_manifest
from itwin_imodels.fleet.opening import open_target
from itwin_imodels.fleet.report import FleetReport, Outcome, check_picture_name
from itwin_imodels.fleet.target import Target

_LARGEST: Final = 20
"""Maximum number of iModels whose sizes are shown."""
_EXTRA: Final = "saving images requires the extra 'plot': pip install 'itwin-imodels[fleet,plot]'"


def save_fleet_picture(report: FleetReport, path: str | PathLike[str]) -> None:
    """Save a chart of a fleet: pushes per week, the largest iModels, and the outcomes of a run.

    Args:
        report: The report of a run, or of `fleet_status`.
        path: The file to write; its name must end with ``.png`` or ``.svg``.

    Raises:
        ConfigurationError: The extra `plot` is not installed.
        FleetError: The facts in the target cannot be read.
        ValueError: The file name has another extension.
    """
    file = Path(path)
    check_picture_name(file)
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError as error:
        raise ConfigurationError(_EXTRA) from error
    figure: Any = Figure(figsize=(10, 9), layout="constrained")
    above, middle, below = figure.subplots(3, 1)
    _draw_pushes(above, pushes_per_week(open_target(report.target), report))
    _draw_sizes(middle, report)
    _draw_outcomes(below, report)
    figure.savefig(file)


def pushes_per_week(target: Target, report: FleetReport) -> dict[date, int]:
    """Count the pushes of each week, by the date of its Monday, for the iModels of a report that are in the target."""
    pushes = Counter[date]()
    for row in report.rows:
        if row.imodel_id and row.changesets and target.read(layout.manifest_path(row.imodel_id)) is not None:
            manifest = read_manifest(target, row.imodel_id)
            for each in changeset_rows(target, manifest, ["changeset_index", "push_date_time"]):
                if each["push_date_time"] is not None:
                    day = each["push_date_time"].date()
                    pushes[day - timedelta(days=day.weekday())] += 1
    return dict(sorted(pushes.items()))


def _draw_pushes(axes: Any, pushes: dict[date, int]) -> None:  # noqa: ANN401 - a class of an optional dependency
    axes.bar(list(pushes), list(pushes.values()), width=timedelta(days=6))
    axes.set_ylabel("pushes per week")


def _draw_sizes(axes: Any, report: FleetReport) -> None:  # noqa: ANN401 - as above
    largest = sorted(report.rows, key=lambda row: row.file_size, reverse=True)[:_LARGEST]
    axes.bar(range(len(largest)), [row.file_size / 1e6 for row in largest])
    names = [(row.name or row.imodel_id).replace("$", r"\$")[:24] for row in largest]
    axes.set_xticks(range(len(largest)), names, rotation=30, ha="right")
    axes.set_ylabel("MB of changesets, largest iModels")


def _draw_outcomes(axes: Any, report: FleetReport) -> None:  # noqa: ANN401 - as above
    counts = report.counts
    axes.barh([str(each) for each in Outcome], [counts.get(each, 0) for each in Outcome])
    axes.set_xlabel("iModels")
