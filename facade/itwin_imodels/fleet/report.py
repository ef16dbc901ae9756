"""The report on a run over a fleet, with one row per iModel."""

import json
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

_REPORTS: Final = (".json", ".parquet")
_PICTURES: Final = (".png", ".svg")


class Outcome(StrEnum):
    """The outcome of a run for an iModel."""

    COMPLETE = "complete"
    """The run succeeded for the iModel; in a report by `fleet_status`: its manifest is valid."""

    PLANNED = "planned"
    """A dry run: the row describes what would be downloaded."""

    GONE = "gone"
    """The iModel no longer exists, or the caller may not see it; its mirror is kept."""

    FAILED = "failed"
    """The run failed for the iModel; see `FleetRow.error`."""


@attrs.frozen(kw_only=True)
class FleetRow:
    """The result of a run for an iModel.

    Attributes:
        imodel_id: The id of the iModel; empty if the iModels of the iTwin could not be listed.
        itwin_id: The id of the iTwin.
        name: The name of the iModel.
        outcome: The outcome.
        changesets: Number of changesets in the target.
        file_size: Total size of these changesets in bytes.
        new_changesets: Number of changesets that this run added, or would add.
        downloaded_files: Number of changeset files that this run downloaded.
        downloaded_bytes: Total size of these files in bytes; in a dry run, of the new changesets.
        checked_files: Number of files whose ids `verify_fleet` verified.
        changed_rows: Number of rows of element-level changes that were written.
        seconds: Seconds that the run spent on the iModel; in a report by `fleet_status`, seconds since the manifest of
            the iModel was last written.
        error: The reason for the failure; empty if the run did not fail for the iModel.
    """

    imodel_id: str
    itwin_id: str = ""
    name: str = ""
    outcome: Outcome = attrs.field(default=Outcome.COMPLETE, converter=Outcome)
    changesets: int = 0
    file_size: int = 0
    new_changesets: int = 0
    downloaded_files: int = 0
    downloaded_bytes: int = 0
    checked_files: int = 0
    changed_rows: int = 0
    seconds: float = 0.0
    error: str = ""


@attrs.frozen(kw_only=True)
class FleetReport:
    """The report on a run.

    Attributes:
        target: URL of the target.
        rows: The results for the iModels, in the order in which they finished; in a report by `fleet_status`, the
            oldest manifest first.
    """

    target: str
    rows: tuple[FleetRow, ...]

    @property
    def is_complete(self) -> bool:
        """Whether no iModel failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[FleetRow, ...]:
        """The rows of the iModels that failed."""
        return tuple(row for row in self.rows if row.outcome is Outcome.FAILED)

    @property
    def counts(self) -> dict[Outcome, int]:
        """The number of rows by outcome."""
        return dict(Counter(row.outcome for row in self.rows))

    def to_json(self) -> str:
        """Return the report as JSON: target, counts and rows."""
        rows = [attrs.asdict(row) for row in self.rows]
        return json.dumps({"target": self.target, "counts": self.counts, "rows": rows}, indent=1, ensure_ascii=False)

    def to_table(self) -> Any:  # noqa: ANN401 - a class of an optional dependency
        """Return the rows as a pyarrow table."""
        import pyarrow as pa  # noqa: PLC0415 - only needed for tables

        types = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "Outcome": pa.string()}
        schema = pa.schema([(each.name, types[_name(each.type)]) for each in attrs.fields(FleetRow)])
        return pa.Table.from_pylist([attrs.asdict(row) for row in self.rows], schema=schema)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report to a file.

        Args:
            path: The file to write; its name must end with ``.json`` or ``.parquet``.

        Raises:
            ValueError: The file name has another extension.
            OSError: The file cannot be written.
        """
        file = Path(path)
        check_report_name(file)
        if file.suffix == ".json":
            file.write_text(self.to_json() + "\n", encoding="utf-8")
        else:
            import pyarrow.parquet as pq  # noqa: PLC0415 - as above

            pq.write_table(self.to_table(), file)


@attrs.frozen(kw_only=True)
class FleetProgress:
    """The progress of a run.

    Attributes:
        done: Number of finished iModels.
        total: Total number of iModels in the run.
        changesets: Number of changesets added so far, including those of unfinished iModels; in a dry run, the number
            to be added.
        downloaded_bytes: Total size in bytes of the changeset files downloaded so far; in a dry run, of those to be
            downloaded.
        failed: Number of iModels that failed.
        dashboard: URL of Dask's dashboard; empty if there is none, for example because the package bokeh is missing.
    """

    done: int
    total: int
    changesets: int = 0
    downloaded_bytes: int = 0
    failed: int = 0
    dashboard: str = ""


ProgressCallback: TypeAlias = Callable[[FleetProgress], object]
"""Called in the driver at the start, and whenever an iModel is finished or a worker has added changesets to one."""

NO_PROGRESS: Final[ProgressCallback] = lambda _: None  # noqa: E731 - a constant with a name


def check_report_name(file: Path) -> None:
    """Check the extension of the file of a report.

    Raises:
        ValueError: It is another one.
    """
    if file.suffix not in _REPORTS:
        raise ValueError(f"{file}: the name of a report must end with {' or '.join(_REPORTS)}")


def check_picture_name(file: Path) -> None:
    """Check the extension of the file of a chart.

    Raises:
        ValueError: It is another one.
    """
    if file.suffix.lower() not in _PICTURES:
        raise ValueError(f"{file}: the name must end with {' or '.join(_PICTURES)}")


def _name(kind: Any) -> str:  # noqa: ANN401 - a type or its name
    return kind if isinstance(kind, str) else kind.__name__
