"""Metrics for runs over a fleet, if OpenTelemetry is installed. `_core.telemetry` provides the spans."""

from functools import cache
from typing import TYPE_CHECKING

from itwin_imodels._version import __version__
from itwin_imodels.fleet.report import FleetRow

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram


def record(operation: str, row: FleetRow) -> None:
    """Record the result for an iModel.

    Args:
        operation: ``mirror``, ``verify``, ``changes``, or ``find`` for an iModel that the lists lack.
        row: The row of the report.
    """
    instruments = _instruments()
    if instruments is None:
        return
    counters, seconds = instruments
    about = {"imodels.operation": operation, "imodels.outcome": str(row.outcome)}
    counters["imodels"].add(1, about)
    counters["changesets"].add(row.new_changesets, about)
    counters["downloaded"].add(row.downloaded_bytes, about)
    seconds.record(row.seconds, about)


@cache
def _instruments() -> "tuple[dict[str, Counter], Histogram] | None":
    try:
        from opentelemetry.metrics import get_meter  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError:
        return None
    meter = get_meter("itwin_imodels", __version__)
    counters = {
        "imodels": meter.create_counter("imodels.fleet.imodels", "{iModel}", "Finished iModels"),
        "changesets": meter.create_counter("imodels.fleet.changesets", "{changeset}", "Added changesets"),
        "downloaded": meter.create_counter("imodels.fleet.downloaded", "By", "Downloaded bytes"),
    }
    return counters, meter.create_histogram("imodels.fleet.duration", "s", "Duration per iModel")
